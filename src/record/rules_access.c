/* Rules of users and tokens, and of who may be named where because of them. */
#include "record/rules.h"

#include "record/dialect.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"
#include "text/date.h"

static bool
has_role(const struct record *u, enum schema_role_bit role)
{
	char word[32];

	snprintf(word, sizeof(word), "\"%s\"", schema_role_word(role));
	return (str_find(record_str(u, F_USER_ROLES), word) >= 0);
}

static bool
is_active(const struct record *u)
{
	return (!u->retired && str_is(record_str(u, F_USER_STATE), "active"));
}

static void
user_check(struct batch *b, struct batch_item *it)
{
	const struct record *u = &it->new;
	struct err p = { .code = ERR_INPUT };
	unsigned roles = 0;

	for (int i = 0; i < ROLE_BIT_MAX; i++)
		roles |= has_role(u, i) ? 1u << i : 0;
	if (rules_has(u, F_USER_ROLES) && access_apart(roles, &p) != 0)
		rules_say(b, it, RULE_user_roles, F_USER_ROLES, p.fix, "Roles: %s", p.what);
	bool outside = (roles & (ROLE_PARTNER | ROLE_CUSTOMER)) != 0;
	if (outside != rules_has(u, F_USER_PARTY) && rules_has(u, F_USER_ROLES))
		rules_say(b, it, RULE_user_party, F_USER_PARTY, outside ? "name the customer" :
		    "leave it out", outside ? "Acts for: a partner or a customer "
		    "sees what was released to one of the customers, and none is "
		    "named" : "Acts for: only a partner or a customer acts for one");
	if (rules_has(u, F_USER_ENGAGEMENTS) && (roles & ROLE_AUDITOR) == 0)
		rules_say(b, it, RULE_user_engagements, F_USER_ENGAGEMENTS, "leave them out",
		    "Engagements: only an auditor works on them");
}

static void
token_check(struct batch *b, struct batch_item *it)
{
	struct str last = rules_date(b, date_add_months(rules_day(
	    rules_today(b)), 12)).s;
	struct str when = record_str(&it->new, F_TOKEN_EXPIRES_ON);
	bool given = it->given[F_TOKEN_EXPIRES_ON] && when.len != 0;

	if (given && str_cmp(when, last) > 0)
		rules_say(b, it, RULE_token_year, F_TOKEN_EXPIRES_ON,
		    arena_printf(b->a, "write " STR_FMT " or a day before it",
		    STR_ARG(last)), "Expires: a token works for twelve months at "
		    "most");
	else if (given && !it->exists && str_cmp(when, rules_today(b)) < 0)
		rules_say(b, it, RULE_token_over, F_TOKEN_EXPIRES_ON,
		    "give a day to come", "Expires: the day is over");
	rules_sha(b, it, RULE_token_hash, F_TOKEN_DIGEST);
	if (rules_changed(it, F_TOKEN_USER))
		rules_say(b, it, RULE_token_user, F_TOKEN_USER,
		    "revoke it, and make another one", "User: a token stays the "
		    "token of its user");
}

const struct rules_of rules_access[] = {
	{ T_TOKEN, NULL, token_check },
	{ T_USER, NULL, user_check },
	{ 0, NULL, NULL },
};

/* --- the last owner ------------------------------------------------------------ */

static bool
is_owner(const struct record *u)
{
	return (is_active(u) && has_role(u, ROLE_BIT_OWNER));
}

struct owners {
	const struct batch *b;
	size_t left;
};

static int
count_owner(void *ctx, const struct record *u, struct err *e)
{
	struct owners *o = ctx;

	(void)e;
	for (size_t i = 0; i < o->b->n; i++)
		if (o->b->at[i].exists && o->b->at[i].change->type == u->type &&
		    str_eq(o->b->at[i].old.id, u->id))
			return (0); /* counted as it will be */
	o->left += is_owner(u);
	return (0);
}

static int
check_owners(struct batch *b, struct err *e)
{
	struct owners o = { .b = b };
	struct batch_item *last = NULL;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (it->change->type->number != T_USER || it->new.cells == NULL)
			continue;
		o.left += is_owner(&it->new);
		if (it->exists && is_owner(&it->old) && !is_owner(&it->new))
			last = it;
	}
	if (last == NULL || o.left != 0)
		return (0);
	int r = store_each(b->store, b->a, schema_get(T_USER), false, count_owner,
	    &o, e);
	if (r == 0 && o.left == 0)
		rules_say(b, last, RULE_user_last, -1, "make somebody else an owner first",
		    "it is the last owner, and nobody could manage the users");
	return (r);
}

/* --- auditors own and operate nothing of the programme ---------------------------- */

