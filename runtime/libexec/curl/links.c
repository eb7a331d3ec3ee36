/* Is the archive of libcurl whole with what meson.build gives it? For the linker, which asks for no
 * types. */
void *curl_easy_init(void);

int libssh2_init(int flags);
void libssh2_exit(void);

int libssh2_init(int flags)
{
	return flags;
}

void libssh2_exit(void)
{
}

int main(void)
{
	return curl_easy_init() == 0;
}
