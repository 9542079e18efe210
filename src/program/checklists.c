#include "program/checklists.h"

#include <strings.h>

#include "base/content.h"
#include "program/campaign.h"
#include "program/said.h"
#include "program/workdays.h"
#include "sys/file.h"
#include "text/csv.h"

#define FILE_MAX ((size_t)1 << 20)
#define DAYS_MAX 400

/* --- the template --------------------------------------------------------------------- */

static const char *const names[] = { "kind", "role", "day", "who", "control",
	"title", "record" };
#define NAMES 7
#define NEEDED 6
#define YEARLY "GV-01" /* staff sign the code of conduct each year */
#define YEARLY_DAYS 30

static int
bad(struct arena *a, const char *name, int64_t line, struct err *e,
    const char *fix, const char *what)
{
	return (err_set(e, ERR_INPUT, arena_printf(a, "%s:%lld", name,
	    (long long)line), fix, "%s", what));
}

static bool
word_of(struct str s, const char *const *words, size_t n, int *ret)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, words[i])) {
			*ret = (int)i;
			return (true);
		}
	return (false);
}

/* "check identity", "declaration confidentiality": what it is kept as. */
static bool
read_record(struct str s, struct checklists_item *x)
{
	struct str word;

	if (s.len == 0)
		return (true);
	if (!str_split(&s, ' ', &word))
		return (false);
	x->as = str_trim(s);
	x->type = str_is(word, "check") ? T_BACKGROUND_CHECK :
	    str_is(word, "declaration") ? T_DECLARATION : 0;
	if (x->type == 0)
		return (false);
	const struct schema_type *t = schema_get(x->type);
	const char *const *v = t->fields[x->type == T_DECLARATION ?
	    F_DECLARATION_KIND : F_BACKGROUND_CHECK_KIND].values;
	for (; *v != NULL; v++)
		if (str_is(x->as, *v))
			return (true);
	return (false);
}

static int
read_item(struct arena *a, const char *name, const struct csv_row *row,
    struct checklists_item *ret, struct err *e)
{
	static const char *const kinds[] = { "onboarding", "offboarding", "move" };
	static const char *const whos[] = { "person", "manager", "control" };
	struct str s[NAMES];
	struct checklists_item x;
	int i;

	for (size_t k = 0; k < NAMES; k++)
		s[k] = k < row->n ? arena_str(a, str_trim(row->at[k])) : STR("");
	x = (struct checklists_item){ .kind = s[0], .role = s[1],
		.control = s[4], .title = s[5] };
	if (!word_of(s[0], kinds, 3, &i))
		return (bad(a, name, row->line, e, "write onboarding, offboarding or "
		    "move", "this is no kind of checklist"));
	if (!str_to_i64(s[2], &x.day) || x.day < -DAYS_MAX || x.day > DAYS_MAX)
		return (bad(a, name, row->line, e, "write working days after the day, "
		    "or before it, such as -5", "this is no number of days"));
	if (!word_of(s[3], whos, 3, &i))
		return (bad(a, name, row->line, e, "write person, manager or control",
		    "nobody is given this item"));
	x.who = (enum checklists_who)i;
	if (x.who == CHECKLISTS_CONTROL && x.control.len == 0)
		return (bad(a, name, row->line, e, "write its code, such as AC-03",
		    "no control is named whose owner has to do it"));
	if (x.title.len == 0 || x.title.len > 300 || x.role.len == 0)
		return (bad(a, name, row->line, e, "write a role or *, and a line of "
		    "at most 300 bytes", "the role or the title is missing or too "
		    "long"));
	if (!read_record(s[6], &x))
		return (bad(a, name, row->line, e, "write check and a kind of "
		    "background check, or declaration and a kind of declaration",
		    "nothing is kept so"));
	*ret = x;
	return (0);
}

