#include "base/val.h"

#include "base/err.h"

static struct val *
make(struct arena *a, enum val_type type)
{
	struct val *v = arena_new(a, struct val);

	v->type = type;
	return (v);
}

struct val *
val_null(struct arena *a)
{
	return (make(a, VAL_NULL));
}

struct val *
val_bool(struct arena *a, bool b)
{
	struct val *v = make(a, VAL_BOOL);

	v->u.b = b;
	return (v);
}

struct val *
val_int(struct arena *a, int64_t i)
{
	struct val *v = make(a, VAL_INT);

	v->u.i = i;
	return (v);
}

struct val *
val_real(struct arena *a, double d)
{
	struct val *v = make(a, VAL_REAL);

	v->u.d = d;
	return (v);
}

struct val *
val_str(struct arena *a, struct str s)
{
	struct val *v = make(a, VAL_STR);

	v->u.s = arena_str(a, s);
	return (v);
}

struct val *
val_text(struct arena *a, const char *s)
{
	return (val_str(a, str_from(s)));
}

struct val *
val_fmt(struct arena *a, const char *fmt, ...)
{
	struct val *v = make(a, VAL_STR);
	va_list ap;

	va_start(ap, fmt);
	v->u.s = str_from(arena_vprintf(a, fmt, ap));
	va_end(ap);
	return (v);
}

struct val *
val_list(struct arena *a)
{
	return (make(a, VAL_LIST));
}

struct val *
val_map(struct arena *a)
{
	return (make(a, VAL_MAP));
}

static size_t
next_cap(size_t cap)
{
	return (cap == 0 ? 4 : cap * 2);
}

void
val_push(struct arena *a, struct val *list, struct val *v)
{
	if (list->type != VAL_LIST)
		BUG("val_push on type %d", list->type);
	if (list->u.list.n == list->u.list.cap) {
		size_t cap = next_cap(list->u.list.cap);
		struct val **at = arena_array(a, cap, sizeof(struct val *));
		if (list->u.list.n != 0)
			memcpy(at, list->u.list.at,
			    list->u.list.n * sizeof(struct val *));
		list->u.list.at = at;
		list->u.list.cap = cap;
	}
	list->u.list.at[list->u.list.n++] = v;
}

static ptrdiff_t
find(const struct val *map, struct str key)
{
	for (size_t i = 0; i < map->u.map.n; i++)
		if (str_eq(map->u.map.key[i], key))
			return ((ptrdiff_t)i);
	return (-1);
}

void
val_putstr(struct arena *a, struct val *map, struct str key, struct val *v)
{
	if (map->type != VAL_MAP)
		BUG("val_put on type %d", map->type);
	ptrdiff_t i = find(map, key);
	if (i >= 0) {
		map->u.map.at[i] = v;
		return;
	}
	if (map->u.map.n == map->u.map.cap) {
		size_t cap = next_cap(map->u.map.cap), n = map->u.map.n;
		struct str *k = arena_array(a, cap, sizeof(struct str));
		struct val **at = arena_array(a, cap, sizeof(struct val *));
		if (n != 0) {
			memcpy(k, map->u.map.key, n * sizeof(struct str));
			memcpy(at, map->u.map.at, n * sizeof(struct val *));
		}
		map->u.map.key = k;
		map->u.map.at = at;
		map->u.map.cap = cap;
	}
	map->u.map.key[map->u.map.n] = arena_str(a, key);
	map->u.map.at[map->u.map.n++] = v;
}

void
val_put(struct arena *a, struct val *map, const char *key, struct val *v)
{
	val_putstr(a, map, str_from(key), v);
}

struct val *
val_getstr(const struct val *map, struct str key)
{
	if (map == NULL || map->type != VAL_MAP)
		return (NULL);
	ptrdiff_t i = find(map, key);
	return (i >= 0 ? map->u.map.at[i] : NULL);
}

struct val *
val_get(const struct val *map, const char *key)
{
	return (val_getstr(map, str_from(key)));
}

struct str
val_get_str(const struct val *map, const char *key)
{
	const struct val *v = val_get(map, key);

	return (v != NULL && v->type == VAL_STR ? v->u.s : STR_NULL);
}

int64_t
val_get_int(const struct val *map, const char *key, int64_t otherwise)
{
	const struct val *v = val_get(map, key);

	return (v != NULL && v->type == VAL_INT ? v->u.i : otherwise);
}

bool
val_get_bool(const struct val *map, const char *key, bool otherwise)
{
	const struct val *v = val_get(map, key);

	return (v != NULL && v->type == VAL_BOOL ? v->u.b : otherwise);
}

size_t
val_count(const struct val *v)
{
	if (v == NULL)
		return (0);
	if (v->type == VAL_LIST)
		return (v->u.list.n);
	return (v->type == VAL_MAP ? v->u.map.n : 0);
}
