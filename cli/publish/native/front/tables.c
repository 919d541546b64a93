/* The tables, made by two generators: the command tree is committed, the constant answers are asked of the package that is published. */
#include "tables.h"

#include "command_tables.h"

#include "answers.h"
