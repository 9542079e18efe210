#include "api/handle.h"

#include "api/auth.h"
#include "api/openapi.h"
#include "api/rate.h"
#include "api/route.h"
#include "base/clock.h"
#include "record/migrate.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "sys/db.h"

/* What a client without a token may do: enough for the public routes, and not
 * enough to guess at tokens. */
#define PEER_RATE 5
#define PEER_BURST 60

struct limits {
	struct rate *tokens, *peers;
};

void
handle_prepare(void)
{
	/* What is computed once and kept, by whoever comes first. */
	migrate_declared();
	schema_digest();
	openapi_prepare();
}

struct limits *
handle_limits(const struct api_conf *conf)
{
	struct limits *l = calloc(1, sizeof(*l));

	if (l == NULL)
		err_oom(sizeof(*l));
	l->tokens = rate_new(conf->rate, conf->burst);
	l->peers = rate_new(PEER_RATE, PEER_BURST);
	return (l);
}

void
handle_limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	rate_free(l->tokens);
	rate_free(l->peers);
	free(l);
}

static int
too_many(struct call *c, int64_t wait)
{
	char text[24];
	struct err e;

	snprintf(text, sizeof(text), "%lld", (long long)(wait < 1 ? 1 : wait));
	call_problem(c, 429, "there were too many requests in a short time",
	    "wait as long as Retry-After says");
	call_fail(c, &e);
	call_header(c, "Retry-After", text);
	return (0);
}

/*
 * The token, and how often it asks. Who shows none that counts is counted by
 * address; who does is not, so that a guesser behind the same proxy shuts nobody
 * out. 1: answered.
 */
static int
admit(struct workspace *ws, struct limits *l, struct call *c, struct err *e)
{
	struct str peer = str_from(c->peer);
	int64_t now = clock_mono(), wait;
	bool open = c->route != NULL && c->route->access == ROUTE_PUBLIC;
	int r = open ? 0 : auth_who(ws, c, e);

	if ((open || (r != 0 && c->problem != NULL)) &&
	    !rate_take(l->peers, peer, 1, now, &wait))
		return (too_many(c, wait) + 1);
	if (!open && r == 0 && !rate_take(l->tokens, c->who.id, 1, now, &wait))
		return (too_many(c, wait) + 1);
	return (r);
}

/* What the route does here, with the workspace as it is at one instant. */
static int
run_read(struct context *x, struct call *c, struct err *e)
{
	struct record_reader reader;
	struct record_store store = x->ws->records;
	int r = 0;

	record_reader_init(&reader, x->ws->dir, &c->who);
	store.reader = c->known ? &reader : NULL;
	x->store = &store;
	if (c->route->read != NULL)
		r = db_begin_read(x->ws->db, e);
	if (r == 0 && c->route->read != NULL) {
		r = c->route->read(x, c, e);
		db_rollback(x->ws->db);
	}
	record_reader_free(&reader);
	return (r);
}

int
handle_read(struct crew *g, struct limits *l, struct workspace *ws,
    struct call *c, bool *ret_write, struct err *e)
{
	struct context x = { .crew = g, .ws = ws };
	int found = route_find(c, e);
	int r = admit(ws, l, c, e);

	/* Which paths there are is not told to whoever has no token. */
	if (r == 0)
		r = found;
	if (r == 0)
		r = route_check(c, e);
	if (r == 0)
		r = auth_may(c, e);
	if (r == 0)
		r = run_read(&x, c, e);
	if (r == 0)
		*ret_write = c->route->write != NULL;
	return (r < 0 ? r : 0);
}

int
handle_write(struct crew *g, struct workspace *ws, struct call *c,
    struct err *e)
{
	struct context x = { .crew = g, .ws = ws };
	struct record_reader reader;
	struct record_store store = ws->records;

	/* What is shown of it is noted in the transaction's own ledger, when it
	 * is next given back. */
	record_reader_init(&reader, ws->dir, &c->who);
	store.reader = &reader;
	x.store = &store;
	int r = c->route->write(&x, c, e);
	record_reader_free(&reader);
	return (r);
}
