/* tickmark privacy: laws that set clocks, and versions of notices. */
#include "base/content.h"
#include "cli/actor.h"
#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "text/yaml.h"

#define LAWS "content/privacy/laws.yaml"

struct job {
	struct cli *c;
	struct session s;
};

static const char *
text(struct job *j, struct str s)
{
	return (arena_strndup(j->c->arena, s.ptr != NULL ? s.ptr : "", s.len));
}

/* --- laws --------------------------------------------------------------------- */

static int
read_laws(struct job *j, struct val **ret, struct err *e)
{
	struct val *top;
	int r = yaml_parse(j->c->arena, LAWS, content_find(LAWS), &top, e);

	if (r == 0)
		*ret = val_get(top, "jurisdiction");
	return (r);
}

/* "1 month + 2", "45 days + 45"; of those the law sets. */
static const char *
span(struct job *j, const struct val *law)
{
	struct arena *a = j->c->arena;
	int64_t months = val_get_int(law, "request_months", 0);
	int64_t n = months != 0 ? months : val_get_int(law, "request_days", 0);
	int64_t more = val_get_int(law, months != 0 ? "extension_months" :
	    "extension_days", 0);

	return (arena_printf(a, "%lld %s%s%s", (long long)n, months != 0 ?
	    "month" : "day", n == 1 ? "" : "s", more == 0 ? "" :
	    arena_printf(a, " + %lld", (long long)more)));
}

static const char *
number(struct job *j, const struct val *law, const char *key)
{
	int64_t n = val_get_int(law, key, 0);

	return (n == 0 ? "" : arena_printf(j->c->arena, "%lld", (long long)n));
}

static int
list_laws(struct job *j, const struct val *laws, struct err *e)
{
	struct cli *c = j->c;
	struct record *r;
	int k = session_open(c, SESSION_READ, &j->s, e);

	if (k != 0)
		return (k);
	struct cli_table *t = cli_table(c, 7, "law", "of", "request",
	    "business days to confirm", "hours to the authority",
	    "hours to the people", "here");
	for (size_t i = 0; i < laws->u.list.n; i++) {
		const struct val *l = laws->u.list.at[i];
		struct str code = val_get_str(l, "code");
		cli_row(t, text(j, code), text(j, val_get_str(l, "name")),
		    span(j, l), number(j, l, "acknowledge_days"), number(j, l,
		    "breach_authority_hours"), number(j, l, "breach_people_hours"),
		    record_find(&j->s.ws->records, c->arena,
		    schema_get(T_JURISDICTION), code, &r, NULL) == 0 ? "yes" : "");
	}
	cli_table_print(t);
	return (0);
}

static int
law_of(const struct val *laws, const char *code,
    const struct val **ret, struct err *e)
{
	for (size_t i = 0; i < laws->u.list.n; i++)
		if (str_is(val_get_str(laws->u.list.at[i], "code"), code)) {
			*ret = laws->u.list.at[i];
			return (0);
		}
	return (err_set(e, ERR_NOTFOUND, code, "see: tickmark privacy DIR laws; "
	    "or write your own: tickmark record DIR jurisdiction put",
	    "there is no such law here"));
}

/* Those that are there already are left as the organisation has them. */
static int
add_laws(struct job *j, const struct val *laws, struct err *e)
{
	struct cli *c = j->c;
	struct record_actor me = actor_me(c->arena);
	struct record_change *changes = arena_array(c->arena, c->nargs + 1,
	    sizeof(*changes));
	struct record_result res;
	size_t n = 0;
	int r = session_open(c, SESSION_WRITE, &j->s, e);

	for (size_t i = 3; r == 0 && i < c->nargs; i++) {
		const struct val *law = NULL;
		struct record *have;
		r = law_of(laws, c->arg[i], &law, e);
		if (r != 0 || record_find(&j->s.ws->records, c->arena,
		    schema_get(T_JURISDICTION), str_from(c->arg[i]), &have,
		    NULL) == 0)
			continue;
		changes[n++] = (struct record_change){ .type =
		    schema_get(T_JURISDICTION), .fields = law, .create = true };
	}
	if (r == 0 && n != 0)
		r = record_apply(&j->s.ws->records, c->arena, &me, changes, n, NULL,
		    &res, e);
	if (r == 0)
		r = session_written(&j->s, e);
	if (r == 0 && !c->json)
		printf("%zu added; read them with whoever knows the law: tickmark "
		    "record %s jurisdiction list\n", n, cli_word(c, c->arg[0]));
	else if (r == 0) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "added", val_int(c->arena, (int64_t)n));
		cli_print_json(c, m);
	}
	return (r);
}

