#include "tests/support/random_profile.h"

#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const decisions[] = { "\"allow\"",       "\"log\"",
	                                 "\"trap\"",        "\"kill\"",
	                                 "\"kill-thread\"", "{\"errno\": \"EACCES\"}",
	                                 "{\"errno\": 95}", "{\"errno\": \"ENOSYS\"}" };
enum { PERMITTING = 2 };

static bool one_in(struct random *random, unsigned count)
{
	return random_below(random, count) == 0;
}

static void append_list(struct text *ret, struct random *random, const char *const *words,
                        size_t count)
{
	const char *between = "";

	text_append_char(ret, '[');
	for (size_t i = 0; i < count; i++)
		if (one_in(random, 2)) {
			text_printf(ret, "%s\"%s\"", between, words[i]);
			between = ", ";
		}
	text_append_char(ret, ']');
}

/* One that every architecture has, mostly. */
static int random_call(struct random *random)
{
	static const char *const usual[] = { "read",   "socket",      "clone",  "ioctl",
		                             "openat", "fchmod",      "kill",   "mprotect",
		                             "prctl",  "lseek",       "setuid", "unshare",
		                             "futex",  "personality", "getpid" };

	if (one_in(random, 3))
		return (int)random_below(random, (unsigned)syscall_count());
	return syscall_find(usual[random_below(random, ARRAY_SIZE(usual))]);
}

static void append_call(struct text *ret, struct random *random)
{
	if (one_in(random, 6))
		text_printf(ret, "\"%s\"",
		            group_name(random_below(random, (unsigned)group_count())));
	else if (one_in(random, 8))
		text_append(ret, one_in(random, 2) ? "\"@mine\"" : "\"@ours\"");
	else
		text_printf(ret, "\"%s\"", syscall_name(random_call(random)));
}

/* ---- conditions ---- */

static const char *constant_of(struct random *random, const char *family)
{
	for (unsigned i = 0; i < 400 && family[0] != '\0'; i++) {
		const char *name = constant_at(random_below(random, (unsigned)constant_count()));
		const char *is = constant_family(name);

		if (is != NULL && strcmp(is, family) == 0)
			return name;
	}
	return NULL;
}

static void append_value(struct text *ret, struct random *random, const struct argument *argument)
{
	unsigned bits = argument_bits(argument->kind);
	uint64_t value =
	        random_value(random) & (bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1);
	const char *name = one_in(random, 2) ? constant_of(random, argument->constants) : NULL;

	if (name != NULL)
		text_printf(ret, "\"%s\"", name);
	else if (one_in(random, 2))
		text_printf(ret, "\"0x%" PRIx64 "\"", value);
	else if (one_in(random, 3) && bits >= 32)
		text_printf(ret, "-%u", 1 + random_below(random, 5));
	else
		text_printf(ret, "%" PRIu64, value);
}

static void append_values(struct text *ret, struct random *random, const struct argument *argument)
{
	unsigned count = 1 + random_below(random, 3);

	text_append_char(ret, '[');
	for (unsigned i = 0; i < count; i++) {
		text_append(ret, i > 0 ? ", " : "");
		append_value(ret, random, argument);
	}
	text_append_char(ret, ']');
}

static void append_condition(struct text *ret, struct random *random,
                             const struct argument *argument)
{
	static const char *const orders[] = {
		"below", "above", "at_least", "at_most", "is", "not"
	};
	bool narrow = argument_bits(argument->kind) == 16;

	text_printf(ret, "\"%s\": {", argument->name);
	switch (random_below(random, 4)) {
	case 0:
		text_append(ret, "\"mask\": ");
		append_value(ret, random, argument);
		text_append(ret, ", ");
		/* fall through */
	case 1:
		text_append(ret, one_in(random, 2) ? "\"in\": " : "\"not\": ");
		append_values(ret, random, argument);
		break;
	default:
		text_printf(ret, "\"%s\": ",
		            orders[random_below(random, 2) +
		                   (narrow ? 4 : 2 * random_below(random, 3))]);
		append_value(ret, random, argument);
	}
	text_append_char(ret, '}');
}

