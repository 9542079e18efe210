/*
 * The rules of records: one workspace with a good record of each type
 * (test/data/rules/base.yaml), and for each rule a case that breaks it. A case
 * is a map: "rule" its name, "has" and "then" what is put before (and must be
 * taken), "put" what must be refused for that rule, "as" the roles of who puts
 * it, or "by" the login of the user who does ("_by" of a record before). What is
 * refused must say what stands in FILE.want; TICKMARK_GOLDEN=write makes those
 * anew, to be read before they are committed.
 *
 * Conditions of steps are broken by machine, from the declarations: every field
 * that a step wants filled, every pair of persons that it wants apart, every role
 * that may not take it, and every step that is not declared.
 */
#include "base.h"
#include "ledger/erase.h"
#include "ledger/id.h"
#include "record/forget.h"
#include "record/store.h"
#include "schema/kind.h"

static const char *const files[] = { "access", "acting", "assets", "audit", "continuity",
	"earned", "frame", "governance", "people", "privacy", "risks" };

/* Every type has a good record: what may not be is told from what may. */
static void
test_base(void **state)
{
	struct fixture *f = *state;
	size_t none = 0;

	for (size_t i = 0; record_rule(i) != NULL; i++) {
		const struct schema_type *t;
		int64_t n;
		if (record_rule(i)->type == 0)
			continue;
		t = schema_get(record_rule(i)->type);
		NOERR(f, record_count(&f->ws->records, t, &n, &f->e));
		/* Vouching and sources need more than a row. */
		if (n == 0 && t->number != T_TRIGGER_LOG && t->number != T_SOURCE) {
			print_error("base.yaml has no %s\n", t->name);
			none++;
		}
	}
	assert_int_equal(none, 0);
}

/* --- cases ------------------------------------------------------------------- */

static bool *seen; /* for each rule: some case was refused for it */

static size_t
rule_number(struct str name)
{
	for (size_t i = 0; record_rule(i) != NULL; i++)
		if (str_is(name, record_rule(i)->name))
			return (i);
	fail_msg("there is no rule " STR_FMT, STR_ARG(name));
	return (0);
}

static void
want_same(struct fixture *f, const char *name, const struct buf *got)
{
	BUF_SCOPED want = BUF_INIT;
	char path[80];

	snprintf(path, sizeof(path), DATA "/%s.want", name);
	if (getenv("TICKMARK_GOLDEN") != NULL)
		NOERR(f, file_write(path, 0644, got->ptr, got->len, &f->e));
	NOERR(f, file_read(path, 1 << 20, &want, &f->e));
	if (!str_eq(buf_str(got), buf_str(&want)))
		print_error("%s:\n", path);
	assert_string_equal(got->ptr, want.ptr);
}

/* The one case; what it said for its rule goes to ${got}. */
static void
refuse(struct fixture *f, const char *where, const struct val *x,
    struct buf *got)
{
	struct record_actor who;
	struct str rule = val_get_str(x, "rule"), as = val_get_str(x, "as");
	size_t number = rule_number(rule);
	struct record_change *c;
	struct record_result res;
	struct str *names;
	bool hit = false;

	put_good(f, where, val_get(x, "has"));
	put_good(f, where, val_get(x, "then"));
	struct doer *doers;
	size_t n = changes_of(f, val_get(x, "put"), &c, &names, &doers);
	doers[0].by = val_get_str(x, "by");
	if (as.len != 0)
		doers[0].roles = str_is(as, "auditor") ? ROLE_AUDITOR :
		    ROLE_PRIVACY;
	who = actor_by(f, &doers[0]);
	int r = record_apply(&f->ws->records, &f->a, &who, c, n, NULL, &res,
	    &f->e);
	if (r != -ERR_INPUT)
		print_error("%s: %d %s\n", where, r, r ? f->e.what : "taken");
	assert_int_equal(r, -ERR_INPUT);
	for (size_t i = 0; i < res.nproblems; i++) {
		if (res.faults[i].rule == NULL ||
		    !str_is(rule, res.faults[i].rule)) {
			print_error("%s: also: %s\n", where, res.problems[i].what);
			continue;
		}
		buf_printf(got, "%s: %s: %s\n", res.faults[i].rule,
		    res.problems[i].what, res.problems[i].fix);
		hit = true;
	}
	if (!hit)
		fail_msg("%s: it was refused, but not for that", where);
	if (record_rule(number)->type != 0)
		assert_int_equal(record_rule(number)->type, c[0].type->number);
	seen[number] = true;
}

