/* tickmark source: what to collect from. */
#include "base/clock.h"
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/source.h"
#include "sys/db.h"

static void
explain(const struct cli *c)
{
	(void)c;
	for (const struct collector *k = collect_all; k->name != NULL; k++) {
		printf("\n%s: %s\n", k->name, k->sentence);
		for (const struct collect_option *o = k->options; o->name; o++) {
			char left[64];
			snprintf(left, sizeof(left), "--%s %s%s", o->name, o->value,
			    o->required ? " (needed)" : "");
			printf("  %-30s %s\n", left, o->sentence);
		}
	}
	printf("\nall:\n  %-30s %s\n  %-30s %s\n  %-30s %s\n", "--name NAME",
	    "what to call the source (the collector's name)", "--max-gap SPAN",
	    "longest time between runs that still counts (2d)", "--owner PERSON",
	    "who answers for it");
}

static int
unknown_collector(struct cli *c, const char *name, struct err *e)
{
	const char *names[32];
	size_t n = 0;
	BUF_SCOPED all = BUF_INIT;

	for (const struct collector *k = collect_all; k->name && n < 32; k++) {
		names[n++] = k->name;
		buf_printf(&all, "%s%s", n > 1 ? ", " : "", k->name);
	}
	const char *near = cli_nearest(name, names, n);
	return (err_set(e, ERR_USAGE, name, near ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    arena_printf(c->arena, "there are %s", all.ptr),
	    "there is no such collector"));
}

/* The names of the tables that a run would fill. */
static int
tables_of(struct arena *a, const struct collect_source *src, struct val **ret,
    struct err *e)
{
	const struct schema_type **t;
	BUF_SCOPED names = BUF_INIT;
	size_t n;
	int r = collect_tables(a, src, &t, &n, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < n; i++)
		buf_printf(&names, "%s%s", i ? " " : "", t[i]->name);
	*ret = val_str(a, buf_str(&names));
	return (0);
}

struct common {
	const char *name, *owner;
	int64_t max_gap_s;
};

/* Take --name, --max-gap and --owner out; the rest is the collector's. */
static int
take_common(struct cli *c, struct common *x, char **rest, int *n,
    struct err *e)
{
	for (size_t i = 3; i < c->nargs; i++) {
		const char *a = c->arg[i], *value;
		static const char *const ours[] = { "name", "max-gap", "owner" };
		size_t k = 0;
		while (k < 3 && !(strncmp(a, "--", 2) == 0 &&
		    strncmp(a + 2, ours[k], strlen(ours[k])) == 0 &&
		    (a[2 + strlen(ours[k])] == '\0' || a[2 + strlen(ours[k])] == '=')))
			k++;
		if (k == 3) {
			rest[(*n)++] = arena_strdup(c->arena, a);
			continue;
		}
		const char *eq = strchr(a, '=');
		value = eq != NULL ? eq + 1 : i + 1 < c->nargs ? c->arg[++i] : NULL;
		if (value == NULL || *value == '\0')
			return (err_set(e, ERR_USAGE, a, NULL,
			    "the option needs a value"));
		if (k == 0) {
			x->name = value;
		} else if (k == 2) {
			x->owner = value;
		} else {
			int64_t us;
			int r = time_parse_span(str_from(value), &us, e);
			if (r != 0)
				return (err_at(e, "--max-gap %s", value));
			if (us < CLOCK_SECOND)
				return (err_set(e, ERR_USAGE, a, "give a span such as 2d",
				    "the gap is too short"));
			int64_t most = schema_get(T_SOURCE)->fields[
			    F_SOURCE_MAX_GAP_S].max;
			if (us / CLOCK_SECOND > most)
				return (err_set(e, ERR_USAGE, a, NULL,
				    "the gap is too long; at most %lldd may lie "
				    "between two runs",
				    (long long)(most / 86400)));
			x->max_gap_s = us / CLOCK_SECOND;
		}
	}
	return (0);
}

