#include "runtime/registry/credentials_helper.h"

#include "policy/value.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { HELPER_MILLISECONDS = 120000, HELPER_LIMIT = 64 << 10 };

/* How helpers say so: docker-credential-helpers, credentials/error.go. */
static const char not_found[] = "credentials not found in native keychain";

/* ---- which program ---- */

static bool is_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* In the absolute folders of PATH: never in the one that a user happens to stand in. */
static bool find_program(char ret[PATH_MAX], const char *name)
{
	const char *next = getenv("PATH");

	while (next != NULL && *next != '\0') {
		size_t length = strcspn(next, ":");
		int used = snprintf(ret, PATH_MAX, "%.*s/docker-credential-%s", (int)length, next,
		                    name);

		if (*next == '/' && used < PATH_MAX && is_program(ret))
			return true;
		next += length + (next[length] == ':');
	}
	return false;
}

bool credentials_helper_installed(const char *name)
{
	char path[PATH_MAX];

	return is_name(name) && find_program(path, name);
}

/* ---- one run ---- */

struct helper {
	const char *program, *action;
	int input, output; /* the helper's ends */
	pid_t pid;
	int pidfd;
};

/* In the child: nothing but the three standard descriptors, and signals as they are by default. */
static void become(const struct helper *helper)
{
	char *const arguments[] = { (char *)helper->program, (char *)helper->action, NULL };
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(helper->input, 0) == 0 &&
	    dup2(helper->output, 1) == 1 && syscall(SYS_close_range, 3U, ~0U, 0) == 0)
		execv(helper->program, arguments);
	_exit(127);
}

/* One piece of what it writes. 1, 0 at its end, -1. */
static int take_output(struct text *ret, const struct helper *helper, int from, struct error *err)
{
	char buffer[4096];
	ssize_t count = read(from, buffer, sizeof buffer);

	if (count < 0 && errno == EINTR)
		return 1;
	if (count < 0)
		return error_set(err, errno, "cannot read from %s", helper->program);
	text_append_bytes(ret, buffer, (size_t)count);
	if (ret->length > HELPER_LIMIT)
		return error_set(err, 0, "%s said more than %d bytes", helper->program,
		                 HELPER_LIMIT);
	return count > 0;
}

/* Until it has ended, and what it wrote is read: a process of its own that holds the pipe open is
 * not waited for. */
static int listen_to(struct text *ret, const struct helper *helper, int from, int timeout_ms,
                     struct error *err)
{
	struct pollfd wait[] = { { .fd = from, .events = POLLIN },
		                 { .fd = helper->pidfd, .events = POLLIN } };
	uint64_t end = io_now() + (uint64_t)timeout_ms * 1000000;

	for (;;) {
		bool ended = wait[1].fd < 0;
		uint64_t now = ended ? end : io_now();
		int ready = poll(wait, 2, now >= end ? 0 : (int)((end - now) / 1000000) + 1);
		int more = 1;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return error_set(err, errno, "cannot wait for %s", helper->program);
		if (ready == 0 && ended)
			return 0;
		if (ready == 0)
			return error_set(err, 0, "%s gave no answer for %d ms", helper->program,
			                 timeout_ms);
		if (wait[0].revents != 0)
			more = take_output(ret, helper, from, err);
		if (more < 0)
			return -1;
		if (more == 0)
			wait[0].fd = -1;
		if (wait[1].revents != 0)
			wait[1].fd = -1;
	}
}

static int start(struct helper *helper, struct error *err)
{
	helper->pid = fork();
	if (helper->pid == 0)
		become(helper);
	if (helper->pid < 0)
		return error_set(err, errno, "cannot start %s", helper->program);
	helper->pidfd = pidfd_open(helper->pid, 0);
	return helper->pidfd < 0 ? error_set(err, errno, "cannot watch %s", helper->program) : 0;
}

