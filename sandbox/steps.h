/*
 * steps: what the rows of enter_steps and join_steps do, one function a row. Only enter.c calls
 * them: their order is its business, and each relies on it.
 */
#ifndef CORDON_SANDBOX_STEPS_H
#define CORDON_SANDBOX_STEPS_H

#include "sandbox/enter.h"

int step_tie(struct entry *entry, struct error *err);
int step_make_namespaces(struct entry *entry, struct error *err);
int step_make_early(struct entry *entry, struct error *err);
int step_wait_for_maps(struct entry *entry, struct error *err);
int step_become_root(struct entry *entry, struct error *err);
int step_start_session(struct entry *entry, struct error *err);
int step_make_cgroup_namespace(struct entry *entry, struct error *err);
int step_isolate_mounts(struct entry *entry, struct error *err);
int step_mount_the_root(struct entry *entry, struct error *err);
int step_mount_volumes(struct entry *entry, struct error *err);
int step_make_files(struct entry *entry, struct error *err);
int step_give_files(struct entry *entry, struct error *err);
int step_make_terminal(struct entry *entry, struct error *err);
int step_bind_console(struct entry *entry, struct error *err);
int step_hide_paths(struct entry *entry, struct error *err);
int step_enter_directory(struct entry *entry, struct error *err);
int step_enter_directory_there(struct entry *entry, struct error *err);
int step_protect_root(struct entry *entry, struct error *err);
int step_change_root(struct entry *entry, struct error *err);
int step_raise_loopback(struct entry *entry, struct error *err);
int step_close_loopback(struct entry *entry, struct error *err);
int step_set_hostname(struct entry *entry, struct error *err);
int step_wait_at_gate(struct entry *entry, struct error *err);
int step_connect_streams(struct entry *entry, struct error *err);
int step_leave_keyring(struct entry *entry, struct error *err);
int step_apply_limits(struct entry *entry, struct error *err);
int step_stage_apparmor(struct entry *entry, struct error *err);
int step_find_user(struct entry *entry, struct error *err);
int step_give_streams(struct entry *entry, struct error *err);
int step_drop_bounding(struct entry *entry, struct error *err);
int step_become_user(struct entry *entry, struct error *err);
int step_set_capabilities(struct entry *entry, struct error *err);
int step_renew_ties(struct entry *entry, struct error *err);
int step_forbid_new_privileges(struct entry *entry, struct error *err);
int step_apply_landlock(struct entry *entry, struct error *err);
int step_latch_mounts(struct entry *entry, struct error *err);
int step_find_command(struct entry *entry, struct error *err);
int step_reset_signals(struct entry *entry, struct error *err);
int step_start_init(struct entry *entry, struct error *err);
int step_tell_notes(struct entry *entry, struct error *err);
int step_close_descriptors(struct entry *entry, struct error *err);
int step_filter_calls(struct entry *entry, struct error *err);
int step_execute(struct entry *entry, struct error *err);

#endif
