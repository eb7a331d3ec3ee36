/* The tables against the headers of the machine the test runs on. */
#include "policy/syscall.h"

#include "sandbox/base/cleanup.h"

#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#if defined(__x86_64__)
static const enum arch native = ARCH_X86_64;
#else
static const enum arch native = ARCH_AARCH64;
#endif

static void test_numbers(void **state)
{
	static const struct {
		const char *name;
		long number;
	} rows[] = { { "read", SYS_read },
		     { "write", SYS_write },
		     { "execve", SYS_execve },
		     { "clone3", SYS_clone3 },
		     { "socket", SYS_socket },
		     { "seccomp", SYS_seccomp },
		     { "openat2", SYS_openat2 },
		     { "bpf", SYS_bpf },
		     { "io_uring_setup", SYS_io_uring_setup } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int id = syscall_find(rows[i].name);

		assert_true(id >= 0);
		assert_string_equal(syscall_name(id), rows[i].name);
		assert_int_equal(syscall_number(native, id), rows[i].number);
		assert_int_equal(syscall_from_number(native, (uint32_t)rows[i].number), id);
	}
	assert_int_equal(syscall_find("nosuchcall"), SYSCALL_UNKNOWN);
	assert_int_equal(syscall_from_number(ARCH_X86_64, 100000), SYSCALL_UNKNOWN);
	assert_int_equal(syscall_number(ARCH_AARCH64, syscall_find("open")), -1);
}

/* From 424 on, all architectures count together. */
static void test_known_to_6_12_and_beyond(void **state)
{
	enum { FIRST_COMMON = 424, MSEAL = 462 /* Linux 6.10 */, MEMFD_SECRET = 447 };
	unsigned counts[ARCH_COUNT] = {};

	(void)state;
	for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
		bool without_secret = arch == ARCH_ARM || arch == ARCH_PPC64LE;

		for (uint32_t number = FIRST_COMMON; number <= MSEAL; number++)
			if (syscall_from_number(arch, number) == SYSCALL_UNKNOWN &&
			    !(number == MEMFD_SECRET && without_secret))
				fail_msg("%s has no call %u", arch_name(arch), number);
		for (size_t id = 0; id < syscall_count(); id++)
			counts[arch] += syscall_number(arch, (int)id) >= 0;
		assert_int_equal(syscall_number(arch, syscall_find("mseal")), MSEAL);
		assert_int_equal(syscall_since(arch, syscall_find("mseal")), 6 << 16 | 10);
		assert_int_equal(syscall_since(arch, syscall_find("openat2")), 5 << 16 | 6);
		assert_true(counts[arch] >= 327);
	}
	assert_true(counts[ARCH_X86_64] >= 385 && counts[ARCH_I386] >= 461);
	assert_true(syscall_last_number(ARCH_ARM) < 0x0f0000);
}

static void test_arguments(void **state)
{
	int id = syscall_find("socket");

	(void)state;
	assert_int_equal(syscall_argument_find(id, "domain"), 0);
	assert_int_equal(syscall_argument(id, 0)->kind, ARGUMENT_INT);
	assert_true(argument_is_32bit(ARGUMENT_INT));
	assert_false(argument_is_32bit(ARGUMENT_LONG));
	assert_int_equal(syscall_argument(syscall_find("clone3"), 0)->kind, ARGUMENT_POINTER);
	assert_null(syscall_argument(id, 5));
	assert_int_equal(syscall_argument_find(id, "nosuch"), -1);
}

/* Some architectures have a call with other arguments. Witnesses of the kernel's source: its
 * sys_ia32_fallocate, old_mmap, setuid16, CLONE_BACKWARDS2. */
