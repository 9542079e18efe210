#include "schema/access.h"

#include "schema/access_table.h"
#include "schema/kind.h"

static const char *const act_words[] = {
#define X(name, word) [ACCESS_##name] = word,
	ACCESS_ACTS(X)
#undef X
};
static const char *const fact_words[] = {
#define X(name, word) [ACCESS_FACT_BIT_##name] = word,
	ACCESS_FACTS(X)
#undef X
};
static const char *const role_words[] = {
#define X(name, word) [ROLE_BIT_##name] = word,
	SCHEMA_ROLES(X)
#undef X
};

const char *
access_act_word(enum access_act act)
{
	return (act_words[act]);
}

const char *
access_fact_word(enum access_fact_bit fact)
{
	return (fact_words[fact]);
}

const char *
access_verdict_word(enum access_verdict v)
{
	static const char *const words[] = { "deny", "mask", "allow" };

	return (words[v]);
}

const char *
schema_role_word(enum schema_role_bit role)
{
	return (role_words[role]);
}

void
access_roles(unsigned roles, struct buf *out)
{
	size_t from = out->len;

	for (int i = 0; i < ROLE_BIT_MAX; i++)
		if ((roles & 1u << i) != 0)
			buf_printf(out, "%s%s", out->len == from ? "" : ", ",
			    role_words[i]);
	if (out->len == from)
		buf_puts(out, "nobody in particular");
}

static const struct access_type *
table_of(const struct schema_type *t)
{
	size_t i = (size_t)(t - schema_types);

	/* A declaration that is not of the program has no rules. */
	return (t >= schema_types && i < schema_ntypes && i < access_ntypes ?
	    &access_types[i] : NULL);
}

int
access_group(const struct schema_type *t)
{
	const struct access_type *x = table_of(t);

	return (x != NULL ? x->group : -1);
}

size_t
access_groups(void)
{
	return (access_ngroups);
}

const char *
access_group_name(size_t i)
{
	return (access_group_list[i].name);
}

const char *
access_group_note(size_t i)
{
	return (access_group_list[i].note);
}

int
access_group_find(struct str name)
{
	for (size_t i = 0; i < access_ngroups; i++)
		if (str_is(name, access_group_list[i].name))
			return ((int)i);
	return (-1);
}

size_t
access_grants(const struct schema_type *t, const struct access_grant **ret)
{
	const struct access_type *x = table_of(t);

	*ret = x != NULL ? x->allow.at : NULL;
	return (x != NULL ? x->allow.n : 0);
}

size_t
access_shows(const struct schema_type *t, enum schema_class c,
    const struct access_grant **ret)
{
	const struct access_type *x = table_of(t);

	*ret = x != NULL ? x->show[c].at : NULL;
	return (x != NULL ? x->show[c].n : 0);
}

uint64_t
access_class(const struct schema_type *t, enum schema_class c)
{
	const struct access_type *x = table_of(t);

	return (x != NULL ? x->fields[c] : 0);
}

uint64_t
access_guarded(const struct schema_type *t)
{
	return (access_class(t, CLASS_PERSONAL) |
	    access_class(t, CLASS_RESTRICTED));
}

/* --- the decision ------------------------------------------------------------ */

static const char no_rule[] = "no rule of content/access grants it";
static const char no_group[] = "no group of content/access names the type";
static const char not_shown[] = "no rule of content/access shows its class";
static const char not_listed[] = "no rule of content/access lets it be written";
static const char by_scope[] = "the scopes of the token do not reach it";
static const char by_pair[] = "the roles exclude each other";

static bool
holds(const struct access_grant *g, unsigned roles, enum access_act act,
    const struct access_facts *f)
{
	return ((g->roles & roles) != 0 && (g->acts >> act & 1) != 0 &&
	    (g->need & ~f->is) == 0 && (g->states == 0 ||
	    (f->state > 0 && (g->states >> (f->state - 1) & 1) != 0)));
}

/* Why it cannot be, whatever the rules say; NULL if nothing hinders. */
static const char *
hindered(const struct access_who *who, const struct access_type *x,
    enum access_act act)
{
	for (const struct access_pair *p = access_pairs; p->why != NULL; p++)
		if ((who->roles & p->a) != 0 && (who->roles & p->b) != 0)
			return (by_pair);
	if (x == NULL || x->group < 0)
		return (no_group);
	if ((who->scope.acts != 0 && (who->scope.acts >> act & 1) == 0) ||
	    (who->scope.groups != 0 && (who->scope.groups >> x->group & 1) == 0))
		return (by_scope);
	return (NULL);
}

/* The rule that grants the act, and which fields may be written under it. */
static const char *
granted(const struct access_who *who, const struct access_type *x,
    const struct access_facts *f, enum access_act act, uint64_t *ret_fields)
{
	const char *rule = NULL;
	uint64_t fields = 0;

	for (size_t i = 0; i < x->allow.n; i++) {
		const struct access_grant *g = &x->allow.at[i];
		if (!holds(g, who->roles, act, f))
			continue;
		if (rule == NULL)
			rule = g->rule;
		fields |= g->fields != 0 ? g->fields : UINT64_MAX;
		if (fields == UINT64_MAX)
			break;
	}
	*ret_fields = fields;
	return (rule);
}

