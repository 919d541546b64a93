/* The front's memory for builds with sanitizers: every piece is a block of its own with exactly its size, so that a byte too far is seen. */
#include <stdint.h>
#include <stdlib.h>

#include "arena.h"

struct arena_block {
    struct arena_block *next;
    void *piece;
};

void arena_begin(struct arena *arena)
{
    arena->blocks = NULL;
}

void arena_end(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block->piece);
        free(block);
    }
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    struct arena_block *block = malloc(sizeof *block);
    void *piece = size == 0 || count <= SIZE_MAX / size ? malloc(count * size) : NULL;
    if (block == NULL || (piece == NULL && count * size != 0)) {
        free(block);
        free(piece);
        longjmp(arena->full, 1);
    }
    *block = (struct arena_block){arena->blocks, piece};
    arena->blocks = block;
    return piece;
}
