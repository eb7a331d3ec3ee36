/*
 * parse_walls: the sections of a profile besides "syscalls": capabilities, id maps, files, network,
 * limits.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/resource.h>

enum { CAPABILITY_NAMES = 64, CPUS_MAX = 4096, CPU_PERIOD = 100000, RESOURCES = 16 };

static const char *const limit_names[RLIM_NLIMITS] = {
	[RLIMIT_AS] = "as",
	[RLIMIT_CORE] = "core",
	[RLIMIT_CPU] = "cpu",
	[RLIMIT_DATA] = "data",
	[RLIMIT_FSIZE] = "fsize",
	[RLIMIT_LOCKS] = "locks",
	[RLIMIT_MEMLOCK] = "memlock",
	[RLIMIT_MSGQUEUE] = "msgqueue",
	[RLIMIT_NICE] = "nice",
	[RLIMIT_NOFILE] = "nofile",
	[RLIMIT_NPROC] = "nproc",
	[RLIMIT_RSS] = "rss",
	[RLIMIT_RTPRIO] = "rtprio",
	[RLIMIT_RTTIME] = "rttime",
	[RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_STACK] = "stack",
};
_Static_assert((int)RLIM_NLIMITS == (int)RESOURCES, "one name a limit");

int limit_from_name(const char *name)
{
	for (int i = 0; i < RESOURCES; i++)
		if (limit_names[i] != NULL && strcmp(limit_names[i], name) == 0)
			return i;
	return -1;
}

const char *limit_name(uint32_t resource)
{
	return resource < RESOURCES ? limit_names[resource] : NULL;
}

/* ---- capabilities ---- */

int parse_capability(struct parser *parser, const struct value *value, uint64_t *ret)
{
	const char *names[CAPABILITY_NAMES] = {};
	int number;

	if (parse_expect(parser, value, TAKES_STRING, "the name of a capability") < 0)
		return -1;
	number = capability_from_name(value->string);
	if (number >= 0) {
		*ret = UINT64_C(1) << number;
		return 0;
	}
	for (unsigned i = 0; i < CAPABILITY_NAMES; i++)
		names[i] = capability_name(i);
	parse_complain(parser, value, "there is no capability '%s'", value->string);
	return parse_suggest(parser, parse_nearest(value->string, names, CAPABILITY_NAMES));
}

static int parse_capability_set(struct parser *parser, const struct value *value, void *into)
{
	uint64_t *set = into, one;

	for (size_t i = 0; i < value->count; i++) {
		if (parse_capability(parser, value->items[i], &one) < 0)
			return -1;
		*set |= one;
	}
	return 0;
}

static int parse_capability_add(struct parser *parser, const struct value *value, void *into)
{
	return parse_capability_set(parser, value, &((struct policy *)into)->capabilities);
}

static int parse_capability_drop(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;

	if (value->count == 1 && text_equal(value_string(value->items[0], NULL), "ALL")) {
		policy->dropped = UINT64_MAX;
		return 0;
	}
	return parse_capability_set(parser, value, &policy->dropped);
}

static int parse_capability_user(struct parser *parser, const struct value *value, void *into)
{
	return parse_capability_set(parser, value, &((struct policy *)into)->user_capabilities);
}

int parse_capabilities(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "add", TAKES_ARRAY, parse_capability_add, "a list of capabilities" },
		{ "drop", TAKES_ARRAY, parse_capability_drop,
		  "a list of capabilities, or [\"ALL\"]" },
		{ "user", TAKES_ARRAY, parse_capability_user, "a list of capabilities" },
	};
	struct policy *policy = into;

	parse_said(parser, SETTING_CAPABILITIES);
	if (value->kind == VALUE_ARRAY)
		return parse_capability_add(parser, value, into);
	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), into) < 0)
		return -1;
	if (policy->dropped != UINT64_MAX && (policy->dropped & policy->capabilities) != 0)
		return parse_complain(parser, value, "a capability is both added and dropped");
	if ((policy->user_capabilities & ~policy->capabilities) != 0)
		return parse_complain(parser, value_get(value, "user"),
		                      "a capability of \"user\" is not in \"add\"");
	return 0;
}

