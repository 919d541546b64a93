/* What is known of the terminal: omnirelay/system.py. */
#ifndef OMNIRELAY_TERMINAL_H
#define OMNIRELAY_TERMINAL_H

#include "front.h"
#include "text.h"

/* The width to lay text out for: COLUMNS, else the terminal's, else 80. */
int terminal_columns(struct arena *arena, const struct front_host *host);

/* Takes sequences such as ESC [ 1 ; 31 m out of a text. */
void remove_colour(struct text *text);

#endif
