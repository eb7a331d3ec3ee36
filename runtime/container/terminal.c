#include "runtime/container/terminal.h"

#include "runtime/container/channel.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

/* The one thing of the process that must survive every way out: how the terminal was. */
static struct {
	struct termios before;
	bool changed;
} saved;

void terminal_restore(void)
{
	if (saved.changed)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved.before);
	saved.changed = false;
}

bool terminal_raw(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved.before) < 0)
		return false;
	raw = saved.before;
	cfmakeraw(&raw);
	saved.changed = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
	atexit(terminal_restore);
	return saved.changed;
}

int terminal_parse_keys(struct detach_keys *ret, const char *text, struct error *err)
{
	struct detach_keys keys = {};
	const char *next = text == NULL ? "ctrl-p,ctrl-q" : text;

	while (*next != '\0') {
		size_t length = strcspn(next, ",");
		unsigned char key = 0;

		if (length == 0 && next[0] == ',' && next[1] != '\0') { /* a comma of its own */
			length = 1;
			key = ',';
		} else if (length == 1) {
			key = (unsigned char)next[0];
		} else if (length == 6 && strncmp(next, "ctrl-", 5) == 0 && next[5] >= '@' &&
		           next[5] <= 'z') {
			key = (unsigned char)next[5] & 0x1f;
		}
		if (key == 0 || keys.count == sizeof keys.keys) {
			error_set(err, 0, "invalid detach keys '%.64s'", text);
			return error_hint(err, "write them as ctrl-p,ctrl-q or single characters");
		}
		keys.keys[keys.count++] = key;
		next += length + (next[length] == ',');
	}
	*ret = keys;
	return 0;
}

bool terminal_match(const struct detach_keys *keys, size_t *matched, const char *typed,
                    size_t length, char *out, size_t *out_length)
{
	*out_length = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned char key = (unsigned char)typed[i];

		if (keys->count > 0 && key == keys->keys[*matched]) {
			if (++*matched == keys->count)
				return true;
			continue;
		}
		/* what was held back was meant for the container after all */
		memcpy(out + *out_length, keys->keys, *matched);
		*out_length += *matched;
		*matched = 0;
		if (keys->count > 0 && key == keys->keys[0] && keys->count > 1) {
			*matched = 1;
			continue;
		}
		out[(*out_length)++] = typed[i];
	}
	return false;
}

struct client {
	int channel;
	int signals;
	bool terminal, input_open;
	struct detach_keys keys;
	size_t matched;
	int status; /* -1 while attached */
	bool detached;
};

static void send_size(const struct client *client)
{
	struct winsize size;
	uint16_t numbers[2];

	if (!client->terminal || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	numbers[0] = size.ws_row;
	numbers[1] = size.ws_col;
	channel_send(client->channel, CHANNEL_SIZE, numbers, sizeof numbers, true);
}

static void take_typed(struct client *client)
{
	char typed[4000], out[sizeof typed + 16];
	size_t length = 0;
	ssize_t count = read(STDIN_FILENO, typed, sizeof typed);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		client->input_open = false;
		channel_send(client->channel, CHANNEL_INPUT_END, "", 0, true);
		return;
	}
	client->detached =
	        terminal_match(&client->keys, &client->matched, typed, (size_t)count, out, &length);
	if (length > 0 && !channel_send(client->channel, CHANNEL_INPUT, out, length, true))
		client->input_open = false;
}

static void take_packet(struct client *client)
{
	static struct packet packet;
	long length = channel_receive(client->channel, &packet);

	if (length < 0) {
		client->status = EXIT_SIGNAL_BASE +
		                 SIGKILL; /* the monitor is gone, and the container with it */
		return;
	}
	if (packet.kind == CHANNEL_EXIT && length >= 1)
		client->status = (unsigned char)packet.bytes[0];
	else if (packet.kind == CHANNEL_STDOUT || packet.kind == CHANNEL_STDERR)
		if (io_write_all(packet.kind == CHANNEL_STDOUT ? STDOUT_FILENO : STDERR_FILENO,
		                 packet.bytes, (size_t)length) < 0)
			return;
}

static void take_signal(struct client *client)
{
	struct signalfd_siginfo info;
	char number;

	if (read(client->signals, &info, sizeof info) != sizeof info)
		return;
	number = (char)info.ssi_signo;
	if (info.ssi_signo == SIGWINCH)
		send_size(client);
	else
		channel_send(client->channel, CHANNEL_SIGNAL, &number, 1, true);
}

static int open_signals(struct error *err)
{
	static const int numbers[] = {
		SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2
	};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : error_set(err, errno, "cannot make a signalfd");
}

int terminal_attach(int channel, bool terminal, bool interactive, const char *detach_keys,
                    struct error *err)
{
	struct client client = { .channel = channel, .input_open = interactive, .status = -1 };

	if (terminal_parse_keys(&client.keys, detach_keys, err) < 0)
		return -1;
	client.signals = open_signals(err);
	if (client.signals < 0)
		return -1;
	client.terminal = terminal && isatty(STDIN_FILENO);
	if (!terminal)
		client.keys.count = 0;
	if (client.terminal && interactive)
		terminal_raw();
	send_size(&client);
	while (client.status < 0 && !client.detached) {
		struct pollfd items[] = { { .fd = channel, .events = POLLIN },
			                  { .fd = client.input_open ? STDIN_FILENO : -1,
			                    .events = POLLIN },
			                  { .fd = client.signals, .events = POLLIN } };

		if (poll(items, ARRAY_SIZE(items), -1) < 0)
			continue;
		if (items[0].revents != 0)
			take_packet(&client);
		if (items[1].revents != 0 && client.status < 0)
			take_typed(&client);
		if (items[2].revents != 0)
			take_signal(&client);
	}
	terminal_restore();
	close(client.signals);
	return client.detached ? 0 : client.status;
}
