/* Declarations: what can be seen only when all of them are read. */
#include "decl.h"

static struct decl_field *
find_field(struct decls *d, const struct decl *t, const struct decl_word *w,
    const char *what)
{
	int i = decl_field(t, w->text);

	if (i < 0 && !t->broken)
		decl_wrong(d, t->file, w->line, "%s names \"%s\", which is not a field "
		    "of %s", what, w->text, t->name);
	return (i < 0 ? NULL : &t->fields.at[i]);
}

static void
check_fields(struct decls *d, struct decl *t)
{
	if (t->fields.n == 0 && !t->broken)
		decl_wrong(d, t->file, t->line, "%s has no fields", t->name);
	for (size_t i = 0; i < t->fields.n; i++) {
		struct decl_field *f = &t->fields.at[i];
		for (size_t j = 0; j < i; j++) {
			struct decl_field *g = &t->fields.at[j];
			if (f->number == g->number)
				decl_wrong(d, t->file, f->line, "the number %d is taken "
				    "by %s in line %d", f->number, g->name, g->line);
			if (strcmp(f->name, g->name) == 0)
				decl_wrong(d, t->file, f->line, "the name %s is taken in "
				    "line %d", f->name, g->line);
		}
		if (f->cls < 0)
			f->cls = t->cls;
		if (t->table && (f->kind == DECL_MARKDOWN || f->kind == DECL_SET ||
		    f->kind == DECL_REF || f->kind == DECL_REFS ||
		    f->kind == DECL_MAP))
			decl_wrong(d, t->file, f->line, "a table cannot hold %s: use "
			    "text, int, bool, time, date or enum",
			    decl_kind_word(f->kind));
		if (f->target.text == NULL)
			continue;
		for (size_t j = 0; j < d->all.n; j++)
			if (d->all.at[j].name != NULL && !d->all.at[j].table &&
			    strcmp(d->all.at[j].name, f->target.text) == 0)
				f->target_number = d->all.at[j].number;
		if (f->target_number == 0)
			decl_wrong(d, t->file, f->line, "\"%s\" refers to %s, and there "
			    "is no record type of that name", f->name,
			    f->target.text);
	}
}

static bool
plain(const struct decl_field *f)
{
	return (f->kind != DECL_MARKDOWN && f->kind != DECL_MAP &&
	    f->kind != DECL_SET && f->kind != DECL_REFS);
}

static void
check_key(struct decls *d, struct decl *t)
{
	for (size_t i = 0; i < t->key.n; i++) {
		struct decl_field *f = find_field(d, t, &t->key.at[i], "key");
		if (f != NULL && !f->required)
			decl_wrong(d, t->file, t->key.at[i].line, "key names %s, which "
			    "may be absent: make it required", f->name);
		if (f != NULL && !t->table && f->kind != DECL_TEXT)
			decl_wrong(d, t->file, t->key.at[i].line, "key names %s, which "
			    "is not a text", f->name);
	}
	if (!t->table && t->key.n > 1)
		decl_wrong(d, t->file, t->key.at[1].line, "a type has one field as its "
		    "key: for a set of fields use unique");
	if (t->table && t->key.n == 0)
		decl_wrong(d, t->file, t->line, "%s has no key: name the columns that "
		    "no two rows share", t->name);
	for (size_t i = 0; i < t->subject.n; i++) {
		struct decl_field *f = find_field(d, t, &t->subject.at[i],
		    "subject");
		if (f != NULL && !f->required)
			decl_wrong(d, t->file, t->subject.at[i].line, "subject names "
			    "%s, which may be absent: make it required", f->name);
	}
	for (size_t i = 0; i < t->owner.n; i++)
		find_field(d, t, &t->owner.at[i], "owner");
	for (size_t i = 0; i < t->unique.n; i++) {
		struct decl_words *u = &t->unique.at[i].cols;
		for (size_t j = 0; j < u->n; j++) {
			struct decl_field *f = find_field(d, t, &u->at[j], "unique");
			if (f != NULL && !plain(f))
				decl_wrong(d, t->file, u->at[j].line, "unique names %s: "
				    "a %s has no twins to look for", f->name,
				    decl_kind_word(f->kind));
		}
	}
}

