/* tickmark policy DIR campaign, acknowledge, facts. */
#include "cli/cmd_policy.h"

#include "cli/ask.h"
#include "program/campaign.h"
#include "program/facts.h"
#include "text/yaml.h"

/* --- campaigns --------------------------------------------------------------- */

static struct val *
json_count(struct arena *a, const struct campaign_count *n)
{
	struct val *m = val_map(a);

	val_put(a, m, "people", val_int(a, (int64_t)n->people));
	val_put(a, m, "asked", val_int(a, (int64_t)n->asked));
	val_put(a, m, "acknowledged", val_int(a, (int64_t)n->acknowledged));
	val_put(a, m, "excused", val_int(a, (int64_t)n->excused));
	val_put(a, m, "overdue", val_int(a, (int64_t)n->overdue));
	return (m);
}

static int
campaign_new(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct campaign_spec spec = { .title = str_from(cli_opt(c, "title")),
		.audience = str_from(cli_opt(c, "audience")),
		.due_on = str_from(cli_opt(c, "due")),
		.owner = str_from(cli_opt(c, "owner")) };
	struct campaign_count n;
	struct record *k;

	spec.npolicies = c->nargs - 3;
	spec.policies = arena_array(c->arena, c->nargs, sizeof(*spec.policies));
	for (size_t i = 3; i < c->nargs; i++)
		spec.policies[i - 3] = str_from(c->arg[i]);
	if (spec.npolicies == 1 && str_is(spec.policies[0], "all"))
		spec.npolicies = 0;
	int r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = campaign_open(&j->x, &spec, &k, &n, e);
	if (r == 0)
		r = cmd_policy_done(j, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = json_count(c->arena, &n);
		val_put(c->arena, m, "code", val_str(c->arena, record_str(k,
		    F_CAMPAIGN_CODE)));
		cli_print_json(c, m);
		return (0);
	}
	printf("campaign " STR_FMT ": %zu people are asked for %zu acknowledgements "
	       "by " STR_FMT "\n", STR_ARG(record_str(k, F_CAMPAIGN_CODE)), n.people,
	    n.asked, STR_ARG(record_str(k, F_CAMPAIGN_DUE_ON)));
	return (0);
}

static int
campaign_all(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct record_list l, rows;

	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = act_list(&j->x, T_CAMPAIGN, -1, STR_NULL, &l, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 7, "campaign", "title", "state", "due",
		"acknowledged", "overdue", "people");
	for (size_t i = 0; r == 0 && i < l.n; i++) {
		struct campaign_count n;
		if ((r = campaign_rows(&j->x, &l.at[i], &rows, &n, e)) != 0)
			return (r);
		cli_row(t, cli_text(c, record_str(&l.at[i], F_CAMPAIGN_CODE)),
		    cli_text(c, record_str(&l.at[i], F_CAMPAIGN_TITLE)),
		    cli_text(c, record_str(&l.at[i], F_CAMPAIGN_STATE)),
		    cli_text(c, record_str(&l.at[i], F_CAMPAIGN_DUE_ON)),
		    arena_printf(c->arena, "%zu of %zu", n.acknowledged,
		    n.asked - n.excused), arena_printf(c->arena, "%zu", n.overdue),
		    arena_printf(c->arena, "%zu", n.people));
		if (n.overdue != 0)
			cli_tint(t, 5, TONE_BAD);
	}
	cli_table_print(t);
	if (l.n == 0 && !c->json)
		printf("no campaign yet; begin one: tickmark policy %s campaign new\n",
		    cli_word(c, c->arg[0]));
	return (0);
}

/* "acknowledged on 2026-01-31", "overdue by 3 days", "excused: ..." */
static const char *
how(struct policy_job *j, const struct record *k, enum cli_tone *tone)
{
	struct str state = record_str(k, F_ACKNOWLEDGEMENT_STATE);
	struct str on = record_str(k, F_ACKNOWLEDGEMENT_ACKNOWLEDGED_ON);
	struct str due = record_str(k, F_ACKNOWLEDGEMENT_DUE_ON);

	*tone = TONE_GOOD;
	if (str_is(state, "acknowledged"))
		return (arena_printf(j->c->arena, "acknowledged on " STR_FMT "%s",
		    STR_ARG(on), str_cmp(on, due) > 0 ? ", late" : ""));
	*tone = TONE_DIM;
	if (str_is(state, "excused"))
		return (arena_printf(j->c->arena, "excused: " STR_FMT,
		    STR_ARG(record_str(k, F_ACKNOWLEDGEMENT_REASON))));
	*tone = act_days_until(&j->x, due) < 0 ? TONE_BAD : TONE_WARN;
	return (cli_text(j->c, act_due_words(&j->x, due)));
}