int
checklists_parse(struct arena *a, const char *name, struct str text,
    struct checklists_template *ret, struct err *e)
{
	struct csv_opts opts = { .sep = '\t' };
	CSV_SCOPED csv = csv_new(name, &opts);
	struct checklists_template t = { .at = arena_array(a, CHECKLISTS_ITEMS,
	    sizeof(*t.at)) };
	struct csv_row row;
	size_t columns = 0;
	bool head = true;
	int r;

	csv_feed(csv, text, true);
	while ((r = csv_next(csv, &row, e)) > 0) {
		bool as = head ? row.n == NAMES || row.n == NEEDED :
		    row.n == columns;
		if (head)
			columns = row.n;
		for (size_t i = 0; as && head && i < columns; i++)
			as = str_is(str_trim(row.at[i]), names[i]);
		if (!as)
			return (bad(a, name, row.line, e, "its first line is kind, role, "
			    "day, who, control, title, record, with tabs between them",
			    "these are not the columns of a template"));
		if (!head && t.n == CHECKLISTS_ITEMS)
			return (bad(a, name, row.line, e, "remove some",
			    "there are more than 500 items"));
		if (!head && (r = read_item(a, name, &row, &t.at[t.n++], e)) != 0)
			return (r);
		head = false;
	}
	if (r == 0)
		*ret = t;
	return (r);
}

int
checklists_load(const struct act *x, struct checklists_template *ret,
    struct err *e)
{
	const char *path = arena_printf(x->a, "%s/checklists.tsv", x->ws->dir);
	BUF_SCOPED text = BUF_INIT;

	if (!file_exists(path))
		return (checklists_parse(x->a, "content/people/checklists.tsv",
		    content_find("content/people/checklists.tsv"), ret, e));
	int r = file_read(path, FILE_MAX, &text, e);
	return (r != 0 ? r : checklists_parse(x->a, path, buf_str(&text), ret, e));
}

/* --- making ------------------------------------------------------------------------------ */

struct making {
	const struct act *x;
	const struct checklists_template *t;
	struct workdays workdays;
	struct act_changes changes;
	size_t n, asked; /* checklists; declarations of this year */
};

static bool
has_word(struct str role, struct str word)
{
	for (size_t i = 0; i + word.len <= role.len; i++)
		if (strncasecmp(role.ptr + i, word.ptr, word.len) == 0)
			return (true);
	return (false);
}

static bool
is_for(const struct checklists_item *i, const char *kind,
    const struct record *person)
{
	return (str_is(i->kind, kind) && (str_is(i->role, "*") ||
	    has_word(record_str(person, F_PERSON_ROLE), i->role)));
}

/* So many working days after a day, or before it. */
static int64_t
shifted(const struct workdays *w, int64_t day, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		day = workdays_next(w, day + 1);
	for (int64_t i = 0; i > n; i--)
		day = workdays_last(w, day - 1);
	return (day);
}

/* The manager where nobody else is known; NULL: nobody. */
static const char *
assignee(struct making *m, const struct checklists_item *i,
    const struct record *person)
{
	struct str id = record_str(person, F_PERSON_MANAGER);
	struct record *control;

	if (i->who == CHECKLISTS_PERSON)
		id = person->id;
	if (i->who == CHECKLISTS_CONTROL && act_find(m->x, T_CONTROL, i->control,
	    &control, NULL) == 0 && record_str(control, F_CONTROL_OWNER).len > 0)
		id = record_str(control, F_CONTROL_OWNER);
	return (id.len > 0 ? arena_strndup(m->x->a, id.ptr, id.len) : NULL);
}

/* Was the person asked for this declaration in that year, or for this check? */
static int
was_asked(const struct act *x, const struct record *person, unsigned type,
    struct str kind, int64_t year, bool *ret, struct err *e)
{
	bool check = type == T_BACKGROUND_CHECK;
	struct record_list l;
	int r = act_list(x, type, check ? F_BACKGROUND_CHECK_PERSON :
	    F_DECLARATION_PERSON, person->id, &l, e);

