/* The native program: starts the interpreter's core stage, hands the arguments to omnirelay.__main__.run, leaves with its answer.
 *
 * In the core stage built-in modules work (among them all of ours, compiled to machine code), but nothing is searched on disk, there is
 * no sys.stdout and no codec registry. None of that is needed to fetch, lay out and write, and it would cost most of the start-up time.
 */
/* For _PyRuntime: what the start itself does with memory cannot be told in any other way. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_runtime.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_import.h"
#include "front.h"
#include "memory.h"
#include "modules.h"

/* The interpreter looks its import system up in this table; see core_import.py for why it gets another one than its own. */
extern const struct _frozen *_PyImport_FrozenBootstrap;
static const struct _frozen core_modules[] = {
    {"_frozen_importlib", _Py_M__core_import, (int)sizeof _Py_M__core_import, 0},
    {NULL, NULL, 0, 0},
};

enum { EXIT_FAILED = 1 };

static void say(const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0) {
            return;
        }
        text += written;
        length -= (size_t)written;
    }
}

static int refuse(const char *what, const char *text)
{
    say("error: internal: ");
    say(what);
    if (text != NULL && *text != '\0') {
        say(": ");
        say(text);
    }
    say("\n");
    return EXIT_FAILED;
}

/* One line for an exception that reached us: in the core stage the interpreter has no way to print it. */
static int refuse_exception(void)
{
    PyObject *exception = PyErr_GetRaisedException();
    if (exception == NULL) {
        return refuse("the program ended without an answer", NULL);
    }
    PyObject *text = PyObject_Str(exception);
    const char *utf8 = text != NULL ? PyUnicode_AsUTF8(text) : NULL;
    PyErr_Clear();
    /* Compiled classes carry their module in front of their name. */
    const char *name = Py_TYPE(exception)->tp_name;
    const char *dot = strrchr(name, '.');
    return refuse(dot != NULL ? dot + 1 : name, utf8);
}

static PyStatus set_paths(PyConfig *config)
{
    /* Set, so that nothing is searched; empty, because there is nothing to be found. */
    wchar_t **const fields[] = {
        &config->executable, &config->base_executable, &config->prefix,     &config->base_prefix,
        &config->exec_prefix, &config->base_exec_prefix, &config->stdlib_dir,
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        PyStatus status = PyConfig_SetString(config, fields[i], L"");
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    config->module_search_paths_set = 1;
    return PyConfig_SetString(config, &config->program_name, L"omnirelay");
}

/* The interpreter looks every module up in a list, from its start: ours come first, its own forty after them. */
static int add_modules(void)
{
    size_t ours = 0;
    while (omnirelay_modules[ours].name != NULL) {
        ours++;
    }
    size_t theirs = 0;
    while (PyImport_Inittab[theirs].name != NULL) {
        theirs++;
    }
    struct _inittab *all = calloc(ours + theirs + 1, sizeof *all);
    if (all == NULL) {
        return -1;
    }
    memcpy(all, omnirelay_modules, ours * sizeof *all);
    memcpy(all + ours, PyImport_Inittab, theirs * sizeof *all);
    PyImport_Inittab = all;
    return 0;
}

static PyStatus start_core(void)
{
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    before.configure_locale = 0;
    PyStatus status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status)) {
        return status;
    }
    memory_use_pool();
    /* One short run makes no garbage worth collecting, and looking through everything alive costs as much as importing a module.
     * Switched off before the start, which would already collect once: half a million instructions. */
    _PyRuntime._main_interpreter.gc.enabled = 0;
    if (add_modules() < 0) {
        return PyStatus_NoMemory();
    }
    _PyImport_FrozenBootstrap = core_modules;
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config._init_main = 0;
    config.site_import = 0;
    config.write_bytecode = 0;
    config.install_signal_handlers = 0;
    status = set_paths(&config);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return status;
}

static PyObject *argument_list(int argc, char **argv)
{
    int count = argc > 1 ? argc - 1 : 0;
    PyObject *list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; i++) {
        const char *bytes = argv[i + 1];
        PyObject *word = PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)strlen(bytes), "surrogateescape");
        if (word == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, word);
    }
    return list;
}

static int run(int argc, char **argv)
{
    PyObject *module = PyImport_ImportModule("omnirelay.__main__");
    PyObject *arguments = module != NULL ? argument_list(argc, argv) : NULL;
    PyObject *answer = arguments != NULL ? PyObject_CallMethod(module, "run", "O", arguments) : NULL;
    if (answer == NULL) {
        return refuse_exception();
    }
    long code = PyLong_AsLong(answer);
    if (code == -1 && PyErr_Occurred()) {
        return refuse_exception();
    }
    return (int)(code & 0xff);
}

int main(int argc, char **argv)
{
    /* A closed pipe is an error of the write that meets it, not a silent end; interrupts keep ending the process by the signal. */
    signal(SIGPIPE, SIG_IGN);
    int code = front_main(argc, argv);
    if (code >= 0) {
        _exit(code);
    }
    PyStatus status = start_core();
    if (PyStatus_Exception(status)) {
        _exit(refuse("the interpreter did not start", status.err_msg));
    }
    /* Nothing is buffered and the system takes memory back faster than the interpreter can give it up. */
    _exit(run(argc, argv));
}
