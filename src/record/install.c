#include "record/install.h"

#include "base/content.h"
#include "base/vec.h"
#include "ledger/ledger.h"
#include "text/zone.h"

/* A file of tab-separated columns with a header; no quotes. */
struct tsv {
	const char *path;
	struct str rest;
	struct str head;
	struct str line;
	int n; /* of the line, from 1 */
};

static int
tsv_open(struct tsv *t, const char *path, struct err *e)
{
	*t = (struct tsv){ .path = path, .rest = content_find(path) };
	if (t->rest.ptr == NULL || !str_split(&t->rest, '\n', &t->head))
		return (err_set(e, ERR_BUG, path, "build the program again",
		    "a file of its content is missing"));
	t->n = 1;
	return (0);
}

static bool
tsv_next(struct tsv *t)
{
	while (str_split(&t->rest, '\n', &t->line)) {
		t->n++;
		if (str_trim(t->line).len != 0)
			return (true);
	}
	return (false);
}

/* The cell under a heading; empty if there is none. */
static struct str
tsv_cell(const struct tsv *t, const char *name)
{
	struct str heads = t->head, cells = t->line, h, c;

	while (str_split(&heads, '\t', &h)) {
		if (!str_split(&cells, '\t', &c))
			break;
		if (str_is(str_trim(h), name))
			return (str_trim(c));
	}
	return (STR(""));
}

struct install {
	struct arena *a;
	VEC(struct record_change) changes;
};

static void
put(struct install *in, struct val *m, const char *field, struct str s)
{
	if (s.len != 0)
		val_put(in->a, m, field, val_str(in->a, s));
}

static struct val *
begin(struct install *in, const struct tsv *t, unsigned type)
{
	struct val *m = val_map(in->a);

	vec_push(&in->changes, (struct record_change){ .type = schema_get(type),
	    .fields = m, .file = t->path, .line = t->n });
	return (m);
}

static int
criteria(struct install *in, struct err *e)
{
	struct tsv t;
	int r = tsv_open(&t, "content/criteria/criteria.tsv", e);

	while (r == 0 && tsv_next(&t)) {
		struct val *m = begin(in, &t, T_CRITERION);
		put(in, m, "code", tsv_cell(&t, "id"));
		put(in, m, "category", tsv_cell(&t, "category"));
		put(in, m, "series", tsv_cell(&t, "series"));
		put(in, m, "coso", tsv_cell(&t, "coso"));
		put(in, m, "title", tsv_cell(&t, "title"));
		put(in, m, "intent", tsv_cell(&t, "intent"));
	}
	return (r);
}

/* The words behind the codes of the library: the list of values by letter. */
static struct str
word_of(const char *const *words, char letter)
{
	for (; *words != NULL; words++)
		if (**words == letter)
			return (str_from(*words + 1));
	return (STR(""));
}

static const char *const kinds[] = { "Aautomated", "Mmanual", "Hhybrid", NULL };
static const char *const efforts[] = { "ssmall", "mmedium", "llarge", NULL };
static const char *const rhythms[] = { "Ccontinuous", "Ddaily", "Wweekly",
	"Mmonthly", "Qquarterly", "Ssemiannual", "Aannual", "Eevent", NULL };

static struct str
one_word(struct str code, const char *const *words)
{
	return (code.len == 1 ? word_of(words, code.ptr[0]) : STR(""));
}

static struct val *
frequency(struct install *in, struct str codes)
{
	struct val *list = val_list(in->a);
	struct str part;

	while (str_split(&codes, '/', &part))
		val_push(in->a, list, val_str(in->a, one_word(str_trim(part),
		    rhythms)));
	return (list);
}

/* The name of a role: "human resources" for HR. */
static struct str
role_name(struct str code)
{
	struct tsv t;

	if (tsv_open(&t, "content/controls/codes.tsv", NULL) != 0)
		return (code);
	while (tsv_next(&t))
		if (str_is(tsv_cell(&t, "list"), "owner") &&
		    str_eq(tsv_cell(&t, "code"), code))
			return (tsv_cell(&t, "name"));
	return (code);
}

