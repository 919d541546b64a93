/* The shape of the generated tables: the command tree with its options, names and help pages. */
#ifndef OMNIRELAY_TABLES_H
#define OMNIRELAY_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "front.h"

/* The first three take a value: any or one of the choices, a whole number, or each that is given. */
enum option_kind { OPTION_VALUE, OPTION_INTEGER, OPTION_REPEATED, OPTION_FLAG, OPTION_ACTION, OPTION_WORDS };

/* An allowed value, and what it looks like when upper and lower case are not told apart. */
struct choice {
    const char *folded;
    const char *text;
};

/* One parameter of a verb. `value` is its default or NULL; of an action it is the action's name. */
struct option {
    const char *name;
    enum option_kind kind;
    const char *value;
    const char *hint;
    const struct choice *choices;
    size_t choice_count;
    const char *choice_list;
};

/* A name of an option, `--long` or `-s`, and its position among the options. */
struct option_name {
    const char *text;
    size_t option;
};

struct node;

struct command_name {
    const char *text;
    const struct node *node;
};

enum row_tag { ROW_TEXT, ROW_SECTION, ROW_ROW };

/* A part of a help page. In `words` the pieces of a paragraph are parted by PIECE and paragraphs by PARAGRAPH. */
struct row {
    enum row_tag tag;
    const char *first;
    const char *words;
};

#define PIECE '\x1f'
#define PARAGRAPH '\x1e'

/* How the front answers a verb of its own. */
enum own_answer { ANSWER_NOTHING, ANSWER_CONSTANT, ANSWER_EXPLAIN };

/* A group (with commands) or a verb (without). */
struct node {
    const char *path;
    const char *usage;
    const struct option *options;
    size_t option_count;
    const struct option_name *long_names;
    size_t long_count;
    const struct option_name *short_names;
    size_t short_count;
    const struct command_name *commands;
    size_t command_count;
    const struct row *rows;
    size_t row_count;
    enum front_gear gear;
    enum own_answer answer;
};

/* A character beyond ASCII that is equal to ASCII characters when upper and lower case are not told apart. */
struct folding {
    uint32_t code;
    const char *text;
};

/* A text that is known when the program is built, by action (`version`) or by the path of a verb. */
struct constant_answer {
    const char *name;
    const char *text;
    size_t size;
};

extern const struct node *const root_node;
extern const struct folding foldings[];
extern const size_t folding_count;
extern const struct constant_answer constant_answers[];
extern const size_t constant_answer_count;

#endif
