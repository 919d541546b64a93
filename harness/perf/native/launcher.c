/*
 * Starts one program, waits for it, and writes what the kernel counted for it as one JSON line to the named file.
 *
 * Peak memory is inherited as a floor by whoever forks: measured from a large parent, every small program looks as large as that
 * parent. This launcher is static and tiny, so that the floor is a few hundred KiB; run without a program it reports exactly that floor.
 *
 *   launcher REPORT                      the floor: a child that leaves at once
 *   launcher REPORT PROGRAM [ARG ...]    the program, with this process's own streams, directory and environment
 *
 * Exit status: 0 when the program ran (however it ended), 125 when it could not be started or the report could not be written.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 125 };

static int fail(const char *what, const char *which)
{
    dprintf(STDERR_FILENO, "launcher: %s %s: %s\n", what, which, strerror(errno));
    return FAILED;
}

static long long nanoseconds(const struct timespec *from, const struct timespec *to)
{
    return (to->tv_sec - from->tv_sec) * 1000000000LL + (to->tv_nsec - from->tv_nsec);
}

/* Replaces the child by the program, or tells the parent the error number over the pipe, which a successful start closes. */
static void become(char **program, int complaint)
{
    if (program[0] == NULL) {
        _exit(0);
    }
    execv(program[0], program);
    int error = errno;
    if (write(complaint, &error, sizeof error) < 0) {
        _exit(FAILED);
    }
    _exit(FAILED);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        dprintf(STDERR_FILENO, "usage: launcher REPORT [PROGRAM [ARG ...]]\n");
        return FAILED;
    }
    int report = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (report < 0) {
        return fail("cannot write", argv[1]);
    }
    int complaint[2];
    if (pipe2(complaint, O_CLOEXEC) != 0) {
        return fail("cannot make", "a pipe");
    }
    struct timespec started, ended;
    clock_gettime(CLOCK_MONOTONIC, &started);
    pid_t child = fork();
    if (child < 0) {
        return fail("cannot fork for", argc > 2 ? argv[2] : "the floor");
    }
    if (child == 0) {
        become(argv + 2, complaint[1]);
    }
    close(complaint[1]);
    int error = 0;
    ssize_t got;
    while ((got = read(complaint[0], &error, sizeof error)) < 0 && errno == EINTR) {
    }
    int status = 0;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            return fail("cannot wait for", argc > 2 ? argv[2] : "the floor");
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (got > 0) {
        errno = error;
        return fail("cannot start", argv[2]);
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    int written = dprintf(report,
        "{\"format\":1,\"max_rss_kib\":%ld,\"wall_ns\":%lld,\"user_us\":%lld,\"system_us\":%lld,\"exit\":%d,\"signal\":%d}\n",
        usage.ru_maxrss, nanoseconds(&started, &ended),
        usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
        usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec, code, signal);
    if (written < 0 || close(report) != 0) {
        return fail("cannot write", argv[1]);
    }
    return 0;
}
