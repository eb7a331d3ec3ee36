/*
 * The order of the steps is the security of the launch: its constraints, by name.
 */
#include "sandbox/enter.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct constraint {
	const char *before, *after;
} constraints[] = {
	{ "wait for id maps", "become root inside" },
	{ "tie to the monitor", "wait for id maps" },
	{ "become root inside", "mount root" },
	{ "isolate mounts", "make /proc and /sys" },
	{ "tie to the monitor", "make namespaces" },
	{ "make namespaces", "raise loopback" },
	{ "make namespaces", "set hostname" },
	{ "make namespaces", "make /proc and /sys" },  /* sysfs shows a network, mqueue an ipc */
	{ "make /proc and /sys", "wait for id maps" }, /* which it is to fill */
	{ "raise loopback", "become user" },
	{ "become root inside", "mount volumes" },
	{ "wait for id maps", "cgroup namespace" },
	{ "become root inside", "cgroup namespace" },
	{ "cgroup namespace", "mount volumes" },
	{ "isolate mounts", "mount root" },
	{ "mount root", "mount volumes" },
	{ "mount root", "make files" },
	{ "make files", "mount volumes" },
	{ "mount volumes", "give files" },
	{ "give files", "protect the root" },
	{ "mount volumes", "make the terminal" },
	{ "mount volumes", "hide paths" },
	{ "hide paths", "change root" },
	{ "protect the root", "change root" },
	{ "change root", "wait at the gate" },
	{ "wait at the gate", "become user" },
	{ "wait at the gate", "close the host's loopback" },
	{ "close the host's loopback", "drop bounding set" },
	{ "set hostname", "drop bounding set" },
	{ "leave the keyring",
	  "become user" }, /* where a filter stands for it, it takes SYS_ADMIN */
	{ "find the user",
	  "limits" }, /* ten open files are enough for the command, not for these */
	{ "find the command", "limits" },
	{ "start init", "limits" },
	{ "limits", "tell what was skipped" },
	{ "limits", "filter system calls" },
	{ "stage AppArmor", "become user" },
	{ "find the user", "become user" },
	{ "drop bounding set", "become user" },
	{ "become user", "set capabilities" },
	{ "set capabilities", "renew the ties" },
	{ "set capabilities", "no_new_privs" },
	{ "no_new_privs", "Landlock" },
	{ "change root", "Landlock" },
	{ "Landlock", "latch mounts" },
	{ "set capabilities", "latch mounts" },
	{ "latch mounts", "filter system calls" },
	{ "Landlock", "find the command" },
	{ "Landlock", "filter system calls" },
	{ "close descriptors", "filter system calls" },
	{ "filter system calls", "exec" },
};

static size_t place(const struct step *steps, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(steps[i].name, name) == 0)
			return i;
	return count;
}

static void check(const struct step *steps, size_t count, bool complete)
{
	for (size_t i = 0; i < ARRAY_SIZE(constraints); i++) {
		size_t before = place(steps, count, constraints[i].before);
		size_t after = place(steps, count, constraints[i].after);

		if (!complete && (before == count || after == count))
			continue;
		if (before >= after || after == count)
			fail_msg("\"%s\" must come before \"%s\"", constraints[i].before,
			         constraints[i].after);
	}
}

static void test_launch_order(void **state)
{
	(void)state;
	check(enter_steps, enter_step_count, true);
	assert_string_equal(enter_steps[0].name, "tie to the monitor");
	assert_string_equal(enter_steps[enter_step_count - 1].name, "exec");
	assert_string_equal(enter_steps[enter_step_count - 2].name, "filter system calls");
}

static void test_join_order(void **state)
{
	(void)state;
	check(join_steps, join_step_count, false);
	assert_string_equal(join_steps[join_step_count - 2].name, "filter system calls");
}

/* A process that joins builds every wall that a process that is launched builds, by the same
 * function. */
static void test_same_walls(void **state)
{
	static const char *const walls[] = {
		"leave the keyring",   "limits",
		"stage AppArmor",      "drop bounding set",
		"become user",         "set capabilities",
		"no_new_privs",        "Landlock",
		"latch mounts",        "close descriptors",
		"filter system calls",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(walls); i++) {
		size_t launch = place(enter_steps, enter_step_count, walls[i]);
		size_t join = place(join_steps, join_step_count, walls[i]);

		assert_true(launch < enter_step_count && join < join_step_count);
		assert_ptr_equal(enter_steps[launch].run, join_steps[join].run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_launch_order),
		cmocka_unit_test(test_join_order),
		cmocka_unit_test(test_same_walls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
