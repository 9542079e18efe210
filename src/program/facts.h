/*
 * Facts about the organisation that its policies are written with.
 * content/policies/facts.yaml declares them, each with a default and a question;
 * a record of the type "fact" holds what the organisation says instead.
 */
#ifndef PROGRAM_FACTS_H
#define PROGRAM_FACTS_H

#include "record/record.h"

enum fact_kind {
	FACT_TEXT,  /* one line */
	FACT_INT,   /* a number of a unit: "14 days" */
	FACT_EVERY, /* a rhythm: "every 3 months", "every year" */
	FACT_BOOL   /* yes or no */
};

struct fact {
	struct str name, group, question, note, unit, preset;
	enum fact_kind kind;
	int64_t min, max;
	struct str value;  /* as it counts: recorded, else the default */
	struct str words;  /* the value as it stands in a sentence */
	const struct val *roles; /* of the control library that it names; or NULL */
	bool recorded;
	bool by_gap;       /* recorded by an answer of the gap analysis */
};

struct facts {
	struct fact *at; /* in the order of the file */
	size_t n;
};

/*
 * facts_read(a, s, ret, e): all of them, with what is recorded in ${s} (NULL:
 * the defaults). ERR_INPUT names a recorded one that its declaration refuses.
 */
int facts_read(struct arena *a, struct record_store *s, struct facts *ret,
    struct err *e);
/* facts_find(f, name, e): ERR_NOTFOUND with the nearest one. */
int facts_find(const struct facts *f, struct str name,
    const struct fact **ret, struct err *e);

/* facts_role(f, role): how the texts call whoever has a role of the control
 * library; "whoever answers for ROLE" if no fact names it. */
struct str facts_role(struct arena *a, const struct facts *f, struct str role);

/* facts_check(a, f, value, ret, e): the value as it is kept, or ERR_INPUT. */
int facts_check(struct arena *a, const struct fact *f, struct str value,
    struct str *ret, struct err *e);

/*
 * facts_change(a, f, value, by_gap, ret, e): the change of a record that sets
 * the fact, for record_apply(); checked.
 */
int facts_change(struct arena *a, const struct fact *f, struct str value,
    bool by_gap, struct record_change *ret, struct err *e);

/*
 * facts_model(a, f, map): into the model of a template: each under its name,
 * and with a capital first letter for the beginning of a sentence.
 */
void facts_model(struct arena *a, const struct facts *f, struct val *map);
/* facts_model_text(a, map, name, text): a text of the same two forms, made so
 * that Markdown takes it for text. */
void facts_model_text(struct arena *a, struct val *map, const char *name,
    struct str text);

#endif
