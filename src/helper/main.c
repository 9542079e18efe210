/*
 * tickmark-helper QUESTION: see helper.h. Meant to be run by root, or through
 * one line of sudoers; doc/collectors.md has it.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/helper.h"

static int
usage(void)
{
	(void)fprintf(stderr, "usage: tickmark-helper QUESTION\n"
	    "Prints what only root may read. The questions:\n");
#define X(name, word, what) (void)fprintf(stderr, "  %-10s %s\n", word, what);
	HELPER_QUESTIONS(X)
#undef X
	return (HELPER_EXIT_USAGE);
}

static bool
write_all(const struct buf *b)
{
	const char *at = b->ptr;

	for (size_t left = b->len; left > 0;) {
		ssize_t n = write(1, at, left);
		if (n <= 0)
			return (false);
		at += n;
		left -= (size_t)n;
	}
	return (true);
}

int
main(int argc, char **argv)
{
	BUF_SCOPED out = BUF_INIT;
	struct err e = { 0 };
	int rc;

	/* Whoever calls us chooses neither our programs nor our language. */
	(void)clearenv();
	(void)umask(077);
	if (argc != 2 || chdir("/") != 0)
		return (usage());
	enum helper_question q = helper_find(str_from(argv[1]));
	if (q == HELPER_QUESTION_MAX)
		return (usage());
	rc = helper_answer(q, &out, &e);
	if (rc == 0 && out.len > HELPER_MAX)
		rc = err_set(&e, ERR_LIMIT, NULL, NULL, "the answer is too "
		    "long");
	if (rc == 0 && write_all(&out))
		return (0);
	(void)fprintf(stderr, "%s\n", e.what);
	return (rc == -ERR_NOTFOUND ? HELPER_EXIT_LACKS : HELPER_EXIT_CANNOT);
}
