#include "program/act.h"

#include "base/clock.h"
#include "text/zone.h"

int64_t
act_day(const struct act *x)
{
	return (zone_day(x->ws->zone, clock_now()));
}

struct str
act_date(const struct act *x, int64_t day)
{
	char at[DATE_SIZE];

	return (str_from(arena_strdup(x->a, date_print(day, at))));
}

struct str
act_today(const struct act *x)
{
	return (act_date(x, act_day(x)));
}

int64_t
act_days_until(const struct act *x, struct str date)
{
	int64_t day;

	if (date_parse(date, &day, NULL) != 0)
		BUG("a date that is none");
	return (day - act_day(x));
}

struct str
act_due_words(const struct act *x, struct str date)
{
	int64_t n = act_days_until(x, date), days = n < 0 ? -n : n;

	if (n == 0)
		return (STR("due today"));
	return (str_from(arena_printf(x->a, "%s %lld day%s",
	    n < 0 ? "overdue by" : "due in", (long long)days,
	    days == 1 ? "" : "s")));
}

struct val *
act_add(const struct act *x, struct act_changes *c, unsigned type,
    struct str name, ...)
{
	struct val *m = val_map(x->a);
	va_list ap;

	va_start(ap, name);
	for (const char *k; (k = va_arg(ap, const char *)) != NULL;) {
		const char *v = va_arg(ap, const char *);
		val_put(x->a, m, k, v != NULL ? val_text(x->a, v) : val_null(x->a));
	}
	va_end(ap);
	vec_push(&c->all, (struct record_change){ .type = schema_get(type),
	    .name = name, .fields = m });
	return (m);
}

int
act_apply(const struct act *x, struct act_changes *c,
    struct record_result *ret, struct err *e)
{
	struct record_result res = { 0 };
	int r = 0;

	if (c->all.n != 0)
		r = record_apply(&x->ws->records, x->a, &x->who, c->all.at, c->all.n,
		    x->opts, &res, e);
	vec_free(&c->all);
	if (r == 0 && ret != NULL)
		*ret = res;
	return (r);
}

int
act_find(const struct act *x, unsigned type, struct str name,
    struct record **ret, struct err *e)
{
	return (record_find(&x->ws->records, x->a, schema_get(type), name, ret, e));
}

int
act_list(const struct act *x, unsigned type, int field, struct str value,
    struct record_list *ret, struct err *e)
{
	struct record_filter f = { .field = (uint16_t)field, .op = RECORD_EQ,
		.value = CELL_STR(value) };
	struct record_query q = { .filters = &f, .nfilters = field < 0 ? 0 : 1,
		.sort = -1 };

	return (record_list(&x->ws->records, x->a, schema_get(type), &q, ret, e));
}

struct str
act_person(const struct act *x, struct str id)
{
	struct record *p;

	if (id.len == 0 || act_find(x, T_PERSON, id, &p, NULL) != 0)
		return (id);
	struct str name = record_str(p, F_PERSON_NAME);
	return (name.len != 0 ? name : record_str(p, F_PERSON_CODE));
}
