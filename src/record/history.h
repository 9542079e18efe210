/*
 * Revisions of records, as the ledger and its bodies hold them.
 */
#ifndef RECORD_HISTORY_H
#define RECORD_HISTORY_H

#include "record/record.h"

struct entry;
struct zone;

struct record_revision {
	struct record record; /* cells as they were; .entry is its index */
	int64_t time;         /* microseconds, of the entry */
	struct str actor;
	struct str action;    /* put, transition, retire */
	struct str import;    /* none, folder, restore: enum record_by */
	bool erased;          /* the body is gone: cells are absent */
	/*
	 * What the type's time field names (a date is the start of that day in the
	 * workspace's zone), else ${time}. A later revision that leaves the field
	 * as it was counts from when it was said: see evidence/revision.c.
	 */
	int64_t effective;
};

struct record_diff {
	const struct schema_field *field; /* NULL: an extra field */
	struct str name;
	struct str before, after; /* for people; empty: absent */
};

struct record_history {
	struct record_revision *at; /* oldest first */
	size_t n;
};

/* record_history(s, a, t, name, ret, e): all revisions of one record. */
int record_history(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, struct record_history *ret,
    struct err *e);

/* record_as_of(s, a, t, name, size, ret, e): as it was when the ledger had
 * ${size} entries. ERR_NOTFOUND if it was not there yet. */
int record_as_of(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, uint64_t size,
    struct record_revision *ret, struct err *e);

/* record_instant(r, field, z, ret): the instant that a field says, of a date the
 * start of its day; false if it says none. */
bool record_instant(const struct record *r, size_t field,
    const struct zone *z, int64_t *ret);

/* record_diff(s, a, old, new, ret): what differs; ${old} may be NULL. */
size_t record_diff(struct record_store *s, struct arena *a,
    const struct record *old, const struct record *new,
    struct record_diff **ret);

/*
 * record_each_revision(l, from, to, fn, ctx, e):
 * Every revision of every record in the entries from <= index < to, in order
 * (to = UINT64_MAX: to the head). Reads ledger and bodies only. What the
 * revision points to lives during the call. ${fn} returns 0 to go on, 1 to
 * stop, or a negative error that is returned. ERR_DAMAGED names the entry.
 */
typedef int record_revision_fn(void *ctx, const struct record_revision *r,
    struct err *e);
int record_each_revision(struct ledger *l, uint64_t from, uint64_t to,
    record_revision_fn *fn, void *ctx, struct err *e);

/*
 * record_revision_at(l, a, z, index, x, ret, e): the one that entry ${x} at
 * ${index} is of: 1, or 0 if it is of none. ${z}: record_zone(). What it points to
 * lies in ${a}.
 */
int record_revision_at(struct ledger *l, struct arena *a, const struct zone *z,
    uint64_t index, const struct entry *x, struct record_revision *ret,
    struct err *e);

/*
 * record_zone(a, l, ret, e): the zone in which dates of the workspace are
 * meant, as its first entry says.
 */
int record_zone(struct arena *a, struct ledger *l, const struct zone **ret,
    struct err *e);

/*
 * record_replay(s, e): put every revision of s->ledger into the tables of
 * s->db, which are empty; in the caller's transaction of s->db, which need not
 * be the database of the ledger.
 */
int record_replay(struct record_store *s, struct err *e);

/*
 * record_rebuild(s, e): empty the record tables and fill them from ledger and
 * bodies, in one transaction. record_adopt(s, writable, e): the same, with
 * tables made anew, if they are of other declarations than the program's; a
 * reader gets ERR_BUSY with the remedy. record_digest(s, out, e): SHA-256 of a canonical
 * dump of the record tables: the same before and after.
 */
int record_rebuild(struct record_store *s, struct err *e);
int record_adopt(struct record_store *s, bool writable, struct err *e);
int record_digest(struct record_store *s, uint8_t out[32], struct err *e);

#endif
