/*
 * Hash map from byte strings to pointers, in an arena. Keys are borrowed (they
 * must outlive the map). Iteration is in the order of insertion, so that what
 * is derived from a map is the same on every run.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct map_item {
	struct str key;
	void *value;
	uint64_t hash;
};

struct map {
	struct arena *arena;
	struct map_item *items; /* in order of insertion */
	uint32_t *slots;        /* index + 1 into items, 0 empty */
	size_t n;
	size_t cap; /* of items; slots hold twice as many */
};

void map_init(struct map *m, struct arena *a);
/* map_put(m, key, value): insert or replace; returns the old value or NULL. */
void *map_put(struct map *m, struct str key, void *value);
/* map_get(m, key): the value, or NULL. */
void *map_get(const struct map *m, struct str key);

#endif
