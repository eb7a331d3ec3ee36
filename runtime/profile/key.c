/*
 * key: written field by field, so that padding never decides. The host's folders and the names of
 * its user are left out: a confinement has no path of the user's choice in it.
 */
#include "runtime/profile/key.h"

#include "cordon-config.h"
#include "runtime/profile/build.h"

#include <string.h>

enum { KEY_USUAL = 1000 };

static void put_number(struct text *ret, uint64_t number)
{
	text_append_bytes(ret, &number, sizeof number);
}

/* NULL and "" differ. */
static void put_string(struct text *ret, const char *string)
{
	put_number(ret, string == NULL ? UINT64_MAX : strlen(string));
	text_append(ret, string == NULL ? "" : string);
}

static void put_strings(struct text *ret, const struct plan_strings *strings)
{
	put_number(ret, strings->count);
	for (size_t i = 0; i < strings->count; i++)
		put_string(ret, strings->items[i]);
}

static void put_flags(struct text *ret, const struct policy_flags *flags)
{
	put_strings(ret, &flags->cap_add);
	put_strings(ret, &flags->cap_drop);
	put_number(ret, flags->seccomp_unconfined);
	put_number(ret, flags->allow_new_privileges);
	put_string(ret, flags->apparmor);
	put_number(ret, flags->read_only);
	put_number(ret, flags->limit_count);
	for (size_t i = 0; i < flags->limit_count; i++) {
		put_number(ret, flags->limits[i].resource);
		put_number(ret, flags->limits[i].if_available);
		put_number(ret, flags->limits[i].soft);
		put_number(ret, flags->limits[i].hard);
	}
	put_number(ret, flags->resources.pids);
	put_number(ret, flags->resources.memory);
	put_number(ret, flags->resources.cpu_quota);
	put_number(ret, flags->resources.if_available);
	put_number(ret, flags->idmap_given);
	put_number(ret, flags->idmap);
	put_number(ret, flags->idmap_size);
}

static void put_ranges(struct text *ret, const struct host_range *ranges, size_t count)
{
	put_number(ret, count);
	for (size_t i = 0; i < count; i++) {
		put_number(ret, ranges[i].first);
		put_number(ret, ranges[i].count);
	}
}

static void put_host(struct text *ret, const struct host *host)
{
	put_string(ret, host->release);
	put_number(ret, host->kernel);
	put_number(ret, host->audit_arch);
	put_number(ret, host->uid);
	put_number(ret, host->gid);
	put_ranges(ret, host->subuids, host->subuid_count);
	put_ranges(ret, host->subgids, host->subgid_count);
	put_number(ret, host->newuidmap[0] != '\0');
	put_number(ret, host->newgidmap[0] != '\0');
	put_number(ret, (uint64_t)host->landlock_abi);
	put_number(ret, host->seccomp_filter);
	put_number(ret, host->seccomp_kill_process);
	put_number(ret, host->user_namespaces);
	put_number(ret, host->apparmor);
	put_number(ret, host->capability_last);
}

bool key_append(struct text *ret, const struct profile_request *request)
{
	size_t length = 0;
	const unsigned char *id = build_id(&length);

	if (id == NULL)
		return false;
	text_reserve(ret, KEY_USUAL);
	put_string(ret, CORDON_VERSION);
	put_number(ret, length);
	text_append_bytes(ret, id, length);
	put_string(ret, request->given);
	put_string(ret, request->reference);
	put_string(ret, request->seccomp_file);
	put_string(ret, request->ceiling);
	put_string(ret, request->attaching);
	put_string(ret, request->attached);
	for (size_t i = 0; request->paths->profiles[i] != NULL; i++)
		put_string(ret, request->paths->profiles[i]);
	put_flags(ret, request->flags);
	put_host(ret, request->host);
	return true;
}
