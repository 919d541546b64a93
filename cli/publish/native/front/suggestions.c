#include "suggestions.h"

#include <string.h>

enum { MOST = 3 };
static const double CUT_OFF = 0.6;

struct match {
    double score;
    const char *name;
};

struct codes {
    uint32_t *at;
    size_t count;
};

/* A common block: where it begins in both texts, and its length. */
struct common {
    size_t left;
    size_t right;
    size_t size;
};

struct range {
    size_t low;
    size_t high;
    size_t start;
    size_t stop;
};

static struct codes decoded(struct arena *arena, struct slice text)
{
    struct codes codes = {arena_take(arena, text.size, sizeof *codes.at), 0};
    for (size_t at = 0; at < text.size; codes.count++) {
        at += character(text.at + at, text.size - at, &codes.at[codes.count]);
    }
    return codes;
}

/* The longest common block within a range; of several the first in `left`, then the first in `right`. `lengths` has room for two rows. */
static struct common longest(struct codes left, struct codes right, struct range range, size_t *lengths)
{
    struct common best = {range.low, range.start, 0};
    size_t width = range.stop - range.start + 1;
    size_t *before = lengths;
    size_t *row = lengths + width;
    memset(lengths, 0, 2 * width * sizeof *lengths);
    for (size_t i = range.low; i < range.high; i++) {
        for (size_t j = range.start; j < range.stop; j++) {
            size_t column = j - range.start + 1;
            row[column] = left.at[i] == right.at[j] ? before[column - 1] + 1 : 0;
            if (row[column] > best.size) {
                best = (struct common){i + 1 - row[column], j + 1 - row[column], row[column]};
            }
        }
        size_t *other = before;
        before = row;
        row = other;
    }
    return best;
}

/* The number of characters in the matching blocks of Ratcliff and Obershelp. */
static size_t matched(struct arena *arena, struct codes left, struct codes right)
{
    /* Every range that is looked at takes one from the heap and adds two, each time using up a character of `left`. */
    struct range *waiting = arena_take(arena, left.count + 2, sizeof *waiting);
    size_t *lengths = arena_take(arena, 2 * (right.count + 1), sizeof *lengths);
    size_t count = 1;
    size_t total = 0;
    waiting[0] = (struct range){0, left.count, 0, right.count};
    while (count != 0) {
        struct range range = waiting[--count];
        struct common found = longest(left, right, range, lengths);
        if (found.size != 0) {
            total += found.size;
            waiting[count++] = (struct range){range.low, found.left, range.start, found.right};
            waiting[count++] = (struct range){found.left + found.size, range.high, found.right + found.size, range.stop};
        }
    }
    return total;
}

/* Keeps the best in falling order of score, then of name. */
static size_t keep(struct match *best, size_t count, struct match found)
{
    size_t at = count;
    while (at > 0 && (best[at - 1].score < found.score || (best[at - 1].score == found.score && strcmp(best[at - 1].name, found.name) < 0))) {
        at--;
    }
    if (at == MOST) {
        return count;
    }
    size_t kept = count < MOST ? count : MOST - 1;
    memmove(best + at + 1, best + at, (kept - at) * sizeof *best);
    best[at] = found;
    return kept + 1;
}

/* Takes one name into the best, if it is near enough. */
static size_t weigh(struct arena *arena, struct match *best, size_t count, struct codes word, const char *name)
{
    struct codes letters = decoded(arena, slice_of(name));
    size_t total = letters.count + word.count;
    size_t smaller = letters.count < word.count ? letters.count : word.count;
    if (total == 0 || 2.0 * (double)smaller / (double)total < CUT_OFF) {
        return count;
    }
    double score = 2.0 * (double)matched(arena, letters, word) / (double)total;
    return score >= CUT_OFF ? keep(best, count, (struct match){score, name}) : count;
}

void suggest_options(struct text *suffix, struct slice name, const struct node *node)
{
    struct match best[MOST];
    size_t count = 0;
    struct codes word = decoded(suffix->arena, name);
    for (size_t i = 0; i < node->long_count; i++) {
        count = weigh(suffix->arena, best, count, word, node->long_names[i].text);
    }
    if (count == 0) {
        return;
    }
    text_add(suffix, count == 1 ? " Did you mean " : " (Possible options: ");
    const char *last = "";
    for (size_t shown = 0; shown < count; shown++) {
        /* By name: the smallest that is greater than the one before. */
        const char *next = NULL;
        for (size_t i = 0; i < count; i++) {
            if (strcmp(best[i].name, last) > 0 && (next == NULL || strcmp(best[i].name, next) < 0)) {
                next = best[i].name;
            }
        }
        text_add(suffix, shown == 0 ? "" : ", ");
        text_add(suffix, next != NULL ? next : "");
        last = next != NULL ? next : last;
    }
    text_add(suffix, count == 1 ? "?" : ")");
}

void suggest_commands(struct text *message, struct slice name, const struct node *node)
{
    struct match best[MOST];
    size_t count = 0;
    struct codes word = decoded(message->arena, name);
    for (size_t i = 0; i < node->command_count; i++) {
        count = weigh(message->arena, best, count, word, node->commands[i].text);
    }
    if (count == 0) {
        return;
    }
    while (message->size != 0 && message->at[message->size - 1] == '.') {
        message->size--;
    }
    text_add(message, ". Did you mean ");
    for (size_t i = 0; i < count; i++) {
        text_add(message, i == 0 ? "" : ", ");
        text_add_quoted(message, slice_of(best[i].name));
    }
    text_add(message, "?");
}
