/*
 * Libraries that are opened when they are first needed, so that the program
 * starts, and verifies, on a machine that does not have them.
 */
#ifndef SYS_LIBRARY_H
#define SYS_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

struct library {
	const char *soname;  /* "libcurl.so.4" */
	const char *package; /* Debian's, "libcurl4" */
	const char *need;    /* "asking another server needs libcurl" */
};

struct library_function {
	const char *name;
	void *at; /* address of the pointer to be set */
};

/*
 * library_open(l, fns, n, e): load ${l} and set ${n} pointers. It stays loaded.
 * The caller sees to it that only one thread does so, and remembers.
 * ERR_ENV: it is not installed, or an older one that lacks a function.
 */
int library_open(const struct library *l, const struct library_function *fns,
    size_t n, struct err *e);

#endif
