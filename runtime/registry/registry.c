#include "runtime/registry/registry.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What libcurl and TLS are told by the environment; the helper gets nothing else of it. */
static const struct passed {
	const char *name, *as;
} passed_on[] = {
	{ "http_proxy", "http_proxy" },       { "HTTP_PROXY", "http_proxy" },
	{ "https_proxy", "https_proxy" },     { "HTTPS_PROXY", "HTTPS_PROXY" },
	{ "all_proxy", "all_proxy" },         { "ALL_PROXY", "ALL_PROXY" },
	{ "no_proxy", "no_proxy" },           { "NO_PROXY", "NO_PROXY" },
	{ "SSL_CERT_FILE", "SSL_CERT_FILE" }, { "SSL_CERT_DIR", "SSL_CERT_DIR" },
};

/* In capitals it may come from a web server's client, as its header Proxy (CVE-2016-5385), which is
 * why libcurl does not read it; other programs do, unless a request is at hand. */
static const char *value_of(const struct passed *passed)
{
	bool capitals = strcmp(passed->name, "HTTP_PROXY") == 0;

	if (capitals && (getenv("REQUEST_METHOD") != NULL || getenv("http_proxy") != NULL))
		return NULL;
	return getenv(passed->name);
}

/* libcurl links librtmp and with it GnuTLS, which nobody here uses: it need not test itself and its
 * ciphers at every start. */
static char no_gnutls[] = "GNUTLS_NO_IMPLICIT_INIT=1";

struct start {
	const char *program;
	char *environment[ARRAY_SIZE(passed_on) + 2];
	int talk, certificates;
};

static void choose_environment(struct start *start, struct text *room)
{
	size_t places[ARRAY_SIZE(passed_on)], count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
		const char *value = value_of(&passed_on[i]);

		if (value == NULL)
			continue;
		places[count++] = room->length;
		text_printf(room, "%s=%s", passed_on[i].as, value);
		text_append_bytes(room, "", 1);
	}
	for (size_t i = 0; i < count; i++)
		start->environment[i] = room->data + places[i];
	start->environment[count] = no_gnutls;
}

/* Between vfork and execve: only what touches no memory of the parent's that matters. */
static int place_descriptors(const struct start *start)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int talk = fcntl(start->talk, F_DUPFD_CLOEXEC, REGISTRY_FD_COUNT);
	int certificates = start->certificates;

	if (certificates >= 0)
		certificates = fcntl(certificates, F_DUPFD_CLOEXEC, REGISTRY_FD_COUNT);
	if (null < 0 || talk < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(talk, REGISTRY_FD_TALK) < 0)
		return -1;
	if (certificates >= 0 && dup2(certificates, REGISTRY_FD_CERTIFICATES) < 0)
		return -1;
	if (certificates < 0)
		close(REGISTRY_FD_CERTIFICATES);
	return (int)syscall(SYS_close_range, REGISTRY_FD_COUNT, ~0U, 0);
}

