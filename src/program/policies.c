#include "program/policies.h"

#include "ledger/ledger.h"
#include "program/policytext.h"

static bool
state_is(const struct record *v, const char *state)
{
	return (str_is(record_str(v, F_POLICY_VERSION_STATE), state));
}

static bool
worked_on(const struct record *v)
{
	return (state_is(v, "draft") || state_is(v, "review") ||
	    state_is(v, "approved"));
}

static struct str
code_of(const struct policies_item *it)
{
	return (record_str(it->policy, F_POLICY_CODE));
}

/* By its handle, so that messages say it. */
static struct str
name_of(const struct record *version)
{
	return (record_str(version, F_POLICY_VERSION_CODE));
}

/* --- reading --------------------------------------------------------------- */

/* "1.0" before "2.0" before "10.0"; what is not numbers, by bytes. */
static int
version_order(struct str a, struct str b)
{
	while (a.len != 0 || b.len != 0) {
		struct str x = STR(""), y = STR("");
		int64_t i, k;
		if (a.len != 0)
			str_split(&a, '.', &x);
		if (b.len != 0)
			str_split(&b, '.', &y);
		if (str_to_i64(x, &i) && str_to_i64(y, &k)) {
			if (i != k)
				return (i < k ? -1 : 1);
		} else if (str_cmp(x, y) != 0) {
			return (str_cmp(x, y));
		}
	}
	return (0);
}

static int
by_version(const void *a, const void *b)
{
	return (version_order(record_str(a, F_POLICY_VERSION_VERSION),
	    record_str(b, F_POLICY_VERSION_VERSION)));
}

static int
count_acknowledged(const struct act *x, struct policies_item *it, struct err *e)
{
	struct record_list l;
	int r = act_list(x, T_ACKNOWLEDGEMENT, F_ACKNOWLEDGEMENT_VERSION,
	    it->current->id, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		struct str state = record_str(&l.at[i], F_ACKNOWLEDGEMENT_STATE);
		it->asked += !str_is(state, "excused");
		it->acknowledged += str_is(state, "acknowledged");
		it->overdue += str_is(state, "asked") && act_days_until(x,
		    record_str(&l.at[i], F_ACKNOWLEDGEMENT_DUE_ON)) < 0;
	}
	return (r);
}

static int
count_exceptions(const struct act *x, struct policies_item *it, struct err *e)
{
	struct record_list l;
	int r = act_list(x, T_EXCEPTION, F_EXCEPTION_POLICY, it->policy->id, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++)
		it->exceptions += str_is(record_str(&l.at[i], F_EXCEPTION_STATE),
		    "approved") && act_days_until(x, record_str(&l.at[i],
		    F_EXCEPTION_EXPIRES)) >= 0;
	return (r);
}

/* What is to be done next, as a command. */
static struct str
sentence(const struct act *x, const struct policies_item *it)
{
	const char *dir = arena_shell(x->a, str_from(x->ws->dir));
	struct str c = code_of(it);

	if (it->work != NULL) {
		const char *verb = state_is(it->work, "draft") ? "review" :
		    state_is(it->work, "review") ? "approve" : "publish";
		return (str_from(arena_printf(x->a, "%s: tickmark policy %s %s " STR_FMT
		    "%s", state_is(it->work, "draft") ?
		    "read the draft and put it up for approval" :
		    state_is(it->work, "review") ? "have it approved" : "publish it",
		    dir, verb, STR_ARG(c), state_is(it->work, "review") ?
		    " --by PERSON" : "")));
	}
	if (record_str(it->policy, F_POLICY_NOT_APPLICABLE).len != 0)
		return (str_from(arena_printf(x->a, "not needed: " STR_FMT,
		    STR_ARG(record_str(it->policy, F_POLICY_NOT_APPLICABLE)))));
	if (it->current == NULL && !str_is(record_str(it->policy, F_POLICY_STATE),
	    "published"))
		return (str_from(arena_printf(x->a, "draft it: tickmark policy %s new "
		    STR_FMT " --author PERSON", dir, STR_ARG(c))));
	if (it->review_due)
		return (str_from(arena_printf(x->a, "its review was due on " STR_FMT
		    ": tickmark policy %s new " STR_FMT " --author PERSON",
		    STR_ARG(record_str(it->policy, F_POLICY_REVIEW_ON)), dir,
		    STR_ARG(c))));
	if (it->current != NULL && it->asked == 0)
		return (str_from(arena_printf(x->a, "have it acknowledged: tickmark "
		    "policy %s campaign new", dir)));
	if (it->overdue != 0)
		return (str_from(arena_printf(x->a, "%zu acknowledgement%s overdue",
		    it->overdue, it->overdue == 1 ? " is" : "s are")));
	return (STR(""));
}

