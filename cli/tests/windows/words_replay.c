/* Takes command lines of Windows apart, for a build with sanitizers. Reads from standard input, until its end, the number of 16-bit units of a line
 * (32 bits) and the line; writes the number of its words (32 bits) and each word with its NUL. Every line has exactly its size, so that a unit too far
 * is seen. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "windows_words.h"

enum { MOST = 1 << 20 };

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "words_replay: %s\n", why);
    exit(1);
}

int main(void)
{
    uint32_t units;
    while (fread(&units, sizeof units, 1, stdin) == 1) {
        uint16_t *line = units < MOST ? malloc((units + 1) * sizeof *line) : NULL;
        if (line == NULL || fread(line, sizeof *line, units, stdin) != units) {
            give_up("a line cannot be read");
        }
        line[units] = 0;
        struct windows_words words;
        if (windows_words_begin(&words, line) < 0) {
            give_up("no memory for the words");
        }
        free(line);
        uint32_t count = (uint32_t)words.count;
        if (words.at[count] != NULL) {
            give_up("the words do not end");
        }
        fwrite(&count, sizeof count, 1, stdout);
        for (size_t i = 0; i < count; i++) {
            fwrite(words.at[i], 1, strlen(words.at[i]) + 1, stdout);
        }
        windows_words_end(&words);
    }
    return fflush(stdout) != 0;
}
