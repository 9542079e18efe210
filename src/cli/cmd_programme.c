/* tickmark programme: the programme as a folder of text. */
#include <unistd.h>

#include "cli/actor.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/folder.h"
#include "text/diff.h"
#include "text/json.h"

struct job {
	struct cli *c;
	struct session s;
	struct record_reader reader;
	struct act x;
	struct folder_options o;
	struct folder_how how;
	struct folder_plan p;
};

static int
open_for(struct job *j, enum session_need need, struct err *e)
{
	struct cli *c = j->c;
	int r = session_open(c, need, &j->s, e);

	if (r == 0)
		r = actor_reader(c->arena, j->s.ws, cli_opt(c, "as"), &j->reader, e);
	if (r == 0)
		j->x = (struct act){ .a = c->arena, .ws = j->s.ws,
			.who = actor_me(c->arena) };
	return (r);
}

static void
close_again(struct job *j)
{
	session_close(&j->s);
	record_reader_free(&j->reader);
	session_settle(j->c, &j->reader);
	j->reader = (struct record_reader){ 0 };
}

/* --- export ----------------------------------------------------------------- */

static int
parse_without(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const struct schema_type **at = arena_array(c->arena, c->ngiven + 1,
	    sizeof(*at));
	const char *name;

	for (size_t i = 0; (name = cli_opt_nth(c, "without", i)) != NULL; i++) {
		at[i] = schema_find_name(name);
		if (at[i] == NULL || !schema_is_record(at[i]))
			return (err_set(e, ERR_USAGE, arena_printf(c->arena,
			    "--without %s", name), arena_printf(c->arena,
			    "see: tickmark record %s", cli_word(c, c->arg[0])),
			    "there is no such type of record"));
		j->o.nwithout++;
	}
	j->o.without = at;
	return (0);
}

static struct val *
json_counts(struct cli *c, const struct folder_counts *n)
{
	struct val *m = val_map(c->arena);

	val_put(c->arena, m, "folder", val_text(c->arena, c->arg[2]));
	val_put(c->arena, m, "records", val_int(c->arena, (int64_t)n->records));
	val_put(c->arena, m, "written", val_int(c->arena, (int64_t)n->written));
	val_put(c->arena, m, "same", val_int(c->arena, (int64_t)n->same));
	val_put(c->arena, m, "removed", val_int(c->arena, (int64_t)n->removed));
	return (m);
}

static int
do_export(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct folder_counts n;

	j->o.impersonal = cli_opt(c, "without-personal") != NULL;
	j->o.overwrite = cli_opt(c, "overwrite") != NULL;
	int r = parse_without(j, e);
	if (r == 0)
		r = open_for(j, SESSION_READ, e);
	if (r == 0)
		r = folder_export(&j->x, c->arg[2], &j->o, &n, e);
	if (r != 0)
		return (r);
	if (c->json)
		cli_print_json(c, json_counts(c, &n));
	else
		printf("%zu records in %s: %zu files written, %zu as they were, %zu "
		       "removed\n", n.records, c->arg[2], n.written, n.same,
		    n.removed);
	return (0);
}

/* --- the plan, for programs --------------------------------------------------- */

static const char *const acts[] = { "create", "change", "retire", "gone",
	"conflict" };

static void
put_problems(struct arena *a, struct val *m, const char *key,
    const struct err *at, size_t n)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < n; i++) {
		struct val *x = val_map(a);
		val_put(a, x, "what", val_text(a, at[i].what));
		val_put(a, x, "where", val_text(a, at[i].where));
		val_put(a, x, "fix", val_text(a, at[i].fix));
		val_push(a, list, x);
	}
	val_put(a, m, key, list);
}

static struct val *
json_change(struct arena *a, const struct folder_change *x)
{
	struct val *m = val_map(a), *fields = val_list(a);

	val_put(a, m, "action", val_text(a, acts[x->act]));
	val_put(a, m, "type", val_text(a, x->type->name));
	val_put(a, m, "name", val_str(a, x->name));
	val_put(a, m, "file", val_text(a, x->file));
	if (x->id.len != 0) {
		val_put(a, m, "id", val_str(a, x->id));
		val_put(a, m, "rev", val_int(a, x->rev));
	}
	for (size_t i = 0; i < x->nfields; i++) {
		struct val *f = val_map(a);
		val_put(a, f, "field", val_text(a, x->fields[i].name));
		val_put(a, f, "before", val_str(a, x->fields[i].before));
		val_put(a, f, "after", val_str(a, x->fields[i].after));
		val_push(a, fields, f);
	}
	val_put(a, m, "fields", fields);
	val_put(a, m, "steps", x->steps != NULL ? val_text(a, x->steps) :
	    val_null(a));
	put_problems(a, m, "problems", x->problems, x->nproblems);
	return (m);
}

