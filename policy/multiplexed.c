/* multiplexed: calls with two doors: on i386, ppc64le and s390x, whose kernels have socketcall(2)
 * and ipc(2). */
#include "policy/rules.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

/* What is also reached through another call, by its first argument (linux/net.h, linux/ipc.h). */
static const struct {
	char name[12], through[12]; /* not pointers: see need.h */
	uint8_t number;
} multiplexed[] = {
	{ "socket", "socketcall", 1 },
	{ "bind", "socketcall", 2 },
	{ "connect", "socketcall", 3 },
	{ "listen", "socketcall", 4 },
	{ "accept", "socketcall", 5 },
	{ "getsockname", "socketcall", 6 },
	{ "getpeername", "socketcall", 7 },
	{ "socketpair", "socketcall", 8 },
	{ "send", "socketcall", 9 },
	{ "recv", "socketcall", 10 },
	{ "sendto", "socketcall", 11 },
	{ "recvfrom", "socketcall", 12 },
	{ "shutdown", "socketcall", 13 },
	{ "setsockopt", "socketcall", 14 },
	{ "getsockopt", "socketcall", 15 },
	{ "sendmsg", "socketcall", 16 },
	{ "recvmsg", "socketcall", 17 },
	{ "accept4", "socketcall", 18 },
	{ "recvmmsg", "socketcall", 19 },
	{ "sendmmsg", "socketcall", 20 },
	{ "semop", "ipc", 1 },
	{ "semget", "ipc", 2 },
	{ "semctl", "ipc", 3 },
	{ "semtimedop", "ipc", 4 },
	{ "msgsnd", "ipc", 11 },
	{ "msgrcv", "ipc", 12 },
	{ "msgget", "ipc", 13 },
	{ "msgctl", "ipc", 14 },
	{ "shmat", "ipc", 21 },
	{ "shmdt", "ipc", 22 },
	{ "shmget", "ipc", 23 },
	{ "shmctl", "ipc", 24 },
};

bool rules_multiplexed(int *through, uint32_t *number, enum arch arch, int call)
{
	for (size_t i = 0; i < ARRAY_SIZE(multiplexed); i++) {
		int door;

		if (strcmp(multiplexed[i].name, syscall_name(call)) != 0)
			continue;
		door = syscall_find(multiplexed[i].through);
		if (syscall_number(arch, door) < 0)
			return false;
		*through = door;
		*number = multiplexed[i].number;
		return true;
	}
	return false;
}
