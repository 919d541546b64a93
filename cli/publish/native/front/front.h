/* The front of the native program: reads the arguments and answers all that needs no interpreter.
 *
 * Everything it learns of its surroundings and everything it says goes through a front_host, so that the same code runs in the program,
 * in a library that other programs load, and under a fuzzer. It keeps no state of its own: two fronts do not disturb each other.
 */
#ifndef OMNIRELAY_FRONT_H
#define OMNIRELAY_FRONT_H

#include <stddef.h>

#include "arena.h"

enum { FRONT_STDOUT = 1, FRONT_STDERR = 2 };

struct front_host {
    /* The value of an environment variable, or NULL; good until the next question. */
    const char *(*variable)(void *context, const char *name);
    /* Whether a descriptor is a terminal. */
    int (*is_terminal)(void *context, int descriptor);
    /* The width of the terminal that standard output is, or 0. */
    int (*columns)(void *context);
    /* Writes everything and returns 0, or the number of the error. */
    int (*write)(void *context, int descriptor, const char *bytes, size_t length);
    void *context;
};

enum front_kind { FRONT_NONE, FRONT_FALSE, FRONT_TRUE, FRONT_TEXT, FRONT_INTEGER, FRONT_WORDS };

/* A bound value; `text` of an integer is its shortest decimal form. Texts are UTF-8 in which a byte that is none stands for itself; they
 * belong to the arguments, to the tables or to the arena. */
struct front_value {
    const char *name;
    enum front_kind kind;
    int given; /* On the command line; otherwise it is the default. */
    const char *text;
    const char **words;
    size_t word_count;
};

enum front_gear { FRONT_GEAR_FRONT, FRONT_GEAR_CORE, FRONT_GEAR_FULL };

/* What the arguments came to: answered with an exit code, or a verb to run with its values. */
struct front_outcome {
    int answered;
    int exit_code;
    const char *path;
    enum front_gear gear;
    const struct front_value *values;
    size_t value_count;
};

struct front {
    struct arena arena;
};

/* Reads `words` (without the program's name). The outcome lives until front_end. Returns 0, or -1 when there is no memory. */
int front_begin(struct front *front, const struct front_host *host, char *const *words, size_t count, struct front_outcome *outcome);
void front_end(struct front *front);

/* The host that a program is: its environment, its terminal, its standard streams. */
extern const struct front_host front_system;

#endif
