#include "text.h"

#include <string.h>

#include "characters.h"

enum { FIRST_ROOM = 2048, ESCAPED = 0xDC00 };

/* Whether the three bytes of a surrogate are a character. On Windows they are: words are made from 16-bit units there, in which half a pair may stand
 * alone, and Python has it as one character. Elsewhere they are bytes that are no UTF-8. */
#ifdef _WIN32
enum { HALF_PAIRS = 1 };
#else
enum { HALF_PAIRS = 0 };
#endif

static int is_surrogate(uint32_t code)
{
    return code >= 0xD800 && code < 0xE000;
}

struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

int slice_is(struct slice slice, const char *text)
{
    return strlen(text) == slice.size && memcmp(slice.at, text, slice.size) == 0;
}

static int follows(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The length of the well-formed character that starts here, or 0. */
static size_t well_formed(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80) {
        return 1;
    }
    if (at[0] < 0xC2 || at[0] > 0xF4 || left < 2 || !follows(at[1])) {
        return 0;
    }
    if (at[0] < 0xE0) {
        return 2;
    }
    if (at[0] < 0xF0) {
        int overlong = at[0] == 0xE0 && at[1] < 0xA0;
        int surrogate = at[0] == 0xED && at[1] >= 0xA0;
        return left >= 3 && follows(at[2]) && !overlong && (HALF_PAIRS || !surrogate) ? 3 : 0;
    }
    int overlong = at[0] == 0xF0 && at[1] < 0x90;
    int too_high = at[0] == 0xF4 && at[1] >= 0x90;
    return left >= 4 && follows(at[2]) && follows(at[3]) && !overlong && !too_high ? 4 : 0;
}

size_t character(const char *text, size_t left, uint32_t *code)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length = well_formed(at, left);
    switch (length) {
    case 1:
        *code = at[0];
        return 1;
    case 2:
        *code = (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
        return 2;
    case 3:
        *code = (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        return 3;
    case 4:
        *code = (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3F) << 12 | (uint32_t)(at[2] & 0x3F) << 6 | (at[3] & 0x3F);
        return 4;
    default:
        *code = ESCAPED + at[0];
        return 1;
    }
}

size_t characters_in(struct slice slice)
{
    size_t count = 0;
    uint32_t code;
    for (size_t at = 0; at < slice.size; count++) {
        at += character(slice.at + at, slice.size - at, &code);
    }
    return count;
}

void text_begin(struct text *text, struct arena *arena)
{
    /* Not NULL, to which nothing may be added, not even nothing. */
    static char nothing[1];
    *text = (struct text){arena, nothing, 0, 0};
}

static void make_room(struct text *text, size_t more)
{
    if (more <= text->room - text->size) {
        return;
    }
    size_t room = text->room != 0 ? text->room : FIRST_ROOM;
    while (room - text->size < more) {
        room *= 2;
    }
    char *at = arena_take(text->arena, room, 1);
    if (text->size != 0) {
        memcpy(at, text->at, text->size);
    }
    text->at = at;
    text->room = room;
}

void text_add_slice(struct text *text, struct slice more)
{
    if (more.size != 0) {
        make_room(text, more.size);
        memcpy(text->at + text->size, more.at, more.size);
        text->size += more.size;
    }
}

void text_add(struct text *text, const char *more)
{
    text_add_slice(text, slice_of(more));
}

void text_add_blanks(struct text *text, size_t count)
{
    make_room(text, count);
    memset(text->at + text->size, ' ', count);
    text->size += count;
}

void text_add_number(struct text *text, size_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_add_slice(text, (struct slice){digits + at, sizeof digits - at});
}

static void add_hex(struct text *text, const char *mark, uint32_t code, int digits)
{
    text_add(text, mark);
    make_room(text, (size_t)digits);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
        text->at[text->size++] = "0123456789abcdef"[code >> shift & 15];
    }
}

/* The escape of a character that is not printable. */
static void add_escape(struct text *text, uint32_t code)
{
    switch (code) {
    case '\n':
        text_add(text, "\\n");
        return;
    case '\r':
        text_add(text, "\\r");
        return;
    case '\t':
        text_add(text, "\\t");
        return;
    default:
        break;
    }
    if (code < 0x100) {
        add_hex(text, "\\x", code, 2);
    } else if (code < 0x10000) {
        add_hex(text, "\\u", code, 4);
    } else {
        add_hex(text, "\\U", code, 8);
    }
}

void text_add_word(struct text *text, struct slice word)
{
    size_t clean = 0;
    uint32_t code;
    for (size_t at = 0; at < word.size;) {
        size_t length = character(word.at + at, word.size - at, &code);
        if (is_surrogate(code)) {
            text_add_slice(text, (struct slice){word.at + clean, at - clean});
            add_escape(text, code);
            clean = at + length;
        }
        at += length;
    }
    text_add_slice(text, (struct slice){word.at + clean, word.size - clean});
}

static void add_printable(struct text *text, struct slice word, char quote)
{
    uint32_t code;
    for (size_t at = 0; at < word.size;) {
        size_t length = character(word.at + at, word.size - at, &code);
        if (quote != '\0' && (code == '\\' || code == (unsigned char)quote)) {
            text_add(text, "\\");
        }
        if (_PyUnicode_IsPrintable(code)) {
            text_add_slice(text, (struct slice){word.at + at, length});
        } else {
            add_escape(text, code);
        }
        at += length;
    }
}

void text_add_quoted(struct text *text, struct slice word)
{
    int single = memchr(word.at, '\'', word.size) != NULL;
    int twofold = memchr(word.at, '"', word.size) != NULL;
    const char *quote = single && !twofold ? "\"" : "'";
    text_add(text, quote);
    add_printable(text, word, *quote);
    text_add(text, quote);
}

void text_add_visible(struct text *text, struct slice word)
{
    add_printable(text, word, '\0');
}