static int
campaign_show(struct policy_job *j, const struct record *k, struct err *e)
{
	struct cli *c = j->c;
	struct campaign_count n;
	struct record_list rows;
	bool open = cli_opt(c, "open") != NULL;
	int r = campaign_rows(&j->x, k, &rows, &n, e);

	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 4, "person", "name", "version", "how");
	for (size_t i = 0; i < rows.n; i++) {
		const struct record *q = &rows.at[i];
		enum cli_tone tone;
		if (open && !str_is(record_str(q, F_ACKNOWLEDGEMENT_STATE), "asked"))
			continue;
		cli_row(t, cli_text(c, record_text(&j->s.ws->records, c->arena, q,
		    F_ACKNOWLEDGEMENT_PERSON)), cli_text(c, act_person(&j->x, record_str(q,
		    F_ACKNOWLEDGEMENT_PERSON))), cli_text(c, record_text(
		    &j->s.ws->records, c->arena, q, F_ACKNOWLEDGEMENT_VERSION)),
		    how(j, q, &tone));
		cli_tint(t, 3, tone);
	}
	cli_table_print(t);
	if (!c->json)
		printf("\n%zu of %zu acknowledged, %zu overdue, %zu excused; due on "
		       STR_FMT "\n", n.acknowledged, n.asked - n.excused, n.overdue,
		    n.excused, STR_ARG(record_str(k, F_CAMPAIGN_DUE_ON)));
	return (0);
}

int
cmd_policy_campaign(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *verb = c->nargs > 2 ? c->arg[2] : "list";
	struct record *k;
	size_t added;

	if (strcmp(verb, "new") == 0)
		return (campaign_new(j, e));
	if (strcmp(verb, "list") == 0)
		return (campaign_all(j, e));
	bool show = strcmp(verb, "show") == 0, fresh = strcmp(verb, "refresh") == 0;
	if (!show && !fresh && strcmp(verb, "close") != 0)
		return (err_set(e, ERR_USAGE, verb, "new, list, show, refresh or close",
		    "this is not done to campaigns"));
	if (c->nargs != 4)
		return (err_set(e, ERR_USAGE, verb, arena_printf(c->arena,
		    "tickmark policy %s campaign %s ACK-2026-01",
		    cli_word(c, c->arg[0]), verb), "name one campaign"));
	int r = cmd_policy_open(j, show ? SESSION_READ : SESSION_WRITE, e);
	if (r == 0)
		r = act_find(&j->x, T_CAMPAIGN, str_from(c->arg[3]), &k, e);
	if (r != 0 || show)
		return (r != 0 ? r : campaign_show(j, k, e));
	r = fresh ? campaign_refresh(&j->x, k, &added, e) :
	    campaign_close(&j->x, k, e);
	if (r == 0)
		r = cmd_policy_done(j, e);
	if (r == 0 && !c->json) {
		if (fresh)
			printf("%zu acknowledgements were asked for in addition\n", added);
		else
			printf("%s is closed; what is open stays listed\n", c->arg[3]);
	}
	return (r);
}

int
cmd_policy_acknowledge(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *reason;
	size_t n = c->nargs > 3 ? c->nargs - 3 : 0, done = 0;
	int r = 0;

	if (c->nargs < 3)
		return (err_set(e, ERR_USAGE, "acknowledge", arena_printf(c->arena,
		    "tickmark policy %s acknowledge PERSON [CODE...]",
		    cli_word(c, c->arg[0])), "name the person"));
	struct str *codes = arena_array(c->arena, n + 1, sizeof(*codes));
	for (size_t i = 0; i < n; i++)
		codes[i] = str_from(c->arg[3 + i]);
	bool excuse = cli_opt(c, "excuse") != NULL;
	if (excuse)
		r = cmd_policy_need(c, "reason", "TEXT", &reason, e);
	if (r == 0)
		r = cmd_policy_open(j, SESSION_WRITE, e);
	if (r == 0)
		r = excuse ? campaign_excuse(&j->x, str_from(c->arg[2]),
		    str_from(reason), &done, e) : campaign_acknowledge(&j->x,
		    str_from(c->arg[2]), codes, n, str_from(cli_opt(c, "on")), &done, e);
	if (r == 0)
		r = cmd_policy_done(j, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, excuse ? "excused" : "acknowledged",
		    val_int(c->arena, (int64_t)done));
		cli_print_json(c, m);
		return (0);
	}
	printf("%zu version%s %s\n", done, done == 1 ? "" : "s", excuse ?
	    "excused" : "acknowledged");
	return (0);
}

/* --- facts ------------------------------------------------------------------- */

static const char *
origin(const struct fact *f)
{
	return (!f->recorded ? "default" : f->by_gap ? "gap analysis" : "you");
}

static int
facts_list(struct policy_job *j, const struct facts *f, struct err *e)
{
	struct cli *c = j->c;
	const char *group = cli_opt(c, "group");
	struct cli_table *t = cli_table(c, 5, "fact", "group", "value", "set by",
		"question");

	for (size_t i = 0; i < f->n; i++) {
		const struct fact *x = &f->at[i];
		if (group != NULL && !str_is(x->group, group))
			continue;
		cli_row(t, cli_text(c, x->name), cli_text(c, x->group), cli_text(c, x->words),
		    origin(x), cli_text(c, x->question));
		cli_tint(t, 2, x->recorded ? TONE_PLAIN : TONE_DIM);
	}
	if (cli_table_rows(t) == 0)
		return (err_set(e, ERR_NOTFOUND, group, "organisation, governance, "
		    "people, access, protection, change, incidents, availability or "
		    "data", "there is no such group of facts"));
	cli_table_print(t);
	return (0);
}

