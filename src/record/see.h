/* What a reader sees of records of one type, under one act. Only this folder
 * includes it. */
#ifndef RECORD_SEE_H
#define RECORD_SEE_H

#include "record/reader.h"

struct see {
	struct record_store *store;
	const struct schema_type *type;
	enum access_act act;
	bool all;        /* there is no reader: everything is seen */
	bool fixed;      /* the same for every record: ${masked} */
	uint64_t masked;
	uint64_t guarded;
	size_t shown;    /* records of which guarded fields were handed out */
	struct str one;  /* id of the last of them */
};

/* see_begin(s, t, act, ret, e): ERR_DENIED in words if no record could be. */
int see_begin(struct record_store *s, const struct schema_type *t,
    enum access_act act, struct see *ret, struct err *e);
/* see_record(x, r, of, ret, e): may it be seen? Masks its cells. ${of}: the
 * record as it is now, whose names count (NULL: ${r}); of revisions. */
int see_record(struct see *x, struct record *r, const struct record *of,
    bool *ret, struct err *e);
/* see_shown(x, r): it is handed out, as see_record() left it. */
void see_shown(struct see *x, const struct record *r);
/* see_end(x, e): records what was seen; before it is handed out. */
int see_end(struct see *x, struct err *e);

/*
 * record_locate(x, a, name, ret_seen, ret_raw, e): what record_find() does, as
 * it is seen and as it is, without a record of the read (find.c).
 */
int record_locate(struct see *x, struct arena *a, struct str name,
    struct record *ret_seen, struct record *ret_raw, struct err *e);

/* see_field(s, t, field, what, e): ERR_DENIED if the reader sees that field of
 * no record. ${what}: "filter", "sort". */
int see_field(struct record_store *s, const struct schema_type *t, int field,
    const char *what, struct err *e);
/* see_ordered(x): is the order of the handles nothing that is masked? */
bool see_ordered(const struct see *x);
/* see_sort(x, field, e): ERR_DENIED if it is masked in some of the records:
 * the order would tell. see_classes(x, classes): those of the bits 1 << CLASS_x
 * whose fields are seen in every record. */
int see_sort(const struct see *x, int field, struct err *e);
unsigned see_classes(const struct see *x, unsigned classes);
/* see_stream(x, e): see_end() at the first of them, before their number is
 * known. */
int see_stream(struct see *x, struct err *e);
/* see_handle(s, r): may the handle of a record stand for it in print? */
bool see_handle(struct record_store *s, const struct record *r);

#endif
