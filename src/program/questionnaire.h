/*
 * The questions of the gap analysis: content/questionnaires/gap.yaml, read once,
 * and the answers to them, checked. doc/gap.md describes the file.
 */
#ifndef PROGRAM_QUESTIONNAIRE_H
#define PROGRAM_QUESTIONNAIRE_H

#include "program/facts.h"

enum question_kind {
	QUESTION_YESNO,
	QUESTION_CHOICE, /* one of the options */
	QUESTION_MANY,   /* any of them: "sso, mfa"; "none" */
	QUESTION_TEXT,
	QUESTION_INT,
	QUESTION_DATE,
	QUESTION_NKIND
};

struct question_option {
	struct str key, text;
};

/* What follows from one answer. */
struct question_effect {
	struct str answer;    /* yes, no, or the key of an option */
	struct str category;  /* of the trust services; or empty */
	struct str reason;    /* why the controls are not applicable */
	const struct val *drop;  /* list of codes of controls; or NULL */
	const struct val *adopt; /* list of codes of controls; or NULL */
	const struct val *policies; /* list of codes that are needed; or NULL */
	const struct val *facts; /* map of facts to values; or NULL */
};

struct question {
	struct str name, ask, why, preset;
	enum question_kind kind;
	bool optional;
	bool names_system;       /* the answer is the name of the system */
	struct str fact;         /* the answer is its value; or empty */
	struct str when, equals; /* asked only if that answer is this */
	int64_t min, max;
	struct question_option *options;
	size_t noptions;
	struct question_effect *effects;
	size_t neffects;
};

struct questionnaire {
	struct question *at;
	size_t n;
};

/* questionnaire_read(a, ret, e): a flaw of the file is ERR_BUG with its line. */
int questionnaire_read(struct arena *a, struct questionnaire *ret,
    struct err *e);
/* questionnaire_parse(a, name, text, ret, e): from another text, for tests. */
int questionnaire_parse(struct arena *a, const char *name, struct str text,
    struct questionnaire *ret, struct err *e);
const struct question *questionnaire_find(const struct questionnaire *q,
    struct str name);

/*
 * questionnaire_check(a, q, facts, text, ret, e): an answer as it is kept. The
 * keys of several are sorted by the order of the options; "none" is none of
 * them. ERR_INPUT with what may be written.
 */
int questionnaire_check(struct arena *a, const struct question *q,
    const struct facts *facts, struct str text, struct str *ret,
    struct err *e);
/* questionnaire_says(q, answer, key): the answer is, or contains, the key. */
bool questionnaire_says(const struct question *q, struct str answer,
    struct str key);

#endif
