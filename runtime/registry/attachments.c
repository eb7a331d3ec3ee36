#include "runtime/registry/attachments.h"

#include "runtime/registry/scope.h"
#include "runtime/registry/yaml_decode.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static const char key[] = "use-sigstore-attachments";

struct reader {
	struct attachments *attachments;
	struct arena *arena;
	const char *file;
	struct error *err;
};

static const struct attachments_scope *find(const struct attachments *attachments,
                                            const char *scope)
{
	const struct attachments_scope *next = attachments->scopes;

	while (next != NULL && !text_equal(next->scope, scope))
		next = next->next;
	return next;
}

/* The words of YAML 1.1, too, as containers/image takes them. 1, 0 where nothing is said, -1. */
static int read_boolean(bool *ret, const struct value *value)
{
	static const struct {
		const char *word;
		bool meaning;
	} words[] = {
		{ "y", true },  { "Y", true },  { "yes", true }, { "on", true },
		{ "n", false }, { "N", false }, { "no", false }, { "off", false },
	};

	if (value == NULL || value->kind == VALUE_NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_equal(value_string(value, NULL), words[i].word)) {
			*ret = words[i].meaning;
			return 1;
		}
	*ret = value_boolean(value, false);
	return value->kind == VALUE_BOOLEAN ? 1 : -1;
}

/* One section: default-docker (scope NULL), or a member of docker. Its other keys are of places for
 * signatures of GPG, and those that are not known belong to whoever does. */
static int take_section(const struct reader *reader, const char *scope, const struct value *section)
{
	const struct attachments_scope *other = find(reader->attachments, scope);
	struct attachments_scope *added = arena_alloc(reader->arena, sizeof *added);
	const char *shown = scope != NULL ? scope : "default-docker";
	int given;

	if (section->kind != VALUE_OBJECT && section->kind != VALUE_NULL)
		return error_set(reader->err, 0, "%s: %.200s is %s, must be a mapping",
		                 reader->file, shown, value_kind_name(section->kind));
	if (other != NULL)
		return error_set(reader->err, 0, "%s: %.200s is spoken of in %s, too", reader->file,
		                 shown, other->file);
	given = read_boolean(&added->wanted, value_get(section, key));
	if (given < 0)
		return error_set(reader->err, 0, "%s: %s of %.200s must be true or false",
		                 reader->file, key, shown);
	added->next = reader->attachments->scopes;
	added->scope = scope;
	added->file = reader->file;
	added->given = given > 0;
	reader->attachments->scopes = added;
	return 0;
}

static int take_file(const struct reader *reader, const struct value *root)
{
	const struct value *all = value_get(root, "default-docker");
	const struct value *docker = value_get(root, "docker");

	if (root->kind != VALUE_OBJECT && root->kind != VALUE_NULL)
		return error_set(reader->err, 0, "%s: is %s, must be a mapping", reader->file,
		                 value_kind_name(root->kind));
	if (docker != NULL && docker->kind != VALUE_OBJECT && docker->kind != VALUE_NULL)
		return error_set(reader->err, 0, "%s: docker is %s, must be a mapping",
		                 reader->file, value_kind_name(docker->kind));
	if (all != NULL && take_section(reader, NULL, all) < 0)
		return -1;
	for (size_t i = 0; docker != NULL && docker->kind == VALUE_OBJECT && i < docker->count; i++)
		if (take_section(reader, docker->items[i]->key, docker->items[i]) < 0)
			return -1;
	return 0;
}

static int read_file(const struct reader *reader)
{
	_cleanup_text struct text text = {};
	struct value *root;
	int found = folders_read(&text, reader->file, reader->err);

	if (found <= 0)
		return found;
	if (yaml_decode(&root, reader->arena, reader->file, &text, reader->err) < 0)
		return -1;
	return take_file(reader, root);
}

int attachments_read_in(struct attachments *ret, struct arena *arena, const struct folders *folders,
                        struct error *err)
{
	const char *folder = folders_find(folders, arena, "registries.d");
	struct attachments attachments = {};
	struct plan_strings names;

	if (folder == NULL) {
		*ret = attachments;
		return 0;
	}
	if (folders_list(&names, arena, folder, ".yaml", err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const struct reader reader = { &attachments, arena,
			                       arena_printf(arena, "%s/%s", folder, names.items[i]),
			                       err };

		if (read_file(&reader) < 0)
			return -1;
	}
	*ret = attachments;
	return 0;
}

int attachments_read(struct attachments *ret, struct arena *arena, struct error *err)
{
	struct folders folders;

	folders_init(&folders, arena);
	return attachments_read_in(ret, arena, &folders, err);
}

bool attachments_wanted(const struct attachments *attachments, struct arena *arena,
                        const struct reference *reference)
{
	const struct attachments_scope *found;
	struct plan_strings scopes;

	scope_of_reference(&scopes, arena, reference);
	for (size_t i = 0; i < scopes.count; i++) {
		found = find(attachments, scopes.items[i]);
		if (found != NULL && found->given)
			return found->wanted;
	}
	found = find(attachments, NULL);
	return found != NULL && found->given && found->wanted;
}
