/* A service manager that answers as it is told: what we make of its D-Bus messages, whole and
 * broken. */
#include "runtime/container/bus.h"
#include "runtime/container/scope.h"

#include "tests/runtime/container/scratch.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define UNIT "cordon-x.scope"

/* A message of the manager's; what it says of itself is put into the header. */
struct told {
	enum bus_type type;
	const char *member, *error;
	uint32_t reply_to;
	const char *strings[4]; /* of the body; the first string of JobRemoved follows a number */
	bool number_first;
};

static void put_field(struct text *message, char code, const char *signature)
{
	bus_align(message, 8);
	text_append_char(message, code);
	bus_put_signature(message, signature);
}

static void build(struct text *message, const struct told *told)
{
	const char start[] = { 'l', (char)told->type, 0, 1 };
	_cleanup_text struct text body = {};
	size_t fields;

	if (told->number_first)
		bus_put_number(&body, 77);
	for (size_t i = 0; i < ARRAY_SIZE(told->strings) && told->strings[i] != NULL; i++)
		bus_put_string(&body, told->strings[i]);
	text_append_bytes(message, start, sizeof start);
	bus_put_number(message, (uint32_t)body.length);
	bus_put_number(message, 5);
	fields = bus_open_array(message, 8);
	if (told->reply_to != 0) {
		put_field(message, 5, "u");
		bus_put_number(message, told->reply_to);
	}
	if (told->error != NULL) {
		put_field(message, 4, "s");
		bus_put_string(message, told->error);
	}
	if (told->member != NULL) {
		put_field(message, 3, "s");
		bus_put_string(message, told->member);
	}
	put_field(message, 8, "g");
	bus_put_signature(message, "s");
	bus_close_array(message, fields, 8);
	bus_align(message, 8);
	text_append_bytes(message, body.data, body.length);
}

static int listen_at(const struct scratch *scratch)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char folder[128];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(folder, sizeof folder, "%s/systemd", scratch->folder);
	assert_true(mkdir(folder, 0700) == 0 || errno == EEXIST);
	assert_true(snprintf(address.sun_path, sizeof address.sun_path, "%.90s/private", folder) <
	            (int)sizeof address.sun_path);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Serves one connection in a child: lets us in, takes the call, says `bytes`. */
static pid_t serve(int listener, const char *welcome, const struct text *bytes)
{
	static const char ok[] = "OK 0123456789abcdef0123456789abcdef\r\n";
	char buffer[4096];
	pid_t child = fork();
	int fd;

	if (child != 0)
		return child;
	fd = accept(listener, NULL, NULL);
	if (read(fd, buffer, sizeof buffer) <= 0)
		_exit(1);
	if (welcome == NULL)
		welcome = ok;
	if (welcome[0] == '\0')
		_exit(0);
	if (write(fd, welcome, strlen(welcome)) < 0 || read(fd, buffer, sizeof buffer) < 0)
		_exit(1);
	_exit(write(fd, text_string(bytes), bytes->length) < 0);
}

static int start(const struct scratch *scratch, const char *welcome, const struct text *bytes,
                 struct error *err)
{
	int listener = listen_at(scratch), result;
	pid_t child = serve(listener, welcome, bytes);

	result = scope_start(scratch->folder, UNIT, err);
	waitpid(child, NULL, 0);
	close(listener);
	return result;
}

static const struct told returned = { BUS_RETURN, .reply_to = 1, .strings = { "/job/77" } };

static struct told job_removed(const char *unit, const char *result)
{
	return (struct told){ BUS_SIGNAL, .member = "JobRemoved", .number_first = true,
		              .strings = { "/job/77", unit, result } };
}

static void test_started(void **state)
{
	const struct told noise = { BUS_SIGNAL, .member = "UnitNew", .strings = { "a", "b" } };
	const struct told other = job_removed("other.scope", "failed");
	const struct told done = job_removed(UNIT, "done");
	_cleanup_text struct text bytes = {};
	struct error err;

	build(&bytes, &noise);
	/* each message begins anew at 0, as far as its padding goes */
	for (const struct told *const *next =
	             (const struct told *const[]){ &other, &returned, &done, NULL };
	     *next != NULL; next++) {
		_cleanup_text struct text one = {};

		build(&one, *next);
		text_append_bytes(&bytes, one.data, one.length);
	}
	assert_int_equal(start(*state, NULL, &bytes, &err), 0);
}

