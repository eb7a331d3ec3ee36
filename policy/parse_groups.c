/*
 * parse_groups: "groups" of a profile: names of its own for lists of calls.
 *
 * They may name one another and cordon's (profiles/groups.json) in any order. Each is settled to
 * ids once, when it is first asked for; one that comes back to itself is an error that shows the
 * way.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum group_state { GROUP_NEW, GROUP_OPEN, GROUP_SETTLED };

struct own_group {
	const char *name; /* without @ */
	const struct value *written;
	enum group_state state;
	const struct own_group *asked_by; /* while it is open */
	const int *calls;                 /* ended by SYSCALL_UNKNOWN */
};

struct own_groups {
	struct own_group *items;
	size_t count;
};

static struct own_group *find(const struct own_groups *groups, const char *name)
{
	for (size_t i = 0; groups != NULL && i < groups->count; i++)
		if (strcmp(groups->items[i].name, name) == 0)
			return &groups->items[i];
	return NULL;
}

static void show_way(struct text *ret, const struct own_group *group, const struct own_group *first)
{
	if (group != first)
		show_way(ret, group->asked_by, first);
	text_printf(ret, "@%s -> ", group->name);
}

static int complain_cycle(struct parser *parser, const struct value *value,
                          const struct own_group *group, const struct own_group *asked_by)
{
	_cleanup_text struct text way = {};

	show_way(&way, asked_by, group);
	return parse_complain(parser, value, "a group that holds itself: %s@%s", text_string(&way),
	                      group->name);
}

static int settle(struct parser *parser, struct own_group *group);

/* One name in a group: marks its calls. */
static int mark(struct parser *parser, const struct value *item, struct own_group *group,
                bool *marked)
{
	struct own_group *other = NULL;
	const int *calls;
	size_t count;

	if (parse_expect(parser, item, TAKES_STRING, "the name of a call or a group") < 0)
		return -1;
	if (item->string[0] == '@')
		other = find(parser->groups, item->string + 1);
	if (other != NULL && other->state == GROUP_OPEN)
		return complain_cycle(parser, item, other, group);
	if (other != NULL && other->state == GROUP_NEW) {
		other->asked_by = group;
		if (settle(parser, other) < 0)
			return -1;
	}
	if (parse_word(parser, item, &calls, &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		marked[calls[i]] = true;
	return 0;
}

static int settle(struct parser *parser, struct own_group *group)
{
	bool *marked = arena_array(parser->arena, syscall_count(), sizeof *marked);
	int *calls = arena_array(parser->arena, syscall_count() + 1, sizeof *calls);
	size_t count = 0;

	group->state = GROUP_OPEN;
	for (size_t i = 0; i < group->written->count; i++)
		if (mark(parser, group->written->items[i], group, marked) < 0)
			return -1;
	for (size_t id = 0; id < syscall_count(); id++)
		if (marked[id])
			calls[count++] = (int)id;
	if (count == 0)
		return parse_complain(parser, group->written, "an empty group");
	calls[count] = SYSCALL_UNKNOWN;
	group->calls = calls;
	group->state = GROUP_SETTLED;
	return 0;
}

static int check_name(struct parser *parser, const struct value *value)
{
	static const char letters[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *name = value->key;
	const char *known = arena_printf(parser->arena, "@%.64s", name);

	if (name[0] == '\0' || strlen(name) > 64 || strspn(name, letters) != strlen(name))
		return parse_complain(parser, value,
		                      "a group's name is 1 to 64 letters, digits, '_' and '-'; the "
		                      "'@' is written where it is used");
	if (group_find(known) != NULL)
		return parse_complain(parser, value, "cordon has a group '%s' already", known);
	return 0;
}

int parse_groups(struct parser *parser, const struct value *value)
{
	struct own_groups *groups = arena_alloc(parser->arena, sizeof *groups);

	groups->items = arena_array(parser->arena, value->count + 1, sizeof *groups->items);
	parser->groups = groups;
	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];

		if (check_name(parser, item) < 0 ||
		    parse_expect(parser, item, TAKES_ARRAY, "a list of calls and groups") < 0)
			return -1;
		groups->items[groups->count++] = (struct own_group){ item->key, item };
	}
	for (size_t i = 0; i < groups->count; i++)
		if (groups->items[i].state == GROUP_NEW && settle(parser, &groups->items[i]) < 0)
			return -1;
	return 0;
}

const int *parse_group(const struct parser *parser, const char *name)
{
	const struct own_group *own = find(parser->groups, name + 1);

	return own != NULL ? own->calls : group_find(name);
}

const char *parse_group_nearest(const struct parser *parser, const char *name)
{
	const struct own_groups *groups = parser->groups;
	const char *nearest = group_nearest(name);
	const char *names[32] = {};
	size_t count = 0;

	for (size_t i = 0; groups != NULL && i < groups->count && count < ARRAY_SIZE(names); i++)
		names[count++] = arena_printf(parser->arena, "@%s", groups->items[i].name);
	return nearest != NULL || count == 0 ? nearest : parse_nearest(name, names, count);
}
