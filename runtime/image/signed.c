#include "runtime/image/signed.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/referrers.h"
#include "runtime/registry/base64.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SIGNATURES = 32, /* looked at, of one image */
	DOCUMENT = 1 << 20,
	PAYLOAD = 64 << 10,
	KEY = 64 << 10,
};

static const char payload_type[] = "application/vnd.dev.cosign.simplesigning.v1+json";
static const char annotation[] = "dev.cosignproject.cosign/signature";

/* One signature as it was found; nothing about it is known to be true. */
struct found {
	const char *payload;
	size_t payload_length;
	const char *signature; /* decoded */
	size_t signature_length;
};

struct search {
	const struct signed_order *order;
	struct arena *arena;
	int folder; /* empty */
	struct found found[SIGNATURES];
	size_t count;
	struct error why; /* of the last that would not do */
};

/* ---- finding ---- */

static int ask(struct text *ret, const struct search *search, enum registry_action action,
               const char *name, uint64_t size, struct error *err)
{
	struct registry_question question = { .action = action, .size = size };
	struct registry_answer answer;

	snprintf(question.name, sizeof question.name, "%s", name);
	return registry_read(ret, &answer, search->order->registry, &question, err);
}

static int take_layer(struct search *search, const struct value *layer, struct error *err)
{
	struct arena *arena = search->arena;
	const char *digest = value_string(value_get(layer, "digest"), NULL);
	const char *encoded =
	        value_string(value_get(value_get(layer, "annotations"), annotation), NULL);
	int64_t size = value_integer(value_get(layer, "size"), -1);
	_cleanup_text struct text payload = {}, signature = {};
	int status;

	if (!text_equal(value_string(value_get(layer, "mediaType"), NULL), payload_type) ||
	    reference_digest_hex(digest) == NULL || encoded == NULL || size < 0 || size > PAYLOAD ||
	    search->count == SIGNATURES || !base64_decode(&signature, encoded))
		return 0;
	status = ask(&payload, search, REGISTRY_BLOB, digest, (uint64_t)size, err);
	if (status <= 0)
		return status;
	search->found[search->count++] = (struct found){
		.payload = arena_text(arena, text_string(&payload), payload.length),
		.payload_length = payload.length,
		.signature = arena_copy(arena, text_string(&signature), signature.length + 1),
		.signature_length = signature.length,
	};
	return 0;
}

/* A manifest that holds signatures; anything else in its place holds none. */
static int take_manifest(struct search *search, const char *name, struct error *err)
{
	_cleanup_text struct text text = {};
	const struct value *layers;
	struct value *manifest;
	int status = ask(&text, search, REGISTRY_MANIFEST, name, DOCUMENT, err);

	if (status <= 0)
		return status;
	if (value_decode(&manifest, search->arena, name, text_string(&text), text.length,
	                 &search->why) < 0)
		return 0;
	layers = value_get(manifest, "layers");
	for (size_t i = 0; layers != NULL && layers->kind == VALUE_ARRAY && i < layers->count; i++)
		if (take_layer(search, layers->items[i], err) < 0)
			return -1;
	return 0;
}

/* What refers to the image. A list that is none, or breaks off, counts as far as it came: what it
 * names has to prove itself. */
static int take_referrers(struct search *search, const char *hex, struct error *err)
{
	struct referrers found = {};

	if (referrers_find(&found, search->arena, search->order->registry, hex, "cosign",
	                   &search->why) < 0)
		error_prefix(&search->why, "the list of its signatures");
	for (size_t i = 0; i < found.count && search->count < SIGNATURES; i++)
		if (take_manifest(search,
		                  arena_printf(search->arena, "sha256:%s", found.items[i].hex),
		                  err) < 0)
			return -1;
	return 0;
}