static void test_arguments_of_an_architecture(void **state)
{
	int fallocate = syscall_find("fallocate"), mmap = syscall_find("mmap");
	int setuid = syscall_find("setuid"), clone = syscall_find("clone");

	(void)state;
	assert_int_equal(syscall_argument_find_in(ARCH_X86_64, fallocate, "len"), 3);
	assert_int_equal(syscall_argument_find_in(ARCH_I386, fallocate, "len"), -1);
	assert_int_equal(syscall_argument_find_in(ARCH_I386, fallocate, "len_low"), 4);
	assert_int_equal(syscall_argument_find_in(ARCH_AARCH64, mmap, "prot"), 2);
	assert_int_equal(syscall_argument_find_in(ARCH_S390X, mmap, "prot"), -1);
	assert_int_equal(syscall_argument_in(ARCH_I386, mmap, 0)->kind, ARGUMENT_POINTER);
	assert_int_equal(argument_bits(syscall_argument_in(ARCH_I386, setuid, 0)->kind), 16);
	assert_int_equal(argument_bits(syscall_argument_in(ARCH_RISCV64, setuid, 0)->kind), 32);
	assert_int_equal(syscall_argument_find_in(ARCH_S390X, clone, "flags"), 1);
	assert_int_equal(syscall_argument_find_in(ARCH_PPC64LE, clone, "flags"), 0);
	assert_int_equal(argument_bits(syscall_argument(syscall_find("chmod"), 1)->kind), 16);
	assert_int_equal(argument_bits(syscall_argument(syscall_find("readv"), 0)->kind), 32);
}

/* Calls that take nothing, that no kernel of ours executes any more, or (vm86, _sysctl and their
 * like) that only the oldest programs make. */
static const char *const without_arguments[] = {
	"_sysctl",
	"afs_syscall",
	"bdflush",
	"break",
	"breakpoint",
	"create_module",
	"epoll_ctl_old",
	"epoll_wait_old",
	"fork",
	"ftime",
	"get_kernel_syms",
	"get_tls",
	"getegid",
	"getegid32",
	"geteuid",
	"geteuid32",
	"getgid",
	"getgid32",
	"getpgrp",
	"getpid",
	"getpmsg",
	"getppid",
	"gettid",
	"getuid",
	"getuid32",
	"gtty",
	"idle",
	"inotify_init",
	"lock",
	"lookup_dcookie",
	"mpx",
	"multiplexer",
	"munlockall",
	"nfsservctl",
	"pause",
	"prof",
	"profil",
	"putpmsg",
	"query_module",
	"restart_syscall",
	"rt_sigreturn",
	"sched_yield",
	"security",
	"setsid",
	"sgetmask",
	"sigreturn",
	"stty",
	"switch_endian",
	"sync",
	"sys_debug_setcontext",
	"timerfd",
	"tuxcall",
	"ulimit",
	"uprobe",
	"uretprobe",
	"usr26",
	"usr32",
	"vfork",
	"vhangup",
	"vm86",
	"vm86old",
	"vserver",
	"rseq_slice_yield",
};

static bool takes_nothing(int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(without_arguments); i++)
		if (strcmp(without_arguments[i], syscall_name(id)) == 0)
			return true;
	return false;
}

/* Every other call has its arguments in the table, on every architecture that has it. */
static void test_arguments_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(without_arguments); i++)
		if (syscall_find(without_arguments[i]) == SYSCALL_UNKNOWN)
			fail_msg("there is no %s", without_arguments[i]);
	for (size_t id = 0; id < syscall_count(); id++)
		for (enum arch arch = 0; arch < ARCH_COUNT; arch++)
			if (syscall_number(arch, (int)id) >= 0 &&
			    (syscall_argument_in(arch, (int)id, 0) != NULL) ==
			            takes_nothing((int)id))
				fail_msg("%s of %s", syscall_name((int)id), arch_name(arch));
}

static void test_constants(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(constant_value(&value, native, "CLONE_NEWUSER"));
	assert_int_equal(value, CLONE_NEWUSER);
	assert_true(constant_value(&value, native, "TIOCSTI"));
	assert_int_equal(value, TIOCSTI);
	assert_true(constant_value(&value, native, "AF_INET6"));
	assert_int_equal(value, AF_INET6);
	assert_false(constant_value(&value, native, "AF_NOSUCH"));
	assert_true(constant_value(&value, ARCH_PPC64LE, "TCGETS"));
	assert_int_equal(value, 0x402c7413);
	assert_true(constant_value(&value, ARCH_S390X, "TCGETS"));
	assert_int_equal(value, 0x5401);
	assert_true(constant_value(&value, ARCH_ARM, "O_DIRECTORY"));
	assert_int_equal(value, 040000);
	assert_false(constant_value(&value, ARCH_AARCH64, "ARCH_SET_FS"));
}

