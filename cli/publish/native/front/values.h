/* Whether a value is one that its option takes, and what it means then. */
#ifndef OMNIRELAY_VALUES_H
#define OMNIRELAY_VALUES_H

#include "arena.h"
#include "front.h"
#include "tables.h"

/* Each returns 0 and leaves the value as it is when the option does not take it. */
int bind_choice(const struct option *option, struct front_value *value);
int bind_integer(struct arena *arena, struct front_value *value);

/* Adds a word to those of a value that keeps every one of them. */
void add_occurrence(struct arena *arena, struct front_value *value, const char *word);

#endif