static pid_t start_helper(const struct start *start)
{
	char *const arguments[] = { (char *)"registry", NULL };
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		sigprocmask(SIG_SETMASK, &before, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (place_descriptors(start) == 0)
			execve(start->program, arguments, start->environment);
		_exit(EXIT_ENGINE);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Why it does not listen, it may have said before. */
static int refuse_speech(struct registry *registry, struct error *err)
{
	int number = errno;
	struct registry_answer answer;

	if (registry_hear(&answer, registry, err) < 0)
		return -1;
	return error_set(err, number, "cannot speak to the registry helper");
}

/* Its answer is heard with the first question's: while it gets ready there is other work. */
static int greet(struct registry *registry, const struct registry_setup *setup, struct error *err)
{
	return send(registry->talk, setup, sizeof *setup, MSG_NOSIGNAL) == (ssize_t)sizeof *setup
	               ? 0
	               : refuse_speech(registry, err);
}

int registry_open(struct registry *ret, const struct registry_setup *setup,
                  const struct paths *paths, int certificates, struct error *err)
{
	_cleanup_text struct text room = {}, program = {};
	struct start start = { .certificates = certificates };
	int ends[2];

	text_printf(&program, "%s/registry", paths->libexec);
	start.program = text_string(&program);
	choose_environment(&start, &room);
	if (access(start.program, X_OK) < 0) {
		error_set(err, errno, "cannot start the helper %s", start.program);
		return error_hint(err, "install cordon as a whole, or point CORDON_LIBEXEC at the "
		                       "folder of its helpers");
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket pair for the registry helper");
	start.talk = ends[1];
	*ret = (struct registry){ .talk = ends[0] };
	ret->pid = start_helper(&start);
	close(ends[1]);
	if (ret->pid < 0)
		error_set(err, errno, "cannot start the registry helper");
	else if (greet(ret, setup, err) == 0)
		return 0;
	registry_close(ret);
	return -1;
}

pid_t registry_dismiss(struct registry *registry)
{
	pid_t pid = registry->pid;

	cleanup_close(&registry->talk);
	/* Whatever it was doing, nobody waits for that. */
	if (pid > 0)
		kill(pid, SIGKILL);
	*registry = (struct registry){ .talk = -1 };
	return pid;
}

void registry_reap(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void registry_close(struct registry *registry)
{
	registry_reap(registry_dismiss(registry));
}

int registry_ask(struct registry *registry, struct registry_question *question, int body,
                 struct error *err)
{
	char room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec bytes = { question, sizeof *question };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	question->number = ++registry->asked;
	if (body >= 0) {
		struct cmsghdr *header;

		message.msg_control = room;
		message.msg_controllen = sizeof room;
		header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof body),
			                    .cmsg_level = SOL_SOCKET,
			                    .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &body, sizeof body);
	}
	return sendmsg(registry->talk, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *question
	               ? 0
	               : refuse_speech(registry, err);
}

/* "Ready", which is said once and is nobody's answer. */
static bool is_greeting(const struct registry_answer *answer, size_t length)
{
	return length == sizeof *answer && answer->number == 0 && answer->result >= 0;
}

static void terminate(char *text, size_t size)
{
	text[size - 1] = '\0';
}

int registry_hear(struct registry_answer *ret, struct registry *registry, struct error *err)
{
	ssize_t length;

	do {
		length = recv(registry->talk, ret, sizeof *ret, 0);
	} while (length < 0 ? errno == EINTR : length > 0 && is_greeting(ret, (size_t)length));
	if (length != (ssize_t)sizeof *ret)
		return error_set(err, 0, "the registry helper died");
	terminate(ret->media_type, sizeof ret->media_type);
	terminate(ret->digest, sizeof ret->digest);
	terminate(ret->next, sizeof ret->next);
	terminate(ret->error.text, sizeof ret->error.text);
	terminate(ret->error.hint, sizeof ret->error.hint);
	if (ret->number == 0 && ret->result < 0) {
		*err = ret->error;
		return -1;
	}
	return 0;
}

int registry_settle(struct registry_answer *ret, struct registry *registry,
                    struct registry_question *question, int body, struct error *err)
{
	if (registry_ask(registry, question, body, err) < 0)
		return -1;
	do {
		if (registry_hear(ret, registry, err) < 0)
			return -1;
	} while (ret->number != question->number || ret->word != REGISTRY_DONE);
	if (ret->result < 0) {
		*err = ret->error;
		return -1;
	}
	return ret->there;
}

int registry_read(struct text *ret, struct registry_answer *answer, struct registry *registry,
                  struct registry_question *question, struct error *err)
{
	_cleanup_fd int memory = io_memory("a document", "", 0, err);
	int status;

	if (memory < 0)
		return -1;
	status = registry_settle(answer, registry, question, memory, err);
	if (status <= 0)
		return status;
	if (lseek(memory, 0, SEEK_SET) < 0)
		return error_set(err, errno, "cannot read a document");
	return io_read_all(ret, memory, question->size, err) < 0 ? -1 : 1;
}

int registry_read_pages(struct registry *registry, struct registry_question *question,
                        const struct registry_pages *pages, struct error *err)
{
	for (int page = 0; page < pages->most; page++) {
		_cleanup_text struct text text = {};
		struct registry_answer answer;
		int status = registry_read(&text, &answer, registry, question, err);

		if (status == 0 && page > 0)
			return error_set(err, 0, "the registry has not page %d of its list of %s",
			                 page + 1, pages->what);
		if (status <= 0)
			return status;
		if (pages->take(pages->context, &text, err) < 0)
			return -1;
		if (answer.next[0] == '\0')
			return 1;
		memcpy(question->next, answer.next, sizeof question->next);
	}
	return error_set(err, 0, "the registry's list of %s has more than %d pages", pages->what,
	                 pages->most);
}
