#include "runtime/image/helper.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/mount.h"
#include "sandbox/spawn.h"
#include "sandbox/walls.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

struct start {
	const struct helper_call *call;
	int talk;
	int tally; /* -1 */
	int folder, lower;
};

/* The descriptors are moved out of the way first, because one may stand where another goes. */
static int place_descriptors(const struct start *start, struct error *err)
{
	int own[LAYER_FD_COUNT] = {
		[LAYER_FD_INPUT] = start->call->input,
		[1] = STDERR_FILENO,
		[2] = STDERR_FILENO,
		[LAYER_FD_TALK] = start->talk,
		[LAYER_FD_FOLDER] = start->folder,
		[LAYER_FD_LISTING] = start->call->listing,
		[LAYER_FD_KEEP] = start->call->keep,
		[LAYER_FD_OUTPUT] = start->call->output > 0 ? start->call->output : -1,
		[LAYER_FD_LOWER] = start->lower,
		[LAYER_FD_ORDER] = start->call->order > 0 ? start->call->order : -1,
		[LAYER_FD_TALLY] = start->tally,
	};

	for (int i = 0; i < LAYER_FD_COUNT; i++) {
		if (own[i] < 0)
			continue;
		own[i] = fcntl(own[i], F_DUPFD_CLOEXEC, 2 * LAYER_FD_COUNT);
		if (own[i] < 0)
			return error_set(err, errno, "cannot place the helper's descriptors");
	}
	for (int i = 0; i < LAYER_FD_COUNT; i++) {
		if (own[i] < 0)
			close(i);
		else if (dup2(own[i], i) < 0)
			return error_set(err, errno, "cannot place the helper's descriptors");
	}
	if (syscall(SYS_close_range, LAYER_FD_COUNT, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return error_set(err, errno, "cannot close the descriptors");
	return 0;
}

/* The way home of sandbox_task_start may be gone by now: a descriptor of the helper's stands there.
 */
__attribute__((noreturn)) static void answer_for_helper(const char *program)
{
	struct layer_answer answer = { .result = -1 };

	error_set(&answer.error, errno, "cannot start the helper %s", program);
	send(LAYER_FD_TALK, &answer, sizeof answer, MSG_NOSIGNAL);
	_exit(EXIT_ENGINE);
}

int helper_open_to_read(void *path, struct error *err)
{
	static const uint64_t attributes =
	        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	_cleanup_fd int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), mount = -1;

	if (fd < 0)
		return error_set(err, errno, "cannot open %s", (const char *)path);
	mount = mount_clone(fd, false, err);
	if (mount < 0 || mount_set_attributes(mount, attributes, false, err) < 0)
		return -1;
	return cleanup_take_fd(&mount);
}

static int start_helper(void *context, struct error *err)
{
	struct start *start = context;
	char *const arguments[] = { (char *)"layer", NULL };
	char *const environment[] = { NULL };

	if (access(start->call->program, X_OK) < 0) {
		error_set(err, errno, "cannot start the helper %s", start->call->program);
		return error_hint(err, "install cordon as a whole, or point CORDON_LIBEXEC at the "
		                       "folder of its helpers");
	}
	start->folder = start->call->open_folder == NULL
	                        ? start->call->folder
	                        : start->call->open_folder(start->call->context, err);
	if (start->call->open_folder != NULL && start->folder < 0)
		return -1;
	if (start->call->open_lower != NULL) {
		start->lower = start->call->open_lower(start->call->context, err);
		if (start->lower < 0)
			return -1;
	}
	if (place_descriptors(start, err) < 0)
		return -1;
	execve(start->call->program, arguments, environment);
	answer_for_helper(start->call->program);
}

static uint32_t count_ids(const struct plan_id_maps *maps)
{
	uint32_t count = 0;

	for (size_t i = 0; i < maps->uid_count; i++)
		count += maps->uids[i].length;
	return count;
}

static int take_answer(struct layer_answer *ret, int talk, int status, const struct error *death,
                       struct error *err)
{
	ssize_t length = recv(talk, ret, sizeof *ret, MSG_DONTWAIT);

	if (length == (ssize_t)sizeof *ret) {
		ret->blob[LAYER_HEX] = ret->diff[LAYER_HEX] = '\0';
		ret->error.text[sizeof ret->error.text - 1] = '\0';
		ret->error.hint[sizeof ret->error.hint - 1] = '\0';
		if (ret->result == 0)
			return 0;
		*err = ret->error;
		return -1;
	}
	if (status < 0)
		*err = *death;
	else
		error_set(err, 0, "the helper ended without an answer");
	return -1;
}

/* A page of both sides. It keeps its size: where a page of a file that was cut short is looked at,
 * there is a signal. */
static int open_tally(struct helper *helper, struct error *err)
{
	_cleanup_fd int fd = memfd_create("how far it is", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *page;

	if (fd < 0 || ftruncate(fd, sizeof(struct layer_tally)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return error_set(err, errno, "cannot share memory with the helper");
	page = mmap(NULL, sizeof(struct layer_tally), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return error_set(err, errno, "cannot share memory with the helper");
	helper->tally = page;
	return cleanup_take_fd(&fd);
}

static void close_tally(struct helper *helper)
{
	if (helper->tally != NULL)
		munmap((void *)helper->tally, sizeof *helper->tally);
	helper->tally = NULL;
}

static int start_task(struct helper *ret, const struct host *host, struct start *start,
                      const struct layer_request *request, struct error *err)
{
	const struct sandbox_work work = { start_helper, start };
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket pair for the helper");
	start->talk = ends[1];
	if (send(ends[0], request, sizeof *request, MSG_NOSIGNAL) != (ssize_t)sizeof *request)
		result = error_set(err, errno, "cannot speak to the helper");
	else
		result = sandbox_task_start(&ret->task, start->call->maps, host, &work, err);
	close(ends[1]);
	if (result < 0)
		close(ends[0]);
	else
		ret->talk = ends[0];
	return result;
}

int helper_start(struct helper *ret, const struct host *host, const struct helper_call *call,
                 struct error *err)
{
	struct layer_request request = { .mode = call->mode,
		                         .landlock_abi = host->landlock_abi,
		                         .capability_last = host->capability_last,
		                         .limit = call->limit,
		                         .squash = call->squash,
		                         .marks = call->marks,
		                         .repack = call->repack,
		                         .tally = call->tally,
		                         .keep = call->keep >= 0,
		                         .ids = count_ids(call->maps) };
	struct start start = { .call = call, .tally = -1, .lower = -1 };
	int result;

	ret->tally = NULL;
	if (call->tally && (start.tally = open_tally(ret, err)) < 0)
		return -1;
	result = start_task(ret, host, &start, &request, err);
	if (start.tally >= 0)
		close(start.tally);
	if (result < 0)
		close_tally(ret);
	return result;
}

sigset_t helper_interruptions(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction action;

		/* nohup(1), and a shell for what is in the background: a blocked one would come */
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	return set;
}

/* Those that are blocked: the others end the process by themselves. */
static int open_interruptions(void)
{
	sigset_t set = helper_interruptions(), blocked;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigandset(&set, &set, &blocked);
	return sigisemptyset(&set) ? -1 : signalfd(-1, &set, SFD_CLOEXEC);
}

bool helper_wait(const struct helper *helper, int timeout_ms)
{
	_cleanup_fd int interrupted = open_interruptions();
	struct pollfd polled[] = { { helper->task.pidfd, POLLIN, 0 }, { interrupted, POLLIN, 0 } };
	int count = poll(polled, ARRAY_SIZE(polled), timeout_ms);

	return count < 0 ? errno != EINTR : count > 0;
}

int helper_await(struct layer_answer *ret, struct helper *helper, struct error *err)
{
	struct error death = {};
	int status = sandbox_task_wait(&helper->task, &death);
	int result = take_answer(ret, helper->talk, status, &death, err);

	close(helper->talk);
	close_tally(helper);
	return result;
}

int helper_finish(struct layer_answer *ret, struct helper *helper, struct error *err)
{
	while (!helper_wait(helper, -1))
		;
	if (io_wait_readable(helper->task.pidfd, 0) == 1)
		return helper_await(ret, helper, err);
	helper_kill(helper);
	return error_set(err, EINTR, "it is not finished");
}

void helper_kill(struct helper *helper)
{
	sandbox_task_kill(&helper->task);
	close(helper->talk);
	close_tally(helper);
}

int helper_run(struct layer_answer *ret, const struct host *host, const struct helper_call *call,
               struct error *err)
{
	struct helper helper;

	if (helper_start(&helper, host, call, err) < 0)
		return -1;
	return helper_finish(ret, &helper, err);
}
