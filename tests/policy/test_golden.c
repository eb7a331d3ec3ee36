/*
 * Golden folders: every profile of valid/ compiles to its plan.txt and answers its calls; every one
 * of invalid/ gives its error. CORDON_GOLDEN_UPDATE=1 writes the files anew.
 *
 *	valid/NAME/profile.json, plan.txt (policy show), calls: a line is
 *		CALL [ARGUMENT...] = DECISION		("clone 0x10000000 = errno EPERM")
 *	invalid/NAME/profile.json, error: the message, and the way out on a second line
 *	warned/NAME/profile.json, warnings: what policy_check says, one a line
 *
 * A valid profile NAME with a file `capabilities` (names, one line) is asked with those kept.
 */
#include "tests/policy/compiled.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

static bool update;

static const char *read_file(struct arena *arena, int dir, const char *name)
{
	_cleanup_text struct text text = {};
	struct error err = {};
	int there = io_read_file(&text, dir, name, FILE_MAX, &err);

	if (there < 0)
		fail_msg("%s", err.text);
	return there == 0 ? NULL : arena_text(arena, text_string(&text), text.length);
}

static void compare(struct arena *arena, int dir, const char *folder, const char *name,
                    const char *actual)
{
	const char *expected = read_file(arena, dir, name);
	struct error err = {};

	if (update) {
		assert_int_equal(io_replace_file(dir, name, actual, strlen(actual), IO_VOLATILE,
		                                 &err),
		                 0);
		return;
	}
	if (expected == NULL || strcmp(expected, actual) != 0)
		fail_msg("%s/%s is not what it was:\n%s", folder, name, actual);
}

/* "clone 0x11 0 = allow": the answer is checked, or put behind the '='. */
static void ask(struct text *ret, struct arena *arena, const struct filter_table *table,
                const char *line)
{
	char *words = arena_strdup(arena, line), *word, *call;
	uint64_t arguments[6] = {};
	size_t count = 0, length = strcspn(line, "=");

	words[length] = '\0';
	call = strsep(&words, " ");
	while ((word = strsep(&words, " ")) != NULL && count < 6)
		if (word[0] != '\0')
			arguments[count++] = strtoull(word, NULL, 0);
	if (syscall_find(call) == SYSCALL_UNKNOWN)
		fail_msg("no call '%s'", call);
	while (length > 0 && line[length - 1] == ' ')
		length--;
	text_append_bytes(ret, line, length);
	text_printf(ret, " = %s\n", compiled_answer(arena, table, call, arguments));
}

static uint64_t read_capabilities(struct arena *arena, int dir)
{
	char *names = arena_strdup(arena, read_file(arena, dir, "capabilities"));
	uint64_t kept = 0;

	for (char *name; names != NULL && (name = strsep(&names, " \n")) != NULL;)
		if (name[0] != '\0')
			kept |= UINT64_C(1) << capability_from_name(name);
	return kept;
}

static void check_valid(struct arena *arena, int dir, const char *folder)
{
	_cleanup_text struct text shown = {}, answers = {};
	struct policy *policy = compiled_parse(arena, read_file(arena, dir, "profile.json"));
	char *calls = arena_strdup(arena, read_file(arena, dir, "calls"));
	struct filter_table table = compiled_table(arena, policy, read_capabilities(arena, dir));

	if (calls == NULL)
		fail_msg("%s has no file 'calls'", folder);
	value_encode(&shown, policy_to_value(arena, policy), VALUE_INDENTED);
	text_append_char(&shown, '\n');
	compare(arena, dir, folder, "plan.txt", text_string(&shown));
	for (char *line; (line = strsep(&calls, "\n")) != NULL;)
		if (line[0] != '\0')
			ask(&answers, arena, &table, line);
	compare(arena, dir, folder, "calls", text_string(&answers));
}

