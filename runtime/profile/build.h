/* build: which cordon this is, to the byte. */
#ifndef CORDON_PROFILE_BUILD_H
#define CORDON_PROFILE_BUILD_H

#include <stddef.h>

/* The GNU build id of the running program, which the linker makes from all of its content: another
 * compiler, table or line of code has another one. NULL where it was linked without. */
const unsigned char *build_id(size_t *length);

#endif
