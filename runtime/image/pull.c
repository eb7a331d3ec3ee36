/*
 * pull: from a registry (remote.h), and from places that are already on this machine:
 * "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE".
 *
 * An index may name an image per platform; the one for this machine is taken. What an index.json
 * calls an image (org.opencontainers.image.ref.name) becomes its name: in full where it is one with
 * a registry, else below localhost/, as podman does.
 */
#include "runtime/image/load.h"

#include "runtime/image/attached.h"
#include "runtime/image/beside.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/remote.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

/* Goes from an entry to a manifest, through indexes. */
static int settle(struct descriptor *ret, struct stage *stage, const struct descriptor *from,
                  struct error *err)
{
	struct descriptor at = *from;

	for (int depth = 0; at.media == MEDIA_INDEX; depth++) {
		_cleanup_text struct text text = {};
		const struct descriptor *chosen;
		struct document document;

		if (depth == LIMIT_NESTING)
			return error_set(err, 0, "an index in an index more than %d deep",
			                 LIMIT_NESTING);
		if (stage_read_blob(&text, stage, &at, err) < 0 ||
		    document_parse(&document, stage->arena, "the index", &text, at.media_type,
		                   err) < 0)
			return -1;
		if (document.media != MEDIA_INDEX)
			return error_set(err, 0, "sha256:%s is not an index", at.hex);
		chosen = document_choose(&document, &stage->wanted.platform);
		if (chosen == NULL)
			return document_without(&document, &stage->wanted.platform, stage->arena,
			                        err);
		at = *chosen;
	}
	if (at.media != MEDIA_MANIFEST)
		return error_set(err, 0, "%.100s: not the media type of an image", at.media_type);
	*ret = at;
	return 0;
}

static int add_name(struct plan_strings *names, struct stage *stage, const char *name,
                    struct error *err)
{
	struct reference reference;

	if (name == NULL)
		return 0;
	if (reference_parse(&reference, stage->arena, name, err) < 0)
		return -1;
	list_append(names, stage->arena,
	            reference.domain_given ? reference_string(stage->arena, &reference)
	                                   : reference_local_string(stage->arena, &reference));
	return 0;
}

/* The profile that lies beside it, where the policy of what it is called wants one. policy.json
 * asks for no signature here, or nothing would have been read (load_check_trust). */
static int load_attached(struct stage *stage, const struct document *index,
                         const struct descriptor *entry, struct error *err)
{
	struct staged_image *image = &stage->images[stage->count - 1];
	struct attached_order order = { .stage = stage,
		                        .index = index,
		                        .hex = { image->manifest.hex },
		                        .watch = stage->wanted.notes };

	if (entry->media == MEDIA_INDEX)
		order.hex[1] = entry->hex;
	if (stage_ask_policy(&order.attaching, &stage->wanted.policy,
	                     image->names.count > 0 ? image->names.items[0] : NULL, err) < 0)
		return -1;
	return order.attaching == ATTACHING_IGNORE ? 0 : attached_fetch(image, &order, err);
}

static int load_entry(struct stage *stage, const struct document *index,
                      const struct descriptor *entry, struct error *err)
{
	struct descriptor manifest;
	struct plan_strings names = {};

	if (settle(&manifest, stage, entry, err) < 0 ||
	    add_name(&names, stage, entry->name, err) < 0 ||
	    stage_image(stage, &manifest, &names, err) < 0)
		return -1;
	return load_attached(stage, index, entry, err);
}

/* Without names the entries are one image for several platforms, and what goes along with it. */
static int load_nameless(struct stage *stage, const struct document *index, struct error *err)
{
	struct document images = { .media = MEDIA_INDEX };
	const struct descriptor *chosen;

	images.items = arena_array(stage->arena, index->count + 1, sizeof *images.items);
	for (size_t i = 0; i < index->count; i++)
		if (beside_is_image(&index->items[i]))
			images.items[images.count++] = index->items[i];
	chosen = document_choose(&images, &stage->wanted.platform);
	return chosen == NULL
	               ? document_without(&images, &stage->wanted.platform, stage->arena, err)
	               : load_entry(stage, index, chosen, err);
}

static int no_such_tag(const struct document *index, const char *tag, struct error *err)
{
	_cleanup_text struct text known = {};

	for (size_t i = 0; i < index->count && known.length < 300; i++)
		if (index->items[i].name != NULL) {
			text_append(&known, known.length > 0 ? ", " : "");
			text_append_visible(&known, index->items[i].name,
			                    strnlen(index->items[i].name, 100));
		}
	error_set(err, 0, "the layout has no image '%.100s'", tag);
	return error_hint(err, "it has %s", known.length > 0 ? known.data : "no names at all");
}

