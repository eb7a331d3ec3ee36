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
	char bytes[CMSG_SPACE(SYNC_DESCRIPTORS * sizeof(int))];
};

/* The message itself says which ones there are: a byte each. */
int sync_send_descriptors(int gate, const char *what, const int *fds, size_t count,
                          struct error *err)
{
	union descriptor_message control = {};
	char present[SYNC_DESCRIPTORS];
	struct iovec data = { present, count };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	size_t sent = 0;

	for (size_t i = 0; i < count; i++) {
		present[i] = fds[i] >= 0;
		if (fds[i] >= 0)
			memcpy(CMSG_DATA(&control.header) + sent++ * sizeof *fds, &fds[i],
			       sizeof *fds);
	}
	if (sent > 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sent * sizeof *fds);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sent * sizeof *fds);
	}
	if (sendmsg(gate, &message, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "cannot hand over %s", what);
	return 0;
}

static size_t count_present(const char *present, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += present[i] != 0;
	return found;
}

int sync_receive_descriptors(int *ret, size_t count, int gate)
{
	union descriptor_message control = {};
	char present[SYNC_DESCRIPTORS];
	struct iovec data = { present, count };
	struct msghdr message = { .msg_iov = &data,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof control };
	const unsigned char *next = CMSG_DATA(&control.header);
	size_t expected;
	ssize_t length;

	do
		length = recvmsg(gate, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length != (ssize_t)count)
		return -1;
	expected = count_present(present, count);
	if (expected > 0 && (control.header.cmsg_type != SCM_RIGHTS ||
	                     control.header.cmsg_len != CMSG_LEN(expected * sizeof *ret)))
		return -1;
	for (size_t i = 0; i < count; i++) {
		ret[i] = -1;
		if (present[i] == 0)
			continue;
		memcpy(&ret[i], next, sizeof *ret);
		next += sizeof *ret;
	}
	return 0;
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
