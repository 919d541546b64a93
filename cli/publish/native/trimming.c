/* Keeps out of the modules what nobody asks for: every constant, function and exception costs objects and a place in a dictionary.
 *
 * The linker sends the calls by which built-in modules make these things here (--wrap); what the package uses is passed on. The full
 * stage ends this: the standard library expects whole modules, so those that were made for the core stage are made again for it. Our
 * modules keep the ones that they have.
 */
/* For _PyRuntime: the list of built-in modules that a running interpreter has cannot be changed in any other way. */
#define Py_BUILD_CORE 1
#include "trimming.h"

#include <Python.h>
#include <internal/pycore_runtime.h>

#include <stdlib.h>
#include <string.h>

#include "modules.h"
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
static struct _inittab *interpreters_modules;
static int ended;

static int compare(const void *name, const void *row)
{
    return strcmp(name, *(const char *const *)row);
}

static int is_in(const char *name, const char *const *table, size_t count)
{
    return bsearch(name, table, count, sizeof *table, compare) != NULL;
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

static size_t length_of(const struct _inittab *table)
{
    size_t length = 0;
    while (table[length].name != NULL) {
        length++;
    }
    return length;
}

/* Our modules, then those of the interpreter: all, or the ones that ours use. */
static struct _inittab *modules(int all)
{
    size_t next = length_of(omnirelay_modules);
    struct _inittab *table = calloc(next + length_of(interpreters_modules) + 1, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    memcpy(table, omnirelay_modules, next * sizeof *table);
    for (const struct _inittab *module = interpreters_modules; module->name != NULL; module++) {
        if (all || is_in(module->name, used_modules, COUNT(used_modules))) {
            table[next++] = *module;
        }
    }
    return table;
}

/* For every import the interpreter goes through its whole list, so the list is short. */
int trimming_use_modules(void)
{
    interpreters_modules = PyImport_Inittab;
    struct _inittab *table = modules(0);
    if (table == NULL) {
        return -1;
    }
    PyImport_Inittab = table;
    return 0;
}

/* Lets the next import of a module make it anew. Without sys and builtins there is no interpreter, and what is in _imp is whole. */
static int forget(PyObject *loaded, const char *name)
{
    static const char *const KEPT[] = {"_imp", "builtins", "sys"};
    PyObject *key = is_in(name, KEPT, COUNT(KEPT)) ? NULL : PyUnicode_FromString(name);
    if (key == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int gone = PyDict_Pop(loaded, key, NULL);
    Py_DECREF(key);
    return gone < 0 ? -1 : 0;
}

int trimming_end(void)
{
    struct _inittab *table = modules(1);
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    ended = 1;
    PyImport_Inittab = table;
    _PyRuntime.imports.inittab = table;
    for (size_t i = 0; i < COUNT(LARGE); i++) {
        if (shortened[i].definition != NULL) {
            shortened[i].definition->m_methods = shortened[i].all;
        }
    }
    PyObject *loaded = PyImport_GetModuleDict();
    for (const struct _inittab *module = interpreters_modules; module->name != NULL; module++) {
        if (forget(loaded, module->name) < 0) {
            return -1;
        }
    }
    return 0;
}
