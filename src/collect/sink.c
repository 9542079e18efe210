#include "collect/sink.h"

#include "evidence/evidence.h"
#include "schema/kind.h"

/* What the evidence refuses is the collector's fault; the rest is ours. */
static int
note(struct sink *k, int rc)
{
	if (rc != 0 && rc != -ERR_INPUT && rc != -ERR_LIMIT)
		k->broken = true;
	return (rc);
}

/* What was asked, for the run's entry: collector, options, scope. */
static void
put_query(struct buf *b, const struct collect_source *s,
    const struct collector *c)
{
	const struct val *o = s->options;

	buf_printf(b, "%s/%d", c->name, c->version);
	for (size_t i = 0; o != NULL && i < val_count(o); i++)
		buf_printf(b, "\n--" STR_FMT " " STR_FMT,
		    STR_ARG(o->u.map.key[i]), STR_ARG(o->u.map.at[i]->u.s));
	for (size_t i = 0; s->tables != NULL && s->tables[i] != NULL; i++)
		buf_printf(b, "%s%s", i == 0 ? "\ntables " : " ",
		    s->tables[i]);
	buf_putc(b, '\n');
}

int
sink_begin(struct sink *k, const struct collect_source *s,
    const struct collector *c, const struct collect_result *res,
    struct err *e)
{
	BUF_SCOPED query = BUF_INIT;
	char name[64];

	if (k->ev == NULL)
		return (0);
	k->source = s->id;
	put_query(&query, s, c);
	(void)snprintf(name, sizeof(name), "%s/%d", c->name, c->version);
	struct evidence_run_spec spec = { .source = s->id, .name = s->name,
		.collector = str_from(name), .actor = k->actor,
		.query = buf_str(&query), .at = res->at,
		.started = res->started, .max_gap_s = s->max_gap_s };
	return (evidence_run_begin(k->ev, &spec, &k->run, e));
}

int
sink_cursor(struct arena *a, struct sink *k, const struct schema_type *t,
    struct str *ret, struct err *e)
{
	*ret = STR_NULL;
	if (k->ev == NULL)
		return (0);
	return (note(k, evidence_cursor(a, k->ev, k->source, t, ret, e)));
}

int
sink_table(struct sink *k, const struct schema_type *t,
    const struct job_chain *chain, struct err *e)
{
	/* What could not be read ends nowhere. */
	struct evidence_chain ch = { .upto = STR("none"), .since = INT64_MIN };

	k->table = t;
	if (k->ev == NULL) {
		k->mark = k->dump != NULL ? k->dump->len : 0;
		return (0);
	}
	if (chain != NULL)
		ch = (struct evidence_chain){ chain->after, chain->upto,
			chain->since };
	return (note(k, evidence_table_begin(k->run, t,
	    t->mode == MODE_APPEND ? &ch : NULL, e)));
}

static int
dump_row(struct sink *k, const struct cell *cells, struct err *e)
{
	const struct schema_type *t = k->table;
	struct buf *b = k->dump;
	int rc;

	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *f = &t->fields[i];
		if (f->required && cells[i].state == CELL_ABSENT)
			return (err_set(e, ERR_INPUT, t->name, NULL, "%s is "
			    "needed, and a row has none", f->name));
		if ((rc = kind_check(f, &cells[i], e)) != 0)
			return (rc);
	}
	if (b == NULL)
		return (0);
	buf_printf(b, "{\"table\":\"%s\",\"row\":{", t->name);
	for (size_t i = 0; i < t->nfields; i++) {
		buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", t->fields[i].name);
		kind_json(&t->fields[i], &cells[i], b);
	}
	buf_puts(b, "}}\n");
	return (0);
}

int
sink_row(struct sink *k, const struct cell *cells, struct err *e)
{
	if (k->ev == NULL)
		return (dump_row(k, cells, e));
	return (note(k, evidence_row(k->run, cells, e)));
}

int
sink_end(struct sink *k, bool failed, int64_t expected, const char *message,
    struct err *e)
{
	if (k->ev == NULL) {
		if (failed && k->dump != NULL)
			k->dump->len = k->mark;
		return (0);
	}
	return (note(k, evidence_table_end(k->run, failed ? EVIDENCE_FAILED :
	    EVIDENCE_COMPLETE, expected, message[0] != '\0' ? message : NULL,
	    e)));
}

int
sink_raw(struct sink *k, struct str name, struct str bytes, struct err *e)
{
	if (k->ev == NULL)
		return (0);
	return (note(k, evidence_raw(k->run, name, bytes, e)));
}

int
sink_close(struct sink *k, struct collect_result *res, struct err *e)
{
	struct evidence_run *run = k->run;
	struct evidence_done done = { 0 };
	int rc;

	k->run = NULL; /* both of these free it */
	if (k->ev == NULL) {
		if (res->failed && k->dump != NULL)
			buf_reset(k->dump);
		return (0);
	}
	rc = res->failed ?
	    evidence_run_fail(run, res->ended, &res->why, &done, e) :
	    evidence_run_commit(run, res->ended, &done, e);
	if (rc != 0)
		return (rc);
	res->entry = done.entry;
	res->changed = done.changed;
	res->same = done.same;
	res->returned = done.returned;
	return (0);
}

bool
sink_broken(const struct sink *k)
{
	return (k->broken);
}

void
sink_free(struct sink *k)
{
	evidence_run_free(k->run);
	k->run = NULL;
}
