/*
 * tls: what libcurl does not tell of a handshake.
 */
#ifndef CORDON_REGISTRY_CLIENT_TLS_H
#define CORDON_REGISTRY_CLIENT_TLS_H

#include <stdbool.h>

/* Sets *asked when a peer asks for a certificate and there is none to show. In TLS 1.3 it refuses
 * us only after the handshake, and then it is chance whether its reason or the end of the
 * connection is seen first. context: of CURLOPT_SSL_CTX_FUNCTION, where libcurl is built with
 * OpenSSL. */
void tls_watch(void *context, bool *asked);

#endif
