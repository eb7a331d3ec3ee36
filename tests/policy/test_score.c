/*
 * score: what is out of reach, by which words; and that the shipped default reaches its mark.
 */
#include "tests/policy/shipped.h"

#include "policy/score.h"

enum { KERNEL = 6 << 16 | 12, MARK = 90 };

static struct bug_table parse_bugs(struct arena *arena, const char *text)
{
	struct policy_source source = { "bugs.json", text, strlen(text) };
	struct bug_table bugs = {};
	struct error err = {};

	if (bugs_parse(&bugs, arena, &source, &err) < 0)
		fail_msg("%s", err.text);
	return bugs;
}

static struct score score_of(struct arena *arena, const struct policy *policy,
                             const struct bug_table *bugs)
{
	struct score score = {};
	struct error err = {};

	if (policy_score(&score, arena, policy, ARCH_X86_64, KERNEL, bugs, &err) < 0)
		fail_msg("%s", err.text);
	return score;
}

static const char profile[] =
        "{\"schema\": 1, \"syscalls\": {\"default\": {\"errno\": \"EPERM\"},\n"
        " \"rules\": [{\"call\": \"ioctl\", \"when\": {\"request\": {\"is\": \"TIOCSTI\"}}, "
        "\"decision\": {\"errno\": \"EPERM\"}}],\n"
        " \"allow\": [\"ioctl\", \"keyctl\", \"unshare\",\n"
        "  {\"call\": \"socket\", \"when\": {\"domain\": {\"is\": \"AF_INET\"}}}]},\n"
        " \"capabilities\": [\"NET_RAW\"], \"user_namespaces\": USERNS,\n"
        " \"no_new_privileges\": NNP}";

/* Each row is a table of one bug with that need. */
static const struct {
	const char *need;
	bool closed;      /* with "user_namespaces": false and no_new_privileges: reachable */
	bool open;        /* with both the other way round */
	const char *stop; /* a part of what stops it, where `closed` is false */
	unsigned line;
} needs[] = {
	{ "{\"call\": \"bpf\"}", false, false, "bpf: errno EPERM: no rule", 1 },
	{ "{\"call\": \"keyctl\"}", true, true, NULL, 0 },
	{ "{\"call\": [\"bpf\", \"keyctl\"]}", true, true, NULL, 0 },
	{ "{\"call\": \"keyctl\", \"when\": {\"arch\": [\"x32\"]}}", false, false,
	  "the calls of x32 are closed", 0 },
	{ "{\"call\": \"ioctl\", \"when\": {\"request\": {\"is\": \"TIOCSTI\"}}}", false, false,
	  "ioctl: errno EPERM: this rule", 2 },
	{ "{\"call\": \"ioctl\", \"when\": {\"request\": {\"in\": [\"TIOCSTI\", 5]}}}", true, true,
	  NULL, 0 },
	{ "{\"call\": \"socket\", \"when\": {\"domain\": {\"is\": \"AF_PACKET\"}}}", false, false,
	  "socket: errno EPERM: no rule", 1 },
	{ "{\"call\": \"socket\", \"when\": {\"domain\": {\"is\": \"AF_INET\"}, \"protocol\": "
	  "{\"is\": \"IPPROTO_SCTP\"}}}",
	  true, true, NULL, 0 },
	{ "{\"capability\": \"NET_RAW\"}", true, true, NULL, 0 },
	{ "{\"capability\": \"NET_ADMIN\"}", false, true, "NET_ADMIN is not kept, and no", 5 },
	{ "{\"user_namespace\": true}", false, true, "unshare: errno EPERM: new user", 5 },
	{ "{\"privilege_by_exec\": true}", false, true, "no_new_privs", 6 },
	{ "{\"device\": \"/dev/binder\"}", false, false, "/dev/binder", 0 },
	{ "{\"any\": [{\"call\": \"bpf\"}, {\"call\": \"keyctl\"}]}", true, true, NULL, 0 },
	{ "{\"any\": [{\"call\": \"bpf\"}, {\"call\": \"acct\"}]}", false, false, "bpf: ", 1 },
};

static struct policy *parse_with(struct arena *arena, bool open)
{
	_cleanup_text struct text text = {};
	const char *from = profile, *place;

	for (; (place = strstr(from, "USERNS")) != NULL; from = place + 6)
		text_printf(&text, "%.*s%s", (int)(place - from), from, open ? "true" : "false");
	place = strstr(from, "NNP");
	text_printf(&text, "%.*s%s%s", (int)(place - from), from, open ? "false" : "true",
	            place + 3);
	return compiled_parse(arena, text_string(&text));
}

static void test_needs(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *closed = parse_with(&arena, false), *open = parse_with(&arena, true);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		struct bug_table bugs =
		        parse_bugs(&arena,
		                   arena_printf(&arena,
		                                "{\"bugs\": [{\"id\": \"X\", \"needs\": [%s]}]}",
		                                needs[i].need));
		struct score score = score_of(&arena, closed, &bugs);

		if (score.rows[0].reachable != needs[i].closed || score.stopped != !needs[i].closed)
			fail_msg("%s: %d", needs[i].need, score.rows[0].reachable);
		if (!needs[i].closed) {
			assert_non_null(strstr(score.rows[0].stop, needs[i].stop));
			assert_int_equal(score.rows[0].place.position.line, needs[i].line);
		}
		score = score_of(&arena, open, &bugs);
		if (score.rows[0].reachable != needs[i].open)
			fail_msg("open: %s: %d", needs[i].need, score.rows[0].reachable);
	}
}