static void
test_cases(void **state)
{
	struct fixture *f = *state;
	size_t missing = 0, cases = 0;

	seen = arena_array(&f->a, 1000, sizeof(*seen));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		BUF_SCOPED got = BUF_INIT;
		struct val *list = read_yaml(f, files[i]);
		for (size_t k = 0; k < val_count(list); k++, cases++) {
			const struct val *x = list->u.list.at[k];
			char where[120];
			snprintf(where, sizeof(where), DATA "/%s.yaml:%d " STR_FMT,
			    files[i], x->line, STR_ARG(val_get_str(x, "rule")));
			NOERR(f, ledger_begin(f->ws->ledger, &f->e));
			refuse(f, where, x, &got);
			ledger_rollback(f->ws->ledger);
		}
		want_same(f, files[i], &got);
	}
	for (size_t i = 0; record_rule(i) != NULL; i++) {
		if (!seen[i])
			print_error("no case breaks %s\n", record_rule(i)->name);
		missing += !seen[i];
	}
	assert_int_equal(missing, 0);
	print_message("# %zu cases\n", cases);
}

/* A rule says its sentence, has a name of its own, and is in a table once. */
static void
test_list(void **state)
{
	(void)state;
	for (size_t i = 0; record_rule(i) != NULL; i++) {
		const struct record_rule *r = record_rule(i);
		assert_true(strlen(r->sentence) > 10 &&
		    str_ends(str_from(r->sentence), "."));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(r->name, record_rule(k)->name);
	}
}

/* --- steps ---------------------------------------------------------------------- */

static const char *
id_of(struct fixture *f, const char *person)
{
	return (find(f, T_PERSON, person)->id.ptr);
}

/* A record of ${t} in state ${at} whose every field is filled with something
 * that its kind takes; what the rules say of it does not matter here. */
static struct record
made_up(struct fixture *f, const struct schema_type *t, uint16_t at)
{
	static char id[ID_LEN + 1];
	struct record r = { .type = t, .rev = 1, .cells = arena_array(&f->a,
	    t->nfields, sizeof(struct cell)) };

	id_new(id);
	r.id = str_from(arena_strdup(&f->a, id));
	for (size_t i = 0; i < t->nfields; i++) {
		const struct schema_field *d = &t->fields[i];
		if (d->target == T_PERSON && !kind_is_many(d))
			r.cells[i] = CELL_STR(str_from(id_of(f, i % 2 ? "E1" : "E2")));
		else if (d->target == T_ENGAGEMENT && !kind_is_many(d))
			r.cells[i] = CELL_STR(str_from(map_get(&named, STR("ENG"))));
		else if (kind_is_many(d) && kind_is_ref(d))
			r.cells[i] = kind_join(&f->a, d, &r.id, 1);
		else
			r.cells[i] = kind_is_ref(d) ? CELL_STR(r.id) : kind_blank(d);
	}
	r.cells[t->state] = CELL_STR(str_from(t->states[at]));
	return (r);
}

struct step_test {
	struct fixture *f;
	const struct schema_type *t;
	const struct schema_step *s;
	struct record r;
	struct buf *got;
	size_t n;
};

/* Step with ${fields} as well; the refusal of the state, or NULL. */
static const struct err *
try_step(struct step_test *x, struct val *fields, unsigned roles,
    const char *with)
{
	struct record_actor who = actor_of(x->f, roles);
	struct record_change c = { .type = x->t, .name = x->r.id,
		.fields = fields };
	struct record_result res;
	struct err *first = NULL;

	val_put(&x->f->a, fields, "state", val_text(&x->f->a,
	    x->t->states[x->s->to]));
	int r = record_apply(&x->f->ws->records, &x->f->a, &who, &c, 1,
	    &(struct record_options){ .dry_run = true }, &res, &x->f->e);
	for (size_t i = 0; r != 0 && i < res.nproblems; i++)
		if (str_starts(str_from(res.problems[i].what), "State: ") &&
		    res.faults[i].rule == NULL && strstr(res.problems[i].what,
		    with) != NULL)
			first = &res.problems[i];
	return (first);
}

static void
want_refused(struct step_test *x, const struct err *e, const char *what)
{
	const struct schema_step *s = x->s;

	if (e == NULL)
		fail_msg("%s: from %s to %s %s: not refused", x->t->name,
		    x->t->states[s->from], x->t->states[s->to], what);
	buf_printf(x->got, "%s %s > %s %s: %s: %s\n", x->t->name,
	    x->t->states[s->from], x->t->states[s->to], what, e->what, e->fix);
	x->n++;
}

