/*
 * plain: JSON as programs write it, read in one pass: ASCII, short escapes, whole numbers below
 * 2^63, objects of few members. That is every index.json and every record of a store, and nearly
 * every profile; jansson takes eight times as long for them, and a list of images reads hundreds.
 *
 * It has no opinion of its own. What it takes is exactly what jansson would have made of the text;
 * anything else, right or wrong, it leaves to jansson, whose word and whose message count.
 */
#ifndef CORDON_POLICY_PLAIN_H
#define CORDON_POLICY_PLAIN_H

#include "policy/value.h"

/* The strings of the value stay where they are in `text`, which must live as long as the arena.
 * False, and *ret and `text` as they were, where the text is not plain. */
bool plain_decode(struct value **ret, struct arena *arena, char *text, size_t length,
                  unsigned depth_most) __attribute__((warn_unused_result));

#endif
