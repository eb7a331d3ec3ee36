/*
 * trust_requirement: one requirement of policy.json. Objects that only ask for what cordon does not
 * verify are read as strictly as the others: who wrote them will hear of a misspelt key here, too.
 */
#include "runtime/registry/base64.h"
#include "runtime/registry/trust_parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct trust_field plain_fields[] = { { "type", VALUE_STRING, true }, {} };

static const struct trust_field gpg_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "keyType", VALUE_STRING, true },
	{ "keyPath", VALUE_STRING, false },
	{ "keyPaths", VALUE_ARRAY, false },
	{ "keyData", VALUE_STRING, false },
	{ "signedIdentity", VALUE_OBJECT, false },
	{},
};

static const struct trust_field base_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "baseLayerIdentity", VALUE_OBJECT, true },
	{},
};

static const struct trust_field sigstore_fields[] = {
	{ "type", VALUE_STRING, true },
	{ "keyPath", VALUE_STRING, false },
	{ "keyPaths", VALUE_ARRAY, false },
	{ "keyData", VALUE_STRING, false },
	{ "keyDatas", VALUE_ARRAY, false },
	{ "fulcio", VALUE_OBJECT, false },
	{ "pki", VALUE_OBJECT, false },
	{ "rekorPublicKeyPath", VALUE_STRING, false },
	{ "rekorPublicKeyPaths", VALUE_ARRAY, false },
	{ "rekorPublicKeyData", VALUE_STRING, false },
	{ "rekorPublicKeyDatas", VALUE_ARRAY, false },
	{ "signedIdentity", VALUE_OBJECT, false },
	{},
};

static const struct trust_field fulcio_fields[] = {
	{ "caPath", VALUE_STRING, false },
	{ "caData", VALUE_STRING, false },
	{ "oidcIssuer", VALUE_STRING, true },
	{ "subjectEmail", VALUE_STRING, true },
	{},
};

static const struct trust_field pki_fields[] = {
	{ "caRootsPath", VALUE_STRING, false },
	{ "caRootsData", VALUE_STRING, false },
	{ "caIntermediatesPath", VALUE_STRING, false },
	{ "caIntermediatesData", VALUE_STRING, false },
	{ "subjectEmail", VALUE_STRING, false },
	{ "subjectHostname", VALUE_STRING, false },
	{},
};

/* Which of the keys the object has: at most one may be there, one must with `needed`. */
static int take_one_of(const struct value **ret, const struct trust_parser *parser,
                       const struct value *object, const char *const *keys, bool needed)
{
	_cleanup_text struct text names = {};

	*ret = NULL;
	for (size_t i = 0; keys[i] != NULL; i++) {
		const struct value *member = value_get(object, keys[i]);

		text_printf(&names, "%s%s", i > 0 ? ", " : "", keys[i]);
		if (member != NULL && *ret != NULL)
			return trust_complain(parser, member,
			                      "%s and %s are two sources where one is allowed",
			                      (*ret)->key, member->key);
		if (member != NULL)
			*ret = member;
	}
	if (needed && *ret == NULL)
		return trust_complain(parser, object, "one of these is missing: %s",
		                      text_string(&names));
	return 0;
}

/* ---- keys ---- */

static int take_key(struct trust_key *ret, const struct trust_parser *parser,
                    const struct value *value, bool is_data)
{
	_cleanup_text struct text data = {};

	if (value->kind != VALUE_STRING || value->length == 0)
		return trust_complain(parser, value, "a key is a string that is not empty");
	if (!is_data) {
		ret->path = value->string;
		return 0;
	}
	if (!base64_decode(&data, value->string))
		return trust_complain(parser, value, "the key is not base64");
	ret->data = arena_text(parser->arena, text_string(&data), data.length);
	ret->length = data.length;
	return 0;
}

/* keyPath, keyPaths, keyData or keyDatas. */
static int take_keys(struct trust_requirement *ret, const struct trust_parser *parser,
                     const struct value *source)
{
	bool is_data = strncmp(source->key, "keyData", strlen("keyData")) == 0;
	bool one = source->kind == VALUE_STRING;

	if (!one && source->count == 0)
		return trust_complain(parser, source, "%s is empty", source->key);
	ret->key_count = one ? 1 : source->count;
	ret->keys = arena_array(parser->arena, ret->key_count, sizeof *ret->keys);
	for (size_t i = 0; i < ret->key_count; i++)
		if (take_key(&ret->keys[i], parser, one ? source : source->items[i], is_data) < 0)
			return -1;
	return 0;
}

/* ---- the kinds ---- */

static int take_plain(struct trust_requirement *ret, const struct trust_parser *parser,
                      const struct value *object)
{
	(void)ret;
	return trust_check_fields(parser, object, plain_fields);
}