static int
read_item(const struct act *x, const struct record *p, struct policies_item *ret,
    struct err *e)
{
	struct policies_item it = { 0 };
	int r;

	it.policy = arena_new(x->a, struct record);
	*it.policy = *p;
	r = act_list(x, T_POLICY_VERSION, F_POLICY_VERSION_POLICY, p->id,
	    &it.versions, e);
	if (r != 0)
		return (r);
	if (it.versions.n > 1)
		qsort(it.versions.at, it.versions.n, sizeof(*it.versions.at),
		    by_version);
	for (size_t i = 0; i < it.versions.n; i++) {
		struct record *v = &it.versions.at[i];
		if (state_is(v, "published"))
			it.current = v;
		else if (worked_on(v))
			it.work = v;
	}
	struct str review = record_str(p, F_POLICY_REVIEW_ON);
	it.review_due = review.len != 0 && act_days_until(x, review) <= 0;
	if (it.current != NULL)
		r = count_acknowledged(x, &it, e);
	if (r == 0)
		r = count_exceptions(x, &it, e);
	it.next = sentence(x, &it);
	if (r == 0)
		*ret = it;
	return (r);
}

int
policies_read(const struct act *x, struct policies_item **ret, size_t *ret_n,
    struct err *e)
{
	struct record_list l;
	int r = act_list(x, T_POLICY, -1, STR_NULL, &l, e);
	size_t n = 0;

	if (r != 0)
		return (r);
	struct policies_item *all = arena_array(x->a, l.n + 1, sizeof(*all));
	for (size_t i = 0; r == 0 && i < l.n; i++)
		if (!str_is(record_str(&l.at[i], F_POLICY_STATE), "retired"))
			r = read_item(x, &l.at[i], &all[n++], e);
	if (r != 0)
		return (r);
	*ret = all;
	*ret_n = n;
	return (0);
}

int
policies_one(const struct act *x, struct str code, struct policies_item *ret,
    struct err *e)
{
	struct record *p;
	int r = act_find(x, T_POLICY, code, &p, e);

	return (r != 0 ? r : read_item(x, p, ret, e));
}

int
policies_version(const struct policies_item *it, struct str name,
    struct record **ret, struct err *e)
{
	char where[80];
	BUF_SCOPED all = BUF_INIT;

	for (size_t i = 0; i < it->versions.n; i++) {
		struct record *v = &it->versions.at[i];
		struct str n = record_str(v, F_POLICY_VERSION_VERSION);
		if (str_eq(n, name)) {
			*ret = v;
			return (0);
		}
		buf_printf(&all, "%s" STR_FMT, i ? ", " : "there are ", STR_ARG(n));
	}
	snprintf(where, sizeof(where), STR_FMT, STR_ARG(code_of(it)));
	return (err_set(e, ERR_NOTFOUND, where, all.len != 0 ? all.ptr :
	    "draft one: tickmark policy DIR new CODE --author PERSON",
	    "there is no version " STR_FMT, STR_ARG(name)));
}

