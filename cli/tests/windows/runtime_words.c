/* The words that the C runtime of the system makes of the command line, as an interpreter is given them: on standard output for each (the program's name
 * is the first) its number of 16-bit units and the units. With EXPANDING the runtime is asked to expand wildcards, too. */
#include <fcntl.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

/* What the start of the program tells the C runtime. */
#ifdef EXPANDING
int _dowildcard = -1;
#else
int _dowildcard = 0;
#endif

int wmain(int argc, wchar_t **argv)
{
    _setmode(1, _O_BINARY);
    for (int i = 0; i < argc; i++) {
        uint32_t units = (uint32_t)wcslen(argv[i]);
        fwrite(&units, sizeof units, 1, stdout);
        fwrite(argv[i], sizeof *argv[i], units, stdout);
    }
    return fflush(stdout) != 0;
}
