#include "runtime/cli/each.h"

#include "runtime/cli/output.h"
#include "runtime/cli/template/template.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

void each_failed(bool *failed, const struct error *one, struct error *err)
{
	if (*failed)
		output_error(err);
	*failed = true;
	*err = *one;
}

int each_named(struct call *call,
               int (*act)(struct call *call, const char *name, struct error *err), bool say,
               struct error *err)
{
	struct error one;
	bool failed = false;

	for (size_t i = 0; i < call->count; i++) {
		int result = act(call, call->words[i], &one);

		if (result == 0 && say && output_line(err, "%s", call->words[i]) < 0)
			return -1;
		if (result < 0)
			each_failed(&failed, &one, err);
	}
	return failed ? -1 : 0;
}

int each_shown(struct call *call,
               int (*look)(struct value **ret, struct call *call, const char *name,
                           struct error *err),
               const char *format, struct error *err)
{
	struct value *array = value_new_array(call->arena);
	bool json = format == NULL || strcmp(format, "json") == 0;
	const struct template *template = NULL;
	_cleanup_text struct text text = {};

	if (!json && template_parse(&template, call->arena, format, err) < 0)
		return -1;
	for (size_t i = 0; i < call->count; i++) {
		struct value *one;

		if (look(&one, call, call->words[i], err) < 0)
			return -1;
		value_append(call->arena, array, one);
		if (json)
			continue;
		if (template_run(&text, template, one, err) < 0)
			return -1;
		text_append_char(&text, '\n');
	}
	if (json) {
		value_encode(&text, array, format == NULL ? VALUE_INDENTED : VALUE_COMPACT);
		text_append_char(&text, '\n');
	}
	return output_print(&text, err);
}
