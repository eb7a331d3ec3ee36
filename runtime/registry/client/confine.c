#include "runtime/registry/client/confine.h"

#include "registry-filter.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <nss.h>
#include <sys/resource.h>

enum { DESCRIPTORS = 256 };
#define LARGEST_FILE (UINT64_C(64) << 20) /* a document; blobs go through pipes */

/* What getaddrinfo(3) and TLS read. The certificates' folders are those of the distributions. */
static const char *readable[] = {
	"/etc/hosts",
	"/etc/resolv.conf",
	"/etc/host.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/ssl",
	"/etc/pki",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	NULL, /* SSL_CERT_FILE */
	NULL, /* SSL_CERT_DIR */
};

static int limit(struct error *err)
{
	const struct plan_limit limits[] = {
		{ RLIMIT_CORE, false, 0, 0 },
		{ RLIMIT_NOFILE, true, DESCRIPTORS, DESCRIPTORS },
		{ RLIMIT_FSIZE, false, LARGEST_FILE, LARGEST_FILE },
		{ RLIMIT_DATA, false, CLIENT_MEMORY, CLIENT_MEMORY },
	};
	size_t count = ARRAY_SIZE(limits) - (CLIENT_MEMORY == 0);
	char notes[256] = "";

	return limit_apply(limits, count, notes, sizeof notes, err);
}

static int restrict_files(const struct registry_setup *setup, struct error *err)
{
	const char *own[] = { getenv("SSL_CERT_FILE"), getenv("SSL_CERT_DIR") };
	struct plan_strings paths = { .items = readable, .count = ARRAY_SIZE(readable) - 2 };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (own[i] != NULL)
			readable[paths.count++] = own[i];
	return landlock_allow_reading(&paths, setup->landlock_abi, err);
}

static int filter_calls(struct error *err)
{
	const struct plan_filter filter = { registry_filter, ARRAY_SIZE(registry_filter), 0 };

	return CLIENT_FILTERED ? seccomp_apply(&filter, err) : 0;
}

int confine(const struct registry_setup *setup, struct error *err)
{
	const struct plan_capabilities none = {};

	if (__nss_configure_lookup("hosts", "files dns") < 0)
		return error_set(err, errno, "cannot choose how names are resolved");
	if (limit(err) < 0 || capability_set(&none, 0, 0, 0, err) < 0 ||
	    no_new_privileges_set(err) < 0 || restrict_files(setup, err) < 0)
		return -1;
	return filter_calls(err);
}
