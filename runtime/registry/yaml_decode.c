#include "runtime/registry/yaml_decode.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <yaml.h>

/* An alias stands for all that its anchor does: a few lines can mean millions of values. */
enum { DEPTH_MAX = 64, VALUES_MAX = 20000 };

struct conversion {
	struct arena *arena;
	const char *file;
	yaml_document_t document;
	unsigned depth, values;
	struct error *err;
};

static int complain(const struct conversion *conversion, const yaml_mark_t *mark, const char *what)
{
	return error_set(conversion->err, 0, "%s:%zu:%zu: %s", conversion->file, mark->line + 1,
	                 mark->column + 1, what);
}

static int convert(struct value **ret, struct conversion *conversion, int number);

/* What the core schema of YAML 1.2 calls a boolean or null; YAML 1.1's yes and on are strings. */
static struct value *convert_plain(struct conversion *conversion, const char *text)
{
	static const struct {
		const char *word;
		enum value_kind kind;
		bool boolean;
	} words[] = {
		{ "true", VALUE_BOOLEAN, true },   { "True", VALUE_BOOLEAN, true },
		{ "TRUE", VALUE_BOOLEAN, true },   { "false", VALUE_BOOLEAN, false },
		{ "False", VALUE_BOOLEAN, false }, { "FALSE", VALUE_BOOLEAN, false },
		{ "null", VALUE_NULL, false },     { "~", VALUE_NULL, false },
		{ "", VALUE_NULL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(text, words[i].word) == 0)
			return words[i].kind == VALUE_NULL
			               ? value_new_null(conversion->arena)
			               : value_new_boolean(conversion->arena, words[i].boolean);
	return value_new_string(conversion->arena, text);
}

static int convert_scalar(struct value **ret, struct conversion *conversion,
                          const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (strlen(text) != node->data.scalar.length)
		return complain(conversion, &node->start_mark, "a string with a NUL in it");
	*ret = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
	               ? convert_plain(conversion, text)
	               : value_new_string(conversion->arena, text);
	return 0;
}

static int convert_sequence(struct value **ret, struct conversion *conversion,
                            const yaml_node_t *node)
{
	struct value *array = value_new_array(conversion->arena), *item;

	for (const yaml_node_item_t *next = node->data.sequence.items.start;
	     next < node->data.sequence.items.top; next++) {
		if (convert(&item, conversion, *next) < 0)
			return -1;
		value_append(conversion->arena, array, item);
	}
	*ret = array;
	return 0;
}

static int convert_mapping(struct value **ret, struct conversion *conversion,
                           const yaml_node_t *node)
{
	struct value *object = value_new_object(conversion->arena), *item;

	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&conversion->document, pair->key);
		const char *name;

		if (key->type != YAML_SCALAR_NODE)
			return complain(conversion, &key->start_mark, "a key that is no scalar");
		name = (const char *)key->data.scalar.value;
		if (strlen(name) != key->data.scalar.length)
			return complain(conversion, &key->start_mark, "a key with a NUL in it");
		if (value_get(object, name) != NULL)
			return complain(conversion, &key->start_mark,
			                "a key that is there already");
		if (convert(&item, conversion, pair->value) < 0)
			return -1;
		value_set(conversion->arena, object, name, item);
	}
	*ret = object;
	return 0;
}

/* libyaml gives untagged nodes these. */
static bool is_plain_tag(const char *tag)
{
	static const char *const known[] = { YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(tag, known[i]) == 0)
			return true;
	return false;
}

static int convert(struct value **ret, struct conversion *conversion, int number)
{
	const yaml_node_t *node = yaml_document_get_node(&conversion->document, number);
	int result;

	if (conversion->depth == DEPTH_MAX || conversion->values == VALUES_MAX)
		return complain(conversion, &node->start_mark,
		                conversion->depth == DEPTH_MAX ? "nested too deep"
		                                               : "too many values");
	if (!is_plain_tag((const char *)node->tag))
		return complain(conversion, &node->start_mark, "a tag that is not known");
	conversion->values++;
	conversion->depth++;
	switch (node->type) {
	case YAML_SCALAR_NODE:
		result = convert_scalar(ret, conversion, node);
		break;
	case YAML_SEQUENCE_NODE:
		result = convert_sequence(ret, conversion, node);
		break;
	case YAML_MAPPING_NODE:
		result = convert_mapping(ret, conversion, node);
		break;
	default:
		result = complain(conversion, &node->start_mark, "nothing");
	}
	conversion->depth--;
	return result;
}

static int fail(const yaml_parser_t *parser, const char *file, struct error *err)
{
	const char *problem = parser->problem == NULL ? "is no YAML" : parser->problem;

	/* The reader, which decodes UTF-8, knows an offset alone. */
	if (parser->error == YAML_READER_ERROR)
		return error_set(err, 0, "%s: byte %zu: %s", file, parser->problem_offset, problem);
	return error_set(err, 0, "%s:%zu:%zu: %s", file, parser->problem_mark.line + 1,
	                 parser->problem_mark.column + 1, problem);
}

static int convert_document(struct value **ret, struct conversion *conversion)
{
	const yaml_node_t *root = yaml_document_get_root_node(&conversion->document);

	if (root != NULL)
		return convert(ret, conversion, 1);
	*ret = value_new_object(conversion->arena);
	return 0;
}

/* One document, and no other behind it. */
static int load(struct value **ret, struct conversion *conversion, yaml_parser_t *parser)
{
	yaml_document_t *document = &conversion->document;
	int result;

	if (yaml_parser_load(parser, document) == 0)
		return fail(parser, conversion->file, conversion->err);
	result = convert_document(ret, conversion);
	yaml_document_delete(document);
	if (result < 0 || parser->stream_end_produced)
		return result;
	if (yaml_parser_load(parser, document) == 0)
		return fail(parser, conversion->file, conversion->err);
	if (yaml_document_get_root_node(document) != NULL)
		result = complain(conversion, &document->start_mark, "a second document");
	yaml_document_delete(document);
	return result;
}

int yaml_decode(struct value **ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err)
{
	struct conversion conversion = { .arena = arena, .file = file, .err = err };
	yaml_parser_t parser;
	int result;

	if (yaml_parser_initialize(&parser) == 0)
		return error_set(err, 0, "%s: cannot start to read YAML", file);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text_string(text),
	                             text->length);
	result = load(ret, &conversion, &parser);
	yaml_parser_delete(&parser);
	return result;
}
