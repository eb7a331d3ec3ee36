/* channel: nothing that was sent is lost, however the other end goes. */
#include "runtime/container/channel.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

static void pair(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static void test_both_ways(void **state)
{
	_cleanup_free struct packet *packet = malloc(sizeof *packet);
	int ends[2];

	(void)state;
	pair(ends);
	assert_int_equal(channel_send(ends[0], CHANNEL_INPUT, "typed", 5, true), CHANNEL_SENT);
	assert_int_equal(channel_receive(ends[1], packet), 5);
	assert_int_equal(packet->kind, CHANNEL_INPUT);
	assert_memory_equal(packet->bytes, "typed", 5);
	close(ends[0]);
	assert_int_equal(channel_receive(ends[1], packet), -1);
	assert_int_equal(channel_send(ends[1], CHANNEL_INPUT, "x", 1, true), CHANNEL_GONE);
	close(ends[1]);
}

/* A container that ends before its monitor has read the terminal's size: the status came, and must
 * not be taken for a monitor that was killed. */
static void test_end_behind_what_was_not_read(void **state)
{
	_cleanup_free struct packet *packet = malloc(sizeof *packet);
	const char status = 7;
	int ends[2];

	(void)state;
	pair(ends);
	assert_int_equal(channel_send(ends[0], CHANNEL_SIZE, "\0\0\0\0", 4, true), CHANNEL_SENT);
	assert_int_equal(channel_send(ends[1], CHANNEL_EXIT, &status, 1, true), CHANNEL_SENT);
	close(ends[1]);
	assert_int_equal(channel_receive(ends[0], packet), 1);
	assert_int_equal(packet->kind, CHANNEL_EXIT);
	assert_int_equal(packet->bytes[0], status);
	assert_int_equal(channel_receive(ends[0], packet), -1);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_end_behind_what_was_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
