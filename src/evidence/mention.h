/*
 * Mentions: where evidence speaks of a person. Needed to erase one, and nothing
 * else: here every version counts, also what was taken back since.
 */
#ifndef EVIDENCE_MENTION_H
#define EVIDENCE_MENTION_H

#include "base/map.h"
#include "base/vec.h"
#include "evidence/evidence.h"

/*
 * Words that name somebody: names, addresses, logins. Capital letters count as
 * small ones. A word is found in a text where it stands by itself; one of less
 * than three bytes only where it is the whole text.
 */
struct mention_words {
	struct arena *a;
	VEC(struct str) at; /* small letters, each once */
};
void mention_add(struct mention_words *w, struct str word);
void mention_free(struct mention_words *w);
/* mention_in(w, text, ret_whole): some word is in it; ${ret_whole} (may be NULL):
 * it is the whole text. */
bool mention_in(const struct mention_words *w, struct str text,
    bool *ret_whole);

/* A subject, and why it is one. Strings live during the call. */
struct mention {
	const struct schema_type *table;
	struct str source_id; /* "-" of records */
	struct str source;    /* name */
	struct str subject;
	struct str text;      /* of the cell */
	const char *column;   /* that mentions it; NULL: the rules matched it */
	bool personal;        /* class of the column */
	bool whole;           /* the word is all of the cell */
	struct str state, rule; /* of the matching */
};
typedef int mention_fn(void *ctx, const struct mention *m, struct err *e);

/*
 * mention_each(ev, w, fn, ctx, e): each column of a subject in which a word
 * stands, in any version there ever was; of tables and record types.
 */
int mention_each(struct evidence *ev, const struct mention_words *w,
    mention_fn *fn, void *ctx, struct err *e);

/* mention_matched(ev, person, fn, ctx, e): each subject that the declared rules
 * or a decision give to this person, over all time. */
int mention_matched(struct evidence *ev, struct str person, mention_fn *fn,
    void *ctx, struct err *e);

/*
 * mention_person(ev, name, w, ret_person, ret_record, e): the person whom
 * ${name} names by code, address, login or name, over all time; what names the
 * person is added to ${w}. ERR_NOTFOUND; ERR_CONFLICT if it names several.
 */
int mention_person(struct evidence *ev, struct str name,
    struct mention_words *w, struct str *ret_person, struct str *ret_record,
    struct err *e);

/* mention_source(a, ev, name, ret_id, e): id of the source of this name. */
int mention_source(struct arena *a, struct evidence *ev, struct str name,
    struct str *ret_id, struct err *e);

/* mention_key(source_id, table, subject, out): append the name of the key under
 * which the subject's cells, or the record's revisions, are sealed. */
void mention_key(struct str source_id, const struct schema_type *table,
    struct str subject, struct buf *out);

#endif