static void test_refused(void **state)
{
	const struct {
		struct told told;
		int number;
		const char *text;
	} rows[] = {
		{ { BUS_ERROR, .error = "org.freedesktop.systemd1.UnitExists", .reply_to = 1,
		    .strings = { "Unit is there." } },
		  EEXIST,
		  "Unit is there." },
		{ { BUS_ERROR, .error = "org.x.Denied", .reply_to = 1 }, 0, "org.x.Denied" },
		/* done, but nothing was returned: the connection ends */
		{ job_removed(UNIT, "done"), ECONNRESET, "no answer" },
		{ job_removed(UNIT, "failed"), 0, "'failed'" },
		{ returned, ECONNRESET, "no answer" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text bytes = {};
		struct error err;

		build(&bytes, &rows[i].told);
		assert_int_equal(start(*state, NULL, &bytes, &err), -1);
		assert_int_equal(err.number, rows[i].number);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_non_null(strstr(err.text, UNIT));
	}
}

/* Every beginning of a good answer, and every byte of it changed: an answer or an error, no more.
 */
static void test_damaged(void **state)
{
	const struct told done = job_removed(UNIT, "done");
	_cleanup_text struct text bytes = {};
	struct error err;

	build(&bytes, &done);
	for (size_t length = 0; length < bytes.length; length += 3) {
		struct text part = { .data = bytes.data, .length = length };

		assert_int_equal(start(*state, NULL, &part, &err), -1);
	}
	for (size_t i = 0; i < bytes.length; i++) {
		char was = bytes.data[i];

		bytes.data[i] = (char)~was;
		assert_int_equal(start(*state, NULL, &bytes, &err), -1);
		bytes.data[i] = was;
	}
}

static void test_not_let_in(void **state)
{
	const struct scratch *scratch = *state;
	const struct text nothing = {};
	_cleanup_arena struct arena arena = {};
	struct error err;

	assert_null(scope_manager_cgroup(&arena, scratch->folder));
	assert_int_equal(scope_start(scratch->folder, UNIT, &err), -1);
	assert_int_equal(err.number, ENOENT);
	assert_int_equal(start(scratch, "REJECTED EXTERNAL\r\n", &nothing, &err), -1);
	assert_non_null(strstr(err.text, "log in"));
	assert_int_equal(start(scratch, "", &nothing, &err), -1);
}

/* The marshalling of D-Bus's specification: alignment, lengths that leave padding out. */
static void test_values(void **state)
{
	static const char expected[] = "\x01\0\0\0" /* a string */
	                               "a\0"
	                               "\0\0"
	                               "\x10\0\0\0" /* an array's length, from 16 on */
	                               "\0\0\0\0"
	                               "\x02\0\0\0"
	                               "xy\0"
	                               "\x01u\0" /* a signature, not aligned */
	                               "\0\0"
	                               "\x09\0\0\0";
	_cleanup_text struct text body = {};
	size_t array, at = 0;
	uint32_t number;

	(void)state;
	bus_put_string(&body, "a");
	array = bus_open_array(&body, 8);
	bus_put_string(&body, "xy");
	bus_put_signature(&body, "u");
	bus_put_number(&body, 9);
	bus_close_array(&body, array, 8);
	assert_int_equal(body.length, sizeof expected - 1);
	assert_memory_equal(body.data, expected, body.length);
	assert_string_equal(bus_get_string(&body, &at), "a");
	assert_true(bus_get_number(&number, &body, &at));
	assert_int_equal(number, 0x10);
	at = body.length - 2;
	assert_false(bus_get_number(&number, &body, &at));
	at = 16;
	assert_null(bus_get_string(&(struct text){ .data = body.data, .length = 22 }, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_started, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_refused, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_damaged, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_not_let_in, scratch_make, scratch_drop),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
