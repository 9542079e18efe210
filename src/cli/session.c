#include "cli/session.h"

#include "base/clock.h"
#include "sys/db.h"
#include "text/zone.h"

static int
open_as(struct cli *c, bool writable, struct session *s, struct err *e)
{
	int r = workspace_open(c->arg[0], writable, &s->ws, e);

	if (r != 0)
		return (r);
	s->zone = s->ws->zone;
	s->writable = writable;
	return (evidence_open(&s->ev, s->ws->dir, s->ws->ledger, writable, e));
}

int
session_open(struct cli *c, enum session_need need, struct session *s,
    struct err *e)
{
	if (need == SESSION_WRITE)
		return (open_as(c, true, s, e));
	struct err first;
	int r = open_as(c, false, s, &first);
	if (r != -ERR_BUSY) {
		if (r != 0 && e != NULL)
			*e = first;
		return (r);
	}
	/* Evidence is missing or behind: bring it up to date, then read. */
	session_close(s);
	r = open_as(c, true, s, e);
	session_close(s);
	return (r != 0 ? r : open_as(c, false, s, e));
}

int
session_assess(struct session *s, struct err *e)
{
	return (assess_open(&s->as, s->ws, s->ev, e));
}

int
session_hold(struct session *s, struct err *e)
{
	int r = db_begin_read(s->ws->db, e);

	return (r != 0 ? r : db_begin_read(evidence_db(s->ev), e));
}

int
session_done(struct session *s, struct err *e)
{
	return (ledger_sequence(s->ws->ledger, e));
}

int
session_written(struct session *s, struct err *e)
{
	int r = evidence_catch_up(s->ev, e);

	return (r != 0 ? r : session_done(s, e));
}

void
session_settle(struct cli *c, const struct record_reader *reader)
{
	struct session s = { 0 };
	struct file probe = FILE_INIT;
	struct err e;

	if (!reader->noted)
		return;
	/* Do not wait for who has the lock. */
	int r = file_lock(&probe, arena_printf(c->arena, "%s/lock", c->arg[0]),
	    &e);
	file_close(&probe);
	if (r == 0 && open_as(c, true, &s, &e) == 0)
		session_done(&s, &e);
	session_close(&s);
}

void
session_rows(struct cli *c, struct record_store *s, const struct record_list *l,
    const uint16_t *cols, size_t n, struct cli_table *t)
{
	const char **text = arena_array(c->arena, n, sizeof(*text));

	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < n; k++) {
			struct str x = record_text(s, c->arena, &l->at[i], cols[k]);
			text[k] = arena_strndup(c->arena, x.ptr != NULL ? x.ptr : "",
			    x.len);
		}
		cli_row_of(t, text);
	}
	cli_table_print(t);
}

void
session_close(struct session *s)
{
	assess_close(s->as);
	if (s->ev != NULL)
		db_rollback(evidence_db(s->ev));
	if (s->ws != NULL)
		db_rollback(s->ws->db);
	evidence_close(s->ev);
	workspace_close(s->ws);
	*s = (struct session){ 0 };
}

int
session_known(struct cli *c, struct workspace *ws, const char *text,
    uint64_t *ret, struct err *e)
{
	struct ledger_head head;
	uint64_t n;
	int64_t at;

	int r = ledger_head(ws->ledger, &head, e);
	if (r != 0)
		return (r);
	if (str_to_u64(str_from(text), &n)) {
		if (n > head.size)
			return (err_set(e, ERR_INPUT,
			    arena_printf(c->arena, "--known-at %s", text),
			    "give a smaller position",
			    "the ledger has %llu entries",
			    (unsigned long long)head.size));
		*ret = n;
		return (0);
	}
	r = time_parse_as_of(ws->zone, str_from(text), &at, e);
	if (r != 0)
		return (err_set(e, ERR_USAGE,
		    arena_printf(c->arena, "--known-at %s", text),
		    "give a number of entries, a date or an RFC 3339 time",
		    "this is not a position or a time"));
	return (ledger_size_at(ws->ledger, at, ret, e));
}

static int
as_of(struct cli *c, struct session *s, const char *text,
    struct session_when *w, struct err *e)
{
	char t[TIME_SIZE];

	if (time_parse_as_of(s->zone, str_from(text), &w->at, e) != 0)
		return (err_set(e, ERR_USAGE,
		    arena_printf(c->arena, "--as-of %s", text),
		    "give 2026-03-31 or 2026-03-31T12:00:00Z",
		    "this is not a time"));
	w->label = arena_printf(c->arena, "as of %s",
	    time_print_zone(s->zone, w->at, t));
	return (0);
}

int
session_when(struct cli *c, struct session *s, struct session_when *ret,
    struct err *e)
{
	struct session_when w = { .known = EVIDENCE_HEAD };
	const char *asof = cli_opt(c, "as-of"), *period = cli_opt(c, "period");
	const char *known = cli_opt(c, "known-at");
	char t[TIME_SIZE];
	int r = 0;

	if (asof != NULL && period != NULL)
		return (err_set(e, ERR_USAGE, "--period", "give one of them",
		    "--as-of and --period were both given"));
	w.given = asof != NULL || period != NULL;
	w.period = period != NULL;
	if (asof != NULL) {
		r = as_of(c, s, asof, &w, e);
	} else if (period != NULL) {
		struct period p;
		r = period_parse(s->zone, str_from(period), &p, e);
		if (r != 0)
			return (r);
		w.from = p.from_us;
		w.to = p.to_us;
		w.at = w.to - 1;
		w.label = arena_printf(c->arena, "period %s (%s)", period,
		    zone_name(s->zone));
	} else {
		w.at = clock_now();
		w.label = arena_printf(c->arena, "as of %s",
		    time_print_zone(s->zone, w.at, t));
	}
	if (r == 0 && known != NULL)
		r = session_known(c, s->ws, known, &w.known, e);
	if (r != 0)
		return (r);
	if (!w.period) {
		w.from = w.at;
		w.to = w.at + 1;
	}
	*ret = w;
	return (0);
}
