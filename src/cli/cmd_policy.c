/* tickmark policy: policies from template to publication. */
#include "cli/cmd_policy.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "program/policytext.h"
#include "report/policy_doc.h"
#include "report/report.h"

#define FILE_LIMIT ((size_t)1 << 20)

int
cmd_policy_open(struct policy_job *j, enum session_need need, struct err *e)
{
	int r = session_open(j->c, need, &j->s, e);

	if (r == 0)
		j->x = (struct act){ .a = j->c->arena, .ws = j->s.ws,
			.who = actor_me(j->c->arena) };
	return (r);
}

int
cmd_policy_done(struct policy_job *j, struct err *e)
{
	int r = evidence_catch_up(j->s.ev, e);

	return (r != 0 ? r : session_done(&j->s, e));
}

int
cmd_policy_need(struct cli *c, const char *option, const char *what,
    const char **ret, struct err *e)
{
	*ret = cli_opt(c, option);
	if (*ret != NULL && **ret != '\0')
		return (0);
	return (err_set(e, ERR_USAGE, c->arg[1], arena_printf(c->arena,
	    "add --%s %s", option, what), "it has to be said who or what"));
}

static const char *
text(struct policy_job *j, struct str s)
{
	return (arena_strndup(j->c->arena, s.ptr != NULL ? s.ptr : "", s.len));
}

static struct str
opt(struct policy_job *j, const char *name)
{
	return (str_from(cli_opt(j->c, name)));
}

/* The policies that are named, or all for the word "all". */
static int
named(struct policy_job *j, struct policies_item **ret, size_t *ret_n,
    bool *ret_all, struct err *e)
{
	struct cli *c = j->c;
	size_t n = c->nargs > 2 ? c->nargs - 2 : 0;
	int r = 0;

	*ret_all = n == 1 && strcmp(c->arg[2], "all") == 0;
	if (*ret_all)
		return (policies_read(&j->x, ret, ret_n, e));
	if (n == 0)
		return (err_set(e, ERR_USAGE, c->arg[1], arena_printf(c->arena,
		    "tickmark policy %s %s POL-01, or all", cli_word(c, c->arg[0]),
		    c->arg[1]), "name a policy"));
	*ret = arena_array(c->arena, n, sizeof(**ret));
	for (size_t i = 0; r == 0 && i < n; i++)
		r = policies_one(&j->x, str_from(c->arg[2 + i]), &(*ret)[i], e);
	*ret_n = n;
	return (r);
}

static int
one(struct policy_job *j, struct policies_item *ret, struct err *e)
{
	struct policies_item *items;
	size_t n;
	bool all;
	int r = named(j, &items, &n, &all, e);

	if (r == 0 && (all || n != 1))
		r = err_set(e, ERR_USAGE, j->c->arg[1], "name one policy",
		    "this is done to one policy at a time");
	if (r == 0)
		*ret = items[0];
	return (r);
}

/* --- list and show ------------------------------------------------------------ */

static const char *
acknowledged(struct policy_job *j, const struct policies_item *it)
{
	if (it->current == NULL || it->asked == 0)
		return ("");
	return (arena_printf(j->c->arena, "%zu of %zu", it->acknowledged,
	    it->asked));
}

static struct val *
json_item(struct policy_job *j, const struct policies_item *it)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a), *list = val_list(a);
	const struct record *p = it->policy;

	val_put(a, m, "code", val_str(a, record_str(p, F_POLICY_CODE)));
	val_put(a, m, "title", val_str(a, record_str(p, F_POLICY_TITLE)));
	val_put(a, m, "state", val_str(a, record_str(p, F_POLICY_STATE)));
	val_put(a, m, "version", val_str(a, record_str(p, F_POLICY_VERSION)));
	val_put(a, m, "effective_on", val_str(a, record_str(p,
	    F_POLICY_EFFECTIVE_ON)));
	val_put(a, m, "review_on", val_str(a, record_str(p, F_POLICY_REVIEW_ON)));
	val_put(a, m, "review_due", val_bool(a, it->review_due));
	val_put(a, m, "asked", val_int(a, (int64_t)it->asked));
	val_put(a, m, "acknowledged", val_int(a, (int64_t)it->acknowledged));
	val_put(a, m, "overdue", val_int(a, (int64_t)it->overdue));
	val_put(a, m, "exceptions", val_int(a, (int64_t)it->exceptions));
	val_put(a, m, "next", val_str(a, it->next));
	for (size_t i = 0; i < it->versions.n; i++)
		val_push(a, list, record_to_val(&j->s.ws->records, a,
		    &it->versions.at[i]));
	val_put(a, m, "versions", list);
	return (m);
}

