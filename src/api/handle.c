#include "api/handle.h"

#include "api/auth.h"
#include "api/form.h"
#include "api/once.h"
#include "api/openapi.h"
#include "api/rate.h"
#include "api/route.h"
#include "base/clock.h"
#include "evidence/evidence.h"
#include "record/migrate.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "sys/db.h"

/* What a client without a token may do: enough for the public routes, and not
 * enough to guess at tokens. */
#define PEER_RATE 5
#define PEER_BURST 60

/* What is sent by the public form: of one address, and in all. */
#define FORM_EVERY (60 * CLOCK_SECOND)
#define FORM_BURST 10
#define FORMS_EVERY (10 * CLOCK_SECOND)
#define FORMS_BURST 200

struct limits {
	struct rate *tokens, *peers, *form, *forms;
};

void
handle_prepare(void)
{
	/* What is computed once and kept, by whoever comes first. */
	migrate_declared();
	schema_digest();
	evidence_prepare();
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
	l->form = rate_every(FORM_EVERY, FORM_BURST);
	l->forms = rate_every(FORMS_EVERY, FORMS_BURST);
	return (l);
}

void
handle_limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	rate_free(l->tokens);
	rate_free(l->peers);
	rate_free(l->form);
	rate_free(l->forms);
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
	if (c->route->read != NULL || c->route->body != NULL)
		r = db_begin_read(x->ws->db, e);
	if (r == 0 && c->route->body != NULL)
		r = shape_read(x, c, c->route->body, e);
	if (r == 0 && c->route->read != NULL)
		r = c->route->read(x, c, e);
	if (r == 0 && c->route->once)
		r = once_check(c, e);
	db_rollback(x->ws->db);
	record_reader_free(&reader);
	return (r);
}

/* A page of the public form: nobody is known, everybody is counted. */
static int
read_page(struct context *x, struct limits *l, struct call *c,
    bool *ret_write, struct err *e)
{
	int64_t now = clock_mono(), wait;
	struct str peer = form_peer(c);
	int r;

	if (!rate_take(l->peers, peer, 1, now, &wait) || (form_sends(c) &&
	    (!rate_take(l->form, peer, 1, now, &wait) ||
	    !rate_take(l->forms, STR("all"), 1, now, &wait))))
		return (too_many(c, wait));
	r = db_begin_read(x->ws->db, e);
	if (r == 0)
		r = form_read(x, c, ret_write, e);
	db_rollback(x->ws->db);
	return (r);
}

int
handle_read(struct crew *g, struct limits *l, struct workspace *ws,
    struct call *c, bool *ret_write, struct err *e)
{
	struct context x = { .crew = g, .ws = ws };

	if (c->page)
		return (read_page(&x, l, c, ret_write, e));
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

/* What is wrong with a member of the body is told with its pointer. */
static int
point(struct call *c, int r, const struct err *e)
{
	const struct shape *f = shape_find(c->route->body, str_from(e->where));
	int status = r == -ERR_NOTFOUND || r == -ERR_USAGE ? 422 : err_http(e->code);

	if (c->problem != NULL || status >= 500)
		return (r);
	struct problem *p = arena_new(&c->a, struct problem);
	struct problem_item *it = arena_new(&c->a, struct problem_item);
	const char *fix = problem_fix(&c->a, e->fix);
	*it = (struct problem_item){ .message = arena_strdup(&c->a, e->what),
		.fix = fix, .pointer = f == NULL ? NULL : arena_printf(&c->a,
		"/%s", f->name) };
	*p = (struct problem){ .status = status, .detail = it->message,
		.fix = fix, .items = it, .n = 1, .wrong = 1 };
	c->problem = p;
	return (r);
}

/*
 * What is no record is done once under a key as well: what is kept is its answer,
 * which holds ids, counts and codes.
 */
static int
write_once(struct context *x, struct call *c, struct err *e)
{
	struct err own = { .code = ERR_OK };
	struct str kept;
	int r = c->route->once ? once_begin(x, c, &kept, e) : 0;

	if (r == 1) {
		buf_reset(&c->out);
		buf_putstr(&c->out, kept);
		c->status = c->route->good;
		return (0);
	}
	if (r != 0)
		return (r);
	r = c->route->write(x, c, &own);
	if (r == 0)
		return (c->route->once ? once_end(x, c, buf_str(&c->out), e) : 0);
	if (e != NULL)
		*e = own;
	return (point(c, r, &own));
}

int
handle_write(struct crew *g, struct workspace *ws, struct evidence *ev,
    struct call *c, struct err *e)
{
	struct context x = { .crew = g, .ws = ws, .ev = ev };
	struct record_reader reader;
	struct record_store store = ws->records;

	if (c->page)
		return (form_write(&x, c, e));

	/* What is shown of it is noted in the transaction's own ledger, when it
	 * is next given back. */
	record_reader_init(&reader, ws->dir, &c->who);
	store.reader = &reader;
	x.store = &store;
	int r = c->route->answer == NULL && c->route->once ?
	    c->route->write(&x, c, e) : write_once(&x, c, e);
	record_reader_free(&reader);
	return (r);
}
