#include "runtime/container/channel.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

enum channel_result channel_send(int fd, enum channel_kind kind, const void *bytes, size_t length,
                                 bool patient)
{
	char first = (char)kind;
	struct iovec parts[] = { { &first, 1 }, { (void *)bytes, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t sent;

	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | (patient ? 0 : MSG_DONTWAIT));
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return CHANNEL_SENT;
	return errno == EAGAIN ? CHANNEL_FULL : CHANNEL_GONE;
}

/* ECONNRESET: the other end closed before it read all that we had sent (unix_release_sock in
 * net/unix/af_unix.c). It is told once, before what was sent to us, which is still there: the exit
 * status of a container that ended at once. */
long channel_receive(int fd, struct packet *ret)
{
	ssize_t count;

	do
		count = recv(fd, ret, sizeof *ret, 0);
	while (count < 0 && (errno == EINTR || errno == ECONNRESET));
	return count <= 0 ? -1 : (long)count - 1;
}

/* sun_path has room for 107 bytes; a longer path is reached through a descriptor of its folder. */
static int make_address(struct sockaddr_un *ret, int folder)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/attach", folder);
}

static int open_folder(const char *run, const char *id, bool make, struct error *err)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/%s", run, id);
	if (make && io_make_dirs(path, err) < 0)
		return -1;
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : error_set(err, errno, "cannot open %s", path);
}

int channel_listen(const char *run, const char *id, struct error *err)
{
	_cleanup_fd int folder = open_folder(run, id, true, err);
	_cleanup_fd int fd = -1;
	struct sockaddr_un address;

	if (folder < 0)
		return -1;
	make_address(&address, folder);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return error_set(err, errno, "cannot make the attach socket");
	unlinkat(folder, "attach", 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0)
		return error_set(err, errno, "cannot listen on the attach socket");
	return cleanup_take_fd(&fd);
}

static bool is_of_the_user(int fd)
{
	struct ucred peer = {};
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

int channel_connect(const char *run, const char *id, struct error *err)
{
	_cleanup_fd int folder = open_folder(run, id, false, err);
	_cleanup_fd int fd = -1;
	struct sockaddr_un address;

	if (folder < 0)
		return -1;
	make_address(&address, folder);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_set(err, errno, "cannot attach to container %.12s", id);
	if (!is_of_the_user(fd))
		return error_set(err, EPERM,
		                 "cannot attach to container %.12s: its socket is another user's",
		                 id);
	return cleanup_take_fd(&fd);
}

int channel_accept(int listener)
{
	_cleanup_fd int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	return fd < 0 || !is_of_the_user(fd) ? -1 : cleanup_take_fd(&fd);
}

bool channel_is_there(const char *run, const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s/attach", run, id);
	return access(path, F_OK) == 0;
}

void channel_remove(const char *run, const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s/attach", run, id);
	unlink(path);
	snprintf(path, sizeof path, "%s/%s", run, id);
	rmdir(path);
}
