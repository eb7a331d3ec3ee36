/* What two policies decide differently: every wall, in both directions, and calls with a witness.
 */
#include "tests/policy/compiled.h"

#include "policy/call_text.h"
#include "policy/diff.h"
#include "sandbox/base/cleanup.h"

#define BASIC                                                                                      \
	"\"syscalls\": {\"allow\": [\"execve\", \"execveat\", \"write\", \"exit\", "               \
	"\"exit_group\", \"rt_sigreturn\", \"read\""

struct side {
	struct confinement confinement;
	struct filter_table table;
	enum policy_attaching attaching;
};

static struct side side(struct arena *arena, const char *rest)
{
	struct policy *policy =
	        compiled_parse(arena, arena_printf(arena, "{\"schema\": 1, %s}", rest));
	const struct host host = compiled_host();
	const struct policy_flags flags = {};
	struct side ret = { .table = compiled_table(arena, policy, 0),
		            .attaching = policy_attaching(policy) };
	struct error err = {};

	if (policy_compile(&ret.confinement, arena, policy, &flags, &host, &err) < 0)
		fail_msg("%s", err.text);
	return ret;
}

/* The differences, a line each: "wider capability CHOWN", "narrower limit nofile: 10 -> 5". */
static const char *diff(struct arena *arena, const char *old, const char *new)
{
	struct side was = side(arena, old), is = side(arena, new);
	const struct diff_side sides[] = { { &was.confinement, &was.table, was.attaching },
		                           { &is.confinement, &is.table, is.attaching } };
	_cleanup_text struct text text = {};
	struct differences found;
	struct error err = {};

	assert_int_equal(policy_diff(&found, arena, &sides[0], &sides[1], &err), 0);
	for (size_t i = 0; i < found.count; i++) {
		const struct difference *row = &found.rows[i];

		text_printf(&text, "%s%s %s", i > 0 ? "; " : "", difference_name(row->kind),
		            row->subject);
		if (row->was != NULL)
			text_printf(&text, ": %s -> %s", row->was, row->is);
		if (row->has_sample) {
			text_append(&text, " by ");
			call_text(&text, &row->sample, 0xc000003e);
		}
	}
	return arena_strdup(arena, text_string(&text));
}

#define LANDLOCK(rest) "\"filesystem\": {\"landlock\": " rest "}, " BASIC "]}"
#define WALL(rest)     rest ", " BASIC "]}"

