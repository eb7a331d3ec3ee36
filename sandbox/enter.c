/*
 * enter: how a process walks into its container.
 *
 * The order is the security of it; each step needs what an earlier one gave, or must come before
 * what a later one takes away:
 *
 *   - The process has all capabilities over its new namespaces from its birth, but no id of its
 * own before the maps are written, which takes the helpers more than a millisecond. What needs no
 * id is done meanwhile: nothing of it makes a file that is owned by an id of the container. Then
 * the process becomes root of its user namespace, and that root's powers are used up step by step.
 *   - All mounts are made before the change of root (their sources are host paths), by descriptors.
 *   - The gate is passed after the mounts: the parent attaches the network at the same time. It
 * must be before the user changes: pasta has to look at this process's namespaces, which the kernel
 * allows only while the process is dumpable.
 *   - Label and bounding set need capabilities, so they come before the user changes; the sets are
 * made exact after it, because the change of user clears them.
 *   - no_new_privs comes before Landlock and seccomp, which ask for it (where the policy leaves it
 * off, CAP_SYS_ADMIN stays for them until execve), and Landlock after the last mount, which it
 * forbids.
 *   - The limits are the command's: ten open files are enough for it, and not for these steps.
 *   - The filter is last: every system call after it is judged by it, and only execve, write and
 *     exit_group are left to do.
 *
 * A failed step reports its name and reason, and the process dies. Nothing is rolled back: the
 * namespaces go with it.
 */
#include "sandbox/enter.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/steps.h"

const struct step enter_steps[] = {
	/* first: whatever happens, it dies with its parent */
	{ "tie to the monitor", step_tie },
	/* before what is set and mounted in them; needs SYS_ADMIN, and no id: while the helpers
	   write the maps */
	{ "make namespaces", step_make_namespaces },
	/* before the terminal is taken */
	{ "start a session", step_start_session },
	/* before the first mount, so that none reaches the host */
	{ "isolate mounts", step_isolate_mounts },
	/* needs NET_ADMIN, and no id */
	{ "raise loopback", step_raise_loopback },
	/* needs SYS_ADMIN, and no id */
	{ "set hostname", step_set_hostname },
	/* after the isolation: /proc and /sys are made, and what is to be hidden in them is hidden,
	   while the helpers write the maps */
	{ "make /proc and /sys", step_make_early },
	/* before all that makes or looks at files of the container's ids */
	{ "wait for id maps", step_wait_for_maps },
	/* after the maps */
	{ "become root inside", step_become_root },
	/* after the parent moved this process into its cgroup, which it does before the maps;
	   before cgroup2 is mounted */
	{ "cgroup namespace", step_make_cgroup_namespace },
	/* before the mounts that go into it; after the maps, because overlayfs writes to a work
	   folder of mode 0, which only a capability over its owner's id allows */
	{ "mount root", step_mount_the_root },
	/* before /proc, beneath which they are kept */
	{ "make files", step_make_files },
	/* /proc, /dev, /sys in the runtime's order, then volumes; sources are host paths: before
	   change root */
	{ "mount volumes", step_mount_volumes },
	/* after the volumes: one may be on /etc */
	{ "give files", step_give_files },
	/* needs /dev/pts; before change root only because the gate still leads to the parent */
	{ "make the terminal", step_make_terminal },
	{ "bind the console", step_bind_console },
	/* in the image; the host's /dev/null is needed: before change root */
	{ "hide paths", step_hide_paths },
	/* before the host's tree is let go: the working directory may have to be made in the root
	 */
	{ "enter the working directory", step_enter_directory },
	/* after the last file was made in it */
	{ "protect the root", step_protect_root },
	/* after all mounts */
	{ "change root", step_change_root },
	/* change root moved the working directory to "/": enter the one asked for again, inside */
	{ "return to the working directory", step_enter_directory },
	/* after the long work; before the user changes, which makes the process undumpable */
	{ "wait at the gate", step_wait_at_gate },
	/* after the gate, when the network is connected; needs NET_ADMIN */
	{ "close the host's loopback", step_close_loopback },
	/* after the session and the terminal exist; a missing stream is the container's /dev/null
	 */
	{ "connect streams", step_connect_streams },
	/* may need a filter instead, and so SYS_ADMIN: before the user changes */
	{ "leave the keyring", step_leave_keyring },
	/* needs /proc; takes effect at exec */
	{ "stage AppArmor", step_stage_apparmor },
	/* reads the container's own passwd and group */
	{ "find the user", step_find_user },
	/* needs CHOWN: before the user changes */
	{ "give the streams", step_give_streams },
	/* needs SETPCAP: before the sets shrink */
	{ "drop bounding set", step_drop_bounding },
	/* needs SETUID and SETGID */
	{ "become user", step_become_user },
	/* after the user changed, which clears them */
	{ "set capabilities", step_set_capabilities },
	/* after the last change of credentials */
	{ "renew the ties", step_renew_ties },
	/* before Landlock and seccomp, which ask for it, or for the capability kept above */
	{ "no_new_privs", step_forbid_new_privileges },
	/* after the last mount */
	{ "Landlock", step_apply_landlock },
	/* what Landlock does not govern */
	{ "latch mounts", step_latch_mounts },
	/* as the user, behind Landlock: what it finds is what the user may execute */
	{ "find the command", step_find_command },
	/* before the fork of init */
	{ "reset signals", step_reset_signals },
	/* all walls but the filter are inherited by the command */
	{ "start init", step_start_init },
	/* after all that opens a file, starts a process or takes memory: they are the command's.
	   Lowering takes no capability, and who raises would need one that nobody has here */
	{ "limits", step_apply_limits },
	{ "tell what was skipped", step_tell_notes },
	/* nothing but 0, 1, 2 and the report, which closes at exec */
	{ "close descriptors", step_close_descriptors },
	/* last: only execve, write and exit_group are needed after it */
	{ "filter system calls", step_filter_calls },
	{ "exec", step_execute },
};
const size_t enter_step_count = ARRAY_SIZE(enter_steps);

