/*
 * Runs the fixtures of a procedure (content/procedures/ID.yaml, described in
 * doc/procedures.md) through the real ledger, ingest, sandbox and engine.
 */
#ifndef TEST_ASSESS_FIXTURE_H
#define TEST_ASSESS_FIXTURE_H

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "assess/assess.h"
#include "assess/procedure.h"
#include "base/clock.h"
#include "base/content.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "schema/kind.h"
#include "sys/file.h"
#include "text/timefmt.h"
#include "text/yaml.h"

#define FIXTURE_EPOCH INT64_C(1735689600000000) /* 2025-01-01T00:00:00Z */

struct world {
	char base[64], dir[80];
	struct workspace *ws;
	struct evidence *ev;
	struct err e;
	struct arena a;
};

#define ok(w, call)                                                            \
	do {                                                                   \
		int ok_r = (call);                                             \
		if (ok_r != 0)                                                 \
			print_error("%s: %s (%s)\n", #call, (w)->e.what,       \
			    (w)->e.where);                                     \
		assert_int_equal(ok_r, 0);                                     \
	} while (0)

/* A new workspace takes longer than a case: one is made, the others are its
 * copies. world_template() is its folder. */
static inline const char *
world_tmp(void)
{
	return (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline char *
world_template(void)
{
	static char base[64];

	return (base);
}

/* A workspace of its own in ${dir}; ${zone} NULL is UTC. */
static inline void
world_make(const char *dir, const char *zone)
{
	struct workspace_spec spec = { .org = "Fixture", .demo = true,
		.zone = zone };
	struct world w = { 0 };
	struct assess *as;

	clock_replace(FIXTURE_EPOCH);
	ok(&w, workspace_create(dir, &spec, &w.ws, &w.e));
	ok(&w, evidence_open(&w.ev, dir, w.ws->ledger, true, &w.e));
	/* Its tables of results are made once as well. */
	ok(&w, assess_open(&as, w.ws, w.ev, &w.e));
	assess_close(as);
	evidence_close(w.ev);
	workspace_close(w.ws);
	clock_replace(0);
}

static inline void
world_make_template(void)
{
	char *base = world_template(), dir[80];

	snprintf(base, 64, "%s/tickmark-as-XXXXXX", world_tmp());
	assert_non_null(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/w", base);
	world_make(dir, NULL);
}

static inline void
world_drop_template(void)
{
	struct err e;

	file_remove_tree(world_template(), &e);
}

static inline void
world_copy_template(struct world *w)
{
	char cp[] = "cp", how[] = "-a";
	char *argv[] = { cp, how, arena_printf(&w->a, "%s/w", world_template()),
		w->dir, NULL };
	int status;
	pid_t pid;

	/* Without a copy of this process, which is large with sanitizers. */
	assert_int_equal(posix_spawnp(&pid, "cp", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static inline void
world_open_zone(struct world *w, const char *zone)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->base, sizeof(w->base), "%s/tickmark-as-XXXXXX", world_tmp());
	assert_non_null(mkdtemp(w->base));
	snprintf(w->dir, sizeof(w->dir), "%s/w", w->base);
	if (zone != NULL)
		world_make(w->dir, zone);
	else
		world_copy_template(w);
	clock_replace(FIXTURE_EPOCH + CLOCK_DAY);
	ok(w, workspace_open(w->dir, true, &w->ws, &w->e));
	ok(w, evidence_open(&w->ev, w->dir, w->ws->ledger, true, &w->e));
}

static inline void
world_open(struct world *w)
{
	world_open_zone(w, NULL);
}

static inline void
world_close(struct world *w)
{
	evidence_close(w->ev);
	workspace_close(w->ws);
	file_remove_tree(w->base, &w->e);
	arena_free(&w->a);
	clock_replace(0);
}

/* --- values ------------------------------------------------------------------ */

/* A date (its first instant, UTC) or an instant. */
static inline int64_t
when_of(struct world *w, struct str s)
{
	int64_t days, us;

	if (s.len == 10) {
		ok(w, date_parse(s, &days, &w->e));
		return (days * CLOCK_DAY);
	}
	ok(w, time_parse(s, &us, &w->e));
	return (us);
}

static inline struct str
text_of(const struct val *v, const char *key)
{
	return (val_get_str(v, key));
}

/* "a.0.b": the value there, its holder and the last key. */
static inline struct val *
walk(struct val *v, struct str path, struct val **holder, struct str *last)
{
	struct str part;

	while (v != NULL && str_split(&path, '.', &part)) {
		int64_t i;
		*holder = v;
		*last = part;
		if (v->type == VAL_LIST && str_to_i64(part, &i))
			v = (size_t)i < v->u.list.n ? v->u.list.at[i] : NULL;
		else
			v = val_getstr(v, part);
	}
	return (v);
}

/* Turn: each key is a path in the case; its value goes there, null removes. */
static inline void
turn(struct arena *a, struct val *c, const struct val *changes)
{
	for (size_t i = 0; i < val_count(changes); i++) {
		struct val *holder = NULL, *v = changes->u.map.at[i];
		struct str last = STR_NULL, key = changes->u.map.key[i];
		int64_t at;

		walk(c, key, &holder, &last);
		if (holder == NULL)
			fail_msg("nothing at " STR_FMT, STR_ARG(key));
		if (holder->type == VAL_LIST && str_to_i64(last, &at) &&
		    (size_t)at < holder->u.list.n) {
			if (v->type != VAL_NULL) {
				holder->u.list.at[at] = v;
				continue;
			}
			holder->u.list.n--;
			for (size_t k = (size_t)at; k < holder->u.list.n; k++)
				holder->u.list.at[k] = holder->u.list.at[k + 1];
		} else {
			val_putstr(a, holder, last, v);
		}
	}
}

/* --- taking in --------------------------------------------------------------- */

static inline void
give_rows(struct world *w, struct evidence_run *run, struct str table,
    const struct val *rows, const struct val *defaults, size_t n)
{
	const struct schema_type *t = schema_find(table);
	struct evidence_chain chain = { .upto = str_from(
	    arena_printf(&w->a, "c%zu", n)), .since = INT64_MIN };

	if (t == NULL)
		fail_msg("no table " STR_FMT, STR_ARG(table));
	ok(w, evidence_table_begin(run, t,
	    t->mode == MODE_APPEND ? &chain : NULL, &w->e));
	for (size_t i = 0; i < val_count(rows); i++) {
		const struct val *row = rows->u.list.at[i];
		struct cell *cells = arena_array(&w->a, t->nfields, sizeof(*cells));
		for (size_t k = 0; k < val_count(row); k++)
			if (schema_field(t, row->u.map.key[k]) < 0)
				fail_msg("line %d: no column " STR_FMT, row->line,
				    STR_ARG(row->u.map.key[k]));
		for (size_t k = 0; k < t->nfields; k++) {
			const char *name = t->fields[k].name;
			const struct val *v = val_get(row, name);
			if (v == NULL)
				v = val_get(val_getstr(defaults, table), name);
			if (v != NULL)
				ok(w, kind_from_val(&w->a, &t->fields[k], v, &cells[k],
				    &w->e));
		}
		ok(w, evidence_row(run, cells, &w->e));
	}
	ok(w, evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &w->e));
}

static inline void
give_run(struct world *w, const struct val *r, const struct val *defaults,
    size_t n)
{
	struct str source = text_of(r, "source"), gap = text_of(r, "gap");
	int64_t at = when_of(w, text_of(r, "on")), gap_us = 400 * CLOCK_DAY;
	struct evidence_done done;
	struct evidence_run *run;

	if (source.ptr == NULL)
		source = STR("s");
	if (gap.ptr != NULL)
		ok(w, time_parse_span(gap, &gap_us, &w->e));
	struct evidence_run_spec spec = { .source = source, .name = source,
		.collector = STR("fixture/1"), .actor = STR("fixture"), .at = at,
		.started = at, .max_gap_s = gap_us / CLOCK_SECOND };
	ok(w, evidence_run_begin(w->ev, &spec, &run, &w->e));
	for (size_t i = 0; i < val_count(r); i++) {
		struct str key = r->u.map.key[i];
		if (r->u.map.at[i]->type == VAL_LIST)
			give_rows(w, run, key, r->u.map.at[i], defaults, n);
	}
	ok(w, evidence_run_commit(run, at, &done, &w->e));
}

static inline void
give_record(struct world *w, const struct val *r)
{
	const struct schema_type *t = schema_find(text_of(r, "type"));
	struct val *fields = val_map(&w->a), *states = val_get(r, "states");
	struct str on = text_of(r, "on"), id;

	if (t == NULL)
		fail_msg("line %d: no such type", r->line);
	for (size_t i = 0; i < val_count(r); i++) {
		struct str key = r->u.map.key[i];
		if (!str_is(key, "type") && !str_is(key, "on") &&
		    !str_is(key, "states"))
			val_putstr(&w->a, fields, key, r->u.map.at[i]);
	}
	if (on.ptr != NULL)
		clock_replace(when_of(w, on));
	ok(w, record_put(&w->ws->records, &w->a, &w->ws->actor, t, STR_NULL, fields,
	    &id, &w->e));
	for (size_t i = 0; i < val_count(states); i++) {
		struct val *step = val_map(&w->a);
		val_put(&w->a, step, "state", states->u.list.at[i]);
		ok(w, record_put(&w->ws->records, &w->a, &w->ws->actor, t, id, step,
		    NULL, &w->e));
	}
}

/* --- asking ------------------------------------------------------------------ */

static inline struct assess_time
time_of(struct world *w, const struct val *c)
{
	struct str at = text_of(c, "at"), period = text_of(c, "period");
	struct assess_time t = { 0 };

	if (period.ptr != NULL) {
		struct period p;
		ok(w, period_parse(w->ws->zone, period, &p, &w->e));
		return ((struct assess_time){ .period = true, .from = p.from_us,
		    .to = p.to_us });
	}
	t.from = when_of(w, at);
	t.to = t.from + 1;
	return (t);
}

static inline void
write_params(struct world *w, struct str id, const struct val *c)
{
	const struct val *params = val_get(c, "params");
	BUF_SCOPED b = BUF_INIT;

	if (val_count(params) == 0)
		return;
	for (size_t i = 0; i < val_count(params); i++) {
		const struct val *v = params->u.map.at[i];
		buf_printf(&b, STR_FMT " " STR_FMT " ", STR_ARG(id),
		    STR_ARG(params->u.map.key[i]));
		if (v->type == VAL_INT)
			buf_printf(&b, "%lld\n", (long long)v->u.i);
		else
			buf_printf(&b, STR_FMT "\n", STR_ARG(v->u.s));
	}
	char *dir = arena_printf(&w->a, "%s/procedures", w->dir);
	ok(w, file_mkdirs(dir, 0700, &w->e));
	FILE *f = fopen(arena_printf(&w->a, "%s/parameters", dir), "w");
	assert_non_null(f);
	fwrite(b.ptr, 1, b.len, f);
	fclose(f);
}

static inline void
describe(const struct assess_result *r)
{
	print_error("  outcome %s, %lld members\n", assess_outcome_name(r->outcome),
	    (long long)r->members);
	if (r->error.code != ERR_OK)
		print_error("  error %s: %s\n", r->error.what, r->error.where);
	for (size_t i = 0; i < r->nitems; i++) {
		char from[TIME_SIZE], to[TIME_SIZE];
		print_error("  " STR_FMT " %s %s %s (" STR_FMT ")\n",
		    STR_ARG(r->items[i].subject),
		    assess_status_name(r->items[i].status),
		    time_print(r->items[i].from, from), time_print(r->items[i].to, to),
		    STR_ARG(r->items[i].reason));
	}
	for (size_t i = 0; i < r->nblind; i++)
		print_error("  blind: " STR_FMT "\n", STR_ARG(r->blind[i]));
}

/* "SUBJECT STATUS [FROM TO]" of an item. */
static inline bool
item_is(struct world *w, const struct assess_item *x, struct str want)
{
	struct str full = want, subject = want, status, from, to;
	ptrdiff_t at = -1;

	/* Subjects may have spaces: the status word divides. */
	for (int s = 0; s < ASSESS_NSTATUS && at < 0; s++) {
		char word[16];
		snprintf(word, sizeof(word), " %s",
		    assess_status_name((enum assess_status)s));
		at = str_find(full, word);
	}
	if (at < 0)
		fail_msg("no status in: " STR_FMT, STR_ARG(want));
	subject.len = (size_t)at;
	want = (struct str){ full.ptr + at + 1, full.len - (size_t)at - 1 };
	str_split(&want, ' ', &status);
	if (!str_eq(subject, x->subject) ||
	    !str_is(status, assess_status_name(x->status)))
		return (false);
	if (!str_split(&want, ' ', &from) || !str_split(&want, ' ', &to))
		return (true);
	return (when_of(w, from) == x->from && when_of(w, to) == x->to);
}

static inline bool
as_expected(struct world *w, const struct assess_result *r,
    const struct val *expect)
{
	struct str outcome = expect->type == VAL_STR ? expect->u.s :
	    text_of(expect, "outcome");
	const struct val *items = val_get(expect, "items");

	if (r->error.code != ERR_OK ||
	    !str_is(outcome, assess_outcome_name(r->outcome)))
		return (false);
	if (val_get_int(expect, "members", r->members) != r->members)
		return (false);
	for (int s = 0; s < ASSESS_NSTATUS; s++)
		if (val_get_int(expect, assess_status_name((enum assess_status)s),
			r->subjects[s]) != r->subjects[s])
			return (false);
	if (items == NULL)
		return (true);
	if (val_count(items) != r->nitems)
		return (false);
	for (size_t i = 0; i < r->nitems; i++)
		if (!item_is(w, &r->items[i], items->u.list.at[i]->u.s))
			return (false);
	return (true);
}

/* A case as it stands, in a workspace of its own. */
static inline bool
case_holds(struct str id, const struct val *c, const struct val *defaults,
    const struct val *expect)
{
	struct assess_options opt = { .workers = 1, .max_items = 100000 };
	const struct procedure *p;
	struct assess_result *r;
	struct assess *as;
	struct world w;

	struct str zone = text_of(c, "zone");
	char name[64];
	snprintf(name, sizeof(name), STR_FMT, STR_ARG(zone));
	world_open_zone(&w, zone.len != 0 ? name : NULL);
	write_params(&w, id, c);
	const struct val *records = val_get(c, "records"), *runs = val_get(c, "runs");
	for (size_t i = 0; i < val_count(records); i++)
		give_record(&w, records->u.list.at[i]);
	ok(&w, evidence_catch_up(w.ev, &w.e));
	for (size_t i = 0; i < val_count(runs); i++)
		give_run(&w, runs->u.list.at[i], defaults, i);
	opt.time = time_of(&w, c);
	ok(&w, assess_open(&as, w.ws, w.ev, &w.e));
	p = procedure_find(assess_procedures(as), id);
	assert_non_null(p);
	ok(&w, assess_run(&w.a, as, &p, 1, &opt, &r, &w.e));
	bool held = as_expected(&w, r, expect);
	if (!held)
		describe(r);
	assess_close(as);
	world_close(&w);
	return (held);
}

/* All cases of one file. Returns how many do not hold. */
static inline int
run_fixtures(struct str id, const char *path, struct str text)
{
	static const char *const kinds[] = { "ok", "fail", "na", "gap", "boundary" };
	ARENA_SCOPED a = ARENA_INIT;
	struct val *file;
	struct err e;
	bool has[5] = { 0 };
	int wrong = 0;

	if (yaml_parse(&a, path, text, &file, &e) != 0) {
		print_error("%s: %s\n", e.where, e.what);
		return (1);
	}
	const struct val *defaults = val_get(file, "defaults");
	const struct val *cases = val_get(file, "cases");
	for (size_t i = 0; i < val_count(cases); i++) {
		struct val *c = cases->u.list.at[i];
		struct str name = text_of(c, "case");
		const struct val *expect = val_get(c, "expect"),
				 *then = val_get(c, "then"), *t = val_get(c, "turn");
		for (int k = 0; k < 5; k++)
			has[k] = has[k] || str_is(name, kinds[k]);
		if (expect == NULL || then == NULL || t == NULL)
			fail_msg("%s:%d: a case needs expect, turn and then", path,
			    c->line);
		if (!case_holds(id, c, defaults, expect)) {
			print_error("%s:%d: case " STR_FMT " does not hold\n", path,
			    c->line, STR_ARG(name));
			wrong++;
		}
		turn(&a, c, t);
		if (!case_holds(id, c, defaults, then)) {
			print_error("%s:%d: case " STR_FMT " does not turn\n", path,
			    c->line, STR_ARG(name));
			wrong++;
		}
	}
	for (int k = 0; k < 5; k++)
		if (!has[k]) {
			print_error("%s: no case \"%s\"\n", path, kinds[k]);
			wrong++;
		}
	return (wrong);
}

#endif
