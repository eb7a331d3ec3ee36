/*
 * prune: what nobody needs is removed, and said, kind by kind; prune_total tells how much room that
 * made. Containers come before volumes and images, which they hold on to.
 */
#ifndef CORDON_CLI_PRUNE_H
#define CORDON_CLI_PRUNE_H

#include "runtime/cli/command.h"
#include "runtime/cli/prune_filter.h"

struct prune {
	struct call *call;
	struct prune_filter filter;
	bool all_images;  /* not only those without a name */
	bool all_volumes; /* not only anonymous ones */
	uint64_t bytes;
};

/* Those that do not run. */
int prune_containers(struct prune *prune, struct error *err) __attribute__((warn_unused_result));
/* Those that no container names. */
int prune_volumes(struct prune *prune, struct error *err) __attribute__((warn_unused_result));
/* Those that no container was made from. */
int prune_images(struct prune *prune, struct error *err) __attribute__((warn_unused_result));

int prune_total(const struct prune *prune, struct error *err) __attribute__((warn_unused_result));

/* The folders that hold what containers and volumes take of the disk. */
const char *prune_container_folder(struct arena *arena, const struct paths *paths, const char *id);

#endif
