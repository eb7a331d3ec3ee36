#include "runtime/container/bus.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

/* Header fields, as they are on the wire. */
enum {
	FIELD_PATH = 1,
	FIELD_INTERFACE = 2,
	FIELD_MEMBER = 3,
	FIELD_ERROR_NAME = 4,
	FIELD_REPLY_SERIAL = 5,
	FIELD_DESTINATION = 6,
	FIELD_SIGNATURE = 8,
};

enum {
	HEADER_ALIGNMENT = 8,
	HEADER_FIXED = 16, /* up to the first header field */
	MESSAGE_MAX = 1 << 20,
	OWN_SERIAL = 1,
	PROTOCOL = 1,
	PATIENCE_SECONDS = 25, /* libdbus's */
};

#define OWN_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B')

void bus_message_done(struct bus_message *message)
{
	text_done(&message->bytes);
}

/* ---- values ---- */

static size_t aligned(size_t position, size_t to)
{
	return (position + to - 1) / to * to;
}

void bus_align(struct text *body, size_t to)
{
	while (body->length % to != 0)
		text_append_bytes(body, "", 1);
}

void bus_put_number(struct text *body, uint32_t number)
{
	bus_align(body, sizeof number);
	text_append_bytes(body, &number, sizeof number);
}

void bus_put_string(struct text *body, const char *string)
{
	bus_put_number(body, (uint32_t)strlen(string));
	text_append_bytes(body, string, strlen(string) + 1);
}

void bus_put_signature(struct text *body, const char *signature)
{
	text_append_char(body, (char)strlen(signature));
	text_append_bytes(body, signature, strlen(signature) + 1);
}

size_t bus_open_array(struct text *body, size_t alignment)
{
	size_t opened;

	bus_put_number(body, 0);
	opened = body->length;
	bus_align(body, alignment);
	return opened;
}

void bus_close_array(struct text *body, size_t opened, size_t alignment)
{
	/* the padding before the first element does not count */
	uint32_t length = (uint32_t)(body->length - aligned(opened, alignment));

	memcpy(body->data + opened - sizeof length, &length, sizeof length);
}

bool bus_get_number(uint32_t *ret, const struct text *bytes, size_t *at)
{
	size_t from = aligned(*at, sizeof *ret);

	if (from + sizeof *ret > bytes->length)
		return false;
	memcpy(ret, bytes->data + from, sizeof *ret);
	*at = from + sizeof *ret;
	return true;
}

const char *bus_get_string(const struct text *bytes, size_t *at)
{
	const char *string;
	uint32_t length;

	if (!bus_get_number(&length, bytes, at) || length >= bytes->length - *at)
		return NULL;
	string = bytes->data + *at;
	if (string[length] != '\0')
		return NULL;
	*at += length + 1;
	return string;
}

/* ---- connecting ---- */

/* The answer to our login is one line: "OK" and the peer's id. */
static bool is_let_in(int fd)
{
	char line[128];
	size_t length = 0;

	while (length < sizeof line && read(fd, line + length, 1) == 1)
		if (line[length++] == '\n')
			return length >= 3 && memcmp(line, "OK ", 3) == 0;
	return false;
}

/* EXTERNAL: the kernel says who we are; the number is sent as the hex of its digits. */
static int log_in(int fd, struct error *err)
{
	_cleanup_text struct text line = {};
	char digits[32];

	snprintf(digits, sizeof digits, "%u", (unsigned)getuid());
	text_append_bytes(&line, "", 1);
	text_append(&line, "AUTH EXTERNAL ");
	for (const char *digit = digits; *digit != '\0'; digit++)
		text_printf(&line, "%02x", (unsigned)*digit);
	text_append(&line, "\r\nBEGIN\r\n");
	if (io_write_all(fd, line.data, line.length) < 0 || !is_let_in(fd))
		return error_set(err, 0, "cannot log in to D-Bus");
	return 0;
}

int bus_connect(pid_t *listener, const char *path, struct error *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_fd int fd = -1;
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
	    (int)sizeof address.sun_path)
		return error_set(err, ENAMETOOLONG, "cannot connect to %s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return error_set(err, errno, "cannot connect to %s", path);
	if (log_in(fd, err) < 0)
		return error_prefix(err, "%s", path);
	*listener = peer.pid;
	return cleanup_take_fd(&fd);
}

/* ---- sending ---- */

