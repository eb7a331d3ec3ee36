/*
 * trust_identity: signedIdentity, read and compared.
 *
 * A signature says of which image it is, by name. Against which name of ours that is held is what a
 * signedIdentity tells. An image that is asked for by digest has been held against that digest
 * already, whatever tag it was written with; so then the repository is what counts.
 */
#include "runtime/registry/trust_parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* ---- reading ---- */

static const struct trust_field type_only[] = { { "type", VALUE_STRING, true }, {} };
static const struct trust_field reference_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "dockerReference", VALUE_STRING, true },
	{},
};
static const struct trust_field repository_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "dockerRepository", VALUE_STRING, true },
	{},
};
static const struct trust_field remap_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "prefix", VALUE_STRING, true },
	{ "signedPrefix", VALUE_STRING, true },
	{},
};

static const struct kind {
	const char *word;
	const struct trust_field *fields;
	const char *name; /* the key that names an image */
} kinds[] = {
	[MATCH_EXACT] = { "matchExact", type_only, NULL },
	[MATCH_REPOSITORY_DIGEST_OR_EXACT] = { "matchRepoDigestOrExact", type_only, NULL },
	[MATCH_REPOSITORY] = { "matchRepository", type_only, NULL },
	[MATCH_EXACT_REFERENCE] = { "exactReference", reference_fields, "dockerReference" },
	[MATCH_EXACT_REPOSITORY] = { "exactRepository", repository_fields, "dockerRepository" },
	[MATCH_REMAP] = { "remapIdentity", remap_fields, NULL },
};
_Static_assert(ARRAY_SIZE(kinds) == MATCH_KINDS, "one row a kind");

/* HOST[:PORT][/PATH], without tag and digest. */
static int take_prefix(const char **ret, const struct trust_parser *parser,
                       const struct value *object, const char *key)
{
	const struct value *value = value_get(object, key);
	struct reference reference;

	if (reference_parse(&reference, parser->arena,
	                    arena_printf(parser->arena, "%s/x", value->string), parser->err) < 0 ||
	    !reference.domain_given)
		return trust_complain(parser, value,
		                      "%s is not HOST, HOST:PORT, or one of them with a path", key);
	*ret = value->string;
	return 0;
}

static int take_name(struct trust_identity *ret, const struct trust_parser *parser,
                     const struct value *value)
{
	struct reference reference;

	if (reference_parse(&reference, parser->arena, value->string, parser->err) < 0)
		return trust_complain(parser, value, "%s is no image's name", value->key);
	if (ret->match == MATCH_EXACT_REFERENCE && reference.bare)
		return trust_complain(parser, value, "%s has neither tag nor digest", value->key);
	ret->name = value->string;
	return 0;
}

int trust_take_identity(struct trust_identity *ret, const struct trust_parser *parser,
                        const struct value *object)
{
	struct trust_identity identity = { .match = MATCH_REPOSITORY_DIGEST_OR_EXACT };
	const char *words[MATCH_KINDS + 1] = {};
	unsigned kind = MATCH_EXACT;

	for (size_t i = 0; i < MATCH_KINDS; i++)
		words[i] = kinds[i].word;
	if (object != NULL) {
		if (trust_take_type(&kind, parser, object, words) < 0 ||
		    trust_check_fields(parser, object, kinds[kind].fields) < 0)
			return -1;
		identity.match = (enum trust_match)kind;
		if (kinds[kind].name != NULL &&
		    take_name(&identity, parser, value_get(object, kinds[kind].name)) < 0)
			return -1;
		if (kind == MATCH_REMAP &&
		    (take_prefix(&identity.prefix, parser, object, "prefix") < 0 ||
		     take_prefix(&identity.signed_prefix, parser, object, "signedPrefix") < 0))
			return -1;
	}
	*ret = identity;
	return 0;
}

/* ---- comparing ---- */

static bool same_repository(const struct reference *a, const struct reference *b)
{
	return strcmp(a->domain, b->domain) == 0 && strcmp(a->path, b->path) == 0;
}

static bool same(const struct reference *a, const struct reference *b)
{
	return same_repository(a, b) && text_equal(a->tag, b->tag) &&
	       text_equal(a->digest, b->digest);
}

static bool digest_or_exact(const struct reference *image, const struct reference *claimed)
{
	if (claimed->bare)
		return false;
	return image->digest != NULL ? same_repository(image, claimed) : same(image, claimed);
}

/* The image under the name that it was signed as: `signed_prefix` in place of `prefix`. */
static bool remap(struct reference *ret, struct arena *arena, const struct trust_identity *identity,
                  const struct reference *image)
{
	const char *name = arena_printf(arena, "%s/%s", image->domain, image->path);
	size_t length = strlen(identity->prefix);
	struct error err;

	*ret = *image;
	if (strncmp(name, identity->prefix, length) != 0 ||
	    (name[length] != '\0' && name[length] != '/'))
		return true;
	name = arena_printf(arena, "%s%s", identity->signed_prefix,
	                    reference_string(arena, image) + length);
	/* Only a name in full: docker.io/x would become docker.io/library/x, which nobody wrote. */
	return reference_parse(ret, arena, name, &err) == 0 && ret->domain_given &&
	       strcmp(reference_string(arena, ret), name) == 0;
}

bool trust_identity_matches(const struct trust_identity *identity, struct arena *arena,
                            const char *signed_name, const struct reference *image)
{
	struct reference claimed, other, asked = {};
	struct error err;

	if (reference_parse(&claimed, arena, signed_name, &err) < 0)
		return false;
	if (image != NULL) {
		asked = *image;
		if (asked.digest != NULL)
			asked.tag = NULL;
	}
	switch (identity->match) {
	case MATCH_EXACT:
		return image != NULL && !claimed.bare && same(&asked, &claimed);
	case MATCH_REPOSITORY_DIGEST_OR_EXACT:
		return image != NULL && digest_or_exact(&asked, &claimed);
	case MATCH_REPOSITORY:
		return image != NULL && same_repository(&asked, &claimed);
	case MATCH_EXACT_REFERENCE:
		return reference_parse(&other, arena, identity->name, &err) == 0 && !other.bare &&
		       !claimed.bare && same(&other, &claimed);
	case MATCH_EXACT_REPOSITORY:
		return reference_parse(&other, arena, identity->name, &err) == 0 &&
		       same_repository(&other, &claimed);
	case MATCH_REMAP:
		return image != NULL && remap(&other, arena, identity, &asked) &&
		       digest_or_exact(&other, &claimed);
	default:
		return false;
	}
}