static int
do_list(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_item *items;
	struct val *list = val_list(c->arena);
	size_t n, published = 0, needed = 0;

	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = policies_read(&j->x, &items, &n, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 8, "policy", "title", "in force",
		"in work", "review by", "acknowledged", "exceptions", "next");
	for (size_t i = 0; i < n; i++) {
		const struct policies_item *it = &items[i];
		const struct record *p = it->policy;
		bool in_force = str_is(record_str(p, F_POLICY_STATE), "published");
		published += in_force;
		needed += record_str(p, F_POLICY_NOT_APPLICABLE).len == 0;
		if (c->json) {
			struct val *m = json_item(j, it);
			for (size_t k = 0; k < it->versions.n; k++)
				val_put(c->arena, val_get(m, "versions")->u.list.at[k],
				    "text", val_null(c->arena));
			val_push(c->arena, list, m);
			continue;
		}
		cli_row(t, text(j, record_str(p, F_POLICY_CODE)),
		    text(j, record_str(p, F_POLICY_TITLE)), in_force ?
		    text(j, record_str(p, F_POLICY_VERSION)) : "-", it->work != NULL ?
		    arena_printf(c->arena, STR_FMT " " STR_FMT, STR_ARG(record_str(
		    it->work, F_POLICY_VERSION_VERSION)), STR_ARG(record_str(it->work,
		    F_POLICY_VERSION_STATE))) : "", text(j, record_str(p,
		    F_POLICY_REVIEW_ON)), acknowledged(j, it), it->exceptions ?
		    arena_printf(c->arena, "%zu", it->exceptions) : "",
		    text(j, it->next));
		cli_tint(t, 2, in_force ? TONE_GOOD : TONE_WARN);
		if (it->review_due)
			cli_tint(t, 4, TONE_BAD);
	}
	if (c->json) {
		cli_print_json(c, list);
		return (0);
	}
	cli_table_print(t);
	printf("\n%zu of %zu policies that are needed are published\n", published,
	    needed);
	return (0);
}

static int
do_show(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_item it;
	struct record *v = NULL;
	struct str body;

	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = one(j, &it, e);
	if (r == 0 && cli_opt(c, "version") != NULL)
		r = policies_version(&it, opt(j, "version"), &v, e);
	if (r == 0 && cli_opt(c, "template") != NULL)
		r = policies_template(&j->x, &it, &body, e);
	if (r != 0)
		return (r);
	if (v == NULL)
		v = it.work != NULL ? it.work : it.current;
	if (cli_opt(c, "template") == NULL)
		body = v != NULL ? record_str(v, F_POLICY_VERSION_TEXT) :
		    record_str(it.policy, F_POLICY_TEXT);
	if (c->json) {
		struct val *m = json_item(j, &it);
		val_put(c->arena, m, "text", val_str(c->arena, body));
		cli_print_json(c, m);
		return (0);
	}
	if (body.len == 0)
		printf(STR_FMT " has no text yet\n", STR_ARG(record_str(it.policy,
		    F_POLICY_CODE)));
	else
		printf(STR_FMT "\n", (int)body.len, body.ptr);
	if (isatty(STDOUT_FILENO) && it.next.len != 0)
		printf("\n%s" STR_FMT "%s\n", cli_tone(c, TONE_DIM),
		    STR_ARG(it.next), cli_tone(c, TONE_PLAIN));
	return (0);
}

static int
do_versions(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_item it;

	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = one(j, &it, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 7, "version", "state", "author",
		"approver", "approved", "effective", "what changed");
	for (size_t i = 0; i < it.versions.n; i++) {
		const struct record *v = &it.versions.at[i];
		cli_row(t, text(j, record_str(v, F_POLICY_VERSION_VERSION)),
		    text(j, record_str(v, F_POLICY_VERSION_STATE)),
		    text(j, act_person(&j->x, record_str(v, F_POLICY_VERSION_AUTHOR))),
		    text(j, act_person(&j->x, record_str(v,
		    F_POLICY_VERSION_APPROVER))),
		    text(j, record_str(v, F_POLICY_VERSION_APPROVED_ON)),
		    text(j, record_str(v, F_POLICY_VERSION_EFFECTIVE_ON)),
		    text(j, record_str(v, F_POLICY_VERSION_SUMMARY)));
	}
	cli_table_print(t);
	if (it.versions.n == 0 && !c->json)
		printf("no version yet; " STR_FMT "\n", STR_ARG(it.next));
	return (0);
}

