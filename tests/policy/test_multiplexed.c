/* Second doors against the kernel's headers: every function of socketcall(2) and ipc(2), on the
 * architectures that have them. */
#include "policy/rules.h"

#include "sandbox/base/cleanup.h"

#include <linux/ipc.h>
#include <linux/net.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *call, *door;
	uint32_t number;
} doors[] = {
	{ "socket", "socketcall", SYS_SOCKET },
	{ "bind", "socketcall", SYS_BIND },
	{ "connect", "socketcall", SYS_CONNECT },
	{ "listen", "socketcall", SYS_LISTEN },
	{ "accept", "socketcall", SYS_ACCEPT },
	{ "getsockname", "socketcall", SYS_GETSOCKNAME },
	{ "getpeername", "socketcall", SYS_GETPEERNAME },
	{ "socketpair", "socketcall", SYS_SOCKETPAIR },
	{ "send", "socketcall", SYS_SEND },
	{ "recv", "socketcall", SYS_RECV },
	{ "sendto", "socketcall", SYS_SENDTO },
	{ "recvfrom", "socketcall", SYS_RECVFROM },
	{ "shutdown", "socketcall", SYS_SHUTDOWN },
	{ "setsockopt", "socketcall", SYS_SETSOCKOPT },
	{ "getsockopt", "socketcall", SYS_GETSOCKOPT },
	{ "sendmsg", "socketcall", SYS_SENDMSG },
	{ "recvmsg", "socketcall", SYS_RECVMSG },
	{ "accept4", "socketcall", SYS_ACCEPT4 },
	{ "recvmmsg", "socketcall", SYS_RECVMMSG },
	{ "sendmmsg", "socketcall", SYS_SENDMMSG },
	{ "semop", "ipc", SEMOP },
	{ "semget", "ipc", SEMGET },
	{ "semctl", "ipc", SEMCTL },
	{ "semtimedop", "ipc", SEMTIMEDOP },
	{ "msgsnd", "ipc", MSGSND },
	{ "msgrcv", "ipc", MSGRCV },
	{ "msgget", "ipc", MSGGET },
	{ "msgctl", "ipc", MSGCTL },
	{ "shmat", "ipc", SHMAT },
	{ "shmdt", "ipc", SHMDT },
	{ "shmget", "ipc", SHMGET },
	{ "shmctl", "ipc", SHMCTL },
};

static const enum arch with_doors[] = { ARCH_I386, ARCH_PPC64LE, ARCH_S390X };

static void test_doors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(doors) * ARRAY_SIZE(with_doors); i++) {
		size_t door = i / ARRAY_SIZE(with_doors);
		int call = syscall_find(doors[door].call), through = -1;
		uint32_t number = 0;

		assert_true(call >= 0);
		assert_true(rules_multiplexed(&through, &number,
		                              with_doors[i % ARRAY_SIZE(with_doors)], call));
		assert_string_equal(syscall_name(through), doors[door].door);
		assert_int_equal(number, doors[door].number);
	}
}

/* No other call has one, the doors themselves least of all. */
static void test_no_others(void **state)
{
	size_t count = 0;

	(void)state;
	for (int call = 0; syscall_name(call) != NULL; call++) {
		uint32_t number;
		int through;

		for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
			count += rules_multiplexed(&through, &number, arch, call);
	}
	assert_int_equal(count, ARRAY_SIZE(doors) * ARRAY_SIZE(with_doors));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_doors),
		                            cmocka_unit_test(test_no_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
