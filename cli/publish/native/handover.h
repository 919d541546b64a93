/* Gives what the front bound to the interpreter: nothing is parsed twice. */
#ifndef OMNIRELAY_HANDOVER_H
#define OMNIRELAY_HANDOVER_H

#include <Python.h>

#include "front.h"

/* The values as a dictionary of str, bool, None and tuples of str; NULL with an exception set when there is no memory. */
PyObject *handover_values(const struct front_outcome *outcome);

#endif
