/* The front of the program for Windows without an interpreter behind it: its own command line, its own streams, its own console. */
#include <string.h>

#include "front.h"
#include "windows_system.h"

enum { EXIT_FAILED = 1 };

static void say(const char *text)
{
    front_system.write(front_system.context, FRONT_STDERR, text, strlen(text));
}

int main(void)
{
    static struct front front;
    struct front_outcome outcome;
    struct windows_words words;
    if (windows_own_words(&words) < 0 || front_begin(&front, &front_system, words.at, words.count, &outcome) < 0) {
        say("error: internal: there is not enough memory to read the arguments\n");
        windows_leave(EXIT_FAILED);
    }
    if (!outcome.answered) {
        say("error: internal: this build has no interpreter for: ");
        say(outcome.path);
        say("\n");
        windows_leave(EXIT_FAILED);
    }
    windows_leave(outcome.exit_code);
}