static void append_gates(struct text *ret, struct random *random, const char *between)
{
	static const char *const arches[] = { "x86_64", "i386",    "x32",     "aarch64",
		                              "arm",    "riscv64", "ppc64le", "s390x" };
	unsigned first = random_below(random, ARRAY_SIZE(arches));

	if (one_in(random, 2)) {
		text_printf(ret, "%s\"arch\": [\"%s\", \"%s\"]", between, arches[first],
		            arches[(first + 1) % ARRAY_SIZE(arches)]);
		between = ", ";
	}
	if (one_in(random, 3))
		text_printf(ret, "%s\"kernel\": {\"at_least\": \"5.%u\", \"below\": \"6.%u\"}",
		            between, random_below(random, 20), random_below(random, 12));
	else
		text_printf(ret, "%s\"kernel\": \"%u.%u\"", between, 4 + random_below(random, 3),
		            random_below(random, 20));
}

static void append_when(struct text *ret, struct random *random, int call)
{
	const char *between = "";
	bool any = false;

	text_append(ret, ", \"when\": {");
	for (unsigned i = 0; i < 6; i++) {
		const struct argument *argument = syscall_argument(call, i);

		if (argument == NULL || argument_bits(argument->kind) == 0 || one_in(random, 3))
			continue;
		text_append(ret, between);
		append_condition(ret, random, argument);
		between = ", ";
		any = true;
	}
	if (!any || one_in(random, 5))
		append_gates(ret, random, between);
	text_append_char(ret, '}');
}

/* ---- entries ---- */

enum list { LIST_RULES, LIST_DENY, LIST_ALLOW };
static const char *const list_names[] = { "rules", "deny", "allow" };

static void append_decision(struct text *ret, struct random *random, enum list list)
{
	if (list != LIST_RULES && one_in(random, 2))
		return;
	text_printf(ret, ", \"decision\": %s",
	            decisions[list == LIST_ALLOW ? random_below(random, PERMITTING)
	                      : list == LIST_DENY
	                              ? PERMITTING + random_below(random, ARRAY_SIZE(decisions) -
	                                                                          PERMITTING)
	                              : random_below(random, ARRAY_SIZE(decisions))]);
}

static void append_entries(struct text *ret, struct random *random, enum list list, unsigned depth);

static void append_part(struct text *ret, struct random *random, enum list list, unsigned depth)
{
	text_append_char(ret, '{');
	if (one_in(random, 2))
		text_append(ret, one_in(random, 2) ? "\"capability\": \"SYS_ADMIN\""
		                                   : "\"capability\": \"CHOWN\"");
	else
		append_gates(ret, random, "");
	text_printf(ret, ", \"%s\": ", list_names[list]);
	append_entries(ret, random, list, depth + 1);
	text_append_char(ret, '}');
}

static void append_entry(struct text *ret, struct random *random, enum list list, unsigned depth)
{
	int call = random_call(random);

	if (depth < 3 && one_in(random, 6)) {
		append_part(ret, random, list, depth);
		return;
	}
	if (list != LIST_RULES && one_in(random, 2)) {
		append_call(ret, random);
		return;
	}
	if (one_in(random, 4)) {
		text_append(ret, "{\"call\": [");
		append_call(ret, random);
		text_append(ret, ", ");
		append_call(ret, random);
		text_append_char(ret, ']');
	} else {
		text_printf(ret, "{\"call\": \"%s\"", syscall_name(call));
		if (!one_in(random, 4))
			append_when(ret, random, call);
	}
	append_decision(ret, random, list);
	text_append(ret, one_in(random, 8) ? ", \"comment\": \"\\u00e9 \\\\ \\\"\"}" : "}");
}

static void append_entries(struct text *ret, struct random *random, enum list list, unsigned depth)
{
	unsigned count = 1 + random_below(random, 5);

	text_append_char(ret, '[');
	for (unsigned i = 0; i < count; i++) {
		text_append(ret, i > 0 ? ", " : "");
		append_entry(ret, random, list, depth);
	}
	text_append_char(ret, ']');
}

static void append_calls(struct text *ret, struct random *random, bool plain)
{
	static const char *const arches[] = { "i386", "x32", "arm" };

	text_append(ret,
	            ", \"syscalls\": {\"allow\": [\"execve\", \"execveat\", \"write\", \"exit\", "
	            "\"exit_group\", \"rt_sigreturn\"");
	for (unsigned i = random_below(random, 8); i > 0; i--) {
		text_append(ret, ", ");
		if (plain)
			append_call(ret, random);
		else
			append_entry(ret, random, LIST_ALLOW, 0);
	}
	text_append_char(ret, ']');
	for (unsigned i = 0; i < 2 && !plain; i++)
		if (one_in(random, 2)) {
			text_printf(ret, ", \"%s\": ", list_names[i]);
			append_entries(ret, random, (enum list)i, 0);
		}
	if (!plain && one_in(random, 3))
		text_printf(ret, ", \"default\": %s",
		            decisions[random_below(random, ARRAY_SIZE(decisions))]);
	if (!plain && one_in(random, 4))
		text_printf(ret, ", \"unknown\": %s",
		            decisions[random_below(random, ARRAY_SIZE(decisions))]);
	if (one_in(random, 3)) {
		text_append(ret, ", \"architectures\": ");
		append_list(ret, random, arches, ARRAY_SIZE(arches));
	}
	text_append_char(ret, '}');
}

