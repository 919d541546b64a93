/* What libFuzzer calls: one byte with the bits of the terminals, one with the width, one with the size of COLUMNS (255: not set), COLUMNS, and
 * the words, each of which ends with a NUL or with the input. Two looks at the same input must agree, and neither may touch a byte too far. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

enum { HEAD = 3, NOT_SET = 255 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD || (data[2] != NOT_SET && size < HEAD + (size_t)data[2])) {
        return 0;
    }
    size_t columns_size = data[2] != NOT_SET ? data[2] : 0;
    const uint8_t *rest = data + HEAD + columns_size;
    size_t left = size - HEAD - columns_size;
    size_t length = left != 0 && rest[left - 1] != 0 ? left + 1 : left;
    char *columns = data[2] != NOT_SET ? calloc(columns_size + 1, 1) : NULL;
    char *words = calloc(length != 0 ? length : 1, 1);
    if (words == NULL || (data[2] != NOT_SET && columns == NULL)) {
        abort();
    }
    memcpy(words, rest, left);
    if (columns != NULL) {
        memcpy(columns, data + HEAD, columns_size);
    }
    size_t wanted = front_look(words, length, columns, data[1], data[0], NULL, 0);
    char *room = malloc(wanted);
    if (wanted == 0 || room == NULL || front_look(words, length, columns, data[1], data[0], room, wanted) != wanted || room[wanted - 1] != '\0') {
        abort();
    }
    free(room);
    free(words);
    free(columns);
    return 0;
}
