/* Texts: reading UTF-8 as Python does with `surrogateescape`, and growing texts that are written as Python does with `backslashreplace`. */
#ifndef OMNIRELAY_TEXT_H
#define OMNIRELAY_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* A part of a text that belongs to somebody else. */
struct slice {
    const char *at;
    size_t size;
};

struct slice slice_of(const char *text);
int slice_is(struct slice slice, const char *text);

/* The first character of what is left, which must not be empty; returns its length in bytes. A byte that begins no character is one
 * by itself: the surrogate U+DC00 plus the byte. */
size_t character(const char *at, size_t left, uint32_t *code);

/* The number of characters. */
size_t characters_in(struct slice slice);

/* A text that grows. */
struct text {
    struct arena *arena;
    char *at;
    size_t size;
    size_t room;
};

void text_begin(struct text *text, struct arena *arena);
/* As it stands: texts of ours, which are UTF-8. */
void text_add(struct text *text, const char *more);
void text_add_slice(struct text *text, struct slice more);
void text_add_blanks(struct text *text, size_t count);
/* A number without sign. */
void text_add_number(struct text *text, size_t number);
/* Words from outside: a byte that is no UTF-8 becomes the six characters of its escape. */
void text_add_word(struct text *text, struct slice word);
/* In quotes, as Python's repr() writes it. */
void text_add_quoted(struct text *text, struct slice word);
/* Characters that are not printable as escapes. */
void text_add_visible(struct text *text, struct slice word);

#endif
