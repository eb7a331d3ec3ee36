/*
 * explain, held against what is compiled: for every call of every shipped profile (and moby's) the
 * cases cover all arguments, no two overlap, and each answers as the filter table does. And what it
 * says to people: which rule, in which line, behind which wall.
 */
#include "tests/policy/shipped.h"

#include "policy/cases.h"
#include "policy/explain.h"
#include "policy/meaning.h"
#include "policy/where.h"

#include <stdio.h>

enum { KERNEL = 6 << 16 | 12, SAMPLES = 12 };

static uint64_t seed = 1;

static uint64_t random_word(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth */
	return seed >> 20;
}

/* ---- the cases, and the table ---- */

static bool holds(const struct deciding *deciding, const struct call_case *one,
                  const struct call_sample *sample)
{
	return diagram_value(deciding->store, one->where, sample) != 0;
}

static void compare_sample(const struct deciding *deciding, const struct call_cases *cases,
                           const struct call_sample *sample)
{
	struct decision wanted = filter_decide(&deciding->table, sample);
	size_t found = 0;

	for (size_t i = 0; i < cases->count; i++) {
		if (!holds(deciding, &cases->rows[i], sample))
			continue;
		found++;
		assert_int_equal(cases->rows[i].decision.kind, wanted.kind);
		assert_int_equal(cases->rows[i].decision.data, wanted.data);
	}
	assert_int_equal(found, 1);
}

static void compare_call(const struct deciding *deciding, enum arch arch, int call)
{
	struct diagrams *store = deciding->store;
	diagram whole = diagram_leaf(store, 1), covered = diagram_leaf(store, 0);
	struct call_cases cases = call_cases(deciding, arch, call, whole);
	uint32_t bit = arch == ARCH_X32 ? 0x40000000 : 0;
	struct call_sample sample = { .audit = arch_audit(arch),
		                      .number = (uint32_t)syscall_number(arch, call) | bit };

	for (size_t i = 0; i < cases.count; i++)
		covered = diagram_or(store, covered, cases.rows[i].where);
	assert_int_equal(covered, whole);
	/* a point of each case, and then anything */
	for (size_t i = 0; i < cases.count + SAMPLES; i++) {
		struct call_sample point = sample;

		if (i < cases.count)
			assert_true(diagram_example(store, cases.rows[i].where, &point));
		for (size_t j = 0; i >= cases.count && j < 6; j++)
			point.arguments[j] = random_word() & (i % 2 == 0 ? 0xff : UINT64_MAX);
		point.audit = sample.audit;
		point.number = sample.number;
		compare_sample(deciding, &cases, &point);
	}
}

static void compare_policy(const struct policy *policy, uint64_t capabilities)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_deciding struct deciding deciding = {};
	struct error err = {};
	struct rules_request request = { &arena, policy,       ARCH_X86_64,
		                         KERNEL, capabilities, policy->user_namespaces,
		                         &err };

	if (deciding_init(&deciding, &request) < 0)
		fail_msg("%s", err.text);
	for (unsigned arch = ARCH_X86_64; arch <= ARCH_X32; arch++)
		for (size_t id = 0; id < syscall_count(); id++)
			if (syscall_number(arch, (int)id) >= 0)
				compare_call(&deciding, arch, (int)id);
	assert_int_equal(diagrams_check(deciding.store, &err), 0);
}

static void test_agrees_with_the_table(void **state)
{
	static const char *const files[] = {
		CORDON_PROFILES "/default.json",      CORDON_PROFILES "/strict.json",
		CORDON_PROFILES "/nginx.json",        CORDON_PROFILES "/postgres.json",
		CORDON_PROFILES "/cordon-layer.json", CORDON_PROFILES "/cordon-registry.json",
		"/usr/share/containers/seccomp.json",
	};
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_arena struct arena arena = {};
		struct policy *policy = shipped_parse(&arena, files[i], false);

		if (policy == NULL)
			continue;
		found++;
		compare_policy(policy, policy->capabilities);
		compare_policy(policy, UINT64_MAX);
	}
	assert_true(found >= 6);
}

static void test_agrees_under_a_ceiling(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = shipped_parse(&arena, CORDON_PROFILES "/default.json", false);
	struct policy *strict = shipped_parse(&arena, CORDON_PROFILES "/strict.json", false);
	struct policy *met;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_meet(&met, &arena, policy, strict, &err), 0);
	compare_policy(met, policy->capabilities);
	assert_int_equal(policy_meet(&met, &arena, strict, policy, &err), 0);
	compare_policy(met, policy->capabilities);
}

/* ---- what is said ---- */