/* What is said of the way there, and of the way back. */
static const struct {
	const char *old, *new, *there, *back;
} rows[] = {
	{ BASIC "]}", BASIC "]}", "", "" },
	{ WALL("\"capabilities\": []"), WALL("\"capabilities\": [\"CHOWN\"]"),
	  "wider capability CHOWN", "narrower capability CHOWN" },
	{ WALL("\"capabilities\": [\"CHOWN\"]"),
	  WALL("\"capabilities\": {\"add\": [\"CHOWN\"], \"user\": [\"CHOWN\"]}"),
	  "wider capability CHOWN of users other than root",
	  "narrower capability CHOWN of users other than root" },
	{ WALL("\"no_new_privileges\": true"), WALL("\"no_new_privileges\": false"),
	  "wider no_new_privileges: yes -> no", "narrower no_new_privileges: no -> yes" },
	{ WALL("\"filesystem\": {\"root\": \"read-only\"}"),
	  WALL("\"filesystem\": {\"root\": \"writable\"}"), "wider read-only root: yes -> no",
	  "narrower read-only root: no -> yes" },
	{ WALL("\"filesystem\": {\"mask\": {\"hide\": [\"/x\"]}}"), BASIC "]}", "wider hidden /x",
	  "narrower hidden /x" },
	/* read-only is less than hidden */
	{ WALL("\"filesystem\": {\"mask\": {\"hide\": [\"/x\"]}}"),
	  WALL("\"filesystem\": {\"mask\": {\"read-only\": [\"/x\"]}}"), "wider hidden /x",
	  "narrower hidden /x" },
	/* and both reach what lies beneath */
	{ WALL("\"filesystem\": {\"mask\": {\"hide\": [\"/x/y\"]}}"),
	  WALL("\"filesystem\": {\"mask\": {\"hide\": [\"/x\"]}}"), "narrower hidden /x",
	  "wider hidden /x" },
	{ WALL("\"filesystem\": {\"mask\": {\"read-only\": [\"/x/y\"]}}"),
	  WALL("\"filesystem\": {\"mask\": {\"hide\": [\"/x/y\"], \"read-only\": [\"/x\"]}}"),
	  "narrower hidden /x/y; narrower read-only /x", "wider hidden /x/y; wider read-only /x" },
	{ WALL("\"filesystem\": {\"mask\": {\"read-only\": [\"/xy\"]}}"),
	  WALL("\"filesystem\": {\"mask\": {\"read-only\": [\"/x\"]}}"),
	  "wider read-only /xy; narrower read-only /x",
	  "wider read-only /x; narrower read-only /xy" },
	{ BASIC "]}", WALL("\"filesystem\": {\"tmpfs\": [\"/t\"]}"), "wider tmpfs /t",
	  "narrower tmpfs /t" },
	{ WALL("\"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"size\": \"1m\"}]}"),
	  WALL("\"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"size\": \"2m\"}]}"),
	  "wider tmpfs /t: size=1048576,mode=1777 -> size=2097152,mode=1777",
	  "narrower tmpfs /t: size=2097152,mode=1777 -> size=1048576,mode=1777" },
	{ WALL("\"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"size\": \"1m\"}]}"),
	  WALL("\"filesystem\": {\"tmpfs\": [\"/t\"]}"),
	  "wider tmpfs /t: size=1048576,mode=1777 -> mode=1777",
	  "narrower tmpfs /t: mode=1777 -> size=1048576,mode=1777" },
	{ WALL("\"filesystem\": {\"tmpfs\": [\"/t\"]}"),
	  WALL("\"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"exec\": true}]}"),
	  "wider tmpfs /t: mode=1777 -> mode=1777,exec",
	  "narrower tmpfs /t: mode=1777,exec -> mode=1777" },
	/* what cannot be ordered is wider both ways: a gate must see it */
	{ WALL("\"filesystem\": {\"tmpfs\": [\"/t\"]}"),
	  WALL("\"filesystem\": {\"tmpfs\": [{\"path\": \"/t\", \"mode\": \"755\"}]}"),
	  "wider tmpfs /t: mode=1777 -> mode=755", "wider tmpfs /t: mode=755 -> mode=1777" },
	{ LANDLOCK("true"), LANDLOCK("false"), "wider Landlock: yes -> no",
	  "narrower Landlock: no -> yes" },
	{ LANDLOCK("{\"write\": [\"/a\"]}"), LANDLOCK("true"),
	  "wider Landlock: writing restricted: yes -> no",
	  "narrower Landlock: writing restricted: no -> yes" },
	{ LANDLOCK("{\"write\": [\"/a\"]}"), LANDLOCK("{\"write\": [\"/a/b\", \"/c\"]}"),
	  "wider writable /c; narrower writable /a", "wider writable /a; narrower writable /c" },
	{ LANDLOCK("{\"execute\": [\"/a\"]}"), LANDLOCK("{\"execute\": [\"/\"]}"),
	  "wider executable /", "narrower executable /" },
	{ WALL("\"network\": {\"bind\": [80]}"), WALL("\"network\": {\"bind\": [80, 81]}"),
	  "wider TCP bind 81", "narrower TCP bind 81" },
	{ WALL("\"network\": {\"connect\": []}"), WALL("\"network\": {\"connect\": [53]}"),
	  "wider TCP connect 53", "narrower TCP connect 53" },
	{ WALL("\"limits\": {\"nofile\": 10}"), WALL("\"limits\": {\"nofile\": 20}"),
	  "wider limit nofile: 10 -> 20", "narrower limit nofile: 20 -> 10" },
	{ WALL("\"limits\": {\"nofile\": 10}"), BASIC "]}", "wider limit nofile: 10 -> none",
	  "narrower limit nofile: none -> 10" },
	{ WALL("\"limits\": {\"pids\": 10, \"memory\": 4096, \"cpus\": 1}"), BASIC "]}",
	  "wider limit pids: 10 -> none; wider limit memory: 4096 -> none; wider limit cpus: 1 -> none",
	  "narrower limit pids: none -> 10; narrower limit memory: none -> 4096; narrower limit cpus: "
	  "none -> 1" },
	{ WALL("\"limits\": {\"cpus\": 1.5}"), WALL("\"limits\": {\"cpus\": 1.25}"),
	  "narrower limit cpus: 1.5 -> 1.25", "wider limit cpus: 1.25 -> 1.5" },
	/* a process may raise it itself */
	{ WALL("\"limits\": {\"nofile\": {\"soft\": 5, \"hard\": 9}}"),
	  WALL("\"limits\": {\"nofile\": {\"soft\": 6, \"hard\": 9}}"),
	  "otherwise soft limit nofile: 5 -> 6", "otherwise soft limit nofile: 6 -> 5" },
	/* a machine that cannot build a wall may go without it */
	{ LANDLOCK("true"), WALL("\"if_available\": [\"landlock\"]"),
	  "wider Landlock insisted on: yes -> no", "narrower Landlock insisted on: no -> yes" },
	{ WALL("\"limits\": {\"nofile\": 9}"),
	  WALL("\"limits\": {\"nofile\": 9}, \"if_available\": [\"limits\"]"),
	  "wider limits insisted on: yes -> no", "narrower limits insisted on: no -> yes" },
	{ WALL("\"limits\": {\"pids\": 9}"),
	  WALL("\"limits\": {\"pids\": 9}, \"if_available\": [\"cgroup\"]"),
	  "wider cgroup insisted on: yes -> no", "narrower cgroup insisted on: no -> yes" },
	{ BASIC "]}", WALL("\"if_available\": [\"limits\", \"cgroup\", \"apparmor\"]"), "", "" },
	{ BASIC "]}", WALL("\"image_profile\": \"require\""),
	  "narrower image_profile: ignore -> require", "wider image_profile: require -> ignore" },
	{ WALL("\"idmap\": {\"mode\": \"range\", \"size\": 9}"),
	  WALL("\"idmap\": {\"mode\": \"range\", \"size\": 10}"), "wider ids: 9 -> 10",
	  "narrower ids: 10 -> 9" },
	{ WALL("\"idmap\": \"single\""), WALL("\"idmap\": \"range\""),
	  "wider id map: single -> range", "narrower id map: range -> single" },
	{ WALL("\"idmap\": \"keep-id\""), WALL("\"idmap\": \"range\""),
	  "wider id map: keep-id -> range", "wider id map: range -> keep-id" },
	{ BASIC "]}", BASIC ", \"open\"]}", "wider open: errno EPERM -> allow by open()",
	  "narrower open: allow -> errno EPERM by open()" },
	{ BASIC ", {\"call\": \"socket\", \"when\": {\"domain\": {\"is\": 1}}}]}",
	  BASIC ", \"socket\"]}", "wider socket: errno EPERM -> allow by socket()",
	  "narrower socket: allow -> errno EPERM by socket()" },
	/* both permit, or both refuse, in other words */
	{ BASIC ", \"open\"]}", BASIC ", {\"call\": \"open\", \"decision\": \"log\"}]}",
	  "otherwise open: allow -> log by open()", "otherwise open: log -> allow by open()" },
	{ BASIC "]}",
	  BASIC "], \"deny\": [{\"call\": \"open\", \"decision\": {\"errno\": \"EIO\"}}]}",
	  "otherwise open: errno EPERM -> errno EIO by open()",
	  "otherwise open: errno EIO -> errno EPERM by open()" },
};

