/* tickmark people: the roster, and the checklists of who comes and goes. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/chart.h"
#include "program/checklists.h"
#include "program/people.h"
#include "program/said.h"
#include "sys/crypto.h"
#include "sys/directory.h"
#include "text/csv.h"
#include "text/date.h"

#define FILE_MAX ((size_t)64 << 20)

/* --map field=Column, any number of times. */
static int
read_map(struct cli *c, struct people_map *map, size_t most, size_t *ret_n,
    struct err *e)
{
	const char *text;

	for (*ret_n = 0; (text = cli_opt_nth(c, "map", *ret_n)) != NULL; ) {
		const char *eq = strchr(text, '=');
		if (eq == NULL || eq == text || eq[1] == '\0' || *ret_n == most)
			return (err_set(e, ERR_USAGE, text, "write it like "
			    "code=\"Employee No\"", "this maps no field to a column"));
		map[(*ret_n)++] = (struct people_map){ { text, (size_t)(eq - text) },
			str_from(eq + 1) };
	}
	return (0);
}

static void
print_plan(struct cli *c, const struct people_plan *p, bool dry)
{
	struct cli_table *t = cli_table(c, 3, "person", "what", "fields");

	printf("%s%zu join, %zu change, %zu return, %zu leave, %zu stay as they "
	    "are\n", dry ? "would be: " : "", p->count[PEOPLE_JOINS],
	    p->count[PEOPLE_CHANGES], p->count[PEOPLE_RETURNS],
	    p->count[PEOPLE_LEAVES], p->count[PEOPLE_SAME]);
	for (size_t i = 0; i < p->n; i++)
		if (p->lines[i].what != PEOPLE_SAME)
			cli_row(t, cli_text(c, p->lines[i].code),
			    people_what_word(p->lines[i].what),
			    cli_text(c, p->lines[i].fields));
	if (cli_table_rows(t) > 0) {
		printf("\n");
		cli_table_print(t);
	}
}

static void
print_json(struct cli *c, const struct people_plan *p, bool dry)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "dry_run", val_bool(a, dry));
	for (int i = 0; i < PEOPLE_NWHAT; i++)
		val_put(a, m, people_what_word((enum people_what)i), val_int(a,
		    (int64_t)p->count[i]));
	for (size_t i = 0; i < p->n; i++) {
		struct val *x = val_map(a);
		if (p->lines[i].what == PEOPLE_SAME)
			continue;
		val_put(a, x, "person", val_str(a, p->lines[i].code));
		val_put(a, x, "what", val_text(a, people_what_word(
		    p->lines[i].what)));
		val_put(a, x, "fields", val_str(a, p->lines[i].fields));
		val_push(a, list, x);
	}
	val_put(a, m, "people", list);
	cli_print_json(c, m);
}

/* All bad rows but the last, which is the error of the command. */
static int
tell_problems(int r, const struct record_result *res, struct err *e)
{
	char line[2200];

	for (size_t i = 0; i + 1 < res->nproblems; i++) {
		err_format(&res->problems[i], line, sizeof(line));
		fprintf(stderr, "%s\n", line);
	}
	if (res->nproblems > 0 && e != NULL) {
		*e = res->problems[res->nproblems - 1];
		e->code = (enum err_code)-r;
	}
	return (r);
}

/* --- from a directory ------------------------------------------------------------ */

struct roster {
	struct csv_writer w;
	size_t n; /* columns */
};

/* An entry as a line of the roster: first values only. */
static int
take_entry(void *ctx, const char *dn, const struct str *values, struct err *e)
{
	struct roster *r = ctx;

	(void)dn;
	(void)e;
	for (size_t i = 0; i < r->n; i++)
		csv_put(&r->w, values[i].ptr != NULL ? values[i] : STR(""));
	csv_endrow(&r->w);
	return (0);
}

static int
read_password(struct cli *c, struct buf *out, struct directory *d,
    struct err *e)
{
	const char *path = cli_opt(c, "password-file");

