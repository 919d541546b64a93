/* Reads words against the generated tables: the rules and texts of omnirelay/grammar.py. */
#ifndef OMNIRELAY_GRAMMAR_H
#define OMNIRELAY_GRAMMAR_H

#include "arena.h"
#include "front.h"
#include "tables.h"
#include "text.h"

enum action { ACTION_RUN, ACTION_BARE, ACTION_EAGER, ACTION_REFUSED };

enum role { ROLE_COMMAND, ROLE_OPTION, ROLE_VALUE, ROLE_SEPARATOR, ROLE_ARGUMENT, ROLE_EXTRA, ROLE_UNKNOWN };

/* What a word was taken for. */
struct note {
    struct note *next;
    enum role role;
    const struct node *node;
    size_t option;
};

/* Notes of each word, in the order in which they were made; `node` is the last one reached. */
struct trace {
    const struct node *node;
    struct note **first;
    struct note ***end;
    size_t count;
};

/* What the words came to. Of an eager option `name` is the action; of a refusal `usage` is the node whose usage line is printed, or NULL,
 * and the texts may hold parts of the words as they came, which are no UTF-8 for certain. */
struct reading {
    enum action action;
    const struct node *node;
    const char *name;
    struct front_value *values; /* One per option of the node, in their order; those of actions are without a meaning. */
    const struct node *usage;
    struct text message;
    struct text suffix;
};

void trace_begin(struct trace *trace, struct arena *arena, size_t count);

/* `trace` may be NULL. */
void interpret(struct arena *arena, const char *const *words, size_t count, struct trace *trace, struct reading *reading);

/* How an operator would name an option: by its long name, else its short one; NULL for loose words, whose name is put in capitals. */
const char *option_label(const struct node *node, size_t option);

#endif
