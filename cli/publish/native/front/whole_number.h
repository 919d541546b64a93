/* Whole numbers in texts, by the rules of Python's int(). */
#ifndef OMNIRELAY_WHOLE_NUMBER_H
#define OMNIRELAY_WHOLE_NUMBER_H

#include "text.h"

/* Writes the number to `plain` in its shortest form: a minus sign if it is below zero, ASCII digits, a NUL. One byte more than the text has is
 * room enough. Returns 0 when the text is no whole number, or has more digits than Python reads; `plain` is without a meaning then. */
int whole_number(struct slice text, char *plain);

#endif
