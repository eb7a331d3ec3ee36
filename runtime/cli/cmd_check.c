/*
 * system check: is all that lies in the store whole, and led to? And, if asked, the way back.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/container/check.h"
#include "runtime/image/check.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

enum { DAMAGED = 1 };

struct check_options {
	bool repair, force, quick, json;
};

#define ROW(letter, name, member, help)                                                            \
	{                                                                                          \
		letter, name, OPTION_FLAG, offsetof(struct check_options, member), NULL, help      \
	}

static const struct option check_table[] = {
	ROW('f', "force", force, "with --repair: also containers, and the images they need"),
	ROW(0, "json", json, "print JSON"),
	ROW('q', "quick", quick, "hash no blobs"),
	ROW('r', "repair", repair, "remove what is damaged or left over"),
	OPTIONS_END,
};

struct review {
	struct call *call;
	struct findings *findings;
	bool force;
};

/* A container goes before the image that it needs, if it may. */
static bool give_up(const struct review *review, const char *id)
{
	struct call *call = review->call;
	struct error ignored;

	if (!review->force ||
	    container_remove(&call->paths, &call->host, id, false, false, &ignored) < 0)
		return false;
	findings_add(review->findings, FINDING_CONTAINER, id, "its image is damaged");
	findings_repaired(review->findings, FINDING_CONTAINER, id);
	return true;
}

static bool spare(void *context, const char *image)
{
	const struct review *review = context;
	struct container *list;
	struct error ignored;
	bool needed = false;
	size_t count;

	if (container_list(&list, &count, review->call->arena, &review->call->paths, true,
	                   &ignored) < 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (image[0] != '\0' && strcmp(list[i].image_id, image) == 0)
			needed |= !give_up(review, list[i].id);
	return needed;
}

static int check_all(struct findings *findings, struct call *call, struct error *err)
{
	const struct check_options *options = call->options;
	struct review review = { call, findings, options->force };
	const struct image_check images = { .quick = options->quick,
		                            .repair = options->repair,
		                            .spare = spare,
		                            .context = &review };
	const struct container_check containers = { .repair = options->repair,
		                                    .containers = options->force };

	if (image_check(findings, &call->paths, &call->host, &images, err) < 0)
		return -1;
	return container_check(findings, &call->paths, &call->host, &containers, err);
}

/* ---- saying it ---- */

static const enum finding_kind counted[] = {
	FINDING_IMAGE, FINDING_LAYER, FINDING_BLOB, FINDING_CONTAINER, FINDING_VOLUME,
};

static size_t count_left(const struct findings *findings)
{
	size_t left = 0;

	for (size_t i = 0; i < findings->count; i++)
		left += !findings->items[i].repaired;
	return left;
}

static int print_json(struct call *call, const struct findings *findings, struct error *err)
{
	struct arena *arena = call->arena;
	struct value *root = value_new_object(arena), *rows = value_new_array(arena), *seen;
	_cleanup_text struct text text = {};

	value_set(arena, root, "clean", value_new_boolean(arena, findings->count == 0));
	value_set(arena, root, "left", value_new_integer(arena, (int64_t)count_left(findings)));
	seen = value_set(arena, root, "checked", value_new_object(arena));
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		value_set(arena, seen, finding_kind_name(counted[i]),
		          value_new_integer(arena, (int64_t)findings->seen[counted[i]]));
	value_set(arena, seen, "bytes", value_new_integer(arena, (int64_t)findings->bytes));
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		struct value *row = value_append(arena, rows, value_new_object(arena));

		value_set(arena, row, "kind",
		          value_new_string(arena, finding_kind_name(finding->kind)));
		value_set(arena, row, "name", value_new_string(arena, finding->name));
		value_set(arena, row, "problem", value_new_string(arena, finding->problem));
		value_set(arena, row, "repaired", value_new_boolean(arena, finding->repaired));
	}
	value_set(arena, root, "findings", rows);
	value_encode(&text, root, VALUE_INDENTED);
	text_append_char(&text, '\n');
	return output_print(&text, err);
}

static int print_text(struct call *call, const struct findings *findings, struct error *err)
{
	const struct check_options *options = call->options;
	_cleanup_text struct text text = {};
	size_t left = count_left(findings);

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		text_printf(&text, "%s ", finding_kind_name(finding->kind));
		text_append_visible(&text, finding->name, strlen(finding->name));
		text_append(&text, ": ");
		text_append_visible(&text, finding->problem, strlen(finding->problem));
		text_printf(&text, "%s\n", finding->repaired ? " (removed)" : "");
	}
	text_append(&text, "checked:");
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		uint64_t seen = findings->seen[counted[i]];

		text_printf(&text, "%s %llu %s%s", i > 0 ? "," : "", (unsigned long long)seen,
		            finding_kind_name(counted[i]), seen == 1 ? "" : "s");
	}
	if (!options->quick)
		text_printf(&text, "; %s hashed", human_size(call->arena, findings->bytes));
	if (findings->count == 0)
		text_append(&text, "\nall is well\n");
	else
		text_printf(&text, "\n%zu found, %zu removed\n", findings->count,
		            findings->count - left);
	return output_print(&text, err);
}

static int check(struct call *call, struct error *err)
{
	const struct check_options *options = call->options;
	struct findings findings = { .arena = call->arena };

	if (options->force && !options->repair) {
		error_set(err, 0, "--force goes with --repair");
		return error_hint(err, "a check alone changes nothing");
	}
	if (check_all(&findings, call, err) < 0)
		return -1;
	if ((options->json ? print_json : print_text)(call, &findings, err) < 0)
		return -1;
	return count_left(&findings) == 0 ? 0 : DAMAGED;
}

const struct command command_system_check = {
	.name = "system check",
	.group = GROUP_SYSTEM,
	.operands = "",
	.summary = "Check the store, file by file",
	.options = check_table,
	.options_size = sizeof(struct check_options),
	.needs = NEED_ALL,
	.failure = EXIT_ENGINE,
	.run = check,
	.details =
	        "Every blob is hashed against its name; manifests, configs, records and layers have to agree; what\n"
	        "nothing leads to is told, and so are containers whose image or files are gone, and names and\n"
	        "volumes that are nobody's. Exit status: 0, all is well (or was repaired); 1, something is not;\n"
	        "125, it could not be checked. --repair removes leftovers and damaged images that no container\n"
	        "needs: pull or load them again. Data of containers and volumes goes only with --force, and that\n"
	        "of volumes never.",
};
