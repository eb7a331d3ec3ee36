/*
 * floor ROOT [volatile]: the bare minimum of what a rootless launch costs, with no engine around
 * it.
 *
 * clone3 with all namespaces; newuidmap beside newgidmap with the user's full range, by vfork; an
 * overlay over ROOT; pivot_root; exec of ROOT's /bin/true; wait; removal of what was made. No
 * filter, no /proc, no record, no profile: what cordon does on top of this is its price. The
 * overlay is synced when it is unmounted, as everybody's is who does not ask for "volatile"; with
 * that word it is as cordon's own of a --rm container.
 *
 * Exits as /bin/true does; 125 and a line on standard error where a step fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct floor {
	const char *root;
	bool synced;
	char folder[64]; /* upper/, work/, merged/ are made in it */
	int go[2];       /* the child reads until the parent has written its maps */
};

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

/* The first line of /etc/subuid or subgid that is the user's: "name:first:count". */
static void read_range(const char *file, char first[16], char count[16])
{
	char line[256], name[64] = "";
	const char *user = getenv("USER");
	FILE *stream = fopen(file, "re");

	if (stream == NULL)
		fail(file);
	while (fgets(line, sizeof line, stream) != NULL)
		if (sscanf(line, "%63[^:]:%15[0-9]:%15[0-9]", name, first, count) == 3 &&
		    user != NULL && strcmp(name, user) == 0)
			break;
	fclose(stream);
	if (user == NULL || strcmp(name, user) != 0)
		fail("no subordinate ids; is USER set?");
}

static pid_t start_helper(const char *program, pid_t child, unsigned own, const char *ranges)
{
	char pid[16], id[16], first[16], count[16];
	pid_t helper;

	read_range(ranges, first, count);
	snprintf(pid, sizeof pid, "%d", child);
	snprintf(id, sizeof id, "%u", own);
	helper = vfork();
	if (helper == 0) {
		execl(program, program, pid, "0", id, "1", "1", first, count, (char *)NULL);
		_exit(127);
	}
	return helper;
}

static void wait_for(pid_t child, const char *what)
{
	int status;

	if (waitpid(child, &status, 0) < 0 || status != 0)
		fail(what);
}

static void enter(const struct floor *floor)
{
	char program[] = "/bin/true", *arguments[] = { program, NULL };
	char options[512], byte;

	/* Without its own copy of the writing end the child ends when the parent does. */
	close(floor->go[1]);
	if (read(floor->go[0], &byte, 1) != 1 || chdir(floor->folder) < 0)
		fail("go");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("private");
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=upper,workdir=work,userxattr%s",
	         floor->root, floor->synced ? "" : ",volatile");
	if (mount("overlay", "merged", "overlay", 0, options) < 0)
		fail("overlay");
	if (chdir("merged") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail("pivot_root");
	execv(arguments[0], arguments);
	fail("exec");
}

static pid_t start(const struct floor *floor)
{
	struct clone_args clone = { .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
		                             CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
		                             CLONE_NEWCGROUP,
		                    .exit_signal = SIGCHLD };
	pid_t child = (pid_t)syscall(SYS_clone3, &clone, sizeof clone);

	if (child < 0)
		fail("clone3");
	if (child == 0)
		enter(floor);
	return child;
}

static void make_folder(struct floor *floor)
{
	static const char *const names[] = { "upper", "work", "merged" };

	if (mkdtemp(strcpy(floor->folder, "/tmp/floor-XXXXXX")) == NULL || chdir(floor->folder) < 0)
		fail("folder");
	for (size_t i = 0; i < 3; i++)
		if (mkdir(names[i], 0755) < 0)
			fail(names[i]);
}

/* The kernel leaves work/work/ closed to everybody, and in it the mark of a volatile overlay. */
static void remove_folder(const struct floor *floor)
{
	static const struct {
		const char *path;
		int flags;
	} left[] = { { "work/work/incompat/volatile/dirty", 0 },
		     { "work/work/incompat/volatile", AT_REMOVEDIR },
		     { "work/work/incompat", AT_REMOVEDIR },
		     { "work/work", AT_REMOVEDIR },
		     { "work", AT_REMOVEDIR },
		     { "upper", AT_REMOVEDIR },
		     { "merged", AT_REMOVEDIR } };

	/* only a volatile one is marked */
	size_t first = floor->synced ? 3 : 0;

	/* outermost first: each is reached through the one before */
	for (size_t i = 4; i-- > (first == 0 ? 1 : first);)
		if (chmod(left[i].path, 0700) < 0)
			fail(left[i].path);
	for (size_t i = first; i < sizeof left / sizeof left[0]; i++)
		if (unlinkat(AT_FDCWD, left[i].path, left[i].flags) < 0)
			fail(left[i].path);
	if (rmdir(floor->folder) < 0)
		fail(floor->folder);
}

int main(int count, char **words)
{
	struct floor floor = { .root = count >= 2 ? words[1] : NULL, .synced = count < 3 };
	pid_t child, uids, gids;
	int status = 0;

	if (floor.root == NULL || floor.root[0] != '/') {
		fprintf(stderr, "usage: floor /absolute/root [volatile]\n");
		return 125;
	}
	make_folder(&floor);
	if (pipe2(floor.go, O_CLOEXEC) < 0)
		fail("pipe");
	child = start(&floor);
	uids = start_helper("/usr/bin/newuidmap", child, geteuid(), "/etc/subuid");
	gids = start_helper("/usr/bin/newgidmap", child, getegid(), "/etc/subgid");
	wait_for(uids, "newuidmap");
	wait_for(gids, "newgidmap");
	if (write(floor.go[1], "g", 1) != 1 || waitpid(child, &status, 0) < 0)
		fail("wait");
	remove_folder(&floor);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