	d->bind_dn = cli_opt(c, "bind-dn");
	if ((path == NULL) != (d->bind_dn == NULL))
		return (err_set(e, ERR_USAGE, "--bind-dn", "give --bind-dn DN and "
		    "--password-file FILE", "a name and a password belong "
		    "together"));
	if (path == NULL)
		return (0);
	int r = file_read(path, 4096, out, e);
	if (r == 0)
		d->password = str_trim(buf_str(out));
	return (r);
}

/* The directory as the text of a roster, whose columns are its attributes. */
static int
from_directory(struct cli *c, const struct people_map *map, size_t n,
    struct buf *out, struct err *e)
{
	static const char *const usual[] = { "uid", "displayName", "mail",
		"title", "departmentNumber" };
	static const char *const fields[] = { "code", "name", "email", "role",
		"department" };
	const char *attributes[DIRECTORY_ATTRIBUTES];
	BUF_SCOPED secret = BUF_INIT;
	struct roster x = { .w = CSV_WRITER(out) };
	struct directory d = { .url = cli_opt(c, "ldap"),
		.starttls = cli_opt(c, "starttls") != NULL,
		.ca = cli_opt(c, "ca"), .base = cli_opt(c, "base"),
		.filter = cli_opt(c, "filter"), .attributes = attributes,
		.timeout_us = 30 * INT64_C(1000000) };
	size_t got;

	if (d.base == NULL)
		return (err_set(e, ERR_USAGE, "--ldap", "give --base, such as "
		    "--base ou=people,dc=example,dc=org", "it is not said where "
		    "people stand in the directory"));
	if (d.filter == NULL)
		d.filter = "(objectClass=inetOrgPerson)";
	for (size_t i = 0; i < n; i++)
		attributes[x.n++] = cli_text(c, map[i].column);
	for (size_t i = 0; n == 0 && i < 5; i++) {
		attributes[x.n++] = usual[i];
		csv_puttext(&x.w, fields[i]);
	}
	for (size_t i = 0; i < n; i++)
		csv_put(&x.w, map[i].column);
	csv_endrow(&x.w);
	d.nattributes = x.n;
	int r = read_password(c, &secret, &d, e);
	if (r == 0)
		r = directory_search(&d, take_entry, &x, &got, e);
	crypto_wipe(secret.ptr, secret.len);
	if (r == 0 && got == 0)
		r = err_set(e, ERR_INPUT, d.url, "look at --base and --filter",
		    "nobody stands there");
	return (r);
}

static int
do_import(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	BUF_SCOPED text = BUF_INIT;
	struct people_map map[64];
	struct people_options o = { .map = map,
		.whole = cli_opt(c, "whole") != NULL };
	struct people_plan plan;
	struct record_result res = { 0 };
	bool dry = cli_opt(c, "dry-run") != NULL;
	struct act x = { .a = c->arena, .who = actor_me(c->arena) };

	const char *ldap = cli_opt(c, "ldap");
	const char *name = ldap != NULL ? ldap : c->nargs == 3 ? c->arg[2] : NULL;

	if (name == NULL || (ldap != NULL && c->nargs == 3))
		return (err_set(e, ERR_USAGE, "import", "give a CSV file, or --ldap "
		    "URL", name == NULL ? "no roster is named" :
		    "two rosters are named"));
	int r = read_map(c, map, 64, &o.nmap, e);
	if (r == 0)
		r = cli_opt_int(c, "leavers", -1, &o.leavers, e);
	if (r == 0)
		r = ldap != NULL ? from_directory(c, map, o.nmap, &text, e) :
		    file_read(name, FILE_MAX, &text, e);
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	x.ws = s.ws;
	r = people_plan(&x, name, buf_str(&text), &o, &plan, e);
	if (r != 0)
		return (r);
	r = people_apply(&x, &plan, dry, &res, e);
	if (r != 0)
		return (tell_problems(r, &res, e));
	if (!dry && (r = session_written(&s, e)) != 0)
		return (r);
	if (c->json)
		print_json(c, &plan, dry);
	else
		print_plan(c, &plan, dry);
	return (0);
}

