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

static void test_known_to_6_12_and_beyond(void **state)
{
	(void)state;
	for (enum arch arch = 0; arch < ARCH_COUNT; arch++)
		if (arch != ARCH_X32)
			assert_true(syscall_last_number(arch) >= 462); /* mseal, Linux 6.10 */
	assert_int_equal(syscall_since(ARCH_X86_64, syscall_find("mseal")), 6 << 16 | 10);
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

/* Every call that takes a number has its arguments in the table. */
static void test_arguments_are_there(void **state)
{
	static const char *const some[] = { "setxattr", "mq_open", "mbind",    "move_pages",
		                            "flock",    "msgctl",  "statmount" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		assert_non_null(syscall_argument(syscall_find(some[i]), 0));
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
		cmocka_unit_test(test_groups_and_nearest),
		cmocka_unit_test(test_arch_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
