/* tickmark record: read and write records. */
#include <errno.h>
#include <unistd.h>

#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "record/exchange.h"
#include "record/history.h"
#include "text/yaml.h"

#define FILE_LIMIT ((size_t)64 << 20)

struct job {
	struct cli *c;
	struct workspace *ws;
	struct record_store store;
	struct record_reader reader;
	const struct schema_type *type;
};

static int
open_reader(struct job *j, struct err *e)
{
	int r = workspace_open(j->c->arg[0], false, &j->ws, e);

	if (r == 0)
		r = actor_reader(j->c->arena, j->ws, cli_opt(j->c, "as"),
		    &j->reader, e);
	if (r == 0)
		j->store = j->ws->records;
	return (r);
}

static int
list_types(struct cli *c)
{
	struct cli_table *t = cli_table(c, 3, "type", "named by", "what it is");

	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *k = &schema_types[i];
		if (!schema_is_record(k))
			continue;
		cli_row(t, k->name, k->key.n ? k->fields[k->key.at[0]].name : "id",
		    k->note);
	}
	cli_table_print(t);
	return (0);
}

static int
list_fields(struct cli *c, const struct schema_type *k)
{
	struct cli_table *t = cli_table(c, 4, "field", "kind", "needed", "meaning");

	if (!c->json)
		printf("%s: %s\n\n", k->name, k->note);
	for (size_t i = 0; i < k->nfields; i++) {
		const struct schema_field *f = &k->fields[i];
		const char *kind = schema_kind_word(f->kind);
		if (f->values != NULL) {
			BUF_SCOPED b = BUF_INIT;
			buf_printf(&b, "%s: ", kind);
			for (size_t v = 0; f->values[v] != NULL; v++)
				buf_printf(&b, "%s%s", v ? ", " : "", f->values[v]);
			kind = arena_strdup(c->arena, b.ptr);
		} else if (f->target != 0) {
			kind = arena_printf(c->arena, "%s to %s", kind,
			    schema_get(f->target)->name);
		}
		cli_row(t, f->name, kind, f->required ? "yes" : "", f->sentence);
	}
	cli_table_print(t);
	return (0);
}

/* Names of fields, in a row: "tier, owner". */
static const char *
names_of(struct cli *c, const struct schema_type *k,
    const struct schema_cols *cols)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < cols->n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", k->fields[cols->at[i]].name);
	return (arena_strndup(c->arena, b.ptr, b.len));
}

static struct val *
json_names(struct cli *c, const struct schema_type *k,
    const struct schema_cols *cols)
{
	struct val *l = val_list(c->arena);

	for (size_t i = 0; i < cols->n; i++)
		val_push(c->arena, l, val_text(c->arena,
		    k->fields[cols->at[i]].name));
	return (l);
}

static const char *
who_of(struct cli *c, const struct schema_step *s)
{
	BUF_SCOPED b = BUF_INIT;

	access_roles(s->who, &b);
	return (arena_strdup(c->arena, b.ptr));
}

static void
json_rules(struct cli *c, const struct schema_type *k)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *states = val_list(a), *steps = val_list(a),
		   *rules = val_list(a);

	for (size_t i = 0; i < k->nstates; i++)
		val_push(a, states, val_text(a, k->states[i]));
	for (size_t i = 0; i < k->nsteps; i++) {
		const struct schema_step *s = &k->steps[i];
		struct val *x = val_map(a);
		val_put(a, x, "from", val_text(a, k->states[s->from]));
		val_put(a, x, "to", val_text(a, k->states[s->to]));
		val_put(a, x, "who", val_text(a, who_of(c, s)));
		val_put(a, x, "needs", json_names(c, k, &s->fill));
		val_put(a, x, "two_persons", json_names(c, k, &s->apart));
		int by = schema_signer(k, s);
		val_put(a, x, "taken_by", by < 0 ? val_null(a) : val_text(a,
		    k->fields[by].name));
		val_push(a, steps, x);
	}
	for (size_t i = 0; record_rule(i) != NULL; i++) {
		const struct record_rule *r = record_rule(i);
		struct val *x = val_map(a);
		if (r->type != k->number && r->type != 0)
			continue;
		val_put(a, x, "name", val_text(a, r->name));
		val_put(a, x, "rule", val_text(a, r->sentence));
		val_push(a, rules, x);
	}
	val_put(a, m, "states", states);
	val_put(a, m, "steps", steps);
	val_put(a, m, "rules", rules);
	cli_print_json(c, m);
}

