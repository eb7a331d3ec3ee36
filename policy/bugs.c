#include "policy/bugs.h"

#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { SCHEMA = 1, NESTING_MAX = 4 };

extern const char bugs_text[];
extern const size_t bugs_length;

struct policy_source bugs_shipped(void)
{
	return (struct policy_source){ "kernel-bugs.json", bugs_text, bugs_length };
}

/* ---- needs ---- */

static int parse_need(struct parser *parser, const struct value *value, struct bug_need *ret);

static int parse_needs(struct parser *parser, const struct value *value,
                       const struct bug_need **needs, size_t *count)
{
	struct bug_need *made = arena_array(parser->arena, value->count, sizeof *made);

	if (value->count == 0)
		return parse_complain(parser, value, "an empty list of needs");
	for (size_t i = 0; i < value->count; i++)
		if (parse_expect(parser, value->items[i], TAKES_OBJECT, "a need: an object") < 0 ||
		    parse_need(parser, value->items[i], &made[i]) < 0)
			return -1;
	*needs = made;
	*count = value->count;
	return 0;
}

static int need_call(struct parser *parser, const struct value *value, void *into)
{
	struct bug_need *need = into;
	const struct value *when = value_get(value->parent, "when");

	need->kind = BUG_CALL;
	need->rule = (struct rule){ .written = value->parent, .source = parser->source };
	if (parse_calls_of_rule(parser, value, &need->rule) < 0)
		return -1;
	return when == NULL ? 0 : parse_when(parser, when, &need->rule);
}

static int need_when(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	if (value_get(value->parent, "call") == NULL)
		return parse_complain(parser, value, "\"when\" needs \"call\" beside it");
	return 0;
}

static int need_capability(struct parser *parser, const struct value *value, void *into)
{
	struct bug_need *need = into;
	uint64_t set = 0;

	if (parse_capability(parser, value, &set) < 0)
		return -1;
	need->kind = BUG_CAPABILITY;
	need->capability = (unsigned)__builtin_ctzll(set);
	return 0;
}

static int parse_true(struct parser *parser, const struct value *value)
{
	return value->boolean ? 0 : parse_complain(parser, value, "only true says something here");
}

static int need_user_namespace(struct parser *parser, const struct value *value, void *into)
{
	((struct bug_need *)into)->kind = BUG_USER_NAMESPACE;
	return parse_true(parser, value);
}

static int need_exec(struct parser *parser, const struct value *value, void *into)
{
	((struct bug_need *)into)->kind = BUG_EXEC;
	return parse_true(parser, value);
}

static int need_device(struct parser *parser, const struct value *value, void *into)
{
	struct bug_need *need = into;

	if (!text_starts(value->string, "/dev/"))
		return parse_complain(parser, value, "a device is a path in /dev");
	need->kind = BUG_DEVICE;
	need->device = value->string;
	return 0;
}

static int need_any(struct parser *parser, const struct value *value, void *into)
{
	struct bug_need *need = into;
	unsigned depth = 0;

	for (const struct value *above = value; above != NULL; above = above->parent)
		depth += text_equal(above->key, "any");
	if (depth > NESTING_MAX)
		return parse_complain(parser, value, "\"any\" nested too deep");
	need->kind = BUG_ANY;
	return parse_needs(parser, value, &need->needs, &need->need_count);
}

static int parse_need(struct parser *parser, const struct value *value, struct bug_need *ret)
{
	static const struct key keys[] = {
		{ "call", TAKES_STRING | TAKES_ARRAY, need_call, "a call, a group or a list" },
		{ "when", TAKES_OBJECT, need_when, "an object of conditions" },
		{ "capability", TAKES_STRING, need_capability, "the name of a capability" },
		{ "user_namespace", TAKES_BOOLEAN, need_user_namespace, "true" },
		{ "privilege_by_exec", TAKES_BOOLEAN, need_exec, "true" },
		{ "device", TAKES_STRING, need_device, "a path in /dev" },
		{ "any", TAKES_ARRAY, need_any, "a list of needs, of which one is enough" },
	};
	size_t kinds = value->count - (value_get(value, "when") != NULL);

	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), ret) < 0)
		return -1;
	if (kinds != 1)
		return parse_complain(parser, value,
		                      "a need is one thing; what is needed beside "
		                      "it is a need of its own");
	return 0;
}

