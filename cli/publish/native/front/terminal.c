#include "terminal.h"

#include <string.h>

#include "whole_number.h"

/* A number beyond ENOUGH is as good as any other. */
enum { ENOUGH = 1000000, USUAL = 80 };

/* The width that COLUMNS asks for; 0 when it is no whole number. */
static int wanted(struct arena *arena, const char *columns)
{
    struct slice text = slice_of(columns);
    char *plain = arena_take(arena, text.size + 1, 1);
    if (!whole_number(text, plain)) {
        return 0;
    }
    int width = 0;
    for (const char *at = plain + (*plain == '-'); *at != '\0' && width < ENOUGH; at++) {
        width = width * 10 + (*at - '0');
    }
    return *plain == '-' ? -width : width;
}

int terminal_columns(struct arena *arena, const struct front_host *host)
{
    const char *text = host->variable(host->context, "COLUMNS");
    int width = text != NULL ? wanted(arena, text) : 0;
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
