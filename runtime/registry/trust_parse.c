#include "runtime/registry/trust_parse.h"

#include "sandbox/base/cleanup.h"

#include <stdarg.h>
#include <string.h>

int trust_complain(const struct trust_parser *parser, const struct value *at, const char *format,
                   ...)
{
	struct position position =
	        value_position(at, text_string(parser->text), parser->text->length, true);
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	return error_set(parser->err, 0, "%s:%u:%u: %s", parser->file, position.line,
	                 position.column, text);
}

static const struct trust_field *find_field(const struct trust_field *fields, const char *name)
{
	while (fields->name != NULL && strcmp(fields->name, name) != 0)
		fields++;
	return fields->name == NULL ? NULL : fields;
}

int trust_check_fields(const struct trust_parser *parser, const struct value *object,
                       const struct trust_field *fields)
{
	if (object->kind != VALUE_OBJECT)
		return trust_complain(parser, object, "is %s, must be an object",
		                      value_kind_name(object->kind));
	for (size_t i = 0; i < object->count; i++) {
		const struct value *member = object->items[i];
		const struct trust_field *field = find_field(fields, member->key);

		if (field == NULL)
			return trust_complain(parser, member, "%.100s is no key here", member->key);
		if (member->kind != field->kind)
			return trust_complain(parser, member, "%s is %s, must be %s", field->name,
			                      value_kind_name(member->kind),
			                      value_kind_name(field->kind));
	}
	for (; fields->name != NULL; fields++)
		if (fields->required && value_get(object, fields->name) == NULL)
			return trust_complain(parser, object, "%s is missing", fields->name);
	return 0;
}

int trust_take_type(unsigned *ret, const struct trust_parser *parser, const struct value *object,
                    const char *const *words)
{
	const struct value *type = value_get(object, "type");

	if (object->kind != VALUE_OBJECT)
		return trust_complain(parser, object, "is %s, must be an object",
		                      value_kind_name(object->kind));
	for (unsigned i = 0; type != NULL && words[i] != NULL; i++)
		if (text_equal(value_string(type, NULL), words[i])) {
			*ret = i;
			return 0;
		}
	return trust_complain(parser, type != NULL ? type : object, "type is %s%.100s%s",
	                      type == NULL ? "missing" : "none that is known: '",
	                      value_string(type, ""), type == NULL ? "" : "'");
}

/* ---- scopes ---- */

static int take_list(struct trust_scope *scope, const struct trust_parser *parser,
                     const struct value *list)
{
	if (list->kind != VALUE_ARRAY || list->count == 0)
		return trust_complain(parser, list,
		                      "must be a list of requirements, and not an empty one");
	scope->requirements = arena_array(parser->arena, list->count, sizeof *scope->requirements);
	scope->count = list->count;
	for (size_t i = 0; i < list->count; i++)
		if (trust_take_requirement(&scope->requirements[i], parser, list->items[i]) < 0)
			return -1;
	return 0;
}

/* What is an absolute path, as realpath(3) would write it, but "/". */
static bool is_clean_path(const char *scope)
{
	size_t length = strlen(scope);

	return length > 1 && scope[0] == '/' && scope[length - 1] != '/' &&
	       strstr(scope, "//") == NULL && strstr(scope, "/./") == NULL &&
	       strstr(scope, "/../") == NULL && !text_ends(scope, "/.") && !text_ends(scope, "/..");
}

/* Does it ask for more than to be accepted? */
static bool restricts(const struct value *list)
{
	for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->count; i++)
		if (!text_equal(value_string(value_get(list->items[i], "type"), NULL),
		                "insecureAcceptAnything"))
			return true;
	return false;
}

/* Could an image's full name, or a part of one, be called so? */
static bool is_part_of_name(const char *scope)
{
	const char *host = scope + (text_starts(scope, "*.") ? strlen("*.") : 0);
	size_t length = strcspn(host, "/");

	if (host != scope)
		return host[0] != '\0' && host[0] != '.' && strpbrk(host, "*/:@") == NULL;
	return length > 0 && strpbrk(scope, "* \t") == NULL && strstr(scope, "//") == NULL &&
	       scope[strlen(scope) - 1] != '/' &&
	       (memchr(host, '.', length) != NULL || memchr(host, ':', length) != NULL ||
	        (length == strlen("localhost") && strncmp(host, "localhost", length) == 0));
}

