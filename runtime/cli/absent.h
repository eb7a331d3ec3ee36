/*
 * absent: what Docker or Podman have and cordon has not: the reason and the way out, so that nobody
 * is left with "unknown".
 */
#ifndef CORDON_CLI_ABSENT_H
#define CORDON_CLI_ABSENT_H

#include "sandbox/base/error.h"

#include <stddef.h>

struct absent {
	char letter; /* of an option; 0: none */
	const char *name;
	const char *reason;
	const char *way_out;
};

/* By name, or by letter where that is not 0; both tables end with a row without a name. */
const struct absent *absent_find(const struct absent *table, const char *name, char letter);

extern const struct absent absent_commands[];
/* Options of run and create. */
extern const struct absent absent_run_options[];
extern const struct absent absent_exec_options[];
/* absent_containers.c: of the other commands of containers. */
extern const struct absent absent_one_options[]; /* of those that take one */
extern const struct absent absent_inspect_options[];
extern const struct absent absent_logs_options[];
extern const struct absent absent_ps_options[];
extern const struct absent absent_rm_options[];
extern const struct absent absent_start_options[];
extern const struct absent absent_stats_options[];
extern const struct absent absent_cp_options[];
/* and of those of volumes */
extern const struct absent absent_volume_create_options[];
extern const struct absent absent_volume_options[];
/* absent_images.c: of the commands of images. */
extern const struct absent absent_images_options[];
extern const struct absent absent_stored_options[]; /* of those that read or remove images */
extern const struct absent absent_load_options[];
extern const struct absent absent_push_options[];
extern const struct absent absent_manifest_options[];
extern const struct absent absent_commit_options[];
extern const struct absent absent_prune_options[];
/* Commands of two words, of families that cordon has. */
extern const struct absent absent_members[];

/* "WHAT is not offered: REASON", and the way out. Returns -1. */
int absent_refuse(const struct absent *absent, const char *dashes, struct error *err);

#endif
