/*
 * base64: RFC 4648, 4, both ways. Credentials are kept and sent in it. Pure.
 */
#ifndef CORDON_REGISTRY_BASE64_H
#define CORDON_REGISTRY_BASE64_H

#include "sandbox/base/text.h"

/* Appends. */
void base64_encode(struct text *ret, const void *bytes, size_t length);

/* Appends. False, with nothing appended, for anything but whole groups of the alphabet with their
 * padding. Ends of lines count for nothing: base64(1) breaks what is long, and Go's decoder, by
 * which podman and Docker read the same files, passes over them. */
bool base64_decode(struct text *ret, const char *string);

#endif