static void test_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};

		assert_string_equal(diff(&arena, rows[i].old, rows[i].new), rows[i].there);
		assert_string_equal(diff(&arena, rows[i].new, rows[i].old), rows[i].back);
	}
}

/* Where neither is the wider one, both differences are told, each with a call that shows it. */
static void test_across(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_string_equal(
	        diff(&arena,
	             BASIC ", {\"call\": \"socket\", \"when\": {\"domain\": {\"is\": 1}}}]}",
	             BASIC ", {\"call\": \"socket\", \"when\": {\"domain\": {\"is\": 2}}}]}"),
	        "wider socket: errno EPERM -> allow by socket(domain=2 AF_INET); narrower socket: allow -> "
	        "errno EPERM by socket(domain=1 AF_LOCAL)");
}

/* Where one of the two answers all numbers alike, each number is still asked: an architecture that
 * is opened is wider, whatever its first call answers. */
static void test_whole_architectures(void **state)
{
	static const char closed[] = BASIC "]}";
	static const char opened[] = BASIC
	        ", \"getpid\"], \"architectures\": [\"i386\"], \"deny\": [\"restart_syscall\"]}";
	_cleanup_arena struct arena arena = {};
	const char *there = diff(&arena, closed, opened), *back = diff(&arena, opened, closed);

	(void)state;
	assert_non_null(strstr(there, "otherwise restart_syscall: kill process -> errno EPERM by "
	                              "i386: restart_syscall()"));
	assert_non_null(strstr(there, "wider getpid: kill process -> allow by i386: getpid()"));
	assert_non_null(
	        strstr(there,
	               arena_printf(&arena,
	                            "otherwise i386: calls %u to 4294967295: kill process -> "
	                            "errno ENOSYS",
	                            syscall_last_number(ARCH_I386) + 1)));
	assert_non_null(strstr(back, "narrower getpid: allow -> kill process by i386: getpid()"));
	assert_null(strstr(back, "wider"));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(difference_name(DIFFERENCE_WIDER), "wider");
	assert_string_equal(difference_name(DIFFERENCE_NARROWER), "narrower");
	assert_string_equal(difference_name(DIFFERENCE_OTHER), "otherwise");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_across),
		cmocka_unit_test(test_whole_architectures),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
