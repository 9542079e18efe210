/*
 * Checklists for who comes, goes or changes place, made from the template of
 * their role: content/people/checklists.tsv, or DIR/checklists.tsv instead. Each
 * item is given to somebody, with a day. What is kept as a record of its own (a
 * background check, a declaration) is asked for by that record instead of an item.
 */
#ifndef PROGRAM_CHECKLISTS_H
#define PROGRAM_CHECKLISTS_H

#include "program/act.h"

#define CHECKLISTS_ITEMS 500
#define CHECKLISTS_BACK 60 /* days: who came or went before gets none */

enum checklists_who { CHECKLISTS_PERSON, CHECKLISTS_MANAGER,
	CHECKLISTS_CONTROL };

struct checklists_item {
	struct str kind;    /* onboarding, offboarding, move */
	struct str role;    /* a word of the role, or * */
	int64_t day;        /* working days after the day; negative: before it */
	enum checklists_who who; /* CONTROL: its owner */
	struct str control; /* code, or empty */
	struct str title;
	unsigned type;      /* of the record that it is kept as, or 0 */
	struct str as;      /* its kind */
};

struct checklists_template {
	struct checklists_item *at;
	size_t n;
};

/* checklists_parse(a, name, text, ret, e): tab-separated with a first line of
 * names, of which the last ("check identity", "declaration confidentiality") may be
 * left out. ERR_INPUT names the line. */
int checklists_parse(struct arena *a, const char *name, struct str text,
    struct checklists_template *ret, struct err *e);
/* checklists_load(x, ret, e): the workspace's, else the program's. */
int checklists_load(const struct act *x, struct checklists_template *ret,
    struct err *e);

/*
 * checklists_make(x, t, ret_n, e): one for each person who is to come, came, is
 * to go or went in the last 60 days, and has none for that day. Where the code of
 * conduct is signed yearly (GV-01 is in force), whoever has not declared in this
 * year is asked.
 */
int checklists_make(const struct act *x, const struct checklists_template *t,
    size_t *ret_n, struct err *e);
/* checklists_move(x, t, person, e): for one who changes place today. */
int checklists_move(const struct act *x, const struct checklists_template *t,
    struct str person, struct err *e);

#endif
