/* layout: who has which name after what. */
#include "runtime/image/layout.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct layout_entry entry(const char *hex, const char *name)
{
	return (struct layout_entry){ .hex = hex, .media_type = "m", .name = name, .id = hex };
}

static void tag(struct layout *layout, struct arena *arena, const char *hex, const char *name)
{
	struct layout_entry new = entry(hex, name);

	layout_tag(layout, arena, &new);
}

/* "1=a 1=b 2=-" */
static void check(const struct layout *layout, const char *wanted)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < layout->count; i++)
		text_printf(&text, "%s%s=%s", i > 0 ? " " : "", layout->entries[i].hex,
		            layout->entries[i].name != NULL ? layout->entries[i].name : "-");
	assert_string_equal(text_string(&text), wanted);
}

static void test_tag(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct layout layout = {};

	(void)state;
	tag(&layout, &arena, "1", "a");
	check(&layout, "1=a");
	tag(&layout, &arena, "1", "a");
	check(&layout, "1=a");
	tag(&layout, &arena, "1", "b");
	check(&layout, "1=a 1=b");
	tag(&layout, &arena, "2", "a"); /* the name moves */
	check(&layout, "1=b 2=a");
	tag(&layout, &arena, "2", "b"); /* the last name: the image stays */
	check(&layout, "1=- 2=a 2=b");
	tag(&layout, &arena, "1", "c"); /* and gets a name again */
	check(&layout, "2=a 2=b 1=c");
}

static void test_nameless(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct layout layout = {};

	(void)state;
	tag(&layout, &arena, "1", NULL);
	check(&layout, "1=-");
	tag(&layout, &arena, "1", NULL);
	check(&layout, "1=-");
	tag(&layout, &arena, "1", "a");
	check(&layout, "1=a");
	tag(&layout, &arena, "1", NULL); /* loaded again without a name: it keeps its own */
	check(&layout, "1=a");
}

static void test_untag_and_forget(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct layout layout = {};

	(void)state;
	tag(&layout, &arena, "1", "a");
	tag(&layout, &arena, "1", "b");
	tag(&layout, &arena, "2", "c");
	layout_untag(&layout, "missing");
	check(&layout, "1=a 1=b 2=c");
	layout_untag(&layout, "a");
	check(&layout, "1=b 2=c");
	layout_untag(&layout, "b");
	check(&layout, "1=- 2=c");
	layout_forget(&layout, "2");
	check(&layout, "1=-");
	layout_forget(&layout, "1");
	check(&layout, "");
}

static void test_other_tools(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct layout layout = {};
	struct layout_entry other = entry("1", "x");

	(void)state;
	other.id = "";
	layout_tag(&layout, &arena, &other);
	tag(&layout, &arena, "1", "x"); /* verified now: ours */
	check(&layout, "1=x");
	assert_string_equal(layout.entries[0].id, "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_untag_and_forget),
		cmocka_unit_test(test_other_tools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
