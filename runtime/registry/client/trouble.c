#include "runtime/registry/client/trouble.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* openssl/x509_vfy.h */
enum { NOT_YET_VALID = 9, EXPIRED = 10 };

bool trouble_is_proxied(const char *url)
{
	static const char *const plain[] = { "http_proxy", "all_proxy", "ALL_PROXY" };
	static const char *const tls[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	bool is_tls = text_starts(url, "https:");
	const char *const *names = is_tls ? tls : plain;

	for (size_t i = 0; i < (is_tls ? ARRAY_SIZE(tls) : ARRAY_SIZE(plain)); i++)
		if (getenv(names[i]) != NULL)
			return true;
	return false;
}

/* Whose failure it is: what a proxy answers to CONNECT is no answer of the registry's. */
static const char *proxy_words(const struct trouble *trouble)
{
	if (trouble->proxy_status == 407)
		return "the proxy wants a user and a password (https_proxy=http://USER:PASSWORD@…): ";
	return trouble->proxy_status >= 300 || trouble->proxy_unknown ? "the proxy: " : "";
}

static void hint_clock(struct error *ret)
{
	time_t now = time(NULL);
	struct tm parts = {};
	char text[64];

	gmtime_r(&now, &parts);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
	error_hint(ret, "this machine's clock says %s: is it right?", text);
}

void trouble_explain(struct error *ret, const struct trouble *trouble)
{
	_cleanup_text struct text words = {};

	text_append_visible(&words, trouble->words, strlen(trouble->words));
	if (trouble->wants_certificate) {
		error_set(ret, 0, "it wants a certificate of ours: %s", text_string(&words));
		error_hint(ret,
		           "certs.d/HOST of containers-certs.d(5) has it: NAME.cert and NAME.key");
		return;
	}
	error_set(ret, 0, "%s%s", proxy_words(trouble), text_string(&words));
	if (trouble->refused && trouble_is_proxied(trouble->url))
		error_hint(ret, "the environment names a proxy (https_proxy, http_proxy, "
		                "all_proxy): it is what was asked");
	if (trouble->verify_result == NOT_YET_VALID || trouble->verify_result == EXPIRED)
		hint_clock(ret);
}
