#include "runtime/cli/choice.h"

#include "runtime/cli/filter.h"
#include "runtime/image/list.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>

enum { CIDFILE_MOST = 256 };

static bool is_among(const struct container *container, enum choice_among among)
{
	bool running = container->status == CONTAINER_RUNNING;

	switch (among) {
	case CHOICE_AMONG_RUNNING:
		return running;
	case CHOICE_AMONG_GOING:
		return running && !container->paused;
	case CHOICE_AMONG_PAUSED:
		return running && container->paused;
	case CHOICE_AMONG_STILL:
		return !running && container->status != CONTAINER_DEAD;
	default:
		return true;
	}
}

static int take_listed(struct plan_strings *ret, struct call *call, const struct choice *choice,
                       enum choice_among among, struct error *err)
{
	struct filters filters = { .words = &choice->filter };
	struct container *list;
	size_t count;

	if (filter_check(&choice->filter, err) < 0 ||
	    container_list(&list, &count, call->arena, &call->paths, true, err) < 0)
		return -1;
	filters.among = list;
	filters.among_count = count;
	if (choice->latest && count == 0) {
		error_set(err, 0, "there is no container that --latest could mean");
		return error_hint(err, "make one: cordon run");
	}
	for (size_t i = 0; i < (choice->latest ? 1 : count); i++) {
		int matches = filter_matches(&list[i], &filters, err);

		if (matches < 0)
			return -1;
		if (matches > 0 && (choice->latest || is_among(&list[i], among)))
			list_append(ret, call->arena, list[i].name);
	}
	return 0;
}

/* 0 where the file is not there, and that is no error. */
static int take_file(struct plan_strings *ret, struct call *call, const struct choice *choice,
                     const char *path, struct error *err)
{
	char id[CIDFILE_MOST + 1];
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	if (fd < 0 && errno == ENOENT && choice->ignore)
		return 0;
	length = fd < 0 ? -1 : read(fd, id, CIDFILE_MOST);
	if (length < 0)
		return error_set(err, errno, "cannot read the id of a container from %.400s", path);
	id[length] = '\0';
	id[strcspn(id, " \t\r\n")] = '\0';
	/* what is in it shall name one container: part of an id would be anyone's */
	if (strlen(id) != CONTAINER_ID_LENGTH || strspn(id, "0123456789abcdef") != strlen(id)) {
		error_set(err, 0, "there is no id of a container in %.400s", path);
		return error_hint(err, "run --cidfile FILE writes one");
	}
	list_append(ret, call->arena, arena_strdup(call->arena, id));
	return 0;
}

/* Takes out the names of what is not there. */
static int ignore_missing(struct plan_strings *names, struct call *call, struct error *err)
{
	struct plan_strings kept = { arena_array(call->arena, 1, sizeof *kept.items), 0 };

	for (size_t i = 0; i < names->count; i++) {
		struct container container;
		int found =
		        container_open(&container, call->arena, &call->paths, names->items[i], err);

		if (found < 0)
			return -1;
		if (found == 0)
			continue;
		container_close(&container);
		list_append(&kept, call->arena, names->items[i]);
	}
	*names = kept;
	return 0;
}

static int check(const struct call *call, const struct choice *choice, struct error *err)
{
	bool filtered = choice->filter.count > 0;
	bool named = call->count > 0 || choice->cidfile.count > 0;

	if (choice->latest + (choice->all || filtered) + named == 1)
		return 0;
	if (!named && !choice->latest)
		error_set(err, 0, "no container was named");
	else
		error_set(err, 0, "containers are named, or chosen by one option");
	return error_hint(err,
	                  "name them (cordon ps -a lists them), or see --help for what chooses "
	                  "them, as --latest");
}

int choice_take(struct call *call, const struct choice *choice, enum choice_among among,
                struct error *err)
{
	struct plan_strings names = { arena_array(call->arena, 1, sizeof *names.items), 0 };

	if (check(call, choice, err) < 0)
		return -1;
	for (size_t i = 0; i < call->count; i++)
		list_append(&names, call->arena, call->words[i]);
	for (size_t i = 0; i < choice->cidfile.count; i++)
		if (take_file(&names, call, choice, choice->cidfile.items[i], err) < 0)
			return -1;
	if ((choice->all || choice->latest || choice->filter.count > 0) &&
	    take_listed(&names, call, choice, among, err) < 0)
		return -1;
	if (choice->ignore && ignore_missing(&names, call, err) < 0)
		return -1;
	call->words = names.items;
	call->count = names.count;
	return 0;
}
