/*
 * parse: a profile's text to a policy. The top level of schema 1 and the machinery of the key
 * tables; the sections are in parse_calls.c, parse_when.c and parse_walls.c.
 *
 * A misspelt restriction is no restriction, so whatever is not understood is an error with its
 * place in the file. Positions are looked for only then.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

const char *const facility_names[FACILITY_COUNT] = {
	[FACILITY_LANDLOCK] = "landlock",
	[FACILITY_APPARMOR] = "apparmor",
	[FACILITY_CGROUP] = "cgroup",
	[FACILITY_LIMITS] = "limits",
};

const char *const attaching_names[ATTACHING_COUNT] = {
	[ATTACHING_IGNORE] = "ignore",
	[ATTACHING_ACCEPT] = "accept",
	[ATTACHING_REQUIRE] = "require",
};

enum { SOURCE_MAX = 1 << 20, SCHEMA = 1, NEAR = 3 };

static void point(struct parser *parser, struct position position)
{
	const struct policy_source *source = parser->source;
	size_t length;
	const char *line = value_line(&length, source->text, source->length, position.line);

	if (line != NULL)
		error_point(parser->err, line, length, position.column);
}

int parse_complain(struct parser *parser, const struct value *value, const char *format, ...)
{
	_cleanup_text struct text pointer = {};
	const struct policy_source *source = parser->source;
	struct position position = value_position(value, source->text, source->length, false);
	char text[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	value_pointer(&pointer, value);
	error_set(parser->err, 0, "%s:%u:%u: %.200s%s%s", source->file, position.line,
	          position.column, text_string(&pointer), pointer.length > 0 ? ": " : "", text);
	point(parser, position);
	return -1;
}

int parse_suggest(struct parser *parser, const char *nearest)
{
	if (nearest != NULL)
		error_hint(parser->err, "did you mean '%s'?", nearest);
	return -1;
}

const char *parse_nearest(const char *word, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	unsigned best = NEAR + 1;

	if (strlen(word) > 64)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = names[i] == NULL ? best : text_distance(word, names[i]);

		if (distance < best && distance < strlen(names[i])) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}

static int unknown_key(struct parser *parser, const struct value *member, const struct key *keys,
                       size_t count)
{
	const struct policy_source *source = parser->source;
	struct position position = value_position(member, source->text, source->length, true);
	_cleanup_text struct text pointer = {}, list = {};
	const char *names[32];
	const char *nearest;

	for (size_t i = 0; i < count; i++) {
		names[i] = keys[i].name;
		text_printf(&list, "%s%s", i == 0 ? "" : ", ", keys[i].name);
	}
	value_pointer(&pointer, member);
	error_set(parser->err, 0, "%s:%u:%u: %.200s: unknown key; expected one of: %s",
	          source->file, position.line, position.column, text_string(&pointer),
	          text_string(&list));
	point(parser, position);
	nearest = parse_nearest(member->key, names, count);
	return parse_suggest(parser, nearest);
}

int parse_expect(struct parser *parser, const struct value *value, unsigned takes,
                 const char *expected)
{
	if ((1u << value->kind & takes) != 0)
		return 0;
	return parse_complain(parser, value, "expected %s, not %s", expected,
	                      value_kind_name(value->kind));
}

int parse_members(struct parser *parser, const struct value *object, const struct key *keys,
                  size_t count, void *into)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct value *member = object->items[i];
		const struct key *key = keys;

		while (key < keys + count && strcmp(key->name, member->key) != 0)
			key++;
		if (key == keys + count)
			return unknown_key(parser, member, keys, count);
		if (parse_expect(parser, member, key->takes, key->expected) < 0 ||
		    key->parse(parser, member, into) < 0)
			return -1;
	}
	return 0;
}

int parse_strings(struct parser *parser, const struct value *value, struct plan_strings *ret)
{
	struct plan_strings strings = {
		.items = arena_array(parser->arena, value->count + 1, sizeof(char *)),
	};

	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];

		if (parse_expect(parser, item, TAKES_STRING, "a string") < 0)
			return -1;
		if (item->length == 0)
			return parse_complain(parser, item, "an empty string");
		strings.items[strings.count++] = item->string;
	}
	*ret = strings;
	return 0;
}

/* ---- the top level ---- */

