/* What `omnirelay explain` prints: omnirelay/commands/explain.py. */
#ifndef OMNIRELAY_EXPLAIN_H
#define OMNIRELAY_EXPLAIN_H

#include "front.h"
#include "text.h"

/* The meaning of `words`, without doing it. */
void add_explanation(struct text *text, const char *const *words, size_t count, int as_json);

#endif