static const char *
shown(const struct access_who *who, const struct access_type *x, int cls,
    const struct access_facts *f)
{
	/* What is seen of a class does not hang on the way it is looked at. */
	for (size_t i = 0; i < x->show[cls].n; i++)
		if (holds(&x->show[cls].at[i], who->roles, ACCESS_READ, f))
			return (x->show[cls].at[i].rule);
	return (NULL);
}

/* Who makes a record knows what is in it: its classes do not matter then. */
static bool
by_class(enum access_act act)
{
	return (act != ACCESS_CREATE);
}

struct access_decision
access_decide(const struct access_who *who, const struct schema_type *t,
    int field, const struct access_facts *facts, enum access_act act)
{
	const struct access_type *x = table_of(t);
	const char *no = hindered(who, x, act);
	uint64_t fields;

	if (no != NULL)
		return ((struct access_decision){ ACCESS_DENY, no });
	const char *rule = granted(who, x, facts, act, &fields);
	if (rule == NULL)
		return ((struct access_decision){ ACCESS_DENY, no_rule });
	if (field == ACCESS_RECORD)
		return ((struct access_decision){ ACCESS_ALLOW, rule });
	bool write = act >= ACCESS_WRITES;
	if (write && (fields >> field & 1) == 0)
		return ((struct access_decision){ ACCESS_DENY, not_listed });
	if (!by_class(act))
		return ((struct access_decision){ ACCESS_ALLOW, rule });
	rule = shown(who, x, t->fields[field].cls, facts);
	if (rule != NULL)
		return ((struct access_decision){ ACCESS_ALLOW, rule });
	return ((struct access_decision){ write ? ACCESS_DENY : ACCESS_MASK,
	    not_shown });
}

bool
access_row(const struct access_who *who, const struct schema_type *t,
    const struct access_facts *facts, enum access_act act,
    uint64_t *ret_masked)
{
	const struct access_type *x = table_of(t);
	uint64_t fields, masked = 0;

	*ret_masked = UINT64_MAX;
	if (hindered(who, x, act) != NULL ||
	    granted(who, x, facts, act, &fields) == NULL)
		return (false);
	if (act >= ACCESS_WRITES)
		masked = ~fields;
	for (int c = 0; by_class(act) && c < CLASS_MAX; c++)
		if (x->fields[c] != 0 && shown(who, x, c, facts) == NULL)
			masked |= x->fields[c];
	*ret_masked = masked;
	return (true);
}

/* Over all facts that there may be. ${field}: one that is to be written, or
 * ACCESS_RECORD. */
static enum access_when
ever(const struct access_list *l, const struct access_who *who,
    enum access_act act, int field)
{
	enum access_when ret = ACCESS_NEVER;

	for (size_t i = 0; i < l->n; i++) {
		const struct access_grant *g = &l->at[i];
		if ((g->roles & who->roles) == 0 || (g->acts >> act & 1) == 0 ||
		    (field >= 0 && g->fields != 0 && (g->fields >> field & 1) == 0))
			continue;
		if (g->need == 0 && g->states == 0)
			return (ACCESS_ALWAYS);
		ret = ACCESS_SOME;
	}
	return (ret);
}

enum access_when
access_when(const struct access_who *who, const struct schema_type *t,
    int field, enum access_act act)
{
	const struct access_type *x = table_of(t);

	if (hindered(who, x, act) != NULL)
		return (ACCESS_NEVER);
	enum access_when w = ever(&x->allow, who, act, act >= ACCESS_WRITES ?
	    field : ACCESS_RECORD);
	if (field == ACCESS_RECORD || w == ACCESS_NEVER || !by_class(act))
		return (w);
	enum access_when seen = ever(&x->show[t->fields[field].cls], who,
	    ACCESS_READ, ACCESS_RECORD);
	return (act >= ACCESS_WRITES && w < seen ? w : seen);
}

enum access_when
access_sees(const struct access_who *who, const struct schema_type *t,
    int field, const struct access_facts *facts)
{
	const struct access_type *x = table_of(t);
	int cls = t->fields[field].cls;

	if (hindered(who, x, ACCESS_READ) != NULL)
		return (ACCESS_NEVER);
	if (facts == NULL)
		return (ever(&x->show[cls], who, ACCESS_READ, ACCESS_RECORD));
	return (shown(who, x, cls, facts) != NULL ? ACCESS_ALWAYS :
	    ACCESS_NEVER);
}

/* --- facts --------------------------------------------------------------------- */

int
access_state(const struct schema_type *t, struct str s)
{
	for (size_t i = 0; i < t->nstates; i++)
		if (str_is(s, t->states[i]))
			return ((int)i + 1);
	return (0);
}

