/*
 * limit: the names of setrlimit(2)'s resources, for messages and for printing a plan. The functions
 * are in walls.h.
 */
#ifndef CORDON_SANDBOX_LIMIT_H
#define CORDON_SANDBOX_LIMIT_H

#include <sys/resource.h>

extern const char *const limit_names[RLIM_NLIMITS];

#endif
