/* What was asked of a container, under Docker's names: ports, limits, masks, what is empty. */
#include "runtime/container/inspect.h"

#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static struct value *decode(struct arena *arena, const char *text)
{
	struct value *value;
	struct error err = {};

	if (value_decode(&value, arena, "record", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return value;
}

/* A container of a record and a state, with an empty plan to be filled. */
static struct inspection inspection(struct arena *arena, const char *record,
                                    const struct state *state)
{
	return (struct inspection){ .arena = arena,
		                    .container = { .record = decode(arena, record),
		                                   .details = state,
		                                   .image = "docker.io/library/x:1" },
		                    .has_plan = true };
}

static const char *member(struct arena *arena, const struct value *root, const char *path)
{
	const struct value *value = value_path(root, path);
	_cleanup_text struct text text = {};

	if (value == NULL)
		return "absent";
	value_encode(&text, value, VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

#define EXPECT(root, path, expected) assert_string_equal(member(&arena, root, path), expected)

static void test_empty(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct state none = { .status = CONTAINER_CREATED };
	struct inspection in = inspection(&arena, "{}", &none);
	struct value *root = value_new_object(&arena);

	(void)state;
	in.plan.process.stop_signal = SIGTERM;
	inspect_config(&in, root);
	inspect_host_config(&in, root);
	inspect_network(&in, root);
	EXPECT(root, "Config.User", "\"\"");
	EXPECT(root, "Config.Cmd", "[]");
	EXPECT(root, "Config.Entrypoint", "[]");
	EXPECT(root, "Config.Labels", "{}");
	EXPECT(root, "Config.ExposedPorts", "{}");
	EXPECT(root, "Config.StopTimeout", "null");
	EXPECT(root, "Config.StopSignal", "\"SIGTERM\"");
	EXPECT(root, "Config.Image", "\"docker.io/library/x:1\"");
	EXPECT(root, "HostConfig.Ulimits", "[]");
	EXPECT(root, "HostConfig.PortBindings", "{}");
	EXPECT(root, "HostConfig.Privileged", "false");
	EXPECT(root, "HostConfig.MaskedPaths", "[]");
	EXPECT(root, "HostConfig.Memory", "0");
	EXPECT(root, "HostConfig.ShmSize", "0");
	EXPECT(root, "NetworkSettings.Ports", "{}");
}

static void test_ports(void **state)
{
	static const char record[] =
	        "{\"exposed\": [\"80/tcp\", \"53/udp\", \"no port\", \"99999\"], \"expose\": [\"7000-7002\"], "
	        "\"ports\": [{\"address\": \"\", \"host\": 8080, \"container\": 80, \"udp\": false}, "
	        "{\"address\": \"127.0.0.1\", \"host\": 0, \"container\": 80, \"udp\": false}]}";
	_cleanup_arena struct arena arena = {};
	struct state running = {
		.status = CONTAINER_RUNNING,
		.published = decode(
		        &arena,
		        "[{\"address\": \"\", \"host\": 8080, \"container\": 80}, "
		        "{\"address\": \"::1\", \"host\": 8081, \"container\": 80}, "
		        "{\"address\": \"\", \"host\": 9, \"container\": 9, \"udp\": true}]"),
	};
	struct inspection in = inspection(&arena, record, &running);
	struct value *root = value_new_object(&arena), *stopped = value_new_object(&arena);

	(void)state;
	inspect_config(&in, root);
	inspect_host_config(&in, root);
	inspect_network(&in, root);
	EXPECT(root, "Config.ExposedPorts",
	       "{\"80/tcp\":{},\"53/udp\":{},\"7000/tcp\":{},\"7001/tcp\":{},\"7002/tcp\":{}}");
	EXPECT(root, "HostConfig.PortBindings",
	       "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"},{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}]}");
	/* exposed and not published is null; as it is now, with the addresses that are meant */
	EXPECT(root, "NetworkSettings.Ports",
	       "{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"},{\"HostIp\":\"::1\",\"HostPort\":\"8081\"}],"
	       "\"53/udp\":null,\"7000/tcp\":null,\"7001/tcp\":null,\"7002/tcp\":null,"
	       "\"9/udp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"9\"}]}");
	running.status = CONTAINER_EXITED;
	running.published = NULL;
	inspect_network(&in, stopped);
	EXPECT(stopped, "NetworkSettings.Ports", "{}");
}

/* An image may expose all ports there are: the object stays small. */
static void test_many_ports(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct state none = { .status = CONTAINER_CREATED };
	struct inspection in = inspection(&arena, "{\"exposed\": [\"1-65535/tcp\"]}", &none);
	struct value *root = value_new_object(&arena);

	(void)state;
	inspect_config(&in, root);
	assert_int_equal(value_path(root, "Config.ExposedPorts")->count, 1024);
}

static void test_walls(void **state)
{
	static struct plan_limit limits[] = {
		{ .resource = RLIMIT_NOFILE, .soft = 10, .hard = 20 },
		{ .resource = RLIMIT_CORE, .soft = 0, .hard = UINT64_MAX },
	};
	static struct plan_mask masks[] = { { PLAN_MASK_HIDE, "/proc/keys" },
		                            { PLAN_MASK_READ_ONLY, "/proc/sys" },
		                            { PLAN_MASK_HIDE, "/proc/kcore" } };
	static struct plan_mount mounts[] = { { .target = "/tmp", .options = "size=1m" },
		                              { .target = "/dev/shm",
		                                .options = "mode=1777,size=64m" } };
	_cleanup_arena struct arena arena = {};
	const struct state details = {
		.remove = true, .cgroup = "/c", .stop_timeout = -1, .stop_timeout_given = true
	};
	struct inspection in =
	        inspection(&arena,
	                   "{\"network\": \"private\", \"tmpfs\": [\"/a\", \"/b:size=1m,exec\"], "
	                   "\"cap_add\": [\"KILL\"], \"publish_all\": true}",
	                   &details);
	struct value *root = value_new_object(&arena);

	(void)state;
	in.plan.confinement = (struct confinement){
		.limits = limits,
		.limit_count = ARRAY_SIZE(limits),
		.masks = masks,
		.mask_count = ARRAY_SIZE(masks),
		.resources = { .pids = 7, .memory = 1 << 20, .cpu_quota = 150000 },
	};
	in.plan.mounts = mounts;
	in.plan.mount_count = ARRAY_SIZE(mounts);
	in.plan.process.stop_signal = SIGRTMIN + 3;
	in.plan.root.read_only = true;
	inspect_config(&in, root);
	inspect_host_config(&in, root);
	EXPECT(root, "HostConfig.Ulimits",
	       "[{\"Name\":\"nofile\",\"Hard\":20,\"Soft\":10},{\"Name\":\"core\",\"Hard\":-1,\"Soft\":0}]");
	EXPECT(root, "HostConfig.MaskedPaths", "[\"/proc/keys\",\"/proc/kcore\"]");
	EXPECT(root, "HostConfig.ReadonlyPaths", "[\"/proc/sys\"]");
	EXPECT(root, "HostConfig.ShmSize", "67108864");
	EXPECT(root, "HostConfig.Memory", "1048576");
	EXPECT(root, "HostConfig.NanoCpus", "1500000000");
	EXPECT(root, "HostConfig.PidsLimit", "7");
	EXPECT(root, "HostConfig.CgroupParent", "\"/c\"");
	EXPECT(root, "HostConfig.AutoRemove", "true");
	EXPECT(root, "HostConfig.ReadonlyRootfs", "true");
	EXPECT(root, "HostConfig.PublishAllPorts", "true");
	EXPECT(root, "HostConfig.Tmpfs", "{\"/a\":\"\",\"/b\":\"size=1m,exec\"}");
	EXPECT(root, "HostConfig.CapAdd", "[\"KILL\"]");
	EXPECT(root, "HostConfig.CapDrop", "[]");
	EXPECT(root, "HostConfig.NetworkMode", "\"private\"");
	EXPECT(root, "Config.StopTimeout", "-1");
	/* what has no name is its number */
	EXPECT(root, "Config.StopSignal", "\"37\"");
}

/* A record that somebody damaged: nothing is there, and nothing is read that is not. */
static void test_damaged(void **state)
{
	static const char *const records[] = {
		"{\"exposed\": \"80\", \"ports\": 7, \"tmpfs\": {}, \"labels\": [], \"annotations\": 3}",
		"{\"exposed\": [1, null, {}], \"ports\": [1, null], \"tmpfs\": [1], \"volumes\": true}",
		"[]",
	};
	const struct state running = { .status = CONTAINER_RUNNING };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		_cleanup_arena struct arena arena = {};
		struct inspection in = inspection(&arena, records[i], &running);
		struct value *root = value_new_object(&arena);

		inspect_config(&in, root);
		inspect_host_config(&in, root);
		inspect_network(&in, root);
		assert_int_equal(root->count, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),      cmocka_unit_test(test_ports),
		cmocka_unit_test(test_many_ports), cmocka_unit_test(test_walls),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
