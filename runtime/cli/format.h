/*
 * format: rows and single values as --format asks for them: a Go template (template/template.h),
 * "json", or "table TEMPLATE"; without it a table of columns.
 */
#ifndef CORDON_CLI_FORMAT_H
#define CORDON_CLI_FORMAT_H

#include "policy/value.h"

/* Appends the template carried out on one value. "json" alone means the whole value. */
int format_value(struct text *ret, const char *source, const struct value *value, struct error *err)
        __attribute__((warn_unused_result));

/* One column of a table. */
struct column {
	const char *title; /* "CONTAINER ID"; NULL: for templates only, not printed as JSON */
	const char *field; /* "ID" */
};

/* Prints objects: as a table of all columns, by a template a line each, or (quiet) one field. */
struct listing {
	const struct column *columns;
	size_t count;
	const char *format;      /* NULL: the table */
	const char *quiet_field; /* NULL: not quiet */
	bool no_header;
	const struct column *more; /* columns that only a template names; may be NULL */
	size_t more_count;
};
int listing_print(const struct listing *listing, const struct value *rows, struct error *err)
        __attribute__((warn_unused_result));

/* The same of rows that are made one at a time, when they are printed: `arena` is emptied after
 * each. A field that only a template names need not be there where `listing` has no format. */
struct listing_rows {
	size_t count;
	const struct value *(*make)(struct arena *arena, const struct listing *listing,
	                            const void *context, size_t place);
	const void *context;
};
int listing_print_each(const struct listing *listing, const struct listing_rows *rows,
                       struct error *err) __attribute__((warn_unused_result));

/* "2 minutes", "About an hour", as Docker says. */
const char *human_duration(struct arena *arena, int64_t seconds);
/* "2026-01-02 03:04:05 +0100 CET": Go's way to print a time, in the zone of whoever asks. */
const char *human_time(struct arena *arena, int64_t seconds);
/* "12.3MB", powers of 1000 as docker images. */
const char *human_size(struct arena *arena, uint64_t bytes);
/* "12.34MiB", powers of 1024 as docker stats. */
const char *human_memory(struct arena *arena, uint64_t bytes);

#endif