/* ---- the other walls ---- */

static void append_files(struct text *ret, struct random *random)
{
	static const char *const paths[] = { "/proc/a", "/proc", "/srv/x", "/srv", "/var/lib" };

	text_printf(ret, ", \"filesystem\": {\"root\": \"%s\", \"mask\": {\"hide\": ",
	            one_in(random, 2) ? "read-only" : "writable");
	append_list(ret, random, paths, ARRAY_SIZE(paths));
	text_append(ret, ", \"read-only\": ");
	append_list(ret, random, paths, ARRAY_SIZE(paths));
	text_append(ret, "}, \"landlock\": ");
	if (one_in(random, 3)) {
		text_append(ret, one_in(random, 2) ? "true" : "false");
	} else {
		text_append(ret, "{\"write\": ");
		append_list(ret, random, paths, ARRAY_SIZE(paths));
		text_append_char(ret, '}');
	}
	if (one_in(random, 2))
		text_printf(ret,
		            ", \"tmpfs\": [\"/run\", {\"path\": \"/t\", \"size\": \"%um\", "
		            "\"exec\": %s}]",
		            1 + random_below(random, 9), one_in(random, 2) ? "true" : "false");
	text_append_char(ret, '}');
}

void random_profile(struct text *ret, struct random *random, bool plain)
{
	static const char *const caps[] = { "CHOWN", "SYS_ADMIN", "CAP_KILL", "setuid" };
	static const char *const modes[] = { "single", "range", "keep-id", "nomap" };
	static const char *const optional[] = { "landlock", "limits", "cgroup", "apparmor" };

	text_append(ret,
	            "{\"schema\": 1, \"name\": \"random\", \"groups\": {\"mine\": [\"openat\", "
	            "\"@ours\"], \"ours\": [\"getpid\", \"dup\"]}");
	append_calls(ret, random, plain);
	text_append(ret, ", \"capabilities\": ");
	append_list(ret, random, caps, ARRAY_SIZE(caps));
	if (one_in(random, 2))
		append_files(ret, random);
	if (!plain && one_in(random, 3))
		text_printf(ret, ", \"idmap\": \"%s\"",
		            modes[random_below(random, ARRAY_SIZE(modes))]);
	if (!plain && one_in(random, 3))
		text_printf(ret,
		            ", \"limits\": {\"nofile\": {\"soft\": %u, \"hard\": 20}, \"pids\": "
		            "%u, \"cpus\": %u.%u, \"memory\": \"%uk\", \"stack\": \"unlimited\"}",
		            random_below(random, 20), 1 + random_below(random, 9),
		            1 + random_below(random, 3), random_below(random, 10),
		            4 + random_below(random, 99));
	if (one_in(random, 3))
		text_printf(ret, ", \"network\": {\"bind\": [%u, 443]}",
		            random_below(random, 65536));
	if (!plain && one_in(random, 3))
		text_append(ret, ", \"no_new_privileges\": false, \"user_namespaces\": true");
	if (one_in(random, 3)) {
		text_append(ret, ", \"if_available\": ");
		append_list(ret, random, optional, ARRAY_SIZE(optional));
	}
	text_append_char(ret, '}');
}

struct policy *random_policy(struct text *text, struct arena *arena, struct random *random,
                             bool plain)
{
	struct policy *policy;
	struct error err;

	for (;;) {
		struct policy_source source = { .file = "random.json" };

		text_clear(text);
		random_profile(text, random, plain);
		source.text = arena_strdup(arena, text_string(text));
		source.length = text->length;
		if (policy_parse(&policy, arena, &source, &err) == 0)
			return policy;
		/* gates that exclude one another are an error */
		if (strstr(err.text, "other architectures") == NULL) {
			fprintf(stderr, "%s: %s\n", err.text, text_string(text));
			abort();
		}
	}
}
