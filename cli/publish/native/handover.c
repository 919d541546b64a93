#include "handover.h"

#include <string.h>

static PyObject *text(const char *utf8)
{
    return PyUnicode_DecodeUTF8(utf8, (Py_ssize_t)strlen(utf8), "surrogateescape");
}

static PyObject *words(const struct front_value *value)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)value->word_count);
    for (size_t i = 0; tuple != NULL && i < value->word_count; i++) {
        PyObject *word = text(value->words[i]);
        if (word == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, word);
    }
    return tuple;
}

static PyObject *value_of(const struct front_value *value)
{
    switch (value->kind) {
    case FRONT_FALSE:
        return Py_NewRef(Py_False);
    case FRONT_TRUE:
        return Py_NewRef(Py_True);
    case FRONT_TEXT:
        return text(value->text);
    case FRONT_INTEGER:
        return PyLong_FromString(value->text, NULL, 10);
    case FRONT_WORDS:
        return words(value);
    default:
        return Py_NewRef(Py_None);
    }
}

PyObject *handover_values(const struct front_outcome *outcome)
{
    PyObject *values = PyDict_New();
    for (size_t i = 0; values != NULL && i < outcome->value_count; i++) {
        /* Interned, as the names of the function's parameters are, so that they are found by identity. */
        PyObject *name = PyUnicode_InternFromString(outcome->values[i].name);
        PyObject *value = name != NULL ? value_of(&outcome->values[i]) : NULL;
        if (value == NULL || PyDict_SetItem(values, name, value) < 0) {
            Py_CLEAR(values);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return values;
}