/* All needs of a bug must be met; the first that cannot be is what stops it. */
static void test_all_needs(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = parse_with(&arena, false);
	struct bug_table bugs =
	        parse_bugs(&arena,
	                   "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"call\": \"keyctl\"}, "
	                   "{\"call\": \"acct\"}, {\"call\": \"bpf\"}]},\n"
	                   "{\"id\": \"B\", \"needs\": [{\"call\": \"keyctl\"}]}]}");
	struct score score = score_of(&arena, policy, &bugs);

	(void)state;
	assert_int_equal(score.count, 2);
	assert_int_equal(score.stopped, 1);
	assert_non_null(strstr(score.rows[0].stop, "acct: "));
	assert_true(score.rows[1].reachable);
}

/* i386 is another way to the same socket, by a call whose arguments no filter sees. */
static void test_socketcall(void **state)
{
	_cleanup_arena struct arena arena = {};
	static const char text[] =
	        "{\"schema\": 1, \"syscalls\": {\"architectures\": [\"i386\"], \"allow\": "
	        "[{\"call\": \"socket\", \"when\": {\"domain\": {\"is\": \"AF_UNIX\"}}}%s]}}";
	struct bug_table bugs =
	        parse_bugs(&arena, "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"call\": \"socket\", "
	                           "\"when\": {\"domain\": {\"is\": \"AF_ALG\"}}}]}]}");
	struct policy *without = compiled_parse(&arena, arena_printf(&arena, text, ""));
	struct policy *with =
	        compiled_parse(&arena, arena_printf(&arena, text, ", \"socketcall\""));

	(void)state;
	assert_false(score_of(&arena, without, &bugs).rows[0].reachable);
	assert_true(score_of(&arena, with, &bugs).rows[0].reachable);
}

static void test_shipped(void **state)
{
	static const struct {
		const char *file;
		unsigned least, most; /* percent */
	} rows[] = {
		{ CORDON_PROFILES "/default.json", MARK, 100 },
		{ CORDON_PROFILES "/strict.json", MARK, 100 },
		{ CORDON_PROFILES "/nginx.json", MARK, 100 },
		{ CORDON_PROFILES "/redis.json", MARK, 100 },
		{ CORDON_PROFILES "/postgres.json", MARK, 100 },
		{ CORDON_PROFILES "/python.json", MARK, 100 },
		/* podman's allows new user namespaces: nearly all is within reach */
		{ "/usr/share/containers/seccomp.json", 10, 25 },
	};
	_cleanup_arena struct arena arena = {};
	struct policy_source source = bugs_shipped();
	struct bug_table bugs;
	struct error err = {};

	(void)state;
	assert_int_equal(bugs_parse(&bugs, &arena, &source, &err), 0);
	assert_true(bugs.count >= 150);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy *policy = shipped_parse(&arena, rows[i].file, false);
		struct score score;

		if (policy == NULL && i == ARRAY_SIZE(rows) - 1)
			continue; /* containers-common is not installed */
		score = score_of(&arena, policy, &bugs);
		if (score.stopped * 100 < rows[i].least * score.count ||
		    score.stopped * 100 > rows[i].most * score.count)
			fail_msg("%s: %zu of %zu", rows[i].file, score.stopped, score.count);
	}
}

static const struct {
	const char *text, *error;
} refused[] = {
	{ "[]", "expected a table of bugs: an object" },
	{ "{}", "a table without bugs" },
	{ "{\"schema\": 2}", "reads schema 1" },
	{ "{\"bugs\": []}", "a table without bugs" },
	{ "{\"bugs\": [1]}", "a bug: an object" },
	{ "{\"bugs\": [{\"id\": \"A\"}]}", "at least \"id\" and \"needs\"" },
	{ "{\"bugs\": [{\"needs\": [{\"call\": \"bpf\"}]}]}", "at least \"id\" and \"needs\"" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": []}]}", "an empty list of needs" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{}]}]}", "a need is one thing" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"call\": \"bfp\"}]}]}", "system call 'bfp'" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"call\": \"bpf\", \"device\": \"/dev/x\"}]}]}",
	  "a need is one thing" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"when\": {\"cmd\": {\"is\": 1}}}]}]}",
	  "needs \"call\" beside it" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"user_namespace\": false}]}]}", "only true" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"device\": \"binder\"}]}]}",
	  "a path in /dev" },
	{ "{\"bugs\": [{\"id\": \"A\", \"needs\": [{\"any\": [{\"any\": [{\"any\": [{\"any\": "
	  "[{\"any\": [{\"call\": \"bpf\"}]}]}]}]}]}]}]}",
	  "nested too deep" },
	{ "{\"bugs\": [{\"id\": \"A\", \"x\": 1}]}", "unknown key" },
};

static void test_refuses(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct policy_source source = { "bugs.json", refused[i].text,
			                        strlen(refused[i].text) };
		struct bug_table bugs;
		struct error err = {};

		if (bugs_parse(&bugs, &arena, &source, &err) == 0 ||
		    strstr(err.text, refused[i].error) == NULL)
			fail_msg("%s: '%s'", refused[i].text, err.text);
		assert_true(text_starts(err.text, "bugs.json:1:"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),      cmocka_unit_test(test_all_needs),
		cmocka_unit_test(test_socketcall), cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
