#include "runtime/registry/client/tls.h"

#include <openssl/ssl.h>
#include <stdlib.h>

static int place = -1;

/* 0: there is none, go on without. */
static int note(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	bool *asked = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place);

	(void)certificate, (void)key;
	if (asked != NULL)
		*asked = true;
	return 0;
}

void tls_watch(void *context, bool *asked)
{
	if (place < 0)
		place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (place < 0 || SSL_CTX_set_ex_data(context, place, asked) != 1)
		abort();
	SSL_CTX_set_client_cert_cb(context, note);
}
