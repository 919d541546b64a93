/* Memory for one reading of the arguments: taken piece by piece, freed as a whole. */
#ifndef OMNIRELAY_ARENA_H
#define OMNIRELAY_ARENA_H

#include <setjmp.h>
#include <stddef.h>

enum { ARENA_FIRST = 16 * 1024 };

struct arena_block;

struct arena {
    struct arena_block *blocks;
    char *at;
    size_t left;
    jmp_buf full; /* Where to go when the system has no more memory. */
    _Alignas(max_align_t) char first[ARENA_FIRST];
};

/* The caller sets `full` before it takes anything. */
void arena_begin(struct arena *arena);
void arena_end(struct arena *arena);

/* Room for `count` things of `size` bytes, aligned for any of them; never NULL. */
void *arena_take(struct arena *arena, size_t count, size_t size);

#endif
