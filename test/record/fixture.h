/* A workspace in a temporary directory, for the tests of this floor. */
#ifndef TEST_RECORD_FIXTURE_H
#define TEST_RECORD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "record/exchange.h"
#include "record/history.h"
#include "record/workspace.h"
#include "sys/db.h"
#include "sys/file.h"

struct fixture {
	char dir[64];
	struct workspace *ws;
	struct arena a;
	struct err e;
};

#define NOERR(f, call)                                                         \
	do {                                                                   \
		int r_ = (call);                                               \
		if (r_ != 0)                                                   \
			print_error("%s: %s: %s\n", (f)->e.what,               \
			    (f)->e.where, (f)->e.fix);                         \
		assert_int_equal(r_, 0);                                       \
	} while (0)

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct workspace_spec spec = { .org = "Example Ltd", .demo = true,
		.zone = "Europe/Berlin" };

	snprintf(f->dir, sizeof(f->dir), "/tmp/tm_record_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	NOERR(f, workspace_create(f->dir, &spec, &f->ws, &f->e));
	*state = f;
	return (0);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	workspace_close(f->ws);
	file_remove_tree(f->dir, NULL);
	arena_free(&f->a);
	free(f);
	return (0);
}

/* Import YAML text; the result in ${res}. */
static inline int
import_yaml(struct fixture *f, const char *type, const char *text,
    struct record_result *res)
{
	return (record_import(&f->ws->records, &f->a, &f->ws->actor,
	    type != NULL ? schema_find_name(type) : NULL, "in.yaml",
	    str_from(text), RECORD_YAML, NULL, res, &f->e));
}

static inline struct record *
find(struct fixture *f, unsigned type, const char *name)
{
	struct record *r = NULL;

	NOERR(f, record_find(&f->ws->records, &f->a, schema_get(type),
	    str_from(name), &r, &f->e));
	return (r);
}

#endif
