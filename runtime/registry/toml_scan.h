/*
 * toml_scan: the letters of TOML: keys, strings and numbers, below the grammar of tables (toml.c).
 */
#ifndef CORDON_REGISTRY_TOML_SCAN_H
#define CORDON_REGISTRY_TOML_SCAN_H

#include "policy/value.h"

enum { TOML_DEPTH_MAX = 64 };

struct toml_scan {
	struct arena *arena;
	const char *file;
	const char *text, *next, *end; /* text_string's NUL stands at `end` */
	unsigned depth;                /* of arrays and inline tables */
	const char *placed;            /* the last place that was looked up, NULL: none; */
	struct position place;         /* and where it is */
	struct error *err;
};

/* One or more names between dots. */
struct toml_key {
	const char *names[TOML_DEPTH_MAX];
	const char *places[TOML_DEPTH_MAX];
	size_t count;
};

/* -1, with "FILE:LINE:COLUMN: " before the text. */
int toml_complain(struct toml_scan *scan, const char *at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Counts on from the last place, so that places in the order of the text cost one reading of it. */
struct position toml_place(struct toml_scan *scan, const char *at);

/* UTF-8, no control bytes but tab and line ends, no byte order mark: true of the whole text, in
 * strings and comments too. */
int toml_check_bytes(struct toml_scan *scan) __attribute__((warn_unused_result));

bool toml_take(struct toml_scan *scan, const char *word); /* moves past it where it stands */
void toml_skip_blanks(struct toml_scan *scan);
/* Blanks, line ends and comments. */
void toml_skip_lines(struct toml_scan *scan);

int toml_take_key(struct toml_key *ret, struct toml_scan *scan) __attribute__((warn_unused_result));
/* At a quote. The string is the arena's. */
int toml_take_string(const char **ret, struct toml_scan *scan, bool lines_allowed)
        __attribute__((warn_unused_result));
/* At a digit, a sign, or a word: an integer, or an error that tells what it is instead. */
int toml_take_integer(int64_t *ret, struct toml_scan *scan) __attribute__((warn_unused_result));

#endif
