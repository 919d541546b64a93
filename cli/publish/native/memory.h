#ifndef OMNIRELAY_MEMORY_H
#define OMNIRELAY_MEMORY_H

/* Gives the interpreter's small raw allocations a pool that is never reused. Call between Py_PreInitialize and the start. */
void memory_use_pool(void);

#endif