static int
add(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct common x = { .max_gap_s = 2 * 24 * 3600 };
	struct val *options = NULL;
	struct arena *a = c->arena;
	int n = 0;

	if (c->nargs < 3) {
		explain(c);
		return (err_set(e, ERR_USAGE, "source add",
		    "name a collector of the list above", "which collector?"));
	}
	const struct collector *k = collect_find(str_from(c->arg[2]));
	if (k == NULL)
		return (unknown_collector(c, c->arg[2], e));
	char **rest = arena_array(a, c->nargs + 1, sizeof(char *));
	int r = take_common(c, &x, rest, &n, e);
	if (r == 0)
		r = collect_options(a, k, n, rest, &options, e);
	if (r != 0)
		return (r);
	if (x.name == NULL)
		x.name = k->name;
	struct collect_source src = { .name = str_from(x.name),
		.collector = str_from(k->name), .options = options,
		.max_gap_s = x.max_gap_s };
	struct val *tables;
	r = collect_check(&src, e);
	if (r == 0)
		r = tables_of(a, &src, &tables, e);
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	struct record_store store = { .db = s.ws->db, .ledger = s.ws->ledger };
	struct record_actor me = actor_me(a);
	struct record *old;
	const struct schema_type *t = schema_get(T_SOURCE);
	if (record_find(&store, a, t, src.name, &old, NULL) == 0)
		return (err_set(e, ERR_CONFLICT, x.name,
		    "give another --name, or remove that one first",
		    "there is a source of this name already"));
	struct val *f = val_map(a);
	val_put(a, f, "name", val_text(a, x.name));
	val_put(a, f, "collector", val_text(a, k->name));
	if (val_count(options) != 0)
		val_put(a, f, "options", options);
	val_put(a, f, "max_gap_s", val_int(a, x.max_gap_s));
	val_put(a, f, "tables", tables);
	if (x.owner != NULL)
		val_put(a, f, "owner", val_text(a, x.owner));
	struct str id;
	r = record_put(&store, a, &me, t, STR_NULL, f, &id, e);
	if (r == 0)
		r = evidence_catch_up(s.ev, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(a);
		val_put(a, m, "id", val_str(a, id));
		val_put(a, m, "name", val_text(a, x.name));
		cli_print_json(c, m);
	} else {
		printf("source %s added; collect from it: tickmark collect %s %s\n",
		    x.name, cli_word(c, c->arg[0]), cli_word(c, x.name));
	}
	return (0);
}

/* Last run of each source, from the evidence. */
static const char *
last_run(struct cli *c, struct session *s, struct str name, const char **state)
{
	static const char sql[] = "SELECT at, status, message FROM run WHERE "
	    "source=? ORDER BY id DESC LIMIT 1";
	struct stmt *st;
	char t[TIME_SIZE];

	*state = "never collected";
	if (db_cached(evidence_db(s->ev), &st, sql, NULL) != 0)
		return ("");
	stmt_bind_str(st, 1, name);
	if (stmt_step(st, NULL) <= 0)
		return ("");
	struct str status = stmt_str(st, 1);
	*state = arena_strndup(c->arena, status.ptr, status.len);
	const char *at = arena_strdup(c->arena,
	    time_print_zone(s->zone, stmt_int(st, 0), t));
	stmt_reset(st);
	return (at);
}

static int
list(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_list l;
	struct val *out = val_list(c->arena);

	int r = session_open(c, SESSION_READ, &s, e);
	if (r != 0)
		return (r);
	struct record_store store = { .db = s.ws->db, .ledger = s.ws->ledger };
	r = record_list(&store, c->arena, schema_get(T_SOURCE), NULL, &l, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 6, "source", "collector", "state",
	    "last run", "", "options");
	for (size_t i = 0; i < l.n; i++) {
		const char *cell[6], *state;
		const struct record *k = &l.at[i];
		struct str opts = record_str(k, F_SOURCE_OPTIONS);
		const char *at = last_run(c, &s, record_str(k, F_SOURCE_NAME), &state);
		cell[0] = record_str(k, F_SOURCE_NAME).ptr;
		cell[1] = record_str(k, F_SOURCE_COLLECTOR).ptr;
		cell[2] = record_str(k, F_SOURCE_STATE).ptr;
		cell[3] = at;
		cell[4] = state;
		cell[5] = opts.len ? opts.ptr : "";
		if (!c->json)
			cli_row_of(t, cell);
		struct val *m = record_to_val(&store, c->arena, k);
		val_put(c->arena, m, "last_run", val_text(c->arena, at));
		val_put(c->arena, m, "last_status", val_text(c->arena, state));
		val_push(c->arena, out, m);
	}
	if (c->json)
		cli_print_json(c, out);
	else if (l.n == 0)
		printf("no source yet\nAdd one: tickmark source %s add linux\n"
		       "What can be collected: tickmark source %s add\n",
		    cli_word(c, c->arg[0]), cli_word(c, c->arg[0]));
	else
		cli_table_print(t);
	return (0);
}

