/*
 * policy_check: problems of profile files, found. policy_report.c shows them.
 */
#include "runtime/cli/policy_files.h"
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { PROFILE_MAX = 1 << 20 };

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

struct checked {
	const char *file;
	const struct text *text;
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

/* A line of the source; NULL where there is none of that number. */
static const char *take_line(struct arena *arena, const struct text *source, unsigned number)
{
	const char *line = text_string(source), *end;

	for (unsigned i = 1; i < number && line != NULL; i++) {
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	if (line == NULL)
		return NULL;
	end = strchrnul(line, '\n');
	if (*end == '\n' && end > line && end[-1] == '\r')
		end--;
	return arena_text(arena, line, (size_t)(end - line));
}

static struct policy_finding *add(struct policy_report *report)
{
	struct policy_finding *findings =
	        arena_array(report->arena, report->count + 1, sizeof *findings);

	if (report->count > 0)
		memcpy(findings, report->findings, report->count * sizeof *findings);
	report->findings = findings;
	return &findings[report->count++];
}

/* A message that may begin with its place. */
static void find(struct policy_report *report, const struct checked *checked, bool is_error,
                 const char *message)
{
	struct policy_finding *finding = add(report);
	const char *rest = message;

	*finding = (struct policy_finding){ .file = checked->file, .is_error = is_error };
	/* a file in the folder one is in is read by the name ./FILE */
	if (parse_place(&finding->position, &rest, checked->file, message) ||
	    (text_starts(message, "./") &&
	     parse_place(&finding->position, &rest, checked->file, message + 2)))
		finding->source = take_line(report->arena, checked->text, finding->position.line);
	if (!is_error && text_starts(rest, "warning: "))
		rest += strlen("warning: ");
	finding->message = arena_strdup(report->arena, rest);
	report->errors += is_error;
	report->warnings += !is_error;
}

static void find_error(struct policy_report *report, const struct checked *checked,
                       const struct error *problem)
{
	find(report, checked, true, problem->text);
	if (problem->hint[0] != '\0')
		report->findings[report->count - 1].hint =
		        arena_strdup(report->arena, problem->hint);
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
static void check_text(struct policy_report *report, const struct paths *paths,
                       const struct policy_source *source, const struct checked *checked)
{
	_cleanup_arena struct arena arena = {};
	const char *file = source->file;
	const char *path = strchr(file, '/') == NULL ? arena_printf(&arena, "./%s", file) : file;
	struct plan_strings warnings = {};
	struct error problem = {}, missing = {};
	struct policy *policy, *whole;
	bool joined;

	if (policy_parse(&policy, &arena, source, &problem) < 0) {
		find_error(report, checked, &problem);
		return;
	}
	joined = profile_load(&whole, &arena,
	                      &(struct profile_request){ .paths = paths, .given = path },
	                      &missing) == 0;
	if (policy_check(&warnings, &arena, joined ? whole : policy, source, &problem) < 0) {
		find_error(report, checked, &problem);
		return;
	}
	for (size_t i = 0; i < warnings.count; i++)
		find(report, checked, false, warnings.items[i]);
	if (!joined)
		find_error(report, checked, &missing);
	else if (check_compiles(&arena, policy, whole, &problem) < 0)
		find_error(report, checked, &problem);
}

int policy_check_file(struct policy_report *report, const struct paths *paths, const char *file,
                      struct error *err)
{
	_cleanup_text struct text text = {};
	const struct checked checked = { file, &text };
	struct policy_source source = { .file = file };
	int there = io_read_file(&text, AT_FDCWD, file, PROFILE_MAX, err);

	if (there == 0)
		return error_set(err, ENOENT, "%s", file);
	if (there < 0)
		return -1;
	source.text = text_string(&text);
	source.length = text.length;
	check_text(report, paths, &source, &checked);
	return 0;
}
