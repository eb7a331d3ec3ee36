/* Is the archive of libcurl whole with what meson.build gives it? */
#include <curl/curl.h>

int libssh2_init(int flags)
{
	return flags;
}

void libssh2_exit(void)
{
}

int main(void)
{
	return curl_easy_init() == NULL;
}
