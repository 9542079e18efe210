#include "rules.h"

#include <stdarg.h>

static const char *const acts[] = {
#define X(name, word) word,
	ACCESS_ACTS(X)
#undef X
	NULL
};
enum {
#define X(name, word) ACT_##name,
	ACCESS_ACTS(X)
#undef X
	ACT_MAX
};
static const char *const facts[] = {
#define X(name, word) word,
	ACCESS_FACTS(X)
#undef X
	NULL
};
static const char *const lines[] = { "group", "of", "allow", "show", "apart",
	NULL };
#define ACTS_LOOK ((1u << ACT_CREATE) - 1)
#define ACTS_ALL ((1u << ACT_MAX) - 1)

struct reader {
	struct rules *r;
	const char *file;
	struct decl_words st;
	size_t at;
};

static void __attribute__((format(printf, 2, 3)))
bad(struct reader *p, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	decl_wrong(p->r->d, p->file, p->at > 0 && p->at <= p->st.n ?
	    p->st.at[p->at - 1].line : p->st.at[0].line, "%s", text);
}

/* The next bare word, or NULL after having said what is missing. */
static const char *
take(struct reader *p, const char *what)
{
	if (p->at < p->st.n && !p->st.at[p->at].quoted)
		return (p->st.at[p->at++].text);
	bad(p, "%s is missing", what);
	return (NULL);
}

static char *
take_sentence(struct reader *p, const char *what)
{
	if (p->at < p->st.n && p->st.at[p->at].quoted &&
	    p->st.at[p->at].text[0] != '\0')
		return (p->st.at[p->at++].text);
	bad(p, "%s is missing: write a \"sentence\"", what);
	return (NULL);
}

static void
end(struct reader *p)
{
	if (p->at == p->st.n)
		return;
	p->at++;
	bad(p, "\"%s\" is too much here: remove it", p->st.at[p->at - 1].text);
}

/* a|b of a list of words, as bits; ${all} stands for every one of them. */
static unsigned
bits(struct reader *p, const char *const *list, const char *what,
    const char *all)
{
	const char *s = take(p, what);
	unsigned ret = 0;
	struct str rest, part;

	if (s == NULL)
		return (0);
	rest = str_from(s);
	while (str_split(&rest, '|', &part)) {
		char word[64];
		snprintf(word, sizeof(word), "%.*s", (int)(part.len > 60 ? 60 :
		    part.len), part.ptr);
		int i = decl_word_index(list, word);
		unsigned one = i >= 0 ? 1u << i : 0;
		if (list == acts && strcmp(word, "look") == 0)
			one = ACTS_LOOK;
		else if (list == acts && strcmp(word, "write") == 0)
			one = ACTS_ALL & ~ACTS_LOOK;
		else if (all != NULL && strcmp(word, all) == 0)
			for (i = 0; list[i] != NULL; i++)
				one |= 1u << i;
		if (one == 0)
			bad(p, "%s is \"%s\", which is none: write some of %s",
			    what, word, decl_listed(p->r->d, list));
		else if ((ret & one) != 0)
			bad(p, "%s names \"%s\" twice", what, word);
		ret |= one;
	}
	return (ret);
}

static void
split(struct reader *p, const char *what, struct decl_words *out)
{
	const char *s = take(p, what);
	struct str rest, part;

	if (s == NULL)
		return;
	rest = str_from(s);
	while (str_split(&rest, '|', &part)) {
		if (part.len == 0) {
			bad(p, "%s has an empty part: write a|b", what);
			continue;
		}
		struct decl_word w = { arena_strndup(&p->r->d->arena, part.ptr,
		    part.len), p->st.at[p->at - 1].line, false };
		vec_push(out, w);
	}
}

/* The statement as it was written, for who asks why. */
static char *
written(struct reader *p)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < p->st.n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : " ", p->st.at[i].text);
	return (arena_strndup(&p->r->d->arena, b.ptr, b.len));
}

static void
conditions(struct reader *p, struct rules_grant *g)
{
	while (p->at < p->st.n && !p->st.at[p->at].quoted) {
		const char *w = p->st.at[p->at++].text;
		if (strcmp(w, "if") == 0) {
			unsigned f = bits(p, facts, "the condition", NULL);
			if ((f & (f - 1)) != 0)
				bad(p, "one condition after each if: all of them "
				    "must hold; for either of two write two lines");
			g->need |= f;
		} else if (strcmp(w, "state") == 0) {
			split(p, "the state", &g->states);
		} else if (strcmp(w, "only") == 0 && g->cls < 0) {
			split(p, "the field", &g->only);
		} else {
			bad(p, "unknown word \"%s\": conditions are if, state%s", w,
			    g->cls < 0 ? " and only" : "");
			return;
		}
	}
	end(p);
}

