/* tickmark token: programs that may act as a user. */
#include "base/clock.h"
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "record/actor.h"
#include "sys/crypto.h"
#include "text/date.h"
#include "text/zone.h"

static int
apply(struct cli *c, struct session *s, struct record_change *ch,
    struct record_result *res, struct err *e)
{
	struct record_actor me = actor_me(c->arena);

	ch->type = schema_get(T_TOKEN);
	int r = record_apply(&s->ws->records, c->arena, &me, ch, 1, NULL, res, e);
	if (r == 0)
		r = evidence_catch_up(s->ev, e);
	return (r != 0 ? r : session_done(s, e));
}

/* Ninety days, if nothing is said. */
static const char *
expiry(struct cli *c, const struct session *s)
{
	const char *given = cli_opt(c, "expires");
	char day[DATE_SIZE];

	if (given != NULL)
		return (given);
	date_print(zone_day(s->zone, clock_now()) + 90, day);
	return (arena_strdup(c->arena, day));
}

static int
add(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct arena *a = c->arena;
	struct val *m = val_map(a), *scopes = val_list(a);
	struct record_change ch = { .fields = m, .create = true };
	struct record_result res;
	char secret[RECORD_SECRET], digest[65];
	const char *user = cli_opt(c, "user"), *v;

	for (size_t i = 0; (v = cli_opt_nth(c, "scope", i)) != NULL; i++)
		val_push(a, scopes, val_text(a, v));
	if (user == NULL || val_count(scopes) == 0)
		return (err_set(e, ERR_USAGE, "add", "tickmark token DIR add NAME "
		    "--user LOGIN --scope read", "a token needs a user and a scope"));
	int r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	record_token_new(secret, digest);
	val_put(a, m, "name", val_text(a, c->arg[2]));
	val_put(a, m, "user", val_text(a, user));
	val_put(a, m, "scopes", scopes);
	val_put(a, m, "expires_on", val_text(a, expiry(c, &s)));
	val_put(a, m, "digest", val_text(a, digest));
	r = apply(c, &s, &ch, &res, e);
	if (r == 0 && c->json) {
		struct val *out = val_map(a);
		val_put(a, out, "id", val_str(a, res.ids[0]));
		val_put(a, out, "secret", val_text(a, secret));
		val_put(a, out, "expires_on", val_text(a, expiry(c, &s)));
		cli_print_json(c, out);
	} else if (r == 0) {
		printf("%s\n", secret);
		fprintf(stderr, "This is the secret of %s, which works until %s: it "
		    "is shown this once.\n", c->arg[2], expiry(c, &s));
	}
	crypto_wipe(secret, sizeof(secret));
	return (r);
}

static int
revoke(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct val *m = val_map(c->arena);
	struct record_change ch = { .fields = m, .name = str_from(c->arg[2]) };
	struct record_result res;

	val_put(c->arena, m, "state", val_text(c->arena, "revoked"));
	int r = session_open(c, SESSION_WRITE, &s, e);
	struct record *there;
	if (r == 0)
		r = record_find(&s.ws->records, c->arena, schema_get(T_TOKEN),
		    ch.name, &there, e);
	if (r == 0)
		r = apply(c, &s, &ch, &res, e);
	if (r == 0 && c->json) {
		struct val *out = val_map(c->arena);
		val_put(c->arena, out, "revoked",
		    val_bool(c->arena, res.same == 0));
		cli_print_json(c, out);
	} else if (r == 0) {
		printf("token %s: %s\n", c->arg[2], res.same != 0 ?
		    "was revoked already" : "revoked");
	}
	return (r);
}

static int
print_list(struct cli *c, struct record_reader *reader, struct err *e)
{
	static const uint16_t cols[] = { F_TOKEN_NAME, F_TOKEN_STATE, F_TOKEN_USER,
		F_TOKEN_SCOPES, F_TOKEN_EXPIRES_ON };
	struct record_list l;
	WORKSPACE_SCOPED *ws = NULL;

	int r = workspace_open(c->arg[0], false, &ws, e);
	if (r == 0)
		r = actor_reader(c->arena, ws, NULL, reader, e);
	if (r == 0)
		r = record_list(&ws->records, c->arena, schema_get(T_TOKEN), NULL,
		    &l, e);
	if (r == 0) {
		struct cli_table *t = cli_table(c, 5, "name", "state", "user",
		    "scopes", "expires");
		session_rows(c, &ws->records, &l, cols, 5, t);
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
	const char *verb = c->nargs > 1 ? c->arg[1] : "list";

	if (strcmp(verb, "list") == 0 && c->nargs <= 2)
		return (list(c, e));
	bool adds = strcmp(verb, "add") == 0;
	if (!adds && strcmp(verb, "revoke") != 0)
		return (err_set(e, ERR_USAGE, verb, "list, add or revoke",
		    "this is not done to tokens"));
	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, verb, arena_printf(c->arena,
		    "tickmark token %s %s NAME", cli_word(c, c->arg[0]), verb),
		    "name one token"));
	return (adds ? add(c, e) : revoke(c, e));
}

static const struct cli_opt opts[] = {
	{ "user", OPT_TEXT, "LOGIN", "add: as whom it acts" },
	{ "scope", OPT_MULTI, "S", "add: read, write, or a group of types; again "
	    "for another" },
	{ "expires", OPT_TEXT, "DATE", "add: last day, within twelve months "
	    "(without it: 90 days)" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_token = {
	"token", "DIR [list|add|revoke] [NAME] [--user LOGIN --scope S ...]",
	"let programs act as a user",
	"A token lets a program do what its user may, within its scopes: read, write\n"
	"or both, and the groups of types that it reaches (all, if none is named;\n"
	"tickmark who-can lists them).\n"
	"\n"
	"  tickmark token work add nightly --user ada --scope read --scope programme\n"
	"  tickmark token work list\n"
	"  tickmark token work revoke nightly\n"
	"\n"
	"The secret is printed once, alone on standard output; the workspace keeps\n"
	"its SHA-256. Give it to a program by a file or by its environment, never as\n"
	"an argument.",
	1, 3, opts, run, false,
};
