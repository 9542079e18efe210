#include "base/map.h"

#include "base/err.h"

void
map_init(struct map *m, struct arena *a)
{
	*m = (struct map){ .arena = a };
}

static size_t
slot_of(const struct map *m, struct str key, uint64_t h)
{
	size_t mask = m->cap * 2 - 1;
	size_t i = (size_t)h & mask;

	while (m->slots[i] != 0) {
		const struct map_item *it = &m->items[m->slots[i] - 1];
		if (it->hash == h && str_eq(it->key, key))
			break;
		i = (i + 1) & mask;
	}
	return (i);
}

static void
grow(struct map *m)
{
	size_t cap = m->cap == 0 ? 8 : m->cap * 2;

	if (cap > UINT32_MAX / 4)
		err_oom(SIZE_MAX);
	struct map_item *items = arena_array(m->arena, cap, sizeof(*items));
	if (m->n != 0)
		memcpy(items, m->items, m->n * sizeof(*items));
	m->items = items;
	m->cap = cap;
	m->slots = arena_array(m->arena, cap * 2, sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++)
		m->slots[slot_of(m, items[i].key, items[i].hash)] =
		    (uint32_t)(i + 1);
}

void *
map_put(struct map *m, struct str key, void *value)
{
	uint64_t h = str_hash(key);

	if (m->n == m->cap)
		grow(m);
	size_t i = slot_of(m, key, h);
	if (m->slots[i] != 0) {
		struct map_item *it = &m->items[m->slots[i] - 1];
		void *old = it->value;
		it->value = value;
		return (old);
	}
	m->items[m->n] = (struct map_item){ key, value, h };
	m->slots[i] = (uint32_t)++m->n;
	return (NULL);
}

void *
map_get(const struct map *m, struct str key)
{
	if (m->n == 0)
		return (NULL);
	uint32_t s = m->slots[slot_of(m, key, str_hash(key))];
	return (s != 0 ? m->items[s - 1].value : NULL);
}
