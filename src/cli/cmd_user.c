/* tickmark user: who may sign in, and as what. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"

/* Values of an option that may come several times, as the list of a set. */
static void
put_list(struct cli *c, struct val *m, const char *opt, const char *field)
{
	struct val *list = val_list(c->arena);
	const char *v;

	for (size_t i = 0; (v = cli_opt_nth(c, opt, i)) != NULL; i++)
		val_push(c->arena, list, val_text(c->arena, v));
	if (val_count(list) != 0)
		val_put(c->arena, m, field, list);
}

static void
put_text(struct cli *c, struct val *m, const char *opt, const char *field)
{
	const char *v = cli_opt(c, opt);

	if (v != NULL)
		val_put(c->arena, m, field, v[0] != '\0' ?
		    val_text(c->arena, v) : val_null(c->arena));
}

static int
write_user(struct cli *c, struct record_change *ch, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_actor me = actor_me(c->arena);
	struct record_result res;

	int r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	ch->type = schema_get(T_USER);
	r = record_apply(&s.ws->records, c->arena, &me, ch, 1, NULL, &res, e);
	if (r == 0)
		r = evidence_catch_up(s.ev, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "id", val_str(c->arena, res.ids[0]));
		val_put(c->arena, m, "changed",
		    val_bool(c->arena, res.same == 0));
		cli_print_json(c, m);
	} else {
		printf("user %s: %s\n", c->arg[2], res.added != 0 ? "added" :
		    res.same != 0 ? "as it was" : "changed");
	}
	return (0);
}

static int
print_list(struct cli *c, struct record_reader *reader, struct err *e)
{
	static const uint16_t cols[] = { F_USER_LOGIN, F_USER_STATE, F_USER_ROLES,
		F_USER_PERSON, F_USER_PARTY, F_USER_ENGAGEMENTS, F_USER_LAST_ON };
	struct record_list l;
	WORKSPACE_SCOPED *ws = NULL;

	int r = workspace_open(c->arg[0], false, &ws, e);
	if (r == 0)
		r = actor_reader(c->arena, ws, cli_opt(c, "as"), reader, e);
	if (r == 0)
		r = record_list(&ws->records, c->arena, schema_get(T_USER), NULL,
		    &l, e);
	if (r == 0 && l.n == 0 && !c->json) {
		printf("no user yet: whoever may use the files of the workspace acts "
		       "as its owner\nAdd one: tickmark user %s add LOGIN --role "
		       "owner\n", cli_word(c, c->arg[0]));
	} else if (r == 0) {
		struct cli_table *t = cli_table(c, 7, "login", "state", "roles",
		    "person", "acts for", "engagements", "last day");
		session_rows(c, &ws->records, &l, cols, 7, t);
	}
	return (r);
}

static int
list(struct cli *c, struct err *e)
{
	struct record_reader reader = { 0 };
	int r = print_list(c, &reader, e);

	record_reader_free(&reader);
	session_settle(c, &reader);
	return (r);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "list", "add", "set", "disable",
		"enable" };
	const char *verb = c->nargs > 1 ? c->arg[1] : "list";
	struct val *m = val_map(c->arena);
	struct record_change ch = { .fields = m };

	if (strcmp(verb, "list") == 0 && c->nargs <= 2)
		return (list(c, e));
	size_t i = 1;
	while (i < 5 && strcmp(verb, verbs[i]) != 0)
		i++;
	if (i == 5) {
		const char *near = cli_nearest(verb, verbs, 5);
		return (err_set(e, ERR_USAGE, verb, near != NULL ?
		    arena_printf(c->arena, "did you mean %s?", near) :
		    "list, add, set, disable or enable", "this is not done to "
		    "users"));
	}
	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, verb, arena_printf(c->arena,
		    "tickmark user %s %s LOGIN", cli_word(c, c->arg[0]), verb),
		    "name one user, by its login"));
	if (i == 1) {
		val_put(c->arena, m, "login", val_text(c->arena, c->arg[2]));
		ch.create = true;
	} else {
		ch.name = str_from(c->arg[2]);
	}
	if (i <= 2) {
		put_list(c, m, "role", "roles");
		put_list(c, m, "engagement", "engagements");
		put_text(c, m, "person", "person");
		put_text(c, m, "party", "party");
		put_text(c, m, "last-on", "last_on");
	} else {
		val_put(c->arena, m, "state", val_text(c->arena, i == 3 ?
		    "disabled" : "active"));
	}
	if (i > 1 && val_count(m) == 0)
		return (err_set(e, ERR_USAGE, "set", "give --role, --person, "
		    "--party, --engagement or --last-on", "nothing is to be set"));
	return (write_user(c, &ch, e));
}

static const struct cli_opt opts[] = {
	{ "role", OPT_MULTI, "ROLE", "owner, compliance, engineer, employee, "
	    "privacy, read_only, auditor, partner or customer; again for another" },
	{ "person", OPT_TEXT, "P", "who it is, by the code of the person" },
	{ "party", OPT_TEXT, "C", "customer that a partner or customer acts for" },
	{ "engagement", OPT_MULTI, "E", "examination that an auditor works on" },
	{ "last-on", OPT_TEXT, "DATE", "last day; empty: until disabled" },
	{ "as", OPT_TEXT, "LOGIN", "list: what that user would see" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_user = {
	"user", "DIR [list|add|set|disable|enable] [LOGIN] [--role R ...]",
	"who may sign in, and as what",
	"A user has roles, and may be a person of the roster: what names that person\n"
	"is theirs to see and to answer. An auditor sees the programme while one of\n"
	"the engagements that it works on is open.\n"
	"\n"
	"  tickmark user work add ada --role owner --role privacy --person E001\n"
	"  tickmark user work add ben --role employee --person E002\n"
	"  tickmark user work add kim --role auditor --engagement ENG-2026\n"
	"  tickmark user work set ben --role engineer\n"
	"  tickmark user work disable ben\n"
	"\n"
	"Roles that exclude each other are refused, and so is disabling the last\n"
	"owner. tickmark who-can TYPE says what a role may do; tickmark record DIR\n"
	"TYPE list --as LOGIN shows what a user would see.",
	1, 3, opts, run, false,
};
