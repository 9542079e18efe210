/* The parts that soc2.c puts together; each adds one section to a document. */
#ifndef REPORT_SOC2_PARTS_H
#define REPORT_SOC2_PARTS_H

#include "base/val.h"
#include "report/soc2.h"

struct soc2_job {
	struct arena *a;
	struct doc *d;
	const struct soc2_view *v;
	const struct soc2_gaps *gaps;
	struct val *model; /* for the texts of content/report */
	const char *number_auditor, *number_assertion; /* "Section I" ... */
	struct err *e;
	int rc; /* first error; the parts do nothing after it */
};

/* soc2_parts_text(j, in, name, level): content/report/NAME.md, filled in. */
void soc2_parts_text(struct soc2_job *j, struct doc_block *in,
    const char *name, int level);
/* soc2_parts_markdown(j, in, name, text, level): text of a record. */
void soc2_parts_markdown(struct soc2_job *j, struct doc_block *in,
    const char *name, struct str text, int level);
/* A warning in place: what is missing here, and what to do. */
void soc2_parts_missing(struct soc2_job *j, struct doc_block *in,
    const char *text, const char *fix);
/* soc2_parts_label(j, b, prefix, code): unless it is taken: records may share
 * a code. */
void soc2_parts_label(struct soc2_job *j, struct doc_block *b,
    const char *prefix, struct str code);
/* "CC6.1, CC6.2" as links; a dash if there are none. */
void soc2_parts_codes(struct soc2_job *j, struct doc_block *para,
    const struct soc2_list *codes, const char *label_prefix);

void soc2_parts_gaps(struct soc2_job *j);
void soc2_parts_auditor(struct soc2_job *j);
void soc2_parts_assertion(struct soc2_job *j);
void soc2_parts_other(struct soc2_job *j);
void soc2_parts_provenance(struct soc2_job *j);
void soc2_description(struct soc2_job *j);
void soc2_controls(struct soc2_job *j);

#endif