int
policies_template(const struct act *x, const struct policies_item *it,
    struct str *ret, struct err *e)
{
	struct facts f;
	struct policytext t = { 0 };
	int r = facts_read(x->a, &x->ws->records, &f, e);

	if (r == 0)
		r = policytext_render(x->a, &x->ws->records, x->ws->org, it->policy,
		    &f, &t, e);
	if (r == 0)
		*ret = t.text;
	return (r);
}

/* --- writing --------------------------------------------------------------- */

static const char *
text(const struct act *x, struct str s)
{
	return (arena_strndup(x->a, s.ptr != NULL ? s.ptr : "", s.len));
}

/* "1.0", then "2.0" or "1.1"; NULL if that cannot be counted. */
static const char *
next_version(const struct act *x, const struct policies_item *it, bool minor)
{
	struct str last, major, sub = STR("0");
	int64_t a, b;

	last = it->versions.n != 0 ? record_str(&it->versions.at[it->versions.n - 1],
	    F_POLICY_VERSION_VERSION) : record_str(it->policy, F_POLICY_VERSION);
	if (last.len == 0)
		return ("1.0");
	str_split(&last, '.', &major);
	if (last.len != 0)
		sub = last;
	if (!str_to_i64(major, &a) || !str_to_i64(sub, &b))
		return (NULL);
	return (minor ? arena_printf(x->a, "%lld.%lld", (long long)a,
	    (long long)b + 1) : arena_printf(x->a, "%lld.0", (long long)a + 1));
}

static int
refuse_work(const struct policies_item *it, bool replace, struct err *e)
{
	char where[80];
	struct str state = record_str(it->work, F_POLICY_VERSION_STATE);

	snprintf(where, sizeof(where), STR_FMT, STR_ARG(record_str(it->work,
	    F_POLICY_VERSION_CODE)));
	if (!replace)
		return (err_set(e, ERR_CONFLICT, where, "change its text with --file, "
		    "or draft it anew from the template with --replace",
		    "this version is being worked on (" STR_FMT ")", STR_ARG(state)));
	return (err_set(e, ERR_CONFLICT, where,
	    "step back first: tickmark policy DIR back CODE",
	    "this version is not a draft any more but " STR_FMT, STR_ARG(state)));
}

static int
text_for(const struct act *x, const struct policies_item *it,
    const struct facts *f, const struct policies_draft *d,
    struct act_changes *c, struct str *ret, struct err *e)
{
	struct policytext t = { 0 };

	if (d->text.len != 0) {
		*ret = d->text;
		return (0);
	}
	int r = policytext_render(x->a, &x->ws->records, x->ws->org, it->policy, f,
	    &t, e);
	for (size_t i = 0; r == 0 && i < t.ncontrols; i++)
		act_add(x, c, T_CONTROL_MAPPING, STR_NULL, "control",
		    text(x, t.controls[i]), "policy", text(x, it->policy->id), NULL);
	if (r == 0)
		*ret = t.text;
	return (r);
}

static int
write_one(const struct act *x, const struct policies_item *it,
    const struct facts *f, const struct policies_draft *d,
    struct act_changes *c, struct err *e)
{
	struct str body;
	struct val *m;
	const char *version = d->version.len != 0 ? text(x, d->version) :
	    next_version(x, it, d->minor);

	if (it->work != NULL && (!d->replace || !state_is(it->work, "draft")))
		return (refuse_work(it, d->replace, e));
	int r = text_for(x, it, f, d, c, &body, e);
	if (r != 0)
		return (r);
	if (d->owner.len != 0)
		act_add(x, c, T_POLICY, code_of(it), "owner", text(x, d->owner),
		    NULL);
	if (it->work != NULL) {
		m = act_add(x, c, T_POLICY_VERSION, name_of(it->work), NULL);
	} else if (version == NULL) {
		return (err_set(e, ERR_INPUT, text(x, code_of(it)),
		    "name the new one: --version 2.0", "the last version is not "
		    "numbers, so that the next cannot be counted"));
	} else {
		m = act_add(x, c, T_POLICY_VERSION, STR_NULL, "code",
		    arena_printf(x->a, STR_FMT " v%s", STR_ARG(code_of(it)), version),
		    "policy", text(x, it->policy->id), "version", version, NULL);
	}
	val_put(x->a, m, "text", val_str(x->a, body));
	val_put(x->a, m, "author", val_str(x->a, d->author));
	if (d->summary.len != 0)
		val_put(x->a, m, "summary", val_str(x->a, d->summary));
	return (0);
}

