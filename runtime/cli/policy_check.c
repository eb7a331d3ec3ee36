/*
 * policy_check: problems of profile files, shown as compilers show them.
 */
#include "runtime/cli/policy_files.h"
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { PROFILE_MAX = 1 << 20, SHOWN_MAX = 160 };

/* A machine that can do everything: what is checked is the profile. */
static const struct host able = {
	.release = "6.12",
	.kernel = 6 << 16 | 12,
	.audit_arch = 0xc000003e,
	.landlock_abi = 7,
	.seccomp_filter = true,
	.seccomp_kill_process = true,
	.user_namespaces = true,
	.apparmor = true,
	.capability_last = 40,
};

/* "FILE:LINE:COLUMN: rest": false where the message has no place in this file. */
static bool parse_place(struct position *ret, const char **rest, const char *file,
                        const char *message)
{
	size_t length = strlen(file);
	int end = 0;

	if (strncmp(message, file, length) != 0 || message[length] != ':' ||
	    sscanf(message + length, ":%u:%u: %n", &ret->line, &ret->column, &end) != 2 || end == 0)
		return false;
	*rest = message + length + end;
	return true;
}

/* The source line, and a caret below; tabs stay tabs in both, so that they stand in one column. */
static void show_line(struct text *ret, const struct text *source, struct position position)
{
	const char *line = text_string(source), *end;
	size_t length;

	for (unsigned i = 1; i < position.line && line != NULL; i++) {
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	if (line == NULL)
		return;
	end = strchrnul(line, '\n');
	length = (size_t)(end - line) < SHOWN_MAX ? (size_t)(end - line) : SHOWN_MAX;
	if (position.column == 0 || position.column > length + 1)
		return;
	text_append(ret, "  ");
	for (size_t i = 0; i < length; i++)
		if (line[i] == '\t')
			text_append_char(ret, '\t');
		else
			text_append_visible(ret, line + i, 1);
	text_append(ret, "\n  ");
	for (size_t i = 1; i < position.column; i++)
		text_append_char(ret, line[i - 1] == '\t' ? '\t' : ' ');
	text_append(ret, "^\n");
}

static void show_error(struct text *ret, struct policy_report *report, const char *file,
                       const struct text *source, const struct error *problem)
{
	struct position position;
	const char *rest;

	report->errors++;
	if (!parse_place(&position, &rest, file, problem->text)) {
		text_printf(ret, "%s: error: %s\n", file, problem->text);
	} else {
		text_printf(ret, "%s:%u:%u: error: %s\n", file, position.line, position.column,
		            rest);
		show_line(ret, source, position);
	}
	if (problem->hint[0] != '\0')
		text_printf(ret, "  %s\n", problem->hint);
}

static void show_warnings(struct text *ret, struct policy_report *report, const char *file,
                          const struct text *source, const struct plan_strings *warnings)
{
	struct position position;
	const char *rest;

	for (size_t i = 0; i < warnings->count; i++) {
		report->warnings++;
		text_printf(ret, "%s\n", warnings->items[i]);
		if (parse_place(&position, &rest, file, warnings->items[i]))
			show_line(ret, source, position);
	}
}

/* A part of a profile need not stand alone, so what is missing to start a process is an error only
 * where it extends nothing it could come from and is meant to be used. */
static int check_compiles(struct arena *arena, const struct policy *policy,
                          const struct policy *whole, struct error *problem)
{
	static const struct policy_flags none;
	struct confinement confinement;

	if (policy_images(policy)->count == 0 && policy_extends(policy)->count == 0)
		return 0;
	return policy_compile(&confinement, arena, whole, &none, &able, problem);
}

/* Warnings are of the profile with all it extends; what cannot be extended is an error, and then
 * they are of what it says itself. */
static void check_text(struct text *ret, struct policy_report *report, const struct paths *paths,
                       const struct policy_source *source, const struct text *text)
{
	_cleanup_arena struct arena arena = {};
	const char *file = source->file;
	const char *path = strchr(file, '/') == NULL ? arena_printf(&arena, "./%s", file) : file;
	struct plan_strings warnings = {};
	struct error problem = {}, missing = {};
	struct policy *policy, *whole;
	bool joined;

	if (policy_parse(&policy, &arena, source, &problem) < 0) {
		show_error(ret, report, file, text, &problem);
		return;
	}
	joined = profile_load(&whole, &arena, paths, path, NULL, &missing) == 0;
	if (policy_check(&warnings, &arena, joined ? whole : policy, source, &problem) < 0) {
		show_error(ret, report, file, text, &problem);
		return;
	}
	show_warnings(ret, report, file, text, &warnings);
	if (!joined)
		show_error(ret, report, file, text, &missing);
	else if (check_compiles(&arena, policy, whole, &problem) < 0)
		show_error(ret, report, file, text, &problem);
}

int policy_check_file(struct text *ret, struct policy_report *report, const struct paths *paths,
                      const char *file, struct error *err)
{
	_cleanup_text struct text text = {};
	struct policy_source source = { .file = file };
	int there = io_read_file(&text, AT_FDCWD, file, PROFILE_MAX, err);

	if (there == 0)
		return error_set(err, ENOENT, "%s", file);
	if (there < 0)
		return -1;
	source.text = text_string(&text);
	source.length = text.length;
	check_text(ret, report, paths, &source, &text);
	return 0;
}
