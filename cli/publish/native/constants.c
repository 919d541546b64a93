/* Keeps constants that nobody asks for out of the modules: every one costs an object, a string and a place in a dictionary.
 *
 * The linker sends all calls of PyModule_AddIntConstant here (--wrap); what the package names is passed on.
 */
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "wanted.h"

int __real_PyModule_AddIntConstant(PyObject *module, const char *name, long value);
int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value);

static int compare(const void *name, const void *row)
{
    return strcmp(name, *(const char *const *)row);
}

int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value)
{
    if (bsearch(name, wanted, sizeof wanted / sizeof wanted[0], sizeof wanted[0], compare) == NULL) {
        return 0;
    }
    return __real_PyModule_AddIntConstant(module, name, value);
}
