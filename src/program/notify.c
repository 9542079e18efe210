#include "program/notify.h"

#include "base/clock.h"
#include "base/map.h"
#include "text/date.h"
#include "text/json.h"
#include "text/timefmt.h"

#define HOOK_FLOOD 20 /* overdue at once: then the number is told */
#define HOOK_SHOWN 10 /* tasks named in a digest of a webhook */

/* --- what is told ----------------------------------------------------------------- */

static bool
is_near(const struct task_desk *d, const struct task *t)
{
	return (t->overdue || (t->due != INT64_MAX &&
	    t->due_day <= d->day + d->settings->digest_ahead));
}

static struct str
code_of(struct task_desk *d, struct str person)
{
	return (person.len == 0 ? STR("nobody") : record_handle(d->s, d->a,
	    schema_get(T_PERSON), person));
}

static const char *
plural(size_t n)
{
	return (n == 1 ? "" : "s");
}

static void
put_task(struct task_desk *d, const struct task *t, struct buf *text)
{
	char left[64], day[DATE_SIZE];

	buf_printf(text, "- " STR_FMT "\n  %s", STR_ARG(t->title),
	    task_left(t, left));
	if (t->due != INT64_MAX)
		buf_printf(text, " (%s)", date_print(t->due_day, day));
	if (t->level != TASK_OWN)
		buf_printf(text, ", of " STR_FMT, STR_ARG(code_of(d, t->person)));
	buf_puts(text, "\n");
}

static void
put_section(struct task_desk *d, const struct task_list *l, const char *name,
    int which, struct buf *text)
{
	bool begun = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct task *t = &l->at[i];
		int is = t->level != TASK_OWN ? 2 : t->overdue ? 0 : 1;
		if (is != which || !(which == 2 || is_near(d, t)))
			continue;
		if (!begun)
			buf_printf(text, "\n%s\n\n", name);
		begun = true;
		put_task(d, t, text);
	}
}

int
notify_digest(struct task_desk *d, struct str org, struct str person,
    struct buf *subject, struct buf *text, size_t *ret_n, struct err *e)
{
	struct task_list l;
	size_t n = 0, overdue = 0;
	int r = task_inbox(d, person, &l, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < l.n; i++) {
		if (l.at[i].level == TASK_OWN && !is_near(d, &l.at[i]))
			continue;
		n++;
		overdue += l.at[i].overdue;
	}
	*ret_n = n;
	if (n == 0)
		return (0);
	buf_printf(subject, "%zu task%s, %zu overdue: " STR_FMT, n, plural(n),
	    overdue, STR_ARG(org));
	buf_printf(text, "At " STR_FMT " %zu task%s wait%s for you, of which %zu "
	    "%s overdue.\n", STR_ARG(org), n, plural(n), n == 1 ? "s" : "",
	    overdue, overdue == 1 ? "is" : "are");
	put_section(d, &l, "Overdue", 0, text);
	put_section(d, &l, "Due soon", 1, text);
	put_section(d, &l, "Of others, who did not do it in time", 2, text);
	if (d->settings->url != NULL)
		buf_printf(text, "\nAll of them: %s\n", d->settings->url);
	buf_puts(text, "\nYou get this because these tasks are assigned to you. A "
	    "task is gone when\nwhat it asks for is recorded.\n");
	return (0);
}

/* --- webhooks ----------------------------------------------------------------------- */

static void
begin_body(struct json_writer *w, struct buf *out, struct str key,
    const char *event, struct str org, int64_t now)
{
	char t[TIME_SIZE];

	json_begin(w, out, false);
	json_object(w);
	json_kstr(w, "id", key);
	json_ktext(w, "event", event);
	json_ktext(w, "time", time_print(now, t));
	json_kstr(w, "organisation", org);
}

static void
put_json_task(struct task_desk *d, struct json_writer *w, const struct task *t)
{
	char day[DATE_SIZE];

	json_object(w);
	json_kstr(w, "id", t->id);
	json_kstr(w, "title", t->title);
	json_ktext(w, "type", t->type->name);
	json_kstr(w, "person", t->person.len > 0 ? code_of(d, t->person) :
	    STR(""));
	json_ktext(w, "due_on", t->due == INT64_MAX ? NULL : date_print(t->due_day,
	    day));
	json_kbool(w, "overdue", t->overdue);
	json_close(w);
}

static int
put_hook(struct task_desk *d, struct outbox *o, struct str key,
    const struct settings_hook *h, struct buf *body, struct notify_done *done,
    struct err *e)
{
	struct outbox_message m = { .key = key, .kind = OUTBOX_HOOK,
		.target = str_from(h->name), .body = buf_str(body),
		.created = d->now };
	bool new = false;
	int r = outbox_put(o, &m, &new, e);

