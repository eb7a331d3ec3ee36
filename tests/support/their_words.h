/* their_words: decisions and conditions as libseccomp says them. */
#ifndef CORDON_TESTS_THEIR_WORDS_H
#define CORDON_TESTS_THEIR_WORDS_H

#include "policy/decision.h"

struct scmp_arg_cmp; /* <seccomp.h>, which a caller includes */

uint32_t their_action(struct decision decision);
struct scmp_arg_cmp their_condition(const struct condition *condition);

#endif
