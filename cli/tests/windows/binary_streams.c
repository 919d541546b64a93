/* For programs that exchange bytes over their standard streams: before main, the C runtime is told to leave the bytes alone. */
#include <fcntl.h>
#include <io.h>

__attribute__((constructor)) static void leave_bytes_alone(void)
{
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
}