int
policies_write(const struct act *x, const struct policies_item *items,
    size_t n, const struct policies_draft *d, struct record_result *ret,
    struct err *e)
{
	struct act_changes c = { 0 };
	struct facts f;
	int r = facts_read(x->a, &x->ws->records, &f, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = write_one(x, &items[i], &f, d, &c, e);
	if (r != 0) {
		vec_free(&c.all);
		return (r);
	}
	return (act_apply(x, &c, ret, e));
}

static int
need_work(const struct act *x, const struct policies_item *it, const char *state,
    struct err *e)
{
	if (it->work == NULL)
		return (err_set(e, ERR_INPUT, text(x, code_of(it)),
		    "draft one: tickmark policy DIR new CODE --author PERSON",
		    "no version of it is being worked on"));
	if (state != NULL && !state_is(it->work, state))
		return (err_set(e, ERR_INPUT, text(x, record_str(it->work,
		    F_POLICY_VERSION_CODE)), text(x, it->next), "its state is " STR_FMT
		    ", and not %s", STR_ARG(record_str(it->work,
		    F_POLICY_VERSION_STATE)), state));
	return (0);
}

int
policies_review(const struct act *x, const struct policies_item *items,
    size_t n, struct str reviewer, struct err *e)
{
	struct act_changes c = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct policies_item *it = &items[i];
		if ((r = need_work(x, it, NULL, e)) != 0)
			break;
		if (state_is(it->work, "approved")) {
			r = need_work(x, it, "draft", e);
			break;
		}
		struct val *m = act_add(x, &c, T_POLICY_VERSION, name_of(it->work), "state",
		    "review", NULL);
		if (reviewer.len != 0) {
			val_put(x->a, m, "reviewer", val_str(x->a, reviewer));
			val_put(x->a, m, "reviewed_on", val_str(x->a, act_today(x)));
		}
	}
	if (r != 0) {
		vec_free(&c.all);
		return (r);
	}
	return (act_apply(x, &c, NULL, e));
}

int
policies_back(const struct act *x, const struct policies_item *items, size_t n,
    struct err *e)
{
	struct act_changes c = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if ((r = need_work(x, &items[i], NULL, e)) == 0)
			act_add(x, &c, T_POLICY_VERSION, name_of(items[i].work), "state",
			    "draft", "approver", NULL, "approved_on", NULL, NULL);
	if (r != 0) {
		vec_free(&c.all);
		return (r);
	}
	return (act_apply(x, &c, NULL, e));
}

int
policies_approve(const struct act *x, const struct policies_item *items,
    size_t n, struct str approver, struct err *e)
{
	struct act_changes c = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if ((r = need_work(x, &items[i], "review", e)) == 0)
			act_add(x, &c, T_POLICY_VERSION, name_of(items[i].work), "state",
			    "approved", "approver", text(x, approver), "approved_on",
			    text(x, act_today(x)), NULL);
	if (r != 0) {
		vec_free(&c.all);
		return (r);
	}
	return (act_apply(x, &c, NULL, e));
}

/* The day by which it is looked at again: some months after the approval. */
static int
review_day(const struct act *x, const struct record *v, struct str *ret,
    struct err *e)
{
	struct facts f;
	const struct fact *rhythm;
	int64_t months = 12, day = act_day(x);
	int r = facts_read(x->a, &x->ws->records, &f, e);

