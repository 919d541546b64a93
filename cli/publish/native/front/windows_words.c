#include "windows_words.h"

#include <stdlib.h>

enum { QUOTE = '"', BACKSLASH = '\\', MOST_BYTES = 3 }; /* A unit becomes three bytes at most, a pair of units four. */

static size_t units_in(const uint16_t *text)
{
    size_t count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

static int is_blank(uint16_t unit)
{
    return unit == ' ' || unit == '\t';
}

/* Writes the character that starts at `text` to `*to` and moves that on; returns how many units it took. */
static size_t put(const uint16_t *text, char **to)
{
    uint32_t code = text[0];
    size_t taken = 1;
    if (code >= 0xD800 && code < 0xDC00 && text[1] >= 0xDC00 && text[1] < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10 | (uint32_t)(text[1] - 0xDC00));
        taken = 2;
    }
    char *at = *to;
    if (code < 0x80) {
        *at++ = (char)code;
    } else if (code < 0x800) {
        *at++ = (char)(0xC0 | code >> 6);
        *at++ = (char)(0x80 | (code & 0x3F));
    } else {
        if (code < 0x10000) {
            *at++ = (char)(0xE0 | code >> 12);
        } else {
            *at++ = (char)(0xF0 | code >> 18);
            *at++ = (char)(0x80 | (code >> 12 & 0x3F));
        }
        *at++ = (char)(0x80 | (code >> 6 & 0x3F));
        *at++ = (char)(0x80 | (code & 0x3F));
    }
    *to = at;
    return taken;
}

char *windows_utf8(const uint16_t *text)
{
    char *made = malloc(units_in(text) * MOST_BYTES + 1);
    if (made != NULL) {
        char *to = made;
        while (*text != 0) {
            text += put(text, &to);
        }
        *to = '\0';
    }
    return made;
}

/* The program's name ends at the first blank outside of quotes; a backslash means nothing in it, because it is part of every path. */
static const uint16_t *behind_program(const uint16_t *line)
{
    int quoted = 0;
    for (; *line != 0 && (quoted || !is_blank(*line)); line++) {
        quoted ^= *line == QUOTE;
    }
    return line;
}

/* Writes the units of the word that starts at `line`, and a 0 behind them; returns what is left of the line.
 *
 * Before a quote each two backslashes are one, and one that is left makes the quote a character of the word. In quotes, two quotes are
 * one character. Quotes that are never closed end with the line. */
static const uint16_t *take_word(const uint16_t *line, uint16_t *to)
{
    int quoted = 0;
    while (*line != 0 && (quoted || !is_blank(*line))) {
        size_t slashes = 0;
        for (; *line == BACKSLASH; line++) {
            slashes++;
        }
        int mark = *line == QUOTE;
        int literal = mark && slashes % 2 != 0;
        for (slashes = mark ? slashes / 2 : slashes; slashes != 0; slashes--) {
            *to++ = BACKSLASH;
        }
        if (mark && !literal && quoted && line[1] == QUOTE) {
            literal = 1;
            line++;
        }
        if (mark && !literal) {
            quoted = !quoted;
            line++;
        } else if (*line != 0 && (quoted || !is_blank(*line))) {
            *to++ = *line++;
        }
    }
    *to = 0;
    return line;
}

int windows_words_begin(struct windows_words *words, const uint16_t *line)
{
    line = behind_program(line);
    size_t most = units_in(line);
    /* A word takes one unit and a blank at least, so that there is room for all; a vector ends with NULL, as that of main does. One word after the
     * other is put together behind the vector, and from there written as bytes: quotes may have stood between the halves of a pair. */
    size_t slots = most / 2 + 2;
    *words = (struct windows_words){malloc(slots * sizeof *words->at + (most + 1) * sizeof *line + most * MOST_BYTES + slots), 0};
    if (words->at == NULL) {
        return -1;
    }
    uint16_t *units = (uint16_t *)(words->at + slots);
    char *to = (char *)(units + most + 1);
    for (;;) {
        while (is_blank(*line)) {
            line++;
        }
        if (*line == 0) {
            words->at[words->count] = NULL;
            return 0;
        }
        words->at[words->count++] = to;
        line = take_word(line, units);
        for (const uint16_t *unit = units; *unit != 0;) {
            unit += put(unit, &to);
        }
        *to++ = '\0';
    }
}

void windows_words_end(struct windows_words *words)
{
    free(words->at);
    words->at = NULL;
    words->count = 0;
}