static void
check_time(struct decls *d, struct decl *t)
{
	if (t->time.n == 0) {
		if (t->mode == DECL_MODE_APPEND)
			decl_wrong(d, t->file, t->line, "%s is append and has no time: "
			    "name the column that says when it happened", t->name);
		return;
	}
	struct decl_field *f = find_field(d, t, &t->time.at[0], "time");
	int line = t->time.at[0].line;

	if (t->time.n > 1)
		decl_wrong(d, t->file, line, "time names one field");
	if (t->mode == DECL_MODE_SNAPSHOT)
		decl_wrong(d, t->file, line, "a snapshot has the time of its run: remove "
		    "time, or make the table append");
	if (f == NULL)
		return;
	if (f->kind != DECL_TIME && (t->table || f->kind != DECL_DATE))
		decl_wrong(d, t->file, line, "time names %s, which is no time%s", f->name,
		    t->table ? "" : " or date");
	if (t->table && !f->required)
		decl_wrong(d, t->file, line, "time names %s, which may be absent: make "
		    "it required", f->name);
}

static bool
check_state(struct decls *d, struct decl *t, const struct decl_word *w)
{
	for (size_t i = 0; i < t->states.n; i++)
		if (strcmp(t->states.at[i].text, w->text) == 0)
			return (true);
	decl_wrong(d, t->file, w->line, "step names \"%s\", which is not a state of %s",
	    w->text, t->name);
	return (false);
}

static void
check_steps(struct decls *d, struct decl *t)
{
	for (size_t i = 0; i < t->steps.n; i++) {
		struct decl_step *s = &t->steps.at[i];
		bool from_ok = check_state(d, t, &s->from);
		bool to_ok = check_state(d, t, &s->to);
		if (from_ok && to_ok && strcmp(s->from.text, s->to.text) == 0)
			decl_wrong(d, t->file, s->line, "the step from %s leads nowhere",
			    s->from.text);
		for (size_t j = 0; j < i; j++)
			if (strcmp(t->steps.at[j].from.text, s->from.text) == 0 &&
			    strcmp(t->steps.at[j].to.text, s->to.text) == 0)
				decl_wrong(d, t->file, s->line, "the step from %s to %s "
				    "stands twice", s->from.text, s->to.text);
		for (size_t j = 0; j < s->fill.n; j++)
			find_field(d, t, &s->fill.at[j], "fill");
		for (size_t j = 0; j < s->apart.n; j++) {
			struct decl_field *f = find_field(d, t, &s->apart.at[j],
			    "apart");
			if (f != NULL && f->kind != DECL_REF)
				decl_wrong(d, t->file, s->line, "apart names %s, which "
				    "is not a ref", f->name);
		}
		if (s->apart.n != 0 && s->apart.n != 2)
			decl_wrong(d, t->file, s->line, "apart names two fields, as in "
			    "requester|approver");
	}
	for (size_t i = 1; i < t->states.n; i++) {
		bool reached = false;
		for (size_t j = 0; j < t->steps.n; j++)
			reached |= strcmp(t->steps.at[j].to.text,
			    t->states.at[i].text) == 0;
		if (!reached)
			decl_wrong(d, t->file, t->states.at[i].line, "no step leads to "
			    "the state %s", t->states.at[i].text);
	}
}

static void
check_others(struct decls *d, struct decl *t, size_t n)
{
	const char *base = strrchr(t->file, '/');
	size_t len = strlen(t->name);

	base = base != NULL ? base + 1 : t->file;
	if (strncmp(base, t->name, len) != 0 || base[len] != '.')
		decl_wrong(d, t->file, t->line, "%s is declared in %s: the file must "
		    "have its name", t->name, base);
	for (size_t i = 0; i < n; i++) {
		struct decl *o = &d->all.at[i];
		if (o->name == NULL)
			continue;
		if (o->number == t->number)
			decl_wrong(d, t->file, t->line, "the number %d is taken by %s in "
			    "%s:%d", t->number, o->name, o->file, o->line);
		if (strcmp(o->name, t->name) == 0)
			decl_wrong(d, t->file, t->line, "the name %s is taken in %s:%d",
			    t->name, o->file, o->line);
	}
}

static int
by_number(const void *a, const void *b)
{
	const struct decl *x = a, *y = b;

	if (x->table != y->table)
		return (x->table ? 1 : -1);
	return (x->number < y->number ? -1 : x->number > y->number);
}

void
decls_check(struct decls *d)
{
	for (size_t i = 0; i < d->all.n; i++) {
		struct decl *t = &d->all.at[i];
		if (t->name == NULL || t->mode < 0)
			continue; /* told already */
		if (t->note == NULL)
			decl_wrong(d, t->file, t->line, "%s has no note that says what "
			    "it is", t->name);
		if (t->cls < 0)
			t->cls = 1; /* internal */
		check_others(d, t, i);
		check_fields(d, t);
		check_key(d, t);
		check_time(d, t);
		check_steps(d, t);
	}
	if (d->nwrong == 0 && d->all.n != 0)
		qsort(d->all.at, d->all.n, sizeof(d->all.at[0]), by_number);
}
