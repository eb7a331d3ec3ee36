/* What `cordon policy check`, `compile` and `show` write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/cli/policy_files.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#define BASIC                                                                                      \
	"\"execve\", \"execveat\", \"write\", \"exit\", \"exit_group\", \"rt_sigreturn\", \"@base\""

static char folder[64];
static struct paths paths;

/* Nothing is cached here. */
int paths_open_dir(const char *base, const char *name, struct error *err)
{
	return error_set(err, ENOENT, "%s/%s", base, name);
}

static const char *put(struct arena *arena, const char *name, const char *text)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	struct error err = {};

	assert_int_equal(io_replace_file(AT_FDCWD, path, text, strlen(text), IO_VOLATILE, &err), 0);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/cordon-policy-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	paths = (struct paths){ .data = folder,
		                .run = folder,
		                .cache = folder,
		                .config = folder,
		                .profiles = { folder } };
	return 0;
}

static int tear_down(void **state)
{
	struct error err = {};

	(void)state;
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static void test_error_with_caret(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const char *file = put(&arena, "bad.json", "{\"schema\": 1,\n\t\"nme\": \"x\"}\n");
	struct policy_report report = { .arena = &arena };
	struct error err = {};

	(void)state;
	assert_int_equal(policy_check_file(&report, &paths, file, &err), 0);
	policy_report_print(&text, &report);
	assert_int_equal(report.errors, 1);
	assert_non_null(strstr(text_string(&text), "bad.json:2:2: error: /nme: unknown key"));
	assert_non_null(strstr(text_string(&text), "\n  \t\"nme\": \"x\"}\n  \t^\n"));
	assert_non_null(strstr(text_string(&text), "did you mean 'name'?"));
	assert_int_equal(policy_check_file(&report, &paths, "/no/such/file", &err), -1);
}

static void test_warning_and_missing_parent(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const char *file = put(&arena, "child.json",
	                       "{\"schema\": 1, \"extends\": [\"nobody\"], \"syscalls\": "
	                       "{\"allow\": [\"read\", \"read\"]}}\n");
	struct policy_report report = { .arena = &arena };
	struct error err = {};

	(void)state;
	assert_int_equal(policy_check_file(&report, &paths, file, &err), 0);
	policy_report_print(&text, &report);
	assert_int_equal(report.errors, 1);
	assert_int_equal(report.warnings, 1);
	assert_non_null(strstr(text_string(&text), "warning: this never decides"));
	assert_non_null(strstr(text_string(&text), "there is no profile 'nobody'"));
}

static void test_formats(void **state)
{
	static const char *const formats[] = { "bpf", "disasm", "oci", "json", "c", "docker" };
	static const enum arch arches[] = { ARCH_X86_64, ARCH_AARCH64, ARCH_RISCV64 };
	_cleanup_arena struct arena arena = {};
	struct host host = { .kernel = 6 << 16, .capability_last = 40 };
	enum policy_format format;
	struct error err = {};
	struct policy *policy;
	struct value *value;

	(void)state;
	put(&arena, "default.json",
	    "{\"schema\": 1, \"syscalls\": {\"allow\": [" BASIC ", \"clone\"]}}");
	assert_int_equal(policy_find(&policy, &arena, &paths, "docker.io/library/x:1", &err), 0);
	assert_string_equal(policy_name(policy), "default");
	for (size_t i = 0; i < ARRAY_SIZE(formats) * ARRAY_SIZE(arches); i++) {
		_cleanup_text struct text text = {}, note = {};
		const char *name = formats[i % ARRAY_SIZE(formats)];

		assert_true(policy_format_from_name(&format, name));
		if (policy_compile_as(&text, &note, policy, &host, arches[i / ARRAY_SIZE(formats)],
		                      format, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(note.length, 0);
		assert_true(text.length > 0);
		if (format == POLICY_FORMAT_BPF)
			assert_int_equal(text.length % sizeof(struct sock_filter), 0);
		if (format >= POLICY_FORMAT_OCI)
			assert_int_equal(value_decode(&value, &arena, "out", text_string(&text),
			                              text.length, &err),
			                 0);
	}
	assert_false(policy_format_from_name(&format, "elf"));
}

static void test_show(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct error err = {};
	struct policy *policy;

	(void)state;
	put(&arena, "default.json", "{\"schema\": 1, \"capabilities\": [\"CHOWN\"]}");
	put(&arena, "web.json",
	    "{\"schema\": 1, \"extends\": [\"default\"], \"capabilities\": [\"KILL\"]}");
	assert_int_equal(policy_find(&policy, &arena, &paths, "web", &err), 0);
	policy_show(&text, policy);
	assert_non_null(strstr(text_string(&text), "\"CHOWN\",\n        \"KILL\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_error_with_caret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_warning_and_missing_parent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_formats, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_show, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("policy_files", tests, NULL, NULL);
}
