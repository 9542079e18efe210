/*
 * Who looks at records, and the note that is taken of it.
 *
 * Set store->reader, and everything of record.h, history.h and exchange.h that
 * reads shows what this one may see (schema/access.h decides), masked where it
 * may not. Reads of personal and restricted fields in the clear are recorded
 * before they are handed out: see reads.h.
 */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "base/map.h"
#include "record/record.h"

struct record_reader {
	struct record_actor who;
	struct access_who as;
	const char *dir;     /* workspace whose queue takes the reads; NULL: the
	                        caller records them, or there are none */
	bool noted;          /* something was: see reads_settle() */
	struct arena arena;
	struct map *kinds;   /* id of criterion or control -> categories */
};

/*
 * record_reader_init(r, dir, who): what ${who} and ${dir} point to must outlive
 * it. record_reader_free() releases what was looked up.
 */
void record_reader_init(struct record_reader *r, const char *dir,
    const struct record_actor *who);
void record_reader_free(struct record_reader *r);

/*
 * record_facts(s, a, who, t, cells, id, ret, e): what is so of a record for
 * ${who}, as access_decide() asks for it. ${id} may be empty: a new record.
 */
int record_facts(struct record_store *s, struct record_reader *r,
    const struct schema_type *t, const struct cell *cells, struct str id,
    struct access_facts *ret, struct err *e);

/* record_as(who): the part of an actor that access_decide() asks for. */
struct access_who record_as(const struct record_actor *who);

#endif