static int find_all(struct search *search, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(search->order->hex); i++) {
		const char *hex = search->order->hex[i];
		const char *tag;

		if (hex == NULL)
			continue;
		tag = arena_printf(search->arena, "sha256-%s.sig", hex);
		if (take_manifest(search, tag, err) < 0 || take_referrers(search, hex, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- judging ---- */

/* An object of these members, which end with NULL, and of no others. What a text calls critical and
 * nobody here knows would have to be obeyed: containers-signature(5) lets no reader pass over it.
 */
static bool has_exactly(const struct value *object, const char *const *names)
{
	size_t count = 0;

	for (; names[count] != NULL; count++)
		if (value_get(object, names[count]) == NULL)
			return false;
	return object != NULL && object->kind == VALUE_OBJECT && object->count == count;
}

static bool is_understood(const struct value *root)
{
	static const char *const root_names[] = { "critical", "optional", NULL };
	static const char *const critical_names[] = { "type", "image", "identity", NULL };
	static const char *const image_names[] = { "docker-manifest-digest", NULL };
	static const char *const identity_names[] = { "docker-reference", NULL };
	const struct value *critical = value_get(root, "critical");
	const struct value *optional = value_get(root, "optional");

	return has_exactly(root, root_names) && has_exactly(critical, critical_names) &&
	       has_exactly(value_get(critical, "image"), image_names) &&
	       has_exactly(value_get(critical, "identity"), identity_names) &&
	       (optional->kind == VALUE_NULL || optional->kind == VALUE_OBJECT);
}

/* What the text says, now that it is known to be signed. */
static int check_payload(const struct search *search, const struct trust_requirement *requirement,
                         const struct found *found, struct error *err)
{
	const struct signed_order *order = search->order;
	const struct value *critical;
	const char *digest, *name;
	struct value *root;
	bool speaks = false;

	if (value_decode(&root, search->arena, "the signature's text", found->payload,
	                 found->payload_length, err) < 0)
		return -1;
	critical = value_get(root, "critical");
	digest = reference_digest_hex(
	        value_string(value_path(critical, "image.docker-manifest-digest"), NULL));
	name = value_string(value_path(critical, "identity.docker-reference"), NULL);
	if (!text_equal(value_string(value_get(critical, "type"), NULL),
	                "cosign container image signature") ||
	    digest == NULL || name == NULL)
		return error_set(err, 0, "a signature does not say what it signs");
	if (!is_understood(root))
		return error_set(
		        err, 0,
		        "a signature says more than what it signs, or less, and cordon does not know "
		        "what");
	for (size_t i = 0; i < ARRAY_SIZE(order->hex); i++)
		speaks |= text_equal(order->hex[i], digest);
	if (!speaks)
		return error_set(err, 0, "a signature is of another image, sha256:%.12s", digest);
	if (!trust_identity_matches(&requirement->identity, search->arena, name, order->name))
		return error_set(err, 0, "a signature is made out to %.200s", name);
	return 0;
}

/* All of them, before the first is tried: one that is gone would else be heard of on the day it is
 * needed. */
static int read_keys(struct trust_key *ret, struct arena *arena,
                     const struct trust_requirement *requirement, struct error *err)
{
	for (size_t i = 0; i < requirement->key_count; i++) {
		const struct trust_key *key = &requirement->keys[i];
		_cleanup_text struct text text = {};
		int found;

		ret[i] = *key;
		if (key->path == NULL)
			continue;
		found = io_read_file(&text, AT_FDCWD, key->path, KEY, err);
		if (found == 0)
			return error_set(err, ENOENT, "cannot read the key %s", key->path);
		if (found < 0)
			return error_prefix(err, "the key");
		ret[i].data = arena_text(arena, text_string(&text), text.length);
		ret[i].length = text.length;
	}
	return 0;
}

/* By a helper: nobody else reads a stranger's DER. */
static int verify(const struct search *search, const struct trust_key *key,
                  const struct found *found, struct error *err)
{
	const struct stage *stage = search->order->stage;
	const struct layer_signature lengths = { (uint32_t)key->length,
		                                 (uint32_t)found->signature_length,
		                                 (uint32_t)found->payload_length };
	_cleanup_text struct text whole = {};
	_cleanup_fd int input = -1;
	struct plan_id_maps single;
	struct helper_call call = {
		.program = arena_printf(search->arena, "%s/layer", stage->paths->libexec),
		.mode = LAYER_VERIFY,
		.folder = search->folder,
		.listing = -1,
		.keep = -1,
		.limit = DOCUMENT,
		.maps = &single,
	};
	struct layer_answer answer;

	if (host_id_maps(&single, search->arena, stage->host, IDMAP_SINGLE, 0, err) < 0)
		return -1;
	text_append_bytes(&whole, &lengths, sizeof lengths);
	text_append_bytes(&whole, key->data, key->length);
	text_append_bytes(&whole, found->signature, found->signature_length);
	text_append_bytes(&whole, found->payload, found->payload_length);
	input = io_memory("a signature", whole.data, whole.length, err);
	if (input < 0)
		return -1;
	call.input = input;
	return helper_run(&answer, stage->host, &call, err);
}

/* A signature by this key will do; where none does, search->why says why. */
static bool try_key(struct search *search, const struct trust_requirement *requirement,
                    const struct trust_key *key)
{
	for (size_t i = 0; i < search->count; i++)
		if (verify(search, key, &search->found[i], &search->why) == 0 &&
		    check_payload(search, requirement, &search->found[i], &search->why) == 0)
			return true;
	return false;
}

static int meet(struct search *search, const struct trust_requirement *requirement,
                struct error *err)
{
	struct trust_key *keys = arena_array(search->arena, requirement->key_count, sizeof *keys);

	if (read_keys(keys, search->arena, requirement, err) < 0)
		return -1;
	for (size_t i = 0; i < requirement->key_count; i++)
		if (try_key(search, requirement, &keys[i]))
			return 0;
	if (search->count == 0)
		error_set(err, 0, "it is not signed, and policy.json wants it to be");
	else
		error_set(err, 0, "none of its signatures will do: %.600s", search->why.text);
	return error_hint(err,
	                  "policy.json of containers-policy.json(5) names the keys that count");
}

static int check(struct search *search, struct error *err)
{
	const struct trust_scope *scope = search->order->scope;

	if (find_all(search, err) < 0)
		return error_prefix(err, "its signatures");
	for (size_t i = 0; i < scope->count; i++)
		if (scope->requirements[i].kind == TRUST_SIGSTORE &&
		    meet(search, &scope->requirements[i], err) < 0)
			return -1;
	return 0;
}

int signed_check(const struct signed_order *order, struct error *err)
{
	static const char name[] = "verify";
	struct search *search = arena_alloc(order->stage->arena, sizeof *search);
	int result;

	search->order = order;
	search->arena = order->stage->arena;
	if (stage_make(order->stage, err) < 0)
		return -1;
	if (mkdirat(order->stage->folder, name, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make a folder in the store");
	search->folder =
	        openat(order->stage->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (search->folder < 0)
		return error_set(err, errno, "cannot open a folder of the store");
	result = check(search, err);
	close(search->folder);
	return result;
}