/* How a record of a type goes from state to state, and what is refused. */
static int
list_rules(struct cli *c, const struct schema_type *k)
{
	if (c->json) {
		json_rules(c, k);
		return (0);
	}
	printf("%s: %s\n\n", k->name, k->note);
	if (k->nsteps != 0) {
		struct cli_table *t = cli_table(c, 6, "from", "to", "who may",
		    "needs", "two persons", "taken by");
		for (size_t i = 0; i < k->nsteps; i++) {
			const struct schema_step *s = &k->steps[i];
			int by = schema_signer(k, s);
			cli_row(t, k->states[s->from], k->states[s->to], who_of(c, s),
			    names_of(c, k, &s->fill), names_of(c, k, &s->apart),
			    by < 0 ? "" : k->fields[by].name);
		}
		cli_table_print(t);
		putchar('\n');
	}
	for (size_t i = 0; record_rule(i) != NULL; i++) {
		const struct record_rule *r = record_rule(i);
		if (r->type == k->number || r->type == 0)
			printf("- %s\n", r->sentence);
	}
	return (0);
}

/* Columns of a list: the handle, the state, and what is short. */
static size_t
list_columns(struct cli *c, const struct schema_type *t, uint16_t *cols,
    size_t most, struct err *e)
{
	const char *asked = cli_opt(c, "columns");
	size_t n = 0;

	if (asked != NULL) {
		struct str rest = str_from(asked), name;
		while (str_split(&rest, ',', &name) && n < most) {
			int f = schema_field_titled(t, str_trim(name));
			if (f < 0) {
				err_set(e, ERR_USAGE, arena_printf(c->arena,
				    "--columns %s", asked),
				    arena_printf(c->arena, "see tickmark record %s %s "
				    "fields", cli_word(c, c->arg[0]), t->name), "%s has no field " STR_FMT,
				    t->name, STR_ARG(name));
				return (0);
			}
			cols[n++] = (uint16_t)f;
		}
		return (n);
	}
	if (t->key.n != 0)
		cols[n++] = t->key.at[0];
	if (t->state >= 0)
		cols[n++] = (uint16_t)t->state;
	for (size_t i = 0; i < t->nfields && n < 6; i++) {
		enum schema_kind k = t->fields[i].kind;
		if (k == SCHEMA_MARKDOWN || k == SCHEMA_MAP || (int)i == t->state ||
		    (t->key.n != 0 && i == t->key.at[0]) ||
		    (k == SCHEMA_TEXT && t->fields[i].max > 500))
			continue;
		cols[n++] = (uint16_t)i;
	}
	return (n);
}

static int
parse_query(struct job *j, struct record_query *q, struct err *e)
{
	struct cli *c = j->c;
	size_t n = c->nargs > 3 ? c->nargs - 3 : 0;
	int64_t limit;

	struct record_filter *f = arena_array(c->arena, n + 1, sizeof(*f));
	for (size_t i = 0; i < n; i++) {
		int r = record_filter_parse(&j->store, c->arena, j->type,
		    str_from(c->arg[3 + i]), &f[i], e);
		if (r != 0)
			return (r);
	}
	int r = cli_opt_int(c, "limit", 0, &limit, e);
	if (r != 0)
		return (r);
	const char *sort = cli_opt(c, "sort");
	*q = (struct record_query){ .filters = f, .nfilters = n, .sort = -1,
		.limit = (size_t)limit, .retired = cli_opt(c, "retired") != NULL };
	if (sort != NULL) {
		q->falling = sort[0] == '-';
		q->sort = schema_field_titled(j->type, str_from(sort + q->falling));
		if (q->sort < 0)
			return (err_set(e, ERR_USAGE, arena_printf(c->arena,
			    "--sort %s", sort), NULL, "%s has no such field",
			    j->type->name));
	}
	return (0);
}

static int
export(struct job *j, const struct record_query *q, enum record_format f,
    struct err *e)
{
	BUF_SCOPED out = BUF_INIT;
	int r = record_export(&j->store, j->type, q, f, &out, e);

	if (r == 0)
		fwrite(out.ptr, 1, out.len, stdout);
	return (r);
}

