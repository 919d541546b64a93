#include "library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"

/* A stream that keeps what is written to it. */
struct kept {
    char *at;
    size_t size;
};

struct surroundings {
    const char *columns;
    int terminal_width;
    unsigned terminals;
    struct kept streams[3];
};

/* Where the result goes; `size` counts what does not fit, too. */
struct fields {
    char *room;
    size_t limit;
    size_t size;
};

static const char *variable(void *context, const char *name)
{
    const struct surroundings *surroundings = context;
    return strcmp(name, "COLUMNS") == 0 ? surroundings->columns : NULL;
}

static int is_terminal(void *context, int descriptor)
{
    const struct surroundings *surroundings = context;
    return (surroundings->terminals >> descriptor & 1) != 0;
}

static int terminal_width(void *context)
{
    const struct surroundings *surroundings = context;
    return surroundings->terminal_width;
}

static int keep(void *context, int descriptor, const char *bytes, size_t length)
{
    struct surroundings *surroundings = context;
    struct kept *stream = &surroundings->streams[descriptor];
    char *at = realloc(stream->at, stream->size + length + 1);
    if (at == NULL) {
        return ENOMEM;
    }
    memcpy(at + stream->size, bytes, length);
    stream->at = at;
    stream->size += length;
    return 0;
}

static void add(struct fields *fields, const char *bytes, size_t length)
{
    if (length != 0 && fields->size < fields->limit) {
        size_t left = fields->limit - fields->size;
        memcpy(fields->room + fields->size, bytes, length < left ? length : left);
    }
    fields->size += length;
}

static void add_field(struct fields *fields, const char *text)
{
    add(fields, text, strlen(text) + 1);
}

static void add_number(struct fields *fields, size_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", number);
    add_field(fields, text);
}

static void add_value(struct fields *fields, const struct front_value *value)
{
    static const char *const KINDS[] = {"n", "f", "t", "s", "i", "w"};
    int is_one = value->kind == FRONT_TEXT || value->kind == FRONT_INTEGER;
    add_field(fields, value->name);
    add_field(fields, value->given ? "c" : "d");
    add_field(fields, KINDS[value->kind]);
    add_number(fields, is_one ? 1 : value->kind == FRONT_WORDS ? value->word_count : 0);
    if (is_one) {
        add_field(fields, value->text);
    }
    for (size_t i = 0; value->kind == FRONT_WORDS && i < value->word_count; i++) {
        add_field(fields, value->words[i]);
    }
}

static void add_outcome(struct fields *fields, const struct front_outcome *outcome, const struct surroundings *surroundings)
{
    static const char *const GEARS[] = {"front", "core", "full"};
    add_field(fields, outcome->answered ? "answer" : "run");
    add_number(fields, (size_t)outcome->exit_code);
    add_field(fields, outcome->path != NULL ? outcome->path : "");
    add_field(fields, GEARS[outcome->gear]);
    for (int stream = FRONT_STDOUT; stream <= FRONT_STDERR; stream++) {
        add(fields, surroundings->streams[stream].at, surroundings->streams[stream].size);
        add(fields, "", 1);
    }
    for (size_t i = 0; i < outcome->value_count; i++) {
        add_value(fields, &outcome->values[i]);
    }
}

size_t front_look(const char *words, size_t length, const char *columns, int width, unsigned terminals, char *room, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at < length; at += strlen(words + at) + 1) {
        count++;
    }
    char **vector = calloc(count + 1, sizeof *vector);
    char *copy = malloc(length + 1);
    struct front *front = malloc(sizeof *front);
    struct surroundings surroundings = {columns, width, terminals, {{NULL, 0}, {NULL, 0}, {NULL, 0}}};
    struct fields fields = {room, size, 0};
    if (vector != NULL && copy != NULL && front != NULL) {
        memcpy(copy, words, length);
        copy[length] = '\0';
        for (size_t at = 0, word = 0; at < length; at += strlen(copy + at) + 1) {
            vector[word++] = copy + at;
        }
        const struct front_host host = {variable, is_terminal, terminal_width, keep, &surroundings};
        struct front_outcome outcome;
        if (front_begin(front, &host, vector, count, &outcome) == 0) {
            add_outcome(&fields, &outcome, &surroundings);
        }
        front_end(front);
    }
    free(surroundings.streams[FRONT_STDOUT].at);
    free(surroundings.streams[FRONT_STDERR].at);
    free(front);
    free(copy);
    free(vector);
    return fields.size;
}
