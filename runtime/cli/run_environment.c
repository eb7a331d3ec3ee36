/* run_environment: the variables that run's options name, of the caller's own too. */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"

/* Those that curl and its like read; a bare name is looked up, and left out where it is not set. */
static const char *const proxies[] = {
	"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy",
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY",
};

int run_environment(struct plan_strings *ret, struct arena *arena,
                    const struct run_options *options, struct error *err)
{
	for (size_t i = 0; options->http_proxy && i < ARRAY_SIZE(proxies); i++)
		request_append(arena, ret, proxies[i]);
	for (size_t i = 0; i < options->env_file.count; i++)
		if (lines_read(ret, arena, options->env_file.items[i], "env file", err) < 0)
			return -1;
	for (size_t i = 0; i < options->env.count; i++)
		request_append(arena, ret, options->env.items[i]);
	return 0;
}
