/* What a character is, by the interpreter's own tables: pure functions of Objects/unicodectype.c, which need no running interpreter.
 *
 * The native program takes them from the interpreter that is linked into it, a library from the process that loads it. So the answer is the
 * one that the Python code of the same version would give.
 */
#ifndef OMNIRELAY_CHARACTERS_H
#define OMNIRELAY_CHARACTERS_H

#include <stdint.h>

int _PyUnicode_IsPrintable(uint32_t code);
int _PyUnicode_IsAlpha(uint32_t code);
int _PyUnicode_IsDecimalDigit(uint32_t code);
int _PyUnicode_IsDigit(uint32_t code);
int _PyUnicode_IsNumeric(uint32_t code);
int _PyUnicode_IsWhitespace(uint32_t code);
int _PyUnicode_ToDecimalDigit(uint32_t code);

#endif
