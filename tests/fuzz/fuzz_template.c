/*
 * fuzz_template: a --format template, parsed and carried out on a tree like inspect's, as a value
 * and as a table's titles. It has to end, in bounded memory, with text or with an error.
 */
#include "runtime/cli/template/template.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] =
        "{\"Id\":\"0123456789ab\",\"Name\":\"/web\",\"Args\":[\"-g\",\"\\u00fc\"],\"Nothing\":null,"
        "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":42,\"Ratio\":1.5},"
        "\"Config\":{\"Labels\":{\"a.b\":\"c\"},\"Env\":[\"A=b\"]},"
        "\"Mounts\":[{\"Source\":\"/a\",\"RW\":true},{\"Source\":\"/b\",\"RW\":false}],"
        "\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]}}}";

static void check(int result, const struct error *err)
{
	if (result < 0 && !text_starts(err->text, "in --format, "))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_free char *source = strndup((const char *)data, size);
	_cleanup_text struct text text = {};
	const struct template *template;
	struct value *value;
	struct error err = {};

	if (source == NULL ||
	    value_decode(&value, &arena, "document", document, sizeof document - 1, &err) < 0)
		abort();
	if (template_parse(&template, &arena, source, &err) < 0) {
		check(-1, &err);
		return 0;
	}
	check(template_run(&text, template, value, &err), &err);
	check(template_run_titles(&text, template, value, &err), &err);
	return 0;
}
