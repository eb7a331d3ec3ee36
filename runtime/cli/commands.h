/*
 * commands: one row of each command's file.
 */
#ifndef CORDON_CLI_COMMANDS_H
#define CORDON_CLI_COMMANDS_H

#include "runtime/cli/command.h"

extern const struct command command_run, command_create, command_start, command_exec,
        command_attach, command_ps, command_logs, command_top, command_inspect,
        command_container_inspect, command_wait, command_stop, command_kill, command_rm,
        command_images, command_image_inspect, command_load, command_pull, command_push,
        command_import, command_rmi, command_login, command_logout, command_policy_check,
        command_policy_compile, command_policy_show, command_policy_prove, command_policy_diff,
        command_policy_fmt, command_policy_merge, command_info, command_version, command_completion,
        command_manual, command_tag, command_untag, command_history, command_image_tree,
        command_rename, command_port, command_volume_ls, command_volume_create,
        command_volume_inspect, command_volume_rm;

#endif