/* ---- id maps ---- */

const char *const policy_idmap_names[] = {
	[IDMAP_SINGLE] = "single",
	[IDMAP_RANGE] = "range",
	[IDMAP_KEEP_ID] = "keep-id",
	[IDMAP_NOMAP] = "nomap",
};

static int parse_mode(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;

	for (unsigned i = 0; i < ARRAY_SIZE(policy_idmap_names); i++) {
		if (strcmp(policy_idmap_names[i], value->string) == 0) {
			policy->idmap = i;
			return 0;
		}
	}
	parse_complain(parser, value,
	               "there is no mode '%s'; there are single, range, keep-id and "
	               "nomap",
	               value->string);
	return parse_suggest(parser, parse_nearest(value->string, policy_idmap_names,
	                                           ARRAY_SIZE(policy_idmap_names)));
}

static int parse_size(struct parser *parser, const struct value *value, void *into)
{
	if (value->integer < 1 || value->integer > UINT32_MAX)
		return parse_complain(parser, value, "a number of ids is 1 to %u", UINT32_MAX);
	((struct policy *)into)->idmap_size = (uint32_t)value->integer;
	return 0;
}

int parse_idmap(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "mode", TAKES_STRING, parse_mode, "single, range, keep-id or nomap" },
		{ "size", TAKES_INTEGER, parse_size, "how many ids" },
	};
	struct policy *policy = into;

	parse_said(parser, SETTING_IDMAP);
	if (value->kind == VALUE_STRING)
		return parse_mode(parser, value, into);
	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), into) < 0)
		return -1;
	if (value_get(value, "mode") == NULL)
		return parse_complain(parser, value, "an id map needs the key \"mode\"");
	if (policy->idmap == IDMAP_SINGLE && policy->idmap_size > 1)
		return parse_complain(parser, value_get(value, "size"),
		                      "the mode 'single' has one id");
	return 0;
}

/* ---- network ---- */

static int parse_ports(struct parser *parser, const struct value *value, struct policy_ports *ret)
{
	uint16_t *ports = arena_array(parser->arena, value->count, sizeof *ports);

	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];

		if (parse_expect(parser, item, TAKES_INTEGER, "a TCP port") < 0)
			return -1;
		if (item->integer < 0 || item->integer > UINT16_MAX)
			return parse_complain(parser, item, "a TCP port is 0 to 65535");
		ports[i] = (uint16_t)item->integer;
	}
	*ret = (struct policy_ports){ ports, value->count };
	return 0;
}

static int parse_bind(struct parser *parser, const struct value *value, void *into)
{
	parse_said(parser, SETTING_BIND);
	return parse_ports(parser, value, &((struct policy *)into)->bind);
}

static int parse_connect(struct parser *parser, const struct value *value, void *into)
{
	parse_said(parser, SETTING_CONNECT);
	return parse_ports(parser, value, &((struct policy *)into)->connect);
}

int parse_network(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "bind", TAKES_ARRAY, parse_bind, "a list of TCP ports" },
		{ "connect", TAKES_ARRAY, parse_connect, "a list of TCP ports" },
	};

	return parse_members(parser, value, keys, ARRAY_SIZE(keys), into);
}

/* ---- limits ---- */

static int parse_amount(struct parser *parser, const struct value *value, uint64_t *ret)
{
	if (value->kind == VALUE_INTEGER && value->integer >= 0)
		*ret = (uint64_t)value->integer;
	else if (value->kind == VALUE_STRING && strcmp(value->string, "unlimited") == 0)
		*ret = UINT64_MAX;
	else if (value->kind != VALUE_STRING || !text_to_bytes(ret, value->string))
		return parse_complain(parser, value,
		                      "a limit is a number, a size as \"64m\", or \"unlimited\"");
	return 0;
}

