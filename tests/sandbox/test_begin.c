/*
 * A first process that is begun before it has a plan: it waits, it takes what it is given, and of
 * one that nobody wants nothing is left.
 */
#include "ground.h"

#include "sandbox/sync.h"

#include <sys/socket.h>

static struct sandbox begin(const struct ground *ground, const struct namespaces *namespaces)
{
	struct sandbox sandbox;
	struct error err;

	if (sandbox_begin(&sandbox, namespaces, &ground->host, -1, &err) < 0)
		fail_msg("%s", err.text);
	return sandbox;
}

static void check_nobody_left(void)
{
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static void map(struct ground *ground, enum idmap_mode mode)
{
	struct error err;

	assert_int_equal(host_id_maps(&ground->plan.maps, &ground->arena, &ground->host, mode, 0,
	                              &err),
	                 0);
}

static size_t modes_of(const struct ground *ground, enum idmap_mode ret[2])
{
	ret[0] = IDMAP_SINGLE;
	ret[1] = IDMAP_RANGE;
	return ground->host.subuid_count > 0 && ground->host.newuidmap[0] != '\0' ? 2 : 1;
}

/* The descriptors of this process. */
static size_t count_open(void)
{
	_cleanup_dir DIR *stream = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(stream);
	while (readdir(stream) != NULL)
		count++;
	return count;
}

static void test_discard_leaves_nothing(void **state)
{
	struct ground *ground = need(state);
	enum idmap_mode modes[2];
	size_t count = modes_of(ground, modes), open = count_open();

	for (size_t i = 0; i < count * 10; i++) {
		struct namespaces namespaces;
		struct sandbox sandbox;

		map(ground, modes[i % count]);
		namespaces = namespaces_of(&ground->plan);
		sandbox = begin(ground, &namespaces);
		usleep((useconds_t)(i * 200));
		sandbox_discard(&sandbox);
		assert_int_equal(sandbox.pidfd, -1);
		sandbox_discard(&sandbox); /* once more does nothing */
		check_nobody_left();
		assert_int_equal(count_open(), open);
	}
}

/* What comes over the gate is all of it: a large environment, and no stream at all. */
static void test_given_later(void **state)
{
	struct ground *ground = need(state);
	enum idmap_mode modes[2];
	size_t count = modes_of(ground, modes);
	char *large = arena_alloc(&ground->arena, 100001);

	memset(large, 'x', 100000);
	memcpy(large, "LARGE=", 6);
	for (size_t i = 0; i < count; i++) {
		const struct sandbox_request request = {
			&ground->plan, &ground->host, { -1, -1, -1, -1 }, {}
		};
		struct namespaces namespaces;
		struct sandbox sandbox;
		struct error err;
		int status;

		map(ground, modes[i]);
		namespaces = namespaces_of(&ground->plan);
		sandbox = begin(ground, &namespaces);
		ground->plan.hostname = "later";
		ground->plan.process.environment =
		        strings(&ground->arena, "PATH=/bin", large, NULL);
		ground->plan.process.arguments = strings(
		        &ground->arena, "/bin/sh", "-c",
		        "[ ${#LARGE} = 99994 ] && [ $(busybox hostname) = later ] && exit 7", NULL);
		if (sandbox_give(&sandbox, &request, &err) < 0 ||
		    sandbox_start(&sandbox, &ground->plan, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(waitpid(sandbox.pid, &status, 0), sandbox.pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 7);
		sandbox_done(&sandbox);
	}
}

/* Killed while it waits: giving it the plan fails, with a word, and leaves nothing. */
static void test_gone_before_it_is_given(void **state)
{
	struct ground *ground = need(state);
	const struct namespaces namespaces = namespaces_of(&ground->plan);
	const struct sandbox_request request = {
		&ground->plan, &ground->host, { -1, -1, -1, -1 }, {}
	};
	struct sandbox sandbox = begin(ground, &namespaces);
	struct error err = {};

	ground->plan.process.arguments = strings(&ground->arena, "/bin/true", NULL);
	assert_int_equal(kill(sandbox.pid, SIGKILL), 0);
	usleep(20000);
	assert_int_equal(sandbox_give(&sandbox, &request, &err), -1);
	assert_true(err.text[0] != '\0');
	assert_int_equal(sandbox.pidfd, -1);
	check_nobody_left();
}

/* A begun process has all powers over its namespaces: it must not outlive who began it. */
static void test_dies_with_its_parent(void **state)
{
	struct ground *ground = need(state);
	const struct namespaces namespaces = namespaces_of(&ground->plan);
	int ends[2], status;
	pid_t parent, child = 0;
	char path[32];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		struct sandbox sandbox = begin(ground, &namespaces);

		if (write(ends[1], &sandbox.pid, sizeof sandbox.pid) != sizeof sandbox.pid)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &child, sizeof child), sizeof child);
	snprintf(path, sizeof path, "/proc/%d", (int)child);
	usleep(20000);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	for (int tries = 0; access(path, F_OK) == 0 && tries < 500; tries++)
		usleep(10000);
	assert_int_equal(access(path, F_OK), -1);
	close(ends[0]);
	close(ends[1]);
}

static void test_equal(void **state)
{
	struct ground *ground = need(state);
	const struct namespaces one = namespaces_of(&ground->plan);
	const struct plan_id_map line = { 0, 0, 2 };
	struct namespaces other = one;

	assert_true(namespaces_equal(&one, &other));
	other.host_network = !one.host_network;
	assert_false(namespaces_equal(&one, &other));
	other = one;
	other.host_pid = !one.host_pid;
	assert_false(namespaces_equal(&one, &other));
	other = one;
	other.maps.mode = IDMAP_KEEP_ID;
	assert_false(namespaces_equal(&one, &other));
	other = one;
	other.maps.gids = &line;
	assert_false(namespaces_equal(&one, &other));
}

/* ---- descriptors over the gate ---- */

static void test_descriptors(void **state)
{
	int ends[2], sent[4] = { -1, 1, -1, 2 }, got[4];
	struct error err;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(sync_send_descriptors(ends[0], "these", sent, 4, &err), 0);
	assert_int_equal(sync_receive_descriptors(got, 4, ends[1]), 0);
	assert_int_equal(got[0], -1);
	assert_int_equal(got[2], -1);
	for (size_t i = 1; i < 4; i += 2) {
		assert_true(got[i] > 2);
		assert_int_equal(fcntl(got[i], F_GETFD), FD_CLOEXEC);
		close(got[i]);
	}
	/* none at all, and another number than was sent */
	sent[1] = sent[3] = -1;
	assert_int_equal(sync_send_descriptors(ends[0], "these", sent, 4, &err), 0);
	assert_int_equal(sync_receive_descriptors(got, 4, ends[1]), 0);
	assert_int_equal(got[3], -1);
	assert_int_equal(sync_signal(ends[0], GATE_GO), 0);
	assert_int_equal(sync_receive_descriptors(got, 4, ends[1]), -1);
	close(ends[0]);
	assert_int_equal(sync_receive_descriptors(got, 4, ends[1]), -1);
	assert_int_equal(sync_send_descriptors(ends[1], "the plan", sent, 4, &err), -1);
	assert_non_null(strstr(err.text, "cannot hand over the plan"));
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discard_leaves_nothing),
		cmocka_unit_test(test_given_later),
		cmocka_unit_test(test_gone_before_it_is_given),
		cmocka_unit_test(test_dies_with_its_parent),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, ground_make, ground_drop);
}
