#include "grammar.h"

#include <string.h>

#include "characters.h"
#include "suggestions.h"
#include "values.h"

static const size_t ABSENT = (size_t)-1;

/* One reading at one node. `at` and `left` are the words that are still to be read. */
struct reader {
    struct arena *arena;
    const char *const *at;
    size_t left;
    struct trace *trace;
    struct reading *reading;
    const struct node *node;
    struct front_value *values;
    size_t *order; /* Options in the order in which they were first given. */
    size_t ordered;
    const char **loose;
    size_t loose_count;
};

enum step { STEP_ON, STEP_ANSWERED };

void trace_begin(struct trace *trace, struct arena *arena, size_t count)
{
    trace->node = root_node;
    trace->first = arena_take(arena, count, sizeof *trace->first);
    trace->end = arena_take(arena, count, sizeof *trace->end);
    trace->count = count;
    for (size_t i = 0; i < count; i++) {
        trace->first[i] = NULL;
        trace->end[i] = &trace->first[i];
    }
}

/* Notes what the word was taken for from which on `left` words are left. */
static void note(const struct reader *reader, size_t left, enum role role, size_t option)
{
    struct trace *trace = reader->trace;
    if (trace == NULL) {
        return;
    }
    struct note *made = arena_take(reader->arena, 1, sizeof *made);
    *made = (struct note){NULL, role, reader->node, option};
    size_t word = trace->count - left;
    *trace->end[word] = made;
    trace->end[word] = &made->next;
}

const char *option_label(const struct node *node, size_t option)
{
    for (size_t i = 0; i < node->long_count; i++) {
        if (node->long_names[i].option == option) {
            return node->long_names[i].text;
        }
    }
    for (size_t i = 0; i < node->short_count; i++) {
        if (node->short_names[i].option == option) {
            return node->short_names[i].text;
        }
    }
    return NULL;
}

static size_t find_long(const struct node *node, struct slice name)
{
    for (size_t i = 0; i < node->long_count; i++) {
        if (slice_is(name, node->long_names[i].text)) {
            return node->long_names[i].option;
        }
    }
    return ABSENT;
}

/* The option behind a letter. */
static size_t find_short(const struct node *node, struct slice letter)
{
    for (size_t i = 0; i < node->short_count; i++) {
        if (slice_is(letter, node->short_names[i].text + 1)) {
            return node->short_names[i].option;
        }
    }
    return ABSENT;
}

static size_t find_words(const struct node *node)
{
    for (size_t i = 0; i < node->option_count; i++) {
        if (node->options[i].kind == OPTION_WORDS) {
            return i;
        }
    }
    return ABSENT;
}

/* A refusal begins: its message is to be filled. */
static struct text *refuse(struct reader *reader, const struct node *usage)
{
    struct reading *reading = reader->reading;
    reading->action = ACTION_REFUSED;
    reading->node = reader->node;
    reading->usage = usage;
    text_begin(&reading->message, reader->arena);
    text_begin(&reading->suffix, reader->arena);
    return &reading->message;
}

static enum step refuse_unknown_option(struct reader *reader, struct slice name)
{
    note(reader, reader->left + 1, ROLE_UNKNOWN, ABSENT);
    struct text *message = refuse(reader, reader->node);
    text_add(message, "No such option: ");
    text_add_slice(message, name);
    return STEP_ANSWERED;
}

static enum step refuse_option(struct reader *reader, struct slice name, const char *why)
{
    struct text *message = refuse(reader, NULL);
    text_add(message, "Option ");
    text_add_quoted(message, name);
    text_add(message, why);
    return STEP_ANSWERED;
}

static struct front_value *give(struct reader *reader, size_t option)
{
    struct front_value *value = &reader->values[option];
    if (!value->given) {
        reader->order[reader->ordered++] = option;
    }
    value->given = 1;
    return value;
}

static void give_flag(struct reader *reader, size_t option)
{
    give(reader, option)->kind = FRONT_TRUE;
}

/* The value takes the place of an earlier one, or follows it. */
static void give_value(struct reader *reader, size_t option, const char *text)
{
    struct front_value *value = give(reader, option);
    if (reader->node->options[option].kind == OPTION_REPEATED) {
        add_occurrence(reader->arena, value, text);
        return;
    }
    value->kind = FRONT_TEXT;
    value->text = text;
}

static int takes_value(const struct reader *reader, size_t option)
{
    return reader->node->options[option].kind <= OPTION_REPEATED;
}

/* The value of an option: what hangs on it, or the next word. */
static enum step take_value(struct reader *reader, struct slice name, size_t option, const char *attached)
{
    if (attached != NULL) {
        note(reader, reader->left + 1, ROLE_VALUE, option);
    } else if (reader->left == 0) {
        return refuse_option(reader, name, " requires an argument.");
    } else {
        note(reader, reader->left, ROLE_VALUE, option);
        attached = *reader->at++;
        reader->left--;
    }
    give_value(reader, option, attached);
    return STEP_ON;
}

