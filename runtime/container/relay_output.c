/* relay_output: what the process says, to the log, to our own streams, to the clients. */
#include "runtime/container/background.h"
#include "runtime/container/relay_parts.h"

#include "sandbox/base/cleanup.h"

#include <limits.h>
#include <poll.h>

void relay_close_output(struct relay *relay, int stream)
{
	if (relay->outputs[stream] != relay->terminal)
		cleanup_close(&relay->outputs[stream]);
	relay->outputs[stream] = -1;
}

void relay_drop_client(struct relay_client *client)
{
	cleanup_close(&client->fd);
	*client = (struct relay_client){ .fd = -1 };
}

/* Our own standard streams may be anything, and are shared with others, so they cannot be made
 * non-blocking: poll(2) says when a pipe takes PIPE_BUF bytes, and signals are taken meanwhile. */
static bool write_own(struct relay *relay, int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		struct pollfd items[] = { { .fd = fd, .events = POLLOUT },
			                  { .fd = relay->signals, .events = POLLIN } };
		ssize_t count;

		if (poll(items, ARRAY_SIZE(items), -1) < 0)
			continue;
		if (items[1].revents != 0)
			relay_take_signal(relay);
		if (items[0].revents == 0)
			continue;
		count = write(fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
		if (count < 0 && errno != EINTR && errno != EAGAIN) {
			relay->own_failure = errno;
			return false;
		}
		bytes += count < 0 ? 0 : count;
		length -= count < 0 ? 0 : (size_t)count;
	}
	return true;
}

/* Sends what is owed; true when nobody owes any more. */
bool relay_pay(struct relay *relay, bool patient)
{
	bool paid = true;

	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		struct relay_client *client = &relay->clients[i];
		struct pollfd item = { .fd = client->fd, .events = POLLOUT };

		if (!client->owes)
			continue;
		if (patient && poll(&item, 1, RELAY_PATIENCE_MS) <= 0) {
			relay_drop_client(client);
			continue;
		}
		switch (channel_send(client->fd, relay->said_kind, relay->said, relay->said_length,
		                     false)) {
		case CHANNEL_SENT:
			client->owes = false;
			break;
		case CHANNEL_GONE:
			relay_drop_client(client);
			break;
		case CHANNEL_FULL:
			paid = false;
			break;
		}
	}
	return paid;
}

_waiting bool relay_is_owed(const struct relay *relay)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (relay->clients[i].owes)
			return true;
	return false;
}

static bool has_clients(const struct relay *relay)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (relay->clients[i].fd >= 0)
			return true;
	return false;
}

static void spread(struct relay *relay, int stream)
{
	int own = stream == LOG_STDOUT ? STDOUT_FILENO : STDERR_FILENO;

	if (relay->log != NULL)
		log_write(relay->log, (enum log_stream)stream, relay->said, relay->said_length);
	/* Who reads our output has left: the container learns it as it would in a pipeline. */
	if (relay->own_output && !write_own(relay, own, relay->said, relay->said_length))
		relay_close_output(relay, stream);
	relay->said_kind = stream == LOG_STDOUT ? CHANNEL_STDOUT : CHANNEL_STDERR;
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		relay->clients[i].owes = relay->clients[i].fd >= 0;
	relay_pay(relay, false);
}

/* One read; how much came. The end closes the stream (EIO is a terminal's way to say so). A client
 * takes a packet at a time, and a monitor of its own should stay small: both read less. */
size_t relay_take_output(struct relay *relay, int stream)
{
	size_t most = relay->own_output && !has_clients(relay) ? RELAY_BUFFER : CHANNEL_BYTES;
	ssize_t count = read(relay->outputs[stream], relay->said, most);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (count <= 0) {
		relay_close_output(relay, stream);
		return 0;
	}
	relay->said_length = (size_t)count;
	relay_tell(relay, &relay->speaks);
	spread(relay, stream);
	return (size_t)count;
}