static const char profile[] =
        "{\"schema\": 1,\n"                                      /* 1 */
        " \"syscalls\": {\"default\": {\"errno\": \"EPERM\"},\n" /* 2 */
        "  \"rules\": [{\"call\": \"ioctl\", \"when\": {\"request\": {\"is\": \"TIOCSTI\"}},\n" /* 3
                                                                                                 */
        "    \"decision\": \"kill\"}],\n" /* 4 */
        "  \"deny\": [\"vmsplice\"],\n"   /* 5 */
        "  \"allow\": [\"ioctl\", \"openat\", \"mkdirat\", \"bind\", \"execve\", \"unshare\",\n" /* 6 */
        "   {\"call\": \"socket\", \"when\": {\"domain\": {\"is\": \"AF_UNIX\"}}},\n"  /* 7 */
        "   {\"capability\": \"SYS_ADMIN\", \"allow\": [\"mount\"]},\n"                /* 8 */
        "   {\"kernel\": \"99.1\", \"allow\": [\"swapon\"]}, \"chroot\"]},\n"          /* 9 */
        " \"capabilities\": [\"KILL\"],\n"                                             /* 10 */
        " \"filesystem\": {\"root\": \"read-only\", \"tmpfs\": [\"/tmp\"],\n"          /* 11 */
        "  \"mask\": {\"hide\": [\"/proc/kcore\"], \"read-only\": [\"/proc/sys\"]},\n" /* 12 */
        "  \"landlock\": {\"write\": [\"/tmp\"], \"execute\": [\"/usr\"]}},\n"         /* 13 */
        " \"network\": {\"bind\": [80]},\n"                                            /* 14 */
        " \"user_namespaces\": false}\n";                                              /* 15 */

static const struct said {
	const char *call, *arguments; /* separated by blanks */
	enum explain_answer answer;
	enum explain_layer layer; /* of a row that there must be, */
	unsigned line;            /* with its line; 0: without a place */
	const char *text;         /* and a part of what it says */
} said[] = {
	{ "vmsplice", "", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 5, "errno EPERM: this rule" },
	{ "read", "", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 2, "errno EPERM: no rule holds" },
	{ "ioctl", "request=TIOCSTI", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 3, "kill process" },
	{ "ioctl", "request=0xffffffff00005412", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 3, "kill" },
	{ "ioctl", "request=1", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "allow: this rule" },
	{ "ioctl", "", EXPLAIN_DEPENDS, EXPLAIN_SECCOMP, 3, "kill process" },
	{ "ioctl", "fd=-1", EXPLAIN_DEPENDS, EXPLAIN_SECCOMP, 6, "allow" },
	{ "16", "request=1", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "allow" },
	{ "socket", "domain=AF_UNIX", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 7, "allow" },
	{ "socket", "domain=AF_INET", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 2, "no rule" },
	{ "mount", "", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 8, "with the capability SYS_ADMIN" },
	{ "swapon", "", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 9, "from Linux 99.1 on" },
	{ "chroot", "", EXPLAIN_DENIED, EXPLAIN_CAPABILITY, 10, "SYS_CHROOT is not kept, and" },
	{ "unshare", "flags=CLONE_NEWUSER|CLONE_NEWNS", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 15,
	  "new user namespaces are closed" },
	{ "unshare", "flags=CLONE_NEWNS", EXPLAIN_ALLOWED, EXPLAIN_CAPABILITY, 10, "SYS_ADMIN" },
	{ "clone3", "", EXPLAIN_DENIED, EXPLAIN_SECCOMP, 15, "cannot see" },
	{ "openat", "path=/proc/kcore", EXPLAIN_DENIED, EXPLAIN_MASK, 12, "/proc/kcore is hidden" },
	{ "openat", "path=/proc/kcore2 flags=0", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "allow" },
	{ "openat", "pathname=/proc/sys/x flags=O_RDONLY", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6,
	  "" },
	{ "openat", "pathname=/proc/sys/x flags=O_RDWR", EXPLAIN_DENIED, EXPLAIN_MASK, 12,
	  "/proc/sys is read-only" },
	{ "openat", "path=/proc/sys/x", EXPLAIN_DEPENDS, EXPLAIN_MASK, 12, "read-only" },
	{ "openat", "path=/etc/x flags=O_CREAT", EXPLAIN_DENIED, EXPLAIN_ROOT, 11, "read-only" },
	{ "openat", "path=/etc/x flags=O_WRONLY", EXPLAIN_DENIED, EXPLAIN_LANDLOCK, 13, "written" },
	{ "openat", "path=/tmp/x flags=O_WRONLY", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "" },
	{ "openat", "path=/dev/null flags=O_WRONLY", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "" },
	{ "mkdirat", "path=/srv", EXPLAIN_DENIED, EXPLAIN_ROOT, 11, "EROFS" },
	{ "execve", "path=/tmp/x", EXPLAIN_DENIED, EXPLAIN_LANDLOCK, 13, "executed" },
	{ "execve", "path=/usr/bin/x", EXPLAIN_ALLOWED, EXPLAIN_SECCOMP, 6, "" },
	{ "bind", "port=80", EXPLAIN_ALLOWED, EXPLAIN_LANDLOCK, 14, "80 is listed" },
	{ "bind", "port=81", EXPLAIN_DENIED, EXPLAIN_LANDLOCK, 14, "81 is not listed" },
};