static struct val *
json_plan(struct job *j)
{
	struct arena *a = j->c->arena;
	const struct folder_plan *p = &j->p;
	struct val *m = val_map(a), *list = val_list(a), *passed = val_list(a);

	val_put(a, m, "another_workspace", val_bool(a, p->foreign));
	val_put(a, m, "restores", val_bool(a, p->restores));
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		val_put(a, m, acts[i], val_int(a, (int64_t)p->count[i]));
	val_put(a, m, "refused", val_int(a, (int64_t)p->refused));
	val_put(a, m, "behind", val_int(a, (int64_t)p->behind));
	val_put(a, m, "only_in_workspace", val_int(a, (int64_t)p->only));
	for (size_t i = 0; i < p->n; i++)
		val_push(a, list, json_change(a, &p->at[i]));
	val_put(a, m, "changes", list);
	put_problems(a, m, "wrong", p->wrong, p->nwrong);
	for (size_t i = 0; i < p->npassed; i++)
		val_push(a, passed, val_text(a, p->passed[i]));
	val_put(a, m, "passed_over", passed);
	return (m);
}

/* --- the plan, for people -------------------------------------------------------- */

static void
print_lines(struct job *j, const struct folder_field *f)
{
	struct cli *c = j->c;
	BUF_SCOPED out = BUF_INIT;
	struct diff d;
	struct str rest, line;

	diff_lines(c->arena, f->before, f->after, &d);
	diff_unified(&d, 1, &out);
	printf("    %s:\n", f->name);
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line)) {
		enum cli_tone tone = line.len == 0 ? TONE_PLAIN : line.ptr[0] == '-' ?
		    TONE_BAD : line.ptr[0] == '+' ? TONE_GOOD : TONE_DIM;
		if (line.len == 0)
			continue;
		printf("      %s", cli_tone(c, tone));
		for (size_t i = 0; i < line.len; i++)
			putchar((unsigned char)line.ptr[i] < 0x20 ||
			    line.ptr[i] == 0x7f ? ' ' : line.ptr[i]);
		printf("%s\n", cli_tone(c, TONE_PLAIN));
	}
}

static const char *
quoted(struct job *j, struct str s)
{
	return (s.len == 0 ? "(nothing)" : arena_strndup(j->c->arena, s.ptr,
	    s.len));
}

static void
print_change(struct job *j, const struct folder_change *x)
{
	static const char marks[] = { '+', '~', '-', '?', '!' };
	static const char *const words[] = { "new", "", "is retired",
		"its file is gone: it stays, unless --delete is given",
		"was changed in the folder and in the workspace" };
	struct cli *c = j->c;

	cli_wrap(c, 0, arena_printf(c->arena, "%c %s " STR_FMT "  %s%s%s",
	    marks[x->act], x->type->name, STR_ARG(x->name), x->file,
	    *words[x->act] != '\0' ? ": " : "", words[x->act]));
	for (size_t i = 0; i < x->nfields; i++) {
		const struct folder_field *f = &x->fields[i];
		if (f->lines && (memchr(f->before.ptr, '\n', f->before.len) != NULL ||
		    memchr(f->after.ptr, '\n', f->after.len) != NULL))
			print_lines(j, f);
		else
			cli_wrap(c, 4, arena_printf(c->arena, "%s: %s -> %s", f->name,
			    quoted(j, f->before), quoted(j, f->after)));
	}
	if (x->steps != NULL)
		cli_wrap(c, 4, arena_printf(c->arena, "needs the steps %s, one import "
		    "each", x->steps));
	for (size_t i = 0; i < x->nproblems; i++)
		cli_wrap(c, 4, arena_printf(c->arena, "refused: %s: %s: %s",
		    x->problems[i].what, x->problems[i].where, x->problems[i].fix));
}

static bool
nothing(const struct folder_plan *p)
{
	return (p->n == 0 && p->nwrong == 0);
}

static void
print_more(size_t n, const char *what)
{
	if (n != 0)
		printf("%zu %s\n", n, what);
}

