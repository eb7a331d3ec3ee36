#include "runtime/cli/confirm.h"

#include "runtime/cli/output.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

int confirm(const char *warning, const char *what, struct error *err)
{
	_cleanup_text struct text question = {};
	char answer[16] = "";

	text_printf(&question, "WARNING! %s\nAre you sure you want to continue? [y/N] ", warning);
	if (output_print(&question, err) < 0)
		return -1;
	fflush(stdout);
	if (fgets(answer, sizeof answer, stdin) != NULL) {
		answer[strcspn(answer, "\r\n")] = '\0';
		if (strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0)
			return 0;
	}
	error_set(err, 0, "%s has been cancelled", what);
	return error_hint(err, "answer y, or do without the question: --force");
}
