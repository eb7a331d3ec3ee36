/*
 * credential: who the container's process is.
 *
 * /etc/passwd and /etc/group belong to the image, so they are hostile: they may be symlinks to a
 * device, pipes, sparse giants, one line of a mebibyte (CVE-2024-9676). They are read by descriptor
 * inside the finished root, as regular files of a bounded size, a line at a time through a buffer
 * on the stack; what is not a well-formed entry is no entry.
 *
 * The meaning of "USER[:GROUP]" is Docker's: the first entry that matches wins; a number needs no
 * entry; supplementary groups come from /etc/group only where no group was named; the primary group
 * is one of the supplementary ones (CVE-2022-36109: otherwise it is lost at the first setgid
 * program and "everybody but this group" permissions stop holding). Stricter than Docker where a
 * guess would be root: a malformed number is no 0, digits are never a name (CVE-2016-3697), an id
 * that does not fit is refused (CVE-2024-40635), and a group without a user is refused.
 */
#include "sandbox/account.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"
#include "sandbox/walls.h"

#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What is looked for: a name, or a number. */
struct wanted {
	const char *name; /* NULL: by number */
	uint32_t id;
	bool found;
	struct credential *credential;
};

static bool is_wanted(const struct wanted *wanted, const struct account_entry *entry)
{
	if (wanted->name != NULL)
		return strcmp(entry->fields[0], wanted->name) == 0;
	return entry->id == wanted->id;
}

static bool visit_user(void *context, const struct account_entry *entry)
{
	struct wanted *wanted = context;
	struct credential *credential = wanted->credential;
	const char *home = entry->count > 5 ? entry->fields[5] : "";
	uint64_t gid;

	if (!is_wanted(wanted, entry) || !text_to_number(&gid, entry->fields[3], ACCOUNT_ID_MAX))
		return false;
	wanted->found = true;
	credential->uid = entry->id;
	credential->gid = (uint32_t)gid;
	if (home[0] == '/' && strlen(home) < sizeof credential->home)
		strcpy(credential->home, home);
	if (strlen(entry->fields[0]) < sizeof credential->name)
		strcpy(credential->name, entry->fields[0]);
	return true;
}

static bool visit_group(void *context, const struct account_entry *entry)
{
	struct wanted *wanted = context;

	if (!is_wanted(wanted, entry))
		return false;
	wanted->found = true;
	wanted->id = entry->id;
	return true;
}

static bool add_group(struct credential *credential, uint32_t gid)
{
	for (size_t i = 0; i < credential->group_count; i++) {
		if (credential->groups[i] == gid)
			return true;
	}
	if (credential->group_count == ARRAY_SIZE(credential->groups))
		return false;
	credential->groups[credential->group_count++] = gid;
	return true;
}

struct membership {
	struct credential *credential;
	bool full;
};

static bool visit_membership(void *context, const struct account_entry *entry)
{
	struct membership *membership = context;
	char *members = entry->fields[3], *member;

	while ((member = strsep(&members, ",")) != NULL) {
		if (strcmp(member, membership->credential->name) != 0)
			continue;
		membership->full = !add_group(membership->credential, entry->id);
		break;
	}
	return membership->full;
}

static bool is_digits(const char *string)
{
	return string[0] != '\0' && string[strspn(string, "0123456789")] == '\0';
}

/* Fills `wanted` from a word of the command line or the image config. */
static int parse_word(struct wanted *ret, const char *word, const char *what, struct error *err)
{
	uint64_t id;

	ret->name = word;
	if (!is_digits(word))
		return 0;
	if (!text_to_number(&id, word, ACCOUNT_ID_MAX))
		return error_set(err, 0, "%s %s is not below 4294967295", what, word);
	ret->name = NULL;
	ret->id = (uint32_t)id;
	return 0;
}