	done->hooks += new;
	return (r);
}

static int
hook_task(struct task_desk *d, struct str org, struct outbox *o,
    const struct settings_hook *h, const struct task *t, struct str key,
    struct notify_done *done, struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	struct json_writer w;
	char day[DATE_SIZE];

	begin_body(&w, &body, key, "task.overdue", org, d->now);
	json_ktext(&w, "text", arena_printf(d->a, STR_FMT ": overdue since %s: "
	    STR_FMT " (" STR_FMT ")", STR_ARG(org), date_print(t->due_day, day),
	    STR_ARG(t->title), STR_ARG(code_of(d, t->person))));
	json_key(&w, "task");
	put_json_task(d, &w, t);
	json_close(&w);
	json_end(&w, NULL);
	return (put_hook(d, o, key, h, &body, done, e));
}

static int
hook_numbers(struct task_desk *d, struct str org, struct outbox *o,
    const struct settings_hook *h, const struct task_list *l, struct str key,
    const char *event, const char *text, struct notify_done *done,
    struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	struct json_writer w;
	size_t shown = 0;

	begin_body(&w, &body, key, event, org, d->now);
	json_ktext(&w, "text", text);
	json_key(&w, "tasks");
	json_array(&w);
	for (size_t i = 0; i < l->n && shown < HOOK_SHOWN; i++)
		if (is_near(d, &l->at[i])) {
			put_json_task(d, &w, &l->at[i]);
			shown++;
		}
	json_close(&w);
	json_close(&w);
	json_end(&w, NULL);
	return (put_hook(d, o, key, h, &body, done, e));
}

static struct str
overdue_key(struct task_desk *d, const struct settings_hook *h,
    const struct task *t)
{
	char day[DATE_SIZE];

	return (str_from(arena_printf(d->a, "%s/overdue/" STR_FMT "/%s", h->name,
	    STR_ARG(t->id), date_print(t->due_day, day))));
}

/* Those that this hook was not told of. */
static int
new_overdue(struct task_desk *d, struct outbox *o,
    const struct settings_hook *h, const struct task_list *l,
    struct task_list *ret, struct err *e)
{
	ret->at = arena_array(d->a, l->n + 1, sizeof(*ret->at));
	ret->n = 0;
	for (size_t i = 0; i < l->n; i++) {
		bool known;
		if (!l->at[i].overdue)
			continue;
		int r = outbox_known(o, overdue_key(d, h, &l->at[i]), &known, e);
		if (r != 0)
			return (r);
		if (!known)
			ret->at[ret->n++] = l->at[i];
	}
	return (0);
}

static int
hook_overdue(struct task_desk *d, struct str org, struct outbox *o,
    const struct settings_hook *h, const struct task_list *all,
    struct notify_done *done, struct err *e)
{
	struct task_list l;
	int r = new_overdue(d, o, h, all, &l, e);

	if (r != 0 || l.n == 0)
		return (r);
	if (l.n > HOOK_FLOOD) {
		struct str key = str_from(arena_printf(d->a, "%s/overdue/%lld",
		    h->name, (long long)d->now));
		r = hook_numbers(d, org, o, h, &l, key, "tasks.overdue",
		    arena_printf(d->a, STR_FMT ": %zu tasks became overdue",
		    STR_ARG(org), l.n), done, e);
	}
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		struct str key = overdue_key(d, h, &l.at[i]);
		struct outbox_message m = { .key = key, .kind = OUTBOX_HOOK,
			.target = str_from(h->name), .state = OUTBOX_DROPPED,
			.error = STR("told as a number"), .created = d->now };
		r = l.n > HOOK_FLOOD ? outbox_put(o, &m, NULL, e) :
		    hook_task(d, org, o, h, &l.at[i], key, done, e);
	}
	return (r);
}

/* --- digests -------------------------------------------------------------------------- */

/* Do they go out today, and is it time? */
static bool
digest_time(const struct task_desk *d)
{
	const struct settings *c = d->settings;
	int64_t monday = d->day - (date_weekday(d->day) - 1);

	if (d->now < zone_instant(d->zone, d->day, c->digest_at))
		return (false);
	if (c->digest_days == SETTINGS_WORKING)
		return (workdays_is(&d->workdays, d->day));
	return (c->digest_days == SETTINGS_DAILY ||
	    workdays_next(&d->workdays, monday) == d->day);
}

static int
add_person(struct task_desk *d, struct map *people, struct str id)
{
	if (id.len > 0 && map_get(people, id) == NULL)
		map_put(people, arena_str(d->a, id), d);
	return (0);
}

/* Who may have something to be told: the assignees, and to whom it escalates. */
static int
people_of(struct task_desk *d, const struct task_list *all, struct map *ret,
    struct err *e)
{
	struct record *p;
	int r = 0;

