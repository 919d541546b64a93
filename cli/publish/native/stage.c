/* Enters the full stage from code that runs in the core stage.
 *
 * The order is that of the interpreter's own start, from the point where the core stage left it: built-in modules whole, importlib in the
 * place of core_import.py, modules that are there already made known to it, then the interpreter's main phase. Interrupts and closed
 * pipes stay as they are, because handlers were never installed. No directory is searched, neither now nor later: what can be
 * imported is linked into the program.
 */
#define Py_BUILD_CORE 1
#include "stage.h"

#include <internal/pycore_initconfig.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_pylifecycle.h>
#include <internal/pycore_pystate.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frozen_library.h"
#include "memory.h"
#include "trimming.h"

static enum { CORE, BETWEEN, FULL } stage = CORE;

/* Where the interpreter looks its import system up. */
extern const struct _frozen *_PyImport_FrozenBootstrap;

/* Importlib, and not zipimport, for which the interpreter would look next and which would bring a dozen modules along. */
static const char *const IMPORT_SYSTEM[] = {"_frozen_importlib", "_frozen_importlib_external"};
enum { PARTS = sizeof IMPORT_SYSTEM / sizeof IMPORT_SYSTEM[0] };
static struct _frozen import_system[PARTS + 1];
static const struct _frozen *interpreters_table;

void stage_use_core(const struct _frozen *core_modules)
{
    interpreters_table = _PyImport_FrozenBootstrap;
    _PyImport_FrozenBootstrap = core_modules;
}

static void use_library(void)
{
    size_t found = 0;
    for (const struct _frozen *row = interpreters_table; row->name != NULL; row++) {
        for (size_t i = 0; i < PARTS; i++) {
            if (strcmp(row->name, IMPORT_SYSTEM[i]) == 0) {
                import_system[found++] = *row;
            }
        }
    }
    _PyImport_FrozenBootstrap = import_system;
    PyImport_FrozenModules = library_modules;
}

/* The names that BuiltinImporter takes: all modules that are linked in, now that all of them can be imported. */
static int tell_names(void)
{
    PyObject *names = PyList_New(0);
    for (const struct _inittab *row = PyImport_Inittab; names != NULL && row->name != NULL; row++) {
        PyObject *name = PyUnicode_InternFromString(row->name);
        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    PyObject *all = names != NULL ? PyList_AsTuple(names) : NULL;
    int told = all != NULL ? PySys_SetObject("builtin_module_names", all) : -1;
    Py_XDECREF(names);
    Py_XDECREF(all);
    return told;
}

/* Modules of the core stage carry a namespace as their spec; without it importlib gives them a real one, and their loader. Compiled ones
 * have the spec's origin, "built-in", for their file, which importlib would take at its word. */
static int forget_specs(PyObject *modules)
{
    PyObject *name;
    PyObject *module;
    Py_ssize_t at = 0;
    while (PyDict_Next(modules, &at, &name, &module)) {
        PyObject *members = PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
        if (members != NULL && (PyDict_SetItemString(members, "__spec__", Py_None) < 0 || PyDict_PopString(members, "__file__", NULL) < 0)) {
            return -1;
        }
    }
    return 0;
}

/* Importlib's own `_install`; until it is done, imports go to the one of the core stage. */
static int install(PyObject *importlib, PyObject *modules)
{
    PyObject *system = PyDict_GetItemString(modules, "sys");
    PyObject *builtin = PyDict_GetItemString(modules, "_imp");
    PyObject *done = system != NULL && builtin != NULL ? PyObject_CallMethod(importlib, "_install", "OO", system, builtin) : NULL;
    Py_XDECREF(done);
    return done != NULL ? 0 : -1;
}

static int replace_import_system(PyInterpreterState *interpreter)
{
    PyObject *modules = PyImport_GetModuleDict();
    if (PyDict_PopString(modules, "_frozen_importlib", NULL) < 0 || forget_specs(modules) < 0 || tell_names() < 0) {
        return -1;
    }
    if (PyImport_ImportFrozenModule("_frozen_importlib") <= 0) {
        return -1;
    }
    PyObject *importlib = PyImport_AddModuleRef("_frozen_importlib");
    if (importlib == NULL || install(importlib, modules) < 0) {
        Py_XDECREF(importlib);
        return -1;
    }
    Py_XSETREF(interpreter->imports.importlib, importlib);
    return 0;
}

/* In its main phase the interpreter would look for its library on disk, from the current directory on. The paths are set, and empty; the
 * linker sends the call here (--wrap). */
PyStatus __wrap__PyConfig_InitImportConfig(PyConfig *config);

PyStatus __wrap__PyConfig_InitImportConfig(PyConfig *config)
{
    (void)config;
    return PyStatus_Ok();
}

/* Only the importers of what is linked in stay: those for built-in and for frozen modules, which come first. */
static int search_nothing(void)
{
    PyObject *importers = PySys_GetObject("meta_path");
    PyObject *hooks = PySys_GetObject("path_hooks");
    if (importers == NULL || hooks == NULL) {
        return -1;
    }
    return PyList_SetSlice(importers, 2, PY_SSIZE_T_MAX, NULL) < 0 || PyList_SetSlice(hooks, 0, PY_SSIZE_T_MAX, NULL) < 0 ? -1 : 0;
}

/* The main phase refuses a directory as standard input, and takes none at all. Reading fails either way. */
static void drop_unreadable_input(void)
{
    struct stat facts;
    if (fstat(STDIN_FILENO, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        close(STDIN_FILENO);
    }
}

static int enter(void)
{
    memory_leave_pool();
    drop_unreadable_input();
    if (trimming_end() < 0) {
        return -1;
    }
    use_library();
    if (replace_import_system(_PyInterpreterState_GET()) < 0) {
        return -1;
    }
    PyStatus status = _Py_InitializeMain();
    if (PyStatus_Exception(status)) {
        PyErr_SetString(PyExc_RuntimeError, status.err_msg != NULL ? status.err_msg : "the interpreter's main phase failed");
        return -1;
    }
    PyGC_Enable();
    return search_nothing();
}

int stage_enter_full(void)
{
    if (stage == FULL) {
        return 0;
    }
    /* Half of the way cannot be gone twice. */
    int whole = stage == CORE;
    stage = BETWEEN;
    if (whole && enter() == 0) {
        stage = FULL;
        return 0;
    }
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "the standard library could not be started");
    }
    return -1;
}

static PyObject *full_stage_enter(PyObject *module, PyObject *arguments)
{
    (void)module;
    (void)arguments;
    return stage_enter_full() == 0 ? Py_NewRef(Py_None) : NULL;
}

static PyObject *full_stage_allow_threads(PyObject *module, PyObject *arguments)
{
    (void)module;
    (void)arguments;
    memory_leave_pool();
    return Py_NewRef(Py_None);
}

static PyMethodDef full_stage_functions[] = {
    {"allow_threads", full_stage_allow_threads, METH_NOARGS, NULL},
    {"enter", full_stage_enter, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef full_stage = {PyModuleDef_HEAD_INIT, "_full_stage", NULL, 0, full_stage_functions, NULL, NULL, NULL, NULL};

PyObject *PyInit__full_stage(void)
{
    return PyModuleDef_Init(&full_stage);
}