static void put_field(struct text *message, int code, const char *signature, const char *value)
{
	bus_align(message, HEADER_ALIGNMENT);
	text_append_char(message, (char)code);
	bus_put_signature(message, signature);
	if (code == FIELD_SIGNATURE)
		bus_put_signature(message, value);
	else
		bus_put_string(message, value);
}

int bus_send(int fd, const struct bus_call *call, struct error *err)
{
	const char start[] = { OWN_ORDER, BUS_CALL, 0, PROTOCOL };
	_cleanup_text struct text message = {};
	size_t fields;

	text_append_bytes(&message, start, sizeof start);
	bus_put_number(&message, (uint32_t)call->body.length);
	bus_put_number(&message, OWN_SERIAL);
	fields = bus_open_array(&message, HEADER_ALIGNMENT);
	put_field(&message, FIELD_PATH, "o", call->path);
	put_field(&message, FIELD_INTERFACE, "s", call->interface);
	put_field(&message, FIELD_MEMBER, "s", call->member);
	put_field(&message, FIELD_DESTINATION, "s", call->destination);
	put_field(&message, FIELD_SIGNATURE, "g", call->signature);
	bus_close_array(&message, fields, HEADER_ALIGNMENT);
	bus_align(&message, HEADER_ALIGNMENT);
	text_append_bytes(&message, call->body.data, call->body.length);
	if (io_write_all(fd, message.data, message.length) < 0)
		return error_set(err, errno, "cannot send a D-Bus message");
	return 0;
}

/* ---- receiving ---- */

static int read_bytes(struct text *bytes, int fd, size_t count, struct error *err)
{
	char block[4096];

	while (count > 0) {
		ssize_t got = read(fd, block, count < sizeof block ? count : sizeof block);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, got < 0 ? errno : ECONNRESET, "no answer");
		text_append_bytes(bytes, block, (size_t)got);
		count -= (size_t)got;
	}
	return 0;
}

/* One header field: a code and a variant of one of the types that fields have. */
static bool read_field(struct bus_message *message, size_t *at)
{
	const struct text *bytes = &message->bytes;
	const char *string = "";
	uint32_t number = 0;
	char code, type;

	*at = aligned(*at, HEADER_ALIGNMENT);
	/* code, length of the signature (1), signature, NUL */
	if (*at + 4 > bytes->length || bytes->data[*at + 1] != 1)
		return false;
	code = bytes->data[*at];
	type = bytes->data[*at + 2];
	*at += 4;
	if (type == 'u') {
		if (!bus_get_number(&number, bytes, at))
			return false;
	} else if (type == 'g') {
		if (*at >= bytes->length)
			return false;
		*at += (size_t)(unsigned char)bytes->data[*at] + 2;
	} else {
		string = bus_get_string(bytes, at);
		if (string == NULL)
			return false;
	}
	if (code == FIELD_MEMBER)
		message->member = string;
	if (code == FIELD_ERROR_NAME)
		message->error_name = string;
	if (code == FIELD_REPLY_SERIAL)
		message->reply_to = number;
	return true;
}

static bool read_fields(struct bus_message *message, size_t end)
{
	size_t at = HEADER_FIXED;

	while (at < end)
		if (!read_field(message, &at))
			return false;
	return at == end;
}

int bus_receive(struct bus_message *ret, int fd, struct error *err)
{
	struct text *bytes = &ret->bytes;
	uint32_t body, fields;
	size_t at = 4;

	text_clear(bytes);
	ret->reply_to = 0;
	ret->member = ret->error_name = "";
	if (read_bytes(bytes, fd, HEADER_FIXED, err) < 0)
		return -1;
	if (bytes->data[0] != OWN_ORDER || !bus_get_number(&body, bytes, &at))
		return error_set(err, EPROTO, "a D-Bus message");
	ret->type = (enum bus_type)bytes->data[1];
	at += sizeof(uint32_t);
	if (!bus_get_number(&fields, bytes, &at) || body > MESSAGE_MAX || fields > MESSAGE_MAX)
		return error_set(err, EPROTO, "a D-Bus message");
	ret->body = aligned(HEADER_FIXED + fields, HEADER_ALIGNMENT);
	if (read_bytes(bytes, fd, ret->body - HEADER_FIXED + body, err) < 0)
		return -1;
	if (!read_fields(ret, HEADER_FIXED + fields))
		return error_set(err, EPROTO, "a D-Bus message");
	return 0;
}
