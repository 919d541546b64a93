/* Keeps out of the modules what nobody asks for: every constant, function and exception costs objects and a place in a dictionary.
 *
 * The linker sends the calls by which built-in modules make these things here (--wrap); what the package uses is passed on. The full
 * stage ends this: the standard library expects whole modules, so those that were made for the core stage are made again for it. Our
 * modules keep the ones that they have.
 */
#include "trimming.h"

#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "modules.h"
#include "names.h"
#include "used.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

int __real_PyModule_AddIntConstant(PyObject *module, const char *name, long value);
int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value);
PyObject *__real_PyErr_NewException(const char *name, PyObject *base, PyObject *dict);
PyObject *__wrap_PyErr_NewException(const char *name, PyObject *base, PyObject *dict);
PyObject *__real_PyModuleDef_Init(PyModuleDef *definition);
PyObject *__wrap_PyModuleDef_Init(PyModuleDef *definition);

/* Modules whose functions are left out, too, and the whole tables of those that were made. */
static const char *const LARGE[] = {"_socket", "posix", "time"};
static struct {
    PyModuleDef *definition;
    PyMethodDef *all;
} shortened[COUNT(LARGE)];
static int ended;

/* Whether a name stands in a table that trimming.py has laid out (`hashed`). Seven hundred names are asked for in each start. */
static int is_in(const char *name, const char *const *table, size_t size)
{
    for (size_t i = name_place(name, size); table[i] != NULL; i = (i + 1) & (size - 1)) {
        if (strcmp(name, table[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value)
{
    return ended || is_in(name, used_constants, COUNT(used_constants)) ? __real_PyModule_AddIntConstant(module, name, value) : 0;
}

/* An exception that nobody names is as good as the one it is made from: whoever catches that catches this. */
PyObject *__wrap_PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    const char *dot = strrchr(name, '.');
    if (ended || dict != NULL || base == NULL || !PyType_Check(base) || dot == NULL || is_in(dot + 1, used_names, COUNT(used_names))) {
        return __real_PyErr_NewException(name, base, dict);
    }
    return Py_NewRef(base);
}

/* The functions of a table that the package uses; the whole table when there is no memory for another. */
static PyMethodDef *used_functions(PyMethodDef *all)
{
    size_t count = 0;
    while (all[count].ml_name != NULL) {
        count++;
    }
    PyMethodDef *kept = calloc(count + 1, sizeof *kept);
    if (kept == NULL) {
        return all;
    }
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_in(all[i].ml_name, used_names, COUNT(used_names))) {
            kept[next++] = all[i];
        }
    }
    return kept;
}

PyObject *__wrap_PyModuleDef_Init(PyModuleDef *definition)
{
    for (size_t i = 0; i < COUNT(LARGE) && !ended; i++) {
        if (shortened[i].definition == NULL && strcmp(definition->m_name, LARGE[i]) == 0) {
            shortened[i].definition = definition;
            shortened[i].all = definition->m_methods;
            definition->m_methods = used_functions(definition->m_methods);
        }
    }
    return __real_PyModuleDef_Init(definition);
}

int trimming_end(void)
{
    ended = 1;
    for (size_t i = 0; i < COUNT(LARGE); i++) {
        if (shortened[i].definition != NULL) {
            shortened[i].definition->m_methods = shortened[i].all;
        }
    }
    return modules_use_all();
}
