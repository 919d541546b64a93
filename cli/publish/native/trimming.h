/* Built-in modules with only what the package uses of them; trimming.py finds that out. */
#ifndef OMNIRELAY_TRIMMING_H
#define OMNIRELAY_TRIMMING_H

/* For the full stage: from now on modules are made whole, and all that are linked in can be imported. -1 with an exception set. */
int trimming_end(void);

#endif
