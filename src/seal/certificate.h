/*
 * Certificates of destruction (record type disposal): what was erased or taken
 * out of use, how much, when, under which decision, and which entries of the
 * ledger say so. A certificate names nobody and holds nothing of what is gone.
 */
#ifndef SEAL_CERTIFICATE_H
#define SEAL_CERTIFICATE_H

#include "record/workspace.h"

struct certificate {
	struct str rule;     /* id of the rule of retention; or empty */
	struct str approver; /* id of a person; or empty */
	struct str decision; /* token that the entries name; empty: the rule's code */
	const char *what;
	const char *method;  /* of the type's field */
	uint64_t count, held;
	uint64_t first, entries; /* of the ledger */
};

/*
 * certificate_put(ws, a, who, c, ret_code, e): in the open transaction, after
 * the entries that it speaks of. Its code is DC-DECISION-FIRST; ret_code is in
 * ${a}.
 */
int certificate_put(struct workspace *ws, struct arena *a,
    const struct record_actor *who, const struct certificate *c,
    struct str *ret_code, struct err *e);

/*
 * certificate_check(ws, r, ret, e): does the ledger bear out what the
 * certificate ${r} says? ${ret}: ERR_OK, or in what it does not. Certificates
 * that people wrote name no entries: ERR_NOTFOUND in ${ret}.
 */
int certificate_check(struct workspace *ws, const struct record *r,
    struct err *ret, struct err *e);

#endif
