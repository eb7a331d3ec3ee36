/*
 * What libcurl would have of libssh2 at its start and end, which nobody else calls: 0 is success
 * (libssh2.h).
 */
#ifndef CORDON_LIBEXEC_CURL_ABSENT_H
#define CORDON_LIBEXEC_CURL_ABSENT_H

int libssh2_init(int flags);
void libssh2_exit(void);

#endif
