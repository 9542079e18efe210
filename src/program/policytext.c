#include "program/policytext.h"

#include <ctype.h>

#include "base/content.h"
#include "base/map.h"
#include "base/vec.h"
#include "schema/kind.h"
#include "text/template.h"

static struct str
file_of(struct str name)
{
	char path[120];

	snprintf(path, sizeof(path), "content/policies/" STR_FMT ".md",
	    STR_ARG(name));
	return (content_find(path));
}

bool
policytext_exists(struct str code)
{
	return (file_of(code).ptr != NULL);
}

static struct str
part(void *ctx, const char *name)
{
	(void)ctx;
	return (file_of(str_from(name)));
}

/* The length of "[AC-03]" at ${s}, or 0. */
static size_t
marker(struct str s)
{
	if (s.len < 7 || s.ptr[0] != '[' || s.ptr[3] != '-' || s.ptr[6] != ']')
		return (0);
	return (isupper((unsigned char)s.ptr[1]) &&
	    isupper((unsigned char)s.ptr[2]) && isdigit((unsigned char)s.ptr[4]) &&
	    isdigit((unsigned char)s.ptr[5]) ? 7 : 0);
}

size_t
policytext_markers(struct arena *a, struct str text, struct str **ret)
{
	struct map seen;
	size_t n = 0;

	map_init(&seen, a);
	for (size_t i = 0; i < text.len; i++) {
		struct str rest = { text.ptr + i, text.len - i };
		struct str code = { text.ptr + i + 1, 5 };
		if (marker(rest) != 0 && map_get(&seen, code) == NULL)
			map_put(&seen, code, a);
	}
	*ret = arena_array(a, seen.n + 1, sizeof(**ret));
	for (; n < seen.n; n++)
		(*ret)[n] = seen.items[n].key;
	return (n);
}

/* Without the codes of controls that are not in use, and the space before. */
static struct str
without(struct arena *a, struct str text, const struct map *used)
{
	BUF_SCOPED out = BUF_INIT;

	for (size_t i = 0; i < text.len;) {
		struct str rest = { text.ptr + i, text.len - i };
		size_t n = marker(rest);
		if (n != 0 && map_get(used, (struct str){ rest.ptr + 1, 5 }) == NULL) {
			if (out.len != 0 && out.ptr[out.len - 1] == ' ')
				out.len--;
			i += n;
			continue;
		}
		buf_putc(&out, text.ptr[i++]);
	}
	return (arena_str(a, buf_str(&out)));
}

static void
push_named(struct arena *a, struct val *list, struct str code, struct str name)
{
	struct val *m = val_map(a);

	facts_model_text(a, m, "code", code);
	facts_model_text(a, m, "name", name);
	val_push(a, list, m);
}

static bool
in_use(const struct record *control)
{
	return (!control->retired &&
	    !str_is(record_str(control, F_CONTROL_STATE), "retired") &&
	    control->cells[F_CONTROL_NOT_APPLICABLE].state != CELL_VALUE);
}

struct controls {
	struct map by_code; /* of those in use that belong to the policy */
	VEC(struct str) named; /* ids of those that the template names */
};

static int
find_controls(struct arena *a, struct record_store *s, struct str source,
    const struct record *policy, struct controls *c, struct err *e)
{
	const struct schema_type *map_type = schema_get(T_CONTROL_MAPPING);
	struct record_filter by = { .field = F_CONTROL_MAPPING_POLICY,
		.op = RECORD_EQ, .value = CELL_STR(policy->id) };
	struct record_query q = { .filters = &by, .nfilters = 1, .sort = -1 };
	struct record_list all, maps;
	struct str *codes;
	size_t n = policytext_markers(a, source, &codes);
	struct map want, ended;

	int r = record_list(s, a, schema_get(T_CONTROL), NULL, &all, e);
	if (r == 0)
		r = record_list(s, a, map_type, &q, &maps, e);
	if (r != 0)
		return (r);
	map_init(&want, a);
	map_init(&ended, a);
	map_init(&c->by_code, a);
	for (size_t i = 0; i < n; i++)
		map_put(&want, codes[i], a);
	for (size_t i = 0; i < maps.n; i++) {
		bool over = str_is(record_str(&maps.at[i], F_CONTROL_MAPPING_STATE),
		    "ended");
		map_put(over ? &ended : &want, record_str(&maps.at[i],
		    F_CONTROL_MAPPING_CONTROL), a);
	}
	for (size_t i = 0; i < all.n; i++) {
		struct record *k = &all.at[i];
		struct str code = record_str(k, F_CONTROL_CODE);
		bool named = map_get(&want, code) != NULL;
		if (!in_use(k) || map_get(&ended, k->id) != NULL ||
		    (!named && map_get(&want, k->id) == NULL))
			continue;
		map_put(&c->by_code, code, k);
		if (named)
			vec_push(&c->named, k->id);
	}
	return (0);
}

