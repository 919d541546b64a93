/* The words of a Windows command line, which is one text: what a program there is given in place of an argument vector.
 *
 * The rules are those of the C runtime (and so of the interpreted kinds, whose interpreter starts with it): blanks part words, quotes keep
 * them together, a backslash means something before a quote only. Nothing else means anything: no wildcard, no variable, no `~`, no `@file`.
 */
#ifndef OMNIRELAY_WINDOWS_WORDS_H
#define OMNIRELAY_WINDOWS_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* The words behind the program's name, as UTF-8; half a surrogate pair, which UTF-8 has no form for, is written like any other character. */
struct windows_words {
    char **at;
    size_t count;
};

/* The UTF-8 of a text of 16-bit units, in one block that the caller frees; NULL when there is no memory. */
char *windows_utf8(const uint16_t *text);

/* Takes a command line apart. Returns 0, or -1 when there is no memory. */
int windows_words_begin(struct windows_words *words, const uint16_t *line);
void windows_words_end(struct windows_words *words);

#endif
