#include "text/setting.h"

#include <stdio.h>

#include "base/map.h"

int
setting_bad(const struct setting *s, struct err *e, const char *fix,
    const char *what)
{
	char where[512];

	snprintf(where, sizeof(where), "%.480s:%d", s->path, s->line);
	return (err_set(e, ERR_INPUT, where, fix, "%s: " STR_FMT, what,
	    STR_ARG(s->key)));
}

static int
read_line(struct arena *a, struct str line, struct setting *s, struct err *e)
{
	const char *eq = memchr(line.ptr, '=', line.len);

	s->key = arena_str(a, str_trim((struct str){ line.ptr, eq != NULL ?
	    (size_t)(eq - line.ptr) : line.len }));
	if (eq == NULL || s->key.len == 0)
		return (setting_bad(s, e, "write key = value", "not a setting"));
	s->value = arena_str(a, str_trim((struct str){ eq + 1, line.len -
	    (size_t)(eq - line.ptr) - 1 }));
	if (s->value.len == 0)
		return (setting_bad(s, e, "write a value, or remove the line",
		    "no value"));
	return (0);
}

int
setting_each(struct arena *a, const char *path, struct str text,
    setting_fn *fn, void *ctx, struct err *e)
{
	struct setting s = { .path = path };
	struct map seen;
	struct str line;

	if (text.len > 0 && !str_utf8_ok(text))
		return (err_set(e, ERR_INPUT, path, "write it in UTF-8",
		    "the settings are not text"));
	map_init(&seen, a);
	while (text.len > 0 && str_split(&text, '\n', &line)) {
		s.line++;
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		int r = read_line(a, line, &s, e);
		if (r != 0)
			return (r);
		if (seen.n == SETTING_MAX)
			return (setting_bad(&s, e, "remove some",
			    "too many settings"));
		if (map_put(&seen, s.key, &seen) != NULL)
			return (setting_bad(&s, e, "keep one of the two",
			    "set twice"));
		if ((r = fn(ctx, &s, e)) != 0)
			return (r);
	}
	return (0);
}