static void
mappings(struct install *in, const struct tsv *t)
{
	struct str list = tsv_cell(t, "criteria"), one;

	while (str_split(&list, ',', &one)) {
		struct val *m = begin(in, t, T_CONTROL_MAPPING);
		put(in, m, "control", tsv_cell(t, "id"));
		put(in, m, "criterion", str_trim(one));
	}
}

static int
controls(struct install *in, struct err *e)
{
	struct tsv t;
	int r = tsv_open(&t, "content/controls/controls.tsv", e);

	while (r == 0 && tsv_next(&t)) {
		struct val *m = begin(in, &t, T_CONTROL);
		put(in, m, "code", tsv_cell(&t, "id"));
		put(in, m, "title", tsv_cell(&t, "title"));
		put(in, m, "statement", tsv_cell(&t, "statement"));
		put(in, m, "owner_role", role_name(tsv_cell(&t, "owner")));
		val_put(in->a, m, "frequency",
		    frequency(in, tsv_cell(&t, "frequency")));
		put(in, m, "kind", one_word(tsv_cell(&t, "kind"), kinds));
		put(in, m, "evidence", tsv_cell(&t, "evidence"));
		put(in, m, "areas", tsv_cell(&t, "areas"));
		put(in, m, "how", tsv_cell(&t, "how"));
		put(in, m, "effort", one_word(tsv_cell(&t, "effort"), efforts));
		mappings(in, &t);
	}
	return (r);
}

static int
policies(struct install *in, struct err *e)
{
	struct tsv t;
	int r = tsv_open(&t, "content/policies/policies.tsv", e);

	while (r == 0 && tsv_next(&t)) {
		struct val *m = begin(in, &t, T_POLICY);
		put(in, m, "code", tsv_cell(&t, "id"));
		put(in, m, "title", tsv_cell(&t, "title"));
		put(in, m, "purpose", tsv_cell(&t, "purpose"));
		put(in, m, "must_contain", tsv_cell(&t, "must_contain"));
		put(in, m, "criteria", tsv_cell(&t, "criteria"));
		put(in, m, "owner_role", role_name(tsv_cell(&t, "owner")));
	}
	return (r);
}

/* Entry 0 says what the dates of all that follows mean, and whose it is. */
static int
first_entry(struct workspace *ws, struct str text, struct err *e)
{
	struct entry_body body = { .class = STR("description") };
	struct entry_note notes[] = {
		{ STR("demo"), ws->demo ? STR("yes") : STR("no") },
		{ STR("format"), STR("1") },
		{ STR("zone"), str_from(zone_name(ws->zone)) },
	};
	struct entry x = { .actor = ws->actor.id, .action = STR("init"),
		.type = STR("workspace"), .id = ws->origin, .bodies = &body,
		.nbodies = 1, .notes = notes,
		.nnotes = sizeof(notes) / sizeof(notes[0]) };
	int r = body_put(ws->ledger, NULL, text, 0, body.commitment, e);

	return (r != 0 ? r : ledger_append(ws->ledger, &x, NULL, NULL, e));
}

static int
apply(struct workspace *ws, struct install *in, struct str text,
    struct err *e)
{
	struct record_options opts = { .installing = true };
	struct record_result res;
	int r = ledger_begin(ws->ledger, e);

	if (r != 0)
		return (r);
	r = first_entry(ws, text, e);
	if (r == 0)
		r = record_apply(&ws->records, in->a, &ws->actor, in->changes.at,
		    in->changes.n, &opts, &res, e);
	if (r == 0)
		return (ledger_commit(ws->ledger, e));
	ledger_rollback(ws->ledger);
	return (r);
}

int
install_content(struct workspace *ws, struct str text, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct install in = { .a = &a };
	int r = criteria(&in, e);

	if (r == 0)
		r = controls(&in, e);
	if (r == 0)
		r = policies(&in, e);
	if (r == 0)
		r = apply(ws, &in, text, e);
	vec_free(&in.changes);
	return (r);
}
