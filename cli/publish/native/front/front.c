#include "front.h"

#include <errno.h>
#include <string.h>

#include "explain.h"
#include "grammar.h"
#include "help_page.h"
#include "tables.h"
#include "terminal.h"
#include "text.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1 };

struct front_run {
    struct arena *arena;
    const struct front_host *host;
    struct front_outcome *outcome;
};

/* Writes an answer. A pipe that was closed is left without a word; any other trouble with standard output is told, if it can be. */
static void answer(const struct front_run *run, int descriptor, struct slice text, int exit_code)
{
    run->outcome->answered = 1;
    run->outcome->exit_code = exit_code;
    int number = run->host->write(run->host->context, descriptor, text.at, text.size);
    if (number == 0) {
        return;
    }
    run->outcome->exit_code = EXIT_FAILED;
    if (number != EPIPE && descriptor == FRONT_STDOUT) {
        struct text message;
        text_begin(&message, run->arena);
        text_add(&message, "error: standard output could not be written: ");
        text_add(&message, strerror(number));
        text_add(&message, ".\n");
        run->host->write(run->host->context, FRONT_STDERR, message.at, message.size);
    }
}

static void answer_text(const struct front_run *run, int descriptor, const struct text *text, int exit_code)
{
    answer(run, descriptor, (struct slice){text->at, text->size}, exit_code);
}

static void answer_page(const struct front_run *run, const struct node *node, int descriptor, int exit_code)
{
    struct text page;
    text_begin(&page, run->arena);
    add_page(&page, node, width_for(terminal_columns(run->arena, run->host)));
    answer_text(run, descriptor, &page, exit_code);
}

/* What Typer prints for a usage error; colour codes out of the arguments only reach a terminal. */
static void answer_refusal(const struct front_run *run, const struct reading *reading)
{
    struct text text;
    text_begin(&text, run->arena);
    if (reading->usage != NULL) {
        add_usage(&text, reading->usage, width_for(terminal_columns(run->arena, run->host)));
        text_add(&text, "\nTry '");
        text_add(&text, reading->usage->path);
        text_add(&text, " --help' for help.\n\n");
    }
    text_add(&text, "Error: ");
    text_add_word(&text, (struct slice){reading->message.at, reading->message.size});
    text_add_word(&text, (struct slice){reading->suffix.at, reading->suffix.size});
    text_add(&text, "\n");
    if (!run->host->is_terminal(run->host->context, FRONT_STDERR)) {
        remove_colour(&text);
    }
    answer_text(run, FRONT_STDERR, &text, EXIT_FAILED);
}

static void answer_constant(const struct front_run *run, const char *name)
{
    struct slice text = {"", 0};
    for (size_t i = 0; i < constant_answer_count; i++) {
        if (strcmp(constant_answers[i].name, name) == 0) {
            text = (struct slice){constant_answers[i].text, constant_answers[i].size};
        }
    }
    answer(run, FRONT_STDOUT, text, EXIT_DONE);
}

static void answer_explanation(const struct front_run *run, const struct front_outcome *outcome)
{
    const struct front_value none = {"", FRONT_WORDS, 0, NULL, NULL, 0};
    const struct front_value *words = &none;
    int as_json = 0;
    for (size_t i = 0; i < outcome->value_count; i++) {
        const struct front_value *value = &outcome->values[i];
        words = value->kind == FRONT_WORDS ? value : words;
        as_json = as_json || (value->kind == FRONT_TEXT && strcmp(value->text, "json") == 0);
    }
    struct text text;
    text_begin(&text, run->arena);
    add_explanation(&text, words->words, words->word_count, as_json);
    answer_text(run, FRONT_STDOUT, &text, EXIT_DONE);
}

/* A verb with its values; those that are the front's own are answered at once. */
static void take_verb(const struct front_run *run, const struct reading *reading)
{
    const struct node *node = reading->node;
    struct front_value *values = arena_take(run->arena, node->option_count, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < node->option_count; i++) {
        if (node->options[i].kind != OPTION_ACTION) {
            values[count++] = reading->values[i];
        }
    }
    *run->outcome = (struct front_outcome){.path = node->path, .gear = node->gear, .values = values, .value_count = count};
    if (node->answer == ANSWER_CONSTANT) {
        answer_constant(run, node->path);
    } else if (node->answer == ANSWER_EXPLAIN) {
        answer_explanation(run, run->outcome);
    }
}

static void look(const struct front_run *run, const char *const *words, size_t count)
{
    struct reading reading = {0};
    interpret(run->arena, words, count, NULL, &reading);
    switch (reading.action) {
    case ACTION_RUN:
        take_verb(run, &reading);
        return;
    case ACTION_BARE:
        answer_page(run, reading.node, FRONT_STDERR, EXIT_FAILED);
        return;
    case ACTION_REFUSED:
        answer_refusal(run, &reading);
        return;
    case ACTION_EAGER:
        if (strcmp(reading.name, "help") == 0) {
            answer_page(run, reading.node, FRONT_STDOUT, EXIT_DONE);
        } else {
            answer_constant(run, reading.name);
        }
        return;
    }
}

int front_begin(struct front *front, const struct front_host *host, char *const *words, size_t count, struct front_outcome *outcome)
{
    *outcome = (struct front_outcome){0};
    arena_begin(&front->arena);
    if (setjmp(front->arena.full) != 0) {
        return -1;
    }
    const struct front_run run = {&front->arena, host, outcome};
    look(&run, (const char *const *)words, count);
    return 0;
}

void front_end(struct front *front)
{
    arena_end(&front->arena);
}