int load_index(struct stage *stage, const struct text *text, const char *tag, struct error *err)
{
	struct document index;
	bool found = false;

	if (document_parse(&index, stage->arena, "index.json", text, NULL, err) < 0)
		return -1;
	if (index.media != MEDIA_INDEX)
		return error_set(err, 0, "index.json is not an index");
	beside_look(&index, stage);
	for (size_t i = 0; i < index.count; i++) {
		const struct descriptor *entry = &index.items[i];

		if (entry->name == NULL ||
		    (tag != NULL ? strcmp(entry->name, tag) != 0 : !beside_is_image(entry)))
			continue;
		found = true;
		if (load_entry(stage, &index, entry, err) < 0)
			return -1;
	}
	if (found)
		return 0;
	return tag != NULL ? no_such_tag(&index, tag, err) : load_nameless(stage, &index, err);
}

static int pull_layout(struct stage *stage, const char *place, const char *tag, struct error *err)
{
	_cleanup_text struct text text = {};
	_cleanup_fd int index = -1;

	stage->source = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (stage->source < 0)
		return error_set(err, errno, "cannot open the OCI layout %s", place);
	index = io_open_in_root(stage->source, "index.json", O_RDONLY | O_NONBLOCK, 0);
	if (index < 0 || faccessat(stage->source, "oci-layout", R_OK, 0) < 0)
		return error_set(err, 0,
		                 "%s is not an OCI layout: it has no index.json and oci-layout",
		                 place);
	if (io_read_all(&text, index, LIMIT_MANIFEST, err) < 0)
		return error_prefix(err, "%s/index.json", place);
	return load_index(stage, &text, tag, err);
}

static int pull_archive(struct stage *stage, const char *place, enum load_form form,
                        const char *tag, struct error *err)
{
	_cleanup_fd int fd = open(place, O_RDONLY | O_CLOEXEC);
	const struct image_archive archive = { fd, place };

	if (fd < 0)
		return error_set(err, errno, "cannot open %s", place);
	return load_stage_archive(stage, &archive, form, tag, err);
}

static int pull_oci_archive(struct stage *stage, const char *place, const char *tag,
                            struct error *err)
{
	return pull_archive(stage, place, LOAD_OCI, tag, err);
}

static int pull_docker_archive(struct stage *stage, const char *place, const char *tag,
                               struct error *err)
{
	if (tag != NULL)
		return error_set(err, 0,
		                 "docker-archive:FILE takes no name: all its images are loaded");
	return pull_archive(stage, place, LOAD_DOCKER, NULL, err);
}

static const struct transport {
	const char *prefix;
	int (*pull)(struct stage *stage, const char *place, const char *tag, struct error *err);
} transports[] = {
	{ "oci:", pull_layout },
	{ "oci-archive:", pull_oci_archive },
	{ "docker-archive:", pull_docker_archive },
};

static int pull_local(struct stage *stage, const struct transport *transport, const char *source,
                      struct error *err)
{
	char *place = arena_strdup(stage->arena, source + strlen(transport->prefix));
	char *tag = strchr(place, ':');
	const char *name;

	if (tag != NULL)
		*tag++ = '\0';
	name = arena_text(stage->arena, transport->prefix, strlen(transport->prefix) - 1);
	stage->watch = stage->wanted.watch;
	if (load_check_trust(stage->arena, name, place, err) < 0)
		return error_prefix(err, "%s", source);
	return transport->pull(stage, place, tag, err);
}

static struct stage_wish wish_of(const struct image_pull *pull, const struct host *host)
{
	struct stage_wish wish = { .platform = pull->platform,
		                   .asked = platform_is_said(&pull->platform),
		                   .watch = pull->watch,
		                   .policy = pull->policy,
		                   .notes = pull->watch };

	platform_complete(&wish.platform, host);
	return wish;
}

int image_pull(struct plan_strings *loaded, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_pull *pull, struct error *err)
{
	static const char remote[] = "docker://";
	const struct transport *transport = NULL;
	const char *source = pull->source;
	struct fetch_claim claim = { .fd = -1 };
	struct stage stage;
	int result;

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (text_starts(source, transports[i].prefix))
			transport = &transports[i];
	result = stage_open(&stage, arena, paths, host, err);
	stage.wanted = wish_of(pull, host);
	if (result == 0 && transport != NULL)
		result = pull_local(&stage, transport, source, err);
	else if (result == 0)
		result = remote_stage(&claim, &stage, pull,
		                      source + (text_starts(source, remote) ? strlen(remote) : 0),
		                      err);
	if (result == 0)
		result = stage_publish(loaded, &stage, err);
	if (result == 0)
		fetch_forget(&stage);
	fetch_release(&claim, &stage);
	stage_close(&stage);
	return result;
}

int image_verify(const char **digest, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_verify *verify, struct error *err)
{
	struct stage stage;
	int result = stage_open(&stage, arena, paths, host, err);

	if (result == 0)
		result = remote_verify(digest, &stage, verify, err);
	stage_close(&stage);
	return result;
}