static int
do_checklists(struct cli *c, bool move, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct checklists_template t;
	struct act x = { .a = c->arena, .who = actor_me(c->arena) };
	size_t n = 1;

	if (c->nargs != (move ? 3u : 2u))
		return (err_set(e, ERR_USAGE, c->arg[1], "see: tickmark people "
		    "--help", move ? "give a person" : "nothing more is given"));
	int r = session_open(c, SESSION_WRITE, &s, e);
	x.ws = s.ws;
	if (r == 0)
		r = checklists_load(&x, &t, e);
	if (r == 0)
		r = move ? checklists_move(&x, &t, str_from(c->arg[2]), e) :
		    checklists_make(&x, &t, &n, e);
	if (r == 0)
		r = session_written(&s, e);
	if (r == 0 && c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "checklists", val_int(c->arena, (int64_t)n));
		cli_print_json(c, m);
	} else if (r == 0) {
		printf("%zu checklist%s made\n", n, n == 1 ? "" : "s");
	}
	return (r);
}

/* --- the organisation chart ----------------------------------------------------- */

static const char *
names_of(struct cli *c, struct session *s, const struct record *const *at,
    size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s" STR_FMT, i == 0 ? "" : ", ", STR_ARG(
		    record_text(&s->ws->records, c->arena, at[i],
		    F_PERSON_NAME)));
	return (cli_text(c, buf_str(&b)));
}

static const char *
flags_of(struct cli *c, unsigned flags)
{
	static const char *const words[] = { "vacant", "its holder has left",
		"its holder holds one that excludes it", "reports in a circle" };
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (flags & (1u << i))
			buf_printf(&b, "%s%s", b.len == 0 ? "" : ", ", words[i]);
	return (cli_text(c, buf_str(&b)));
}

static void
print_chart(struct cli *c, struct session *s, const struct chart *x)
{
	static const char *const titles[] = { "code", "position", "held by",
		"deputy", "wrong" }, *const people[] = { "code", "person", "role",
		"department", "wrong" };
	struct cli_table *t = cli_table_of(c, 5, x->positions ? titles : people);
	struct record_store *r = &s->ws->records;

	for (size_t i = 0; i < x->n; i++) {
		const struct chart_line *l = &x->at[i];
		const char *name = cli_text(c, record_text(r, c->arena, l->box,
		    x->positions ? F_POSITION_TITLE : F_PERSON_NAME));
		cli_row(t, cli_text(c, record_text(r, c->arena, l->box,
		    x->positions ? F_POSITION_CODE : F_PERSON_CODE)),
		    arena_printf(c->arena, "%*s%s", (int)(l->depth < 20 ?
		    2 * l->depth : 40), "", name),
		    x->positions ? names_of(c, s, l->holders, l->nholders) :
		    cli_text(c, record_text(r, c->arena, l->box, F_PERSON_ROLE)),
		    x->positions ? names_of(c, s, l->deputies, l->ndeputies) :
		    cli_text(c, record_text(r, c->arena, l->box,
		    F_PERSON_DEPARTMENT)), flags_of(c, l->flags));
		if (l->flags != 0)
			cli_tint(t, 4, TONE_WARN);
	}
	cli_table_print(t);
}

static void
json_chart(struct cli *c, struct session *s, const struct chart *x)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);
	size_t key = x->positions ? F_POSITION_CODE : F_PERSON_CODE;
	struct record_store *r = &s->ws->records;

	val_put(a, m, "of", val_text(a, x->positions ? "positions" : "people"));
	for (size_t i = 0; i < x->n; i++) {
		const struct chart_line *l = &x->at[i];
		struct val *v = val_map(a), *holders = val_list(a);
		val_put(a, v, "code", val_str(a, record_text(r, a, l->box, key)));
		val_put(a, v, "above", l->above == NULL ? val_null(a) :
		    val_str(a, record_text(r, a, l->above, key)));
		val_put(a, v, "depth", val_int(a, (int64_t)l->depth));
		for (size_t k = 0; k < l->nholders; k++)
			val_push(a, holders, val_str(a, record_text(r, a,
			    l->holders[k], F_PERSON_CODE)));
		val_put(a, v, "held_by", holders);
		val_put(a, v, "wrong", val_text(a, flags_of(c, l->flags)));
		val_push(a, list, v);
	}
	val_put(a, m, "boxes", list);
	cli_print_json(c, m);
}

