/* Raw memory for the core stage: small blocks are cut one after the other from a pool and never given back.
 *
 * A run makes some thousand of them and ends after milliseconds, so looking for free blocks is work for nothing; and the C library's
 * allocator asks the system for every size class separately (thirty calls before the first line of ours). The pool lies in .bss: its
 * pages are zero, which calloc need not repeat, and those that are not reached cost nothing. There is one thread while it is used: before there
 * are more, and in the full stage, it is left, and nothing new comes from it.
 */
#include "memory.h"

#include <Python.h>

#include <stdlib.h>
#include <string.h>

enum { POOL = 1024 * 1024, LARGEST = 16 * 1024, HEADER = 16, STEP = 16 };

static _Alignas(STEP) char pool[POOL];
static size_t used;

static int in_pool(const void *block)
{
    const char *at = block;
    return at >= pool && at < pool + POOL;
}

/* A block of at most `largest` bytes with its size in front of it, or NULL when it or the pool is not for it. */
static void *cut(size_t size, size_t largest)
{
    size_t whole = HEADER + ((size + STEP - 1) & ~(size_t)(STEP - 1));
    if (size > largest || whole > POOL - used) {
        return NULL;
    }
    char *block = pool + used + HEADER;
    memcpy(block - HEADER, &size, sizeof size);
    used += whole;
    return block;
}

static void *raw_malloc(void *context, size_t size)
{
    (void)context;
    void *block = cut(size, LARGEST);
    return block != NULL ? block : malloc(size != 0 ? size : 1);
}

static void *raw_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    /* Zeroed blocks of any size: the interpreter's two maps of its arenas have 128 KiB each, of which a run touches a few words. */
    void *block = size == 0 || count <= POOL / size ? cut(count * size, POOL) : NULL;
    return block != NULL ? block : calloc(count != 0 ? count : 1, size != 0 ? size : 1);
}

static void *raw_realloc(void *context, void *block, size_t size)
{
    if (block == NULL || !in_pool(block)) {
        return block == NULL ? raw_malloc(context, size) : realloc(block, size != 0 ? size : 1);
    }
    size_t before;
    memcpy(&before, (char *)block - HEADER, sizeof before);
    if (size <= before) {
        return block;
    }
    void *larger = raw_malloc(context, size);
    return larger != NULL ? memcpy(larger, block, before) : NULL;
}

static void raw_free(void *context, void *block)
{
    (void)context;
    if (!in_pool(block)) {
        free(block);
    }
}

void memory_use_pool(void)
{
    PyMemAllocatorEx raw = {NULL, raw_malloc, raw_calloc, raw_realloc, raw_free};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &raw);
}

void memory_leave_pool(void)
{
    used = POOL;
}
