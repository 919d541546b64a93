#include "terminal.h"

#include <string.h>

#include "characters.h"

/* More digits than these Python refuses to read; a number beyond ENOUGH is as good as any other. */
enum { MOST_DIGITS = 4300, ENOUGH = 1000000, USUAL = 80 };

static int is_plain_space(char sign)
{
    return sign == ' ' || (sign >= '\t' && sign <= '\r');
}

/* The sign that Python's int() sees for a character: itself, or what it stands for in ASCII; '?' for what is no part of a number. */
static char plain_sign(uint32_t code)
{
    if (code < 0x7F) {
        return (char)code;
    }
    if (_PyUnicode_IsWhitespace(code)) {
        return ' ';
    }
    int digit = _PyUnicode_ToDecimalDigit(code);
    return digit >= 0 ? (char)('0' + digit) : '?';
}

/* The text as a whole number, as Python's int() reads it; 0 when it is none. */
static int whole_number(struct slice text)
{
    enum { BEFORE, AFTER_SIGN, AFTER_DIGIT, AFTER_UNDERSCORE, BEHIND } state = BEFORE;
    int negative = 0;
    int number = 0;
    int digits = 0;
    uint32_t code;
    for (size_t at = 0; at < text.size;) {
        at += character(text.at + at, text.size - at, &code);
        char sign = plain_sign(code);
        if (sign >= '0' && sign <= '9' && state != BEHIND) {
            number = number < ENOUGH ? number * 10 + (sign - '0') : number;
            digits = digits <= MOST_DIGITS ? digits + 1 : digits;
            state = AFTER_DIGIT;
        } else if ((sign == '+' || sign == '-') && state == BEFORE) {
            negative = sign == '-';
            state = AFTER_SIGN;
        } else if (sign == '_' && state == AFTER_DIGIT) {
            state = AFTER_UNDERSCORE;
        } else if (is_plain_space(sign) && (state == AFTER_DIGIT || state == BEHIND)) {
            state = BEHIND;
        } else if (!is_plain_space(sign) || state != BEFORE) {
            return 0;
        }
    }
    if ((state != AFTER_DIGIT && state != BEHIND) || digits > MOST_DIGITS) {
        return 0;
    }
    return negative ? -number : number;
}

int terminal_columns(const struct front_host *host)
{
    const char *text = host->variable(host->context, "COLUMNS");
    int width = text != NULL ? whole_number(slice_of(text)) : 0;
    if (width <= 0) {
        width = host->columns(host->context);
    }
    return width != 0 ? width : USUAL;
}

static int is_parameter(char sign)
{
    return (sign >= '0' && sign <= '9') || sign == ';' || sign == '?';
}

static int is_letter(char sign)
{
    return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z');
}

void remove_colour(struct text *text)
{
    size_t kept = 0;
    for (size_t at = 0; at < text->size;) {
        if (text->at[at] == '\x1b' && at + 1 < text->size && text->at[at + 1] == '[') {
            size_t end = at + 2;
            while (end < text->size && is_parameter(text->at[end])) {
                end++;
            }
            if (end < text->size && is_letter(text->at[end])) {
                at = end + 1;
                continue;
            }
        }
        text->at[kept++] = text->at[at++];
    }
    text->size = kept;
}
