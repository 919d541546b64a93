/* Puts recorded vectors through the front, for a build with sanitizers. Reads from standard input, until its end, for each vector four numbers
 * of 32 bits (size of the words, size of COLUMNS or -1 for none, width of the terminal, bits of the terminals) and then words and COLUMNS;
 * writes for each the size of the result and the result, as library.h describes it. Every block has exactly its size, so that a byte too far is seen. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

enum { MOST = 1 << 24 };

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "replay: %s\n", why);
    exit(1);
}

static char *read_block(size_t size, size_t more)
{
    char *block = size <= MOST ? malloc(size + more) : NULL;
    if (block == NULL && size + more != 0) {
        give_up("no memory for a vector");
    }
    if (size != 0 && fread(block, 1, size, stdin) != size) {
        give_up("the input ends within a vector");
    }
    return block;
}

static void write_block(const char *block, uint32_t size)
{
    if (fwrite(&size, sizeof size, 1, stdout) != 1 || fwrite(block, 1, size, stdout) != size) {
        give_up("the result cannot be written");
    }
}

int main(void)
{
    int32_t head[4];
    while (fread(head, sizeof head, 1, stdin) == 1) {
        char *words = read_block((size_t)head[0], 0);
        char *columns = head[1] >= 0 ? read_block((size_t)head[1], 1) : NULL;
        if (columns != NULL) {
            columns[head[1]] = '\0';
        }
        size_t size = front_look(words, (size_t)head[0], columns, head[2], (unsigned)head[3], NULL, 0);
        char *room = malloc(size);
        if (size == 0 || room == NULL || front_look(words, (size_t)head[0], columns, head[2], (unsigned)head[3], room, size) != size) {
            give_up("two looks at one vector differ");
        }
        write_block(room, (uint32_t)size);
        free(room);
        free(columns);
        free(words);
    }
    return 0;
}
