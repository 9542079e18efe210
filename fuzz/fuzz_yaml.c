/* YAML: what is accepted is written so that it reads back as the same. JSON
 * that is accepted as JSON is written as YAML too. */
#include "text/json.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct arena *a, const struct val *v)
{
	BUF_SCOPED yaml = BUF_INIT;
	BUF_SCOPED was = BUF_INIT;
	BUF_SCOPED is = BUF_INIT;
	struct val *again;
	struct err e;

	if (json_canonical(&was, v, &e) != 0)
		return;
	yaml_put_val(&yaml, v);
	if (yaml_parse(a, "again", buf_str(&yaml), &again, &e) != 0)
		BUG("%s %s: %s", e.where, e.what, yaml.ptr);
	if (json_canonical(&is, again, &e) != 0 ||
	    !str_eq(buf_str(&was), buf_str(&is)))
		BUG("%s is not %s", is.ptr, was.ptr);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str text = { (const char *)data, size };
	struct val *v;
	struct err e;

	if (yaml_parse(&a, "t", text, &v, &e) == 0)
		round_trip(&a, v);
	if (yaml_parse_all(&a, "t", text, &v, &e) == 0)
		for (size_t i = 0; i < v->u.list.n; i++)
			round_trip(&a, v->u.list.at[i]);
	if (json_parse(&a, "t", text, &v, &e) == 0)
		round_trip(&a, v);
	return (0);
}
