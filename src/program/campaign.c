#include "program/campaign.h"

#include "base/map.h"
#include "program/facts.h"
#include "program/policies.h"
#include "schema/kind.h"

static const char *
text(const struct act *x, struct str s)
{
	return (arena_strndup(x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

bool
campaign_works(const struct record *p, struct str today)
{
	struct str state = record_str(p, F_PERSON_STATE);
	struct str start = record_str(p, F_PERSON_START_ON);
	struct str end = record_str(p, F_PERSON_END_ON);

	return ((str_is(state, "active") || str_is(state, "leave")) &&
	    (start.len == 0 || str_cmp(start, today) <= 0) &&
	    (end.len == 0 || str_cmp(end, today) >= 0));
}

static bool
in_audience(const struct record *p, struct str audience)
{
	struct str kind = record_str(p, F_PERSON_KIND);

	return (str_is(audience, "all") ||
	    (str_is(audience, "employees") && str_is(kind, "employee")) ||
	    (str_is(audience, "contractors") && str_is(kind, "contractor")));
}

/* "PERSON/VERSION" of all that was asked ever. */
static int
asked_before(const struct act *x, struct map *ret, struct err *e)
{
	struct record_list l;
	int r = act_list(x, T_ACKNOWLEDGEMENT, -1, STR_NULL, &l, e);

	map_init(ret, x->a);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		map_put(ret, str_from(arena_printf(x->a, STR_FMT "/" STR_FMT,
		    STR_ARG(record_str(&l.at[i], F_ACKNOWLEDGEMENT_PERSON)),
		    STR_ARG(record_str(&l.at[i], F_ACKNOWLEDGEMENT_VERSION)))), x->a);
	return (r);
}

/* Ask everybody of the audience for every version that they were not asked. */
static int
ask(const struct act *x, struct act_changes *c, const char *campaign,
    const struct str *versions, size_t n, struct str audience, const char *due,
    size_t *ret, struct err *e)
{
	struct record_list people;
	struct str today = act_today(x);
	struct map before;
	size_t added = 0;
	int r = act_list(x, T_PERSON, -1, STR_NULL, &people, e);

	if (r == 0)
		r = asked_before(x, &before, e);
	for (size_t i = 0; r == 0 && i < people.n; i++) {
		const struct record *p = &people.at[i];
		if (!campaign_works(p, today) || !in_audience(p, audience))
			continue;
		for (size_t k = 0; k < n; k++) {
			struct str key = str_from(arena_printf(x->a, STR_FMT "/" STR_FMT,
			    STR_ARG(p->id), STR_ARG(versions[k])));
			if (map_get(&before, key) != NULL)
				continue;
			act_add(x, c, T_ACKNOWLEDGEMENT, STR_NULL, "person",
			    text(x, p->id), "version", text(x, versions[k]), "campaign",
			    campaign, "asked_on", text(x, today), "due_on", due, NULL);
			added++;
		}
	}
	*ret = added;
	return (r);
}

/* The published versions that are asked for. */
static int
find_versions(const struct act *x, const struct campaign_spec *spec,
    struct str **ret, size_t *ret_n, struct err *e)
{
	struct policies_item *items;
	size_t n, k = 0;
	int r = 0;

	if (spec->npolicies == 0) {
		if ((r = policies_read(x, &items, &n, e)) != 0)
			return (r);
	} else {
		n = spec->npolicies;
		items = arena_array(x->a, n, sizeof(*items));
		for (size_t i = 0; r == 0 && i < n; i++)
			r = policies_one(x, spec->policies[i], &items[i], e);
		if (r != 0)
			return (r);
	}
	*ret = arena_array(x->a, n + 1, sizeof(**ret));
	for (size_t i = 0; i < n; i++) {
		if (items[i].current != NULL)
			(*ret)[k++] = items[i].current->id;
		else if (spec->npolicies != 0)
			return (err_set(e, ERR_INPUT, text(x, spec->policies[i]),
			    "publish it first: tickmark policy DIR publish CODE",
			    "no version of this policy is published"));
	}
	*ret_n = k;
	if (k == 0)
		return (err_set(e, ERR_INPUT, "campaign",
		    "publish one first: tickmark policy DIR publish CODE",
		    "no policy is published, so there is nothing to acknowledge"));
	return (0);
}

static int
next_code(const struct act *x, const char **ret, struct err *e)
{
	struct record_list l;
	char *prefix = arena_printf(x->a, "ACK-%.4s-", act_today(x).ptr);
	int64_t most = 0, n;
	int r = act_list(x, T_CAMPAIGN, -1, STR_NULL, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		struct str k = record_str(&l.at[i], F_CAMPAIGN_CODE);
		if (str_starts(k, prefix) && str_to_i64((struct str){ k.ptr + 9,
		    k.len - 9 }, &n) && n > most)
			most = n;
	}
	*ret = arena_printf(x->a, "%s%02lld", prefix, (long long)most + 1);
	return (r);
}

static int
ack_days(const struct act *x, int64_t *ret, struct err *e)
{
	struct facts f;
	const struct fact *days;
	int r = facts_read(x->a, &x->ws->records, &f, e);

	if (r == 0)
		r = facts_find(&f, STR("ack_days"), &days, e);
	if (r == 0 && !str_to_i64(days->value, ret))
		BUG("ack_days is no number");
	return (r);
}

int
campaign_open(const struct act *x, const struct campaign_spec *spec,
    struct record **ret, struct campaign_count *count, struct err *e)
{
	struct act_changes c = { 0 };
	struct str *versions, audience = spec->audience.len != 0 ? spec->audience :
	    STR("all"), due = spec->due_on, today = act_today(x);
	const char *code = text(x, spec->code);
	size_t n, added = 0;
	int64_t days;

	int r = find_versions(x, spec, &versions, &n, e);
	if (r == 0)
		r = ack_days(x, &days, e);
	if (r == 0 && spec->code.len == 0)
		r = next_code(x, &code, e);
	if (r != 0)
		return (r);
	if (due.len == 0)
		due = act_date(x, act_day(x) + days);
	struct val *m = act_add(x, &c, T_CAMPAIGN, STR_NULL, "code", code, "title",
	    spec->title.len != 0 ? text(x, spec->title) :
	    "Acknowledgement of policies", "audience", text(x, audience),
	    "starts_on", text(x, today), "due_on", text(x, due), NULL);
	struct val *list = val_list(x->a);
	for (size_t i = 0; i < n; i++)
		val_push(x->a, list, val_str(x->a, versions[i]));
	val_put(x->a, m, "versions", list);
	val_put(x->a, m, "joiner_days", val_int(x->a, days));
	if (spec->owner.len != 0)
		val_put(x->a, m, "owner", val_str(x->a, spec->owner));
	r = ask(x, &c, code, versions, n, audience, text(x, due), &added, e);
	if (r == 0 && added == 0)
		r = err_set(e, ERR_INPUT, code, "put people on the roster: tickmark "
		    "record DIR person put --file people.csv (state: active)",
		    "there is nobody to ask who was not asked already");
	if (r != 0) {
		vec_free(&c.all);
		return (r);
	}
	r = act_apply(x, &c, NULL, e);
	if (r == 0)
		r = act_find(x, T_CAMPAIGN, str_from(code), ret, e);
	if (r == 0)
		r = campaign_rows(x, *ret, &(struct record_list){ 0 }, count, e);
	return (r);
}

int
campaign_refresh(const struct act *x, const struct record *c, size_t *ret_added,
    struct err *e)
{
	struct act_changes list = { 0 };
	struct str *versions, due = record_str(c, F_CAMPAIGN_DUE_ON);
	size_t n = kind_items(x->a, &c->type->fields[F_CAMPAIGN_VERSIONS],
	    &c->cells[F_CAMPAIGN_VERSIONS], &versions);
	struct str later = act_date(x, act_day(x) +
	    record_int(c, F_CAMPAIGN_JOINER_DAYS, 0));

	if (!str_is(record_str(c, F_CAMPAIGN_STATE), "open"))
		return (err_set(e, ERR_INPUT, text(x, record_str(c, F_CAMPAIGN_CODE)),
		    "open a new one", "the campaign is closed"));
	if (str_cmp(later, due) > 0)
		due = later;
	int r = ask(x, &list, text(x, c->id), versions, n, record_str(c,
	    F_CAMPAIGN_AUDIENCE), text(x, due), ret_added, e);
	if (r != 0) {
		vec_free(&list.all);
		return (r);
	}
	return (act_apply(x, &list, NULL, e));
}

int
campaign_close(const struct act *x, const struct record *c, struct err *e)
{
	struct act_changes list = { 0 };

	act_add(x, &list, T_CAMPAIGN, c->id, "state", "closed", "closed_on",
	    text(x, act_today(x)), NULL);
	return (act_apply(x, &list, NULL, e));
}

int
campaign_rows(const struct act *x, const struct record *c,
    struct record_list *ret, struct campaign_count *count, struct err *e)
{
	struct campaign_count n = { 0 };
	struct map people;
	int r = act_list(x, T_ACKNOWLEDGEMENT, c != NULL ?
	    F_ACKNOWLEDGEMENT_CAMPAIGN : -1, c != NULL ? c->id : STR_NULL, ret, e);

	map_init(&people, x->a);
	for (size_t i = 0; r == 0 && i < ret->n; i++) {
		const struct record *k = &ret->at[i];
		struct str state = record_str(k, F_ACKNOWLEDGEMENT_STATE);
		map_put(&people, record_str(k, F_ACKNOWLEDGEMENT_PERSON), x->a);
		n.asked++;
		n.acknowledged += str_is(state, "acknowledged");
		n.excused += str_is(state, "excused");
		n.overdue += str_is(state, "asked") && act_days_until(x,
		    record_str(k, F_ACKNOWLEDGEMENT_DUE_ON)) < 0;
	}
	n.people = people.n;
	if (r == 0 && count != NULL)
		*count = n;
	return (r);
}

/* What is open for the person, of these policies or of all. */
static int
open_for(const struct act *x, struct str person, const struct str *policies,
    size_t n, struct record_list *ret, struct err *e)
{
	struct record *p, *one;
	struct map want;
	size_t k = 0;
	int r = act_find(x, T_PERSON, person, &p, e);

	map_init(&want, x->a);
	for (size_t i = 0; r == 0 && i < n; i++)
		if ((r = act_find(x, T_POLICY, policies[i], &one, e)) == 0)
			map_put(&want, one->id, x->a);
	if (r == 0)
		r = act_list(x, T_ACKNOWLEDGEMENT, F_ACKNOWLEDGEMENT_PERSON, p->id,
		    ret, e);
	for (size_t i = 0; r == 0 && i < ret->n; i++) {
		const struct record *q = &ret->at[i];
		if (!str_is(record_str(q, F_ACKNOWLEDGEMENT_STATE), "asked"))
			continue;
		r = act_find(x, T_POLICY_VERSION, record_str(q,
		    F_ACKNOWLEDGEMENT_VERSION), &one, e);
		if (r == 0 && (n == 0 || map_get(&want, record_str(one,
		    F_POLICY_VERSION_POLICY)) != NULL))
			ret->at[k++] = *q;
	}
	ret->n = k;
	if (r == 0 && k == 0)
		return (err_set(e, ERR_NOTFOUND, text(x, person),
		    "see what is asked: tickmark policy DIR campaign show CODE",
		    "nothing is asked of this person that is not done"));
	return (r);
}

static int
settle(const struct act *x, struct record_list *l, const char *state,
    const char *field, const char *value, size_t *ret_done, struct err *e)
{
	struct act_changes c = { 0 };

	for (size_t i = 0; i < l->n; i++)
		act_add(x, &c, T_ACKNOWLEDGEMENT, l->at[i].id, "state", state, field,
		    value, NULL);
	int r = act_apply(x, &c, NULL, e);
	if (r == 0)
		*ret_done = l->n;
	return (r);
}

int
campaign_acknowledge(const struct act *x, struct str person,
    const struct str *policies, size_t n, struct str on, size_t *ret_done,
    struct err *e)
{
	struct record_list l;
	int64_t day;
	int r = on.len != 0 ? date_parse(on, &day, e) : 0;

	if (r == 0 && on.len != 0 && day > act_day(x))
		r = err_set(e, ERR_INPUT, text(x, on), "give a day that has been",
		    "nobody has acknowledged anything on that day yet");
	if (r == 0)
		r = open_for(x, person, policies, n, &l, e);
	return (r != 0 ? r : settle(x, &l, "acknowledged", "acknowledged_on",
	    text(x, on.len != 0 ? on : act_today(x)), ret_done, e));
}

int
campaign_excuse(const struct act *x, struct str person, struct str reason,
    size_t *ret_done, struct err *e)
{
	struct record_list l;
	int r = open_for(x, person, NULL, 0, &l, e);

	return (r != 0 ? r : settle(x, &l, "excused", "reason", text(x, reason),
	    ret_done, e));
}
