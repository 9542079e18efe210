/*
 * The text of a policy from its template in content/policies: the facts of the
 * organisation filled in, and the controls and criteria as they are mapped.
 *
 * In a template a rule ends with the code of the control that carries it out,
 * in square brackets: [AC-03]. Those, and the mappings that are recorded from
 * controls to the policy, are the controls of the policy; a code whose control
 * is retired or not applicable is left out of the text.
 */
#ifndef PROGRAM_POLICYTEXT_H
#define PROGRAM_POLICYTEXT_H

#include "program/facts.h"

struct policytext {
	struct str text;       /* Markdown */
	struct str *controls;  /* ids of records, as the template names them */
	size_t ncontrols;
};

/* policytext_exists(code): there is a template for that policy. */
bool policytext_exists(struct str code);

/*
 * policytext_render(a, s, org, policy, facts, ret, e): ERR_NOTFOUND if there is
 * no template of its code; ERR_INPUT with file:line if the template is wrong.
 */
int policytext_render(struct arena *a, struct record_store *s, struct str org,
    const struct record *policy, const struct facts *facts,
    struct policytext *ret, struct err *e);

/* policytext_markers(a, text, ret): the codes in square brackets, each once, in
 * their order. */
size_t policytext_markers(struct arena *a, struct str text, struct str **ret);

#endif
