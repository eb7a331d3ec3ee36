#include "sandbox/sync.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(sizeof(struct report) <= PIPE_BUF, "a report is written in one piece");

int sync_open(struct sync *ret, struct error *err)
{
	int gate[2], report[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, gate) < 0)
		return error_set(err, errno, "cannot make a socket pair");
	if (pipe2(report, O_CLOEXEC) < 0) {
		error_set(err, errno, "cannot make a pipe");
		close(gate[0]);
		close(gate[1]);
		return -1;
	}
	*ret = (struct sync){ gate[0], gate[1], report[0], report[1] };
	return 0;
}

void sync_close_child(struct sync *sync)
{
	cleanup_close(&sync->gate_child);
	cleanup_close(&sync->report_child);
	sync->gate_child = sync->report_child = -1;
}

void sync_close_parent(struct sync *sync)
{
	cleanup_close(&sync->gate_parent);
	cleanup_close(&sync->report_parent);
	sync->gate_parent = sync->report_parent = -1;
}

int sync_wait(int gate, enum gate_signal signal, struct error *err)
{
	char byte = 0;
	ssize_t count;

	do
		count = recv(gate, &byte, 1, 0);
	while (count < 0 && errno == EINTR);
	if (count == 1 && byte == (char)signal)
		return 0;
	return error_set(err, 0, "the process that started the container is gone");
}

int sync_signal(int gate, enum gate_signal signal)
{
	char byte = (char)signal;

	return send(gate, &byte, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

bool sync_parent_alive(int gate)
{
	struct pollfd item = { .fd = gate, .events = POLLRDHUP };

	return poll(&item, 1, 0) >= 0 && (item.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

union descriptor_message {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int sync_send_descriptor(int gate, int fd, struct error *err)
{
	union descriptor_message control = {};
	char byte = 't';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof control };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	if (sendmsg(gate, &message, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "cannot hand over the terminal");
	return 0;
}

int sync_receive_descriptor(int gate)
{
	union descriptor_message control = {};
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof control };
	ssize_t count;
	int fd;

	do
		count = recvmsg(gate, &message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	if (count <= 0 || control.header.cmsg_type != SCM_RIGHTS ||
	    control.header.cmsg_len != CMSG_LEN(sizeof fd))
		return -1;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
	return fd;
}

void sync_report(int report, enum report_kind kind, const struct error *error)
{
	struct report message = { .kind = kind, .error = *error };

	if (io_write_all(report, &message, sizeof message) < 0)
		return; /* nobody is left to hear it */
}

int sync_read_report(struct report *ret, int report)
{
	ssize_t count;

	do
		count = read(report, ret, sizeof *ret);
	while (count < 0 && errno == EINTR);
	return count == sizeof *ret ? 1 : 0;
}
