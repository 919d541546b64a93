/* Lays out help pages and usage lines: omnirelay/render/help_page.py. */
#ifndef OMNIRELAY_HELP_PAGE_H
#define OMNIRELAY_HELP_PAGE_H

#include "tables.h"
#include "text.h"

/* The width of the text on a terminal of so many columns. */
size_t width_for(int columns);

/* The usage line of a node, without its end. */
void add_usage(struct text *text, const struct node *node, size_t width);

/* The whole help page. */
void add_page(struct text *text, const struct node *node, size_t width);

#endif
