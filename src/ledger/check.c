#include "ledger/check.h"

#include "base/arena.h"
#include "ledger/check_private.h"
#include "ledger/checkpoint.h"
#include "ledger/subject.h"
#include "sys/db.h"

void
check_tell_err(struct check *c, const struct err *x)
{
	c->n.problems++;
	if (c->fn != NULL)
		c->fn(c->ctx, x);
}

void
check_tell(struct check *c, const char *where, const char *fix,
    const char *fmt, ...)
{
	char what[512];
	struct err x;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(&x, ERR_DAMAGED, where, fix, "%s", what);
	check_tell_err(c, &x);
}

int
check_found(struct check *c, int r, const struct err *x, struct err *e)
{
	if (r == -ERR_DAMAGED || r == -ERR_NOTFOUND || r == -ERR_IO ||
	    r == -ERR_INPUT || r == -ERR_LIMIT || r == -ERR_NEWER) {
		check_tell_err(c, x);
		return (0);
	}
	if (e != NULL)
		*e = *x;
	return (r);
}

bool
check_key_known(const struct note_key *k, const struct note_key *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (note_key_same(k, &of[i]))
			return (true);
	return (false);
}

static void
tell_subject(void *ctx, const struct err *x)
{
	check_tell_err(ctx, x);
}

static int
check_all(struct check *c, struct err *e)
{
	struct checkpoint cp;
	struct err x;
	int r = ledger_vkeys(c->files, c->vkeys, LEDGER_VKEYS, &c->nvkeys, &x);

	if (r == 0 && (c->flags & CHECK_LOG) == 0 && c->keys != NULL &&
	    !check_key_known(&c->keys->note, c->vkeys, c->nvkeys))
		r = err_set(&x, ERR_DAMAGED, c->files, FIX,
		    "the verifier key is not that of the signing key");
	if (r == 0)
		r = ledger_checkpoint(c->files, c->vkeys, c->nvkeys, &cp, &x);
	if (r == 0)
		r = check_tree(c, &cp, e);
	else
		r = check_found(c, r, &x, e);
	if (r == 0 && c->size != 0)
		r = check_notes(c, e);
	if (r == 0 && (c->flags & CHECK_LOG) == 0)
		r = check_body_all(c, e);
	if (r == 0 && (c->flags & CHECK_LOG) == 0 && c->keys != NULL &&
	    (r = subject_verify(c->keys, tell_subject, c, &x)) != 0)
		r = check_found(c, r, &x, e);
	return (r);
}

int
ledger_check(const char *dir, struct db *db, struct keys *keys, unsigned flags,
    check_fn *fn, void *ctx, struct check_counts *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct check c = { .db = db, .keys = keys, .flags = flags, .fn = fn,
		.ctx = ctx };
	int r;

	/* Every row is read, and every body looked up by its hash. */
	if ((r = db_exec(db, "PRAGMA cache_size = -65536", e)) != 0)
		return (r);
	c.files = arena_printf(&a, "%s/ledger", dir);
	c.bodies = arena_printf(&a, "%s/bodies", dir);
	r = check_all(&c, e);
	buf_free(&c.bundle);
	buf_free(&c.tile);
	for (int i = 0; i < TILE_LEVELS; i++)
		buf_free(&c.row[i]);
	for (int i = 0; i < 1 + TILE_LEVELS; i++)
		buf_free(&c.next[i]);
	vec_free(&c.beyond);
	arena_free(&c.arena);
	if (r == 0 && ret != NULL)
		*ret = c.n;
	return (r);
}
