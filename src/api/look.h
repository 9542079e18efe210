/*
 * What whoever asks may see of what is computed as the programme itself: each
 * record that an answer tells of is asked for, by schema/access.h.
 */
#ifndef API_LOOK_H
#define API_LOOK_H

#include "api/route.h"

/* look_may(x, r, act, more, ret, ret_masked, e): may they do that with the
 * record as it is; ${more}: facts (enum access_fact) that hold besides. Fields
 * that are masked by bit; ${ret_masked} may be NULL. */
int look_may(struct context *x, const struct record *r, enum access_act act,
    unsigned more, bool *ret, uint64_t *ret_masked, struct err *e);

/* look_named(x, a, type, name, ret, e): the record by the eyes of whoever asks;
 * to know which is meant is no read that is noted. */
int look_named(struct context *x, struct arena *a, unsigned type,
    struct str name, struct record **ret, struct err *e);

/* look_find(x, c, type, name, act, ret, e): the record, as it is, if they may:
 * else ERR_NOTFOUND or ERR_DENIED. */
int look_find(struct context *x, struct call *c, unsigned type, struct str name,
    enum access_act act, struct record **ret, struct err *e);

/* look_all(x, type): the act LIST of every record of the type. */
bool look_all(struct context *x, unsigned type);

/* look_handle(x, c, type, id): as a value: the handle or the id, as it may be
 * seen; null for none. */
struct val *look_handle(struct context *x, struct call *c, unsigned type,
    struct str id);
/* look_masked(c): the value that stands for what is not seen. */
struct val *look_masked(struct call *c);

/* look_text(c, s), look_time(c, us): values; null for what is empty, or 0. */
struct val *look_text(struct call *c, struct str s);
struct val *look_time(struct call *c, int64_t us);

/*
 * look_self(x, c, field, strict, ret, e): the person that acts: the member
 * ${field} of the body, or the person of whoever asks. Somebody else only by
 * those who may run the programme; with ${strict} only by who is no person.
 */
int look_self(struct context *x, struct call *c, const char *field,
    bool strict, struct str *ret, struct err *e);

/* look_evidence(x, ret, e): the evidence up to the ledger's head, which the
 * writer brings it to. */
struct evidence;
int look_evidence(struct context *x, struct evidence **ret, struct err *e);

#endif