/* --- writing ------------------------------------------------------------------ */

/* Of all, those to which the step applies; "all" passes over the others. */
static size_t
applies(const struct policies_item *items, size_t n, const char *verb,
    struct policies_item *ret)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const struct policies_item *it = &items[i];
		struct str state = it->work != NULL ? record_str(it->work,
		    F_POLICY_VERSION_STATE) : STR("");
		bool fits = strcmp(verb, "new") == 0 ? it->versions.n == 0 &&
		    record_str(it->policy, F_POLICY_NOT_APPLICABLE).len == 0 &&
		    !str_is(record_str(it->policy, F_POLICY_STATE), "published") &&
		    policytext_exists(record_str(it->policy, F_POLICY_CODE)) :
		    strcmp(verb, "review") == 0 ? str_is(state, "draft") :
		    strcmp(verb, "approve") == 0 ? str_is(state, "review") :
		    strcmp(verb, "publish") == 0 ? str_is(state, "approved") :
		    strcmp(verb, "back") == 0 ? str_is(state, "review") : false;
		if (fits)
			ret[k++] = *it;
	}
	return (k);
}

static int
chosen(struct policy_job *j, struct policies_item **ret, size_t *ret_n,
    struct err *e)
{
	struct policies_item *items, *list;
	size_t n;
	bool all;
	int r = named(j, &items, &n, &all, e);

	if (r != 0)
		return (r);
	if (all) {
		list = arena_array(j->c->arena, n + 1, sizeof(*list));
		n = applies(items, n, j->c->arg[1], list);
		items = list;
		if (n == 0)
			return (err_set(e, ERR_INPUT, j->c->arg[1], arena_printf(
			    j->c->arena, "see how they stand: tickmark policy %s",
			    cli_word(j->c, j->c->arg[0])),
			    "there is no policy to which this step applies"));
	}
	*ret = items;
	*ret_n = n;
	return (0);
}

static int
said(struct policy_job *j, const char *what, const struct policies_item *items,
    size_t n, const char *next, struct err *e)
{
	struct cli *c = j->c;
	int r = cmd_policy_done(j, e);

	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena), *list = val_list(c->arena);
		for (size_t i = 0; i < n; i++)
			val_push(c->arena, list, val_str(c->arena, record_str(
			    items[i].policy, F_POLICY_CODE)));
		val_put(c->arena, m, what, list);
		cli_print_json(c, m);
		return (0);
	}
	if (n == 1)
		printf(STR_FMT, STR_ARG(record_str(items[0].policy, F_POLICY_CODE)));
	else
		printf("%zu policies", n);
	printf(" %s%s%s\n", what, next != NULL ? "; next: " : "",
	    next != NULL ? next : "");
	return (0);
}

static const char *
command(struct policy_job *j, const char *rest)
{
	return (arena_printf(j->c->arena, "tickmark policy %s %s",
	    cli_word(j->c, j->c->arg[0]), rest));
}

/* A policy of the organisation's own: its record first. */
static int
own_policy(struct policy_job *j, const char *title, struct err *e)
{
	struct act_changes c = { 0 };
	struct record *old;

	if (j->c->nargs != 3)
		return (err_set(e, ERR_USAGE, "new", "name one code, such as POL-40",
		    "a title is for one policy"));
	if (act_find(&j->x, T_POLICY, str_from(j->c->arg[2]), &old, NULL) == 0)
		return (err_set(e, ERR_CONFLICT, j->c->arg[2],
		    "leave --title out", "there is a policy of this code already"));
	act_add(&j->x, &c, T_POLICY, STR_NULL, "code", j->c->arg[2], "title", title,
	    NULL);
	return (act_apply(&j->x, &c, NULL, e));
}

