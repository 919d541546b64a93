#ifndef OMNIRELAY_MEMORY_H
#define OMNIRELAY_MEMORY_H

/* Gives the interpreter's small raw allocations a pool that is never reused. Call between Py_PreInitialize and the start. */
void memory_use_pool(void);

/* For the full stage and for threads: no new block comes from the pool; those that did stay where they are. */
void memory_leave_pool(void);

#endif