static int parse_soft(struct parser *parser, const struct value *value, void *into)
{
	return parse_amount(parser, value, &((struct plan_limit *)into)->soft);
}

static int parse_hard(struct parser *parser, const struct value *value, void *into)
{
	return parse_amount(parser, value, &((struct plan_limit *)into)->hard);
}

static int parse_limit(struct parser *parser, const struct value *value, struct plan_limit *limit)
{
	static const struct key keys[] = {
		{ "soft", TAKES_INTEGER | TAKES_STRING, parse_soft, "a number" },
		{ "hard", TAKES_INTEGER | TAKES_STRING, parse_hard, "a number" },
	};

	if (parse_expect(parser, value, TAKES_INTEGER | TAKES_STRING | TAKES_OBJECT,
	                 "a number, \"unlimited\", or an object with soft and hard") < 0)
		return -1;
	if (value->kind != VALUE_OBJECT) {
		if (parse_amount(parser, value, &limit->soft) < 0)
			return -1;
		limit->hard = limit->soft;
		return 0;
	}
	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), limit) < 0)
		return -1;
	if (value->count != ARRAY_SIZE(keys))
		return parse_complain(parser, value, "a limit needs both soft and hard");
	if (limit->soft > limit->hard)
		return parse_complain(parser, value, "the soft limit is above the hard one");
	return 0;
}

static int parse_cpus(struct parser *parser, const struct value *value)
{
	double cpus = value->kind == VALUE_REAL ? value->real : (double)value->integer;

	if (parse_expect(parser, value, TAKES_REAL | TAKES_INTEGER, "a number of CPUs") < 0)
		return -1;
	if (!(cpus >= 0.01 && cpus <= CPUS_MAX))
		return parse_complain(parser, value, "a number of CPUs is 0.01 to %d", CPUS_MAX);
	parser->policy->resources.cpu_quota = (uint64_t)(cpus * CPU_PERIOD + 0.5);
	parse_said(parser, SETTING_CPUS);
	return 0;
}

static int parse_resource(struct parser *parser, const struct value *value, uint64_t *ret,
                          enum policy_setting setting)
{
	if (parse_amount(parser, value, ret) < 0)
		return -1;
	if (*ret == 0)
		return parse_complain(parser, value, "nothing can run with a limit of 0");
	if (*ret == UINT64_MAX)
		*ret = 0; /* 0 is "not asked for" in a plan */
	parse_said(parser, setting);
	return 0;
}

static int unknown_limit(struct parser *parser, const struct value *value)
{
	const char *names[RESOURCES + 3];

	memcpy(names, limit_names, sizeof limit_names);
	names[RESOURCES] = "pids";
	names[RESOURCES + 1] = "memory";
	names[RESOURCES + 2] = "cpus";
	parse_complain(parser, value, "there is no limit '%s'", value->key);
	return parse_suggest(parser, parse_nearest(value->key, names, ARRAY_SIZE(names)));
}

int parse_limits(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;
	struct plan_limit *limits = arena_array(parser->arena, value->count, sizeof *limits);

	policy->limits = limits;
	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];
		struct plan_limit *limit = &limits[policy->limit_count];
		int resource = limit_from_name(item->key);
		int result;

		if (strcmp(item->key, "pids") == 0)
			result =
			        parse_resource(parser, item, &policy->resources.pids, SETTING_PIDS);
		else if (strcmp(item->key, "memory") == 0)
			result = parse_resource(parser, item, &policy->resources.memory,
			                        SETTING_MEMORY);
		else if (strcmp(item->key, "cpus") == 0)
			result = parse_cpus(parser, item);
		else if (resource < 0)
			result = unknown_limit(parser, item);
		else
			result = parse_limit(parser, item, limit);
		if (result < 0)
			return -1;
		if (resource >= 0) {
			limit->resource = (uint32_t)resource;
			policy->limit_count++;
		}
	}
	return 0;
}
