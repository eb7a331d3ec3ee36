/* resolv.conf, hosts, addresses: text in, text out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/network/network.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

static void check(const char *host, const char *mode, struct plan_strings *dns, const char *wanted)
{
	const struct network_plan plan = { .dns = dns };
	_cleanup_text struct text text = {};

	network_resolv_conf_from(&text, host, mode, &plan);
	assert_string_equal(text_string(&text), wanted);
}

static void test_resolv_conf(void **state)
{
	(void)state;
	check("nameserver 10.0.0.1\nsearch example\noptions ndots:2\n", "private", NULL,
	      "nameserver 10.0.0.1\nsearch example\noptions ndots:2\n");
	/* of the host only: pasta passes it on, once */
	check("nameserver 127.0.0.53\n", "private", NULL, "nameserver 169.254.1.1\n");
	check("nameserver\t127.0.0.53 # stub\nnameserver ::1\nnameserver fe80::1%eth0\n", "private",
	      NULL, "nameserver 169.254.1.1\n");
	check("nameserver 127.0.0.1\nnameserver 10.0.0.1\n", "private", NULL,
	      "nameserver 169.254.1.1\nnameserver 10.0.0.1\n");
	/* with the host's network the host's resolver is there */
	check("nameserver 127.0.0.53\n", "host", NULL, "nameserver 127.0.0.53\n");
	/* nothing, comments, what only looks like a server */
	check("", "private", NULL, "nameserver 169.254.1.1\n");
	check("# nameserver 10.0.0.1\n; x\n", "private", NULL, "nameserver 169.254.1.1\n");
	check("nameservers 10.0.0.1\n", "private", NULL,
	      "nameservers 10.0.0.1\nnameserver 169.254.1.1\n");
	check("", "host", NULL, "");
	check("nameserver 10.0.0.1\r\n", "private", NULL, "nameserver 10.0.0.1\n");
}

static void test_own_servers(void **state)
{
	const char *servers[] = { "1.1.1.1", "2606:4700::1111" };
	struct plan_strings dns = { servers, 2 };

	(void)state;
	check("nameserver 127.0.0.53\nsearch example\n", "private", &dns,
	      "nameserver 1.1.1.1\nnameserver 2606:4700::1111\nsearch example\n");
	check("", "private", &dns, "nameserver 1.1.1.1\nnameserver 2606:4700::1111\n");
}

static void test_search_and_options(void **state)
{
	static const char host[] = "nameserver 10.0.0.1\nsearch host.example\ndomain old\n"
	                           "options ndots:5\nsortlist 1.2.3.4\n";
	const char *domains[] = { "a.example", "b.example" }, *nowhere[] = { "." };
	const char *options[] = { "ndots:1", "rotate" };
	const struct plan_strings search = { domains, 2 }, none = { nowhere, 1 };
	const struct plan_strings given = { options, 2 };
	const struct {
		struct network_plan plan;
		const char *wanted;
	} rows[] = {
		{ { .dns_search = &search },
		  "nameserver 10.0.0.1\noptions ndots:5\nsortlist 1.2.3.4\n"
		  "search a.example b.example\n" },
		{ { .dns_search = &none },
		  "nameserver 10.0.0.1\noptions ndots:5\nsortlist 1.2.3.4\n" },
		{ { .dns_options = &given },
		  "nameserver 10.0.0.1\nsearch host.example\ndomain old\nsortlist 1.2.3.4\n"
		  "options ndots:1 rotate\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		_cleanup_text struct text text = {};

		network_resolv_conf_from(&text, host, "private", &rows[i].plan);
		assert_string_equal(text_string(&text), rows[i].wanted);
	}
}

static void test_no_network(void **state)
{
	_cleanup_text struct text text = {};

	(void)state;
	network_resolv_conf(&text, "none", NULL);
	assert_int_equal(text.length, 0);
}

static void test_hosts(void **state)
{
	const char *lines[] = { "10.0.0.7\tdb" };
	const struct plan_strings hosts = { lines, 1 };
	const struct network_plan plan = { .hosts = &hosts };
	_cleanup_text struct text text = {};

	(void)state;
	network_hosts(&text, &plan, "box");
	assert_string_equal(text.data, "127.0.0.1\tlocalhost\n"
	                               "::1\tlocalhost ip6-localhost ip6-loopback\n"
	                               "10.0.0.7\tdb\n127.0.1.1\tbox\n");
}

static void test_add_host(void **state)
{
	static const char *const bad[] = { "",
		                           "db",
		                           "db:",
		                           ":1.2.3.4",
		                           "db:1.2.3",
		                           "db:1.2.3.4:5",
		                           "a b:1.2.3.4",
		                           "db\n:1.2.3.4",
		                           "db:host-gateway" };
	_cleanup_arena struct arena arena = {};
	const char *name, *address;
	struct error err = {};

	(void)state;
	assert_int_equal(network_host_parse(&name, &address, &arena, "db:10.0.0.7", &err), 0);
	assert_string_equal(name, "db");
	assert_string_equal(address, "10.0.0.7");
	assert_int_equal(network_host_parse(&name, &address, &arena, "db.x=::1", &err), 0);
	assert_string_equal(name, "db.x");
	assert_string_equal(address, "::1");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (network_host_parse(&name, &address, &arena, bad[i], &err) != -1)
			fail_msg("'%s' was taken", bad[i]);
}

static void test_addresses(void **state)
{
	(void)state;
	assert_true(network_address_is_valid("10.0.0.1"));
	assert_true(network_address_is_valid("::"));
	assert_false(network_address_is_valid(""));
	assert_false(network_address_is_valid("10.0.0"));
	assert_false(network_address_is_valid("10.0.0.1\nnameserver 6.6.6.6"));
	assert_false(network_address_is_valid("example.com"));
	assert_false(network_address_is_valid("fe80::1%eth0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolv_conf),
		cmocka_unit_test(test_own_servers),
		cmocka_unit_test(test_search_and_options),
		cmocka_unit_test(test_no_network),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_add_host),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