/* Some role that may take the step; not several, as roles exclude one another. */
static unsigned
taker(const struct schema_step *s)
{
	return ((s->who & ROLE_OWNER) != 0 ? ROLE_OWNER : s->who & (0u - s->who));
}

/* The record as it is stored, with another value in a field. */
static void
store_with(struct step_test *x, const uint16_t *fields, size_t n,
    struct cell value)
{
	struct record r = x->r;

	r.cells = arena_array(&x->f->a, x->t->nfields, sizeof(struct cell));
	memcpy(r.cells, x->r.cells, x->t->nfields * sizeof(struct cell));
	for (size_t i = 0; i < n; i++)
		r.cells[fields[i]] = value;
	NOERR(x->f, store_put(&x->f->ws->records, &r, false,
	    &x->f->e));
}

static void
break_step(struct step_test *x)
{
	const struct schema_step *s = x->s;
	struct arena *a = &x->f->a;

	for (size_t i = 0; i < s->fill.n; i++) {
		const struct schema_field *d = &x->t->fields[s->fill.at[i]];
		struct val *m = val_map(a);
		if (d->required) /* the table would not take it without */
			val_put(a, m, d->name, val_null(a));
		else
			store_with(x, &s->fill.at[i], 1, CELL_NONE);
		want_refused(x, try_step(x, m, taker(s), d->title),
		    arena_printf(a, "without %s", d->name));
	}
	if (s->apart.n == 2) {
		store_with(x, s->apart.at, 2, CELL_STR(str_from(id_of(x->f,
		    "E1"))));
		want_refused(x, try_step(x, val_map(a), taker(s), "two persons"),
		    arena_printf(a, "with one %s and %s",
		    x->t->fields[s->apart.at[0]].name,
		    x->t->fields[s->apart.at[1]].name));
	}
	store_with(x, NULL, 0, CELL_NONE);
}

/* Roles that may not take the step are refused, whatever refuses them. */
static void
break_roles(struct step_test *x)
{
	for (unsigned bit = 0; bit < ROLE_BIT_MAX; bit++) {
		struct record_actor who = actor_of(x->f, 1u << bit);
		struct val *m = val_map(&x->f->a);
		struct record_change c = { .type = x->t, .name = x->r.id,
			.fields = m };
		struct record_result res;
		if ((x->s->who & who.roles) != 0)
			continue;
		val_put(&x->f->a, m, "state", val_text(&x->f->a,
		    x->t->states[x->s->to]));
		int r = record_apply(&x->f->ws->records, &x->f->a, &who, &c, 1,
		    &(struct record_options){ .dry_run = true }, &res, &x->f->e);
		bool denied = r == -ERR_DENIED || r == -ERR_NOTFOUND;
		for (size_t i = 0; r != 0 && i < res.nproblems; i++)
			denied |= res.problems[i].code == ERR_DENIED;
		if (!denied)
			fail_msg("%s: role %u may step from %s to %s", x->t->name,
			    bit, x->t->states[x->s->from],
			    x->t->states[x->s->to]);
	}
}

static bool
is_declared(const struct schema_type *t, size_t from, size_t to)
{
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].from == from && t->steps[i].to == to)
			return (true);
	return (false);
}

static void
test_steps(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED got = BUF_INIT;
	size_t n = 0, undeclared = 0;

	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		if (!schema_is_record(t) || t->state < 0)
			continue;
		for (uint16_t from = 0; from < t->nstates; from++) {
			struct step_test x = { .f = f, .t = t, .got = &got };
			NOERR(f, ledger_begin(f->ws->ledger, &f->e));
			x.r = made_up(f, t, from);
			NOERR(f, store_put(&f->ws->records, &x.r, true,
			    &f->e));
			for (size_t k = 0; k < t->nsteps; k++) {
				x.s = &t->steps[k];
				if (x.s->from != from)
					continue;
				break_step(&x);
				break_roles(&x);
			}
			for (uint16_t to = 0; to < t->nstates; to++) {
				struct schema_step s = { .from = from, .to = to,
					.who = ROLE_ALL };
				if (from == to || is_declared(t, from, to))
					continue;
				x.s = &s;
				assert_non_null(try_step(&x, val_map(&f->a),
				    roles_of(t), "does not go from"));
				undeclared++;
			}
			ledger_rollback(f->ws->ledger);
			n += x.n;
		}
	}
	want_same(f, "steps", &got);
	print_message("# %zu conditions of steps, %zu steps that are not\n", n,
	    undeclared);
}