static int
facts_given(struct policy_job *j, const struct facts *f, struct act_changes *out,
    struct err *e)
{
	struct cli *c = j->c;
	const char *file = cli_opt(c, "file");
	BUF_SCOPED body = BUF_INIT;
	struct val *map = NULL;
	int r = 0;

	if (file != NULL) {
		if ((r = file_read(file, (size_t)1 << 20, &body, e)) == 0)
			r = yaml_parse(c->arena, file, buf_str(&body), &map, e);
		if (r == 0 && map->type != VAL_MAP)
			r = err_set(e, ERR_INPUT, file, "write lines such as leaver_days: 2",
			    "this is not a map of facts to values");
	} else {
		map = val_map(c->arena);
	}
	for (size_t i = 3; r == 0 && i < c->nargs; i++) {
		const char *eq = strchr(c->arg[i], '=');
		if (eq == NULL)
			return (err_set(e, ERR_USAGE, c->arg[i], "write leaver_days=2",
			    "this is not a fact and its value"));
		val_putstr(c->arena, map, (struct str){ c->arg[i],
		    (size_t)(eq - c->arg[i]) }, val_text(c->arena, eq + 1));
	}
	for (size_t i = 0; r == 0 && i < val_count(map); i++) {
		const struct val *v = map->u.map.at[i];
		struct record_change ch;
		const struct fact *x;
		struct str value = v->type == VAL_INT ? val_fmt(c->arena, "%lld",
		    (long long)v->u.i)->u.s : v->type == VAL_BOOL ? str_from(v->u.b ?
		    "yes" : "no") : v->type == VAL_STR ? v->u.s : STR("");
		if ((r = facts_find(f, map->u.map.key[i], &x, e)) == 0)
			r = facts_change(c->arena, x, value, false, &ch, e);
		if (r == 0)
			vec_push(&out->all, ch);
		else if (v->line != 0 && file != NULL)
			err_at(e, "%s:%d", file, v->line);
	}
	return (r);
}

/* Each question with its answer of today; an empty line keeps it. */
static int
facts_ask(struct policy_job *j, const struct facts *f, struct act_changes *out,
    struct err *e)
{
	struct cli *c = j->c;
	const char *group = cli_opt(c, "group"), *answer;

	printf("An empty line keeps what stands in brackets; a full stop ends.\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct fact *x = &f->at[i];
		struct record_change ch;
		if (group != NULL && !str_is(x->group, group))
			continue;
		printf("\n");
		cli_wrap(c, 0, cli_text(c, x->question));
		cli_wrap(c, 2, cli_text(c, x->note));
		for (;;) {
			if (!ask_line(c, arena_printf(c->arena, "  [" STR_FMT "] ",
			    STR_ARG(x->value)), &answer) || strcmp(answer, ".") == 0)
				return (0);
			if (*answer == '\0')
				break;
			if (facts_change(c->arena, x, str_from(answer), false, &ch, e) == 0) {
				vec_push(&out->all, ch);
				break;
			}
			printf("  %s: %s\n", e->what, e->fix);
		}
	}
	return (0);
}

int
cmd_policy_facts(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *verb = c->nargs > 2 ? c->arg[2] : "list";
	bool set = strcmp(verb, "set") == 0, ask = strcmp(verb, "ask") == 0;
	struct act_changes changes = { 0 };
	struct record_result res = { 0 };
	struct facts f;

	if (!set && !ask && strcmp(verb, "list") != 0)
		return (err_set(e, ERR_USAGE, verb, "list, set or ask",
		    "this is not done to facts"));
	if (set && c->nargs == 3 && cli_opt(c, "file") == NULL)
		return (err_set(e, ERR_USAGE, "facts set", "write NAME=VALUE ... or "
		    "--file FILE", "no fact is given"));
	int r = cmd_policy_open(j, set || ask ? SESSION_WRITE : SESSION_READ, e);
	if (r == 0)
		/* Setting one mends what was recorded and cannot be read. */
		r = facts_read(c->arena, set ? NULL : &j->s.ws->records, &f, e);
	if (r != 0 || (!set && !ask))
		return (r != 0 ? r : facts_list(j, &f, e));
	r = set ? facts_given(j, &f, &changes, e) : facts_ask(j, &f, &changes, e);
	if (r != 0) {
		vec_free(&changes.all);
		return (r);
	}
	r = act_apply(&j->x, &changes, &res, e);
	if (r == 0)
		r = cmd_policy_done(j, e);
	if (r == 0 && !c->json)
		printf("%zu facts changed; drafts that are there keep their text: "
		       "tickmark policy %s diff CODE --template\n",
		    res.added + res.changed, cli_word(c, c->arg[0]));
	return (r);
}