/* No child is left behind, however it went. */
static int end(struct helper *helper, int result)
{
	int status = 0;

	if (helper->pid > 0) {
		if (result < 0)
			kill(helper->pid, SIGKILL);
		while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	cleanup_close(&helper->pidfd);
	return status;
}

int credentials_helper_run(struct text *ret, int *ret_status,
                           const struct credentials_helper_call *call, struct error *err)
{
	_cleanup_fd int input = -1, output = -1, from = -1;
	struct helper helper = { .action = call->action, .pidfd = -1 };
	char program[PATH_MAX];
	int ends[2], result;

	if (!is_name(call->name))
		return error_set(err, 0, "'%.80s' is no name of a credential helper ([a-z0-9-])",
		                 call->name);
	if (!find_program(program, call->name)) {
		error_set(err, 0, "the credential helper docker-credential-%s is not in PATH",
		          call->name);
		return error_hint(err, "install it, or take its name out of credHelpers, "
		                       "credsStore or credential-helpers");
	}
	helper.program = program;
	/* in memory, so that a helper that does not read the question keeps nobody waiting */
	input = io_memory("the question", call->input, strlen(call->input), err);
	if (input < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot speak to %s", program);
	from = ends[0];
	output = ends[1];
	helper.input = input;
	helper.output = output;
	result = start(&helper, err);
	cleanup_close(&output);
	output = -1;
	if (result == 0)
		result = listen_to(ret, &helper, from, call->timeout_ms, err);
	*ret_status = end(&helper, result);
	return result;
}

/* ---- the four questions ---- */

/* 1, 0 where the helper has nothing, -1. */
static int ask(struct text *ret, const char *name, const char *action, const char *input,
               struct error *err)
{
	struct credentials_helper_call call = { name, action, input, HELPER_MILLISECONDS };
	_cleanup_text struct text shown = {};
	int status;

	if (credentials_helper_run(ret, &status, &call, err) < 0)
		return -1;
	while (ret->length > 0 && strchr(" \r\n", ret->data[ret->length - 1]) != NULL)
		ret->data[--ret->length] = '\0';
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	if (strcmp(text_string(ret), not_found) == 0)
		return 0;
	text_append_visible(&shown, text_string(ret), ret->length > 300 ? 300 : ret->length);
	if (WIFSIGNALED(status))
		return error_set(err, 0, "docker-credential-%s %s: killed by signal %d", name,
		                 action, WTERMSIG(status));
	return error_set(err, 0, "docker-credential-%s %s: %s", name, action,
	                 shown.length > 0 ? text_string(&shown) : "failed without a word");
}

static int bad_answer(const char *name, const char *why, struct error *err)
{
	return error_set(err, 0, "docker-credential-%s get: its answer %s", name, why);
}

int credentials_helper_get(struct credentials *ret, struct arena *arena, const char *name,
                           const char *server, struct error *err)
{
	_cleanup_text struct text text = {};
	const char *user, *secret;
	struct value *answer;
	struct error why;
	int found = ask(&text, name, "get", server, err);

	if (found <= 0)
		return found;
	/* The decoder's own words could show a secret. */
	if (value_decode(&answer, arena, name, text_string(&text), text.length, &why) < 0)
		return bad_answer(name, "is no JSON", err);
	user = value_string(value_get(answer, "Username"), NULL);
	secret = value_string(value_get(answer, "Secret"), NULL);
	if (user == NULL || secret == NULL)
		return bad_answer(name, "has no Username or no Secret", err);
	explicit_bzero(text.data, text.length);
	*ret = (struct credentials){ .user = user, .secret = secret };
	if (strcmp(user, "<token>") == 0)
		*ret = (struct credentials){ .user = "", .secret = "", .token = secret };
	ret->origin = arena_printf(arena, "docker-credential-%s", name);
	return 1;
}

int credentials_helper_store(const char *name, const char *server,
                             const struct credentials *credentials, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text input = {}, output = {};
	struct value *question = value_new_object(&arena);
	bool token = credentials->token != NULL;
	int result;

	value_set(&arena, question, "ServerURL", value_new_string(&arena, server));
	value_set(&arena, question, "Username",
	          value_new_string(&arena, token ? "<token>" : credentials->user));
	value_set(&arena, question, "Secret",
	          value_new_string(&arena, token ? credentials->token : credentials->secret));
	value_encode(&input, question, VALUE_COMPACT);
	result = ask(&output, name, "store", text_string(&input), err);
	explicit_bzero(input.data, input.length);
	if (result == 0)
		return error_set(err, 0, "docker-credential-%s store: %s", name, not_found);
	return result < 0 ? -1 : 0;
}

int credentials_helper_erase(const char *name, const char *server, struct error *err)
{
	_cleanup_text struct text output = {};

	return ask(&output, name, "erase", server, err);
}
