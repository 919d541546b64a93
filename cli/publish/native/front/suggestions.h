/* Near names for a mistyped word: omnirelay/suggestions.py, which equals Python's difflib. */
#ifndef OMNIRELAY_SUGGESTIONS_H
#define OMNIRELAY_SUGGESTIONS_H

#include "tables.h"
#include "text.h"

/* The tail of the message about an unknown option; nothing when nothing is near. */
void suggest_options(struct text *suffix, struct slice name, const struct node *node);

/* Appends near commands to a message, if there are any. */
void suggest_commands(struct text *message, struct slice name, const struct node *node);

#endif
