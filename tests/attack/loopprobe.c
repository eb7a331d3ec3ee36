/*
 * loopprobe: ways to the host's loopback through the container's own interface, without any
 * capability: a process may name the interface that a packet leaves by.
 *
 *	loopprobe try PORT		inside: every way, to 127.0.0.1, 127.1.2.3 and ::1
 *	loopprobe hear PORT COMMAND...	outside: runs the command; prints "heard WAY" of what
 *arrives
 *
 * Each datagram says which way it took; of a connection that arrives "TCP" is heard.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 300, TARGETS = 3, HEARD_MS = 1000 };

struct target {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	socklen_t size;
	bool six;
};

static struct target target_of(const char *text, int port)
{
	struct target target = { .six = strchr(text, ':') != NULL };

	if (target.six) {
		target.address.six = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			                                    .sin6_port = htons((uint16_t)port) };
		inet_pton(AF_INET6, text, &target.address.six.sin6_addr);
		target.size = sizeof target.address.six;
	} else {
		target.address.four = (struct sockaddr_in){ .sin_family = AF_INET,
			                                    .sin_port = htons((uint16_t)port) };
		inet_pton(AF_INET, text, &target.address.four.sin_addr);
		target.size = sizeof target.address.four;
	}
	return target;
}

/* ---- ways ---- */

static void say(int fd, const struct target *target, const char *way, const struct msghdr *given)
{
	struct iovec data = { (void *)way, strlen(way) };
	struct msghdr message = given == NULL ? (struct msghdr){} : *given;

	message.msg_name = (void *)&target->address;
	message.msg_namelen = target->size;
	message.msg_iov = &data;
	message.msg_iovlen = 1;
	(void)!sendmsg(fd, &message, MSG_DONTWAIT);
}

static void plain(int fd, const struct target *target, const char *interface)
{
	(void)interface;
	say(fd, target, "plain", NULL);
}

static void bound(int fd, const struct target *target, const char *interface)
{
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface));
	say(fd, target, "SO_BINDTODEVICE", NULL);
}

static void bound_index(int fd, const struct target *target, const char *interface)
{
	int number = (int)if_nametoindex(interface);

	setsockopt(fd, SOL_SOCKET, 62 /* SO_BINDTOIFINDEX */, &number, sizeof number);
	say(fd, target, "SO_BINDTOIFINDEX", NULL);
}

static void unicast(int fd, const struct target *target, const char *interface)
{
	uint32_t number = htonl(if_nametoindex(interface));

	if (target->six)
		setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, &number, sizeof number);
	else
		setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &number, sizeof number);
	say(fd, target, "UNICAST_IF", NULL);
}

/* Only the index: the source is the interface's. */
static void packet_info(int fd, const struct target *target, const char *interface)
{
	struct in_pktinfo four = { .ipi_ifindex = (int)if_nametoindex(interface) };
	struct in6_pktinfo six = { .ipi6_ifindex = if_nametoindex(interface) };
	_Alignas(struct cmsghdr) char control[64] = { 0 };
	size_t size = target->six ? sizeof six : sizeof four;
	struct msghdr message = { .msg_control = control, .msg_controllen = CMSG_SPACE(size) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = target->six ? IPPROTO_IPV6 : IPPROTO_IP;
	header->cmsg_type = target->six ? IPV6_PKTINFO : IP_PKTINFO;
	header->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(header), target->six ? (void *)&six : (void *)&four, size);
	say(fd, target, "PKTINFO", &message);
}

static void scoped(int fd, const struct target *target, const char *interface)
{
	struct target copy = *target;

	if (copy.six)
		copy.address.six.sin6_scope_id = if_nametoindex(interface);
	say(fd, &copy, "scope", NULL);
}

static void connected(const struct target *target, const char *interface)
{
	int fd = socket(target->six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd item = { fd, POLLOUT, 0 };

	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface));
	if (connect(fd, &target->address.any, target->size) < 0 && errno == EINPROGRESS)
		poll(&item, 1, PATIENCE_MS);
	close(fd);
}

static int try(int port)
{
	static void (*const ways[])(int, const struct target *, const char *) = {
		plain, bound, bound_index, unicast, packet_info, scoped,
	};
	const struct target targets[TARGETS] = { target_of("127.0.0.1", port),
		                                 target_of("127.1.2.3", port),
		                                 target_of("::1", port) };
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *one = all; one != NULL && one->if_index != 0; one++) {
		printf("interface %s\n", one->if_name);
		for (size_t i = 0; i < TARGETS; i++) {
			for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
				int fd = socket(targets[i].six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

				ways[way](fd, &targets[i], one->if_name);
				close(fd);
			}
			connected(&targets[i], one->if_name);
		}
	}
	/* what is on its way arrives */
	usleep(PATIENCE_MS * 1000);
	return 0;
}

/* ---- outside ---- */

static void hear(struct pollfd *item, bool stream)
{
	char way[64];
	ssize_t length;

	if (item->revents == 0)
		return;
	if (stream) {
		close(accept(item->fd, NULL, NULL));
		printf("heard TCP\n");
		return;
	}
	length = recv(item->fd, way, sizeof way - 1, MSG_DONTWAIT);
	way[length < 0 ? 0 : length] = '\0';
	printf("heard %s\n", way);
}

static int listen_at(int port, char **command)
{
	const struct target targets[TARGETS] = { target_of("127.0.0.1", port),
		                                 target_of("127.1.2.3", port),
		                                 target_of("::1", port) };
	struct pollfd items[2 * TARGETS];
	pid_t child;
	int status = 0;
	bool ended = false;

	for (int i = 0; i < 2 * TARGETS; i++) {
		const struct target *target = &targets[i / 2];
		int one = 1;

		items[i] =
		        (struct pollfd){ socket(target->six ? AF_INET6 : AF_INET,
			                        (i % 2 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC,
			                        0),
			                 POLLIN, 0 };
		setsockopt(items[i].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		if (bind(items[i].fd, &target->address.any, target->size) < 0 ||
		    (i % 2 && listen(items[i].fd, 32) < 0)) {
			/* a machine without IPv6 */
			close(items[i].fd);
			items[i].fd = -1;
			if (!target->six)
				return 77;
		}
	}
	child = fork();
	if (child == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	for (;;) {
		int count = poll(items, 2 * TARGETS, ended ? HEARD_MS : 100);

		for (int i = 0; i < 2 * TARGETS && count > 0; i++)
			hear(&items[i], i % 2);
		if (count == 0 && ended)
			break;
		ended = ended || waitpid(child, &status, WNOHANG) == child;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int count, char **words)
{
	if (count == 3 && strcmp(words[1], "try") == 0)
		return try(atoi(words[2]));
	if (count > 3 && strcmp(words[1], "hear") == 0)
		return listen_at(atoi(words[2]), words + 3);
	fprintf(stderr, "loopprobe: see the top of loopprobe.c\n");
	return 2;
}
