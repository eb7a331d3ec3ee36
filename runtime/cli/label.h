/* label: labels of images, containers and volumes against what a filter asks of them. */
#ifndef CORDON_CLI_LABEL_H
#define CORDON_CLI_LABEL_H

#include "policy/value.h"

/* "NAME" or "NAME=VALUE". labels: an object; NULL for none. */
bool label_matches(const struct value *labels, const char *wanted);

#endif
