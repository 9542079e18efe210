/* Courses and the answers to them: whatever is read adds up. The text before a
 * line "%%" is a course, the rest are answers. */
#include "program/course.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str text = { (const char *)data, size }, rest = STR("");
	ptrdiff_t at = str_find(text, "\n%%\n");
	struct course c;
	struct err e;
	unsigned *got;

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
