/*
 * Store: evidence.db itself, and how one change of a subject is written so
 * that what was known before stays as it was. Only this folder includes it.
 *
 * A table NAME lies in "NAME!v", one row for each version:
 *     _known_to    entry that took the version back, or NULL
 *     _from, _to   world time, half-open; _to NULL: still true
 *     _known_from  entry that brought it
 *     _end_known   entry that brought _to; NULL with _to
 *     _blind       bits of the fields that are unknown, or NULL
 *     _sid         source, _subject
 * and then the fields. A version is part of what was known by the first N
 * entries if _known_from < N and not _known_to < N; its end counts if
 * _end_known < N. The "!" keeps these names out of reach of foreign queries:
 * see query.c.
 */
#ifndef EVIDENCE_STORE_H
#define EVIDENCE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "evidence/evidence.h"
#include "evidence/row.h"
#include "ledger/ledger.h"
#include "sys/db.h"

/* Changes of it make older files be built again. */
#define STORE_VERSION 3
#define STORE_OPEN INT64_MAX /* the end of what is still true */
#define STORE_RECORDS 0      /* source number of the programme's records */

enum store_stmt {
	STORE_INSERT,
	STORE_FIND,   /* the version of a key at an instant */
	STORE_LEFT,   /* an equal version that ends at an instant */
	STORE_RIGHT,  /* an equal version that begins at an instant */
	STORE_SAME,   /* has a version these values? */
	STORE_AFTER,  /* the versions that reach beyond an instant */
	STORE_COPY,
	STORE_CLOSE,
	STORE_RETIRE,
	STORE_STMT_MAX
};

struct store_table {
	const struct schema_type *type;
	struct row_decl decl;
	struct stmt *st[STORE_STMT_MAX];
};

struct evidence {
	char *dir;
	char *path;
	struct ledger *ledger;
	struct db *db;
	bool writable;
	uint64_t upto; /* entries projected */
	const struct zone *zone; /* of dates; NULL until a query needs it */
	struct arena zone_mem;
	struct record_reader *reader; /* who asks queries; NULL: the programme */
	struct store_table *tables; /* one for each of schema_types */
};

/* store_create(db, e): the tables in a new file. */
int store_create(struct db *db, struct err *e);
/* store_usable(db, ret, ret_upto, e): made by this program for these
 * declarations? */
int store_usable(struct db *db, bool *ret, uint64_t *ret_upto, struct err *e);
int store_set_upto(struct db *db, uint64_t upto, struct err *e);

/* store_table(ev, t): its statements are prepared when first used. */
struct store_table *store_table(struct evidence *ev,
    const struct schema_type *t);
void store_forget(struct evidence *ev); /* finalizes all */

/* store_park(ev): before a fork; see db_park(). */
void store_park(struct evidence *ev);

/* store_source(db, id, name, ret, e): the number of a source; makes it. */
int store_source(struct db *db, struct str id, struct str name, int64_t *ret,
    struct err *e);
/* store_touch(db, tab, entry, e): the entry says something about the table. */
int store_touch(struct db *db, int64_t tab, uint64_t entry, struct err *e);

/* What is written into world time [from, to) by entry ${entry}. */
struct store_change {
	int64_t sid;
	int64_t from, to;  /* STORE_OPEN: from then on */
	uint64_t entry;
	bool merge_left;   /* an equal version may end at ${from} */
	bool merge_right;  /* ... or begin at ${to} */
	uint64_t written;  /* counts versions inserted or ended */
};

/*
 * store_apply(ev, st, c, old, new, subject, e):
 * Replace the content of one key: ${old} is what it was throughout [from, to),
 * ${new} what it is now known to have been; NULL: nothing. Cells by field.
 */
int store_apply(struct evidence *ev, struct store_table *st,
    struct store_change *c, const struct cell *old, const struct cell *new,
    struct str subject, struct err *e);

/*
 * store_find(ev, st, sid, subject, cells, at, ret_row, ret_from, ret_to, e): 1
 * if there is a version of that key at ${at}.
 */
struct store_version {
	int64_t rowid;
	int64_t from, to;
};
int store_find(struct evidence *ev, struct store_table *st, int64_t sid,
    struct str subject, const struct cell *cells, int64_t at,
    struct store_version *ret, struct err *e);
/* Is the version's content ${cells}? */
int store_same(struct evidence *ev, struct store_table *st, int64_t rowid,
    const struct cell *cells, bool *ret, struct err *e);
int store_insert(struct evidence *ev, struct store_table *st,
    struct store_change *c, const struct cell *cells, struct str subject,
    struct err *e);
int store_retire(struct evidence *ev, struct store_table *st, int64_t rowid,
    struct store_change *c, struct err *e);
int store_close(struct evidence *ev, struct store_table *st, int64_t rowid,
    int64_t to, struct store_change *c, struct err *e);

/*
 * store_replace(ev, st, c, new, subject, e): whatever it was, from ${c->from}
 * on it is ${new} (NULL: nothing).
 */
int store_replace(struct evidence *ev, struct store_table *st,
    struct store_change *c, const struct cell *new, struct str subject,
    struct err *e);

#endif