static int parse_schema(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	if (value->integer != SCHEMA)
		return parse_complain(parser, value, "this cordon reads schema %d, not %lld",
		                      SCHEMA, (long long)value->integer);
	return 0;
}

static int parse_name(struct parser *parser, const struct value *value, void *into)
{
	static const char letters[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	struct policy *policy = into;

	if (value->length == 0 || value->length > 128 ||
	    strspn(value->string, letters) != value->length || value->string[0] == '.' ||
	    value->string[0] == '-')
		return parse_complain(parser, value,
		                      "a name is 1 to 128 letters, digits, '.', '_' and '-', and "
		                      "begins with a letter, a digit or '_'");
	policy->name = value->string;
	parse_said(parser, SETTING_NAME);
	return 0;
}

static int parse_ignored(struct parser *parser, const struct value *value, void *into)
{
	(void)parser, (void)value, (void)into;
	return 0;
}

static int parse_images(struct parser *parser, const struct value *value, void *into)
{
	return parse_strings(parser, value, &((struct policy *)into)->images);
}

static int parse_extends(struct parser *parser, const struct value *value, void *into)
{
	return parse_strings(parser, value, &((struct policy *)into)->extends);
}

static int parse_available(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;
	struct plan_strings names;

	if (parse_strings(parser, value, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		unsigned facility = 0;

		while (facility < FACILITY_COUNT &&
		       strcmp(facility_names[facility], names.items[i]) != 0)
			facility++;
		if (facility == FACILITY_COUNT) {
			parse_complain(parser, value->items[i],
			               "only landlock, apparmor, cgroup and limits may be marked "
			               "as needed only where available");
			return parse_suggest(parser, parse_nearest(names.items[i], facility_names,
			                                           FACILITY_COUNT));
		}
		policy->available |= 1u << facility;
	}
	return 0;
}

static int parse_apparmor(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;

	if (value->length == 0 || value->length > 255 || strpbrk(value->string, " \t\n") != NULL)
		return parse_complain(parser, value, "not a name of an AppArmor profile");
	policy->apparmor = strcmp(value->string, "unconfined") == 0 ? NULL : value->string;
	parse_said(parser, SETTING_APPARMOR);
	return 0;
}

static int parse_no_new_privileges(struct parser *parser, const struct value *value, void *into)
{
	((struct policy *)into)->no_new_privileges = value->boolean;
	parse_said(parser, SETTING_NO_NEW_PRIVILEGES);
	return 0;
}

static int parse_user_namespaces(struct parser *parser, const struct value *value, void *into)
{
	((struct policy *)into)->user_namespaces = value->boolean;
	parse_said(parser, SETTING_USER_NAMESPACES);
	return 0;
}

static int parse_attaching(struct parser *parser, const struct value *value, void *into)
{
	if (!policy_attaching_from_name(&((struct policy *)into)->attaching, value->string)) {
		parse_complain(parser, value, "expected ignore, accept or require");
		return parse_suggest(parser, parse_nearest(value->string, attaching_names,
		                                           ATTACHING_COUNT));
	}
	parse_said(parser, SETTING_IMAGE_PROFILE);
	return 0;
}

static const struct key keys[] = {
	{ "$schema", TAKES_STRING, parse_ignored, "a reference to the JSON Schema, for editors" },
	{ "schema", TAKES_INTEGER, parse_schema, "the number of the schema: 1" },
	{ "name", TAKES_STRING, parse_name, "the profile's name" },
	{ "description", TAKES_STRING, parse_ignored, "a sentence for people" },
	{ "images", TAKES_ARRAY, parse_images, "a list of patterns of image names" },
	{ "extends", TAKES_ARRAY, parse_extends, "a list of profiles, by name or file" },
	{ "groups", TAKES_OBJECT, parse_ignored, "an object of lists of calls by name" },
	{ "syscalls", TAKES_OBJECT, parse_syscalls, "an object with allow, deny, default, ..." },
	{ "capabilities", TAKES_ARRAY | TAKES_OBJECT, parse_capabilities,
	  "a list of capabilities, or an object with add and drop" },
	{ "idmap", TAKES_STRING | TAKES_OBJECT, parse_idmap, "a mode, or an object with mode" },
	{ "filesystem", TAKES_OBJECT, parse_filesystem, "an object with root, tmpfs, mask, ..." },
	{ "network", TAKES_OBJECT, parse_network, "an object with bind and connect" },
	{ "limits", TAKES_OBJECT, parse_limits, "an object of limits by name" },
	{ "apparmor", TAKES_STRING, parse_apparmor, "the name of an AppArmor profile" },
	{ "no_new_privileges", TAKES_BOOLEAN, parse_no_new_privileges, "true or false" },
	{ "user_namespaces", TAKES_BOOLEAN, parse_user_namespaces, "true or false" },
	{ "image_profile", TAKES_STRING, parse_attaching, "ignore, accept or require" },
	{ "if_available", TAKES_ARRAY, parse_available,
	  "a list of what may be missing: landlock, apparmor, cgroup, limits" },
};

/* The profile's own groups first: "syscalls" may stand before them. */
static int parse_profile(struct parser *parser, const struct value *root)
{
	const struct value *groups = value_get(root, "groups");

	if (groups != NULL && groups->kind == VALUE_OBJECT && parse_groups(parser, groups) < 0)
		return -1;
	return parse_members(parser, root, keys, ARRAY_SIZE(keys), parser->policy);
}

void policy_init(struct policy *policy)
{
	*policy = (struct policy){
		.name = "unnamed",
		.fallback = { DECISION_ERRNO, EPERM },
		.unknown = { DECISION_ERRNO, ENOSYS },
		.idmap = IDMAP_RANGE,
		.landlock = true,
		.no_new_privileges = true,
	};
}

static const char *name_of_file(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash == NULL ? file : slash + 1;
	size_t length = strlen(name);

	if (text_ends(name, ".json"))
		length -= strlen(".json");
	return length == 0 ? "unnamed" : arena_text(arena, name, length);
}

/* Its values, its rules and a copy of it take some eight times the text. */
static void reserve(struct arena *arena, size_t length)
{
	enum { TIMES = 8, MOST = 256 << 10 };

	arena_reserve(arena, length < MOST / TIMES ? TIMES * length : MOST);
}

int policy_parse(struct policy **ret, struct arena *arena, const struct policy_source *source,
                 struct error *err)
{
	struct policy *policy;
	struct policy_source *kept;
	struct parser parser;
	struct value *root;
	int result;

	if (source->length > SOURCE_MAX)
		return error_set(err, 0, "%s:1:1: a profile of %zu bytes; the limit is %d",
		                 source->file, source->length, SOURCE_MAX);
	reserve(arena, source->length);
	policy = arena_alloc(arena, sizeof *policy);
	kept = arena_copy(arena, source, sizeof *source);
	parser = (struct parser){ arena, kept, policy, err, NULL };
	if (value_decode_large(&root, arena, source->file, source->text, source->length, err) < 0)
		return -1;
	kept->file = arena_strdup(arena, source->file);
	kept->text = arena_text(arena, source->text, source->length);
	policy_init(policy);
	policy->name = name_of_file(arena, source->file);
	if (parse_expect(&parser, root, TAKES_OBJECT, "a profile: an object") < 0)
		return -1;
	if (value_get(root, "defaultAction") != NULL)
		result = parse_dialect(&parser, root);
	else if (value_get(root, "schema") == NULL)
		result = parse_complain(&parser, root, "the key \"schema\" is missing: %s",
		                        "put \"schema\": 1 first");
	else
		result = parse_profile(&parser, root);
	if (result < 0)
		return -1;
	policy->texts =
	        arena_copy(arena, &(struct policy_text){ kept, root }, sizeof(struct policy_text));
	policy->text_count = 1;
	*ret = policy;
	return 0;
}

const char *policy_name(const struct policy *policy)
{
	return policy->name;
}

const struct plan_strings *policy_extends(const struct policy *policy)
{
	return &policy->extends;
}

const struct plan_strings *policy_images(const struct policy *policy)
{
	return &policy->images;
}

bool policy_matches_image(const struct policy *policy, const char *reference)
{
	for (size_t i = 0; i < policy->images.count; i++)
		if (policy_pattern_matches(policy->images.items[i], reference))
			return true;
	return false;
}
