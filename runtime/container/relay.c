#include "runtime/container/relay.h"

#include "runtime/container/background.h"
#include "runtime/container/relay_parts.h"
#include "runtime/container/signals.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	SETTLE_MS = 30,
	QUIET_MS = 1000,
	DEAF_AFTER = 3,
	DRAIN_MOST = 1 << 20, /* behind an exec a child may go on writing for ever */
};

/* The places of poll's list. */
enum slot {
	SLOT_PROCESS,
	SLOT_SIGNALS,
	SLOT_OUTPUT,
	SLOT_ERROR,
	SLOT_INPUT,
	SLOT_OWN_INPUT,
	SLOT_LISTENER,
	SLOT_CLIENTS,
	SLOTS = SLOT_CLIENTS + RELAY_CLIENTS,
};

void relay_init(struct relay *ret)
{
	ret->process = ret->terminal = ret->input = ret->own_input = -1;
	ret->outputs[0] = ret->outputs[1] = ret->signals = ret->listener = -1;
	ret->own_output = ret->input_ended = false;
	ret->own_failure = 0;
	ret->interrupts = 0;
	ret->log = NULL;
	ret->speaks = ret->settled = NULL;
	ret->quiet = NULL;
	ret->stirred = true;
	ret->context = NULL;
	ret->pending = ret->delivered = ret->said_length = 0;
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		ret->clients[i] = (struct relay_client){ .fd = -1 };
}

static void set_nonblocking(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int relay_pipes(struct relay *relay, struct sandbox_streams *theirs, bool interactive,
                struct error *err)
{
	int *const others[] = { &theirs->output, &theirs->error };
	int ends[2];

	for (int i = 0; i < 2; i++) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_set(err, errno, "cannot make a pipe");
		relay->outputs[i] = ends[0];
		*others[i] = ends[1];
	}
	if (!interactive)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	theirs->input = ends[0];
	relay->input = ends[1];
	set_nonblocking(relay->input);
	return 0;
}

void relay_close_theirs(struct sandbox_streams *theirs)
{
	cleanup_close(&theirs->input);
	cleanup_close(&theirs->output);
	cleanup_close(&theirs->error);
	theirs->input = theirs->output = theirs->error = -1;
}

void relay_set_terminal(struct relay *relay, int terminal, bool interactive)
{
	set_nonblocking(terminal);
	relay->terminal = relay->outputs[0] = terminal;
	relay->input = interactive ? terminal : -1;
}

/* ---- signals ---- */