static int
do_list(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct record_query q;
	struct record_list l;
	uint16_t cols[64];

	int r = open_reader(j, e);
	if (r == 0)
		r = parse_query(j, &q, e);
	if (r != 0)
		return (r);
	if (c->json)
		return (export(j, &q, RECORD_JSON, e));
	if (cli_opt(c, "csv") != NULL)
		return (export(j, &q, RECORD_CSV, e));
	if (cli_opt(c, "yaml") != NULL)
		return (export(j, &q, RECORD_YAML, e));
	size_t n = list_columns(c, j->type, cols, 64, e);
	if (n == 0)
		return (-ERR_USAGE);
	r = record_list(&j->store, c->arena, j->type, &q, &l, e);
	if (r != 0)
		return (r);
	if (l.matched == 0) {
		printf("no %s%s\nAdd one: tickmark record %s %s put FIELD=VALUE ...  "
		       "(fields: tickmark record %s %s fields)\n", j->type->name,
		    q.nfilters ? " matches" : " yet", cli_word(c, c->arg[0]),
		    j->type->name, cli_word(c, c->arg[0]), j->type->name);
		return (0);
	}
	const char *text[64];
	for (size_t i = 0; i < n; i++)
		text[i] = j->type->fields[cols[i]].name;
	struct cli_table *t = cli_table_of(c, n, text);
	for (size_t k = 0; k < l.n; k++) {
		for (size_t i = 0; i < n; i++)
			text[i] = cli_text(c, record_text(&j->store, c->arena, &l.at[k],
			    cols[i]));
		cli_row_of(t, text);
	}
	cli_table_print(t);
	if (l.n < l.matched)
		printf("%zu of %zu\n", l.n, l.matched);
	return (0);
}

static int
need_name(struct cli *c, struct err *e)
{
	if (c->nargs == 4)
		return (0);
	return (err_set(e, ERR_USAGE, c->arg[2],
	    arena_printf(c->arena, "tickmark record %s %s %s NAME",
		cli_word(c, c->arg[0]), c->arg[1], c->arg[2]), "name one record, by its id or handle"));
}

static void
print_record(struct job *j, const struct record *r)
{
	struct cli *c = j->c;

	for (size_t i = 0; i < j->type->nfields; i++) {
		struct str s = record_text(&j->store, c->arena, r, i);
		if (r->cells[i].state != CELL_VALUE &&
		    r->cells[i].state != CELL_MASKED)
			continue;
		const char *title = j->type->fields[i].title;
		printf("%s%-18s%s", cli_tone(c, TONE_DIM), title,
		    cli_tone(c, TONE_PLAIN));
		if (s.len > 60 || memchr(s.ptr, '\n', s.len) != NULL) {
			putchar('\n');
			struct str line;
			while (str_split(&s, '\n', &line))
				cli_wrap(c, 4, cli_text(c, line));
		} else {
			printf(" " STR_FMT "\n", STR_ARG(s));
		}
	}
	printf("%s%-18s " STR_FMT ", revision %lld, entry %llu%s%s\n",
	    cli_tone(c, TONE_DIM), "id", STR_ARG(r->id), (long long)r->rev,
	    (unsigned long long)r->entry, r->retired ? ", retired" : "",
	    cli_tone(c, TONE_PLAIN));
}

/* As it is, or as it was when less was known. */
static int
find_shown(struct job *j, struct record **ret, struct err *e)
{
	struct cli *c = j->c;
	struct str name = str_from(c->arg[3]);
	const char *known = cli_opt(c, "known-at");
	uint64_t size;

	if (known == NULL)
		return (record_find(&j->store, c->arena, j->type, name, ret, e));
	struct record_revision *v = arena_new(c->arena, struct record_revision);
	int r = session_known(c, j->ws, known, &size, e);
	if (r == 0)
		r = record_as_of(&j->store, c->arena, j->type, name, size, v, e);
	if (r == 0)
		*ret = &v->record;
	return (r);
}

static int
do_show(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct record *r;

	int rc = need_name(c, e);
	if (rc == 0)
		rc = open_reader(j, e);
	if (rc == 0)
		rc = find_shown(j, &r, e);
	if (rc != 0)
		return (rc);
	struct val *v = record_to_val(&j->store, c->arena, r);
	if (c->json) {
		cli_print_json(c, v);
	} else if (cli_opt(c, "yaml") != NULL) {
		BUF_SCOPED out = BUF_INIT;
		yaml_put_val(&out, v);
		fwrite(out.ptr, 1, out.len, stdout);
	} else {
		print_record(j, r);
	}
	return (0);
}