	*ret = false;
	for (size_t i = 0; r == 0 && i < l.n; i++)
		*ret |= str_eq(record_str(&l.at[i], check ?
		    F_BACKGROUND_CHECK_KIND : F_DECLARATION_KIND), kind) &&
		    (check || record_int(&l.at[i], F_DECLARATION_YEAR, 0) == year);
	return (r);
}

/* Ask for what is kept as a record of its own, once. */
static int
ask(struct making *m, const struct record *person, unsigned type,
    struct str kind, int64_t due, const char *owner, struct err *e)
{
	const struct act *x = m->x;
	struct str day = act_date(x, due);
	int64_t year = 0;
	bool asked;

	str_to_i64((struct str){ day.ptr, 4 }, &year);
	int r = was_asked(x, person, type, kind, year, &asked, e);
	if (r != 0 || asked)
		return (r);
	bool check = type == T_BACKGROUND_CHECK;
	struct val *v = act_add(x, &m->changes, type, STR(""), check ?
	    "requested_on" : "asked_on", act_today(x).ptr, "due_on", day.ptr,
	    NULL);
	val_put(x->a, v, "person", val_str(x->a, person->id));
	val_put(x->a, v, "kind", val_str(x->a, kind));
	if (!check)
		val_put(x->a, v, "year", val_int(x->a, year));
	else if (owner != NULL)
		val_put(x->a, v, "owner", val_text(x->a, owner));
	return (0);
}

static int
make_one(struct making *m, const struct record *person, const char *kind,
    const char *prefix, struct str day, struct err *e)
{
	const struct act *x = m->x;
	const char *code = arena_printf(x->a, "%s-" STR_FMT "-" STR_FMT, prefix,
	    STR_ARG(record_str(person, F_PERSON_CODE)), STR_ARG(day));
	struct str manager = record_str(person, F_PERSON_MANAGER);
	struct record *there;
	int64_t on, last = INT64_MIN;
	size_t n = 0;

	if (act_find(x, T_CHECKLIST, str_from(code), &there, NULL) == 0)
		return (0);
	if (strlen(code) > 60)
		return (err_set(e, ERR_INPUT, code, "shorten the person's code",
		    "the name of a checklist would be too long"));
	if (date_parse(day, &on, e) != 0)
		return (-ERR_INPUT);
	struct val *list = act_add(x, &m->changes, T_CHECKLIST, STR(""), "code",
	    code, "kind", kind, NULL);
	val_put(x->a, list, "person", val_str(x->a, person->id));
	val_put(x->a, list, "effective_on", val_str(x->a, day));
	if (record_str(person, F_PERSON_ROLE).len > 0)
		val_put(x->a, list, "role", val_str(x->a, record_str(person,
		    F_PERSON_ROLE)));
	if (manager.len > 0)
		val_put(x->a, list, "owner", val_str(x->a, manager));
	for (size_t i = 0; i < m->t->n; i++) {
		const struct checklists_item *it = &m->t->at[i];
		if (!is_for(it, kind, person))
			continue;
		int64_t due = shifted(&m->workdays, on, it->day);
		if (it->type != 0) {
			int r = ask(m, person, it->type, it->as, due,
			    assignee(m, it, person), e);
			if (r != 0)
				return (r);
			last = due > last ? due : last;
			continue;
		}
		struct val *v = act_add(x, &m->changes, T_CHECKLIST_ITEM, STR(""),
		    "checklist", code, "due_on", act_date(x, due).ptr, NULL);
		const char *who = assignee(m, it, person);
		val_put(x->a, v, "number", val_int(x->a, (int64_t)++n));
		val_put(x->a, v, "title", it->control.len > 0 ? val_fmt(x->a,
		    STR_FMT " (" STR_FMT ")", STR_ARG(it->title),
		    STR_ARG(it->control)) : val_str(x->a, it->title));
		if (who != NULL)
			val_put(x->a, v, "assignee", val_text(x->a, who));
		last = due > last ? due : last;
	}
	if (n > 0)
		val_put(x->a, list, "due_on", val_str(x->a, act_date(x, last)));
	m->n++;
	return (0);
}

