/*
 * paths: where cordon keeps its state (XDG base directories), and that nobody else can look inside.
 *
 *	data    $XDG_DATA_HOME/cordon    (~/.local/share/cordon)  images/ layers/ containers/ names/
 *volumes/ tmp/ run     $XDG_RUNTIME_DIR/cordon  (or data/run where it is not set)  attach sockets
 *	cache   $XDG_CACHE_HOME/cordon   (~/.cache/cordon)        plans/
 *	config  $XDG_CONFIG_HOME/cordon  (~/.config/cordon)       profiles/
 *
 * CORDON_LIBEXEC and CORDON_PROFILES name other folders of helpers and of cordon's own profiles:
 *one that belongs to another user (but root), or that group or others can write, is an error, and
 *so is a file in it.
 *
 * Folders are made with mode 0700 when first needed; one that exists with another owner, or open to
 * others, is an error (CVE-2021-41091: setuid files of images must not be reachable by other
 *users).
 */
#ifndef CORDON_STORE_PATHS_H
#define CORDON_STORE_PATHS_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"

struct paths {
	const char *data;
	const char *run;
	const char *runtime; /* $XDG_RUNTIME_DIR, by default /run/user/UID; cordon's own is `run` */
	const char *cache;
	const char *config;
	/* Where profiles are looked for, NULL-terminated, first wins: config/profiles,
	 * /etc/cordon/profiles, the install prefix's share/cordon/profiles. */
	const char *profiles[4];
	const char *
	        libexec; /* folder of the helpers: next to the binary's prefix, or CORDON_LIBEXEC */
};

/* Reads the environment once (HOME, XDG_*); makes nothing. */
int paths_init(struct paths *ret, struct arena *arena, struct error *err)
        __attribute__((warn_unused_result));

/* Opens (and makes) `base`/`name` with mode 0700; returns an O_DIRECTORY descriptor. */
int paths_open_dir(const char *base, const char *name, struct error *err)
        __attribute__((warn_unused_result));

#endif
