/* -p in all its spellings. */
#include "runtime/network/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	const char *spec, *address;
	unsigned host, container, count;
	bool udp;
} good[] = {
	{ "8080:80", "", 8080, 80, 1, false },
	{ "80", "", 0, 80, 1, false },
	{ "127.0.0.1:8080:80", "127.0.0.1", 8080, 80, 1, false },
	{ "127.0.0.1::80", "127.0.0.1", 0, 80, 1, false },
	{ "0.0.0.0:8080:80", "", 8080, 80, 1, false },
	{ "localhost:8080:80", "127.0.0.1", 8080, 80, 1, false },
	{ "[::1]:8080:80/udp", "::1", 8080, 80, 1, true },
	{ "53:53/udp", "", 53, 53, 1, true },
	{ "8000-8010:9000-9010/tcp", "", 8000, 9000, 11, false },
};

static const char *const bad[] = { "",
	                           "0",
	                           "65536",
	                           "x",
	                           "80:",
	                           "80:0",
	                           "80:80/sctp",
	                           "-1:80",
	                           "1:2:3:4",
	                           "::1:80:80",
	                           "8000-8001:80",
	                           "example.com:80:80",
	                           "80-70:80-70",
	                           " 80",
	                           "80 ",
	                           "0x50:80" };

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		_cleanup_arena struct arena arena = {};
		struct network_port *ports = NULL;
		size_t count = 0;
		struct error err = {};

		if (network_port_parse(&ports, &count, &arena, good[i].spec, &err) < 0)
			fail_msg("%s: %s", good[i].spec, err.text);
		assert_int_equal(count, good[i].count);
		assert_string_equal(ports[0].address, good[i].address);
		assert_int_equal(ports[0].host, good[i].host);
		assert_int_equal(ports[0].container, good[i].container);
		assert_int_equal(ports[0].udp, good[i].udp);
		assert_int_equal(ports[count - 1].container, good[i].container + count - 1);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		_cleanup_arena struct arena arena = {};
		struct network_port *ports = NULL;
		size_t count = 0;
		struct error err = {};

		if (network_port_parse(&ports, &count, &arena, bad[i], &err) != -1)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.text, "invalid port"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good),
		                            cmocka_unit_test(test_bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
