/* What a program on Windows takes from its system besides a front_host: its command line, and its end. */
#ifndef OMNIRELAY_WINDOWS_SYSTEM_H
#define OMNIRELAY_WINDOWS_SYSTEM_H

#include "windows_words.h"

/* The words of this process's own command line. Returns 0, or -1 when there is no memory. */
int windows_own_words(struct windows_words *words);

/* Ends the process at once: nothing of ours is buffered. */
_Noreturn void windows_leave(int code);

#endif
