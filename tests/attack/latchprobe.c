/*
 * latchprobe: what sandbox/latch.c and Landlock's scope hold shut, tried from inside, and what it
 * takes outside to see that it would have been found.
 *
 *	latchprobe writable FOLDER	every way to take "read-only" off a mount, then a file in it
 *	latchprobe keys			what of the session's keys can be had
 *	latchprobe name NAME		a connection to an abstract socket
 *
 *	latchprobe with-key COMMAND...	behind a session keyring that holds a key
 *	latchprobe fill-keys COMMAND...	with as many keys as a user may have
 *	latchprobe listen NAME COMMAND...
 *
 * One line a try: "open WHAT" or "closed WHAT ERRNO".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { OPEN_TREE_ATTR = 467, X32 = 0x40000000, KEYS_MOST = 100000 };

static void tell(const char *what, long result)
{
	if (result >= 0)
		printf("open %s\n", what);
	else
		printf("closed %s %d\n", what, errno);
	fflush(stdout);
}

/* ---- mounts ---- */

static const struct mount_attr to_write = { .attr_clr = MOUNT_ATTR_RDONLY };

static int reconfigure(const char *folder)
{
	int fs = fspick(AT_FDCWD, folder, 0);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_FLAG, "rw", NULL, 0) < 0)
		return -1;
	return fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

static int writable(const char *folder)
{
	char path[4096];
	int copy;

	tell("mount_setattr",
	     syscall(SYS_mount_setattr, AT_FDCWD, folder, 0, &to_write, sizeof to_write));
	tell("mount_setattr, x32",
	     syscall(SYS_mount_setattr | X32, AT_FDCWD, folder, 0, &to_write, sizeof to_write));
	tell("mount_setattr, high bits", syscall(SYS_mount_setattr | INT64_C(1) << 32, AT_FDCWD,
	                                         folder, 0, &to_write, sizeof to_write));
	tell("open_tree_attr", syscall(OPEN_TREE_ATTR, AT_FDCWD, folder, OPEN_TREE_CLONE, &to_write,
	                               sizeof to_write));
	tell("remount", mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND, NULL));
	tell("reconfigure", reconfigure(folder));
	copy = open_tree(AT_FDCWD, folder, OPEN_TREE_CLONE);
	tell("mount_setattr of a copy",
	     syscall(SYS_mount_setattr, copy, "", AT_EMPTY_PATH, &to_write, sizeof to_write));
	tell("a file of the copy", openat(copy, "written", O_CREAT | O_WRONLY, 0644));
	snprintf(path, sizeof path, "%s/written", folder);
	tell("a file", open(path, O_CREAT | O_WRONLY, 0644));
	return 0;
}

/* ---- keys ---- */

static const char key_name[] = "cordon-canary";

static long keyctl(int operation, long a, const void *b, const void *c)
{
	return syscall(SYS_keyctl, operation, a, b, c, 0);
}

static int keys(void)
{
	char secret[64] = "";
	long key = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", key_name);

	tell("search", key);
	tell("read", keyctl(KEYCTL_READ, key, secret, (void *)(sizeof secret - 1)));
	tell("request_key", syscall(SYS_request_key, "user", key_name, NULL, 0));
	printf("secret %s\n", secret);
	return 0;
}

static int with_key(char **command)
{
	if (keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, NULL, NULL) < 0 ||
	    syscall(SYS_add_key, "user", key_name, "sings", (size_t)5, KEY_SPEC_SESSION_KEYRING) <
	            0) {
		perror("latchprobe: a key of our own");
		return 77;
	}
	execvp(command[0], command);
	return 127;
}

static int fill_keys(char **command)
{
	char name[32];
	long result = 0;

	for (int i = 0; i < KEYS_MOST && result >= 0; i++) {
		snprintf(name, sizeof name, "filling-%d", i);
		result = syscall(SYS_add_key, "user", name, "x", (size_t)1,
		                 KEY_SPEC_SESSION_KEYRING);
	}
	if (result >= 0 || errno != EDQUOT) {
		perror("latchprobe: no end of keys");
		return 77;
	}
	execvp(command[0], command);
	return 127;
}

/* ---- names ---- */

static socklen_t name_address(struct sockaddr_un *ret, const char *name)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(ret->sun_path + 1, name, sizeof ret->sun_path - 2);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static int name(const char *wanted)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address;
	socklen_t size = name_address(&address, wanted);

	tell("name", connect(fd, (struct sockaddr *)&address, size));
	return 0;
}

static int listen_as(const char *wanted, char **command)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address;
	socklen_t size = name_address(&address, wanted);

	if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1) < 0)
		return 77;
	execvp(command[0], command);
	return 127;
}

int main(int count, char **words)
{
	const char *what = count > 1 ? words[1] : "";

	if (strcmp(what, "writable") == 0 && count == 3)
		return writable(words[2]);
	if (strcmp(what, "keys") == 0)
		return keys();
	if (strcmp(what, "name") == 0 && count == 3)
		return name(words[2]);
	if (strcmp(what, "with-key") == 0 && count > 2)
		return with_key(words + 2);
	if (strcmp(what, "fill-keys") == 0 && count > 2)
		return fill_keys(words + 2);
	if (strcmp(what, "listen") == 0 && count > 3)
		return listen_as(words[2], words + 3);
	fprintf(stderr, "latchprobe: see the top of latchprobe.c\n");
	return 2;
}
