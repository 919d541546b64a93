#include "whole_number.h"

#include "characters.h"

/* More digits than these Python refuses to read. */
enum { MOST_DIGITS = 4300 };

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

int whole_number(struct slice text, char *plain)
{
    enum { BEFORE, AFTER_SIGN, AFTER_DIGIT, AFTER_UNDERSCORE, BEHIND } state = BEFORE;
    int negative = 0;
    int digits = 0;
    char *end = plain;
    uint32_t code;
    for (size_t at = 0; at < text.size;) {
        at += character(text.at + at, text.size - at, &code);
        char sign = plain_sign(code);
        if (sign >= '0' && sign <= '9' && state != BEHIND) {
            if (++digits > MOST_DIGITS) {
                return 0;
            }
            if (end == plain && sign != '0' && negative) {
                *end++ = '-';
            }
            if (end != plain || sign != '0') {
                *end++ = sign;
            }
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
    if (state != AFTER_DIGIT && state != BEHIND) {
        return 0;
    }
    if (end == plain) {
        *end++ = '0';
    }
    *end = '\0';
    return 1;
}