static int
do_new(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_draft d = { .owner = opt(j, "owner"),
		.summary = opt(j, "summary"), .version = opt(j, "version"),
		.minor = cli_opt(c, "minor") != NULL,
		.replace = cli_opt(c, "replace") != NULL };
	const char *file = cli_opt(c, "file"), *author, *title = cli_opt(c, "title");
	struct policies_item *items;
	BUF_SCOPED body = BUF_INIT;
	size_t n;

	int r = cmd_policy_need(c, "author", "PERSON", &author, e);
	if (r == 0 && file != NULL)
		r = file_read(file, FILE_LIMIT, &body, e);
	if (r == 0 && file != NULL && str_trim(buf_str(&body)).len == 0)
		r = err_set(e, ERR_INPUT, file, "write the text of the policy",
		    "the file is empty");
	if (r == 0 && title != NULL && file == NULL)
		r = err_set(e, ERR_USAGE, "new", "add --file FILE",
		    "a policy of your own needs its text");
	if (r == 0)
		r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0 && title != NULL)
		r = own_policy(j, title, e);
	if (r == 0)
		r = chosen(j, &items, &n, e);
	if (r == 0 && file != NULL && n != 1)
		r = err_set(e, ERR_USAGE, "--file", "name one policy",
		    "one text cannot be that of several policies");
	if (r != 0)
		return (r);
	d.author = str_from(author);
	d.text = buf_str(&body);
	r = policies_write(&j->x, items, n, &d, NULL, e);
	if (r != 0)
		return (r);
	return (said(j, "drafted", items, n, command(j, n == 1 ? "show CODE, then "
	    "review CODE" : "show CODE, then review all"), e));
}

static int
do_step(struct policy_job *j, struct err *e)
{
	const char *verb = j->c->arg[1], *by = NULL;
	struct policies_item *items;
	size_t n;
	int r = 0;

	if (strcmp(verb, "approve") == 0)
		r = cmd_policy_need(j->c, "by", "PERSON", &by, e);
	if (r == 0)
		r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = chosen(j, &items, &n, e);
	if (r != 0)
		return (r);
	if (strcmp(verb, "approve") == 0)
		return ((r = policies_approve(&j->x, items, n, str_from(by), e)) != 0 ?
		    r : said(j, "approved", items, n, command(j, "publish all"), e));
	if (strcmp(verb, "back") == 0)
		return ((r = policies_back(&j->x, items, n, e)) != 0 ? r :
		    said(j, "back in draft", items, n, NULL, e));
	r = policies_review(&j->x, items, n, opt(j, "by"), e);
	return (r != 0 ? r : said(j, "in review", items, n, command(j,
	    "approve all --by PERSON"), e));
}

static int
do_publish(struct policy_job *j, struct err *e)
{
	struct policies_item *items;
	size_t n;

	int r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = chosen(j, &items, &n, e);
	if (r == 0)
		r = ledger_begin(j->s.ws->ledger, e);
	if (r != 0)
		return (r);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = policies_publish(&j->x, &items[i], opt(j, "effective"),
		    opt(j, "review-by"), e);
	if (r == 0)
		r = ledger_commit(j->s.ws->ledger, e);
	else
		ledger_rollback(j->s.ws->ledger);
	return (r != 0 ? r : said(j, "published", items, n, command(j,
	    "campaign new"), e));
}

static int
do_drop(struct policy_job *j, struct err *e)
{
	struct policies_item it;

	int r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = one(j, &it, e);
	if (r == 0)
		r = policies_drop(&j->x, &it, e);
	return (r != 0 ? r : said(j, "given up", &it, 1, NULL, e));
}

static int
do_exception(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_exception p = { .compensating = opt(j, "compensating") };
	const char *reason, *by, *until;
	struct policies_item it;
	struct str code;

	int r = cmd_policy_need(c, "reason", "TEXT", &reason, e);
	if (r == 0)
		r = cmd_policy_need(c, "by", "PERSON", &by, e);
	if (r == 0)
		r = cmd_policy_need(c, "until", "DATE", &until, e);
	if (r == 0)
		r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = one(j, &it, e);
	if (r != 0)
		return (r);
	p.reason = str_from(reason);
	p.requester = str_from(by);
	p.until = str_from(until);
	r = policies_except(&j->x, &it, &p, &code, e);
	if (r == 0)
		r = cmd_policy_done(j, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "code", val_str(c->arena, code));
		cli_print_json(c, m);
		return (0);
	}
	printf("exception " STR_FMT " is requested; somebody other than the "
	       "requester approves it:\n  tickmark record %s exception put " STR_FMT
	       " approver=PERSON starts_on=" STR_FMT " state=approved\n",
	    STR_ARG(code), cli_word(c, c->arg[0]), STR_ARG(code),
	    STR_ARG(act_today(&j->x)));
	return (0);
}

