/*
 * Procedure files: a comment header that says what the test means, and two
 * SELECTs. doc/procedures.md is the author's guide; the form is:
 *
 *	-- id: leaver-access
 *	-- title: Leavers lose access within one business day
 *	-- control: AC-03
 *	-- kind: state
 *	-- mode: both
 *	-- passes: ...
 *	-- param grace_hours int 24: Hours between the end of work and ...
 *	-- population
 *	SELECT subject, label, from_us, to_us ...
 *	-- verdicts
 *	SELECT subject, status, reason, from_us, to_us, evidence ...
 */
#ifndef ASSESS_PROCEDURE_H
#define ASSESS_PROCEDURE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

enum procedure_kind {
	PROCEDURE_STATE, /* how long was each member in which state? */
	PROCEDURE_EVENT  /* items that fell into the period */
};

enum procedure_mode {
	PROCEDURE_INSTANT = 1, /* only meaningful at an instant */
	PROCEDURE_PERIOD = 2,  /* only meaningful over a period */
	PROCEDURE_BOTH = 3
};

/* Kinds of parameter. Dates and durations are written as int or text. */
enum procedure_param_kind { PROCEDURE_INT, PROCEDURE_TEXT };

struct procedure_param {
	struct str name;
	enum procedure_param_kind kind;
	int64_t i;        /* the value in force */
	struct str s;
	bool overridden;  /* not the file's default */
	struct str note;  /* a sentence */
	int line;
};

struct procedure {
	struct str id;
	struct str title;
	struct str *controls;
	size_t ncontrols;
	enum procedure_kind kind;
	enum procedure_mode mode;
	int64_t window_days;    /* mode period, asked for an instant: how far back */
	struct str tests;       /* what is tested, on what population */
	struct str passes;
	struct str fails;
	struct str matters;     /* why it matters */
	struct str remediation;
	struct procedure_param *params;
	size_t nparams;
	struct str population;  /* SQL */
	int population_line;    /* line of its first byte in the file */
	struct str verdicts;    /* SQL */
	int verdicts_line;
	const char *path;       /* as printed in errors */
	struct str text;        /* the whole file */
	bool own;               /* the organisation's, not the program's */
	/* An own file that cannot be understood, and why; it has an id, of its
	 * name, and of the rest at most the controls that it names. */
	const struct err *wrong;
	unsigned char sha256[32]; /* of the file's bytes */
	unsigned char params_sha256[32];
};

struct procedure_set {
	const struct procedure *at; /* sorted by id */
	size_t n;
};

/*
 * procedure_parse(a, path, text, ret, e): one file. ${text} must be UTF-8
 * without control characters but newline and tab. ERR_INPUT with path:line.
 */
int procedure_parse(struct arena *a, const char *path, struct str text,
    struct procedure *ret, struct err *e);

/*
 * procedure_load(a, dir, ret, e): the program's procedures and those of the
 * folder ${dir} (NULL or absent: none), with the parameters of the file
 * "parameters" there. An own procedure may not take an id of the program's. A
 * file of the folder that is wrong does not stop the others: see wrong.
 */
int procedure_load(struct arena *a, const char *dir,
    struct procedure_set *ret, struct err *e);

/* procedure_params(p, out): the parameters in force, a line for each by name:
 * name, kind and value between tabs. params_sha256 is of these bytes. */
void procedure_params(const struct procedure *p, struct buf *out);

/* procedure_apply(a, p, text, e): the reverse: give the parameters of ${p} the
 * values of such lines, which must name them all. ERR_INPUT. */
int procedure_apply(struct arena *a, struct procedure *p, struct str text,
    struct err *e);

/* procedure_find(set, id): NULL if there is none. */
const struct procedure *procedure_find(const struct procedure_set *set,
    struct str id);

#endif
