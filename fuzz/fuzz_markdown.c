/* Markdown: the HTML has only our own elements, none of them is left open, and
 * no link has a scheme that runs code. */
#include "text/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tags[] = { "h1", "h2", "h3", "h4", "h5", "h6", "p",
	"ul", "ol", "li", "blockquote", "pre", "code", "hr", "br", "table",
	"thead", "tbody", "tr", "th", "td", "em", "strong", "del", "a" };

static void
check_tag(struct str s, char open[256][12], size_t *depth)
{
	bool end = s.len > 0 && s.ptr[0] == '/';
	size_t from = end, to = from;
	char name[12] = "";

	while (to < s.len && s.ptr[to] != ' ' && s.ptr[to] != '>')
		to++;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (str_is((struct str){ s.ptr + from, to - from }, tags[i]))
			memcpy(name, tags[i], strlen(tags[i]) + 1);
	if (name[0] == '\0')
		BUG("element <" STR_FMT, STR_ARG(s));
	if (strcmp(name, "hr") == 0 || strcmp(name, "br") == 0)
		return;
	if (!end && *depth < 256)
		memcpy(open[(*depth)++], name, sizeof(name));
	else if (!end || *depth == 0 || strcmp(open[--*depth], name) != 0)
		BUG("element <" STR_FMT " is not balanced", STR_ARG(s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v;
	struct err e;
	char open[256][12];
	size_t depth = 0;

	if (markdown_html(&a, "t", (struct str){ (const char *)data, size }, &v,
		&e) != 0)
		return (0);
	struct str s = v->u.s;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '<')
			check_tag((struct str){ s.ptr + i + 1, s.len - i - 1 },
			    open, &depth);
	if (depth != 0)
		BUG("%zu elements are left open", depth);
	if (str_find(s, "=\"javascript:") >= 0 || str_find(s, "=\"data:") >= 0)
		BUG("a link runs code: " STR_FMT, STR_ARG(s));
	return (0);
}
