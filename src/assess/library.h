/*
 * The library of controls and the criteria, as the program brings them along
 * (content/controls, content/criteria): what is there before an organisation
 * has adopted anything.
 */
#ifndef ASSESS_LIBRARY_H
#define ASSESS_LIBRARY_H

#include "base/arena.h"
#include "base/str.h"

struct library_control {
	struct str id, title, statement;
	struct str *criteria; /* ids */
	size_t ncriteria;
	struct str frequency, owner, kind, evidence; /* in words */
};

struct library_criterion {
	struct str id, category, title, intent;
};

struct library {
	struct library_control *controls; /* in the order of the file */
	size_t ncontrols;
	struct library_criterion *criteria; /* in the usual order */
	size_t ncriteria;
};

/* library_read(a, ret): the embedded files; a flaw in them is a BUG. */
void library_read(struct arena *a, struct library *ret);
/* library_control(lib, id), library_criterion(lib, id): NULL if none. */
const struct library_control *library_control(const struct library *lib,
    struct str id);
const struct library_criterion *library_criterion(const struct library *lib,
    struct str id);

#endif