static void pass_size(const struct relay *relay)
{
	struct winsize size;

	if (relay->terminal >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(relay->terminal, TIOCSWINSZ, &size);
}

/* The kernel keeps every signal from a first process that does not handle it: whoever types ctrl-c
 * at `sleep` would never learn why. */
static void tell_of_deafness(const struct relay *relay)
{
	if (relay->own_output && isatty(STDERR_FILENO))
		dprintf(STDERR_FILENO,
		        "\ncordon: what runs there takes no notice of ctrl-c: from another terminal, "
		        "cordon kill NAME ends it\n"
		        "  run --init lets programs without a handler be ended by signals\n");
}

void relay_take_signal(struct relay *relay)
{
	int number = signals_next(relay->signals);

	if (number == SIGINT && ++relay->interrupts == DEAF_AFTER)
		tell_of_deafness(relay);
	if (number == SIGWINCH)
		pass_size(relay);
	else if (number != 0)
		pidfd_send_signal(relay->process, number, NULL, 0);
}

static void accept_client(struct relay *relay)
{
	int fd = channel_accept(relay->listener);

	for (size_t i = 0; i < RELAY_CLIENTS && fd >= 0; i++)
		if (relay->clients[i].fd < 0) {
			relay->clients[i] = (struct relay_client){ .fd = fd };
			return;
		}
	cleanup_close(&fd);
}

/* ---- the loop ---- */

void relay_tell(struct relay *relay, bool (**event)(void *context))
{
	bool (*told)(void *context) = *event;

	*event = NULL;
	if (told != NULL && !told(relay->context))
		pidfd_send_signal(relay->process, SIGKILL, NULL, 0);
}

static _waiting void fill(const struct relay *relay, struct pollfd items[SLOTS])
{
	bool owed = relay_is_owed(relay), busy = relay->pending > 0;

	for (size_t i = 0; i < SLOTS; i++)
		items[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	items[SLOT_PROCESS].fd = relay->process;
	items[SLOT_SIGNALS].fd = relay->signals;
	items[SLOT_OUTPUT].fd = owed ? -1 : relay->outputs[0];
	items[SLOT_ERROR].fd = owed ? -1 : relay->outputs[1];
	items[SLOT_INPUT].fd = busy ? relay->input : -1;
	items[SLOT_INPUT].events = POLLOUT;
	items[SLOT_OWN_INPUT].fd = busy || relay->input < 0 ? -1 : relay->own_input;
	items[SLOT_LISTENER].fd = relay->listener;
	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		struct pollfd *item = &items[SLOT_CLIENTS + i];

		item->fd = relay->clients[i].fd;
		item->events =
		        (short)((busy ? 0 : POLLIN) | (relay->clients[i].owes ? POLLOUT : 0));
		/* with nothing asked for, poll would still report a hang-up again and again */
		if (item->events == 0)
			item->fd = -1;
	}
}

static _waiting int patience(const struct relay *relay)
{
	if (relay->settled != NULL)
		return SETTLE_MS;
	return relay->quiet != NULL && relay->stirred ? QUIET_MS : -1;
}

static _waiting void calm(struct relay *relay)
{
	if (relay->settled != NULL) {
		relay_tell(relay, &relay->settled);
		return;
	}
	relay->stirred = false;
	if (!relay_is_owed(relay))
		relay->said_length = 0;
	relay->quiet(relay);
}

/* poll(2) and what background_shrink asks for go through one and the same function of the C
 * library, so that a waiting monitor has one window of its pages, not one for each. */
static _waiting int wait_for(struct pollfd items[SLOTS], int milliseconds)
{
	const struct timespec limit = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	return (int)syscall(SYS_ppoll, items, SLOTS, milliseconds < 0 ? NULL : &limit, NULL, 0);
}

/* False when the process has ended. */
static _waiting bool turn(struct relay *relay)
{
	struct pollfd items[SLOTS];
	int ready;

	fill(relay, items);
	ready = wait_for(items, patience(relay));
	if (ready == 0)
		calm(relay);
	if (ready <= 0)
		return true;
	relay->stirred = true;
	if (items[SLOT_SIGNALS].revents != 0)
		relay_take_signal(relay);
	if (items[SLOT_OUTPUT].revents != 0)
		relay_take_output(relay, LOG_STDOUT);
	/* the first may have left something owed */
	if (items[SLOT_ERROR].revents != 0 && !relay_is_owed(relay))
		relay_take_output(relay, LOG_STDERR);
	if (items[SLOT_INPUT].revents != 0)
		relay_deliver(relay);
	if (items[SLOT_OWN_INPUT].revents != 0 && relay->pending == 0)
		relay_take_own_input(relay);
	if (items[SLOT_LISTENER].revents != 0)
		accept_client(relay);
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if ((items[SLOT_CLIENTS + i].revents & ~POLLOUT) != 0 && relay->pending == 0 &&
		    relay->clients[i].fd == items[SLOT_CLIENTS + i].fd)
			relay_take_client(relay, &relay->clients[i]);
	if (relay_is_owed(relay))
		relay_pay(relay, false);
	return items[SLOT_PROCESS].revents == 0;
}

/* The process is gone, and with a container's first one all others: what the streams still hold is
 * all there is. */
static void drain(struct relay *relay)
{
	relay_pay(relay, true);
	for (int stream = 0; stream < 2; stream++) {
		size_t total = 0, count = 1;

		set_nonblocking(relay->outputs[stream]);
		while (relay->outputs[stream] >= 0 && count > 0 && total < DRAIN_MOST) {
			count = relay_take_output(relay, stream);
			total += count;
			relay_pay(relay, true);
		}
	}
}

_waiting int relay_run(struct relay *relay)
{
	siginfo_t info = {};

	/* the start was busy enough, and has ended */
	if (relay->quiet != NULL)
		calm(relay);
	while (turn(relay))
		;
	drain(relay);
	while (waitid(P_PIDFD, (id_t)relay->process, &info, WEXITED) < 0 && errno == EINTR)
		;
	return info.si_code == CLD_EXITED ? info.si_status : EXIT_SIGNAL_BASE + info.si_status;
}

int relay_report(const struct relay *relay, int status)
{
	int failure = relay->own_failure;

	if (failure == 0 || failure == EPIPE || failure == EIO)
		return status;
	dprintf(STDERR_FILENO, "cordon: cannot write what the container says: %s\n",
	        strerror(failure));
	return status == 0 ? EXIT_ENGINE : status;
}

void relay_finish(struct relay *relay, int status)
{
	unsigned char byte = (unsigned char)status;

	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (relay->clients[i].fd >= 0) {
			struct pollfd item = { .fd = relay->clients[i].fd, .events = POLLOUT };

			if (poll(&item, 1, RELAY_PATIENCE_MS) > 0)
				channel_send(item.fd, CHANNEL_EXIT, &byte, 1, false);
			relay_drop_client(&relay->clients[i]);
		}
	relay_close_input(relay);
	relay_close_output(relay, 0);
	relay_close_output(relay, 1);
	cleanup_close(&relay->terminal);
	cleanup_close(&relay->signals);
	cleanup_close(&relay->listener);
	relay->terminal = relay->signals = relay->listener = -1;
}