	if (r == 0)
		r = facts_find(&f, STR("policy_review"), &rhythm, e);
	if (r != 0)
		return (r);
	str_to_i64(rhythm->value, &months);
	date_parse(record_str(v, F_POLICY_VERSION_APPROVED_ON), &day, NULL);
	*ret = act_date(x, date_add_months(day, (int)months));
	return (0);
}

/*
 * The policy itself: from draft it takes each step, from published it passes to
 * the next version at once, so that there is no moment without one in force.
 */
static int
put_policy(const struct act *x, const struct policies_item *it,
    struct str effective, struct str review, struct err *e)
{
	static const char *const steps[] = { "draft", "review", "approved",
		"published" };
	const struct record *v = it->work;
	struct str state = record_str(it->policy, F_POLICY_STATE);
	struct act_changes c = { 0 };
	int at = 0, r = 0;

	while (at < 3 && !str_is(state, steps[at]))
		at++;
	if (it->policy->cells[F_POLICY_OWNER].state != CELL_VALUE)
		return (err_set(e, ERR_INPUT, text(x, code_of(it)), arena_printf(x->a,
		    "tickmark record DIR policy put " STR_FMT " owner=PERSON",
		    STR_ARG(code_of(it))), "the policy has no owner"));
	if (at < 3) {
		/* Text that came another way may stand in an approved policy. */
		act_add(x, &c, T_POLICY, code_of(it), "state", "draft", NULL);
		if ((r = act_apply(x, &c, NULL, e)) != 0)
			return (r);
		at = 0;
	}
	struct val *m = act_add(x, &c, T_POLICY, code_of(it), "version",
	    text(x, record_str(v, F_POLICY_VERSION_VERSION)), "author",
	    text(x, record_str(v, F_POLICY_VERSION_AUTHOR)), "approver",
	    text(x, record_str(v, F_POLICY_VERSION_APPROVER)), "approved_on",
	    text(x, record_str(v, F_POLICY_VERSION_APPROVED_ON)), "effective_on",
	    text(x, effective), "review_on", text(x, review), "file_hash", NULL,
	    NULL);
	val_put(x->a, m, "text", val_str(x->a, record_str(v,
	    F_POLICY_VERSION_TEXT)));
	r = act_apply(x, &c, NULL, e);
	for (int i = at + 1; r == 0 && i < 4; i++) {
		act_add(x, &c, T_POLICY, code_of(it), "state", steps[i], NULL);
		r = act_apply(x, &c, NULL, e);
	}
	return (r);
}

static int
publish(const struct act *x, const struct policies_item *it,
    struct str effective, struct str review, struct err *e)
{
	struct act_changes c = { 0 };

	if (it->current != NULL)
		act_add(x, &c, T_POLICY_VERSION, name_of(it->current), "state",
		    "superseded", "replaced_on", text(x, effective), NULL);
	act_add(x, &c, T_POLICY_VERSION, name_of(it->work), "state", "published",
	    "effective_on", text(x, effective), "review_on", text(x, review),
	    "published_on", text(x, act_today(x)), NULL);
	/* The policy says what the version says, whoever publishes it. */
	const struct record_options copied = { .copied = true };
	struct act own = *x;
	own.opts = &copied;
	int r = act_apply(x, &c, NULL, e);
	return (r != 0 ? r : put_policy(&own, it, effective, review, e));
}

int
policies_publish(const struct act *x, const struct policies_item *it,
    struct str effective, struct str review, struct err *e)
{
	struct ledger *l = x->ws->ledger;
	bool own = !ledger_in_transaction(l);
	int r = need_work(x, it, "approved", e);

	if (r == 0 && effective.len == 0)
		effective = act_today(x);
	if (r == 0 && review.len == 0)
		r = review_day(x, it->work, &review, e);
	if (r == 0 && own)
		r = ledger_begin(l, e);
	if (r != 0)
		return (r);
	r = publish(x, it, effective, review, e);
	if (!own)
		return (r);
	if (r == 0)
		return (ledger_commit(l, e));
	ledger_rollback(l);
	return (r);
}

