/*
 * landlock_abi: the kernel's Landlock interface up to ABI 7, spelt out here because the uapi header
 * of Debian 12 (6.1) ends at ABI 2. Values: include/uapi/linux/landlock.h of Linux 6.15. An older
 * kernel takes a longer ruleset attribute as long as what it does not know is zero.
 */
#ifndef CORDON_SANDBOX_LANDLOCK_ABI_H
#define CORDON_SANDBOX_LANDLOCK_ABI_H

#include <stdint.h>

enum {
	LANDLOCK_ABI_REFER = 2,    /* 5.19 */
	LANDLOCK_ABI_TRUNCATE = 3, /* 6.2 */
	LANDLOCK_ABI_NETWORK = 4,  /* 6.7: TCP ports */
	LANDLOCK_ABI_IOCTL = 5,    /* 6.10 */
	LANDLOCK_ABI_SCOPE = 6,    /* 6.12 */
	LANDLOCK_ABI_LOG = 7,      /* 6.15: flags of restrict_self */
};

#define RIGHT_EXECUTE     (UINT64_C(1) << 0)
#define RIGHT_WRITE_FILE  (UINT64_C(1) << 1)
#define RIGHT_READ_FILE   (UINT64_C(1) << 2)
#define RIGHT_READ_DIR    (UINT64_C(1) << 3)
#define RIGHT_REMOVE_DIR  (UINT64_C(1) << 4)
#define RIGHT_REMOVE_FILE (UINT64_C(1) << 5)
#define RIGHT_MAKE_CHAR   (UINT64_C(1) << 6)
#define RIGHT_MAKE_DIR    (UINT64_C(1) << 7)
#define RIGHT_MAKE_REG    (UINT64_C(1) << 8)
#define RIGHT_MAKE_SOCK   (UINT64_C(1) << 9)
#define RIGHT_MAKE_FIFO   (UINT64_C(1) << 10)
#define RIGHT_MAKE_BLOCK  (UINT64_C(1) << 11)
#define RIGHT_MAKE_SYM    (UINT64_C(1) << 12)
#define RIGHT_REFER       (UINT64_C(1) << 13) /* ABI 2 */
#define RIGHT_TRUNCATE    (UINT64_C(1) << 14) /* ABI 3 */
#define RIGHT_IOCTL_DEV   (UINT64_C(1) << 15) /* ABI 5 */

#define RIGHT_BIND_TCP    (UINT64_C(1) << 0) /* ABI 4 */
#define RIGHT_CONNECT_TCP (UINT64_C(1) << 1) /* ABI 4 */

#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0) /* ABI 6 */

enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2 };

/* struct landlock_ruleset_attr, landlock_path_beneath_attr, landlock_net_port_attr */
struct ruleset_attribute {
	uint64_t handled_fs;
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

#endif
