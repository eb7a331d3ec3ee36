#include "runtime/registry/trust.h"

#include "runtime/registry/scope.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

int trust_read_in(struct trust *ret, struct arena *arena, const struct folders *folders,
                  struct error *err)
{
	const char *path = folders_find(folders, arena, "policy.json");
	_cleanup_text struct text text = {};
	int found = path == NULL ? 0 : folders_read(&text, path, err);

	if (found == 0)
		*ret = (struct trust){};
	return found <= 0 ? found : trust_parse(ret, arena, path, &text, err);
}

int trust_read(struct trust *ret, struct arena *arena, struct error *err)
{
	struct folders folders;

	folders_init(&folders, arena);
	return trust_read_in(ret, arena, &folders, err);
}

/* ---- the scope that counts ---- */

static const struct trust_scope *find(const struct trust *trust, const char *transport,
                                      const char *scope)
{
	const struct trust_scope *next = trust->scopes;

	while (next != NULL &&
	       (!text_equal(next->transport, transport) || !text_equal(next->scope, scope)))
		next = next->next;
	return next;
}

static int list_scopes(struct plan_strings *ret, struct arena *arena, const char *transport,
                       const char *name, struct error *err)
{
	static const char *const paths[] = { "oci", "oci-archive", "dir" };
	struct reference reference;

	*ret = (struct plan_strings){};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (strcmp(transport, paths[i]) == 0)
			scope_of_path(ret, arena, name);
	if (strcmp(transport, "docker") != 0)
		return 0;
	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	scope_of_reference(ret, arena, &reference);
	return 0;
}

static int find_scope(const struct trust_scope **ret, struct arena *arena,
                      const struct trust *trust, const char *transport, const char *name,
                      struct error *err)
{
	const struct trust_scope *found = NULL;
	struct plan_strings scopes;

	if (list_scopes(&scopes, arena, transport, name, err) < 0)
		return -1;
	for (size_t i = 0; found == NULL && i < scopes.count; i++)
		found = find(trust, transport, scopes.items[i]);
	if (found == NULL)
		found = find(trust, transport, "");
	*ret = found != NULL ? found : find(trust, NULL, NULL);
	return 0;
}

/* ---- what it asks for ---- */

static int refuse(const struct trust *trust, const struct trust_requirement *requirement,
                  const char *name, struct error *err)
{
	unsigned line = requirement->line;

	switch (requirement->kind) {
	case TRUST_REJECT:
		error_set(err, 0, "%.200s is rejected by %s:%u", name, trust->file, line);
		return error_hint(err, "containers-policy.json(5) tells how to accept it");
	case TRUST_GPG:
		error_set(err, 0,
		          "%.200s needs a GPG signature (signedBy, %s:%u), which cordon does not "
		          "verify: it is refused",
		          name, trust->file, line);
		return error_hint(err, "sign it with a key of sigstore and ask for that "
		                       "(sigstoreSigned with keyPath), or verify and fetch it with "
		                       "skopeo copy into oci:DIR");
	case TRUST_BASE_LAYER:
		error_set(err, 0,
		          "%.200s needs a signed base layer (%s:%u), which nobody can verify: it "
		          "is refused",
		          name, trust->file, line);
		return error_hint(err, "containers/image does not implement signedBaseLayer "
		                       "either; ask for sigstoreSigned");
	default:
		error_set(err, 0,
		          "%.200s needs what cordon does not verify (%s, %s:%u): it is refused",
		          name, requirement->unverified, trust->file, line);
		return error_hint(err, "cordon verifies signatures of keys (keyPath, keyPaths, "
		                       "keyData, keyDatas) without a transparency log");
	}
}

int trust_requirements(const struct trust_scope **ret, struct arena *arena,
                       const struct trust *trust, const char *transport, const char *name,
                       struct error *err)
{
	const struct trust_scope *scope;
	int accepted = 1;

	if (trust->file == NULL) {
		*ret = NULL;
		return 1;
	}
	if (find_scope(&scope, arena, trust, transport, name, err) < 0)
		return -1;
	if (scope == NULL || scope->count == 0)
		return error_set(err, 0, "%s asks nothing of %.200s, not even to accept it",
		                 trust->file, name);
	for (size_t i = 0; i < scope->count; i++) {
		const struct trust_requirement *next = &scope->requirements[i];

		if (next->kind == TRUST_ACCEPT)
			continue;
		if (next->kind != TRUST_SIGSTORE || next->unverified != NULL)
			return refuse(trust, next, name, err);
		accepted = 0;
	}
	*ret = scope;
	return accepted;
}