static void
print_plan(struct job *j)
{
	const struct folder_plan *p = &j->p;
	struct cli *c = j->c;

	if (p->foreign)
		cli_wrap(c, 0, "The folder was exported from another workspace: records "
		    "are found by their names.");
	if (p->foreign && !p->restores)
		cli_wrap(c, 0, "Something has happened in this workspace already: it is "
		    "changed by the rules, and nothing is restored.");
	if (p->restores)
		cli_wrap(c, 0, "Nothing has happened in this workspace yet: records keep "
		    "the states that they have in the folder, and the ledger says that "
		    "they were restored.");
	for (size_t i = 0; i < p->n; i++)
		print_change(j, &p->at[i]);
	for (size_t i = 0; i < p->nwrong; i++)
		cli_wrap(c, 0, arena_printf(c->arena, "! %s: %s: %s", p->wrong[i].where,
		    p->wrong[i].what, p->wrong[i].fix));
	for (size_t i = 0; i < p->npassed; i++)
		cli_wrap(c, 0, arena_printf(c->arena, "  passed over, no record: %s",
		    p->passed[i]));
	if (nothing(p))
		printf("nothing to do\n");
	else
		printf("%zu to create, %zu to change, %zu to retire; %zu gone, %zu in "
		       "conflict, %zu refused, %zu files not read\n",
		    p->count[FOLDER_CREATE], p->count[FOLDER_CHANGE],
		    p->count[FOLDER_RETIRE], p->count[FOLDER_GONE],
		    p->count[FOLDER_CONFLICT], p->refused, p->nwrong);
	print_more(p->behind, "changed in the workspace since the export: export again "
	    "to have them");
	print_more(p->only, "in the workspace only");
}

/* --- plan and import ---------------------------------------------------------------- */

static int
parse_how(struct job *j, struct err *e)
{
	static const char *const sides[] = { "folder", "workspace" };
	const char *side = cli_opt(j->c, "prefer");

	j->how.retire = cli_opt(j->c, "delete") != NULL;
	if (side == NULL)
		return (0);
	int n = cli_verb(side, sides, 2, "--prefer", e);
	if (n < 0)
		return (n);
	j->how.side = n == 0 ? FOLDER_ITS : FOLDER_WORKSPACE;
	return (0);
}

static int
make_plan(struct job *j, enum session_need need, struct err *e)
{
	int r = open_for(j, need, e);

	return (r != 0 ? r : folder_plan(&j->x, j->c->arg[2], &j->how, &j->p, e));
}

static int
do_plan(struct job *j, struct err *e)
{
	int r = parse_how(j, e);

	if (r == 0)
		r = make_plan(j, SESSION_READ, e);
	if (r != 0)
		return (r);
	if (j->c->json)
		cli_print_json(j->c, json_plan(j));
	else
		print_plan(j);
	return (nothing(&j->p) ? 0 : -ERR_NO);
}

static const char *
text_of(struct job *j)
{
	BUF_SCOPED b = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &b, false);
	json_put_val(&w, json_plan(j));
	(void)json_end(&w, NULL);
	return (arena_strndup(j->c->arena, b.ptr != NULL ? b.ptr : "", b.len));
}

/* Shown, and agreed to; then made again under the lock. */
static int
agree(struct job *j, struct err *e)
{
	const char *answer = "", *before;
	int r = make_plan(j, SESSION_READ, e);

	if (r != 0)
		return (r);
	print_plan(j);
	r = folder_plan_stops(&j->p, e);
	if (r != 0 || nothing(&j->p))
		return (r);
	if (!ask_line(j->c, "Do this? [y/N] ", &answer) ||
	    (strcasecmp(answer, "y") != 0 && strcasecmp(answer, "yes") != 0)) {
		printf("nothing was done\n");
		return (-ERR_NO);
	}
	before = text_of(j);
	close_again(j);
	r = make_plan(j, SESSION_WRITE, e);
	if (r == 0 && strcmp(before, text_of(j)) != 0)
		r = err_set(e, ERR_CONFLICT, j->c->arg[2], "look again: run it once "
		    "more", "folder or workspace changed since the plan was shown");
	return (r);
}