static struct val *
json_revision(struct job *j, const struct record_revision *v,
    const struct record_diff *d, size_t n)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a), *list = val_list(a);
	char t[TIME_SIZE];

	val_put(a, m, "rev", val_int(a, v->record.rev));
	val_put(a, m, "entry", val_int(a, (int64_t)v->record.entry));
	val_put(a, m, "time", val_text(a, time_print(v->time, t)));
	val_put(a, m, "actor", val_str(a, v->actor));
	val_put(a, m, "action", val_str(a, v->action));
	val_put(a, m, "import", val_str(a, v->import));
	val_put(a, m, "erased", val_bool(a, v->erased));
	for (size_t i = 0; i < n; i++) {
		struct val *x = val_map(a);
		val_put(a, x, "field", val_str(a, d[i].name));
		val_put(a, x, "before", val_str(a, d[i].before));
		val_put(a, x, "after", val_str(a, d[i].after));
		val_push(a, list, x);
	}
	val_put(a, m, "changes", list);
	return (m);
}

static int
do_history(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct record_history h;
	struct record_diff *d;
	struct val *list = val_list(c->arena);
	char t[TIME_SIZE];

	int r = need_name(c, e);
	if (r == 0)
		r = open_reader(j, e);
	if (r == 0)
		r = record_history(&j->store, c->arena, j->type,
		    str_from(c->arg[3]), &h, e);
	if (r != 0)
		return (r);
	for (size_t i = 0; i < h.n; i++) {
		const struct record_revision *v = &h.at[i];
		size_t n = record_diff(&j->store, c->arena,
		    i ? &h.at[i - 1].record : NULL, &v->record, &d);
		if (c->json) {
			val_push(c->arena, list, json_revision(j, v, d, n));
			continue;
		}
		printf("%srevision %lld%s  %s  " STR_FMT "  by " STR_FMT
		       "  entry %llu%s%s\n", cli_tone(c, TONE_BOLD),
		    (long long)v->record.rev, cli_tone(c, TONE_PLAIN),
		    time_print(v->time, t), STR_ARG(v->action), STR_ARG(v->actor),
		    (unsigned long long)v->record.entry, str_is(v->import, "folder") ?
		    "  from a folder" : str_is(v->import, "restore") ?
		    "  restored from a folder" : "", v->erased ? "  erased" : "");
		for (size_t k = 0; k < n; k++)
			cli_wrap(c, 4, arena_printf(c->arena,
			    STR_FMT ": %s" STR_FMT "%s" STR_FMT, STR_ARG(d[k].name),
			    d[k].before.len ? "was \"" : "", STR_ARG(d[k].before),
			    d[k].before.len ? "\", now " : "", STR_ARG(d[k].after)));
	}
	if (c->json)
		cli_print_json(c, list);
	return (0);
}

static int
report_result(struct job *j, int r, const struct record_result *res,
    struct err *e)
{
	struct cli *c = j->c;
	bool dry = cli_opt(c, "dry-run") != NULL;

	if (r != 0) {
		/* The last problem is printed as the error of the command, the
		 * others before it: as they stand in the file. */
		char line[2200];
		for (size_t i = 0; i + 1 < res->nproblems; i++) {
			err_format(&res->problems[i], line, sizeof(line));
			fprintf(stderr, "%s\n", line);
		}
		if (res->nwrong > res->nproblems)
			fprintf(stderr, "tickmark: and %zu more\n",
			    res->nwrong - res->nproblems);
		if (res->nproblems != 0 && e != NULL) {
			*e = res->problems[res->nproblems - 1];
			e->code = (enum err_code)-r;
		}
		return (r);
	}
	if (c->json) {
		struct val *m = val_map(c->arena), *ids = val_list(c->arena);
		val_put(c->arena, m, "added", val_int(c->arena, (int64_t)res->added));
		val_put(c->arena, m, "changed",
		    val_int(c->arena, (int64_t)res->changed));
		val_put(c->arena, m, "retired",
		    val_int(c->arena, (int64_t)res->retired));
		val_put(c->arena, m, "same", val_int(c->arena, (int64_t)res->same));
		val_put(c->arena, m, "dry_run", val_bool(c->arena, dry));
		size_t n = res->added + res->changed + res->retired + res->same;
		for (size_t i = 0; i < n && res->ids != NULL; i++)
			val_push(c->arena, ids, val_str(c->arena, res->ids[i]));
		val_put(c->arena, m, "ids", ids);
		cli_print_json(c, m);
		return (0);
	}
	printf("%s%zu added, %zu changed, %zu the same", dry ? "would be " : "",
	    res->added, res->changed, res->same);
	if (res->retired != 0)
		printf(", %zu retired", res->retired);
	putchar('\n');
	return (0);
}

