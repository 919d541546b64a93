#ifndef OMNIRELAY_NAMES_H
#define OMNIRELAY_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Where a name stands, or the first place that is looked at, in a table that `hashed` of trimming.py has laid out; its size is a power of two. */
static inline size_t name_place(const char *name, size_t size)
{
    uint32_t place = 0;
    for (const char *at = name; *at != '\0'; at++) {
        place = place * 31 + (unsigned char)*at;
    }
    return place & (size - 1);
}

#endif
