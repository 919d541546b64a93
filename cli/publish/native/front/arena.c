#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { STEP = _Alignof(max_align_t), BLOCK = 64 * 1024 };

struct arena_block {
    _Alignas(max_align_t) struct arena_block *next;
};

void arena_begin(struct arena *arena)
{
    arena->blocks = NULL;
    arena->at = arena->first;
    arena->left = sizeof arena->first;
}

void arena_end(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->left = 0;
}

static void add_block(struct arena *arena, size_t size)
{
    size_t room = size > BLOCK ? size : BLOCK;
    struct arena_block *block = room <= SIZE_MAX - sizeof *block ? malloc(sizeof *block + room) : NULL;
    if (block == NULL) {
        longjmp(arena->full, 1);
    }
    block->next = arena->blocks;
    arena->blocks = block;
    arena->at = (char *)(block + 1);
    arena->left = room;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - STEP) / size) {
        longjmp(arena->full, 1);
    }
    size_t whole = (count * size + STEP - 1) / STEP * STEP;
    if (whole > arena->left) {
        add_block(arena, whole);
    }
    void *taken = arena->at;
    arena->at += whole;
    arena->left -= whole;
    return taken;
}
