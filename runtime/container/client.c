#include "runtime/container/client.h"

#include "runtime/container/channel.h"
#include "runtime/container/keys.h"
#include "runtime/container/signals.h"
#include "runtime/container/terminal.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>

enum {
	TYPED = 4096,
	STILL_ATTACHED = -1,
	KILLED = EXIT_SIGNAL_BASE + SIGKILL,
	HUNG_UP = EXIT_SIGNAL_BASE + SIGHUP,
};

struct client {
	const struct client_request *request;
	struct keys keys;
	int signals;
	bool input_open;
	bool raw;    /* what we read is a terminal, and raw */
	int status;  /* STILL_ATTACHED, or what is returned */
	int failure; /* errno of our own output; 0: none */
	/* What was typed and the monitor has not taken yet. Never waited for by a blocking send:
	 * the monitor may be waiting for us to read. */
	char held[TYPED + KEYS_MAX];
	size_t held_length;
};

static void send_held(struct client *client)
{
	enum channel_result result = channel_send(client->request->channel, CHANNEL_INPUT,
	                                          client->held, client->held_length, false);

	if (result != CHANNEL_FULL)
		client->held_length = 0;
	if (result == CHANNEL_GONE)
		client->input_open = false;
}

static void send_size(const struct client *client)
{
	struct winsize size;
	uint16_t numbers[2];

	if (!client->request->terminal || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	numbers[0] = size.ws_row;
	numbers[1] = size.ws_col;
	channel_send(client->request->channel, CHANNEL_SIZE, numbers, sizeof numbers, true);
}

/* The window was closed, the connection lost. A container goes on, as with the detach keys. */
static void leave(struct client *client)
{
	if (client->request->hangs_up && client->request->process >= 0)
		pidfd_send_signal(client->request->process, SIGHUP, NULL, 0);
	client->status = HUNG_UP;
}

static void take_typed(struct client *client)
{
	char typed[TYPED];
	ssize_t count = read(STDIN_FILENO, typed, sizeof typed);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* a raw terminal has no end of file but its own: nobody typed ctrl-d */
	if (count <= 0 && client->raw) {
		leave(client);
		return;
	}
	if (count <= 0) {
		client->input_open = false;
		channel_send(client->request->channel, CHANNEL_INPUT_END, "", 0, true);
		return;
	}
	if (keys_match(&client->keys, typed, (size_t)count, client->held, &client->held_length))
		client->status = 0;
	if (client->held_length > 0)
		send_held(client);
}

static void take_packet(struct client *client, struct packet *packet)
{
	long length = channel_receive(client->request->channel, packet);
	int fd = packet->kind == CHANNEL_STDERR ? STDERR_FILENO : STDOUT_FILENO;

	if (length < 0)
		client->status = KILLED; /* the monitor is gone, and the container with it */
	else if (packet->kind == CHANNEL_EXIT && length >= 1)
		client->status = (unsigned char)packet->bytes[0];
	else if ((packet->kind == CHANNEL_STDOUT || packet->kind == CHANNEL_STDERR) &&
	         io_write_all(fd, packet->bytes, (size_t)length) < 0) {
		/* nobody looks any more: the container goes on */
		client->status = 0;
		client->failure = errno == EPIPE || errno == EIO ? 0 : errno;
	}
}

static void take_signal(struct client *client)
{
	int number = signals_next(client->signals);

	if (number == SIGWINCH)
		send_size(client);
	else if (number == SIGHUP && client->raw)
		leave(client);
	else if (number != 0 && client->request->process >= 0)
		pidfd_send_signal(client->request->process, number, NULL, 0);
}

static void watch(struct client *client, struct packet *packet)
{
	bool take = client->input_open && client->held_length == 0;
	short events = (short)(POLLIN | (client->held_length > 0 ? POLLOUT : 0));
	struct pollfd items[] = {
		{ .fd = client->request->channel, .events = events },
		{ .fd = take ? STDIN_FILENO : -1, .events = POLLIN },
		{ .fd = client->signals, .events = POLLIN },
	};

	if (poll(items, ARRAY_SIZE(items), -1) < 0)
		return;
	if (items[0].revents & ~POLLOUT)
		take_packet(client, packet);
	if ((items[0].revents & POLLOUT) && client->held_length > 0)
		send_held(client);
	if (items[1].revents != 0 && client->status == STILL_ATTACHED)
		take_typed(client);
	if (items[2].revents != 0)
		take_signal(client);
}

int client_run(const struct client_request *request, struct error *err)
{
	struct client client = {
		.request = request,
		.input_open = request->interactive,
		.status = STILL_ATTACHED,
	};
	_cleanup_terminal struct terminal terminal = {};
	_cleanup_free struct packet *packet = malloc(sizeof *packet);

	if (packet == NULL)
		return error_set(err, errno, "cannot attach");
	if (request->terminal && keys_parse(&client.keys, request->detach_keys, err) < 0)
		return -1;
	client.signals = signals_open(request->process >= 0, err);
	if (client.signals < 0)
		return -1;
	if (request->terminal && request->interactive)
		terminal_raw(&terminal);
	client.raw = terminal.changed;
	send_size(&client);
	while (client.status == STILL_ATTACHED)
		watch(&client, packet);
	close(client.signals);
	if (client.failure == 0)
		return client.status;
	error_set(err, client.failure, "cannot write what the container says");
	return error_hint(err, "it goes on: cordon ps shows the container");
}
