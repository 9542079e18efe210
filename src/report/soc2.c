#include "report/soc2.h"

#include "report/soc2_parts.h"

static struct str
categories(struct arena *a, const struct soc2_view *v)
{
	BUF_SCOPED b = BUF_INIT;

	for (int i = 0; i < SOC2_CATEGORIES; i++)
		if (v->sys.categories[i])
			buf_printf(&b, "%s%s", b.len != 0 ? ", " : "",
			    soc2_view_category[i]);
	if (b.len == 0)
		buf_puts(&b, "not chosen yet");
	return (arena_str(a, buf_str(&b)));
}

/* Names of the subservice organisations that are included, or carved out:
 * "A, B and C"; empty if there are none. */
static struct str
vendors(struct arena *a, const struct soc2_view *v, bool included)
{
	BUF_SCOPED b = BUF_INIT;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < v->nvendors; i++)
		n += str_is(v->vendors[i].method, "inclusive") == included;
	for (size_t i = 0; i < v->nvendors; i++) {
		if (str_is(v->vendors[i].method, "inclusive") != included)
			continue;
		buf_puts(&b, k == 0 ? "" : k + 1 == n ? " and " : ", ");
		buf_putstr(&b, v->vendors[i].name);
		k++;
	}
	return (arena_str(a, buf_str(&b)));
}

static struct val *
make_model(struct arena *a, const struct soc2_view *v)
{
	struct val *m = val_map(a);
	struct str carved = vendors(a, v, false), included = vendors(a, v, true);

	val_put(a, m, "org", val_str(a, v->org));
	val_put(a, m, "system", val_str(a, v->sys.name.len != 0 ?
	    v->sys.name : STR("(not named yet)")));
	val_put(a, m, "as_of", val_str(a, v->as_of_day));
	val_put(a, m, "categories", val_str(a, categories(a, v)));
	val_put(a, m, "carve_out", val_bool(a, carved.len > 0));
	val_put(a, m, "carved", val_str(a, carved));
	val_put(a, m, "inclusive", val_bool(a, included.len > 0));
	val_put(a, m, "included", val_str(a, included));
	val_put(a, m, "cuecs", val_bool(a, v->ncuecs > 0));
	return (m);
}

static void
front(struct soc2_job *j)
{
	struct doc *d = j->d;
	const struct soc2_view *v = j->v;
	struct str name = v->sys.name.len != 0 ? v->sys.name :
	    STR("a system that is not named yet");

	d->kicker = STR("SOC 2 report, Type 1 \xc2\xb7 management\xe2\x80\x99s draft");
	d->title = arena_str(d->arena, name);
	d->subtitle = str_from(arena_printf(d->arena, "Description of the system "
	    "and of the suitability of the design of its controls, as of "
	    STR_FMT, STR_ARG(v->as_of_day)));
	d->author = arena_str(d->arena, v->org);
	d->subject = STR("SOC 2 Type 1 report, management\xe2\x80\x99s draft");
	d->instant_us = v->as_of;
	d->head = str_from(arena_printf(d->arena, STR_FMT " \xc2\xb7 SOC 2 Type 1",
	    STR_ARG(name)));
	/* What it is comes first: a long name is cut at its end. */
	d->foot = str_from(arena_printf(d->arena, "%sas of " STR_FMT
	    " \xc2\xb7 " STR_FMT, j->gaps->n > 0 ?
	    "DRAFT, not issued \xc2\xb7 " : "", STR_ARG(v->as_of_day),
	    STR_ARG(v->org)));
	doc_fact(d, "Service organisation", arena_strndup(d->arena, v->org.ptr,
	    v->org.len));
	doc_fact(d, "System", arena_strndup(d->arena, name.ptr, name.len));
	doc_fact(d, "As of", arena_strndup(d->arena, v->as_of_text.ptr,
	    v->as_of_text.len));
	struct str cats = categories(j->a, v);
	doc_fact(d, "Categories", arena_strndup(d->arena, cats.ptr, cats.len));
	if (v->sys.version.len != 0)
		doc_fact(d, "Version", arena_strndup(d->arena,
		    v->sys.version.ptr, v->sys.version.len));
	if (j->gaps->n > 0)
		doc_fact(d, "Status", arena_printf(d->arena, "DRAFT, not issued: "
		    "%zu thing%s missing", j->gaps->n, j->gaps->n == 1 ? " is" :
		    "s are"));
	if (v->demo)
		doc_fact(d, "Note", "Made from a demonstration workspace: the "
		    "organisation and its people are invented.");
	d->title_note = STR("Prepared by management. It has not been examined, and "
	    "carries no opinion of an auditor. It is meant for management and "
	    "its service auditor; a report, once issued, is for the readers "
	    "that the auditor names in it.");
	if (j->gaps->n > 0) {
		d->watermark = STR("DRAFT");
		d->watermark_reason = str_from(arena_printf(d->arena,
		    "%zu thing%s missing before this can be issued", j->gaps->n,
		    j->gaps->n == 1 ? " is" : "s are"));
	}
}

int
soc2_type1(struct arena *a, const struct soc2_view *v,
    const struct soc2_options *opts, struct doc **ret, struct soc2_gaps *gaps,
    struct err *e)
{
	struct soc2_gaps found;
	bool swap = opts != NULL && opts->assertion_first;
	struct soc2_job j = { .a = a, .d = doc_new(a), .v = v, .gaps = &found,
		.model = make_model(a, v), .e = e,
		.number_auditor = swap ? "Section II" : "Section I",
		.number_assertion = swap ? "Section I" : "Section II" };
	struct doc_block *contents;

	soc2_gaps_find(a, v, &found);
	front(&j);
	contents = doc_section(j.d, "contents", "", "Contents");
	contents->front = true;
	doc_toc(j.d, contents, 2);
	soc2_parts_gaps(&j);
	if (swap)
		soc2_parts_assertion(&j);
	soc2_parts_auditor(&j);
	if (!swap)
		soc2_parts_assertion(&j);
	soc2_description(&j);
	soc2_controls(&j);
	soc2_parts_other(&j);
	soc2_parts_provenance(&j);
	if (j.rc != 0)
		return (j.rc);
	*ret = j.d;
	*gaps = found;
	return (0);
}
