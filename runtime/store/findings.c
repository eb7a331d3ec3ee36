#include "runtime/store/findings.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdarg.h>
#include <string.h>

const char *finding_kind_name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
		[FINDING_STORE] = "store",         [FINDING_IMAGE] = "image",
		[FINDING_BLOB] = "blob",           [FINDING_LAYER] = "layer",
		[FINDING_RECORD] = "record",       [FINDING_STAGE] = "stage",
		[FINDING_CONTAINER] = "container", [FINDING_NAME] = "name",
		[FINDING_VOLUME] = "volume",
	};

	return names[kind];
}

void findings_add(struct findings *findings, enum finding_kind kind, const char *name,
                  const char *format, ...)
{
	_cleanup_free char *problem = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&problem, format, arguments) < 0)
		abort();
	va_end(arguments);
	findings->items = arena_more(findings->arena, findings->items, findings->count,
	                             &findings->room, sizeof *findings->items);
	findings->items[findings->count++] = (struct finding){
		.kind = kind,
		.name = arena_strdup(findings->arena, name),
		.problem = arena_strdup(findings->arena, problem),
	};
}

void findings_repaired(struct findings *findings, enum finding_kind kind, const char *name)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].kind == kind && strcmp(findings->items[i].name, name) == 0)
			findings->items[i].repaired = true;
}
