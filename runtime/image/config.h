/*
 * config: the image config (OCI image-spec config.md; Docker's is the same with more in it). Pure.
 *
 * Only what a launch needs is taken. Nothing in it can loosen a confinement: labels, annotations
 * and unknown members are shown by inspect and mean nothing (CVE-2014-6408).
 */
#ifndef CORDON_IMAGE_CONFIG_H
#define CORDON_IMAGE_CONFIG_H

#include "runtime/image/image.h"

struct config {
	struct image_config launch;
	struct plan_strings layers; /* hex of rootfs.diff_ids, bottom first */
	int64_t created;            /* 0 where it does not say */
	struct platform platform;   /* of the machines it is for */
};

int config_parse(struct config *ret, struct arena *arena, const struct text *text,
                 struct error *err) __attribute__((warn_unused_result));

/* RFC 3339 ("2024-05-01T12:00:00.123Z", "...+02:00") to seconds since the epoch; 0 where it is not
 * one. */
int64_t config_parse_time(const char *text);
/* The other way, in UTC. */
const char *config_print_time(struct arena *arena, int64_t time);

#endif