static struct plan_strings split(struct arena *arena, const char *words)
{
	struct plan_strings list = {};

	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		strings_append(arena, &list, arena_text(arena, words, length));
		words += length + (words[length] == ' ');
	}
	return list;
}

static bool has_row(const struct explanation *found, const struct said *row)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct explain_row *one = &found->rows[i];

		if (one->layer == row->layer && one->place.position.line == row->line &&
		    strstr(one->text, row->text) != NULL)
			return true;
	}
	return false;
}

static void test_says(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = compiled_parse(&arena, profile);
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		const struct said *row = &said[i];
		struct plan_strings words = split(&arena, row->arguments);
		struct explanation found;
		struct question question;
		struct error err = {};

		if (explain_ask(&question, &arena, ARCH_X86_64, row->call, &words, &err) < 0 ||
		    policy_explain(&found, &arena, policy, KERNEL, &question, &err) < 0)
			fail_msg("%s %s: %s", row->call, row->arguments, err.text);
		if (found.answer == row->answer && has_row(&found, row))
			continue;
		wrong++;
		print_error("%s %s: answer %d, not %d; or no row as told in:\n", row->call,
		            row->arguments, found.answer, row->answer);
		for (size_t j = 0; j < found.count; j++)
			print_error("  %u: %s: %s\n", found.rows[j].place.position.line,
			            explain_layer_name(found.rows[j].layer), found.rows[j].text);
	}
	assert_int_equal(wrong, 0);
}

static void test_shows_the_line(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = compiled_parse(&arena, profile);
	const struct plan_strings none = {};
	struct explanation found;
	struct question question;
	struct error err = {};

	(void)state;
	assert_int_equal(explain_ask(&question, &arena, ARCH_X86_64, "vmsplice", &none, &err), 0);
	assert_int_equal(policy_explain(&found, &arena, policy, KERNEL, &question, &err), 0);
	assert_string_equal(found.rows[0].place.file, "test.json");
	assert_string_equal(found.rows[0].place.line, "  \"deny\": [\"vmsplice\"],");
	assert_int_equal(found.rows[0].place.position.column, 12);
}

/* The ceiling's word is the ceiling's, in its own file. */
static void test_ceiling(void **state)
{
	_cleanup_arena struct arena arena = {};
	static const char upper[] = "{\"schema\": 1, \"syscalls\": {\n \"deny\": [\"mkdirat\"],\n"
	                            " \"allow\": [\"openat\", \"ioctl\"]}}\n";
	struct policy_source source = { "ceiling.json", upper, sizeof upper - 1 };
	struct policy *policy = compiled_parse(&arena, profile), *ceiling, *met;
	const struct plan_strings none = {};
	struct explanation found;
	struct question question;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_parse(&ceiling, &arena, &source, &err), 0);
	assert_int_equal(policy_meet(&met, &arena, policy, ceiling, &err), 0);
	assert_int_equal(explain_ask(&question, &arena, ARCH_X86_64, "mkdirat", &none, &err), 0);
	assert_int_equal(policy_explain(&found, &arena, met, KERNEL, &question, &err), 0);
	assert_int_equal(found.answer, EXPLAIN_DENIED);
	assert_string_equal(found.rows[0].place.file, "ceiling.json");
	assert_int_equal(found.rows[0].place.position.line, 2);
	assert_non_null(strstr(found.rows[0].text, "of the ceiling"));
	/* what neither allows by a rule: the ceiling's default comes first */
	assert_int_equal(explain_ask(&question, &arena, ARCH_X86_64, "bind", &none, &err), 0);
	assert_int_equal(policy_explain(&found, &arena, met, KERNEL, &question, &err), 0);
	assert_int_equal(found.answer, EXPLAIN_DENIED);
	assert_non_null(strstr(found.rows[0].text, "of the ceiling"));
}

/* ---- where ---- */