/* --- as a document -------------------------------------------------------------- */

static int
export_one(struct policy_job *j, const struct policies_item *it,
    const struct record *v, const char *path, struct err *e)
{
	struct report_result res = { 0 };
	struct doc *d;
	int r = policy_doc(&j->x, it, v, &d, e);

	if (r == 0)
		r = report_document(d, path, &res, e);
	if (r != 0)
		return (r);
	if (!j->c->json) {
		printf("%s", path);
		if (res.pages != 0)
			printf(", %d page%s", res.pages, res.pages == 1 ? "" : "s");
		printf("%s\n", res.draft ? ", DRAFT" : "");
	}
	return (0);
}

/* What is in force; else what is being worked on. */
static const struct record *
shown(const struct policies_item *it)
{
	return (it->current != NULL || str_is(record_str(it->policy,
	    F_POLICY_STATE), "published") ? it->current : it->work);
}

/* A code as the name of a file: nothing in it leads out of the folder. */
static const char *
file_name(struct policy_job *j, const struct policies_item *it)
{
	char *name = arena_strdup(j->c->arena, text(j, record_str(it->policy,
	    F_POLICY_CODE)));

	for (size_t i = 0; name[i] != '\0'; i++)
		if (strchr("/\\ ", name[i]) != NULL || (i == 0 && name[i] == '.'))
			name[i] = '_';
	return (name);
}

static int
do_export(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *out = cli_opt(c, "o");
	struct policies_item *items;
	struct record *v = NULL;
	struct stat st;
	size_t n, written = 0;
	bool all;

	if (out == NULL)
		return (err_set(e, ERR_USAGE, "export", "add -o FILE.pdf, FILE.html or, "
		    "for several, a folder", "it has to be said where to"));
	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = named(j, &items, &n, &all, e);
	if (r != 0)
		return (r);
	if (!all && n == 1 && (stat(out, &st) != 0 || !S_ISDIR(st.st_mode))) {
		if (cli_opt(c, "version") != NULL)
			r = policies_version(&items[0], opt(j, "version"), &v, e);
		return (r != 0 ? r : export_one(j, &items[0], v != NULL ? v :
		    shown(&items[0]), out, e));
	}
	if (stat(out, &st) != 0 || !S_ISDIR(st.st_mode))
		return (err_set(e, ERR_USAGE, out, "make the folder first",
		    "several policies are written into a folder, and this is none"));
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (shown(&items[i]) == NULL && record_str(items[i].policy,
		    F_POLICY_TEXT).len == 0)
			continue;
		written++;
		r = export_one(j, &items[i], shown(&items[i]), arena_printf(c->arena,
		    "%s/%s.%s", out, file_name(j, &items[i]), cli_opt(c, "html") != NULL ? "html" : "pdf"), e);
	}
	if (r == 0 && written == 0)
		r = err_set(e, ERR_INPUT, "export", command(j, "new all --author PERSON"),
		    "no policy has a text");
	return (r);
}

