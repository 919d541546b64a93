/* The stages of the native program after its start: core, and on demand full. */
#ifndef OMNIRELAY_STAGE_H
#define OMNIRELAY_STAGE_H

#include <Python.h>

/* Puts `core_modules` where the interpreter looks its import system up, before it is started. */
void stage_use_core(const struct _frozen *core_modules);

/* Turns the running core stage into the full one: the interpreter's own import system, codecs, sys.stdin, stdout and stderr, and the part
 * of the standard library that is frozen into the program. Once entered, it does nothing. -1 with an exception set: it did not start. */
int stage_enter_full(void);

/* The built-in module `_full_stage` with `enter()`, for omnirelay.stage. */
PyObject *PyInit__full_stage(void);

#endif