/* A scope that fits no image is passed over by containers/image. Where it takes something away,
 * that would be a restriction that is none. */
static int check_name(const struct trust_parser *parser, const struct value *member)
{
	if (is_part_of_name(member->key) || !restricts(member))
		return 0;
	return trust_complain(parser, member,
	                      "no image is called '%.100s', so it would restrict nothing: names "
	                      "are those in full, as docker.io/library/nginx, registry.example or "
	                      "*.example.com",
	                      member->key);
}

/* As the transports of containers/image do. Those that are not here take what they are given. */
static int check_scope(const struct trust_parser *parser, const struct value *member)
{
	static const char *const paths[] = { "oci", "oci-archive", "dir" };
	const char *transport = member->parent->key, *scope = member->key;

	if (scope[0] == '\0')
		return 0;
	if (strcmp(transport, "docker") == 0)
		return check_name(parser, member);
	if (strcmp(transport, "docker-archive") == 0)
		return trust_complain(parser, member, "docker-archive has no scope but \"\"");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (strcmp(transport, paths[i]) == 0 && !is_clean_path(scope))
			return trust_complain(parser, member,
			                      "a scope of %s is an absolute path, without '.', "
			                      "'..' and '/' at its end",
			                      transport);
		else if (strcmp(transport, paths[i]) == 0 && strchr(scope, ':') != NULL &&
		         restricts(member))
			return trust_complain(parser, member,
			                      "a scope of %s is a path; what stands behind ':' is "
			                      "not looked at, so it would restrict nothing",
			                      transport);
	return 0;
}

/* Transports of containers/image, most of which are none of cordon's. What is nearly called like
 * one was meant to be it. */
static int check_transport(const struct trust_parser *parser, const struct value *transport)
{
	static const char *const names[] = {
		"docker", "docker-archive",     "docker-daemon", "oci", "oci-archive", "dir",
		"atomic", "containers-storage", "ostree",        "sif", "static",      "tarball",
	};
	const char *near = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned distance = text_distance(transport->key, names[i]);

		if (distance == 0)
			return 0;
		/* "sit" is no "sif" */
		if (distance <= 2 && strlen(names[i]) > 4)
			near = names[i];
	}
	if (near == NULL)
		return 0;
	trust_complain(parser, transport, "%.100s is no transport", transport->key);
	return error_hint(parser->err, "did you mean %s?", near);
}

static int take_transport(struct trust *trust, const struct trust_parser *parser,
                          const struct value *transport)
{
	if (check_transport(parser, transport) < 0)
		return -1;
	if (transport->kind != VALUE_OBJECT)
		return trust_complain(parser, transport, "must be an object of scopes");
	for (size_t i = 0; i < transport->count; i++) {
		const struct value *member = transport->items[i];
		struct trust_scope *scope = arena_alloc(parser->arena, sizeof *scope);

		*scope = (struct trust_scope){ .next = trust->scopes,
			                       .transport = transport->key,
			                       .scope = member->key };
		if (check_scope(parser, member) < 0 || take_list(scope, parser, member) < 0)
			return -1;
		trust->scopes = scope;
	}
	return 0;
}

int trust_parse(struct trust *ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err)
{
	static const struct trust_field fields[] = { { "default", VALUE_ARRAY, true },
		                                     { "transports", VALUE_OBJECT, false },
		                                     {} };
	const struct trust_parser parser = { arena, arena_strdup(arena, file), text, err };
	struct trust_scope *all = arena_alloc(arena, sizeof *all);
	struct trust trust = { .file = parser.file, .scopes = all };
	const struct value *transports;
	struct value *root;

	if (value_decode(&root, arena, file, text_string(text), text->length, err) < 0 ||
	    trust_check_fields(&parser, root, fields) < 0 ||
	    take_list(all, &parser, value_get(root, "default")) < 0)
		return -1;
	transports = value_get(root, "transports");
	for (size_t i = 0; transports != NULL && i < transports->count; i++)
		if (take_transport(&trust, &parser, transports->items[i]) < 0)
			return -1;
	*ret = trust;
	return 0;
}
