/* The pack of a meeting: what its members are given to read beforehand. */
#ifndef REPORT_PACK_DOC_H
#define REPORT_PACK_DOC_H

#include "assess/assess.h"
#include "program/act.h"
#include "report/doc.h"
#include "text/zone.h"

/*
 * pack_doc(x, as, zone, meeting, now, ret, e): the document of a record of the
 * type meeting, as of the instant ${now}: its agenda, decisions that are open,
 * how the criteria stand now and stood at the last meeting of the same body,
 * controls that were late or missed since, open findings and recommendations,
 * risks, incidents, vendors. Without an earlier meeting: since a year ago.
 */
int pack_doc(const struct act *x, struct assess *as, const struct zone *zone,
    const struct record *meeting, int64_t now, struct doc **ret,
    struct err *e);

#endif
