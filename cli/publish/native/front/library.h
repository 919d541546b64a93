/* The front as a library: the same reading, with surroundings that the caller describes and streams that it gets back. */
#ifndef OMNIRELAY_FRONT_LIBRARY_H
#define OMNIRELAY_FRONT_LIBRARY_H

#include <stddef.h>

/* Reads `words`, each of which ends with a NUL, `length` bytes in all. `columns` is the value of COLUMNS or NULL, `terminal_width` the width
 * of the terminal or 0, bit n of `terminals` says that descriptor n is a terminal.
 *
 * Writes fields that end with a NUL each: "answer" or "run" · exit code · path of the verb · gear · standard output · standard error · then
 * for each value its name, its source (`c` command line, `d` default), its kind (`n` none, `f` false, `t` true, `s` text, `i` integer, `w` words), the
 * number of fields that follow for it, and these. Returns how many bytes that is; when it is more than `size`, the end is missing and the call is
 * to be repeated with more room. 0: there is no memory. */
size_t front_look(const char *words, size_t length, const char *columns, int terminal_width, unsigned terminals, char *room, size_t size);

#endif
