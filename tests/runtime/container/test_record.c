/* What is written down of a container: it comes back as it was asked, bytes and damage
 * notwithstanding. */
#include "tests/runtime/container/scratch.h"

#include "runtime/container/record.h"
#include "sandbox/base/text.h"

#include <unistd.h>

static struct value *decode(struct arena *arena, const char *text)
{
	struct value *value;
	struct error err = {};

	if (value_decode(&value, arena, "record", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return value;
}

static const char *encode(struct arena *arena, const struct value *value)
{
	_cleanup_text struct text text = {};

	value_encode(&text, value, VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

static struct network_port ports[] = {
	{ .address = "", .host = 8080, .container = 80 },
	{ .address = "127.0.0.1", .host = 53, .container = 53, .udp = true },
	{ .address = "::1", .host = 0, .container = 443 },
};

static void test_ports(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct network_plan network = { .ports = ports, .port_count = ARRAY_SIZE(ports) },
	                          none = {};
	struct network_plan back;
	struct state shown = {};
	struct value *record = value_new_object(&arena);

	(void)state;
	record_ports(&shown, &arena, &network);
	assert_string_equal(shown.ports,
	                    "0.0.0.0:8080->80/tcp, 127.0.0.1:53->53/udp, [::1]:0->443/tcp");
	value_set(&arena, record, "ports", (struct value *)shown.published);
	record_read_network(&back, &arena, record);
	assert_int_equal(back.port_count, ARRAY_SIZE(ports));
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		assert_string_equal(back.ports[i].address, ports[i].address);
		assert_int_equal(back.ports[i].host, ports[i].host);
		assert_int_equal(back.ports[i].container, ports[i].container);
		assert_int_equal(back.ports[i].udp, ports[i].udp);
	}
	assert_null(back.dns);
	record_ports(&shown, &arena, &none);
	assert_string_equal(shown.ports, "");
	assert_int_equal(shown.published->count, 0);
}

static void test_network_of_damaged_records(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"[]",
		"{\"ports\": 7}",
		"{\"ports\": \"80\"}",
		"{\"ports\": {\"a\": 1}, \"dns\": \"1.1.1.1\"}",
	};
	_cleanup_arena struct arena arena = {};
	struct network_plan network;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		record_read_network(&network, &arena, decode(&arena, wrong[i]));
		assert_int_equal(network.port_count, 0);
		assert_null(network.dns);
		assert_false(network.host_loopback);
	}
	record_read_network(
	        &network, &arena,
	        decode(&arena,
	               "{\"ports\": [7, {\"address\": \"a-name-that-is-far-too-long-for-an-address-and-"
	               "therefore-is-cut-somewhere\", \"host\": \"x\"}], \"dns\": [7, \"9.9.9.9\"], "
	               "\"host_loopback\": true}"));
	assert_int_equal(network.port_count, 2);
	assert_int_equal(network.ports[1].host, 0);
	assert_int_equal(strlen(network.ports[1].address), sizeof network.ports[1].address - 1);
	assert_int_equal(network.dns->count, 2);
	assert_string_equal(network.dns->items[1], "9.9.9.9");
	assert_true(network.host_loopback);
}

/* A launch with something in every part that is kept. */
static void fill(struct launch *launch, struct run_request *request, struct image *image,
                 struct plan *plan, struct text *notes)
{
	static const char *labels[] = { "a=image's", "b=image's", "bare" },
	                  *given[] = { "a=given", "c" };
	static const char *command[] = { "image's" }, *words[] = { "sh", "-c", "\xff" };
	static const char *volumes[] = { "data:/v" }, *hosts[] = { "h:1.2.3.4" };
	static struct plan_mount mounts[4];

	*image = (struct image){ .id = "idof",
		                 .digest = "sha256:d",
		                 .reference = "localhost/x:latest",
		                 .config = { .labels = { labels, 3 }, .command = { command, 1 } } };
	*request = (struct run_request){ .interactive = true,
		                         .labels = { given, 2 },
		                         .volumes = { volumes, 1 },
		                         .hosts = { hosts, 1 },
		                         .stop_timeout = 7,
		                         .stop_timeout_given = true };
	mounts[0] = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
		                         .source = "/data/volumes/data/_data",
		                         .target = "/v" };
	mounts[1] = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
		                         .source = "/home/me",
		                         .target = "/h" };
	mounts[2] = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
		                         .source = "/data/containers/id/hosts",
		                         .target = "/etc/hosts" };
	mounts[3] = (struct plan_mount){ .kind = PLAN_MOUNT_TMPFS, .target = "/t" };
	*plan = (struct plan){ .mounts = mounts,
		               .mount_count = 4,
		               .process = { .arguments = { words, 3 }, .stop_signal = 15 } };
	plan->confinement.profile = "default";
	*launch = (struct launch){ .request = request,
		                   .image = image,
		                   .id = "id",
		                   .name = "n",
		                   .network_mode = "private",
		                   .folder = "/data/containers/id",
		                   .notes = notes };
	launch->network = (struct network_plan){ .ports = ports, .port_count = 1 };
}

