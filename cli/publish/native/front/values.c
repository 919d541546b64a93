#include "values.h"

#include <string.h>

#include "text.h"
#include "whole_number.h"

/* Whether a value is the choice, upper and lower case not told apart; `folded` is plain ASCII. */
static int folds_to(struct slice value, const char *folded)
{
    uint32_t code;
    for (size_t at = 0; at < value.size;) {
        at += character(value.at + at, value.size - at, &code);
        char plain[2] = {(char)code, '\0'};
        const char *text = NULL;
        if (code < 0x80) {
            plain[0] = (char)(code >= 'A' && code <= 'Z' ? code + 32 : code);
            text = plain;
        }
        for (size_t i = 0; text == NULL && i < folding_count; i++) {
            text = foldings[i].code == code ? foldings[i].text : NULL;
        }
        if (text == NULL || strncmp(folded, text, strlen(text)) != 0) {
            return 0;
        }
        folded += strlen(text);
    }
    return *folded == '\0';
}

int bind_choice(const struct option *option, struct front_value *value)
{
    for (size_t i = 0; i < option->choice_count; i++) {
        if (folds_to(slice_of(value->text), option->choices[i].folded)) {
            value->text = option->choices[i].text;
            return 1;
        }
    }
    return 0;
}

int bind_integer(struct arena *arena, struct front_value *value)
{
    struct slice text = slice_of(value->text);
    char *plain = arena_take(arena, text.size + 1, 1);
    if (!whole_number(text, plain)) {
        return 0;
    }
    value->kind = FRONT_INTEGER;
    value->text = plain;
    return 1;
}

void add_occurrence(struct arena *arena, struct front_value *value, const char *word)
{
    size_t count = value->word_count;
    /* The room is the smallest power of two that holds the words, so that all of them together are copied at most twice. */
    if ((count & (count - 1)) == 0) {
        const char **words = arena_take(arena, count != 0 ? 2 * count : 1, sizeof *words);
        if (count != 0) {
            memcpy(words, value->words, count * sizeof *words);
        }
        value->words = words;
    }
    value->words[value->word_count++] = word;
}