static int
do_chart(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct chart x;
	const char *on = cli_opt(c, "on");
	int64_t day = 0;
	int r = session_open(c, SESSION_READ, &s, e);

	if (r == 0 && on != NULL)
		r = date_parse(str_from(on), &day, e);
	else if (r == 0)
		day = zone_day(s.zone, said_now(&s.ws->records));
	if (r == 0)
		r = chart_read(&s.ws->records, c->arena, day, &x, e);
	if (r != 0)
		return (r);
	if (c->json)
		json_chart(c, &s, &x);
	else if (x.n == 0)
		printf("Nobody is recorded yet: tickmark people %s import FILE\n",
		    cli_word(c, c->arg[0]));
	else
		print_chart(c, &s, &x);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "import", "checklists", "move",
		"chart" };

	if (strcmp(c->arg[1], "import") == 0)
		return (do_import(c, e));
	if (strcmp(c->arg[1], "checklists") == 0)
		return (do_checklists(c, false, e));
	if (strcmp(c->arg[1], "move") == 0)
		return (do_checklists(c, true, e));
	if (strcmp(c->arg[1], "chart") == 0 && c->nargs == 2)
		return (do_chart(c, e));
	const char *near = cli_nearest(c->arg[1], verbs, 4);
	return (err_set(e, ERR_USAGE, c->arg[1], near != NULL ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    "import, checklists, move or chart; people are records: see tickmark record "
	    "DIR person", "this is not done to people"));
}

static const struct cli_opt opts[] = {
	{ "map", OPT_MULTI, "FIELD=COLUMN", "import: a column that has another "
	    "name" },
	{ "whole", OPT_FLAG, NULL, "import: the file is the whole roster; who is "
	    "not in it has left today" },
	{ "leavers", OPT_TEXT, "N", "import: so many may leave at once" },
	{ "ldap", OPT_TEXT, "URL", "import: from a directory: ldaps://HOST, or "
	    "ldap://HOST with --starttls; --map names attributes" },
	{ "base", OPT_TEXT, "DN", "import --ldap: where people stand in it" },
	{ "filter", OPT_TEXT, "FILTER", "import --ldap: which of them; else "
	    "(objectClass=inetOrgPerson)" },
	{ "starttls", OPT_FLAG, NULL, "import --ldap: TLS after the beginning" },
	{ "ca", OPT_TEXT, "FILE", "import --ldap: certificates to trust, instead of "
	    "the machine's" },
	{ "bind-dn", OPT_TEXT, "DN", "import --ldap: the name to sign in with" },
	{ "password-file", OPT_TEXT, "FILE", "import --ldap: its password, on a "
	    "line" },
	{ "on", OPT_TEXT, "DAY", "chart: as it is on this day" },
	{ "dry-run", OPT_FLAG, NULL, "import: show the plan, write nothing" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_people = {
	"people", "DIR import FILE | checklists | move PERSON | chart",
	"the roster, and checklists of who comes, goes or changes place",
	"  tickmark people work import roster.csv --whole --dry-run\n"
	"  tickmark people work import roster.csv --whole \\\n"
	"      --map code=\"Employee No\" --map start_on=\"First day\"\n"
	"  tickmark people work import --whole --ldap ldaps://ldap.example.org \\\n"
	"      --base ou=people,dc=example,dc=org \\\n"
	"      --bind-dn cn=reader,dc=example,dc=org --password-file secret \\\n"
	"      --map code=employeeNumber --map name=displayName --map email=mail\n"
	"  tickmark people work checklists          for joiners and leavers\n"
	"  tickmark people work move E014           for a new role, today\n"
	"  tickmark people work chart               positions and who holds them\n"
	"\n"
	"Columns are found by the names or titles of the fields of a person. States\n"
	"follow from the days. More than 3 leavers and a tenth of the people at once\n"
	"are refused without --leavers: the file may be cut off. The template of\n"
	"checklists is the program's, or DIR/checklists.tsv. The chart shows positions\n"
	"and their assignments, and says which are vacant or held by somebody who has\n"
	"left; where no position is recorded, people by their managers.",
	2, 3, opts, run, false,
};