int
policies_drop(const struct act *x, const struct policies_item *it,
    struct err *e)
{
	struct act_changes c = { 0 };
	int r = need_work(x, it, NULL, e);

	if (r != 0)
		return (r);
	act_add(x, &c, T_POLICY_VERSION, name_of(it->work), "state", "dropped", NULL);
	return (act_apply(x, &c, NULL, e));
}

int
policies_except(const struct act *x, const struct policies_item *it,
    const struct policies_exception *p, struct str *ret_code, struct err *e)
{
	struct act_changes c = { 0 };
	struct record_list l;
	int64_t most = 0, n;
	int r = record_list(&x->ws->records, x->a, schema_get(T_EXCEPTION),
	    &(struct record_query){ .sort = -1, .retired = true }, &l, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < l.n; i++) {
		struct str k = record_str(&l.at[i], F_EXCEPTION_CODE);
		if (str_starts(k, "EX-") && str_to_i64((struct str){ k.ptr + 3,
		    k.len - 3 }, &n) && n > most)
			most = n;
	}
	char *code = arena_printf(x->a, "EX-%02lld", (long long)most + 1);
	act_add(x, &c, T_EXCEPTION, STR_NULL, "code", code, "policy",
	    text(x, it->policy->id), "reason", text(x, p->reason), "requester",
	    text(x, p->requester), "expires", text(x, p->until), "compensating",
	    p->compensating.len != 0 ? text(x, p->compensating) : NULL, NULL);
	r = act_apply(x, &c, NULL, e);
	if (r == 0)
		*ret_code = str_from(code);
	return (r);
}

/* --- differences ----------------------------------------------------------- */

static const char *
version_words(const struct act *x, const struct record *v)
{
	return (arena_printf(x->a, "version " STR_FMT " (" STR_FMT ")",
	    STR_ARG(record_str(v, F_POLICY_VERSION_VERSION)),
	    STR_ARG(record_str(v, F_POLICY_VERSION_STATE))));
}

static int
find_pair(const struct policies_item *it, struct str from, struct str to,
    struct record **old, struct record **new, struct err *e)
{
	size_t n = it->versions.n;
	int r = 0;

	*old = *new = NULL;
	if (to.len != 0)
		r = policies_version(it, to, new, e);
	else if (n != 0)
		*new = it->work != NULL ? it->work : &it->versions.at[n - 1];
	if (r == 0 && from.len != 0)
		r = policies_version(it, from, old, e);
	else if (r == 0 && it->current != NULL && *new != it->current)
		*old = it->current;
	else if (r == 0 && *new != NULL && *new > it->versions.at)
		*old = *new - 1;
	return (r);
}

int
policies_pair(const struct act *x, const struct policies_item *it,
    struct str from, struct str to, bool template, struct policies_pair *ret,
    struct err *e)
{
	struct record *old, *new;
	int r = find_pair(it, from, to, &old, &new, e);

	if (r != 0)
		return (r);
	if (new == NULL)
		return (err_set(e, ERR_INPUT, text(x, code_of(it)),
		    "draft one: tickmark policy DIR new CODE --author PERSON",
		    "the policy has no version yet"));
	ret->new = record_str(new, F_POLICY_VERSION_TEXT);
	ret->new_name = version_words(x, new);
	if (template) {
		ret->old_name = "the template with the facts of today";
		return (policies_template(x, it, &ret->old, e));
	}
	if (old != NULL) {
		ret->old = record_str(old, F_POLICY_VERSION_TEXT);
		ret->old_name = version_words(x, old);
		return (0);
	}
	ret->old = record_str(it->policy, F_POLICY_TEXT);
	ret->old_name = ret->old.len != 0 ? "the text in force" : "nothing";
	return (0);
}
