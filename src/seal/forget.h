/*
 * Forgetting a person, or bytes that were kept long enough: what is to be
 * erased is found and shown first, then erased with an entry for each key
 * (ledger/erase.h). A legal hold that covers any of it stops all of it.
 */
#ifndef SEAL_FORGET_H
#define SEAL_FORGET_H

#include "base/map.h"
#include "evidence/mention.h"
#include "ledger/erase.h"
#include "record/workspace.h"

/* A subject of evidence, or a record, that is the person's or may be. */
struct forget_subject {
	const struct schema_type *table;
	struct str source_id, source, subject;
	struct str why;
	bool take; /* erased; else it is shown and left */
	bool gone; /* erased before: there is no key any more */
};

struct forget {
	/* Given. */
	struct arena *a;
	struct workspace *ws;
	struct evidence *ev;
	const char *const *named; /* SOURCE/TABLE/SUBJECT to take as well */
	size_t nnamed;
	bool doubtful;            /* take all that are doubtful */

	/* Found. */
	struct mention_words words;
	struct str person, record; /* code, and id of the record; or empty */
	VEC(struct forget_subject) subjects;
	struct map at;      /* of subjects, by source, table and subject */
	struct map sources; /* ids of sources that are touched */
	VEC(struct erase_item) items;
	struct map have;    /* of items */
	size_t nsubject_keys, nmembers, nraw, nbodies; /* of the items */
	bool certify;      /* by rules of retention: a certificate tells of it */
	VEC(struct str) left;  /* a sentence for each place that stays */
	VEC(struct str) holds; /* a sentence for each hold in the way */
};

void forget_init(struct forget *f, struct arena *a, struct workspace *ws,
    struct evidence *ev);
void forget_free(struct forget *f);

/* forget_person(f, name, e): fill ${f}; nothing is written. ${name}: a code, an
 * address, a login or a name. ERR_NOTFOUND, ERR_CONFLICT. */
int forget_person(struct forget *f, struct str name, struct err *e);

/*
 * forget_raw(f, before, e): raw bytes of runs before an instant. A key covers
 * some weeks of a source: it goes when all of them are past. forget_due(f, now,
 * ret_rules, e): those that the retention rules let go; ret_rules = how many
 * rules there are.
 */
int forget_raw(struct forget *f, int64_t before, struct err *e);
int forget_due(struct forget *f, int64_t now, size_t *ret_rules,
    struct err *e);

/*
 * forget_commit(f, actor, decision, reason, e): entries, then keys, bodies and
 * tables. ERR_DENIED with the hold's sentence if one is in the way. Close the
 * evidence before; it is made again when it is next opened.
 */
int forget_commit(struct forget *f, struct str actor, struct str decision,
    struct str reason, struct err *e);

/* forget_enter(f, who, decision, reason, ret_certificate, e): the same without
 * beginning, ending and settling: the entries, and a certificate if ${f} is
 * certified (its code; else empty), in the open transaction. */
int forget_enter(struct forget *f, const struct record_actor *who,
    struct str decision, struct str reason, struct str *ret_certificate,
    struct err *e);

/*
 * forget_record(f, t, id, e), forget_row(...): what names a record's or a
 * subject's people, and every revision of the record, becomes items of ${f}.
 */
int forget_record(struct forget *f, const struct record *r, struct err *e);
int forget_row(struct forget *f, struct str source_id, struct str source,
    const struct schema_type *t, struct str subject, struct err *e);

/* Between the files of this part. */
int forget_add(struct forget *f, const struct erase_item *it, bool *ret_new,
    struct err *e);
void forget_leave(struct forget *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int forget_scan(struct forget *f, struct err *e);  /* forget_scan.c */
int forget_holds(struct forget *f, struct err *e); /* forget_hold.c */

#endif