static void
said(struct job *j, const struct record_result *res,
    const struct folder_counts *n, bool kept)
{
	struct cli *c = j->c;

	if (!c->json) {
		printf("imported: %zu added, %zu changed, %zu retired\n", res->added,
		    res->changed, res->retired);
		if (!kept)
			printf("%s brought up to date: %zu files written, %zu "
			       "removed\n", c->arg[2], n->written, n->removed);
		return;
	}
	struct val *m = json_plan(j), *done = val_map(c->arena);
	val_put(c->arena, done, "added", val_int(c->arena, (int64_t)res->added));
	val_put(c->arena, done, "changed", val_int(c->arena,
	    (int64_t)res->changed));
	val_put(c->arena, done, "retired", val_int(c->arena,
	    (int64_t)res->retired));
	val_put(c->arena, m, "imported", done);
	val_put(c->arena, m, "exported", kept ? val_null(c->arena) :
	    json_counts(c, n));
	cli_print_json(c, m);
}

static int
do_import(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	bool yes = cli_opt(c, "yes") != NULL, keep = cli_opt(c, "leave") != NULL;
	struct record_result res = { 0 };
	struct folder_counts n = { 0 };

	if (cli_opt(c, "as") != NULL)
		return (err_set(e, ERR_USAGE, "--as", "leave it out",
		    "--as is for looking: nobody writes in the name of another"));
	if (!yes && (c->json || !isatty(STDIN_FILENO)))
		return (err_set(e, ERR_USAGE, "import", "look at the plan first, then "
		    "add --yes", "there is nobody to agree to it"));
	int r = parse_how(j, e);
	if (r == 0)
		r = yes ? make_plan(j, SESSION_WRITE, e) : agree(j, e);
	if (r != 0)
		return (r);
	if (yes && !c->json)
		print_plan(j);
	if (nothing(&j->p)) {
		if (c->json)
			cli_print_json(c, json_plan(j));
		return (0);
	}
	r = folder_import(&j->x, &j->p, &res, e);
	if (r == 0)
		r = session_written(&j->s, e);
	if (r != 0 || keep) {
		if (r == 0)
			said(j, &res, &n, true);
		return (r);
	}
	r = folder_import_export(&j->x, c->arg[2], &j->p, &n, e);
	if (r == 0)
		said(j, &res, &n, false);
	else if (e != NULL)
		fprintf(stderr, "tickmark: the records were imported, but the folder "
		    "could not be brought up to date\n");
	return (r);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "export", "plan", "import" };
	static int (*const does[])(struct job *, struct err *) = { do_export,
		do_plan, do_import };
	struct job j = { .c = c };
	int verb = cli_verb(c->arg[1], verbs, 3, "a programme", e);

	if (verb < 0)
		return (verb);
	int r = does[verb](&j, e);
	close_again(&j);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "without", OPT_MULTI, "TYPE", "export: leave records of this type out" },
	{ "without-personal", OPT_FLAG, NULL, "export: leave personal and restricted "
	    "fields out" },
	{ "overwrite", OPT_FLAG, NULL, "export: write over files that were changed "
	    "since, too" },
	{ "as", OPT_TEXT, "LOGIN", "export, plan: what that user would see" },
	{ "yes", OPT_FLAG, NULL, "import: do not ask" },
	{ "delete", OPT_FLAG, NULL, "plan, import: retire records whose files are "
	    "gone" },
	{ "prefer", OPT_TEXT, "SIDE", "plan, import: folder or workspace counts where "
	    "both were changed" },
	{ "leave", OPT_FLAG, NULL, "import: do not write into the folder afterwards" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_programme = {
	"programme", "DIR export|plan|import FOLDER",
	"the whole programme as files, for git",
	"Writes every record of the programme into a folder, one YAML file each and its\n"
	"long texts in Markdown beside it, and brings changes in from there. The\n"
	"README.md in it says what is there and what is not; doc/programme.md has the\n"
	"format.\n"
	"\n"
	"  tickmark programme work export programme\n"
	"  cd programme && git init && git add . && git commit -m 'The programme'\n"
	"  $EDITOR control/AC-03.yaml\n"
	"  tickmark programme work plan programme      what would change; writes nothing\n"
	"  tickmark programme work import programme    the same, then asks, then does it\n"
	"\n"
	"plan exits with 0 if there is nothing to do, and with 1 if there is something.\n"
	"import does all or nothing, by the rules that hold for everybody: a state\n"
	"changes by a step at a time. A record that was changed on both sides is a\n"
	"conflict. Afterwards the folder is exported again, so that both say the same.\n"
	"\n"
	"Into a workspace that init has just made, an owner restores: records keep the\n"
	"states that they have in the folder.",
	3, 3, opts, run, false,
};