/* --- every role ------------------------------------------------------------------- */

static struct record_actor everybody[ROLE_BIT_MAX];

/* A user of each role, each with a person of its own. */
static void
make_everybody(struct fixture *f)
{
	static bool made;
	struct arena *a = &f->a;

	for (int i = 0; !made && i < ROLE_BIT_MAX; i++) {
		const char *word = schema_role_word(i);
		struct val *p = val_map(a), *u = val_map(a);
		val_put(a, p, "code", val_text(a, word));
		val_put(a, p, "name", val_text(a, word));
		val_put(a, p, "kind", val_text(a, "external"));
		val_put(a, u, "login", val_text(a, word));
		val_put(a, u, "person", val_text(a, word));
		val_put(a, u, "roles", val_text(a, word));
		if (i == ROLE_BIT_AUDITOR)
			val_put(a, u, "engagements", val_text(a, "ENG"));
		if (i == ROLE_BIT_PARTNER || i == ROLE_BIT_CUSTOMER)
			val_put(a, u, "party", val_text(a, "Customer Ltd"));
		NOERR(f, record_put(&f->ws->records, a, &f->ws->actor,
		    schema_get(T_PERSON), STR(""), p, NULL, &f->e));
		NOERR(f, record_put(&f->ws->records, a, &f->ws->actor,
		    schema_get(T_USER), STR(""), u, NULL, &f->e));
		NOERR(f, record_actor_user(&f->ws->records, a, str_from(word),
		    &everybody[i], &f->e));
	}
	made = true;
}

static int
attempt(struct fixture *f, int role, const struct record_change *c, size_t n,
    struct record_result *res)
{
	return (record_apply(&f->ws->records, &f->a, &everybody[role], c, n,
	    &(struct record_options){ .dry_run = true }, res, &f->e));
}

/* What is refused for a rule is refused whoever does it. */
static void
test_cases_by_all(void **state)
{
	struct fixture *f = *state;
	size_t tried = 0;

	make_everybody(f);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct val *list = read_yaml(f, files[i]);
		for (size_t k = 0; k < val_count(list); k++) {
			const struct val *x = list->u.list.at[k];
			struct record_change *c;
			struct record_result res;
			struct str *names;
			struct doer *doers;
			/* It hangs on who did what before; or on there being no
			 * other owner. */
			if (str_is(val_get_str(x, "rule"), "acting_both") ||
			    str_is(val_get_str(x, "rule"), "training_own") ||
			    str_is(val_get_str(x, "rule"), "user_last"))
				continue;
			NOERR(f, ledger_begin(f->ws->ledger, &f->e));
			put_good(f, files[i], val_get(x, "has"));
			put_good(f, files[i], val_get(x, "then"));
			size_t n = changes_of(f, val_get(x, "put"), &c, &names,
			    &doers);
			for (int r = 0; r < ROLE_BIT_MAX; r++, tried++)
				if (attempt(f, r, c, n, &res) == 0)
					fail_msg("%s.yaml:%d: taken from %s", files[i],
					    x->line, schema_role_word(r));
			ledger_rollback(f->ws->ledger);
		}
	}
	print_message("# %zu attempts\n", tried);
}

/* What is done rightly is taken from those who may, and from nobody else. */
static void
test_roles(void **state)
{
	struct fixture *f = *state;
	struct val *list = read_yaml(f, "roles");
	size_t wrong = 0;

	make_everybody(f);
	for (size_t k = 0; k < val_count(list); k++)
		for (int i = 0; i < ROLE_BIT_MAX; i++) {
			const struct val *x = list->u.list.at[k];
			struct str may = val_get_str(x, "may"), word;
			struct record_change *c;
			struct record_result res;
			struct str *names;
			struct doer *doers;
			bool want = false;
			while (may.len != 0 && str_split(&may, ' ', &word))
				want |= str_is(word, schema_role_word(i));
			map_put(&named, STR("me"), arena_strndup(&f->a,
			    everybody[i].person.ptr, everybody[i].person.len));
			NOERR(f, ledger_begin(f->ws->ledger, &f->e));
			/* To name an auditor may be refused already. */
			int r = put_all(f, val_get(x, "has"), &res);
			if (r == 0) {
				size_t n = changes_of(f, val_get(x, "put"), &c,
				    &names, &doers);
				r = attempt(f, i, c, n, &res);
			}
			if ((r == 0) != want) {
				print_error("roles.yaml:%d: " STR_FMT ", by %s: %s\n",
				    x->line, STR_ARG(val_get_str(x, "what")),
				    schema_role_word(i), r == 0 ? "taken" : f->e.what);
				wrong++;
			}
			ledger_rollback(f->ws->ledger);
		}
	assert_int_equal(wrong, 0);
}