static void
read_grant(struct reader *p, bool show)
{
	struct rules_grant g = { .file = p->file, .line = p->st.at[0].line,
		.text = written(p), .group = (int)p->r->groups.n - 1, .cls = -1 };
	const char *c = show ? take(p, "the class") : NULL;
	size_t wrong = (size_t)p->r->d->nwrong;

	if (show && c == NULL)
		return;
	if (show && (g.cls = decl_word_index(decl_classes, c)) < 0)
		bad(p, "unknown class \"%s\": the classes are %s", c,
		    decl_listed(p->r->d, decl_classes));
	/* Before the first group of its file a line speaks of all groups. */
	if (g.group >= 0 && p->r->groups.at[g.group].file != p->file)
		g.group = -1;
	if (!show && g.group < 0) {
		bad(p, "allow stands before the group whose types it speaks of");
		return;
	}
	g.roles = bits(p, decl_roles, "the role", "everybody");
	g.acts = show ? ACTS_LOOK : bits(p, acts, "the act", NULL);
	conditions(p, &g);
	if (g.only.n != 0 && (g.acts & (1u << ACT_CREATE | 1u << ACT_CHANGE)) == 0)
		bad(p, "only says which fields are written: it belongs to create "
		    "and change");
	if ((size_t)p->r->d->nwrong == wrong) {
		vec_push(&p->r->grants, g);
		return;
	}
	vec_free(&g.states);
	vec_free(&g.only);
}

static void
read_group(struct reader *p)
{
	struct rules_group g = { .file = p->file, .line = p->st.at[0].line };
	const char *name = take(p, "the name of the group");

	if (name == NULL)
		return;
	g.name = arena_strndup(&p->r->d->arena, name, strlen(name));
	for (size_t i = 0; i < p->r->groups.n; i++)
		if (strcmp(p->r->groups.at[i].name, name) == 0)
			bad(p, "there is a group %s already, in %s:%d", name,
			    p->r->groups.at[i].file, p->r->groups.at[i].line);
	for (const char *s = name; *s != '\0'; s++)
		if ((*s < 'a' || *s > 'z') && *s != '_') {
			bad(p, "the name \"%s\" is not well formed: use small "
			    "letters and _", name);
			break;
		}
	g.note = take_sentence(p, "what the group is");
	end(p);
	vec_push(&p->r->groups, g);
	if (p->r->groups.n > 64)
		bad(p, "64 groups are the most");
}

static void
read_of(struct reader *p)
{
	struct rules_group *g = p->r->groups.n != 0 ?
	    &p->r->groups.at[p->r->groups.n - 1] : NULL;

	if (g == NULL || g->file != p->file) {
		bad(p, "of stands before the group that it belongs to");
		return;
	}
	if (p->at == p->st.n)
		bad(p, "of names no type");
	while (p->at < p->st.n && !p->st.at[p->at].quoted) {
		struct decl_word w = p->st.at[p->at++];
		if (strcmp(w.text, "tables") == 0)
			g->tables = true;
		else
			vec_push(&g->of, w);
	}
	end(p);
}

static void
read_apart(struct reader *p)
{
	struct rules_apart x = { .file = p->file, .line = p->st.at[0].line };

	x.a = bits(p, decl_roles, "the role", NULL);
	x.b = bits(p, decl_roles, "the other role", NULL);
	if ((x.a & x.b) != 0)
		bad(p, "a role cannot be apart from itself");
	x.why = take_sentence(p, "why nobody has both");
	end(p);
	vec_push(&p->r->aparts, x);
}

void
rules_read(struct rules *r, const char *file, struct str text)
{
	struct reader p = { .r = r, .file = file };
	struct decl_lexer x = { r->d, file, text, 0, 1 };

	while (decl_statement(&x, &p.st)) {
		const char *w = p.st.at[0].text;
		p.at = 1;
		if (p.st.at[0].quoted)
			bad(&p, "a sentence stands alone: it belongs behind a word");
		else if (strcmp(w, "group") == 0)
			read_group(&p);
		else if (strcmp(w, "of") == 0)
			read_of(&p);
		else if (strcmp(w, "allow") == 0 || strcmp(w, "show") == 0)
			read_grant(&p, w[0] == 's');
		else if (strcmp(w, "apart") == 0)
			read_apart(&p);
		else
			bad(&p, "unknown word \"%s\": a line begins with one of %s", w,
			    decl_listed(r->d, lines));
	}
	vec_free(&p.st);
}

/* --- against the declarations ---------------------------------------------- */

static int
find_decl(const struct decls *d, const char *name)
{
	for (size_t i = 0; i < d->all.n; i++)
		if (d->all.at[i].name != NULL &&
		    strcmp(d->all.at[i].name, name) == 0)
			return ((int)i);
	return (-1);
}

