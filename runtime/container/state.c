#include "runtime/container/state.h"

#include "sandbox/base/utf8.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

enum { STATE_MAX = 1 << 20 };

/* The last three: an object, a list of texts, a list of objects. */
enum field_kind {
	FIELD_STATUS,
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_FLAG,
	FIELD_OBJECT,
	FIELD_TEXTS,
	FIELD_ROWS,
};

static const struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
} fields[] = {
	{ "status", FIELD_STATUS, offsetof(struct state, status) },
	{ "name", FIELD_TEXT, offsetof(struct state, name) },
	{ "image", FIELD_TEXT, offsetof(struct state, image) },
	{ "image_id", FIELD_TEXT, offsetof(struct state, image_id) },
	{ "command", FIELD_TEXT, offsetof(struct state, command) },
	{ "ports", FIELD_TEXT, offsetof(struct state, ports) },
	{ "error", FIELD_TEXT, offsetof(struct state, error) },
	{ "network", FIELD_TEXT, offsetof(struct state, network) },
	{ "skipped", FIELD_TEXT, offsetof(struct state, skipped) },
	{ "cgroup", FIELD_TEXT, offsetof(struct state, cgroup) },
	{ "created", FIELD_NUMBER, offsetof(struct state, created) },
	{ "started", FIELD_NUMBER, offsetof(struct state, started) },
	{ "finished", FIELD_NUMBER, offsetof(struct state, finished) },
	{ "exit", FIELD_NUMBER, offsetof(struct state, exit_status) },
	{ "pid", FIELD_NUMBER, offsetof(struct state, pid) },
	{ "pid_start", FIELD_NUMBER, offsetof(struct state, pid_start) },
	{ "monitor", FIELD_NUMBER, offsetof(struct state, monitor) },
	{ "monitor_start", FIELD_NUMBER, offsetof(struct state, monitor_start) },
	{ "pasta", FIELD_NUMBER, offsetof(struct state, pasta) },
	{ "pasta_start", FIELD_NUMBER, offsetof(struct state, pasta_start) },
	{ "stop_signal", FIELD_NUMBER, offsetof(struct state, stop_signal) },
	{ "stop_timeout", FIELD_NUMBER, offsetof(struct state, stop_timeout) },
	{ "stop_timeout_given", FIELD_FLAG, offsetof(struct state, stop_timeout_given) },
	{ "remove", FIELD_FLAG, offsetof(struct state, remove) },
	{ "terminal", FIELD_FLAG, offsetof(struct state, terminal) },
	{ "interactive", FIELD_FLAG, offsetof(struct state, interactive) },
	{ "out_of_memory", FIELD_FLAG, offsetof(struct state, out_of_memory) },
	{ "labels", FIELD_OBJECT, offsetof(struct state, labels) },
	{ "anonymous", FIELD_TEXTS, offsetof(struct state, anonymous) },
	{ "published", FIELD_ROWS, offsetof(struct state, published) },
	{ "mounts", FIELD_ROWS, offsetof(struct state, mounts) },
	{ "enforced", FIELD_OBJECT, offsetof(struct state, enforced) },
};

static const char *const status_names[] = {
	[CONTAINER_CREATED] = "created",
	[CONTAINER_RUNNING] = "running",
	[CONTAINER_EXITED] = "exited",
	[CONTAINER_DEAD] = "dead",
};
_Static_assert(ARRAY_SIZE(status_names) == CONTAINER_DEAD + 1, "one name a status");

const char *state_status_name(enum container_status status)
{
	return status_names[status];
}

const char *container_status_name(const struct container *container)
{
	return container->paused ? "paused" : state_status_name(container->status);
}

const char *state_cgroup(const struct state *state)
{
	return state->cgroup == NULL || state->cgroup[0] == '\0' ? NULL : state->cgroup;
}

static enum container_status find_status(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
		if (strcmp(status_names[i], name) == 0)
			return (enum container_status)i;
	return CONTAINER_DEAD;
}

