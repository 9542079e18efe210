/*
 * Tasks: everything that waits for somebody, computed from the records and the
 * evidence whenever it is asked for; none is stored. Where they come from is
 * one table, task_sources. A task has the same id as long as it is the same
 * thing that waits.
 *
 * A title holds handles and texts of the classes public and internal only, so
 * that it can be sent: names of people and what is confidential are not in it.
 */
#ifndef PROGRAM_TASK_H
#define PROGRAM_TASK_H

#include "assess/procedure.h"
#include "program/settings.h"
#include "program/workdays.h"
#include "record/workspace.h"

struct evidence;

enum task_level {
	TASK_OWN,    /* whoever has to do it */
	TASK_MANAGER, /* it is overdue, or they have left: their manager's too */
	TASK_LEAD    /* long overdue, or nobody's: the lead's too */
};

struct task {
	struct str id;      /* "finding.owner/0h3...": source, record, window */
	const char *source; /* name of its row in the table */
	struct str title;   /* "Deal with finding F-001: ports are open" */
	const struct schema_type *type; /* of the record that it is about */
	struct str record;  /* its id */
	struct str person;  /* who has to do it: id; empty: nobody */
	bool clock;         /* a law or a contract says when */
	int64_t due;        /* the instant after it; INT64_MAX: none is set */
	int64_t due_day;    /* its last day; INT64_MAX */
	int64_t left;       /* working days left; negative: overdue by so many */
	bool overdue;
	enum task_level level; /* why it stands in this list */
	uint64_t entry;     /* of the record's last revision */
};

struct task_list {
	struct task *at;
	size_t n, cap;
};

/* Whose tasks, as known now. */
struct task_desk {
	struct arena *a;
	struct record_store *s;
	const struct zone *zone;
	int64_t now, day;
	struct workdays workdays;
	const struct settings *settings;
	const struct procedure_set *procedures; /* or NULL */
	struct evidence *ev; /* or NULL: what it says is left out */
	/* While tasks are collected: */
	struct str person;   /* empty: everybody's */
	struct task_list *list;
};

/* What is collected from; ends with a row without a name. */
struct task_source {
	const char *name;
	const char *what; /* "occurrences of controls that are due" */
	int (*collect)(struct task_desk *d, const struct task_source *s,
	    struct err *e);
	const struct task_rule *rule; /* of a record that waits, or NULL */
};
extern const struct task_source task_sources[];

/* task_desk_open(a, ws, settings, procedures, ev, ret, e) */
int task_desk_open(struct arena *a, struct workspace *ws,
    const struct settings *settings, const struct procedure_set *procedures,
    struct evidence *ev, struct task_desk *ret, struct err *e);

/*
 * task_inbox(d, person, ret, e): what waits for one person (an id), what is
 * escalated to them, sorted by what matters: clocks of the law that ran out,
 * what is overdue, what is due next, what has no day.
 */
int task_inbox(struct task_desk *d, struct str person, struct task_list *ret,
    struct err *e);
/* task_all(d, ret, e): of everybody, and what is nobody's; each once. */
int task_all(struct task_desk *d, struct task_list *ret, struct err *e);

/*
 * task_see_only(d, reader, own, l, e): leaves those that the reader may see: the
 * act LIST of the record that each is about (schema/access.h). What waits for
 * somebody is assigned to them, and so is all of their ${own} inbox: what was
 * escalated as well.
 */
struct record_reader;
int task_see_only(struct task_desk *d, struct record_reader *r, bool own,
    struct task_list *l, struct err *e);

/* task_sort(l): as above. */
void task_sort(struct task_list *l);
/* task_left(d, t, out): "overdue by 3 working days", "due today", "due in 2
 * working days", "no day is set". */
const char *task_left(const struct task *t, char out[64]);

/* --- for sources ------------------------------------------------------------ */

/* task_add(d, t): with ${t}'s due or due_day set; the rest is worked out. Tasks
 * of others than d->person are dropped. */
void task_add(struct task_desk *d, const struct task *t);
/* task_due_day(d, day, t): due until the end of a civil day. */
void task_due_day(const struct task_desk *d, int64_t day, struct task *t);
/* task_due_at(d, us, t): due until an instant. */
void task_due_at(const struct task_desk *d, int64_t us, struct task *t);

/* task_special.c */
int task_special_occurrences(struct task_desk *d, const struct task_source *s,
    struct err *e);
int task_special_exceptions(struct task_desk *d, const struct task_source *s,
    struct err *e);
int task_special_failed(struct task_desk *d, const struct task_source *s,
    struct err *e);
int task_special_stale(struct task_desk *d, const struct task_source *s,
    struct err *e);

#endif
