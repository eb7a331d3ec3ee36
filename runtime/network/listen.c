#include "runtime/network/listen.h"

#include "sandbox/base/cleanup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static socklen_t make_address(struct sockaddr_storage *ret, const struct network_port *port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){};
	if (strchr(port->address, ':') != NULL) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port->host);
		inet_pton(AF_INET6, port->address, &six->sin6_addr);
		return sizeof *six;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port->host);
	if (port->address[0] != '\0')
		inet_pton(AF_INET, port->address, &four->sin_addr);
	return sizeof *four;
}

static int refuse(const struct network_port *port, struct error *err)
{
	int number = errno;

	error_set(err, number, "cannot publish port %u/%s%s%s", port->host,
	          port->udp ? "udp" : "tcp", port->address[0] ? " of " : "", port->address);
	if (number == EACCES)
		return error_hint(
		        err,
		        "ports below net.ipv4.ip_unprivileged_port_start (1024) are root's: use a "
		        "higher one, or lower that sysctl");
	if (number == EADDRNOTAVAIL)
		return error_hint(err, "no interface of this machine has that address");
	if (number != EADDRINUSE)
		return -1;
	return error_hint(err, "see who has it with: ss -l%cnp 'sport = :%u'",
	                  port->udp ? 'u' : 't', port->host);
}

/* A socket that holds the port; -1. A TCP socket must listen: two that are only bound may share a
 * port with SO_REUSEADDR, which is needed for ports whose last connections are in TIME_WAIT. */
static int hold(struct network_port *port, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t size = make_address(&address, port);
	_cleanup_fd int fd =
	        socket(address.ss_family, (port->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return error_set(err, errno, "cannot make a socket for port %u", port->host);
	if (!port->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&address, size) < 0 || (!port->udp && listen(fd, 1) < 0))
		return refuse(port, err);
	if (port->host == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0)
		port->host = ntohs(address.ss_family == AF_INET6
		                           ? ((struct sockaddr_in6 *)&address)->sin6_port
		                           : ((struct sockaddr_in *)&address)->sin_port);
	return cleanup_take_fd(&fd);
}

static bool is_twice(const struct network_port *ports, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (ports[i].host == ports[index].host && ports[i].udp == ports[index].udp &&
		    strcmp(ports[i].address, ports[index].address) == 0)
			return ports[index].host != 0;
	return false;
}

/* A free port is held until all are had, so that it is not given twice. Those that were named are
 * not: a range may hold more of them than there may be open files. */
int listen_check(struct network_port *ports, size_t count, struct error *err)
{
	int *held = count == 0 ? NULL : calloc(count, sizeof *held), result = 0;
	size_t free_ports = 0;

	if (count > 0 && held == NULL)
		abort();
	for (size_t i = 0; i < count && result == 0; i++) {
		bool is_free = ports[i].host == 0;
		int fd = -1;

		if (is_twice(ports, i))
			error_set(err, 0, "port %u is published twice", ports[i].host);
		else
			fd = hold(&ports[i], err);
		if (fd < 0)
			result = -1;
		else if (is_free)
			held[free_ports++] = fd;
		else
			close(fd);
	}
	while (free_ports > 0)
		close(held[--free_ports]);
	free(held);
	return result;
}
