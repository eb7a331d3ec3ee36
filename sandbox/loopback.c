/*
 * loopback: the container's own, and the way to the host's.
 *
 * pasta passes on what leaves the container's interface, whatever its destination, with sockets of
 * the host's: what is sent to 127.0.0.1 there arrives at the host's loopback, and the answer finds
 * its way back. No route leads such a packet to that interface, but a process may name it, without
 * any capability: SO_BINDTODEVICE, IP_PKTINFO, IP_UNICAST_IF. Routes cannot refuse it, for where
 * they fail the kernel takes the destination of a named interface to be on its link
 * (ip_route_output_key_hash_rcu in net/ipv4/route.c). A policy of the kernel's IPsec does: "block"
 * for all of the loopback through each interface that is another (ip-xfrm(8)). It takes
 * CAP_NET_ADMIN to lift it, or CAP_NET_RAW and a filter that allows packet sockets to go around.
 */
#include "sandbox/loopback.h"

#include "sandbox/base/cleanup.h"

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int loopback_raise(struct error *err)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	_cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_set(err, errno, "cannot bring up the loopback interface");
	return 0;
}

/* What a host takes for itself, whoever asks: RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3. */
static const struct range {
	uint8_t address[sizeof(xfrm_address_t)];
	uint8_t bits;
	uint16_t family;
} loopbacks[] = {
	{ { 127 }, 8, AF_INET },
	{ { [15] = 1 }, 128, AF_INET6 },
};

static struct xfrm_userpolicy_info block(const struct range *range, unsigned interface)
{
	struct xfrm_userpolicy_info policy = {
		.sel = { .family = range->family,
		         .prefixlen_d = range->bits,
		         .ifindex = (int)interface },
		.lft = { .soft_byte_limit = XFRM_INF,
		         .hard_byte_limit = XFRM_INF,
		         .soft_packet_limit = XFRM_INF,
		         .hard_packet_limit = XFRM_INF },
		.dir = XFRM_POLICY_OUT,
		.action = XFRM_POLICY_BLOCK,
	};

	memcpy(&policy.sel.daddr, range->address, sizeof policy.sel.daddr);
	return policy;
}

/* 0, or an errno */
static int ask(int netlink, const struct xfrm_userpolicy_info *policy)
{
	struct {
		struct nlmsghdr header;
		struct xfrm_userpolicy_info policy;
	} request = {
		.header = { .nlmsg_len = sizeof request,
		            .nlmsg_type = XFRM_MSG_NEWPOLICY,
		            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.policy = *policy,
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr answer;
		char rest[sizeof request + 256];
	} answer;
	ssize_t length;

	if (send(netlink, &request, sizeof request, 0) != sizeof request)
		return errno;
	do
		length = recv(netlink, &answer, sizeof answer, 0);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno;
	if ((size_t)length < offsetof(typeof(answer), rest) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -answer.answer.error;
}

static int refuse(int number, struct error *err)
{
	error_set(err, number, "cannot keep the container from the host's loopback");
	return error_hint(err, "the kernel needs CONFIG_XFRM_USER (the module xfrm_user); or use "
	                       "--network none or --network host");
}

static int close_interface(int netlink, unsigned interface, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(loopbacks); i++) {
		const struct xfrm_userpolicy_info policy = block(&loopbacks[i], interface);
		int number = ask(netlink, &policy);

		/* a kernel without IPv6 */
		if (number == EAFNOSUPPORT && loopbacks[i].family == AF_INET6)
			continue;
		if (number != 0)
			return refuse(number, err);
	}
	return 0;
}

int loopback_close_hosts(struct error *err)
{
	_cleanup_fd int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	unsigned own = if_nametoindex("lo");
	struct if_nameindex *all = NULL;
	int result = 0;

	if (netlink < 0)
		return refuse(errno, err);
	all = own == 0 ? NULL : if_nameindex();
	if (all == NULL)
		return error_set(err, errno, "cannot list the container's interfaces");
	for (size_t i = 0; all[i].if_index != 0 && result == 0; i++)
		if (all[i].if_index != own)
			result = close_interface(netlink, all[i].if_index, err);
	if_freenameindex(all);
	return result;
}
