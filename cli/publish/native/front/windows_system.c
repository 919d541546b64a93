/* The host that a program on Windows is.
 *
 * Text is written as it is everywhere else: UTF-8 with plain line feeds, so that a pipe or a file gets the same bytes from each platform. A console
 * gets characters and not bytes, because it would read bytes in the code page that somebody chose for it.
 */
#include "windows_system.h"

#include <errno.h>
#include <stdlib.h>

#include <windows.h>

#include "front.h"
#include "text.h"

/* A pipe of messages takes at most 64 KiB in one write. */
enum { PIECE = 32 * 1024, CONSOLE_PIECE = 4096 };

/* NULL or INVALID_HANDLE_VALUE where the process was started without that stream. */
static HANDLE stream(int descriptor)
{
    return GetStdHandle(descriptor == FRONT_STDOUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

/* A variable's value is asked for by characters, because its bytes have passed through a code page. It is good until the next question. */
static const char *variable(void *context, const char *name)
{
    static char *value;
    (void)context;
    wchar_t wide_name[64];
    size_t length = 0;
    for (; name[length] != '\0' && length < sizeof wide_name / sizeof *wide_name - 1; length++) {
        wide_name[length] = (unsigned char)name[length];
    }
    wide_name[length] = L'\0';
    wchar_t *wide = NULL;
    DWORD room = 0;
    /* Between two questions another thread could make it longer. */
    for (DWORD needed = GetEnvironmentVariableW(wide_name, NULL, 0); needed > room; needed = GetEnvironmentVariableW(wide_name, wide, room)) {
        free(wide);
        room = needed;
        wide = malloc(room * sizeof *wide);
        if (wide == NULL) {
            return NULL;
        }
    }
    free(value);
    value = wide != NULL ? windows_utf8((const uint16_t *)wide) : NULL;
    free(wide);
    return value;
}

/* A console. A device such as NUL is none, whatever the C runtime's isatty says: nobody reads there. */
static int is_terminal(void *context, int descriptor)
{
    (void)context;
    DWORD mode;
    return GetConsoleMode(stream(descriptor), &mode) != 0;
}

static int columns(void *context)
{
    (void)context;
    CONSOLE_SCREEN_BUFFER_INFO info;
    return GetConsoleScreenBufferInfo(stream(FRONT_STDOUT), &info) ? info.srWindow.Right - info.srWindow.Left + 1 : 0;
}

/* The number that the C library has for what happened. */
static int error_number(void)
{
    switch (GetLastError()) {
    case ERROR_BROKEN_PIPE:
    case ERROR_NO_DATA:
    case ERROR_PIPE_NOT_CONNECTED:
        return EPIPE;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return ENOSPC;
    case ERROR_INVALID_HANDLE:
        return EBADF;
    case ERROR_ACCESS_DENIED:
        return EACCES;
    case ERROR_NOT_ENOUGH_MEMORY:
        return ENOMEM;
    default:
        return EIO;
    }
}

static int write_units(HANDLE console, const wchar_t *units, DWORD count)
{
    while (count > 0) {
        DWORD written = 0;
        if (!WriteConsoleW(console, units, count, &written, NULL)) {
            return error_number();
        }
        if (written == 0) {
            return EIO;
        }
        units += written;
        count -= written;
    }
    return 0;
}

static int write_console(HANDLE console, const char *bytes, size_t length)
{
    wchar_t units[CONSOLE_PIECE];
    DWORD count = 0;
    uint32_t code;
    for (size_t at = 0; at < length;) {
        at += character(bytes + at, length - at, &code);
        if (code >= 0x10000) {
            units[count++] = (wchar_t)(0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        units[count++] = (wchar_t)code;
        if (count >= CONSOLE_PIECE - 1 || at == length) {
            int number = write_units(console, units, count);
            if (number != 0) {
                return number;
            }
            count = 0;
        }
    }
    return 0;
}

static int write_all(void *context, int descriptor, const char *bytes, size_t length)
{
    HANDLE handle = stream(descriptor);
    if (is_terminal(context, descriptor)) {
        return write_console(handle, bytes, length);
    }
    while (length > 0) {
        DWORD written = 0;
        if (!WriteFile(handle, bytes, length < PIECE ? (DWORD)length : PIECE, &written, NULL)) {
            return error_number();
        }
        if (written == 0) {
            /* Somebody made the pipe non-blocking, and it is full. */
            Sleep(2);
        }
        bytes += written;
        length -= written;
    }
    return 0;
}

const struct front_host front_system = {variable, is_terminal, columns, write_all, NULL};

int windows_own_words(struct windows_words *words)
{
    return windows_words_begin(words, (const uint16_t *)GetCommandLineW());
}

void windows_leave(int code)
{
    ExitProcess((UINT)code);
}