static int
read_input(struct cli *c, const char *file, struct buf *text,
    enum record_format *format, struct err *e)
{
	const char *as = cli_opt(c, "format");

	if (!record_format(as ? arena_printf(c->arena, ".%s", as) : file, format))
		return (err_set(e, ERR_USAGE, file,
		    "give --format yaml, csv or json",
		    "the format cannot be told from the name"));
	if (strcmp(file, "-") != 0)
		return (file_read(file, FILE_LIMIT, text, e));
	for (ssize_t n = 1; n > 0;) {
		buf_reserve(text, 1 << 16);
		n = read(STDIN_FILENO, text->ptr + text->len, 1 << 16);
		if (n < 0)
			return (file_error(e, errno, "reading", "standard input"));
		text->len += (size_t)n;
		if (text->len > FILE_LIMIT)
			return (err_set(e, ERR_LIMIT, "standard input",
			    "split it", "the input has over 64 MiB"));
	}
	buf_putc(text, '\0');
	text->len--;
	return (0);
}

/* FIELD=VALUE arguments; an empty value clears the field. */
static int
fields_of(struct cli *c, size_t from, struct val **ret, struct err *e)
{
	struct val *m = val_map(c->arena);

	for (size_t i = from; i < c->nargs; i++) {
		const char *eq = strchr(c->arg[i], '=');
		if (eq == NULL || eq == c->arg[i])
			return (err_set(e, ERR_USAGE, c->arg[i],
			    "write FIELD=VALUE, such as owner=ada",
			    "this is not a field and its value"));
		struct str key = { c->arg[i], (size_t)(eq - c->arg[i]) };
		val_putstr(c->arena, m, key, eq[1] != '\0' ?
		    val_text(c->arena, eq + 1) : val_null(c->arena));
	}
	*ret = m;
	return (0);
}

/* put and retire: under the lock, then the projection follows. */
static int
do_write(struct job *j, bool retire, struct err *e)
{
	struct cli *c = j->c;
	SESSION_SCOPED s = { 0 };
	struct record_result res = { 0 };
	struct record_options o = { .dry_run = cli_opt(c, "dry-run") != NULL };
	struct record_actor me = actor_me(c->arena);
	const char *file = cli_opt(c, "file");
	BUF_SCOPED text = BUF_INIT;
	enum record_format format;
	struct record_change ch = { .type = j->type, .retire = retire };
	struct val *fields = NULL;

	int r = 0;
	if (cli_opt(c, "as") != NULL)
		return (err_set(e, ERR_USAGE, "--as", "leave it out",
		    "--as is for looking: nobody writes in the name of another"));
	if (file != NULL) {
		r = read_input(c, file, &text, &format, e);
	} else {
		size_t at = 3;
		if (c->nargs > 3 && (retire || strchr(c->arg[3], '=') == NULL))
			ch.name = str_from(c->arg[at++]);
		if (retire)
			r = need_name(c, e);
		else if (at >= c->nargs)
			r = err_set(e, ERR_USAGE, "put", "write FIELD=VALUE ..., or "
			    "--file FILE", "nothing is to be put");
		else
			r = fields_of(c, at, &fields, e);
		ch.fields = fields;
		if (r == 0)
			r = cli_opt_int(c, "if-rev", 0, &ch.if_rev, e);
	}
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	j->store = s.ws->records;
	/* A slip in a name must not make a new record. */
	struct record *there;
	if (ch.name.len != 0)
		r = record_find(&j->store, c->arena, j->type, ch.name, &there, e);
	if (r != 0)
		return (r);
	r = file != NULL ?
	    record_import(&j->store, c->arena, &me, j->type, file, buf_str(&text),
		format, &o, &res, e) :
	    record_apply(&j->store, c->arena, &me, &ch, 1, &o, &res, e);
	if (r == 0 && !o.dry_run)
		r = evidence_catch_up(s.ev, e);
	if (r == 0 && !o.dry_run)
		r = session_done(&s, e);
	return (report_result(j, r, &res, e));
}

