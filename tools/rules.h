/*
 * Rules of access as written in content/access; doc/access.md is the language.
 * Read and checked against the declarations when the program is built.
 */
#ifndef TOOLS_RULES_H
#define TOOLS_RULES_H

#include "decl.h"

/* A line that grants acts (allow) or shows a class (show). */
struct rules_grant {
	const char *file;
	int line;
	char *text;     /* the line as written, for print */
	int group;      /* -1: of every group (show only) */
	int cls;        /* show: the class; allow: -1 */
	unsigned roles, acts, need;
	struct decl_words states, only;
};

struct rules_group {
	const char *file;
	int line;
	char *name, *note;
	struct decl_words of; /* names of types and tables */
	bool tables;          /* every evidence table that no group names */
};

struct rules_apart {
	const char *file;
	int line;
	unsigned a, b;
	char *why;
};

struct rules {
	struct decls *d; /* with the declarations, checked; takes the mistakes */
	VEC(struct rules_group) groups;
	VEC(struct rules_grant) grants;
	VEC(struct rules_apart) aparts;
	int *group_of; /* by declaration; -1: none. rules_check() makes it */
};

/* rules_read(r, file, text): one file. Mistakes go to r->d->wrong. */
void rules_read(struct rules *r, const char *file, struct str text);
/* rules_check(r): against all declarations; every record type and every table
 * must be in one group. */
void rules_check(struct rules *r);
void rules_free(struct rules *r);

/*
 * rules_apply(r, g, t, ret_states, ret_fields): does the grant speak of the
 * declaration ${t}, and if so, of which of its states and fields (by bit; 0:
 * all)?
 */
bool rules_apply(const struct rules *r, const struct rules_grant *g,
    const struct decl *t, uint64_t *ret_states, uint64_t *ret_fields);

#endif