static bool
refused_for(const struct record_result *res, const char *rule)
{
	for (size_t i = 0; i < res->nproblems; i++)
		if (res->faults[i].rule != NULL &&
		    strcmp(res->faults[i].rule, rule) == 0)
			return (true);
	return (false);
}

/* Each step of two persons: as oneself it is nobody's rule, in the name of
 * another it is refused from all, and one person is never two. */
static void
sign_step(struct step_test *x, size_t one, size_t other)
{
	struct arena *a = &x->f->a;
	const char *field = x->t->fields[other].name;

	for (int i = 0; i < ROLE_BIT_MAX; i++) {
		struct val *mine = val_map(a), *other_s = val_map(a);
		struct record_change c = { .type = x->t, .name = x->r.id };
		struct record_result res;
		uint16_t at = (uint16_t)one;
		store_with(x, &at, 1, CELL_STR(str_from(id_of(x->f, "E1"))));
		val_put(a, mine, "state", val_text(a, x->t->states[x->s->to]));
		val_put(a, mine, field, val_str(a, everybody[i].person));
		val_put(a, other_s, "state", val_text(a, x->t->states[x->s->to]));
		val_put(a, other_s, field, val_text(a, id_of(x->f, "E2")));
		c.fields = other_s;
		assert_int_not_equal(attempt(x->f, i, &c, 1, &res), 0);
		/* A type that the role does not see is refused before. */
		if (res.nproblems != 0 && (x->s->who & everybody[i].roles) != 0 &&
		    res.problems[0].code != ERR_DENIED)
			assert_true(refused_for(&res, "acting_other"));
		c.fields = mine;
		attempt(x->f, i, &c, 1, &res);
		assert_false(refused_for(&res, "acting_other"));
		store_with(x, &at, 1, CELL_STR(everybody[i].person));
		assert_int_not_equal(attempt(x->f, i, &c, 1, &res), 0);
		x->n++;
	}
}

static void
test_signers(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	make_everybody(f);
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		for (size_t k = 0; k < t->nsteps; k++) {
			struct step_test x = { .f = f, .t = t, .s = &t->steps[k] };
			int signer = schema_signer(t, x.s);
			if (signer < 0)
				continue;
			NOERR(f, ledger_begin(f->ws->ledger, &f->e));
			x.r = made_up(f, t, x.s->from);
			NOERR(f, store_put(&f->ws->records, &x.r, true, &f->e));
			sign_step(&x, x.s->apart.at[0], (size_t)signer);
			ledger_rollback(f->ws->ledger);
			n += x.n;
		}
	}
	print_message("# %zu signatures by role\n", n);
	assert_true(n > 200);
}

/* --- clocks -------------------------------------------------------------------- */