static struct value *encode_field(struct arena *arena, const struct field *field, const void *place)
{
	switch (field->kind) {
	case FIELD_STATUS:
		return value_new_string(arena, status_names[*(const enum container_status *)place]);
	case FIELD_TEXT: {
		const char *bytes = *(const char *const *)place;
		_cleanup_text struct text text = {};

		if (bytes == NULL || bytes[0] == '\0')
			return NULL;
		utf8_append(&text, bytes, strlen(bytes));
		return value_new_string(arena, text.data);
	}
	case FIELD_NUMBER: {
		int64_t number = *(const int64_t *)place;

		return number == 0 ? NULL : value_new_integer(arena, number);
	}
	case FIELD_FLAG:
		return *(const bool *)place ? value_new_boolean(arena, true) : NULL;
	case FIELD_OBJECT:
	case FIELD_TEXTS:
	case FIELD_ROWS: {
		const struct value *value = *(const struct value *const *)place;

		return value == NULL || value->count == 0 ? NULL : value_copy(arena, value);
	}
	}
	return NULL;
}

struct value *state_encode(struct arena *arena, const struct state *state)
{
	struct value *object = value_new_object(arena);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *place = (const char *)state + fields[i].offset;
		struct value *value = encode_field(arena, &fields[i], place);

		if (value != NULL)
			value_set(arena, object, fields[i].key, value);
	}
	return object;
}

/* Whoever reads a state goes by this: of a damaged one what is something else is not there. */
static bool has_shape(const struct value *value, enum field_kind kind)
{
	enum value_kind items = kind == FIELD_TEXTS ? VALUE_STRING : VALUE_OBJECT;

	if (value == NULL)
		return false;
	if (kind == FIELD_OBJECT)
		return value->kind == VALUE_OBJECT;
	if (value->kind != VALUE_ARRAY)
		return false;
	for (size_t i = 0; i < value->count; i++)
		if (value->items[i]->kind != items)
			return false;
	return true;
}

static void decode_field(const struct field *field, void *place, const struct value *value)
{
	switch (field->kind) {
	case FIELD_STATUS:
		*(enum container_status *)place = find_status(value_string(value, "dead"));
		break;
	case FIELD_TEXT:
		*(const char **)place = value_string(value, "");
		break;
	case FIELD_NUMBER:
		*(int64_t *)place = value_integer(value, 0);
		break;
	case FIELD_FLAG:
		*(bool *)place = value_boolean(value, false);
		break;
	case FIELD_OBJECT:
	case FIELD_TEXTS:
	case FIELD_ROWS:
		*(const struct value **)place = has_shape(value, field->kind) ? value : NULL;
		break;
	}
}

void state_decode(struct state *ret, const struct value *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		decode_field(&fields[i], (char *)ret + fields[i].offset,
		             value_get(value, fields[i].key));
}

struct state *state_keep(struct arena *arena, const struct state *state)
{
	struct state *kept = arena_copy(arena, state, sizeof *state);

	kept->enforced = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		void *place = (char *)kept + fields[i].offset;
		const char **text = place;
		const struct value **value = place;

		switch (fields[i].kind) {
		case FIELD_TEXT:
			*text = *text == NULL || **text == '\0' ? "" : arena_strdup(arena, *text);
			break;
		case FIELD_OBJECT:
		case FIELD_TEXTS:
		case FIELD_ROWS:
			*value = *value == NULL ? NULL : value_copy(arena, *value);
			break;
		case FIELD_STATUS:
		case FIELD_NUMBER:
		case FIELD_FLAG:
			break;
		}
	}
	return kept;
}

static int read_state(struct state *ret, struct arena *arena, int dir, const char *path,
                      struct error *err)
{
	_cleanup_text struct text text = {};
	struct value *value;
	int found = io_read_file(&text, dir, path, STATE_MAX, err);

	if (found <= 0)
		return found;
	if (value_decode_kept(&value, arena, "state.json", &text, err) < 0)
		return -1;
	state_decode(ret, value);
	return 1;
}

int state_read(struct state *ret, struct arena *arena, int dir, struct error *err)
{
	return read_state(ret, arena, dir, "state.json", err);
}

int state_read_listed(struct state *ret, struct arena *arena, int containers, const char *id,
                      struct error *err)
{
	char path[CONTAINER_ID_LENGTH + sizeof "/state.json"];

	snprintf(path, sizeof path, "%s/state.json", id);
	return read_state(ret, arena, containers, path, err);
}

int state_write(int dir, const struct state *state, enum io_durability durability,
                struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};

	value_encode(&text, state_encode(&arena, state), VALUE_COMPACT);
	text_append_char(&text, '\n');
	return io_replace_file(dir, "state.json", text.data, text.length, durability, err);
}

int state_lock(int dir)
{
	_cleanup_fd int fd = openat(dir, "record.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX) == 0 ? cleanup_take_fd(&fd) : -1;
}

int64_t state_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