	map_init(ret, d->a);
	for (size_t i = 0; i < all->n; i++)
		if (is_near(d, &all->at[i]))
			add_person(d, ret, all->at[i].person);
	size_t own = ret->n;
	for (size_t i = 0; r == 0 && i < own; i++) {
		r = record_find(d->s, d->a, schema_get(T_PERSON),
		    ret->items[i].key, &p, e);
		if (r == 0)
			add_person(d, ret, record_str(p, F_PERSON_MANAGER));
	}
	if (r == 0 && d->settings->lead != NULL && record_find(d->s, d->a,
	    schema_get(T_PERSON), str_from(d->settings->lead), &p, NULL) == 0)
		add_person(d, ret, p->id);
	return (r);
}

static int
put_digests(struct task_desk *d, struct outbox *o, const struct task_list *all,
    const char *day, struct notify_done *done, struct err *e)
{
	struct map people;
	int r = people_of(d, all, &people, e);

	for (size_t i = 0; r == 0 && i < people.n; i++) {
		bool new = false;
		struct outbox_message m = { .kind = OUTBOX_DIGEST,
			.target = people.items[i].key, .created = d->now };
		m.key = str_from(arena_printf(d->a, "digest/" STR_FMT "/%s",
		    STR_ARG(m.target), day));
		r = outbox_put(o, &m, &new, e);
		done->digests += new;
	}
	return (r);
}

static int
digests(struct task_desk *d, struct str org, struct outbox *o,
    const struct task_list *all, const char *day, struct notify_done *done,
    struct err *e)
{
	const struct settings *c = d->settings;
	size_t near = 0, overdue = 0;
	int r = 0;

	for (size_t i = 0; i < all->n; i++) {
		near += is_near(d, &all->at[i]);
		overdue += all->at[i].overdue;
	}
	if (c->mail_host != NULL)
		r = put_digests(d, o, all, day, done, e);
	for (size_t i = 0; r == 0 && i < c->nhooks; i++)
		if (c->hook[i].digest)
			r = hook_numbers(d, org, o, &c->hook[i], all,
			    str_from(arena_printf(d->a, "%s/digest/%s",
			    c->hook[i].name, day)), "tasks.digest",
			    arena_printf(d->a, STR_FMT ": %zu task%s due soon or "
			    "overdue, %zu overdue", STR_ARG(org), near,
			    plural(near), overdue), done, e);
	return (r);
}

/* The key is remembered, so that it is done once. */
static int
mark(struct task_desk *d, struct outbox *o, const char *key, struct err *e)
{
	struct outbox_message m = { .key = str_from(key), .kind = OUTBOX_HOOK,
		.state = OUTBOX_DROPPED, .error = STR("a mark"),
		.created = d->now };

	return (outbox_put(o, &m, NULL, e));
}

static int
put_all(struct task_desk *d, struct str org, struct outbox *o,
    const char *day_key, const char *hour_key, const char *day,
    struct notify_done *done, struct err *e)
{
	const struct settings *c = d->settings;
	struct task_list all;
	int r = task_all(d, &all, e);

	if (r == 0)
		r = outbox_begin(o, e);
	if (r == 0 && day_key != NULL) {
		r = digests(d, org, o, &all, day, done, e);
		if (r == 0)
			r = mark(d, o, day_key, e);
	}
	for (size_t i = 0; r == 0 && hour_key != NULL && i < c->nhooks; i++)
		if (c->hook[i].overdue)
			r = hook_overdue(d, org, o, &c->hook[i], &all, done, e);
	if (r == 0 && hour_key != NULL)
		r = mark(d, o, hour_key, e);
	return (r != 0 ? r : outbox_commit(o, e));
}

int
notify_enqueue(struct task_desk *d, struct str org, struct outbox *o,
    struct notify_done *ret, struct err *e)
{
	const struct settings *c = d->settings;
	char date[DATE_SIZE];
	const char *day = date_print(d->day, date);
	const char *day_key = arena_printf(d->a, "mark/day/%s", day);
	const char *hour_key = arena_printf(d->a, "mark/hour/%lld",
	    (long long)(d->now / CLOCK_HOUR));
	bool day_known = true, hour_known = true;
	int r = 0;

	*ret = (struct notify_done){ 0 };
	if (c->mail_host == NULL && c->nhooks == 0)
		return (0);
	if (digest_time(d))
		r = outbox_known(o, str_from(day_key), &day_known, e);
	if (r == 0 && c->nhooks > 0)
		r = outbox_known(o, str_from(hour_key), &hour_known, e);
	if (r != 0 || (day_known && hour_known))
		return (r);
	return (put_all(d, org, o, day_known ? NULL : day_key, hour_known ? NULL :
	    hour_key, day, ret, e));
}
