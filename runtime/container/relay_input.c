/* relay_input: what is said to the process, by our own standard input and by the clients. */
#include "runtime/container/relay_parts.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/ioctl.h>

enum { END_OF_TRANSMISSION = 4 /* what ctrl-d types */ };

void relay_close_input(struct relay *relay)
{
	if (relay->input != relay->terminal)
		cleanup_close(&relay->input);
	relay->input = -1;
	relay->pending = relay->delivered = 0;
}

void relay_deliver(struct relay *relay)
{
	ssize_t count = 0;

	if (relay->input < 0)
		return;
	if (relay->pending > relay->delivered)
		count = write(relay->input, relay->typed + relay->delivered,
		              relay->pending - relay->delivered);
	if (count < 0 && errno != EAGAIN && errno != EINTR) {
		relay_close_input(relay);
		return;
	}
	relay->delivered += count < 0 ? 0 : (size_t)count;
	if (relay->delivered < relay->pending)
		return;
	relay->pending = relay->delivered = 0;
	if (relay->input_ended && relay->input != relay->terminal)
		relay_close_input(relay);
}

static void end_input(struct relay *relay)
{
	if (relay->terminal >= 0 && relay->input >= 0) {
		relay->typed[0] = END_OF_TRANSMISSION;
		relay->pending = 1;
	}
	relay->input_ended = true;
	relay_deliver(relay);
}

void relay_take_own_input(struct relay *relay)
{
	ssize_t count = read(relay->own_input, relay->typed, sizeof relay->typed);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		relay->own_input = -1;
		end_input(relay);
		return;
	}
	relay->pending = (size_t)count;
	relay_deliver(relay);
}

static void resize(const struct relay *relay, const struct packet *packet)
{
	struct winsize size = {};
	uint16_t numbers[2];

	memcpy(numbers, packet->bytes, sizeof numbers);
	size.ws_row = numbers[0];
	size.ws_col = numbers[1];
	if (relay->terminal >= 0)
		ioctl(relay->terminal, TIOCSWINSZ, &size);
}

void relay_take_client(struct relay *relay, struct relay_client *client)
{
	struct packet packet;
	long length = channel_receive(client->fd, &packet);

	if (length < 0)
		relay_drop_client(client);
	else if (packet.kind == CHANNEL_SIZE && length >= 4)
		resize(relay, &packet);
	else if (packet.kind == CHANNEL_INPUT_END)
		end_input(relay);
	else if (packet.kind == CHANNEL_INPUT && relay->input >= 0) {
		memcpy(relay->typed, packet.bytes, (size_t)length);
		relay->pending = (size_t)length;
		relay_deliver(relay);
	}
}
