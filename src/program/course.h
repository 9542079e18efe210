/*
 * Courses: modules of Markdown with questions. doc/training.md describes the
 * file. Those that the program brings lie in content/training, those of the
 * workspace in DIR/training; one of the workspace goes before.
 */
#ifndef PROGRAM_COURSE_H
#define PROGRAM_COURSE_H

#include "base/arena.h"
#include "base/err.h"

#define COURSE_MAX_BYTES ((size_t)1 << 20)
#define COURSE_MAX_MODULES 50
#define COURSE_MAX_QUESTIONS 200
#define COURSE_MAX_OPTIONS 8

struct course_question {
	struct str ask, why;
	struct str option[COURSE_MAX_OPTIONS]; /* a, b, c ... */
	size_t noptions;
	unsigned answer; /* bit 0: a is right, bit 1: b ... */
	int module;      /* from 1 */
	int number;      /* from 1, within its module */
};

struct course_module {
	struct str title, text; /* Markdown */
	size_t first, n;        /* of its questions */
};

struct course {
	struct str code, title, version, about;
	int64_t minutes, pass; /* pass: percent; 0 leaves it to the fact */
	struct course_module *modules;
	size_t nmodules;
	struct course_question *questions;
	size_t nquestions;
};

/* course_parse(a, name, text, ret, e): strict; ERR_INPUT with file:line. */
int course_parse(struct arena *a, const char *name, struct str text,
    struct course *ret, struct err *e);
/* course_all(a, dir, ret, ret_n, e): all there are, by code. ${dir}: of the
 * workspace, or NULL. */
int course_all(struct arena *a, const char *dir, struct course **ret,
    size_t *ret_n, struct err *e);
/* course_find(a, dir, code, ret, e): ERR_NOTFOUND with what there is. */
int course_find(struct arena *a, const char *dir, struct str code,
    struct course *ret, struct err *e);

/*
 * course_letters(q, text, ret, e): "b", "a, c" or "ac" as bits; ERR_INPUT if one
 * is not an option. Empty is no answer.
 */
int course_letters(const struct course_question *q, struct str text,
    unsigned *ret, struct err *e);
/* course_answers(a, c, name, text, ret, e): a file of answers, "1.2: b" a line;
 * ${ret} has c->nquestions of them. What is not answered is 0. */
int course_answers(struct arena *a, const struct course *c, const char *name,
    struct str text, unsigned **ret, struct err *e);
/* course_score(c, answers): percent of the questions that are right, rounded
 * down. */
int64_t course_score(const struct course *c, const unsigned *answers);

#endif
