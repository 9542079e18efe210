#include "report/certificate_doc.h"

#include <inttypes.h>

#include "text/timefmt.h"

struct maker {
	const struct act *x;
	const struct record *r;
	struct doc *d;
	struct doc_block *defs;
};

static void
line(struct maker *m, const char *term, struct str value)
{
	if (value.len != 0)
		doc_run(m->d, doc_para(m->d, doc_def(m->d, m->defs, term)), 0,
		    value);
}

static void
number(struct maker *m, const char *term, size_t field)
{
	int64_t n = record_int(m->r, field, -1);

	if (n >= 0)
		line(m, term, str_from(arena_printf(m->x->a, "%" PRId64, n)));
}

/* A field for people: a handle instead of an id. */
static void
text(struct maker *m, const char *term, size_t field)
{
	line(m, term, record_text(&m->x->ws->records, m->x->a, m->r, field));
}

static void
rule(struct maker *m)
{
	static const struct { const char *term; size_t field; } lines[] = {
		{ "Kind of data", F_RETENTION_RULE_CATEGORY },
		{ "Counts from", F_RETENTION_RULE_TRIGGER },
		{ "Kept for days", F_RETENTION_RULE_DAYS },
		{ "Why so long", F_RETENTION_RULE_REASON } };
	struct str id = record_str(m->r, F_DISPOSAL_RULE);
	const struct record *certificate = m->r;
	struct record *r;

	if (id.len == 0 || act_find(m->x, T_RETENTION_RULE, id, &r, NULL) != 0)
		return;
	text(m, "Rule", F_DISPOSAL_RULE);
	m->r = r;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		text(m, lines[i].term, lines[i].field);
	m->r = certificate;
}

struct doc *
certificate_doc(const struct act *x, const struct record *r,
    const char *borne_out)
{
	struct doc *d = doc_new(x->a);
	struct maker m = { x, r, d, NULL };
	struct str code = record_str(r, F_DISPOSAL_CODE);
	int64_t at = record_int(r, F_DISPOSAL_DESTROYED_AT, x->ws->created);

	d->kicker = STR("Certificate of destruction");
	d->title = arena_str(x->a, code);
	d->subtitle = arena_str(x->a, x->ws->org);
	d->author = d->subtitle;
	d->subject = d->kicker;
	d->lang = STR("en");
	d->instant_us = at;
	d->head = str_from(arena_printf(x->a, STR_FMT " \xc2\xb7 " STR_FMT,
	    STR_ARG(x->ws->org), STR_ARG(code)));
	d->title_note = STR("This certificate holds nothing of what was "
	    "destroyed. The entries of the ledger that it names can be compared "
	    "with it by whoever has the ledger.");
	struct doc_block *s = doc_section(d, "certificate", "",
	    "What was destroyed");
	m.defs = doc_defs(d, s);
	text(&m, "What", F_DISPOSAL_WHAT);
	number(&m, "How many", F_DISPOSAL_COUNT);
	number(&m, "Kept by legal holds", F_DISPOSAL_HELD);
	text(&m, "How", F_DISPOSAL_METHOD);
	text(&m, "When", F_DISPOSAL_DESTROYED_AT);
	rule(&m);
	text(&m, "Request", F_DISPOSAL_SUBJECT_REQUEST);
	text(&m, "Asset", F_DISPOSAL_ASSET);
	text(&m, "Decision", F_DISPOSAL_DECISION);
	line(&m, "Approved by", act_person(x, record_str(r,
	    F_DISPOSAL_APPROVER)));
	line(&m, "Done by", act_person(x, record_str(r, F_DISPOSAL_PERFORMER)));
	line(&m, "Seen by", act_person(x, record_str(r, F_DISPOSAL_WITNESS)));
	text(&m, "Certificate of whoever did it", F_DISPOSAL_CERTIFICATE);
	number(&m, "First entry of the ledger", F_DISPOSAL_POSITION);
	number(&m, "Entries", F_DISPOSAL_ENTRIES);
	text(&m, "SHA-256 of their list", F_DISPOSAL_HASH);
	line(&m, "Compared with the ledger", str_from(borne_out));
	return (d);
}
