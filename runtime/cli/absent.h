/*
 * absent: what Docker or Podman have and cordon has not: the reason and the way out, so that nobody
 * is left with "unknown".
 */
#ifndef CORDON_CLI_ABSENT_H
#define CORDON_CLI_ABSENT_H

#include "sandbox/base/error.h"

#include <stdbool.h>

struct absent {
	char letter; /* of an option; '-': none */
	const char *name;
	const char *reason;
	const char *way_out;
};

/* A table is one string, ABSENT behind ABSENT: pointers in it would have to be relocated whenever
 * cordon starts, and the pages they stand in would be every monitor's own. */
#define ABSENT(letter, name, reason, way_out) letter name "\0" reason "\0" way_out "\0"

/* The next row of the table, which moves behind it; false at the end. */
bool absent_next(struct absent *ret, const char **table);

/* By name, or by letter where that is not 0. NULL is a table without rows. */
bool absent_find(struct absent *ret, const char *table, const char *name, char letter);

extern const char absent_commands[];
/* Options of run and create. */
extern const char absent_run_options[];
/* absent_containers.c: of the other commands of containers. */
extern const char absent_exec_options[];
extern const char absent_one_options[]; /* of those that take one */
extern const char absent_inspect_options[];
extern const char absent_logs_options[];
extern const char absent_ps_options[];
extern const char absent_rm_options[];
extern const char absent_start_options[];
extern const char absent_stats_options[];
extern const char absent_cp_options[];
/* and of those of volumes */
extern const char absent_volume_create_options[];
extern const char absent_volume_options[];
/* absent_images.c: of the commands of images. */
extern const char absent_images_options[];
extern const char absent_stored_options[]; /* of those that read or remove images */
extern const char absent_load_options[];
extern const char absent_push_options[];
extern const char absent_manifest_options[];
extern const char absent_commit_options[];
extern const char absent_prune_options[];
/* Commands of two words, of families that cordon has. */
extern const char absent_members[];

/* "WHAT is not offered: REASON", and the way out. Returns -1. */
int absent_refuse(const struct absent *absent, const char *dashes, struct error *err);

#endif
