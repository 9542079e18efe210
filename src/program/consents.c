#include "program/consents.h"

#include "base/clock.h"
#include "program/said.h"
#include "text/timefmt.h"

static void
put(const struct act *x, struct val *m, const char *key, struct str s)
{
	if (s.len != 0)
		val_put(x->a, m, key, val_str(x->a, s));
}

int
consents_give(const struct act *x, const struct consents_given *g,
    struct str *ret_id, struct err *e)
{
	struct val *m = val_map(x->a);
	char now[TIME_SIZE];

	put(x, m, "subject_name", g->subject);
	put(x, m, "processing", g->purpose);
	put(x, m, "notice", g->notice);
	put(x, m, "notice_hash", g->notice_hash);
	put(x, m, "channel", g->means);
	put(x, m, "proof", g->proof);
	put(x, m, "expires_at", g->expires_at);
	put(x, m, "given_at", g->given_at.len != 0 ? g->given_at :
	    str_from(arena_strdup(x->a, time_print(clock_now(), now))));
	val_put(x->a, m, "explicit", val_bool(x->a, g->explicit));
	return (record_put(&x->ws->records, x->a, &x->who, schema_get(T_CONSENT),
	    STR(""), m, ret_id, e));
}

/* Those of one person; of one purpose, if it is named. */
static int
list(const struct act *x, struct str subject, struct str purpose,
    struct record_list *ret, struct err *e)
{
	struct record_filter f[2] = {
		{ F_CONSENT_SUBJECT_NAME, RECORD_EQ, CELL_STR(subject) },
		{ F_CONSENT_PROCESSING, RECORD_EQ, CELL_NONE } };
	struct record_query q = { .filters = f, .nfilters = 1,
		.sort = F_CONSENT_GIVEN_AT, .falling = true };
	struct record *p;
	int r = 0;

	if (purpose.len != 0) {
		r = act_find(x, T_PROCESSING, purpose, &p, e);
		if (r == 0)
			f[1].value = CELL_STR(p->id);
		q.nfilters = 2;
	}
	return (r != 0 ? r : record_list(&x->ws->records, x->a,
	    schema_get(T_CONSENT), &q, ret, e));
}

int
consents_withdraw(const struct act *x, struct str subject,
    struct str purpose, struct str proof, size_t *ret_n, struct err *e)
{
	struct act_changes c = { 0 };
	struct record_list l;
	char now[TIME_SIZE];
	int r = list(x, subject, purpose, &l, e);

	*ret_n = 0;
	time_print(clock_now(), now);
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		if (!str_is(record_str(&l.at[i], F_CONSENT_STATE), "given"))
			continue;
		struct val *m = act_add(x, &c, T_CONSENT, l.at[i].id, "state",
		    "withdrawn", "withdrawn_at", now, NULL);
		put(x, m, "withdrawal_proof", proof);
		++*ret_n;
	}
	int k = act_apply(x, &c, NULL, r == 0 ? e : NULL);
	return (r != 0 ? r : k);
}

static const char *
state_now(const struct record *r, int64_t now)
{
	int64_t ends = record_int(r, F_CONSENT_EXPIRES_AT, INT64_MAX);

	if (str_is(record_str(r, F_CONSENT_STATE), "withdrawn"))
		return ("withdrawn");
	return (str_is(record_str(r, F_CONSENT_STATE), "expired") || ends <= now ?
	    "expired" : "given");
}

int
consents_of(const struct act *x, struct str subject, struct str purpose,
    struct consents_state **ret, size_t *ret_n, struct err *e)
{
	struct record_list l;
	int r = list(x, subject, purpose, &l, e);

	if (r != 0)
		return (r);
	*ret = arena_array(x->a, l.n + 1, sizeof(**ret));
	*ret_n = l.n;
	for (size_t i = 0; i < l.n; i++)
		(*ret)[i] = (struct consents_state){ .id = l.at[i].id,
			.purpose = record_text(&x->ws->records, x->a, &l.at[i],
			    F_CONSENT_PROCESSING),
			.notice = record_text(&x->ws->records, x->a, &l.at[i],
			    F_CONSENT_NOTICE),
			.state = state_now(&l.at[i], said_now(&x->ws->records)),
			.given = record_int(&l.at[i], F_CONSENT_GIVEN_AT, 0),
			.withdrawn = record_int(&l.at[i], F_CONSENT_WITHDRAWN_AT, 0),
			.expires = record_int(&l.at[i], F_CONSENT_EXPIRES_AT, 0) };
	return (0);
}
