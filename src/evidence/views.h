/*
 * Views: what a query sees of evidence.db for one instant or period, at one
 * state of knowledge. Their text holds these as constants, so that the planner
 * knows them. Only this folder includes it.
 */
#ifndef EVIDENCE_VIEWS_H
#define EVIDENCE_VIEWS_H

#include "evidence/evidence.h"
#include "sys/db.h"

/*
 * Names: a type or table, its NAME_period, and of the engine: run, coverage,
 * blind_cell, people, identity, T_person for each table T with rules of who is
 * who, and people_period, identity_period, T_person_period.
 */
struct views {
	struct db *db;
	struct evidence_when when;
	uint64_t head;     /* entries that evidence.db knows */
	bool *made;        /* by number of the view, see views.c */
	const struct record_reader *reader; /* whose eyes; NULL: the programme's */
	bool hr_known;     /* some source has given hr_person */
	bool keep;         /* rows of small tables in memory: see views.c */
	int64_t kept;      /* bytes of them */
};

/* views_init(v, db, head): no views yet. views_free(v). */
void views_init(struct views *v, struct db *db, uint64_t head);
void views_free(struct views *v);
/* views_when(v, when, e): drop what was made; the next are for ${when}. */
int views_when(struct views *v, const struct evidence_when *when,
    struct err *e);
/* views_need(v, sql, e): make those that words of ${sql} name, and what they
 * are made of. Temporary tables must be allowed meanwhile. */
int views_need(struct views *v, struct str sql, struct err *e);

/* What is a name to a query? */
enum views_kind { VIEWS_NONE, VIEWS_TABLE, VIEWS_ENGINE };
enum views_kind views_find(const char *name, const struct schema_type **ret);

/* views_sql(t, when, head, out): the SELECT of a table's view, for benchmarks
 * and documentation. */
void views_sql(const struct schema_type *t, bool period,
    const struct evidence_when *when, uint64_t head, struct buf *out);

#endif