/* When a request is due, and its receipt confirmed, by the law of a place. */
static void
test_clocks(void **state)
{
	static const struct {
		const char *law, *received, *due, *extended, *confirm;
	} cases[] = {
		/* A month: the same day, or the last of a shorter one. */
		{ "EU", "2026-01-15T08:00:00Z", "2026-02-15T22:59:59Z",
		    "2026-04-15T21:59:59Z", "" },
		{ "EU", "2026-01-31T08:00:00Z", "2026-02-28T22:59:59Z",
		    "2026-04-30T21:59:59Z", "" },
		{ "EU", "2024-01-31T08:00:00Z", "2024-02-29T22:59:59Z",
		    "2024-04-30T21:59:59Z", "" },
		{ "EU", "2026-03-31T08:00:00Z", "2026-04-30T21:59:59Z",
		    "2026-06-30T21:59:59Z", "" },
		/* Which day it is, is asked where the law counts. */
		{ "EU", "2026-02-28T23:30:00Z", "2026-04-01T21:59:59Z",
		    "2026-06-01T21:59:59Z", "" },
		{ "CA", "2026-03-01T07:59:59Z", "2026-04-15T06:59:59Z",
		    "2026-05-30T06:59:59Z", "2026-03-14T06:59:59Z" },
		{ "CA", "2026-03-01T08:00:00Z", "2026-04-16T06:59:59Z",
		    "2026-05-31T06:59:59Z", "2026-03-14T06:59:59Z" },
		/* Ten business days, one of them a holiday. */
		{ "CA", "2025-12-19T20:00:00Z", "2026-02-03T07:59:59Z",
		    "2026-03-20T06:59:59Z", "2026-01-06T07:59:59Z" },
	};
	struct fixture *f = *state;
	const struct schema_type *t = schema_get(T_SUBJECT_REQUEST);
	struct record_actor who = actor_of(f, ROLE_OWNER | ROLE_PRIVACY);
	struct record *r;

	struct val *laws;

	NOERR(f, yaml_parse(&f->a, "laws", STR("jurisdiction:\n"
	    "  - {code: EU, name: Union, request_months: 1, extension_months: 2,"
	    " zone: Europe/Berlin}\n"
	    "  - {code: CA, name: California, request_days: 45, extension_days: 45,"
	    " acknowledge_days: 10, zone: America/Los_Angeles}\n"
	    "holiday: {day: 2025-12-25, name: Christmas}\n"), &laws, &f->e));
	put_good(f, "laws", laws);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct val *m = val_map(&f->a);
		const char *code = arena_printf(&f->a, "CLOCK-%zu", i);
		val_put(&f->a, m, "code", val_text(&f->a, code));
		val_put(&f->a, m, "kind", val_text(&f->a, "access"));
		val_put(&f->a, m, "jurisdiction", val_text(&f->a, cases[i].law));
		val_put(&f->a, m, "received_at", val_text(&f->a,
		    cases[i].received));
		for (int extended = 0; extended < 2; extended++) {
			NOERR(f, record_put(&f->ws->records, &f->a, &who, t, STR(""), m,
			    NULL, &f->e));
			NOERR(f, record_find(&f->ws->records, &f->a, t, str_from(code),
			    &r, &f->e));
			struct str due = record_text(&f->ws->records, &f->a, r,
			    F_SUBJECT_REQUEST_DUE_AT);
			assert_string_equal(arena_strndup(&f->a, due.ptr, due.len),
			    extended ? cases[i].extended : cases[i].due);
			due = record_text(&f->ws->records, &f->a, r,
			    F_SUBJECT_REQUEST_ACKNOWLEDGE_BY);
			assert_string_equal(arena_strndup(&f->a, due.len != 0 ?
			    due.ptr : "", due.len), cases[i].confirm);
			bool eu = strcmp(cases[i].law, "EU") == 0;
			val_put(&f->a, m, eu ? "extension_months" :
			    "extension_days", val_int(&f->a, eu ? 2 : 45));
			val_put(&f->a, m, "extension_reason", val_text(&f->a, "much"));
			val_put(&f->a, m, "extended_at", val_text(&f->a,
			    cases[i].received));
		}
	}
}

/* --- erased ------------------------------------------------------------------- */

/* What any record may become: its revisions are gone, and others refer to it. */
static void
test_erased(void **state)
{
	struct fixture *f = *state;
	struct record_store *s = &f->ws->records;
	struct ledger *l = f->ws->ledger;

	NOERR(f, ledger_begin(l, &f->e));
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		struct record_list list;
		if (!schema_is_record(t) || t->mode == MODE_FIXED)
			continue;
		NOERR(f, record_list(s, &f->a, t, NULL, &list, &f->e));
		for (size_t k = 0; k < list.n; k++) {
			struct erase_item it = { .body = true };
			for (int64_t rev = 1; rev <= list.at[k].rev; rev++) {
				NOERR(f, store_revision_body(s, t, list.at[k].id, rev,
				    it.id, &f->e));
				NOERR(f, erase_append(l, f->ws->actor.id, STR("T-1"),
				    STR("test"), &it, 1, NULL, &f->e));
			}
		}
	}
	NOERR(f, ledger_commit(l, &f->e));
	NOERR(f, record_forget(f->ws, NULL, &f->e));
	for (size_t i = 0; i < schema_ntypes; i++) {
		int64_t n = 1;
		if (!schema_is_record(&schema_types[i]) ||
		    schema_types[i].mode == MODE_FIXED)
			continue;
		NOERR(f, record_count(s, &schema_types[i], &n, &f->e));
		assert_int_equal(n, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_cases_by_all),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_erased),
	};

	return (cmocka_run_group_tests(tests, setup_base, teardown));
}