/* ---- bugs ---- */

static int bug_id(struct parser *parser, const struct value *value, void *into)
{
	if (value->length == 0)
		return parse_complain(parser, value, "an empty id");
	((struct bug *)into)->id = value->string;
	return 0;
}

static int bug_needs(struct parser *parser, const struct value *value, void *into)
{
	struct bug *bug = into;

	return parse_needs(parser, value, &bug->needs, &bug->need_count);
}

static int ignored(struct parser *parser, const struct value *value, void *into)
{
	(void)parser, (void)value, (void)into;
	return 0;
}

static int parse_bug(struct parser *parser, const struct value *value, struct bug *ret)
{
	static const struct key keys[] = {
		{ "id", TAKES_STRING, bug_id, "a name, as \"CVE-2014-3153\"" },
		{ "what", TAKES_STRING, ignored, "a few words" },
		{ "until", TAKES_STRING, ignored, "a kernel version" },
		{ "needs", TAKES_ARRAY, bug_needs, "a list of needs" },
		{ "confidence", TAKES_STRING, ignored, "how sure the needs are" },
		{ "source", TAKES_STRING, ignored, "who says so" },
		{ "comment", TAKES_STRING, ignored, "a sentence for people" },
	};

	*ret = (struct bug){};
	if (parse_expect(parser, value, TAKES_OBJECT, "a bug: an object") < 0 ||
	    parse_members(parser, value, keys, ARRAY_SIZE(keys), ret) < 0)
		return -1;
	ret->what = value_string(value_get(value, "what"), "");
	ret->until = value_string(value_get(value, "until"), "");
	ret->source = value_string(value_get(value, "source"), "");
	if (ret->id == NULL || ret->needs == NULL)
		return parse_complain(parser, value, "a bug has at least \"id\" and \"needs\"");
	return 0;
}

static int parse_schema(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	if (value->integer != SCHEMA)
		return parse_complain(parser, value, "this cordon reads schema %d", SCHEMA);
	return 0;
}

static int parse_bugs(struct parser *parser, const struct value *value, void *into)
{
	struct bug_table *table = into;

	table->rows = arena_array(parser->arena, value->count, sizeof *table->rows);
	for (size_t i = 0; i < value->count; i++)
		if (parse_bug(parser, value->items[i], &table->rows[table->count++]) < 0)
			return -1;
	return 0;
}

int bugs_parse(struct bug_table *ret, struct arena *arena, const struct policy_source *source,
               struct error *err)
{
	static const struct key keys[] = {
		{ "schema", TAKES_INTEGER, parse_schema, "the number of the schema: 1" },
		{ "description", TAKES_STRING, ignored, "a sentence for people" },
		{ "bugs", TAKES_ARRAY, parse_bugs, "a list of bugs" },
	};
	struct policy *policy = arena_alloc(arena, sizeof *policy);
	struct parser parser = { arena, source, policy, err, NULL };
	struct bug_table table = {};
	struct value *root;

	policy_init(policy);
	if (value_decode_large(&root, arena, source->file, source->text, source->length, err) < 0 ||
	    parse_expect(&parser, root, TAKES_OBJECT, "a table of bugs: an object") < 0 ||
	    parse_members(&parser, root, keys, ARRAY_SIZE(keys), &table) < 0)
		return -1;
	if (table.count == 0)
		return parse_complain(&parser, root, "a table without bugs");
	*ret = table;
	return 0;
}