static int
do_laws(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct val *laws;
	int r = read_laws(j, &laws, e);

	if (r != 0)
		return (r);
	if (c->nargs == 2)
		return (list_laws(j, laws, e));
	if (strcmp(c->arg[2], "add") != 0 || c->nargs == 3)
		return (err_set(e, ERR_USAGE, c->arg[2], "tickmark privacy DIR laws "
		    "add EU US-CA", "name the laws that are to be added"));
	return (add_laws(j, laws, e));
}

/* --- notices ------------------------------------------------------------------ */

static int
notice(struct job *j, struct str name, struct record **ret, struct err *e)
{
	return (record_find(&j->s.ws->records, j->c->arena,
	    schema_get(T_NOTICE), name, ret, e));
}

static const char *
name_of(struct job *j, const struct record *r)
{
	return (arena_printf(j->c->arena, STR_FMT " version " STR_FMT
	    " (" STR_FMT ")", STR_ARG(record_str(r, F_NOTICE_CODE)),
	    STR_ARG(record_str(r, F_NOTICE_VERSION)),
	    STR_ARG(record_str(r, F_NOTICE_STATE))));
}

/* Against the one that it replaces, or another. */
static int
do_diff(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct record *new, *old = NULL;

	if (c->nargs != 3 && c->nargs != 4)
		return (err_set(e, ERR_USAGE, "diff", "tickmark privacy DIR diff "
		    "PN-3, or diff PN-1 PN-3", "name a notice"));
	int r = session_open(c, SESSION_READ, &j->s, e);
	if (r == 0)
		r = notice(j, str_from(c->arg[c->nargs - 1]), &new, e);
	if (r == 0 && c->nargs == 4)
		r = notice(j, str_from(c->arg[2]), &old, e);
	else if (r == 0 && record_str(new, F_NOTICE_REPLACES).len != 0)
		r = notice(j, record_str(new, F_NOTICE_REPLACES), &old, e);
	if (r != 0)
		return (r);
	struct changes p = { .new = record_str(new, F_NOTICE_TEXT),
		.new_name = name_of(j, new), .old_name = "nothing" };
	if (old != NULL) {
		p.old = record_str(old, F_NOTICE_TEXT);
		p.old_name = name_of(j, old);
	}
	changes_print(c, &p, cli_opt(c, "words") != NULL);
	return (0);
}

/* --- the command -------------------------------------------------------------- */

static int
run(struct cli *c, struct err *e)
{
	static const char *const names[] = { "laws", "diff" };
	static int (*const fns[])(struct job *, struct err *) = { do_laws,
		do_diff };
	struct job j = { .c = c };
	int at = cli_verb(c->arg[1], names, 2, "privacy", e);
	int r = at < 0 ? at : fns[at](&j, e);

	session_close(&j.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "words", OPT_FLAG, NULL, "diff: by word instead of by line" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_privacy = {
	"privacy", "DIR laws [add CODE...] | DIR diff [OLD] NOTICE",
	"laws that set clocks; what is new in a notice",
	"Requests of people, complaints and breaches run by clocks of the law. laws\n"
	"lists those that ship with the program; add makes records of them (type\n"
	"jurisdiction), which are yours to change: what stands there is your reading of\n"
	"the law. Deadlines and tasks follow from the record.\n"
	"\n"
	"  tickmark privacy work laws\n"
	"  tickmark privacy work laws add EU US-CA\n"
	"  tickmark record work subject_request put code=DSR-1 kind=access \\\n"
	"      jurisdiction=EU received_at=2026-01-31T09:00:00Z\n"
	"\n"
	"diff shows what is new in a version of a privacy notice, against the one that\n"
	"it replaces, or another.\n"
	"\n"
	"  tickmark privacy work diff PN-web-3\n"
	"  tickmark privacy work diff PN-web-1 PN-web-3 --words\n",
	2, 40, opts, run, false,
};
