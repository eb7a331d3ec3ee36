/*
 * format: Go templates as --format takes them, over value trees: {{.Field}}, {{.A.B}}, {{json .A}},
 * {{index .A "key"}}, {{range .A}}...{{end}}, {{if .A}}...{{else}}...{{end}}, {{len .A}}, {{upper
 * .A}},
 * {{lower .A}}, {{join .A ", "}}, {{println .A}}; and "table ..." with a header.
 */
#ifndef CORDON_CLI_FORMAT_H
#define CORDON_CLI_FORMAT_H

#include "policy/value.h"

/* Appends the template carried out on one value. "json" alone means the whole value. */
int format_value(struct text *ret, const char *template, const struct value *value,
                 struct error *err) __attribute__((warn_unused_result));

/* One column of a table. */
struct column {
	const char *title; /* "CONTAINER ID" */
	const char *field; /* "ID" */
};

/* Prints objects: as a table of all columns, by a template a line each, or (quiet) one field. */
struct listing {
	const struct column *columns;
	size_t count;
	const char *format;      /* NULL: the table */
	const char *quiet_field; /* NULL: not quiet */
	bool no_header;
};
int listing_print(const struct listing *listing, const struct value *rows, struct error *err)
        __attribute__((warn_unused_result));

/* "2 minutes", "About an hour", as Docker says. */
const char *human_duration(struct arena *arena, int64_t seconds);
/* "12.3MB", powers of 1000 as docker images. */
const char *human_size(struct arena *arena, uint64_t bytes);

#endif