/* A list of ids is JSON; an id has no character that means anything there. */
static bool
lists(struct str list, struct str id)
{
	for (size_t i = 0; i + id.len + 2 <= list.len; i++)
		if (list.ptr[i] == '"' && list.ptr[i + id.len + 1] == '"' &&
		    memcmp(list.ptr + i + 1, id.ptr, id.len) == 0)
			return (true);
	return (false);
}

bool
access_named(const struct schema_type *t, const struct cell *cells,
    struct str self, unsigned target, struct str id)
{
	if (id.len == 0)
		return (false);
	if (t->number == target && str_eq(self, id))
		return (true);
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].target == target &&
		    cells[i].state == CELL_VALUE &&
		    (kind_is_many(&t->fields[i]) ? lists(cells[i].s, id) :
		    str_eq(cells[i].s, id)))
			return (true);
	return (false);
}

/* --- in words -------------------------------------------------------------------- */

int
access_apart(unsigned roles, struct err *e)
{
	if (roles == 0)
		return (err_set(e, ERR_INPUT, "roles", "give one: owner, "
		    "compliance, engineer, employee, privacy, read_only, auditor, "
		    "partner or customer", "who has no role may do nothing"));
	for (const struct access_pair *p = access_pairs; p->why != NULL; p++) {
		if ((roles & p->a) == 0 || (roles & p->b) == 0)
			continue;
		BUF_SCOPED b = BUF_INIT;
		access_roles(roles & (p->a | p->b), &b);
		return (err_set(e, ERR_INPUT, "roles", p->why,
		    "nobody is these together: " STR_FMT, STR_ARG(buf_str(&b))));
	}
	return (0);
}

static const char *const act_phrases[] = {
	[ACCESS_LIST] = "list", [ACCESS_READ] = "read",
	[ACCESS_HISTORY] = "read the history of", [ACCESS_EXPORT] = "export",
	[ACCESS_SQL] = "query", [ACCESS_CREATE] = "create",
	[ACCESS_CHANGE] = "change", [ACCESS_STEP] = "take to another state",
	[ACCESS_RETIRE] = "retire",
};
static const char *const fact_phrases[] = {
	[ACCESS_FACT_BIT_ASSIGNED] = "it names them",
	[ACCESS_FACT_BIT_ENGAGED] = "it lies in an open engagement of theirs",
	[ACCESS_FACT_BIT_RELEASED] = "it was released to them",
	[ACCESS_FACT_BIT_UNINVOLVED] = "it is not about them",
};

void
access_condition(const struct schema_type *t, const struct access_grant *g,
    struct buf *out)
{
	size_t from = out->len;

	for (int i = 0; i < ACCESS_FACT_MAX; i++)
		if ((g->need >> i & 1) != 0)
			buf_printf(out, "%s%s", out->len == from ? "" : " and ",
			    fact_phrases[i]);
	if (g->states == 0)
		return;
	buf_printf(out, "%sit is ", out->len == from ? "" : " and ");
	bool more = false;
	for (size_t i = 0; i < t->nstates; i++) {
		if ((g->states >> i & 1) == 0)
			continue;
		buf_printf(out, "%s%s", more ? " or " : "", t->states[i]);
		more = true;
	}
}

int
access_explain(const struct access_who *who, const struct schema_type *t,
    int field, enum access_act act, struct err *e)
{
	const struct access_type *x = table_of(t);
	const char *no = hindered(who, x, act);
	BUF_SCOPED roles = BUF_INIT;
	BUF_SCOPED when = BUF_INIT;

	access_roles(who->roles, &roles);
	const struct access_list *l = x == NULL ? NULL : field == ACCESS_RECORD ||
	    ever(&x->allow, who, act, ACCESS_RECORD) == ACCESS_NEVER ?
	    &x->allow :
	    &x->show[t->fields[field].cls];
	for (size_t i = 0; no == NULL && i < l->n; i++) {
		const struct access_grant *g = &l->at[i];
		enum access_act asked = l == &x->allow ? act : ACCESS_READ;
		if ((g->roles & who->roles) == 0 || (g->acts >> asked & 1) == 0)
			continue;
		BUF_SCOPED one = BUF_INIT;
		access_condition(t, g, &one);
		/* Twice the same if two rules differ in their fields only. */
		if (one.len != 0 && str_find(buf_str(&when), one.ptr) < 0)
			buf_printf(&when, "%s%s", when.len == 0 ? "only if " : ", or "
			    "if ", one.ptr);
	}
	if (no != NULL)
		buf_puts(&when, no);
	else if (when.len == 0)
		buf_puts(&when, field == ACCESS_RECORD ? no_rule : not_shown);
	return (err_set(e, ERR_DENIED, t->name, "ask somebody who may: tickmark "
	    "who-can says who", "as " STR_FMT " one may not %s %s %s%s%s: "
	    STR_FMT, STR_ARG(buf_str(&roles)), act_phrases[act],
	    field == ACCESS_RECORD ? str_article(t->name) : "the field",
	    field == ACCESS_RECORD ? t->name : t->fields[field].title,
	    field == ACCESS_RECORD ? "" : " of ",
	    field == ACCESS_RECORD ? "" : t->name, STR_ARG(buf_str(&when))));
}