static int
add_criteria(struct arena *a, struct record_store *s,
    const struct record *policy, struct val *list, struct err *e)
{
	const struct schema_type *t = schema_get(T_CRITERION);
	struct str refs = record_text(s, a, policy, F_POLICY_CRITERIA), one;
	int r = 0;

	while (r == 0 && refs.len != 0 && str_split(&refs, ';', &one)) {
		struct record *c;
		if ((r = record_find(s, a, t, str_trim(one), &c, e)) == 0)
			push_named(a, list, record_str(c, F_CRITERION_CODE),
			    record_str(c, F_CRITERION_TITLE));
	}
	return (r);
}

static struct str
owner_of(struct arena *a, const struct facts *f, const struct record *policy)
{
	struct str role = record_str(policy, F_POLICY_OWNER_ROLE);

	return (facts_role(a, f, role.len != 0 ? role : STR("compliance")));
}

int
policytext_render(struct arena *a, struct record_store *s, struct str org,
    const struct record *policy, const struct facts *facts,
    struct policytext *ret, struct err *e)
{
	struct str code = record_str(policy, F_POLICY_CODE);
	struct template_source src = { .text = file_of(code),
		.mode = TEMPLATE_TEXT, .part = part };
	struct val *m = val_map(a), *controls = val_list(a), *criteria = val_list(a);
	struct controls c = { 0 };
	struct template *t;
	BUF_SCOPED out = BUF_INIT;

	src.name = arena_printf(a, "content/policies/" STR_FMT ".md", STR_ARG(code));
	if (src.text.ptr == NULL)
		return (err_set(e, ERR_NOTFOUND, src.name, "write the text yourself: "
		    "--file FILE", "there is no template for policy " STR_FMT,
		    STR_ARG(code)));
	int r = find_controls(a, s, src.text, policy, &c, e);
	for (size_t i = 0; r == 0 && i < c.by_code.n; i++) {
		const struct record *k = c.by_code.items[i].value;
		push_named(a, controls, record_str(k, F_CONTROL_CODE),
		    record_str(k, F_CONTROL_TITLE));
	}
	ret->ncontrols = c.named.n;
	ret->controls = arena_array(a, c.named.n + 1, sizeof(*ret->controls));
	if (c.named.n != 0)
		memcpy(ret->controls, c.named.at, c.named.n * sizeof(*c.named.at));
	vec_free(&c.named);
	if (r == 0)
		r = add_criteria(a, s, policy, criteria, e);
	if (r != 0)
		return (r);
	facts_model(a, facts, m);
	facts_model_text(a, m, "organisation", org);
	facts_model_text(a, m, "title", record_str(policy, F_POLICY_TITLE));
	facts_model_text(a, m, "policy_owner", owner_of(a, facts, policy));
	val_put(a, m, "controls", controls);
	val_put(a, m, "criteria", criteria);
	val_put(a, m, "has_controls", val_bool(a, val_count(controls) != 0));
	val_put(a, m, "has_criteria", val_bool(a, val_count(criteria) != 0));
	r = template_load(a, &src, &t, e);
	if (r == 0)
		r = template_render(t, m, &out, e);
	if (r == 0)
		ret->text = without(a, str_trim(buf_str(&out)), &c.by_code);
	return (r);
}