static int take_gpg(struct trust_requirement *ret, const struct trust_parser *parser,
                    const struct value *object)
{
	static const char *const types[] = { "GPGKeys", "signedByGPGKeys", "X509Certificates",
		                             "signedByX509CAs" };
	static const char *const sources[] = { "keyPath", "keyPaths", "keyData", NULL };
	const struct value *source;
	const char *type;

	if (trust_check_fields(parser, object, gpg_fields) < 0 ||
	    take_one_of(&source, parser, object, sources, true) < 0 ||
	    take_keys(ret, parser, source) < 0 ||
	    trust_take_identity(&ret->identity, parser, value_get(object, "signedIdentity")) < 0)
		return -1;
	type = value_string(value_get(object, "keyType"), "");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return 0;
	return trust_complain(parser, value_get(object, "keyType"), "keyType %.100s is not known",
	                      type);
}

static int take_base_layer(struct trust_requirement *ret, const struct trust_parser *parser,
                           const struct value *object)
{
	if (trust_check_fields(parser, object, base_fields) < 0)
		return -1;
	return trust_take_identity(&ret->identity, parser, value_get(object, "baseLayerIdentity"));
}

static int check_fulcio(const struct trust_parser *parser, const struct value *object,
                        const struct value *log)
{
	static const char *const sources[] = { "caPath", "caData", NULL };
	const struct value *source;

	if (trust_check_fields(parser, object, fulcio_fields) < 0 ||
	    take_one_of(&source, parser, object, sources, true) < 0)
		return -1;
	if (log == NULL)
		return trust_complain(parser, object, "fulcio needs a rekorPublicKeyPath");
	return 0;
}

static int check_pki(const struct trust_parser *parser, const struct value *object,
                     const struct value *log)
{
	static const char *const roots[] = { "caRootsPath", "caRootsData", NULL };
	static const char *const between[] = { "caIntermediatesPath", "caIntermediatesData", NULL };
	const struct value *source;

	if (trust_check_fields(parser, object, pki_fields) < 0 ||
	    take_one_of(&source, parser, object, roots, true) < 0 ||
	    take_one_of(&source, parser, object, between, false) < 0)
		return -1;
	if (log != NULL)
		return trust_complain(parser, log, "%s and pki exclude one another", log->key);
	if (value_get(object, "subjectEmail") == NULL &&
	    value_get(object, "subjectHostname") == NULL)
		return trust_complain(parser, object,
		                      "one of these is missing: subjectEmail, subjectHostname");
	return 0;
}

static int take_sigstore(struct trust_requirement *ret, const struct trust_parser *parser,
                         const struct value *object)
{
	static const char *const sources[] = { "keyPath", "keyPaths", "keyData", "keyDatas",
		                               "fulcio",  "pki",      NULL };
	static const char *const logs[] = { "rekorPublicKeyPath", "rekorPublicKeyPaths",
		                            "rekorPublicKeyData", "rekorPublicKeyDatas", NULL };
	const struct value *source, *log;

	if (trust_check_fields(parser, object, sigstore_fields) < 0 ||
	    take_one_of(&source, parser, object, sources, true) < 0 ||
	    take_one_of(&log, parser, object, logs, false) < 0 ||
	    trust_take_identity(&ret->identity, parser, value_get(object, "signedIdentity")) < 0)
		return -1;
	ret->unverified = log != NULL ? log->key : NULL;
	if (source->kind != VALUE_OBJECT)
		return take_keys(ret, parser, source);
	ret->unverified = source->key;
	return strcmp(source->key, "pki") == 0 ? check_pki(parser, source, log)
	                                       : check_fulcio(parser, source, log);
}

int trust_take_requirement(struct trust_requirement *ret, const struct trust_parser *parser,
                           const struct value *object)
{
	static const char *const words[] = {
		[TRUST_ACCEPT] = "insecureAcceptAnything",
		[TRUST_REJECT] = "reject",
		[TRUST_GPG] = "signedBy",
		[TRUST_BASE_LAYER] = "signedBaseLayer",
		[TRUST_SIGSTORE] = "sigstoreSigned",
		[TRUST_KINDS] = NULL,
	};
	static int (*const takers[])(struct trust_requirement *, const struct trust_parser *,
	                             const struct value *) = {
		[TRUST_ACCEPT] = take_plain,      [TRUST_REJECT] = take_plain,
		[TRUST_GPG] = take_gpg,           [TRUST_BASE_LAYER] = take_base_layer,
		[TRUST_SIGSTORE] = take_sigstore,
	};
	struct trust_requirement requirement = {};
	unsigned kind = TRUST_REJECT;

	_Static_assert(ARRAY_SIZE(takers) == TRUST_KINDS, "one reader a kind");
	if (trust_take_type(&kind, parser, object, words) < 0)
		return -1;
	requirement.kind = (enum trust_kind)kind;
	requirement.line =
	        value_position(object, text_string(parser->text), parser->text->length, false).line;
	if (takers[kind](&requirement, parser, object) < 0)
		return -1;
	*ret = requirement;
	return 0;
}
