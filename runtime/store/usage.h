/*
 * usage: how many bytes are in folders that containers write into. What is in there is theirs: no
 * symlink is followed, no mount is crossed, a file counts once however many names it has, and of a
 * sparse one only what it has on the disk.
 */
#ifndef CORDON_STORE_USAGE_H
#define CORDON_STORE_USAGE_H

#include "sandbox/host.h"
#include "sandbox/plan.h"

/* sizes: one for each of the absolute paths; a folder that is not there has 0. Folders that the
 * caller may not look into are looked into as root of his subordinate ids. */
int usage_of_folders(uint64_t *sizes, const struct plan_strings *paths, const struct host *host,
                     struct error *err) __attribute__((warn_unused_result));

#endif
