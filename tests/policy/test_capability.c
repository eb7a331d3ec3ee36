/* Capability names: numbers of <linux/capability.h>, in every spelling that people use. */
#include "policy/policy.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>

static void test_names(void **state)
{
	static const struct {
		const char *name;
		int number, full;
	} rows[] = {
		{ "CHOWN", CAP_CHOWN, -1 },
		{ "CAP_CHOWN", CAP_CHOWN, CAP_CHOWN },
		{ "cap_sys_admin", CAP_SYS_ADMIN, -1 },
		{ "Sys_Admin", CAP_SYS_ADMIN, -1 },
		{ "CAP_SYSLOG", CAP_SYSLOG, CAP_SYSLOG },
		{ "NET_RAW", CAP_NET_RAW, -1 },
		{ "CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE, CAP_CHECKPOINT_RESTORE },
		{ "CAP_CAP_CHOWN", -1, -1 },
		{ "CAP_", -1, -1 },
		{ "", -1, -1 },
		{ "ALL", -1, -1 },
		{ "CHOWN ", -1, -1 },
		{ "SYS", -1, -1 },
		{ "0", -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(capability_from_name(rows[i].name), rows[i].number);
		assert_int_equal(capability_from_full_name(rows[i].name), rows[i].full);
	}
}

static void test_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		assert_int_equal(capability_from_name(capability_name(i)), i);
	assert_null(capability_name(CAP_LAST_CAP + 1));
	assert_null(capability_name(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names),
		                            cmocka_unit_test(test_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
