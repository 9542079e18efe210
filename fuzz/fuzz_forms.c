/*
 * Files that people fill in. The text before a line "%%" is a course, the rest
 * are answers to it: whatever is read adds up. A text that begins with "gap" and
 * the end of a line are answers of the gap analysis: what is accepted is accepted
 * again, the same.
 */
#include "program/course.h"
#include "program/gap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct course *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nmodules; i++) {
		if (c->modules[i].first != n)
			BUG("module %zu does not follow", i);
		n += c->modules[i].n;
	}
	if (n != c->nquestions)
		BUG("%zu of %zu questions", n, c->nquestions);
	for (size_t i = 0; i < n; i++)
		if (c->questions[i].answer == 0 ||
		    c->questions[i].answer >> c->questions[i].noptions != 0)
			BUG("question %zu has no right answer", i);
}

static void
gap(struct arena *a, struct str text)
{
	struct gap_book b = { 0 };
	struct str *got, again;
	struct err e;

	if (questionnaire_read(a, &b.questions, &e) != 0 ||
	    facts_read(a, NULL, &b.facts, &e) != 0)
		BUG("%s: %s", e.where, e.what);
	if (gap_answers_parse(a, &b, "g", text, &got, &e) != 0)
		return;
	for (size_t i = 0; i < b.questions.n; i++)
		if (got[i].len != 0 && (questionnaire_check(a, &b.questions.at[i],
		    &b.facts, got[i], &again, &e) != 0 || !str_eq(again, got[i])))
			BUG("%.*s is not " STR_FMT, (int)got[i].len, got[i].ptr,
			    STR_ARG(again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str text = { (const char *)data, size }, rest = STR("");
	ptrdiff_t at = str_find(text, "\n%%\n");
	struct course c;
	struct err e;
	unsigned *got;

	if (str_starts(text, "gap\n")) {
		gap(&a, (struct str){ text.ptr + 4, text.len - 4 });
		return (0);
	}
	if (at >= 0) {
		rest = (struct str){ text.ptr + at + 4, text.len - (size_t)at - 4 };
		text.len = (size_t)at + 1;
	}
	if (course_parse(&a, "c", text, &c, &e) != 0)
		return (0);
	check(&c);
	if (course_answers(&a, &c, "a", rest, &got, &e) == 0) {
		int64_t score = course_score(&c, got);
		if (score < 0 || score > 100)
			BUG("%lld percent", (long long)score);
	}
	return (0);
}