/* `-abVALUE`: each letter an option, and the first that takes a value takes the rest of the word. */
static enum step read_cluster(struct reader *reader, const char *word)
{
    const char *end = word + strlen(word);
    uint32_t code;
    for (const char *at = word + 1; at < end;) {
        struct slice letter = {at, character(at, (size_t)(end - at), &code)};
        char named[8] = "-";
        memcpy(named + 1, letter.at, letter.size);
        struct slice name = {named, letter.size + 1};
        size_t option = find_short(reader->node, letter);
        if (option == ABSENT) {
            return refuse_unknown_option(reader, name);
        }
        at += letter.size;
        note(reader, reader->left + 1, ROLE_OPTION, option);
        if (takes_value(reader, option)) {
            return take_value(reader, name, option, at < end ? at : NULL);
        }
        give_flag(reader, option);
    }
    return STEP_ON;
}

static enum step read_option(struct reader *reader, const char *word)
{
    const char *equals = strchr(word, '=');
    struct slice name = {word, equals != NULL ? (size_t)(equals - word) : strlen(word)};
    size_t option = find_long(reader->node, name);
    if (option == ABSENT) {
        if (word[1] != '-') {
            return read_cluster(reader, word);
        }
        refuse_unknown_option(reader, name);
        suggest_options(&reader->reading->suffix, name, reader->node);
        return STEP_ANSWERED;
    }
    note(reader, reader->left + 1, ROLE_OPTION, option);
    if (takes_value(reader, option)) {
        return take_value(reader, name, option, equals != NULL ? equals + 1 : NULL);
    }
    if (equals != NULL) {
        return refuse_option(reader, name, " does not take a value.");
    }
    give_flag(reader, option);
    return STEP_ON;
}

static void note_loose(const struct reader *reader, size_t left)
{
    size_t taker = find_words(reader->node);
    note(reader, left, taker == ABSENT ? ROLE_EXTRA : ROLE_ARGUMENT, taker);
}

/* Takes the words that belong to the node: in a group up to the first that is no option, in a verb all. */
static enum step read_words(struct reader *reader)
{
    int group = reader->node->command_count != 0;
    while (reader->left != 0) {
        const char *word = *reader->at;
        int is_option = word[0] == '-' && word[1] != '\0';
        if (group && !is_option) {
            break;
        }
        reader->at++;
        reader->left--;
        if (strcmp(word, "--") == 0) {
            note(reader, reader->left + 1, ROLE_SEPARATOR, ABSENT);
            for (size_t left = group ? 0 : reader->left; left != 0 && reader->trace != NULL; left--) {
                note_loose(reader, left);
            }
            break;
        }
        if (is_option) {
            if (read_option(reader, word) == STEP_ANSWERED) {
                return STEP_ANSWERED;
            }
        } else {
            reader->loose[reader->loose_count++] = word;
            note_loose(reader, reader->left + 1);
        }
    }
    return STEP_ON;
}

static enum step refuse_value(struct reader *reader, const struct option *option, const char *value, const char *why, const char *choices)
{
    struct text *message = refuse(reader, reader->node);
    text_add(message, "Invalid value for ");
    text_add(message, option->hint);
    text_add(message, ": ");
    text_add_quoted(message, slice_of(value));
    text_add(message, why);
    text_add(message, choices);
    text_add(message, ".");
    return STEP_ANSWERED;
}

static enum step check(struct reader *reader, const struct option *option, struct front_value *value)
{
    if (option->choice_count != 0 && !bind_choice(option, value)) {
        return refuse_value(reader, option, value->text, " is not one of ", option->choice_list);
    }
    if (option->kind == OPTION_INTEGER && !bind_integer(reader->arena, value)) {
        return refuse_value(reader, option, value->text, " is not a valid integer", "");
    }
    return STEP_ON;
}

/* Eager options act before anything is checked; then values are checked in the order in which they were first given. */
static enum step bind(struct reader *reader)
{
    const struct option *options = reader->node->options;
    for (size_t i = 0; i < reader->ordered; i++) {
        const struct option *option = &options[reader->order[i]];
        if (option->kind == OPTION_ACTION) {
            reader->reading->action = ACTION_EAGER;
            reader->reading->node = reader->node;
            reader->reading->name = option->value;
            return STEP_ANSWERED;
        }
    }
    for (size_t i = 0; i < reader->ordered; i++) {
        size_t option = reader->order[i];
        if (check(reader, &options[option], &reader->values[option]) == STEP_ANSWERED) {
            return STEP_ANSWERED;
        }
    }
    return STEP_ON;
}