/* Types that no auditor may write: there, nobody of the firm is named. */
static bool
is_ours(const struct schema_type *t)
{
	struct access_who auditor = { .roles = ROLE_AUDITOR };

	if (!schema_is_record(t) || t->number == T_USER)
		return (false);
	for (int act = ACCESS_WRITES; act < ACCESS_ACT_MAX; act++)
		if (access_when(&auditor, t, ACCESS_RECORD,
		    (enum access_act)act) != ACCESS_NEVER)
			return (false);
	return (true);
}

/* Does a record that is in use name the person? *ret: of which type. */
static int
named_in(struct batch *b, struct str person, const struct schema_type **ret,
    const struct schema_field **ret_field, struct err *e)
{
	*ret = NULL;
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		for (size_t k = 0; is_ours(t) && k < t->nfields; k++) {
			BUF_SCOPED sql = BUF_INIT;
			STMT_SCOPED *st = NULL;
			if (t->fields[k].target != T_PERSON)
				continue;
			int r = tables_has(b->store, t, e);
			if (r < 0)
				return (r);
			if (r == 0)
				break; /* nothing is of this type */
			buf_printf(&sql, "SELECT 1 FROM r_%s WHERE retired=0 AND ",
			    t->name);
			dialect_names(&t->fields[k], &sql);
			buf_puts(&sql, " LIMIT 1");
			r = db_prepare(b->store->db, &st, buf_str(&sql), e);
			if (r == 0) {
				stmt_bind_str(st, 1, person);
				r = stmt_step(st, e);
			}
			if (r == 0)
				continue;
			*ret = t;
			*ret_field = &t->fields[k];
			return (r < 0 ? r : 0);
		}
	}
	return (0);
}

static int
check_auditor(struct batch *b, struct batch_item *it, struct err *e)
{
	const struct schema_type *t;
	const struct schema_field *f;

	if (!is_active(&it->new) || !has_role(&it->new, ROLE_BIT_AUDITOR) ||
	    !rules_has(&it->new, F_USER_PERSON))
		return (0);
	int r = named_in(b, record_str(&it->new, F_USER_PERSON), &t, &f, e);
	if (r == 0 && t != NULL)
		rules_say(b, it, RULE_user_auditor, F_USER_PERSON, "name somebody else there first, or "
		    "choose another person", "Person: an auditor owns, operates and "
		    "approves nothing of ours, and this one is the %s of %s %s",
		    f->title, str_article(t->name), t->name);
	return (r);
}

struct auditors {
	struct str *at;
	size_t n, cap;
	struct arena *a;
};

static int
take_auditor(void *ctx, const struct record *u, struct err *e)
{
	struct auditors *x = ctx;

	(void)e;
	if (!is_active(u) || !has_role(u, ROLE_BIT_AUDITOR) ||
	    !rules_has(u, F_USER_PERSON))
		return (0);
	if (x->n == x->cap) {
		size_t cap = x->cap == 0 ? 8 : x->cap * 2;
		struct str *at = arena_array(x->a, cap, sizeof(*at));
		if (x->n != 0)
			memcpy(at, x->at, x->n * sizeof(*at));
		x->at = at;
		x->cap = cap;
	}
	x->at[x->n++] = record_str(u, F_USER_PERSON);
	return (0);
}

/* A person who is an auditor is named where an auditor has no business. */
static void
check_names(struct batch *b, struct batch_item *it, const struct auditors *x)
{
	const struct schema_type *t = it->change->type;

	for (size_t i = 0; i < t->nfields; i++) {
		struct str *ids;
		if (t->fields[i].target != T_PERSON || !it->given[i])
			continue;
		size_t n = kind_items(b->a, &t->fields[i], &it->new.cells[i], &ids);
		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < x->n; j++)
				if (str_eq(ids[k], x->at[j]))
					rules_say(b, it, RULE_auditor_named, (int)i,
					    "name somebody of the "
					    "organisation", "%s: an auditor owns, operates "
					    "and approves nothing of ours",
					    t->fields[i].title);
	}
}

int
rules_access_all(struct batch *b, struct err *e)
{
	struct auditors x = { .a = b->a };
	bool loaded = false;
	int r = check_owners(b, e);

	for (size_t i = 0; r == 0 && i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		const struct schema_type *t = it->change->type;
		if (it->wrong || it->change->retire || it->same)
			continue;
		if (t->number == T_USER) {
			r = check_auditor(b, it, e);
			continue;
		}
		bool names = false;
		for (size_t k = 0; k < t->nfields; k++)
			names |= t->fields[k].target == T_PERSON && it->given[k];
		if (!names || !is_ours(t))
			continue;
		if (!loaded)
			r = store_each(b->store, b->a, schema_get(T_USER), false,
			    take_auditor, &x, e);
		loaded = true;
		if (r == 0 && x.n != 0)
			check_names(b, it, &x);
	}
	return (r);
}
