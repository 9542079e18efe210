/*
 * The SOC 2 report, Type 1: sections I to V, composed from a view of the
 * workspace (soc2_view.h). What is missing is said where it is missing, and
 * once more on a list at the front; while anything is, each page carries
 * DRAFT. The auditor's section is the auditor's: a form, never an opinion. No
 * test result appears (the type does not have them).
 */
#ifndef REPORT_SOC2_H
#define REPORT_SOC2_H

#include "report/doc.h"
#include "report/soc2_view.h"

/* One thing that is missing before the report can be issued. */
struct soc2_gap {
	struct str label; /* of the place in the report */
	struct str place; /* its name for people */
	struct str text;  /* a sentence */
	struct str fix;   /* what to do */
	struct soc2_list codes; /* controls or policies that it is about */
	const char *prefix;     /* of their labels */
};

struct soc2_gaps {
	struct soc2_gap *at;
	size_t n;
};

struct soc2_options {
	bool assertion_first; /* management's assertion as Section I */
};

/* soc2_gaps_find(a, v, ret): all of them, in the order of the report. */
void soc2_gaps_find(struct arena *a, const struct soc2_view *v,
    struct soc2_gaps *ret);

/* soc2_type1(a, v, opts, ret, ret_gaps, e): the document, in ${a}. */
int soc2_type1(struct arena *a, const struct soc2_view *v,
    const struct soc2_options *opts, struct doc **ret, struct soc2_gaps *gaps,
    struct err *e);

#endif
