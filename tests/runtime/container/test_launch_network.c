/* The network of a launch: modes, ports published one by one or all, resolvers, hosts. */
#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct plan_strings list(const char **items)
{
	struct plan_strings ret = { items, 0 };

	while (items[ret.count] != NULL)
		ret.count++;
	return ret;
}

#define LIST(...) list((const char *[]){ __VA_ARGS__, NULL })

/* A launch of that request and of an image that exposes these ports. */
static int launch(struct launch *ret, struct plan *plan, struct arena *arena,
                  const struct run_request *request, const struct plan_strings *exposed,
                  struct error *err)
{
	struct image *image = arena_alloc(arena, sizeof *image);

	image->config.exposed = *exposed;
	*ret = (struct launch){ .request = request, .image = image };
	*plan = (struct plan){};
	return launch_network(plan, arena, ret, err);
}

static void test_modes(void **state)
{
	static const struct {
		const char *given, *mode;
		enum plan_network network;
		bool loopback;
	} rows[] = {
		{ NULL, "private", PLAN_NETWORK_PRIVATE, false },
		{ "", "private", PLAN_NETWORK_PRIVATE, false },
		{ "bridge", "private", PLAN_NETWORK_PRIVATE, false },
		{ "private:host-loopback", "private", PLAN_NETWORK_PRIVATE, true },
		{ "host", "host", PLAN_NETWORK_HOST, false },
		{ "none", "none", PLAN_NETWORK_NONE, false },
	};
	static const char *const wrong[] = { "container:x", "mynet", "None", "private:", "none " };
	const struct plan_strings nothing = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct run_request request = { .network = rows[i].given };
		_cleanup_arena struct arena arena = {};
		struct launch made;
		struct plan plan;
		struct error err = {};

		assert_int_equal(launch(&made, &plan, &arena, &request, &nothing, &err), 0);
		assert_string_equal(made.network_mode, rows[i].mode);
		assert_int_equal(plan.network, rows[i].network);
		assert_int_equal(made.network.host_loopback, rows[i].loopback);
		assert_null(made.network.dns);
		assert_null(made.network.hosts);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_arena struct arena arena = {};
		struct error err = {};
		const char *mode;

		assert_int_equal(launch_network_mode(&mode, wrong[i], &err), -1);
		assert_string_equal(err.text,
		                    arena_printf(&arena, "there is no network '%s'", wrong[i]));
		assert_string_equal(err.hint, "use none, host or private");
	}
}

static void test_ports(void **state)
{
	const struct run_request request = { .publish = LIST("8080:80", "127.0.0.1:53:53/udp"),
		                             .publish_all = true,
		                             .expose = LIST("90", "80/tcp") };
	const struct plan_strings exposed = LIST("80/tcp", "53/tcp", "53/udp", "7000-7001");
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct launch made;
	struct plan plan;
	struct error err = {};

	(void)state;
	if (launch(&made, &plan, &arena, &request, &exposed, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < made.network.port_count; i++)
		text_printf(&text, "%s:%u:%u%s ", made.network.ports[i].address,
		            made.network.ports[i].host, made.network.ports[i].container,
		            made.network.ports[i].udp ? "u" : "");
	/* what -p named is not published again, all else on a free port */
	assert_string_equal(text_string(&text),
	                    ":8080:80 127.0.0.1:53:53u :0:90 :0:53 :0:7000 :0:7001 ");
}

static void refuse(const struct run_request *request, const struct plan_strings *exposed,
                   const char *text, const char *hint)
{
	_cleanup_arena struct arena arena = {};
	struct launch made;
	struct plan plan;
	struct error err = {};

	if (launch(&made, &plan, &arena, request, exposed, &err) != -1)
		fail_msg("taken, which should be: %s", text);
	assert_string_equal(err.text, text);
	assert_string_equal(err.hint, hint);
}

static void test_refused(void **state)
{
	const struct plan_strings nothing = {}, all = LIST("1-65535");

	(void)state;
	refuse(&(struct run_request){ .network = "none", .publish = LIST("80:80") }, &nothing,
	       "ports cannot be published with --network none",
	       "leave --network out, or -p and -P");
	refuse(&(struct run_request){ .network = "host",
	                              .publish_all = true,
	                              .expose = LIST("80") },
	       &nothing, "ports cannot be published with --network host",
	       "leave --network out, or -p and -P");
	/* an image's word: pasta would listen on each of them */
	refuse(&(struct run_request){ .publish_all = true }, &all,
	       "--publish-all: 1-65535: more than 1024 ports are exposed", "");
	refuse(&(struct run_request){ .network = "none", .dns = LIST("1.1.1.1") }, &nothing,
	       "--dns, --dns-search and --dns-option need a network",
	       "leave them out, or --network none");
	refuse(&(struct run_request){ .dns = LIST("dns.example") }, &nothing,
	       "--dns 'dns.example' is not a numeric address", "");
	refuse(&(struct run_request){ .dns = LIST("1.1.1.1\nnameserver 6.6.6.6") }, &nothing,
	       "--dns '1.1.1.1\nnameserver 6.6.6.6' is not a numeric address", "");
	/* a word that would begin another line, or a remark */
	refuse(&(struct run_request){ .dns_search = LIST("a", "b c") }, &nothing,
	       "invalid --dns-search 'b c'", "");
	refuse(&(struct run_request){ .dns_options = LIST("ndots:2\noptions x") }, &nothing,
	       "invalid --dns-option 'ndots:2\noptions x'", "");
	refuse(&(struct run_request){ .dns_search = LIST("a#b") }, &nothing,
	       "invalid --dns-search 'a#b'", "");
}

static void test_names(void **state)
{
	const struct run_request request = { .dns = LIST("9.9.9.9", "2620:fe::fe"),
		                             .dns_search = LIST("example.org"),
		                             .hosts = LIST("a:1.2.3.4", "b:::1") };
	const struct plan_strings nothing = {};
	_cleanup_arena struct arena arena = {};
	struct launch made;
	struct plan plan;
	struct error err = {};

	(void)state;
	if (launch(&made, &plan, &arena, &request, &nothing, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(made.network.dns->count, 2);
	assert_string_equal(made.network.dns_search->items[0], "example.org");
	assert_null(made.network.dns_options);
	assert_string_equal(made.network.hosts->items[0], "1.2.3.4\ta");
	assert_string_equal(made.network.hosts->items[1], "::1\tb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