static const char *where_text(struct arena *arena, const struct policy *policy)
{
	_cleanup_text struct text text = {};
	struct where where = policy_where(arena, policy);

	for (size_t i = 0; i < where.count; i++) {
		text_printf(&text, "%s:%u %s%s=", where.rows[i].place.file,
		            where.rows[i].place.position.line,
		            where.rows[i].ceiling ? "ceiling " : "", where.rows[i].key);
		value_encode(&text, where.rows[i].value, VALUE_COMPACT);
		text_append_char(&text, '\n');
	}
	return arena_strdup(arena, text_string(&text));
}

static struct policy *parse_as(struct arena *arena, const char *file, const char *text)
{
	struct policy_source source = { file, text, strlen(text) };
	struct policy *policy = NULL;
	struct error err = {};

	if (policy_parse(&policy, arena, &source, &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

/* What a child overrides, drops or says too is not told of its parent. */
static void test_where(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *parent = parse_as(
	        &arena, "up.json",
	        "{\"schema\": 1, \"name\": \"up\", \"syscalls\": {\"default\": {\"errno\": 5},\n"
	        "\"allow\": [\"read\", \"write\"]}, \"capabilities\": [\"KILL\",\n"
	        "\"CHOWN\"], \"idmap\": {\"mode\": \"range\"},\n"
	        "\"limits\": {\"core\": 0, \"nofile\": {\"soft\": 1, \"hard\": 2}}}");
	struct policy *child =
	        parse_as(&arena, "own.json",
	                 "{\"schema\": 1, \"extends\": [\"up\"],\n"
	                 "\"syscalls\": {\"default\": {\"errno\": 1}, \"allow\": [\"read\"]},\n"
	                 "\"capabilities\": {\"drop\": [\"KILL\"]},\n"
	                 "\"idmap\": \"single\", \"limits\": {\"nofile\": 9}}");
	struct policy *ceiling =
	        parse_as(&arena, "top.json", "{\"schema\": 1,\n\"idmap\": \"single\"}");
	struct policy *merged, *met;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_merge(&merged, &arena, child, &parent, 1, &err), 0);
	assert_int_equal(policy_meet(&met, &arena, merged, ceiling, &err), 0);
	assert_string_equal(where_text(&arena, met), "own.json:2 syscalls.default={\"errno\":1}\n"
	                                             "own.json:2 syscalls.allow=\"read\"\n"
	                                             "own.json:3 capabilities.drop=\"KILL\"\n"
	                                             "own.json:4 idmap=\"single\"\n"
	                                             "own.json:4 limits.nofile=9\n"
	                                             "up.json:2 syscalls.allow=\"write\"\n"
	                                             "up.json:3 capabilities=\"CHOWN\"\n"
	                                             "up.json:4 limits.core=0\n"
	                                             "top.json:2 ceiling idmap=\"single\"\n");
}

static const struct {
	const char *call, *arguments, *error, *hint;
} refused[] = {
	{ "opnat", "", "there is no system call 'opnat'", "did you mean 'openat'?" },
	{ "99999", "", "no call of x86_64 with the number 99999", "" },
	{ "18446744073709551616", "", "there is no system call", "" },
	{ "socketcall", "", "x86_64 has no call 'socketcall'", "" },
	{ "openat", "flgs=1", "openat has no argument 'flgs'", "did you mean 'flags'?" },
	{ "openat", "flags=O_RDNLY", "no number and no constant", "did you mean 'O_RDONLY'?" },
	{ "openat", "flags=", "no number and no constant", "" },
	{ "openat", "flags", "is not ARGUMENT=VALUE", "" },
	{ "openat", "=1", "is not ARGUMENT=VALUE", "" },
	{ "openat", "pathname=x", "is a pointer", "allow or deny openat as a whole" },
	{ "openat", "path=x", "begins with '/'", "" },
	{ "openat", "port=80", "bind and connect have", "" },
	{ "bind", "port=65536", "is no TCP port", "" },
	{ "read", "fd=1 fd=1 fd=1 fd=1 fd=1 fd=1 fd=1", "'fd' is given twice", "" },
};

static void test_refuses(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct plan_strings words = split(&arena, refused[i].arguments);
		struct question question;
		struct error err = {};

		assert_int_equal(explain_ask(&question, &arena, ARCH_X86_64, refused[i].call,
		                             &words, &err),
		                 -1);
		if (strstr(err.text, refused[i].error) == NULL)
			fail_msg("'%s', not '%s'", err.text, refused[i].error);
		assert_string_equal(err.hint, refused[i].hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_table),
		cmocka_unit_test(test_agrees_under_a_ceiling),
		cmocka_unit_test(test_says),
		cmocka_unit_test(test_shows_the_line),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