static bool
is_near(const struct act *x, struct str day)
{
	return (day.len > 0 && act_days_until(x, day) >= -CHECKLISTS_BACK);
}

static int
make_for(struct making *m, const struct record *p, struct err *e)
{
	struct str state = record_str(p, F_PERSON_STATE);
	struct str start = record_str(p, F_PERSON_START_ON);
	struct str end = record_str(p, F_PERSON_END_ON);
	int r = 0;

	if (!str_is(state, "ended") && is_near(m->x, start))
		r = make_one(m, p, "onboarding", "ON", start, e);
	if (r == 0 && is_near(m->x, end))
		r = make_one(m, p, "offboarding", "OFF", end, e);
	return (r);
}

static int
open_making(const struct act *x, const struct checklists_template *t,
    struct making *m, struct err *e)
{
	*m = (struct making){ .x = x, .t = t };
	return (workdays_read(x->a, &x->ws->records, x->ws->zone,
	    said_now(&x->ws->records), &m->workdays, e));
}

static int
finish(struct making *m, int r, size_t *ret_n, struct err *e)
{
	if (r == 0 && m->n + m->asked > 0)
		r = act_apply(m->x, &m->changes, NULL, e);
	else
		vec_free(&m->changes.all);
	if (r == 0)
		*ret_n = m->n;
	return (r);
}

/* Who works here, has not just come, and has not declared in this year. */
static int
make_yearly(struct making *m, const struct record_list *people, struct err *e)
{
	const struct act *x = m->x;
	struct str today = act_today(x), state;
	struct record *control;
	int64_t due = act_day(x) + YEARLY_DAYS;
	size_t before = m->changes.all.n;
	int r = 0;

	if (act_find(x, T_CONTROL, STR(YEARLY), &control, NULL) != 0)
		return (0);
	state = record_str(control, F_CONTROL_STATE);
	if (!str_is(state, "implemented") && !str_is(state, "operating"))
		return (0);
	/* In December there is no time left: the next year asks soon enough. */
	if (str_cmp((struct str){ today.ptr, 4 }, (struct str){ act_date(x,
	    due).ptr, 4 }) != 0)
		return (0);
	for (size_t i = 0; r == 0 && i < people->n; i++) {
		const struct record *p = &people->at[i];
		struct str start = record_str(p, F_PERSON_START_ON);
		if (campaign_works(p, today) && !str_is(record_str(p,
		    F_PERSON_KIND), "external") && start.len > 0 &&
		    act_days_until(x, start) < -CHECKLISTS_BACK)
			r = ask(m, p, T_DECLARATION, STR("code_of_conduct"), due,
			    NULL, e);
	}
	m->asked += m->changes.all.n - before;
	return (r);
}

int
checklists_make(const struct act *x, const struct checklists_template *t,
    size_t *ret_n, struct err *e)
{
	struct record_list people;
	struct making m;
	int r = open_making(x, t, &m, e);

	if (r == 0)
		r = act_list(x, T_PERSON, -1, STR(""), &people, e);
	for (size_t i = 0; r == 0 && i < people.n; i++)
		r = make_for(&m, &people.at[i], e);
	if (r == 0)
		r = make_yearly(&m, &people, e);
	return (finish(&m, r, ret_n, e));
}

int
checklists_move(const struct act *x, const struct checklists_template *t,
    struct str person, struct err *e)
{
	struct record *p;
	struct making m;
	size_t n;
	int r = open_making(x, t, &m, e);

	if (r == 0)
		r = act_find(x, T_PERSON, person, &p, e);
	if (r == 0)
		r = make_one(&m, p, "move", "MOVE", act_today(x), e);
	return (finish(&m, r, &n, e));
}
