/*
 * ground: a bare root of busybox-static and a plan for it, for tests that launch for real. Skipped
 * for root (cordon is rootless) and where busybox is missing.
 */
#ifndef CORDON_TESTS_SANDBOX_GROUND_H
#define CORDON_TESTS_SANDBOX_GROUND_H

#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct ground {
	struct arena arena;
	struct host host;
	char folder[64];
	struct plan plan;
	struct plan_mount mounts[8];
};

static inline struct plan_strings strings(struct arena *arena, const char *first, ...)
{
	struct plan_strings list = { .items = arena_array(arena, 16, sizeof(char *)) };
	va_list rest;

	va_start(rest, first);
	for (const char *next = first; next != NULL; next = va_arg(rest, const char *))
		list.items[list.count++] = next;
	va_end(rest);
	return list;
}

static inline void make_root(struct ground *ground)
{
	static const char *const folders[] = { "bin", "etc", "tmp", "proc", "dev", "sys" };
	char command[512];

	strcpy(ground->folder, "/tmp/cordon-spawn.XXXXXX");
	assert_non_null(mkdtemp(ground->folder));
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(command, sizeof command, "%s/%s", ground->folder, folders[i]);
		assert_int_equal(mkdir(command, 0755), 0);
	}
	snprintf(
	        command, sizeof command,
	        "cd %s && cp \"$(command -v busybox)\" bin/busybox && for a in sh cat true ls grep id; do "
	        "ln -s busybox bin/$a; done && echo root:x:0:0::/root:/bin/sh >etc/passwd",
	        ground->folder);
	assert_int_equal(system(command), 0);
}

static inline int ground_make(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	struct error err;
	struct plan *plan = &ground->plan;

	if (geteuid() == 0 || system("command -v busybox >/dev/null") != 0) {
		free(ground);
		*state = NULL;
		return 0;
	}
	*state = ground;
	assert_int_equal(host_probe(&ground->host, NULL, &err), 0);
	make_root(ground);
	ground->mounts[0] = (struct plan_mount){ .kind = PLAN_MOUNT_PROC, .target = "/proc" };
	ground->mounts[1] = (struct plan_mount){ .kind = PLAN_MOUNT_DEV, .target = "/dev" };
	ground->mounts[2] = (struct plan_mount){ .kind = PLAN_MOUNT_DEVPTS,
		                                 .target = "/dev/pts",
		                                 .options = "newinstance,ptmxmode=0666,mode=0620" };
	plan->mounts = ground->mounts;
	plan->mount_count = 3;
	plan->root = (struct plan_root){ .kind = PLAN_ROOT_DIRECTORY, .directory = ground->folder };
	plan->hostname = "inside";
	plan->process.directory = "/";
	plan->process.user = "";
	plan->process.environment = strings(&ground->arena, "PATH=/bin", NULL);
	plan->confinement.no_new_privileges = true;
	plan->confinement.landlock =
	        (struct plan_landlock){ .enabled = true, .if_available = true };
	assert_int_equal(host_id_maps(&plan->maps, &ground->arena, &ground->host, IDMAP_SINGLE, 0,
	                              &err),
	                 0);
	return 0;
}

static inline int ground_drop(void **state)
{
	struct ground *ground = *state;
	struct error err;

	if (ground == NULL)
		return 0;
	if (io_remove_tree(AT_FDCWD, ground->folder, &err) < 0)
		print_message("%s\n", err.text);
	arena_done(&ground->arena);
	free(ground);
	return 0;
}

static inline struct ground *need(void **state)
{
	if (*state == NULL)
		skip();
	return *state;
}

static inline int ground_spawn(struct sandbox *ret, const struct ground *ground,
                               const struct sandbox_streams *streams, struct error *err)
{
	const struct sandbox_request request = { &ground->plan, &ground->host, *streams, {} };

	return sandbox_spawn(ret, &request, err);
}

/* Runs a shell script inside; the exit status, its output in `said`. -1: not started, *err says
 * why. */
static inline int run_inside(struct ground *ground, const char *script, struct text *said,
                             struct error *err)
{
	struct sandbox sandbox;
	struct sandbox_streams streams = { .input = -1, .trace = -1 };
	int ends[2], status;

	ground->plan.process.arguments = strings(&ground->arena, "/bin/sh", "-c", script, NULL);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	streams.output = streams.error = ends[1];
	if (ground_spawn(&sandbox, ground, &streams, err) < 0 ||
	    sandbox_start(&sandbox, &ground->plan, err) < 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	assert_int_equal(io_read_all(said, ends[0], 1 << 20, err), 0);
	close(ends[0]);
	assert_int_equal(waitpid(sandbox.pid, &status, 0), sandbox.pid);
	sandbox_done(&sandbox);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