/* A verb's loose words and what is left go to the one parameter that takes them. */
static enum step take_loose(struct reader *reader)
{
    size_t count = reader->loose_count + reader->left;
    if (count == 0) {
        return STEP_ON;
    }
    /* There is room for all words, and what is left follows what was loose. */
    memcpy(reader->loose + reader->loose_count, reader->at, reader->left * sizeof *reader->at);
    size_t taker = find_words(reader->node);
    if (taker != ABSENT) {
        reader->values[taker].given = 1;
        reader->values[taker].kind = FRONT_WORDS;
        reader->values[taker].words = reader->loose;
        reader->values[taker].word_count = count;
        return STEP_ON;
    }
    struct text *message = refuse(reader, reader->node);
    text_add(message, count == 1 ? "Got unexpected extra argument (" : "Got unexpected extra arguments (");
    for (size_t i = 0; i < count; i++) {
        text_add(message, i == 0 ? "" : " ");
        text_add(message, reader->loose[i]);
    }
    text_add(message, ")");
    return STEP_ANSWERED;
}

static struct front_value default_of(const struct option *option)
{
    enum front_kind kind = option->value != NULL ? FRONT_TEXT : FRONT_NONE;
    if (option->kind == OPTION_FLAG) {
        kind = FRONT_FALSE;
    } else if (option->kind == OPTION_REPEATED) {
        kind = FRONT_WORDS;
    }
    return (struct front_value){option->name, kind, 0, option->value, NULL, 0};
}

/* Everything that one node does with the words before its commands, if it has any. */
static enum step read_node(struct reader *reader)
{
    const struct node *node = reader->node;
    reader->values = arena_take(reader->arena, node->option_count, sizeof *reader->values);
    reader->order = arena_take(reader->arena, node->option_count, sizeof *reader->order);
    reader->ordered = 0;
    reader->loose = node->command_count == 0 ? arena_take(reader->arena, reader->left, sizeof *reader->loose) : NULL;
    reader->loose_count = 0;
    for (size_t i = 0; i < node->option_count; i++) {
        reader->values[i] = default_of(&node->options[i]);
    }
    if (read_words(reader) == STEP_ANSWERED || bind(reader) == STEP_ANSWERED) {
        return STEP_ANSWERED;
    }
    if (node->command_count != 0) {
        return STEP_ON;
    }
    if (take_loose(reader) == STEP_ANSWERED) {
        return STEP_ANSWERED;
    }
    reader->reading->action = ACTION_RUN;
    reader->reading->node = node;
    reader->reading->values = reader->values;
    return STEP_ANSWERED;
}

static const struct node *find_command(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->command_count; i++) {
        if (strcmp(node->commands[i].text, name) == 0) {
            return node->commands[i].node;
        }
    }
    return NULL;
}

/* Whether a name begins with a letter or a digit of any script; an empty one begins with nothing that could be an option. */
static int begins_as_name(const char *name)
{
    uint32_t code;
    if (*name == '\0') {
        return 1;
    }
    character(name, strlen(name), &code);
    return _PyUnicode_IsAlpha(code) || _PyUnicode_IsDecimalDigit(code) || _PyUnicode_IsDigit(code) || _PyUnicode_IsNumeric(code);
}

/* A word that is no command of the node: read once more as if it were an option, then refused. The words shrink meanwhile, as in Click. */
static void refuse_command(struct reader *reader)
{
    const char *name = *reader->at;
    size_t left = reader->left;
    struct reading *reading = reader->reading;
    if (begins_as_name(name) || read_node(reader) == STEP_ON) {
        note(reader, left, ROLE_UNKNOWN, ABSENT);
        struct text *message = refuse(reader, reader->node);
        text_add(message, "No such command ");
        text_add_quoted(message, slice_of(name));
        text_add(message, ".");
    }
    if (reading->action == ACTION_REFUSED && reader->left != 0) {
        suggest_commands(&reading->message, slice_of(*reader->at), reader->node);
    }
}

void interpret(struct arena *arena, const char *const *words, size_t count, struct trace *trace, struct reading *reading)
{
    struct reader reader = {.arena = arena, .at = words, .left = count, .trace = trace, .reading = reading, .node = root_node};
    for (;;) {
        const struct node *node = reader.node;
        if (node->command_count != 0 && reader.left == 0) {
            reading->action = ACTION_BARE;
            reading->node = node;
            return;
        }
        if (read_node(&reader) == STEP_ANSWERED) {
            return;
        }
        if (reader.left == 0) {
            text_add(refuse(&reader, node), "Missing command.");
            return;
        }
        const struct node *child = find_command(node, *reader.at);
        if (child == NULL) {
            refuse_command(&reader);
            return;
        }
        reader.node = child;
        if (trace != NULL) {
            trace->node = child;
            note(&reader, reader.left, ROLE_COMMAND, ABSENT);
        }
        reader.at++;
        reader.left--;
    }
}
