/*
 * policy_report: findings of policy check, as compilers show them, and as JSON for programs.
 */
#include "runtime/cli/caret.h"
#include "runtime/cli/policy_files.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static void show(struct text *ret, const struct policy_finding *finding)
{
	text_printf(ret, "%s:", finding->file);
	if (finding->position.line > 0)
		text_printf(ret, "%u:%u:", finding->position.line, finding->position.column);
	text_printf(ret, " %s: %s\n", finding->is_error ? "error" : "warning", finding->message);
	if (finding->source != NULL)
		caret_append(ret, finding->source, finding->position.column);
	if (finding->hint != NULL)
		text_printf(ret, "  %s\n", finding->hint);
}

void policy_report_print(struct text *ret, const struct policy_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		show(ret, &report->findings[i]);
	if (report->count > 0)
		text_printf(ret, "%u error%s, %u warning%s\n", report->errors,
		            report->errors == 1 ? "" : "s", report->warnings,
		            report->warnings == 1 ? "" : "s");
}

static struct value *finding_value(struct arena *arena, const struct policy_finding *finding)
{
	struct value *object = value_new_object(arena);

	value_set(arena, object, "file", value_new_string(arena, finding->file));
	if (finding->position.line > 0) {
		value_set(arena, object, "line", value_new_integer(arena, finding->position.line));
		value_set(arena, object, "column",
		          value_new_integer(arena, finding->position.column));
	}
	value_set(arena, object, "severity",
	          value_new_string(arena, finding->is_error ? "error" : "warning"));
	value_set(arena, object, "message", value_new_string(arena, finding->message));
	if (finding->hint != NULL)
		value_set(arena, object, "hint", value_new_string(arena, finding->hint));
	return object;
}

struct value *policy_report_value(const struct policy_report *report)
{
	struct arena *arena = report->arena;
	struct value *object = value_new_object(arena), *list = value_new_array(arena);

	for (size_t i = 0; i < report->count; i++)
		value_append(arena, list, finding_value(arena, &report->findings[i]));
	value_set(arena, object, "errors", value_new_integer(arena, report->errors));
	value_set(arena, object, "warnings", value_new_integer(arena, report->warnings));
	value_set(arena, object, "findings", list);
	return object;
}
