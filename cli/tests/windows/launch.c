/* Starts a program many times, each with a command line that is taken as it is: no other program can say how that is to be quoted.
 *
 * The argument is the program's path. Reads from standard input, until its end, for each start two numbers of 32 bits (units of the command line, units
 * of COLUMNS or -1 for none) and then both in 16-bit units; writes for each three numbers (exit code, bytes of standard output, bytes of standard
 * error) and then both. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <windows.h>

/* On a busy machine wine now and then loses a process before its first instruction, and calls that an internal error. */
enum { MOST_UNITS = 32767, FIRST_ROOM = 64 * 1024, TRIES = 5 };

struct stream {
    HANDLE ours;
    HANDLE theirs;
    char *bytes;
    size_t size;
};

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "launch: %s (error %lu)\n", why, (unsigned long)GetLastError());
    exit(1);
}

static wchar_t *read_text(int32_t units)
{
    if (units < 0) {
        return NULL;
    }
    wchar_t *text = units < MOST_UNITS ? calloc((size_t)units + 1, sizeof *text) : NULL;
    if (text == NULL || fread(text, sizeof *text, (size_t)units, stdin) != (size_t)units) {
        give_up("a text cannot be read");
    }
    return text;
}

static void open_stream(struct stream *stream)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    if (!CreatePipe(&stream->ours, &stream->theirs, &inherited, 0) || !SetHandleInformation(stream->ours, HANDLE_FLAG_INHERIT, 0)) {
        give_up("no pipe");
    }
    stream->bytes = NULL;
    stream->size = 0;
}

/* Takes all that comes until the other side is closed. */
static DWORD WINAPI take(void *argument)
{
    struct stream *stream = argument;
    size_t room = 0;
    for (;;) {
        if (room - stream->size < FIRST_ROOM) {
            room = 2 * room + FIRST_ROOM;
            stream->bytes = realloc(stream->bytes, room);
            if (stream->bytes == NULL) {
                give_up("no memory for the output");
            }
        }
        DWORD count = 0;
        if (!ReadFile(stream->ours, stream->bytes + stream->size, FIRST_ROOM, &count, NULL) || count == 0) {
            return 0;
        }
        stream->size += count;
    }
}

static DWORD start(const wchar_t *program, wchar_t *line, struct stream *out, struct stream *err)
{
    STARTUPINFOW how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
    how.hStdOutput = out->theirs;
    how.hStdError = err->theirs;
    PROCESS_INFORMATION process;
    for (int left = TRIES; !CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &process);) {
        if (GetLastError() != ERROR_INTERNAL_ERROR || --left == 0) {
            give_up("the program does not start");
        }
    }
    CloseHandle(out->theirs);
    CloseHandle(err->theirs);
    HANDLE other = CreateThread(NULL, 0, take, err, 0, NULL);
    if (other == NULL) {
        give_up("no thread");
    }
    take(out);
    WaitForSingleObject(other, INFINITE);
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD code = 0;
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(other);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    CloseHandle(out->ours);
    CloseHandle(err->ours);
    return code;
}

int wmain(int argc, wchar_t **argv)
{
    int32_t head[2];
    if (argc != 2) {
        give_up("needs the path of a program");
    }
    while (fread(head, sizeof head, 1, stdin) == 1) {
        wchar_t *line = read_text(head[0]);
        wchar_t *columns = read_text(head[1]);
        SetEnvironmentVariableW(L"COLUMNS", columns);
        struct stream out, err;
        open_stream(&out);
        open_stream(&err);
        uint32_t told[3] = {start(argv[1], line, &out, &err), (uint32_t)out.size, (uint32_t)err.size};
        fwrite(told, sizeof told, 1, stdout);
        fwrite(out.bytes, 1, out.size, stdout);
        fwrite(err.bytes, 1, err.size, stdout);
        free(out.bytes);
        free(err.bytes);
        free(line);
        free(columns);
    }
    return fflush(stdout) != 0;
}
