/*
 * absent: SSH begins and ends with libcurl, whether anybody speaks it or not. Here it is not there.
 */
#include "runtime/libexec/curl/absent.h"

int libssh2_init(int flags)
{
	(void)flags;
	return 0;
}

void libssh2_exit(void)
{
}
