#include "explain.h"

#include <string.h>

#include "grammar.h"

static const char *const GEARS[] = {"front", "core", "full"};
static const char *const ROLES[] = {"command", "option", "value", "separator", "argument", "extra", "unknown"};

/* A vector and what it came to. */
struct explanation {
    const char *const *words;
    size_t count;
    struct trace trace;
    struct reading reading;
};

static const char *outcome_of(const struct reading *reading)
{
    switch (reading->action) {
    case ACTION_RUN:
        return "run";
    case ACTION_BARE:
        return "bare";
    case ACTION_REFUSED:
        return "refused";
    default:
        return reading->name;
    }
}

static const char *gear_of(const struct reading *reading)
{
    return GEARS[reading->action == ACTION_RUN ? reading->node->gear : FRONT_GEAR_FRONT];
}

static const char *exit_code_of(const struct reading *reading)
{
    return reading->action == ACTION_EAGER ? "0" : "1";
}

/* How an operator would name a parameter. */
static void add_label(struct text *text, const struct node *node, size_t option)
{
    const char *label = option_label(node, option);
    if (label != NULL) {
        text_add(text, label);
        return;
    }
    for (const char *at = node->options[option].name; *at != '\0'; at++) {
        char capital = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
        text_add_slice(text, (struct slice){&capital, 1});
    }
}

/* The name that belongs to a role; returns 0 for the roles that have none. */
static int add_name(struct text *text, const struct note *note)
{
    switch (note->role) {
    case ROLE_COMMAND:
        text_add(text, strrchr(note->node->path, ' ') + 1);
        return 1;
    case ROLE_OPTION:
    case ROLE_VALUE:
    case ROLE_ARGUMENT:
        add_label(text, note->node, note->option);
        return 1;
    default:
        return 0;
    }
}

/* One of the words of a value that has several, otherwise the value itself. */
static void add_shown(struct text *text, const struct front_value *value, size_t word)
{
    switch (value->kind) {
    case FRONT_NONE:
        text_add(text, "none");
        return;
    case FRONT_INTEGER:
        text_add(text, value->text);
        return;
    case FRONT_FALSE:
        text_add(text, "false");
        return;
    case FRONT_TRUE:
        text_add(text, "true");
        return;
    case FRONT_TEXT:
        text_add_quoted(text, slice_of(value->text));
        return;
    case FRONT_WORDS:
        if (value->word_count == 0) {
            text_add(text, "none");
        } else {
            text_add_quoted(text, slice_of(value->words[word]));
        }
        return;
    }
}

static const char *source_of(const struct front_value *value)
{
    return value->given ? "command line" : "default";
}

static void add_token(struct text *text, const struct explanation *explanation, size_t index)
{
    text_add(text, "  ");
    text_add_number(text, index + 1);
    text_add(text, " ");
    text_add_quoted(text, slice_of(explanation->words[index]));
    text_add(text, ": ");
    const struct note *note = explanation->trace.first[index];
    if (note == NULL) {
        text_add(text, "not read");
    }
    for (; note != NULL; note = note->next) {
        text_add(text, ROLES[note->role]);
        size_t end = text->size;
        text_add(text, " ");
        if (!add_name(text, note)) {
            text->size = end;
        }
        text_add(text, note->next != NULL ? ", " : "");
    }
    text_add(text, "\n");
}

/* A line for each word of a value that has several, otherwise one. */
static void add_value(struct text *text, const struct reading *reading, size_t option)
{
    const struct front_value *value = &reading->values[option];
    size_t lines = value->kind == FRONT_WORDS && value->word_count != 0 ? value->word_count : 1;
    for (size_t i = 0; i < lines; i++) {
        text_add(text, "  ");
        add_label(text, reading->node, option);
        text_add(text, ": ");
        add_shown(text, value, i);
        text_add(text, " (");
        text_add(text, source_of(value));
        text_add(text, ")\n");
    }
}

static void add_as_text(struct text *text, const struct explanation *explanation)
{
    const struct reading *reading = &explanation->reading;
    text_add(text, "command: ");
    text_add(text, explanation->trace.node->path);
    text_add(text, "\noutcome: ");
    text_add(text, outcome_of(reading));
    text_add(text, "\ngear: ");
    text_add(text, gear_of(reading));
    text_add(text, explanation->count != 0 ? "\ntokens:\n" : "\n");
    for (size_t i = 0; i < explanation->count; i++) {
        add_token(text, explanation, i);
    }
    int listed = 0;
    for (size_t i = 0; reading->action == ACTION_RUN && i < reading->node->option_count; i++) {
        if (reading->node->options[i].kind != OPTION_ACTION) {
            text_add(text, listed++ == 0 ? "values:\n" : "");
            add_value(text, reading, i);
        }
    }
    if (reading->action == ACTION_REFUSED) {
        text_add(text, "refusal: ");
        text_add_visible(text, (struct slice){reading->message.at, reading->message.size});
        text_add_visible(text, (struct slice){reading->suffix.at, reading->suffix.size});
        text_add(text, "\n");
    }
    if (reading->action != ACTION_RUN) {
        text_add(text, "exit code: ");
        text_add(text, exit_code_of(reading));
        text_add(text, "\n");
    }
}