/* A further process joins: the namespaces and mounts are there, the walls are the same. */
const struct step join_steps[] = {
	{ "start a session", step_start_session },
	{ "make the terminal", step_make_terminal },
	/* one that is missing is an error, as in Docker: a look inside changes nothing */
	{ "enter the working directory", step_enter_directory_there },
	{ "connect streams", step_connect_streams },
	{ "leave the keyring", step_leave_keyring },
	{ "stage AppArmor", step_stage_apparmor },
	{ "find the user", step_find_user },
	{ "give the streams", step_give_streams },
	{ "drop bounding set", step_drop_bounding },
	{ "become user", step_become_user },
	{ "set capabilities", step_set_capabilities },
	{ "renew the ties", step_renew_ties },
	{ "no_new_privs", step_forbid_new_privileges },
	{ "Landlock", step_apply_landlock },
	{ "latch mounts", step_latch_mounts },
	{ "find the command", step_find_command },
	{ "reset signals", step_reset_signals },
	{ "limits", step_apply_limits },
	{ "tell what was skipped", step_tell_notes },
	{ "close descriptors", step_close_descriptors },
	{ "filter system calls", step_filter_calls },
	{ "exec", step_execute },
};
const size_t join_step_count = ARRAY_SIZE(join_steps);

_Noreturn void enter_run(struct entry *entry, const struct step *steps, size_t count)
{
	uint64_t before = entry->streams.trace >= 0 ? io_now() : 0, now;
	struct error err = {};

	for (size_t i = 0; i < count; i++) {
		/* The trace's descriptor is closed with the others: the last lines cannot be said.
		 */
		if (steps[i].run(entry, &err) < 0) {
			if (err.exit_status == EXIT_ENGINE)
				error_prefix(&err, "%s", steps[i].name);
			sync_report(entry->report, REPORT_FAILURE, &err);
			_exit(err.exit_status);
		}
		if (entry->streams.trace < 0)
			continue;
		now = io_now();
		dprintf(entry->streams.trace, "%8.1f us  inside: %s\n",
		        (double)(now - before) / 1000, steps[i].name);
		before = now;
	}
	_exit(EXIT_ENGINE);
}