static void check_invalid(struct arena *arena, int dir, const char *folder)
{
	_cleanup_text struct text text = {}, message = {};
	struct policy *policy = NULL;
	struct policy_source source;
	struct error err = {};

	if (io_read_file(&text, dir, "profile.json", 2 * FILE_MAX, &err) <= 0)
		fail_msg("%s: %s", folder, err.text);
	source = (struct policy_source){ "profile.json", text_string(&text), text.length };
	if (policy_parse(&policy, arena, &source, &err) == 0)
		fail_msg("%s is taken for a good profile", folder);
	assert_null(policy);
	text_printf(&message, "%s\n", err.text);
	if (err.hint[0] != '\0')
		text_printf(&message, "%s\n", err.hint);
	compare(arena, dir, folder, "error", text_string(&message));
}

static void check_warned(struct arena *arena, int dir, const char *folder)
{
	_cleanup_text struct text message = {};
	const char *text = read_file(arena, dir, "profile.json");
	struct policy_source source = { "profile.json", text, text == NULL ? 0 : strlen(text) };
	struct plan_strings warnings = {};
	struct error err = {};

	if (policy_check(&warnings, arena, compiled_parse(arena, text), &source, &err) < 0)
		fail_msg("%s: %s", folder, err.text);
	for (size_t i = 0; i < warnings.count; i++)
		text_printf(&message, "%s\n", warnings.items[i]);
	compare(arena, dir, folder, "warnings", text_string(&message));
}

static void check_all(const char *kind, size_t least,
                      void (*check)(struct arena *, int, const char *))
{
	_cleanup_dir DIR *top = NULL;
	char path[4096];
	size_t count = 0;

	snprintf(path, sizeof path, "%s/%s", CORDON_GOLDEN, kind);
	top = opendir(path);
	assert_non_null(top);
	for (struct dirent *entry; (entry = readdir(top)) != NULL;) {
		_cleanup_arena struct arena arena = {};
		_cleanup_fd int dir = -1;

		if (entry->d_name[0] == '.')
			continue;
		dir = openat(dirfd(top), entry->d_name, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		assert_true(dir >= 0);
		check(&arena, dir, entry->d_name);
		count++;
	}
	assert_true(count >= least);
}

static void test_valid(void **state)
{
	(void)state;
	check_all("valid", 20, check_valid);
}

static void test_invalid(void **state)
{
	(void)state;
	check_all("invalid", 50, check_invalid);
}

static void test_warned(void **state)
{
	(void)state;
	check_all("warned", 20, check_warned);
}

/* Big and deep texts cost bounded time and memory. */
static void test_bounded(void **state)
{
	_cleanup_text struct text text = {};
	_cleanup_arena struct arena arena = {};
	struct policy *policy = NULL;
	struct policy_source source = { .file = "big.json" };
	struct plan_strings warnings = {};
	struct filter_table table;
	struct error err = {};

	(void)state;
	text_append(&text, "{\"schema\": 1, \"syscalls\": {\"allow\": [\"write\"");
	for (unsigned i = 0; i < 10000; i++)
		text_printf(&text, ", {\"call\": \"@file-read\", \"when\": {\"kernel\": \"6.%u\"}}",
		            i % 50);
	text_append(&text, "]}}");
	source.text = text_string(&text);
	source.length = text.length;
	assert_int_equal(policy_parse(&policy, &arena, &source, &err), 0);
	table = compiled_table(&arena, policy, 0);
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "allow");
	assert_int_equal(policy_check(&warnings, &arena, policy, &source, &err), 0);
	assert_true(warnings.count >= 1 && warnings.count <= 200);
	text_clear(&text);
	for (unsigned i = 0; i < 600000; i++)
		text_append(&text, "[[");
	source.text = text_string(&text);
	source.length = text.length;
	assert_int_equal(policy_parse(&policy, &arena, &source, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_warned),
		cmocka_unit_test(test_bounded),
	};

	update = getenv("CORDON_GOLDEN_UPDATE") != NULL;
	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
