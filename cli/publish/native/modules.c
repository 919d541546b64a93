/* Which modules the interpreter finds, and how.
 *
 * For every import it compares the name with all that are linked in, to the end of its list: a fiftieth of all that a short run does. So while
 * one is created its list is that one module, which is found by a hash. The linker sends the two calls between which it goes through the list
 * here (--wrap). Everything else sees a list of ours and of those that ours use; the full stage has all of them.
 */
/* For _PyRuntime: the list of built-in modules that a running interpreter has cannot be changed in any other way. */
#define Py_BUILD_CORE 1
#include "modules.h"

#include <internal/pycore_importdl.h>
#include <internal/pycore_runtime.h>

#include <stdlib.h>
#include <string.h>

#include "names.h"

int __real__Py_ext_module_loader_info_init_for_builtin(struct _Py_ext_module_loader_info *info, PyObject *name);
int __wrap__Py_ext_module_loader_info_init_for_builtin(struct _Py_ext_module_loader_info *info, PyObject *name);
void __real__Py_ext_module_loader_info_clear(struct _Py_ext_module_loader_info *info);
void __wrap__Py_ext_module_loader_info_clear(struct _Py_ext_module_loader_info *info);

static struct _inittab *interpreters_modules;
/* What can be imported in the core stage; NULL before and after it. */
static struct _inittab *ours;
/* The module that is sought and the end of the list, or its end alone. */
static struct _inittab sought[2];

static struct _inittab *named(const char *name)
{
    size_t place = name_place(name, omnirelay_modules_size);
    while (omnirelay_modules[place].name != NULL && strcmp(omnirelay_modules[place].name, name) != 0) {
        place = (place + 1) & (omnirelay_modules_size - 1);
    }
    return omnirelay_modules[place].name != NULL ? &omnirelay_modules[place] : NULL;
}

/* The module of ours or of those that ours use; without an initialiser it is made by nobody (sys), or not linked in at all (most of the library). */
static const struct _inittab *usable(const char *name)
{
    const struct _inittab *module = named(name);
    return module != NULL && module->initfunc != NULL ? module : NULL;
}

int __wrap__Py_ext_module_loader_info_init_for_builtin(struct _Py_ext_module_loader_info *info, PyObject *name)
{
    if (ours != NULL && PyUnicode_IS_COMPACT_ASCII(name)) {
        const struct _inittab *found = usable(PyUnicode_DATA(name));
        sought[0] = found != NULL ? *found : sought[1];
        _PyRuntime.imports.inittab = sought;
    }
    return __real__Py_ext_module_loader_info_init_for_builtin(info, name);
}

void __wrap__Py_ext_module_loader_info_clear(struct _Py_ext_module_loader_info *info)
{
    if (ours != NULL) {
        _PyRuntime.imports.inittab = ours;
    }
    __real__Py_ext_module_loader_info_clear(info);
}

/* Ours, those of the interpreter that ours use, and all its others if there are any in `others`. */
static struct _inittab *listed(const struct _inittab *others)
{
    size_t count = 1;
    for (const struct _inittab *module = others; module->name != NULL; module++) {
        count++;
    }
    struct _inittab *list = calloc(omnirelay_modules_size + count, sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    size_t next = 0;
    for (size_t i = 0; i < omnirelay_modules_size; i++) {
        if (omnirelay_modules[i].initfunc != NULL) {
            list[next++] = omnirelay_modules[i];
        }
    }
    for (const struct _inittab *module = others; module->name != NULL; module++) {
        if (usable(module->name) == NULL) {
            list[next++] = *module;
        }
    }
    return list;
}

int modules_use_ours(void)
{
    interpreters_modules = PyImport_Inittab;
    for (const struct _inittab *module = interpreters_modules; module->name != NULL; module++) {
        struct _inittab *used = named(module->name);
        if (used != NULL) {
            used->initfunc = module->initfunc;
        }
    }
    ours = listed(&sought[1]);
    if (ours == NULL) {
        return -1;
    }
    PyImport_Inittab = ours;
    return 0;
}

/* Lets the next import of a module make it anew. Without sys and builtins there is no interpreter, and what is in _imp is whole. */
static int forget(PyObject *loaded, const char *name)
{
    if (strcmp(name, "_imp") == 0 || strcmp(name, "builtins") == 0 || strcmp(name, "sys") == 0) {
        return 0;
    }
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        return -1;
    }
    int gone = PyDict_Pop(loaded, key, NULL);
    Py_DECREF(key);
    return gone < 0 ? -1 : 0;
}

int modules_use_all(void)
{
    struct _inittab *all = listed(interpreters_modules);
    if (all == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    ours = NULL;
    PyImport_Inittab = all;
    _PyRuntime.imports.inittab = all;
    PyObject *loaded = PyImport_GetModuleDict();
    for (const struct _inittab *module = interpreters_modules; module->name != NULL; module++) {
        if (forget(loaded, module->name) < 0) {
            return -1;
        }
    }
    return 0;
}
