/* The native program, in two steps: the front reads the arguments and answers what needs no interpreter; for the rest the interpreter's core
 * stage is started, omnirelay.invocation.run gets the verb and its values, and its answer is the exit code.
 *
 * In the core stage built-in modules work (among them all of ours, compiled to machine code), but nothing is searched on disk, there is
 * no sys.stdout and no codec registry. None of that is needed to fetch, lay out and write, and it would cost most of the start-up time.
 * A verb whose gear is full gets the full stage (stage.c) first; any other can enter it when it meets something that needs it.
 */
/* For _PyRuntime: what the start itself does with memory cannot be told in any other way. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_long.h>
#include <internal/pycore_runtime.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_import.h"
#include "front.h"
#include "handover.h"
#include "memory.h"
#include "modules.h"
#include "stage.h"

/* See core_import.py for why the interpreter gets another import system than its own. */
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

static PyObject *raise_as_told(PyObject *Py_UNUSED(self), PyObject *fault)
{
    return PyCodec_StrictErrors(fault);
}

/* What decoding does with bytes that are no text is looked up in a table that the main phase makes: without it the program would crash.
 * Only `strict` has to be there; the other ways that the package uses are built into the UTF-8 codec. */
static int use_strict_decoding(void)
{
    static PyMethodDef strict = {"strict_errors", raise_as_told, METH_O, NULL};
    PyObject *handler = PyCFunction_New(&strict, NULL);
    PyObject *handlers = PyDict_New();
    if (handler == NULL || handlers == NULL || PyDict_SetItemString(handlers, "strict", handler) < 0) {
        return -1;
    }
    Py_DECREF(handler);
    PyInterpreterState_Get()->codecs.error_registry = handlers;
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
    if (modules_use_ours() < 0) {
        return PyStatus_NoMemory();
    }
    stage_use_core(core_modules);
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config._init_main = 0;
    /* In the full stage: our part of the library, and not the one that comes with the interpreter. */
    config.use_frozen_modules = 0;
    config.site_import = 0;
    config.write_bytecode = 0;
    config.install_signal_handlers = 0;
    status = set_paths(&config);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    if (!PyStatus_Exception(status) && use_strict_decoding() < 0) {
        status = PyStatus_NoMemory();
    }
    if (!PyStatus_Exception(status)) {
        /* Only the main phase takes the limit over; without one a long number in an answer would be read by this kind alone, and slowly. */
        PyInterpreterState_Get()->long_state.max_str_digits = _PY_LONG_DEFAULT_MAX_STR_DIGITS;
    }
    PyConfig_Clear(&config);
    return status;
}

static int run(const struct front_outcome *outcome)
{
    if (outcome->gear == FRONT_GEAR_FULL && stage_enter_full() < 0) {
        return refuse_exception();
    }
    PyObject *module = PyImport_ImportModule("omnirelay.invocation");
    PyObject *values = module != NULL ? handover_values(outcome) : NULL;
    PyObject *answer = values != NULL ? PyObject_CallMethod(module, "run", "sO", outcome->path, values) : NULL;
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
    /* A closed pipe and a file that may not grow are errors of the write that meets them, not a silent end; interrupts keep ending the process
       by the signal. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    struct front front;
    struct front_outcome outcome;
    size_t words = argc > 0 ? (size_t)argc - 1 : 0;
    if (front_begin(&front, &front_system, argv + 1, words, &outcome) < 0) {
        _exit(refuse("there is not enough memory to read the arguments", NULL));
    }
    if (outcome.answered) {
        _exit(outcome.exit_code);
    }
    PyStatus status = start_core();
    if (PyStatus_Exception(status)) {
        _exit(refuse("the interpreter did not start", status.err_msg));
    }
    /* Nothing is buffered and the system takes memory back faster than the interpreter can give it up. */
    _exit(run(&outcome));
}