/* One of each family that a profile may want to name. */
static void test_families(void **state)
{
	static const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "AF_VSOCK", 40 },
		{ "SOCK_SEQPACKET", 5 },
		{ "SOCK_CLOEXEC", 02000000 },
		{ "IPPROTO_SCTP", 132 },
		{ "CLONE_NEWTIME", 0x80 },
		{ "TIOCSETD", 0x5423 },
		{ "FIONREAD", 0x541b },
		{ "PR_SET_MM", 35 },
		{ "PR_SET_NO_NEW_PRIVS", 38 },
		{ "ADDR_NO_RANDOMIZE", 0x40000 },
		{ "PER_LINUX32", 8 },
		{ "FUTEX_CMP_REQUEUE_PI", 12 },
		{ "FUTEX_CMD_MASK", ~UINT64_C(384) },
		{ "BPF_PROG_LOAD", 5 },
		{ "BPF_TOKEN_CREATE", 36 },
		{ "KEYCTL_WATCH_KEY", 32 },
		{ "SOL_TCP", 6 },
		{ "SOL_PACKET", 263 },
		{ "SO_ATTACH_FILTER", 26 },
		{ "TCP_ULP", 31 },
		{ "UDP_SEGMENT", 103 },
		{ "IP_MSFILTER", 41 },
		{ "IPV6_2292PKTOPTIONS", 6 },
		{ "PACKET_RX_RING", 5 },
		{ "NETLINK_NETFILTER", 12 },
		{ "PROT_EXEC", 4 },
		{ "PROT_GROWSDOWN", 0x01000000 },
		{ "MAP_FIXED_NOREPLACE", 0x100000 },
		{ "O_PATH", 010000000 },
		{ "O_TMPFILE", 020200000 },
		{ "PTRACE_SEIZE", 0x4206 },
		{ "MADV_PAGEOUT", 21 },
		{ "MFD_EXEC", 0x10 },
		{ "F_SETPIPE_SZ", 1031 },
		{ "LANDLOCK_CREATE_RULESET_VERSION", 1 },
		{ "RLIMIT_NOFILE", 7 },
		{ "IORING_SETUP_SQPOLL", 2 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!constant_value(&value, ARCH_X86_64, rows[i].name))
			fail_msg("there is no %s", rows[i].name);
		if (value != rows[i].value)
			fail_msg("%s is %#llx", rows[i].name, (unsigned long long)value);
	}
}

static void test_groups_and_nearest(void **state)
{
	const int *group = group_find("@base");
	size_t count = 0;

	(void)state;
	assert_non_null(group);
	while (group[count] != SYSCALL_UNKNOWN)
		count++;
	assert_true(count > 200);
	assert_null(group_find("@nosuch"));
	assert_string_equal(syscall_nearest("opeant"), "openat");
	assert_string_equal(constant_nearest("CLONE_NEWUSR"), "CLONE_NEWUSER");
	/* of several, the one that is none */
	assert_string_equal(constant_nearest("AF_INET|AF_INTE6"), "AF_INET6");
	assert_null(constant_nearest("O_RDWR|O_CLOEXEC"));
	assert_string_equal(group_nearest("@bas"), "@base");
	assert_null(syscall_nearest("zzzzzzzzzzzz"));
}

static void test_arch_names(void **state)
{
	enum arch arch;

	(void)state;
	assert_true(arch_from_name(&arch, "amd64"));
	assert_int_equal(arch, ARCH_X86_64);
	assert_true(arch_from_name(&arch, "SCMP_ARCH_AARCH64"));
	assert_int_equal(arch, ARCH_AARCH64);
	assert_false(arch_from_name(&arch, "vax"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_known_to_6_12_and_beyond),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_arguments_of_an_architecture),
		cmocka_unit_test(test_arguments_are_there),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_groups_and_nearest),
		cmocka_unit_test(test_arch_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
