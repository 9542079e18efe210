#include "report/policy_doc.h"

#include "base/clock.h"
#include "text/zone.h"

struct maker {
	const struct act *x;
	const struct policies_item *it;
	const struct record *v; /* NULL: the policy itself */
	struct doc *d;
};

static const char *
text(const struct maker *m, struct str s)
{
	return (arena_strndup(m->x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

/* A field of the version, or the same one of the policy. */
static struct str
field(const struct maker *m, size_t version, size_t policy)
{
	return (m->v != NULL ? record_str(m->v, version) :
	    record_str(m->it->policy, policy));
}

static const char *
person(const struct maker *m, struct str id)
{
	return (text(m, act_person(m->x, id)));
}

static void
fact(struct maker *m, const char *name, struct str value)
{
	if (value.len != 0)
		doc_fact(m->d, name, text(m, value));
}

static const char *
state_words(struct str state)
{
	static const char *const words[][2] = { { "draft", "draft, not in force" },
		{ "review", "in review, not in force" },
		{ "approved", "approved, not published" },
		{ "published", "published" },
		{ "superseded", "replaced by a later version" },
		{ "dropped", "given up" }, { "retired", "retired" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(state, words[i][0]))
			return (words[i][1]);
	return ("");
}

static void
approval(struct maker *m)
{
	struct str who = field(m, F_POLICY_VERSION_APPROVER, F_POLICY_APPROVER);
	struct str on = field(m, F_POLICY_VERSION_APPROVED_ON,
	    F_POLICY_APPROVED_ON);

	if (who.len != 0)
		doc_fact(m->d, "Approved by", arena_printf(m->x->a, "%s%s" STR_FMT,
		    person(m, who), on.len != 0 ? ", " : "", STR_ARG(on)));
	if (m->v == NULL)
		return;
	who = record_str(m->v, F_POLICY_VERSION_REVIEWER);
	on = record_str(m->v, F_POLICY_VERSION_REVIEWED_ON);
	if (who.len != 0)
		doc_fact(m->d, "Reviewed by", arena_printf(m->x->a, "%s%s" STR_FMT,
		    person(m, who), on.len != 0 ? ", " : "", STR_ARG(on)));
}

static void
title_page(struct maker *m)
{
	struct doc *d = m->d;
	const struct record *p = m->it->policy;
	struct str code = record_str(p, F_POLICY_CODE);
	struct str title = record_str(p, F_POLICY_TITLE);
	struct str version = field(m, F_POLICY_VERSION_VERSION, F_POLICY_VERSION);
	struct str from = field(m, F_POLICY_VERSION_EFFECTIVE_ON,
	    F_POLICY_EFFECTIVE_ON);
	struct str state = field(m, F_POLICY_VERSION_STATE, F_POLICY_STATE);
	struct str owner = record_str(p, F_POLICY_OWNER);

	d->kicker = str_from(arena_printf(d->arena, "Policy " STR_FMT,
	    STR_ARG(code)));
	d->title = arena_str(d->arena, title);
	d->subtitle = arena_str(d->arena, m->x->ws->org);
	d->lang = STR("en");
	d->author = d->subtitle;
	d->subject = d->kicker;
	d->head = str_from(arena_printf(d->arena, STR_FMT " \xc2\xb7 " STR_FMT,
	    STR_ARG(m->x->ws->org), STR_ARG(code)));
	d->foot = str_from(arena_printf(d->arena, "%s" STR_FMT "%s" STR_FMT,
	    version.len != 0 ? "Version " : "", STR_ARG(version),
	    from.len != 0 ? ", effective " : "", STR_ARG(from)));
	fact(m, "Version", version);
	doc_fact(d, "Status", state_words(state));
	fact(m, "Owner", owner.len != 0 ? act_person(m->x, owner) :
	    record_str(p, F_POLICY_OWNER_ROLE));
	fact(m, "Author", act_person(m->x, field(m, F_POLICY_VERSION_AUTHOR,
	    F_POLICY_AUTHOR)));
	approval(m);
	fact(m, "Effective", from);
	fact(m, "Next review", field(m, F_POLICY_VERSION_REVIEW_ON,
	    F_POLICY_REVIEW_ON));
	d->title_note = STR("For the people who are bound by this policy. Printed "
	    "copies are not kept current: the published version counts.");
	if (!str_is(state, "published") && !str_is(state, "superseded")) {
		d->watermark = STR("DRAFT");
		d->watermark_reason = STR("This version is not published.");
	}
}

/* The text without its title, which the page has already. */
static struct str
body_of(const struct maker *m)
{
	struct str t = str_trim(field(m, F_POLICY_VERSION_TEXT, F_POLICY_TEXT));
	struct str rest = t, line;

	if (str_starts(t, "# ") && str_split(&rest, '\n', &line))
		return (rest);
	return (t);
}

static void
versions(struct maker *m, struct doc_block *s)
{
	static const struct doc_col cols[] = { { 0, DOC_LEFT, true },
		{ 0, DOC_LEFT, false }, { 2, DOC_LEFT, false }, { 2, DOC_LEFT, false },
		{ 0, DOC_LEFT, false }, { 4, DOC_LEFT, false } };
	const struct record_list *l = &m->it->versions;
	struct doc *d = m->d;

	if (l->n == 0)
		return;
	doc_heading(d, s, 3, "versions", "Versions");
	struct doc_block *t = doc_table(d, s, cols, 6, "");
	doc_head(d, t, "Version", "State", "Author", "Approver", "Effective",
	    "What changed", NULL);
	for (size_t i = 0; i < l->n; i++) {
		const struct record *v = &l->at[i];
		struct doc_block *r = doc_row(d, t, 0);
		doc_celltext(d, r, 0, record_str(v, F_POLICY_VERSION_VERSION));
		doc_celltext(d, r, 0, record_str(v, F_POLICY_VERSION_STATE));
		doc_celltext(d, r, 0, act_person(m->x, record_str(v,
		    F_POLICY_VERSION_AUTHOR)));
		doc_celltext(d, r, 0, act_person(m->x, record_str(v,
		    F_POLICY_VERSION_APPROVER)));
		doc_celltext(d, r, 0, record_str(v, F_POLICY_VERSION_EFFECTIVE_ON));
		doc_celltext(d, r, 0, record_str(v, F_POLICY_VERSION_SUMMARY));
	}
}

/* The instant of the file: from when the version counts, never the clock. */
static int64_t
instant(const struct maker *m)
{
	struct str on = field(m, F_POLICY_VERSION_EFFECTIVE_ON,
	    F_POLICY_EFFECTIVE_ON);
	int64_t day;

	if (on.len == 0 || date_parse(on, &day, NULL) != 0)
		return (m->x->ws->created);
	return (zone_day_start(m->x->ws->zone, day));
}

int
policy_doc(const struct act *x, const struct policies_item *it,
    const struct record *version, struct doc **ret, struct err *e)
{
	struct maker m = { x, it, version, doc_new(x->a) };
	struct str title = record_str(it->policy, F_POLICY_TITLE);
	struct str code = record_str(it->policy, F_POLICY_CODE), body = body_of(&m);

	if (body.len == 0)
		return (err_set(e, ERR_INPUT, text(&m, code),
		    "draft it: tickmark policy DIR new CODE --author PERSON",
		    "the policy has no text"));
	title_page(&m);
	m.d->instant_us = instant(&m);
	struct doc_block *s = doc_section(m.d, "policy", "", text(&m, title));
	int r = doc_markdown(m.d, s, text(&m, code), body, 2, e);
	if (r != 0)
		return (r);
	versions(&m, s);
	*ret = m.d;
	return (0);
}
