/*
 * filter: run when cordon is built. Compiles the profile of one of cordon's own helpers with
 * cordon's own compiler and writes the program as C, so that the helper can raise its last wall
 * without reading a policy where hostile bytes are near.
 *
 *	helper-filter profiles/cordon-layer.json x86_64 layer_filter > layer-filter.h
 */
#include "policy/emit.h"
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { PROFILE_LIMIT = 1 << 20, KERNEL = 6 << 16 };

static int compile(struct plan_filter *ret, struct arena *arena, const struct text *text,
                   const char *const *arguments, struct error *err)
{
	const struct policy_source source = { arguments[1], text_string(text), text->length };
	struct policy *policy, *settled;
	struct filter_table table;
	enum arch arch = strcmp(arguments[2], "aarch64") == 0 ? ARCH_AARCH64 : ARCH_X86_64;

	if (policy_parse(&policy, arena, &source, err) < 0 ||
	    policy_merge(&settled, arena, policy, NULL, 0, err) < 0 ||
	    policy_filter_table(&table, arena, settled, arch, KERNEL, 0, err) < 0)
		return -1;
	return filter_emit(ret, arena, &table, err);
}

int main(int count, char **arguments)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {}, source = {};
	struct plan_filter filter;
	struct error err;

	if (count != 4)
		return EXIT_ENGINE;
	if (io_read_file(&text, AT_FDCWD, arguments[1], PROFILE_LIMIT, &err) <= 0 ||
	    compile(&filter, &arena, &text, (const char *const *)arguments, &err) < 0) {
		fprintf(stderr, "helper-filter: %s: %s\n", arguments[1], err.text);
		return EXIT_ENGINE;
	}
	filter_print_c(&source, &filter, arguments[3]);
	return fputs(text_string(&source), stdout) < 0;
}
