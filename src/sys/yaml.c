#include "sys/yaml.h"

#include <yaml.h>

#include "base/map.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool held; /* event must be deleted */
	struct arena *a;
	const char *name;
	struct err *e;
};

static int fault(struct reader *r, const yaml_mark_t *at, const char *fix,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int
fault(struct reader *r, const yaml_mark_t *at, const char *fix,
    const char *fmt, ...)
{
	char what[400], where[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(where, sizeof(where), "%s:%zu:%zu", r->name, at->line + 1,
	    at->column + 1);
	return (err_set(r->e, ERR_INPUT, where, fix, "YAML is not acceptable, "
	    "%s", what));
}

/* The next event into r->event. */
static int
next(struct reader *r)
{
	if (r->held)
		yaml_event_delete(&r->event);
	r->held = false;
	if (yaml_parser_parse(&r->parser, &r->event)) {
		r->held = true;
		return (0);
	}
	const yaml_parser_t *p = &r->parser;
	if (p->error == YAML_MEMORY_ERROR)
		err_oom(0);
	const char *problem = p->problem != NULL ? p->problem : "syntax error";
	if (p->error == YAML_READER_ERROR) {
		char where[512];
		snprintf(where, sizeof(where), "%s:%zu", r->name, p->mark.line + 1);
		return (err_set(r->e, ERR_INPUT, where, "save it as UTF-8 "
		    "without control characters", "YAML is not acceptable, %s "
		    "(at byte %zu)", problem, p->problem_offset));
	}
	return (fault(r, &p->problem_mark, "correct the YAML there", "%s%s%s",
	    problem, p->context != NULL ? " " : "",
	    p->context != NULL ? p->context : ""));
}

static int
no_extras(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return (fault(r, &r->event.start_mark, "write the value out",
		    "anchors (&%.60s) are not read", (const char *)anchor));
	if (tag != NULL)
		return (fault(r, &r->event.start_mark, "leave the tag out",
		    "tags (%.60s) are not read", (const char *)tag));
	return (0);
}

static bool
one_of(struct str s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_is(s, *words))
			return (true);
	return (false);
}

/* An integer in the one spelling in which it would be printed. */
static bool
plain_int(struct str s, int64_t *ret)
{
	size_t sign = s.len > 0 && s.ptr[0] == '-';

	if (s.len > sign + 1 && s.ptr[sign] == '0')
		return (false);
	return (!str_is(s, "-0") && str_to_i64(s, ret));
}

static struct val *
plain(struct arena *a, struct str s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL",
		NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	int64_t i;

	if (one_of(s, nulls))
		return (val_null(a));
	if (one_of(s, trues) || one_of(s, falses))
		return (val_bool(a, (s.ptr[0] | 32) == 't'));
	if (plain_int(s, &i))
		return (val_int(a, i));
	return (val_str(a, s));
}

static int
scalar(struct reader *r, struct val **ret)
{
	struct str s = { (const char *)r->event.data.scalar.value,
		r->event.data.scalar.length };
	int rc = no_extras(r, r->event.data.scalar.anchor,
	    r->event.data.scalar.tag);

	if (rc != 0)
		return (rc);
	if (!str_utf8_ok(s))
		return (fault(r, &r->event.start_mark, "take it out",
		    "U+0000 within a text is refused"));
	*ret = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
	    ? plain(r->a, s)
	    : val_str(r->a, s);
	return (0);
}

static int value(struct reader *r, int depth, struct val **ret);

static int
sequence(struct reader *r, int depth, struct val *list)
{
	struct val *v;
	int rc;

	for (;;) {
		if ((rc = next(r)) != 0)
			return (rc);
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return (0);
		if ((rc = value(r, depth, &v)) != 0)
			return (rc);
		val_push(r->a, list, v);
	}
}

/* The key at hand into *ret; keys seen before are in ${seen}. */
static int
key(struct reader *r, struct map *seen, struct str *ret)
{
	const yaml_event_t *ev = &r->event;
	int rc;

	if (ev->type != YAML_SCALAR_EVENT)
		return (fault(r, &ev->start_mark, "use a text as key",
		    "a key is not a scalar"));
	rc = no_extras(r, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (rc != 0)
		return (rc);
	struct str s = { (const char *)ev->data.scalar.value,
		ev->data.scalar.length };
	bool is_plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (is_plain && str_is(s, "<<"))
		return (fault(r, &ev->start_mark, "write the members out",
		    "merge keys (<<) are not read"));
	if (!str_utf8_ok(s))
		return (fault(r, &ev->start_mark, "take it out",
		    "U+0000 within a text is refused"));
	s = arena_str(r->a, s);
	if (map_put(seen, s, r) != NULL)
		return (fault(r, &ev->start_mark, "leave one of them out",
		    "the key \"" STR_FMT "\" is given twice", STR_ARG(s)));
	*ret = s;
	return (0);
}

static void
append(struct reader *r, struct val *map, struct str k, struct val *v)
{
	struct arena *a = r->a;

	/* val_putstr() would look for the key, which is known to be new. */
	if (map->u.map.n == map->u.map.cap) {
		size_t n = map->u.map.n, cap = n < 4 ? 4 : n * 2;
		struct str *keys = arena_array(a, cap, sizeof(*keys));
		struct val **at = arena_array(a, cap, sizeof(*at));
		if (n != 0) {
			memcpy(keys, map->u.map.key, n * sizeof(*keys));
			memcpy(at, map->u.map.at, n * sizeof(*at));
		}
		map->u.map.key = keys;
		map->u.map.at = at;
		map->u.map.cap = cap;
	}
	map->u.map.key[map->u.map.n] = k;
	map->u.map.at[map->u.map.n++] = v;
}

static int
mapping(struct reader *r, int depth, struct val *map)
{
	struct map seen;
	struct str k = STR_NULL;
	struct val *v = NULL;
	int rc;

	map_init(&seen, r->a);
	for (;;) {
		if ((rc = next(r)) != 0)
			return (rc);
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return (0);
		if ((rc = key(r, &seen, &k)) != 0 || (rc = next(r)) != 0 ||
		    (rc = value(r, depth, &v)) != 0)
			return (rc);
		append(r, map, k, v);
	}
}

/* The value whose first event is at hand. */
static int
value(struct reader *r, int depth, struct val **ret)
{
	const yaml_event_t *ev = &r->event;
	int line = (int)(ev->start_mark.line + 1), rc;
	struct val *v = NULL;

	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		rc = scalar(r, &v);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (depth == 0)
			return (fault(r, &ev->start_mark, "make it flatter",
			    "it is nested too deeply"));
		if (ev->type == YAML_SEQUENCE_START_EVENT) {
			rc = no_extras(r, ev->data.sequence_start.anchor,
			    ev->data.sequence_start.tag);
			v = val_list(r->a);
			rc = rc != 0 ? rc : sequence(r, depth - 1, v);
		} else {
			rc = no_extras(r, ev->data.mapping_start.anchor,
			    ev->data.mapping_start.tag);
			v = val_map(r->a);
			rc = rc != 0 ? rc : mapping(r, depth - 1, v);
		}
		break;
	case YAML_ALIAS_EVENT:
		return (fault(r, &ev->start_mark, "write the value out",
		    "aliases (*%.60s) are not read",
		    (const char *)ev->data.alias.anchor));
	default:
		return (fault(r, &ev->start_mark, "correct the YAML there",
		    "a value was expected"));
	}
	if (rc == 0) {
		v->line = line;
		*ret = v;
	}
	return (rc);
}

static int
documents(struct reader *r, int depth, struct val *list)
{
	struct val *v;
	int rc;

	while ((rc = next(r)) == 0 && r->event.type != YAML_STREAM_END_EVENT) {
		if (r->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		if (r->event.data.document_start.version_directive != NULL ||
		    r->event.data.document_start.tag_directives.start !=
			r->event.data.document_start.tag_directives.end)
			return (fault(r, &r->event.start_mark, "leave it out",
			    "directives (%%) are not read"));
		if ((rc = next(r)) != 0 || (rc = value(r, depth, &v)) != 0)
			return (rc);
		val_push(r->a, list, v);
	}
	return (rc);
}

int
sys_yaml_parse(struct arena *a, const char *name, struct str text, int depth,
    struct val **ret, struct err *e)
{
	struct reader r = { .a = a, .name = name, .e = e };
	struct val *list = val_list(a);

	if (!yaml_parser_initialize(&r.parser))
		err_oom(sizeof(r.parser));
	if (str_starts(text, "\xef\xbb\xbf"))
		text = (struct str){ text.ptr + 3, text.len - 3 };
	yaml_parser_set_input_string(&r.parser,
	    (const unsigned char *)(text.len != 0 ? text.ptr : ""), text.len);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	int rc = documents(&r, depth, list);
	if (r.held)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	if (rc == 0)
		*ret = list;
	return (rc);
}
