/* tickmark ledger cosign, timestamp: ask others to vouch for this ledger. */
#include "cli/cmd_ledger.h"

#include <inttypes.h>

#include "base/clock.h"
#include "text/timefmt.h"
#include "web/vouch.h"

static const char *
when(struct arena *a, int64_t us)
{
	char t[TIME_SIZE];

	return (us == 0 ? "-" : arena_strdup(a, time_print(us, t)));
}

static const char *
words_of(struct arena *a, const struct err *e)
{
	return (e->fix[0] != '\0' ? arena_printf(a, "%s: %s", e->what,
	    e->fix) : arena_strdup(a, e->what));
}

static bool
all_fine(const struct vouches *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->at[i].how != VOUCH_GIVEN && v->at[i].how != VOUCH_HAD)
			return (false);
	return (true);
}

static bool
any_against(const struct vouches *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->at[i].how == VOUCH_AGAINST)
			return (true);
	return (false);
}

static void
print_json(struct cmd_ledger *x, const struct vouches *v, bool stamps)
{
	struct arena *a = x->c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "size", val_int(a, (int64_t)v->size));
	if (!stamps)
		val_put(a, m, "quorum", val_bool(a, v->quorum));
	for (size_t i = 0; i < v->n; i++) {
		const struct vouch *o = &v->at[i];
		struct val *one = val_map(a);
		bool bad = o->how != VOUCH_GIVEN && o->how != VOUCH_HAD;
		val_put(a, one, "name", val_text(a, o->name));
		val_put(a, one, "state", val_text(a, vouch_how(o->how)));
		val_put(a, one, "time", o->time == 0 ? val_null(a) :
		    val_text(a, when(a, o->time)));
		if (stamps) {
			val_put(a, one, "by", o->by ? val_text(a, o->by) :
			    val_null(a));
			val_put(a, one, "file", o->file ? val_text(a,
			    o->file) : val_null(a));
		}
		val_put(a, one, "error", bad ? val_text(a,
		    words_of(a, &o->e)) : val_null(a));
		val_push(a, list, one);
	}
	val_put(a, m, stamps ? "authorities" : "witnesses", list);
	cli_print_json(x->c, m);
}

static void
print_table(struct cmd_ledger *x, const struct vouches *v, bool stamps)
{
	struct arena *a = x->c->arena;
	struct cli_table *t = cli_table(x->c, 4, stamps ? "authority" :
	    "witness", "state", "time", stamps ? "by, or why not" : "why not");

	for (size_t i = 0; i < v->n; i++) {
		const struct vouch *o = &v->at[i];
		bool bad = o->how != VOUCH_GIVEN && o->how != VOUCH_HAD;
		cli_row(t, o->name, vouch_how(o->how), when(a, o->time), bad ?
		    words_of(a, &o->e) : o->by ? o->by : "");
		cli_tint(t, 1, bad ? TONE_BAD : TONE_GOOD);
	}
	cli_table_print(t);
}

int
cmd_ledger_cosign(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	struct vouches *v = arena_new(a, struct vouches);
	struct conf *c = arena_new(a, struct conf);
	int r = conf_load(a, x->dir, c, e);

	if (r == 0)
		r = vouch_cosign(a, c, false, 0, v, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (x->c->json) {
		print_json(x, v, false);
	} else {
		print_table(x, v, false);
		printf("\n%" PRIu64 " entries: %s\n%s\n", v->size, v->wants,
		    v->quorum ? "the policy is satisfied" :
		    "the policy is not satisfied");
	}
	/* One that is down is what a quorum is for; one that has seen another
	 * history is not. */
	return (v->quorum && !any_against(v) ? 0 : -ERR_NO);
}

/* --- time stamps ---------------------------------------------------------- */

struct listing {
	struct cmd_ledger *x;
	struct cli_table *t;
	struct val *list;
	size_t n, bad;
};

static void
list_one(void *ctx, const struct vouch_kept *k)
{
	struct listing *l = ctx;
	struct arena *a = l->x->c->arena;
	struct val *one = val_map(a);
	const char *why = k->name != NULL ? NULL : words_of(a, &k->e);

	l->n++;
	l->bad += k->name == NULL;
	cli_row(l->t, k->file, arena_printf(a, "%" PRIu64, k->size),
	    when(a, k->time), k->name ? k->name : "not checked",
	    why != NULL ? why : k->by);
	cli_tint(l->t, 3, k->name != NULL ? TONE_GOOD : TONE_BAD);
	val_put(a, one, "file", val_text(a, k->file));
	val_put(a, one, "size", val_int(a, (int64_t)k->size));
	val_put(a, one, "time", k->time == 0 ? val_null(a) :
	    val_text(a, when(a, k->time)));
	val_put(a, one, "authority", k->name ? val_text(a, k->name) :
	    val_null(a));
	val_put(a, one, "by", k->by ? val_text(a, k->by) : val_null(a));
	val_put(a, one, "error", why ? val_text(a, why) : val_null(a));
	val_push(a, l->list, one);
}

static int
list_stamps(struct cmd_ledger *x, const struct conf *c, struct err *e)
{
	struct listing l = { .x = x, .list = val_list(x->c->arena) };

	l.t = cli_table(x->c, 5, "file", "entries", "time", "authority",
	    "by, or why not");
	int r = vouch_stamps(x->c->arena, c, list_one, &l, e);
	if (r != 0)
		return (r);
	if (x->c->json)
		cli_print_json(x->c, l.list);
	else if (l.n == 0)
		printf("there are no time stamps\nAsk for one: tickmark ledger "
		    "%s timestamp\n", x->dir);
	else
		cli_table_print(l.t);
	return (l.bad == 0 ? 0 : -ERR_NO);
}

int
cmd_ledger_timestamp(struct cmd_ledger *x, struct err *e)
{
	struct arena *a = x->c->arena;
	struct vouches *v = arena_new(a, struct vouches);
	struct conf *c = arena_new(a, struct conf);
	int r = conf_load(a, x->dir, c, e);

	if (r != 0)
		return (r);
	if (x->n == 1 && strcmp(x->arg[0], "list") == 0)
		return (list_stamps(x, c, e));
	if (x->n == 1)
		return (err_set(e, ERR_USAGE, x->arg[0], "timestamp, or "
		    "timestamp list", "this is not done with time stamps"));
	if ((r = vouch_stamp(a, c, false, 0, v, e)) != 0)
		return (r);
	cli_progress_off();
	if (x->c->json)
		print_json(x, v, true);
	else
		print_table(x, v, true);
	return (all_fine(v) ? 0 : -ERR_NO);
}
