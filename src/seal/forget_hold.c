/* Legal holds: what may not be erased, in words. */
#include "base/clock.h"
#include "seal/forget.h"
#include "text/date.h"
#include "text/zone.h"

static bool
holds_today(const struct record *h, struct str today)
{
	struct str from = record_str(h, F_LEGAL_HOLD_STARTS_ON);
	struct str released = record_str(h, F_LEGAL_HOLD_RELEASED_ON);

	return ((from.len == 0 || str_cmp(from, today) <= 0) &&
	    (released.len == 0 || str_cmp(released, today) > 0));
}

struct touch {
	struct forget *f;
	bool any;
};

static int
touches(void *ctx, const struct mention *m, struct err *e)
{
	struct touch *t = ctx;

	(void)e;
	t->any = t->any || map_get(&t->f->sources, m->source_id) != NULL;
	return (0);
}

/* A person's hold stands before the person, and before raw bytes of every
 * source that has the person. */
static int
covers_person(struct forget *f, const struct record *h, bool *ret,
    struct err *e)
{
	struct str id = record_str(h, F_LEGAL_HOLD_PERSON);
	struct touch t = { .f = f };

	if (f->person.len != 0 && str_eq(id, f->record)) {
		*ret = true;
		return (0);
	}
	struct str code = record_handle(&f->ws->records, f->a,
	    schema_get(T_PERSON), id);
	int r = f->nraw == 0 ? 0 : mention_matched(f->ev, code, touches, &t, e);
	*ret = t.any;
	return (r);
}

static int
covers(struct forget *f, const struct record *h, bool *ret, struct err *e)
{
	struct str scope = record_str(h, F_LEGAL_HOLD_SCOPE);

	*ret = false;
	if (str_is(scope, "person"))
		return (covers_person(f, h, ret, e));
	if (str_is(scope, "source"))
		*ret = map_get(&f->sources, record_str(h,
		    F_LEGAL_HOLD_OF_SOURCE)) != NULL;
	else
		*ret = true;
	return (0);
}

static void
say(struct forget *f, const struct record *h)
{
	struct record_store *s = &f->ws->records;
	struct str scope = record_str(h, F_LEGAL_HOLD_SCOPE), what;
	BUF_SCOPED b = BUF_INIT;

	buf_printf(&b, "legal hold " STR_FMT, STR_ARG(record_str(h,
	    F_LEGAL_HOLD_CODE)));
	if (str_is(scope, "person")) {
		what = record_text(s, f->a, h, F_LEGAL_HOLD_PERSON);
		buf_printf(&b, " on the data of " STR_FMT, STR_ARG(what));
	} else if (str_is(scope, "source")) {
		what = record_text(s, f->a, h, F_LEGAL_HOLD_OF_SOURCE);
		buf_printf(&b, " on the data of source " STR_FMT, STR_ARG(what));
	} else {
		buf_puts(&b, " on everything");
	}
	what = record_str(h, F_LEGAL_HOLD_STARTS_ON);
	if (what.len != 0)
		buf_printf(&b, " since " STR_FMT, STR_ARG(what));
	what = record_str(h, F_LEGAL_HOLD_REASON);
	buf_printf(&b, " forbids it: " STR_FMT, STR_ARG(what));
	what = arena_str(f->a, buf_str(&b));
	vec_push(&f->holds, what);
}

int
forget_holds(struct forget *f, struct err *e)
{
	struct record_list list;
	char today[DATE_SIZE];
	int r = record_list(&f->ws->records, f->a, schema_get(T_LEGAL_HOLD),
	    NULL, &list, e);

	if (r != 0 || f->items.n == 0)
		return (r);
	date_print(zone_day(f->ws->zone, clock_now()), today);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		bool yes = false;
		if (!holds_today(&list.at[i], str_from(today)))
			continue;
		r = covers(f, &list.at[i], &yes, e);
		if (r == 0 && yes)
			say(f, &list.at[i]);
	}
	return (r);
}
