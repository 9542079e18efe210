/*
 * Templates: what loads against the sample renders with it; in HTML, a value
 * of marks leaves the text's own marks as they are, whatever the template.
 */
#include "text/json.h"
#include "text/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str
part(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "p") == 0)
		return (STR("<b>{{x}}</b>\n"));
	return (STR_NULL);
}

static size_t
count(struct str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return (n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char sample[] = "{\"x\":\"%s\",\"y\":null,\"m\":{\"x\":1},"
	    "\"l\":[{\"a\":\"%s\"},{\"a\":2}]}";
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED plain = BUF_INIT;
	BUF_SCOPED nasty = BUF_INIT;
	struct val *v, *w;
	struct template *t;
	struct err e;

	if (size == 0)
		return (0);
	if (json_parse(&a, "s", str_from(arena_printf(&a, sample, "z", "z")), &v,
		&e) != 0 ||
	    json_parse(&a, "s", str_from(arena_printf(&a, sample,
		"\\\"<'>&javascript:", "javascript:<'>")), &w, &e) != 0)
		BUG("%s", e.what);
	struct template_source src = { "t",
		{ (const char *)data + 1, size - 1 },
		(enum template_mode)(data[0] % 3), part, NULL, v };
	if (template_load(&a, &src, &t, &e) != 0)
		return (0);
	if (template_render(t, v, &plain, &e) != 0 ||
	    template_render(t, w, &nasty, &e) != 0)
		BUG("%s: %s", e.where, e.what);
	if (src.mode == TEMPLATE_HTML &&
	    (count(buf_str(&plain), '<') != count(buf_str(&nasty), '<') ||
		count(buf_str(&plain), '"') != count(buf_str(&nasty), '"')))
		BUG("%s", nasty.ptr);
	return (0);
}
