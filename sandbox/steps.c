/*
 * steps: each one takes what earlier ones left in struct entry, does one thing, and reports in
 * words; the order and its reasons stand in enter.c.
 */
#include "sandbox/steps.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/init.h"
#include "sandbox/loopback.h"
#include "sandbox/namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int step_tie(struct entry *entry, struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the container to its monitor");
	if (!sync_parent_alive(entry->gate))
		return error_set(err, 0, "the process that started the container is gone");
	return 0;
}

int step_make_namespaces(struct entry *entry, struct error *err)
{
	if (namespace_make(entry->plan, err) < 0)
		return -1;
	/* a parent that is gone is noticed at the next wait */
	sync_signal(entry->gate, GATE_APART);
	return 0;
}

int step_wait_for_maps(struct entry *entry, struct error *err)
{
	return sync_wait(entry->gate, GATE_MAPPED, err);
}

int step_become_root(struct entry *entry, struct error *err)
{
	if (entry->plan->maps.helpers && setgroups(0, NULL) < 0)
		return error_set(err, errno, "cannot drop the supplementary groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return error_set(err, errno, "cannot become root of the user namespace");
	/* Where root inside is another id than the caller, the change cleared both (prctl(2));
	 * pasta may look at the namespaces of a dumpable process only. Nothing else lives inside
	 * yet. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the container to its monitor");
	return 0;
}

int step_make_cgroup_namespace(struct entry *entry, struct error *err)
{
	(void)entry;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_set(err, errno, "cannot make a cgroup namespace");
	return 0;
}

int step_start_session(struct entry *entry, struct error *err)
{
	(void)entry;
	umask(0022);
	if (setsid() < 0)
		return error_set(err, errno, "cannot start a session");
	return 0;
}

int step_raise_loopback(struct entry *entry, struct error *err)
{
	return entry->plan->network == PLAN_NETWORK_NONE ? loopback_raise(err) : 0;
}

int step_close_loopback(struct entry *entry, struct error *err)
{
	return entry->plan->network == PLAN_NETWORK_PRIVATE ? loopback_close_hosts(err) : 0;
}

int step_set_hostname(struct entry *entry, struct error *err)
{
	const char *name = entry->plan->hostname;

	if (name == NULL || name[0] == '\0' || entry->plan->host_uts)
		return 0;
	if (sethostname(name, strlen(name)) < 0)
		return error_set(err, errno, "cannot set the host name %s", name);
	return 0;
}

int step_enter_directory(struct entry *entry, struct error *err)
{
	return command_enter_directory(entry->root, entry->plan->process.directory, true, err);
}

int step_enter_directory_there(struct entry *entry, struct error *err)
{
	return command_enter_directory(entry->root, entry->plan->process.directory, false, err);
}

int step_wait_at_gate(struct entry *entry, struct error *err)
{
	return sync_wait(entry->gate, GATE_GO, err);
}

int step_connect_streams(struct entry *entry, struct error *err)
{
	int streams[] = { entry->streams.input, entry->streams.output, entry->streams.error };

	if (entry->slave >= 0) {
		if (ioctl(entry->slave, TIOCSCTTY, 0) < 0)
			return error_set(err, errno,
			                 "cannot take the terminal as the controlling one");
		streams[0] = streams[1] = streams[2] = entry->slave;
	}
	/* Out of the way of 0, 1, 2 first, so that no source is overwritten before it is used. */
	for (int i = 0; i < 3; i++) {
		if (streams[i] < 0)
			streams[i] = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		else if (streams[i] < 3)
			streams[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
		if (streams[i] < 0)
			return error_set(err, errno, "cannot prepare the standard streams");
	}
	for (int i = 0; i < 3; i++)
		if (dup2(streams[i], i) < 0)
			return error_set(err, errno, "cannot set the standard streams");
	return 0;
}

int step_leave_keyring(struct entry *entry, struct error *err)
{
	(void)entry;
	return latch_keys(err);
}

int step_apply_limits(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;

	return limit_apply(confinement->limits, confinement->limit_count, entry->notes,
	                   sizeof entry->notes, err);
}

int step_stage_apparmor(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;

	return apparmor_stage(confinement->apparmor, confinement->apparmor_if_available,
	                      entry->host, entry->notes, sizeof entry->notes, err);
}

int step_find_user(struct entry *entry, struct error *err)
{
	return credential_resolve(&entry->credential, entry->root, entry->plan->process.user,
	                          &entry->plan->process.groups, err);
}

/* A pipe of the monitor's belongs to root inside: another user could not open /dev/stdout again, as
 * images do whose log is a symlink to it. The same for the terminal. Files of the caller's choice
 * keep their owner, so only nameless pipes and the container's own pty are given. */
int step_give_streams(struct entry *entry, struct error *err)
{
	struct statfs status;

	(void)err;
	for (int fd = 0; fd < 3 && entry->credential.uid != 0; fd++)
		if (fstatfs(fd, &status) == 0 &&
		    (entry->slave >= 0 || status.f_type == PIPEFS_MAGIC) &&
		    fchown(fd, entry->credential.uid, (gid_t)-1) < 0)
			continue; /* an unmapped owner: the open descriptor works all the same */
	return 0;
}

int step_drop_bounding(struct entry *entry, struct error *err)
{
	return capability_drop_bounding(&entry->plan->confinement.capabilities,
	                                entry->host->capability_last, err);
}

int step_become_user(struct entry *entry, struct error *err)
{
	return credential_become(&entry->credential, !entry->plan->maps.helpers, err);
}

/* Landlock and seccomp take no_new_privs or CAP_SYS_ADMIN in the user namespace. Without the one
 * the other stays until execve. (The filter could be loaded before the sets are made instead, as
 * other runtimes do: then it would have to allow what makes them, to the container as well.) */
int step_set_capabilities(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;
	uint64_t until_exec = confinement->no_new_privileges ? 0 : UINT64_C(1) << CAP_SYS_ADMIN;

	return capability_set(&confinement->capabilities, confinement->user_capabilities,
	                      entry->credential.uid, until_exec, err);
}

/* A change of ids clears the death signal, so it is set again; whether the parent died in between
 * is asked of the gate. It also sets dumpable to what fs.suid_dumpable says: from here to execve
 * nobody may look into this process, so 0 is set by hand (CVE-2016-9962). */
int step_renew_ties(struct entry *entry, struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the container to its monitor");
	if (entry->gate >= 0 && !sync_parent_alive(entry->gate))
		return error_set(err, 0, "the process that started the container is gone");
	return 0;
}

int step_forbid_new_privileges(struct entry *entry, struct error *err)
{
	return entry->plan->confinement.no_new_privileges ? no_new_privileges_set(err) : 0;
}

int step_apply_landlock(struct entry *entry, struct error *err)
{
	const struct plan_landlock *landlock = &entry->plan->confinement.landlock;

	if (landlock_apply(landlock, entry->root, entry->host, entry->notes, sizeof entry->notes,
	                   err) < 0)
		return -1;
	if (!landlock->enabled || entry->plan->network != PLAN_NETWORK_HOST)
		return 0;
	return landlock_scope_names(entry->host, entry->notes, sizeof entry->notes, err);
}

int step_latch_mounts(struct entry *entry, struct error *err)
{
	return latch_mounts(&entry->plan->confinement, entry->host, err);
}

int step_find_command(struct entry *entry, struct error *err)
{
	const struct plan_strings *given = &entry->plan->process.environment;
	static char home[sizeof "HOME=" + sizeof entry->credential.home];
	bool has_home = false;
	size_t i;

	entry->command.environment = calloc(given->count + 2, sizeof *entry->command.environment);
	if (entry->command.environment == NULL)
		return error_set(err, ENOMEM, "cannot copy the environment");
	for (i = 0; i < given->count; i++) {
		entry->command.environment[i] = given->items[i];
		has_home |= strncmp(given->items[i], "HOME=", 5) == 0;
	}
	if (!has_home) {
		snprintf(home, sizeof home, "HOME=%s",
		         entry->credential.home[0] == '\0' ? "/" : entry->credential.home);
		entry->command.environment[i] = home;
	}
	return command_resolve(&entry->command, entry->root, &entry->plan->process, err);
}

int step_reset_signals(struct entry *entry, struct error *err)
{
	sigset_t none;

	(void)entry;
	/* EINVAL: the two that are always so, and those of the C library */
	for (int number = 1; number < NSIG; number++)
		if (signal(number, SIG_DFL) == SIG_ERR && errno != EINVAL)
			return error_set(err, errno, "cannot reset the signal %d", number);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return error_set(err, errno, "cannot unblock the signals");
	return 0;
}

int step_start_init(struct entry *entry, struct error *err)
{
	return entry->plan->process.init ? init_fork(entry->report, &entry->plan->confinement,
	                                             entry->credential.uid, err)
	                                 : 0;
}

int step_tell_notes(struct entry *entry, struct error *err)
{
	struct error notes = {};

	(void)err;
	if (entry->notes[0] == '\0')
		return 0;
	snprintf(notes.text, sizeof notes.text, "%s", entry->notes);
	sync_report(entry->report, REPORT_NOTES, &notes);
	return 0;
}

int step_close_descriptors(struct entry *entry, struct error *err)
{
	return descriptor_close_others(entry->report, err);
}

int step_filter_calls(struct entry *entry, struct error *err)
{
	return seccomp_apply(&entry->plan->confinement.filter, err);
}

int step_execute(struct entry *entry, struct error *err)
{
	return command_execute(&entry->command, &entry->plan->process, err);
}
