/* A certificate of destruction, for print. */
#ifndef REPORT_CERTIFICATE_DOC_H
#define REPORT_CERTIFICATE_DOC_H

#include "program/act.h"
#include "report/doc.h"

/*
 * certificate_doc(x, r, borne_out): the document of a record of the type
 * disposal. ${borne_out}: what comparing it with the ledger gave, a sentence.
 */
struct doc *certificate_doc(const struct act *x, const struct record *r,
    const char *borne_out);

#endif