/* Docker's words, so that scripts that look for them find them. */
static int not_found(const char *what, const char *word, const char *file, struct error *err)
{
	char visible[128];

	snprintf(visible, sizeof visible, "%.100s", word);
	for (char *c = visible; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return error_set(err, 0, "unable to find %s %s: no matching entries in %s file", what,
	                 visible, file);
}

static int find_user(struct credential *credential, int root, const char *word, struct error *err)
{
	struct wanted wanted = { .credential = credential };

	if (parse_word(&wanted, word, "user", err) < 0)
		return -1;
	if (account_read(root, "/etc/passwd", visit_user, &wanted, err) < 0)
		return -1;
	if (!wanted.found && wanted.name != NULL)
		return not_found("user", word, "passwd", err);
	if (!wanted.found)
		credential->uid = wanted.id;
	return 0;
}

static int find_group(uint32_t *ret, int root, const char *word, struct error *err)
{
	struct wanted wanted = {};

	if (parse_word(&wanted, word, "group", err) < 0)
		return -1;
	if (wanted.name != NULL && account_read(root, "/etc/group", visit_group, &wanted, err) < 0)
		return -1;
	if (wanted.name != NULL && !wanted.found)
		return not_found("group", word, "group", err);
	*ret = wanted.id;
	return 0;
}

static int too_many_groups(const struct credential *credential, struct error *err)
{
	return error_set(err, 0, "user %u is in more than %zu groups", credential->uid,
	                 ARRAY_SIZE(credential->groups));
}

static int find_memberships(struct credential *credential, int root, struct error *err)
{
	struct membership membership = { .credential = credential };

	if (credential->name[0] == '\0')
		return 0;
	if (account_read(root, "/etc/group", visit_membership, &membership, err) < 0)
		return -1;
	return membership.full ? too_many_groups(credential, err) : 0;
}

static int add_named_groups(struct credential *credential, int root,
                            const struct plan_strings *groups, struct error *err)
{
	uint32_t gid = 0;

	for (size_t i = 0; groups != NULL && i < groups->count; i++) {
		if (find_group(&gid, root, groups->items[i], err) < 0)
			return -1;
		if (!add_group(credential, gid))
			return too_many_groups(credential, err);
	}
	return 0;
}

int credential_resolve(struct credential *ret, int root, const char *user,
                       const struct plan_strings *groups, struct error *err)
{
	struct credential credential = { .home = "/" };
	char word[LOGIN_NAME_MAX + 1];
	const char *colon = user == NULL ? NULL : strchr(user, ':');
	size_t length = user == NULL ? 0 : colon == NULL ? strlen(user) : (size_t)(colon - user);

	if (length >= sizeof word)
		return error_set(err, 0, "the user name is longer than %zu bytes", sizeof word - 1);
	if (length == 0 && colon != NULL) {
		error_set(err, 0, "the user '%.64s' names a group and no user", user);
		return error_hint(err, "write 0%.64s for root with that group", user);
	}
	memcpy(word, length == 0 ? "0" : user, length == 0 ? 1 : length);
	word[length == 0 ? 1 : length] = '\0';
	if (find_user(&credential, root, word, err) < 0)
		return -1;
	if (colon != NULL && colon[1] != '\0' &&
	    find_group(&credential.gid, root, colon + 1, err) < 0)
		return -1;
	add_group(&credential, credential.gid);
	if ((colon == NULL || colon[1] == '\0') && find_memberships(&credential, root, err) < 0)
		return -1;
	if (add_named_groups(&credential, root, groups, err) < 0)
		return -1;
	*ret = credential;
	return 0;
}

static int not_mapped(int number, const char *what, uint32_t id, struct error *err)
{
	error_set(err, number, "cannot become %s %u", what, id);
	if (number == EINVAL)
		error_hint(err,
		           "the container's id map has no %s %u: give the user a larger range in "
		           "/etc/subuid and /etc/subgid",
		           what, id);
	return -1;
}

int credential_become(const struct credential *credential, bool setgroups_denied, struct error *err)
{
	gid_t gid = credential->gid;
	uid_t uid = credential->uid;

	/* Leaving uid 0 would clear the permitted set; capability_set needs it and then sets all
	 * five exactly, and takes this flag back. */
	if (uid != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot keep capabilities over the change of user");
	if (!setgroups_denied && setgroups(credential->group_count, credential->groups) < 0) {
		error_set(err, errno, "cannot set %zu supplementary groups",
		          credential->group_count);
		if (err->number == EINVAL)
			error_hint(err, "one of them is outside the container's id map: give the "
			                "user a larger range in /etc/subgid");
		return -1;
	}
	if (setresgid(gid, gid, gid) < 0)
		return not_mapped(errno, "group", gid, err);
	if (setresuid(uid, uid, uid) < 0)
		return not_mapped(errno, "user", uid, err);
	return 0;
}
