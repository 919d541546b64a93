/* The front of the native program: what needs no interpreter. */
#ifndef OMNIRELAY_FRONT_H
#define OMNIRELAY_FRONT_H

/* The exit code, or -1 when the interpreter must do the work; then nothing was written. */
int front_main(int argc, char **argv);

#endif