/* The inside of a JSON text. */
static void add_json_part(struct text *text, struct slice part)
{
    static const char SIGNS[] = "\"\\\n\r\t\b\f";
    static const char *const ESCAPES[] = {"\\\"", "\\\\", "\\n", "\\r", "\\t", "\\b", "\\f"};
    size_t clean = 0;
    for (size_t at = 0; at < part.size; at++) {
        unsigned char sign = (unsigned char)part.at[at];
        const char *special = sign < 0x80 && sign != 0 ? strchr(SIGNS, sign) : NULL;
        if (special == NULL && sign >= 0x20) {
            continue;
        }
        text_add_word(text, (struct slice){part.at + clean, at - clean});
        if (special != NULL) {
            text_add(text, ESCAPES[special - SIGNS]);
        } else {
            char escape[] = {'\\', 'u', '0', '0', (char)('0' + (sign >> 4)), "0123456789abcdef"[sign & 15], '\0'};
            text_add(text, escape);
        }
        clean = at + 1;
    }
    text_add_word(text, (struct slice){part.at + clean, part.size - clean});
}

static void add_json(struct text *text, const char *word)
{
    text_add(text, "\"");
    add_json_part(text, slice_of(word));
    text_add(text, "\"");
}

static void add_json_value(struct text *text, const struct front_value *value)
{
    if (value->kind == FRONT_TEXT) {
        add_json(text, value->text);
    } else if (value->kind == FRONT_INTEGER) {
        text_add(text, value->text);
    } else if (value->kind == FRONT_WORDS) {
        text_add(text, "[");
        for (size_t i = 0; i < value->word_count; i++) {
            text_add(text, i == 0 ? "" : ",");
            add_json(text, value->words[i]);
        }
        text_add(text, "]");
    } else {
        text_add(text, value->kind == FRONT_NONE ? "null" : value->kind == FRONT_TRUE ? "true" : "false");
    }
}

static void add_json_token(struct text *text, const struct explanation *explanation, size_t index)
{
    text_add(text, index == 0 ? "{\"text\":" : ",{\"text\":");
    add_json(text, explanation->words[index]);
    text_add(text, ",\"roles\":[");
    for (const struct note *note = explanation->trace.first[index]; note != NULL; note = note->next) {
        text_add(text, "{\"role\":\"");
        text_add(text, ROLES[note->role]);
        size_t end = text->size;
        text_add(text, "\",\"name\":\"");
        if (!add_name(text, note)) {
            text->size = end;
        }
        text_add(text, note->next != NULL ? "\"}," : "\"}");
    }
    text_add(text, "]}");
}

static void add_as_json(struct text *text, const struct explanation *explanation)
{
    const struct reading *reading = &explanation->reading;
    text_add(text, "{\"format\":1,\"command\":");
    add_json(text, explanation->trace.node->path);
    text_add(text, ",\"outcome\":");
    add_json(text, outcome_of(reading));
    text_add(text, ",\"gear\":");
    add_json(text, gear_of(reading));
    text_add(text, ",\"tokens\":[");
    for (size_t i = 0; i < explanation->count; i++) {
        add_json_token(text, explanation, i);
    }
    text_add(text, "],\"values\":[");
    int listed = 0;
    for (size_t i = 0; reading->action == ACTION_RUN && i < reading->node->option_count; i++) {
        if (reading->node->options[i].kind != OPTION_ACTION) {
            text_add(text, listed++ == 0 ? "{\"parameter\":\"" : ",{\"parameter\":\"");
            add_label(text, reading->node, i);
            text_add(text, "\",\"value\":");
            add_json_value(text, &reading->values[i]);
            text_add(text, ",\"source\":");
            add_json(text, source_of(&reading->values[i]));
            text_add(text, "}");
        }
    }
    text_add(text, "]");
    if (reading->action == ACTION_REFUSED) {
        text_add(text, ",\"refusal\":\"");
        add_json_part(text, (struct slice){reading->message.at, reading->message.size});
        add_json_part(text, (struct slice){reading->suffix.at, reading->suffix.size});
        text_add(text, "\"");
    }
    if (reading->action != ACTION_RUN) {
        text_add(text, ",\"exitCode\":");
        text_add(text, exit_code_of(reading));
    }
    text_add(text, "}\n");
}

void add_explanation(struct text *text, const char *const *words, size_t count, int as_json)
{
    struct explanation explanation = {.words = words, .count = count};
    trace_begin(&explanation.trace, text->arena, count);
    interpret(text->arena, words, count, &explanation.trace, &explanation.reading);
    (as_json ? add_as_json : add_as_text)(text, &explanation);
}