static int
find(struct cli *c, struct record_store *store, struct record **ret,
    struct err *e)
{
	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, c->arg[1],
		    arena_printf(c->arena, "tickmark source %s %s NAME",
			cli_word(c, c->arg[0]), c->arg[1]), "name one source"));
	return (record_find(store, c->arena, schema_get(T_SOURCE),
	    str_from(c->arg[2]), ret, e));
}

/* A run that is recorded nowhere: what would be collected? */
static int
check(struct cli *c, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	struct record *k;
	struct collect_source src;
	struct collect_result *res = arena_new(c->arena, struct collect_result);

	int r = workspace_open(c->arg[0], false, &ws, e);
	if (r != 0)
		return (r);
	struct record_store store = { .db = ws->db, .ledger = ws->ledger };
	r = find(c, &store, &k, e);
	if (r == 0)
		r = source_of(c->arena, k, &src, e);
	if (r == 0)
		r = collect_dump(&src, 0, NULL, NULL, res, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (res->failed) {
		if (e != NULL)
			*e = res->why;
		e->code = ERR_NO;
		return (-ERR_NO);
	}
	struct cli_table *t = cli_table(c, 4, "table", "state", "rows", "message");
	for (size_t i = 0; i < res->ntables; i++) {
		const struct collect_table *x = &res->tables[i];
		cli_row(t, x->table->name, collect_word(x),
		    arena_printf(c->arena, "%lld", (long long)x->rows), x->message);
	}
	cli_table_print(t);
	if (!c->json)
		printf("\nsandbox: %s\nnothing was recorded\n", res->sandbox);
	return (0);
}

static int
drop(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record *k;
	struct record_actor me = actor_me(c->arena);

	int r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	struct record_store store = { .db = s.ws->db, .ledger = s.ws->ledger };
	r = find(c, &store, &k, e);
	if (r != 0)
		return (r);
	struct record_change ch = { .type = k->type, .name = k->id,
		.retire = true };
	struct record_result res;
	r = record_apply(&store, c->arena, &me, &ch, 1, NULL, &res, e);
	if (r == 0)
		r = evidence_catch_up(s.ev, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r == 0 && !c->json)
		printf("source %s removed; what it brought stays, as known until "
		       "now\nA period that includes today says unknown where it "
		       "needed this source.\n", c->arg[2]);
	return (r);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "add", "list", "check", "remove" };
	const char *verb = c->nargs > 1 ? c->arg[1] : "list";

	if (strcmp(verb, "add") == 0)
		return (add(c, e));
	if (strcmp(verb, "list") == 0)
		return (list(c, e));
	if (strcmp(verb, "check") == 0)
		return (check(c, e));
	if (strcmp(verb, "remove") == 0)
		return (drop(c, e));
	const char *near = cli_nearest(verb, verbs, 4);
	return (err_set(e, ERR_USAGE, verb, near != NULL ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    "add, list, check or remove", "this is not done to sources"));
}

static const struct cli_opt opts[] = {
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_source = {
	"source", "DIR add COLLECTOR ... | list | check NAME | remove NAME",
	"say what to collect from",
	"  tickmark source work add                      what can be collected\n"
	"  tickmark source work add linux --name host1\n"
	"  tickmark source work add git --path /srv/repo --max-gap 7d\n"
	"  tickmark source work add tls --host example.org --port 443\n"
	"  tickmark source work add csv --table hr_person --file people.csv\n"
	"  tickmark source work check host1              try it, record nothing\n"
	"\n"
	"--max-gap says how far apart two runs may be so that the time between them\n"
	"still counts as observed.",
	1, 512, opts, run, true,
};
