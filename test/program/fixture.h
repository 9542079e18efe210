/* A demo workspace whose clock is moved, for the tests of this floor. */
#ifndef TEST_PROGRAM_FIXTURE_H
#define TEST_PROGRAM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "record/exchange.h"
#include "record/workspace.h"
#include "sys/file.h"
#include "text/date.h"
#include "text/timefmt.h"

struct fixture {
	char dir[64];
	struct workspace *ws;
	struct arena a;
	struct err e;
};

#define OK(f, call)                                                            \
	do {                                                                   \
		int r_ = (call);                                               \
		if (r_ != 0)                                                   \
			print_error("%s: %s: %s: %s\n", #call, (f)->e.what,    \
			    (f)->e.where, (f)->e.fix);                         \
		assert_int_equal(r_, 0);                                       \
	} while (0)

static inline int64_t
instant(const char *s)
{
	int64_t us = 0;

	assert_int_equal(time_parse(str_from(s), &us, NULL), 0);
	return (us);
}

static inline int64_t
day(const char *s)
{
	int64_t d = 0;

	assert_int_equal(date_parse(str_from(s), &d, NULL), 0);
	return (d);
}

/* Put records as YAML at an instant of the moved clock. */
static inline int
put_at(struct fixture *f, const char *at, const char *type, const char *yaml)
{
	struct record_result res;

	if (at != NULL)
		clock_replace(instant(at));
	return (record_import(&f->ws->records, &f->a, &f->ws->actor,
	    schema_find_name(type), "in.yaml", str_from(yaml), RECORD_YAML, NULL,
	    &res, &f->e));
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct workspace_spec spec = { .org = "Example Ltd", .demo = true,
		.zone = "Europe/Berlin" };

	clock_replace(instant("2025-12-01T08:00:00Z"));
	snprintf(f->dir, sizeof(f->dir), "/tmp/tm_program_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	OK(f, workspace_create(f->dir, &spec, &f->ws, &f->e));
	*state = f;
	return (0);
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	workspace_close(f->ws);
	file_remove_tree(f->dir, NULL);
	arena_free(&f->a);
	clock_replace(0);
	free(f);
	return (0);
}

static inline struct record *
find(struct fixture *f, unsigned type, const char *name)
{
	struct record *r = NULL;

	OK(f, record_find(&f->ws->records, &f->a, schema_get(type),
	    str_from(name), &r, &f->e));
	return (r);
}

#endif