static int
find_state(const struct decl *t, const char *s)
{
	for (size_t i = 0; i < t->states.n; i++)
		if (strcmp(t->states.at[i].text, s) == 0)
			return ((int)i);
	return (-1);
}

static void
check_groups(struct rules *r)
{
	struct decls *d = r->d;
	int rest = -1;

	for (size_t g = 0; g < r->groups.n; g++) {
		const struct rules_group *x = &r->groups.at[g];
		if (x->tables && rest >= 0)
			decl_wrong(d, x->file, x->line, "the other tables are in the "
			    "group %s already", r->groups.at[rest].name);
		if (x->tables)
			rest = (int)g;
		if (x->of.n == 0 && !x->tables)
			decl_wrong(d, x->file, x->line, "the group %s has no types: "
			    "name them after of", x->name);
		for (size_t i = 0; i < x->of.n; i++) {
			const struct decl_word *w = &x->of.at[i];
			int t = find_decl(d, w->text);
			if (t < 0)
				decl_wrong(d, x->file, w->line, "there is no type or table "
				    "%s", w->text);
			else if (r->group_of[t] >= 0)
				decl_wrong(d, x->file, w->line, "%s is in the group %s "
				    "already", w->text,
				    r->groups.at[r->group_of[t]].name);
			else
				r->group_of[t] = (int)g;
		}
	}
	for (size_t t = 0; t < d->all.n; t++) {
		const struct decl *k = &d->all.at[t];
		if (r->group_of[t] < 0 && k->table)
			r->group_of[t] = rest;
		if (r->group_of[t] < 0)
			decl_wrong(d, k->file, k->line, "no group of content/access "
			    "names %s, so that nobody could see it: add it to the of "
			    "line of the group it belongs to", k->name);
	}
}

/* Is there anything in the group that has the state, or the field? */
static bool
anywhere(const struct rules *r, int group, const char *word, bool state)
{
	for (size_t t = 0; t < r->d->all.n; t++) {
		const struct decl *k = &r->d->all.at[t];
		if ((group < 0 || r->group_of[t] == group) && (state ?
		    find_state(k, word) >= 0 : decl_field(k, word) >= 0))
			return (true);
	}
	return (false);
}

static void
check_words(struct rules *r, const struct rules_grant *g,
    const struct decl_words *w, bool state)
{
	for (size_t i = 0; i < w->n; i++)
		if (!anywhere(r, g->group, w->at[i].text, state))
			decl_wrong(r->d, g->file, w->at[i].line, "no type of the "
			    "group has the %s \"%s\"", state ? "state" : "field",
			    w->at[i].text);
}

void
rules_check(struct rules *r)
{
	r->group_of = arena_array(&r->d->arena, r->d->all.n + 1, sizeof(int));
	for (size_t i = 0; i < r->d->all.n; i++)
		r->group_of[i] = -1;
	check_groups(r);
	for (size_t i = 0; i < r->grants.n; i++) {
		check_words(r, &r->grants.at[i], &r->grants.at[i].states, true);
		check_words(r, &r->grants.at[i], &r->grants.at[i].only, false);
	}
	for (size_t t = 0; t < r->d->all.n; t++)
		if (r->d->all.at[t].fields.n >= 64 || r->d->all.at[t].states.n > 64)
			decl_wrong(r->d, r->d->all.at[t].file, r->d->all.at[t].line,
			    "%s has too many fields or states: 63 are the most",
			    r->d->all.at[t].name);
}

bool
rules_apply(const struct rules *r, const struct rules_grant *g,
    const struct decl *t, uint64_t *ret_states, uint64_t *ret_fields)
{
	if (g->group >= 0 && r->group_of[t - r->d->all.at] != g->group)
		return (false);
	*ret_states = *ret_fields = 0;
	for (size_t i = 0; i < g->states.n; i++) {
		int s = find_state(t, g->states.at[i].text);
		if (s >= 0)
			*ret_states |= UINT64_C(1) << s;
	}
	for (size_t i = 0; i < g->only.n; i++) {
		int f = decl_field(t, g->only.at[i].text);
		if (f >= 0)
			*ret_fields |= UINT64_C(1) << f;
	}
	return ((g->states.n == 0 || *ret_states != 0) &&
	    (g->only.n == 0 || *ret_fields != 0));
}

void
rules_free(struct rules *r)
{
	for (size_t i = 0; i < r->groups.n; i++)
		vec_free(&r->groups.at[i].of);
	for (size_t i = 0; i < r->grants.n; i++) {
		vec_free(&r->grants.at[i].states);
		vec_free(&r->grants.at[i].only);
	}
	vec_free(&r->groups);
	vec_free(&r->grants);
	vec_free(&r->aparts);
}
