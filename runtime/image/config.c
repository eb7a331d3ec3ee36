#include "runtime/image/config.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/manifest.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char file[] = "the image's config";

int64_t config_parse_time(const char *text)
{
	struct tm parts = {};
	int hours, minutes;
	const char *zone;

	if (text == NULL || strlen(text) > 64)
		return 0;
	zone = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	if (zone == NULL)
		return 0;
	if (*zone == '.')
		zone += 1 + strspn(zone + 1, "0123456789");
	if (strcmp(zone, "Z") == 0)
		return timegm(&parts);
	if ((*zone != '+' && *zone != '-') || strlen(zone) != strlen("+02:00") ||
	    strspn(zone + 1, "0123456789") != 2 || strspn(zone + 4, "0123456789") != 2 ||
	    sscanf(zone + 1, "%2d:%2d", &hours, &minutes) != 2)
		return 0;
	return timegm(&parts) + (*zone == '-' ? 1 : -1) * (int64_t)(hours * 3600 + minutes * 60);
}

const char *config_print_time(struct arena *arena, int64_t when)
{
	time_t seconds = when;
	struct tm parts = {};
	char text[64];

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return arena_strdup(arena, text);
}

static int refuse(struct error *err, const char *key, const char *why)
{
	return error_set(err, 0, "%s: %s %s", file, key, why);
}

/* Ports come one by one where a Dockerfile exposes a range of them. */
static int check_count(const struct value *list, const char *key, struct error *err)
{
	size_t most = strcmp(key, "ExposedPorts") == 0 ? LIMIT_PORTS : LIMIT_ITEMS;

	if (list->count <= most)
		return 0;
	return error_set(err, 0, "%s: %s has %u items; cordon takes %zu", file, key, list->count,
	                 most);
}

static int check_length(const char *text, const char *key, struct error *err)
{
	size_t length = strlen(text);

	if (length <= LIMIT_PATH)
		return 0;
	return error_set(err, 0, "%s: %s has a text of %zu bytes; cordon takes %d", file, key,
	                 length, LIMIT_PATH);
}

/* An array of texts, or null. */
static int read_list(struct plan_strings *ret, struct arena *arena, const struct value *config,
                     const char *key, struct error *err)
{
	const struct value *array = value_get(config, key);

	if (array == NULL || array->kind == VALUE_NULL)
		return 0;
	if (array->kind != VALUE_ARRAY)
		return refuse(err, key, "must be an array");
	if (check_count(array, key, err) < 0)
		return -1;
	for (size_t i = 0; i < array->count; i++) {
		const char *string = value_string(array->items[i], NULL);

		if (string == NULL)
			return refuse(err, key, "must hold texts");
		list_append(ret, arena, string);
	}
	return 0;
}

/* {"/data": {}}: Go's way to write a set. */
static int read_set(struct plan_strings *ret, struct arena *arena, const struct value *config,
                    const char *key, struct error *err)
{
	const struct value *object = value_get(config, key);

	if (object == NULL || object->kind == VALUE_NULL)
		return 0;
	if (object->kind != VALUE_OBJECT)
		return refuse(err, key, "must be an object");
	if (check_count(object, key, err) < 0)
		return -1;
	for (size_t i = 0; i < object->count; i++) {
		if (check_length(object->items[i]->key, key, err) < 0)
			return -1;
		list_append(ret, arena, object->items[i]->key);
	}
	return 0;
}

/* {"name": "value"} as NAME=VALUE. A name with a '=' could not be told from its value: left out. */
static int read_labels(struct plan_strings *ret, struct arena *arena, const struct value *config,
                       struct error *err)
{
	const struct value *object = value_get(config, "Labels");

	if (object == NULL || object->kind == VALUE_NULL)
		return 0;
	if (object->kind != VALUE_OBJECT)
		return refuse(err, "Labels", "must be an object");
	if (check_count(object, "Labels", err) < 0)
		return -1;
	for (size_t i = 0; i < object->count; i++)
		if (strchr(object->items[i]->key, '=') == NULL)
			list_append(ret, arena,
			            arena_printf(arena, "%s=%s", object->items[i]->key,
			                         value_string(object->items[i], "")));
	return 0;
}

static int read_text(const char **ret, const struct value *config, const char *key,
                     struct error *err)
{
	const struct value *value = value_get(config, key);

	*ret = value_string(value, "");
	if (value != NULL && value->kind != VALUE_NULL && value->kind != VALUE_STRING)
		return refuse(err, key, "must be a text");
	return check_length(*ret, key, err);
}

static int read_launch(struct image_config *ret, struct arena *arena, const struct value *config,
                       struct error *err)
{
	if (config != NULL && config->kind != VALUE_OBJECT && config->kind != VALUE_NULL)
		return refuse(err, "config", "must be an object");
	if (read_list(&ret->entrypoint, arena, config, "Entrypoint", err) < 0 ||
	    read_list(&ret->command, arena, config, "Cmd", err) < 0 ||
	    read_list(&ret->environment, arena, config, "Env", err) < 0 ||
	    read_text(&ret->directory, config, "WorkingDir", err) < 0 ||
	    read_text(&ret->user, config, "User", err) < 0 ||
	    read_text(&ret->stop_signal, config, "StopSignal", err) < 0 ||
	    read_labels(&ret->labels, arena, config, err) < 0 ||
	    read_set(&ret->volumes, arena, config, "Volumes", err) < 0)
		return -1;
	return read_set(&ret->exposed, arena, config, "ExposedPorts", err);
}

static int read_layers(struct config *config, struct arena *arena, const struct value *rootfs,
                       struct error *err)
{
	struct plan_strings digests = {};

	if (read_list(&digests, arena, rootfs, "diff_ids", err) < 0)
		return -1;
	if (digests.count == 0)
		return refuse(err, "rootfs", "names no layers");
	if (digests.count > LIMIT_LAYERS)
		return error_set(err, 0, "%s: %zu layers; an image may have %d", file,
		                 digests.count, LIMIT_LAYERS);
	for (size_t i = 0; i < digests.count; i++) {
		const char *hex = reference_digest_hex(digests.items[i]);

		if (hex == NULL)
			return refuse(err, "diff_ids",
			              "must hold sha256: and 64 lower-case hex digits");
		list_append(&config->layers, arena, hex);
	}
	return 0;
}

int config_parse(struct config *ret, struct arena *arena, const struct text *text,
                 struct error *err)
{
	struct config config = {};
	struct value *root;

	if (text->length > LIMIT_MANIFEST)
		return error_set(err, 0, "%s: %zu bytes; cordon takes %llu", file, text->length,
		                 (unsigned long long)LIMIT_MANIFEST);
	if (value_decode(&root, arena, file, text_string(text), text->length, err) < 0)
		return -1;
	if (root->kind != VALUE_OBJECT)
		return error_set(err, 0, "%s: must be an object", file);
	if (read_launch(&config.launch, arena, value_get(root, "config"), err) < 0 ||
	    read_layers(&config, arena, value_get(root, "rootfs"), err) < 0)
		return -1;
	config.created = config_parse_time(value_string(value_get(root, "created"), NULL));
	config.platform = platform_read(root);
	*ret = config;
	return 0;
}