static void test_state(void **state)
{
	static const struct paths paths = { .data = "/data" };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text notes = {};
	struct run_request request;
	struct launch launch;
	struct image image;
	struct plan plan;
	struct state made;

	(void)state;
	fill(&launch, &request, &image, &plan, &notes);
	launch.paths = &paths;
	record_state(&made, &arena, &launch, &plan);
	assert_int_equal(made.status, CONTAINER_CREATED);
	/* bytes that are no text are not kept as such: the file could not be read back */
	assert_string_equal(made.command, "sh -c \xef\xbf\xbd");
	assert_string_equal(encode(&arena, made.labels),
	                    "{\"a\":\"given\",\"b\":\"image's\",\"bare\":\"\",\"c\":\"\"}");
	/* what the engine mounts for itself is not told */
	assert_string_equal(
	        encode(&arena, made.mounts),
	        "[{\"volume\":\"data\",\"target\":\"/v\"},{\"source\":\"/home/me\",\"target\":\"/h\"}]");
	assert_string_equal(made.ports, "0.0.0.0:8080->80/tcp");
	assert_int_equal(made.stop_timeout, 7);
	assert_true(made.stop_timeout_given);
}

static void test_written_and_read(void **state)
{
	struct scratch *scratch = *state;
	_cleanup_fd int dir = open(scratch->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct folder folder = { .dir = dir };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text notes = {};
	struct run_request request;
	struct launch launch;
	struct value *record;
	struct image image;
	struct plan plan, back;
	struct error err = {};

	fill(&launch, &request, &image, &plan, &notes);
	text_append(&notes, "something was left out\n");
	if (record_write(&folder, &arena, &launch, &plan, &err) < 0)
		fail_msg("%s", err.text);
	record = record_read(&arena, dir, &err);
	assert_non_null(record);
	assert_string_equal(value_string(value_get(record, "image"), ""), "localhost/x:latest");
	assert_string_equal(value_string(value_get(record, "profile"), ""), "default");
	assert_string_equal(value_string(value_get(record, "notes"), ""),
	                    "something was left out\n");
	/* a command of nobody's is the image's */
	assert_string_equal(encode(&arena, value_get(record, "command")), "[\"image's\"]");
	assert_string_equal(encode(&arena, value_get(record, "volumes")), "[\"data:/v\"]");
	assert_null(value_get(record, "dns"));
	assert_int_equal(record_read_plan(&back, &arena, dir, &err), 0);
	assert_int_equal(back.process.arguments.count, 3);
	/* the plan is bytes, and keeps them */
	assert_string_equal(back.process.arguments.items[2], "\xff");
	assert_int_equal(back.mount_count, 4);
	/* written once: nobody's record is written over */
	assert_int_equal(record_write(&folder, &arena, &launch, &plan, &err), -1);
	assert_string_equal(err.text, "cannot write the container's record.json: File exists");
}

static void test_missing_and_damaged(void **state)
{
	struct scratch *scratch = *state;
	_cleanup_fd int dir = open(scratch->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_arena struct arena arena = {};
	struct plan plan;
	struct error err = {};

	assert_null(record_read(&arena, dir, &err));
	assert_string_equal(
	        err.text,
	        "the container's record is damaged: record.json: No such file or directory");
	assert_string_equal(err.hint, "remove the container (cordon rm) and run it anew");
	assert_int_equal(record_read_plan(&plan, &arena, dir, &err), -1);
	assert_true(text_starts(err.text, "the container's plan is damaged: "));
	assert_int_equal(io_replace_file(dir, "record.json", "{\"a\":", 5, IO_VOLATILE, &err), 0);
	assert_int_equal(io_replace_file(dir, "plan", "nothing", 7, IO_VOLATILE, &err), 0);
	assert_null(record_read(&arena, dir, &err));
	assert_true(text_starts(err.text, "the container's record is damaged: "));
	assert_int_equal(record_read_plan(&plan, &arena, dir, &err), -1);
	assert_true(text_starts(err.text, "the container's plan is damaged: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_network_of_damaged_records),
		cmocka_unit_test(test_state),
		cmocka_unit_test_setup_teardown(test_written_and_read, scratch_make, scratch_drop),
		cmocka_unit_test_setup_teardown(test_missing_and_damaged, scratch_make,
		                                scratch_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
