/* The host that a program is. */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "front.h"

enum { RETRY_NANOSECONDS = 2 * 1000 * 1000 };

static const char *variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static int is_terminal(void *context, int descriptor)
{
    (void)context;
    return isatty(descriptor);
}

static int columns(void *context)
{
    (void)context;
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int write_all(void *context, int descriptor, const char *bytes, size_t length)
{
    (void)context;
    while (length > 0) {
        ssize_t count = write(descriptor, bytes, length);
        if (count >= 0) {
            bytes += count;
            length -= (size_t)count;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            /* Somebody made the stream non-blocking. */
            nanosleep(&(struct timespec){0, RETRY_NANOSECONDS}, NULL);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

const struct front_host front_system = {variable, is_terminal, columns, write_all, NULL};