/* Everything, as "all put --file" takes it. */
static int
do_all(struct job *j, struct err *e)
{
	int r = open_reader(j, e);

	return (r != 0 ? r : export(j, NULL, j->c->json ? RECORD_JSON :
	    RECORD_YAML, e));
}

static int
run(struct cli *c, struct err *e)
{
	struct job j = { .c = c };
	static const char *const verbs[] = { "list", "show", "put", "history",
		"retire", "fields", "rules" };

	if (c->nargs == 1)
		return (list_types(c));
	const char *verb = c->nargs > 2 ? c->arg[2] : "list";
	j.type = schema_find_name(c->arg[1]);
	/* "all put --file x.yaml": a map of types. */
	bool all = strcmp(c->arg[1], "all") == 0 && (strcmp(verb, "list") == 0 ||
	    (strcmp(verb, "put") == 0 && cli_opt(c, "file") != NULL));
	if (!all && (j.type == NULL || !schema_is_record(j.type)))
		return (err_set(e, ERR_USAGE, c->arg[1],
		    arena_printf(c->arena, "see tickmark record %s",
			cli_word(c, c->arg[0])),
		    "there is no such type of record"));
	int r;
	if (all && strcmp(verb, "list") == 0)
		r = do_all(&j, e);
	else if (strcmp(verb, "list") == 0)
		r = do_list(&j, e);
	else if (strcmp(verb, "show") == 0)
		r = do_show(&j, e);
	else if (strcmp(verb, "put") == 0)
		r = do_write(&j, false, e);
	else if (strcmp(verb, "retire") == 0)
		r = do_write(&j, true, e);
	else if (strcmp(verb, "history") == 0)
		r = do_history(&j, e);
	else if (strcmp(verb, "fields") == 0)
		r = list_fields(c, j.type);
	else if (strcmp(verb, "rules") == 0)
		r = list_rules(c, j.type);
	else {
		const char *near = cli_nearest(verb, verbs, 7);
		r = err_set(e, ERR_USAGE, verb, near != NULL ?
		    arena_printf(c->arena, "did you mean %s?", near) :
		    "list, show, put, history, retire, fields or rules",
		    "this is not done to records");
	}
	record_reader_free(&j.reader);
	workspace_close(j.ws);
	session_settle(c, &j.reader);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "file", OPT_TEXT, "FILE", "put: import from FILE (.yaml .csv .json, "
	    "- for standard input)" },
	{ "format", OPT_TEXT, "F", "yaml, csv or json, where the name does not say" },
	{ "dry-run", OPT_FLAG, NULL, "put: check everything, write nothing" },
	{ "if-rev", OPT_TEXT, "N", "put: only if the record has revision N" },
	{ "sort", OPT_TEXT, "FIELD", "list: order (-FIELD: falling)" },
	{ "limit", OPT_TEXT, "N", "list: at most N" },
	{ "columns", OPT_TEXT, "A,B", "list: these fields" },
	{ "retired", OPT_FLAG, NULL, "list: retired ones too" },
	{ "csv", OPT_FLAG, NULL, "list: export as CSV" },
	{ "yaml", OPT_FLAG, NULL, "list, show: as YAML that can be put again" },
	{ "known-at", OPT_TEXT, "TIME|N", "show: as it was then, or by the first N "
	    "entries" },
	{ "as", OPT_TEXT, "LOGIN", "list, show, history: what that user would see" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_record = {
	"record", "DIR [TYPE [list|show|put|history|retire|fields|rules] ...]",
	"read and write records: controls, people, vendors ...",
	"  tickmark record work                          types of record\n"
	"  tickmark record work vendor fields            fields of one\n"
	"  tickmark record work vendor rules             its states, who may step, what\n"
	"                                                is refused\n"
	"  tickmark record work vendor list tier=high\n"
	"  tickmark record work vendor show \"Cloud host\"\n"
	"  tickmark record work vendor put \"name=Cloud host\" tier=high\n"
	"  tickmark record work vendor put \"Cloud host\" state=active\n"
	"  tickmark record work person put --file people.csv --dry-run\n"
	"  tickmark record work all list --yaml          all records, to a file\n"
	"  tickmark record work all put --file programme.yaml\n"
	"  tickmark record work control history AC-03\n"
	"\n"
	"  tickmark record work finding list --as ben    what that user would see\n"
	"\n"
	"A change is checked as a whole: all of it is written, or nothing. Every\n"
	"revision stays in the history.",
	1, 512, opts, run, false,
};
