#include "schema/matrix.h"

static const char *const looks[] = { "never", "sometimes", "always" };

/* Under which conditions a rule of the list grants it; "" if always. */
static const char *
conditions(struct arena *a, const struct schema_type *t,
    const struct access_grant *g, size_t n, unsigned role, int field,
    enum access_act act, const char **ret_rule)
{
	BUF_SCOPED out = BUF_INIT;

	*ret_rule = "";
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED one = BUF_INIT;
		bool some = g[i].fields != 0 && act >= ACCESS_WRITES;
		if ((g[i].roles & role) == 0 || (g[i].acts >> act & 1) == 0 ||
		    (some && field >= 0 && (g[i].fields >> field & 1) == 0))
			continue;
		some = some && field < 0;
		if ((*ret_rule)[0] == '\0')
			*ret_rule = g[i].rule;
		access_condition(t, &g[i], &one);
		if (one.len == 0 && !some) {
			*ret_rule = g[i].rule;
			return ("");
		}
		buf_printf(&out, "%s%s%s", out.len == 0 ? "" : ", or ",
		    one.len == 0 ? "" : "if ", one.len == 0 ? "" : one.ptr);
		for (size_t k = 0, more = 0; some && k < t->nfields; k++)
			if ((g[i].fields >> k & 1) != 0)
				buf_printf(&out, "%s%s", more++ == 0 ? ", only " : " ",
				    t->fields[k].name);
	}
	return (arena_strndup(a, out.ptr != NULL ? out.ptr : "", out.len));
}

const char *
matrix_answer(struct arena *a, const struct schema_type *t, int role, int field,
    enum access_act act, const char **ret, const char **ret_rule)
{
	struct access_who who = { .roles = 1u << role };
	const struct access_grant *g;
	size_t n = access_grants(t, &g);
	enum access_when w = access_when(&who, t, act >= ACCESS_WRITES ? field :
	    ACCESS_RECORD, act);

	*ret = "";
	*ret_rule = "";
	if (w == ACCESS_NEVER)
		return (looks[w]);
	*ret = conditions(a, t, g, n, who.roles, field, act, ret_rule);
	if (field == ACCESS_RECORD || act == ACCESS_CREATE)
		return (looks[(*ret)[0] != '\0' ? ACCESS_SOME : w]);
	enum access_when seen = access_when(&who, t, field, act);
	if (seen == ACCESS_NEVER)
		return (act < ACCESS_WRITES ? "masked" : looks[ACCESS_NEVER]);
	if (seen == ACCESS_ALWAYS)
		return (looks[(*ret)[0] != '\0' ? ACCESS_SOME : w]);
	n = access_shows(t, t->fields[field].cls, &g);
	const char *clear = conditions(a, t, g, n, who.roles, ACCESS_RECORD,
	    ACCESS_READ, ret_rule);
	if (strcmp(clear, *ret) == 0)
		return (looks[ACCESS_SOME]);
	*ret = arena_printf(a, "%s%sin the clear %s", *ret,
	    (*ret)[0] != '\0' ? "; " : "", clear);
	return (looks[ACCESS_SOME]);
}

int
matrix_acts(const struct schema_type *t, int field)
{
	return (!schema_is_record(t) ? ACCESS_WRITES : field == ACCESS_RECORD ?
	    ACCESS_ACT_MAX : ACCESS_CHANGE + 1);
}