/* --- the command ------------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(struct policy_job *j, struct err *e);
} verbs[] = {
	{ "list", do_list }, { "show", do_show }, { "versions", do_versions },
	{ "new", do_new }, { "diff", cmd_policy_diff }, { "review", do_step },
	{ "back", do_step }, { "approve", do_step }, { "publish", do_publish },
	{ "drop", do_drop }, { "export", do_export },
	{ "exception", do_exception }, { "campaign", cmd_policy_campaign },
	{ "acknowledge", cmd_policy_acknowledge }, { "facts", cmd_policy_facts },
};
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
run(struct cli *c, struct err *e)
{
	struct policy_job j = { .c = c };
	const char *verb = c->nargs > 1 ? c->arg[1] : "list", *names[NVERBS];

	for (size_t i = 0; i < NVERBS; i++)
		names[i] = verbs[i].name;
	int at = cli_verb(verb, names, NVERBS, "policies", e);
	int r = at < 0 ? at : verbs[at].run(&j, e);
	session_close(&j.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "author", OPT_TEXT, "PERSON", "new: who writes this version" },
	{ "owner", OPT_TEXT, "PERSON", "new: who answers for the policy; campaign: "
	    "who runs it" },
	{ "by", OPT_TEXT, "PERSON", "review, approve: who did; exception: who asks" },
	{ "file", OPT_TEXT, "FILE", "new: the text, instead of the template; facts: "
	    "values as YAML" },
	{ "title", OPT_TEXT, "TEXT", "new: a policy of your own; campaign: its title" },
	{ "summary", OPT_TEXT, "TEXT", "new: what changed, in a sentence" },
	{ "version", OPT_TEXT, "V", "new: its number; show, export: which one" },
	{ "minor", OPT_FLAG, NULL, "new: 1.1 after 1.0, instead of 2.0" },
	{ "replace", OPT_FLAG, NULL, "new: replace the text of a draft" },
	{ "template", OPT_FLAG, NULL, "show, diff: what the template says now" },
	{ "from", OPT_TEXT, "V", "diff: the older version" },
	{ "to", OPT_TEXT, "V", "diff: the newer version" },
	{ "words", OPT_FLAG, NULL, "diff: by word instead of by line" },
	{ "effective", OPT_TEXT, "DATE", "publish: first day (today)" },
	{ "review-by", OPT_TEXT, "DATE", "publish: next review (by the fact "
	    "policy_review)" },
	{ "o", OPT_SHORT, "FILE", "export: .pdf, .html, or a folder for several" },
	{ "html", OPT_FLAG, NULL, "export: HTML into the folder" },
	{ "reason", OPT_TEXT, "TEXT", "exception, acknowledge: why" },
	{ "until", OPT_TEXT, "DATE", "exception: its last day" },
	{ "compensating", OPT_TEXT, "TEXT", "exception: what lessens the harm" },
	{ "due", OPT_TEXT, "DATE", "campaign new: by when" },
	{ "audience", OPT_TEXT, "WHO", "campaign new: all, employees, contractors" },
	{ "on", OPT_TEXT, "DATE", "acknowledge: the day it was done (today)" },
	{ "excuse", OPT_FLAG, NULL, "acknowledge: excuse the person, with --reason" },
	{ "open", OPT_FLAG, NULL, "campaign show: only what is not done" },
	{ "group", OPT_TEXT, "G", "facts: one group of them" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_policy = {
	"policy", "DIR [VERB] [CODE...|all] ...",
	"policies: draft, approve, publish, have them acknowledged",
	"  tickmark policy work                            how each policy stands\n"
	"  tickmark policy work facts ask                  answer what the texts need\n"
	"  tickmark policy work facts set leaver_days=2\n"
	"  tickmark policy work new all --author E3 --owner E3     drafts, from the\n"
	"                                                  templates\n"
	"  tickmark policy work show POL-04 > POL-04.md    its text, as Markdown\n"
	"  tickmark policy work new POL-04 --replace --file POL-04.md --author E3\n"
	"  tickmark policy work review all [--by E5]       put them up for approval\n"
	"  tickmark policy work back POL-04                to draft again\n"
	"  tickmark policy work approve all --by E1        not by the author\n"
	"  tickmark policy work publish all [--effective 2026-02-01]\n"
	"  tickmark policy work export POL-04 -o POL-04.pdf   or .html, or all -o DIR\n"
	"\n"
	"  tickmark policy work new POL-04 --author E3 --summary \"why\"   next version\n"
	"  tickmark policy work diff POL-04 [--words]      what is different in it\n"
	"  tickmark policy work diff POL-04 --template     and in the template\n"
	"  tickmark policy work versions POL-04            drop POL-04 gives one up\n"
	"  tickmark policy work exception POL-04 --by E4 --until 2026-06-30 \\\n"
	"      --reason \"old scanner without a second factor\"\n"
	"\n"
	"  tickmark policy work campaign new [CODE...] [--due D] [--audience employees]\n"
	"  tickmark policy work campaign                   all of them\n"
	"  tickmark policy work campaign show ACK-2026-01 [--open]\n"
	"  tickmark policy work campaign refresh|close ACK-2026-01\n"
	"  tickmark policy work acknowledge E7 [CODE...]   what E7 was asked for\n"
	"\n"
	"A published version stays in force until the next one is published. A text\n"
	"that was approved is not changed; a version never goes without somebody\n"
	"other than its author approving it. PERSON is a code or id of a person.",
	1, 512, opts, run, false,
};
