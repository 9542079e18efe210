/* tickmark programme: the programme as a folder of text. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/folder.h"

struct job {
	struct cli *c;
	struct session s;
	struct record_reader reader;
	struct act x;
	struct folder_options o;
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
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "folder", val_text(c->arena, c->arg[2]));
		val_put(c->arena, m, "records", val_int(c->arena,
		    (int64_t)n.records));
		val_put(c->arena, m, "written", val_int(c->arena,
		    (int64_t)n.written));
		val_put(c->arena, m, "same", val_int(c->arena, (int64_t)n.same));
		val_put(c->arena, m, "removed", val_int(c->arena,
		    (int64_t)n.removed));
		cli_print_json(c, m);
		return (0);
	}
	printf("%zu records in %s: %zu files written, %zu as they were, %zu "
	       "removed\n", n.records, c->arg[2], n.written, n.same, n.removed);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "export" };
	static int (*const does[])(struct job *, struct err *) = { do_export };
	struct job j = { .c = c };
	int verb = cli_verb(c->arg[1], verbs, 1, "a programme", e);

	if (verb < 0)
		return (verb);
	int r = does[verb](&j, e);
	session_close(&j.s);
	record_reader_free(&j.reader);
	session_settle(c, &j.reader);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "without", OPT_MULTI, "TYPE", "export: leave records of this type out" },
	{ "without-personal", OPT_FLAG, NULL, "export: leave personal and restricted "
	    "fields out" },
	{ "overwrite", OPT_FLAG, NULL, "export: write over files that were changed "
	    "since, too" },
	{ "as", OPT_TEXT, "LOGIN", "export: what that user may take out" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_programme = {
	"programme", "DIR export FOLDER",
	"the whole programme as files, for git",
	"Writes every record of the programme into a folder, one YAML file each and its\n"
	"long texts in Markdown beside it. The README.md in it says what is there and\n"
	"what is not; doc/programme.md has the format.\n"
	"\n"
	"  tickmark programme work export programme\n"
	"  cd programme && git init && git add . && git commit -m 'The programme'\n"
	"\n"
	"Export again whenever the workspace has changed: only what differs is written,\n"
	"and `git diff` shows it. What was changed in the folder meanwhile is not\n"
	"written over.",
	3, 3, opts, run, false,
};
