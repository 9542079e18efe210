#include "base/pool.h"

#include "base/err.h"

#define FIRST 1024

void
pool_init(struct pool *p)
{
	*p = (struct pool){ .cap = FIRST };
	p->text = malloc(FIRST * sizeof(*p->text));
	p->slots = calloc((size_t)FIRST * 2, sizeof(*p->slots));
	if (p->text == NULL || p->slots == NULL)
		err_oom(FIRST * 16);
	buf_reserve(&p->bytes, 4096);
	pool_put(p, STR(""));
}

void
pool_free(struct pool *p)
{
	buf_free(&p->bytes);
	free(p->text);
	free(p->slots);
	*p = (struct pool){ 0 };
}

static void
grow(struct pool *p)
{
	if (p->cap > UINT32_MAX / 4)
		err_oom(SIZE_MAX);
	uint32_t cap = p->cap * 2;
	struct pool_text *text = realloc(p->text, (size_t)cap * sizeof(*text));
	if (text == NULL)
		err_oom((size_t)cap * sizeof(*text));
	p->text = text;
	free(p->slots);
	p->slots = calloc((size_t)cap * 2, sizeof(*p->slots));
	if (p->slots == NULL)
		err_oom((size_t)cap * 8);
	p->cap = cap;
	for (uint32_t i = 0; i < p->n; i++) {
		uint64_t at = p->text[i].hash & (cap * 2 - 1);
		while (p->slots[at] != 0)
			at = (at + 1) & (cap * 2 - 1);
		p->slots[at] = i + 1;
	}
}

/* The slot where ${s} is, or would be. */
static uint64_t
probe(const struct pool *p, struct str s, uint32_t hash)
{
	uint64_t mask = (uint64_t)p->cap * 2 - 1, at = hash & mask;

	while (p->slots[at] != 0) {
		uint32_t i = p->slots[at] - 1;
		if (p->text[i].hash == hash && str_eq(pool_get(p, i), s))
			break;
		at = (at + 1) & mask;
	}
	return (at);
}

uint32_t
pool_find(const struct pool *p, struct str s)
{
	uint32_t i = p->slots[probe(p, s, (uint32_t)str_hash(s))];

	return (i == 0 ? POOL_NONE : i - 1);
}

uint32_t
pool_put(struct pool *p, struct str s)
{
	uint32_t hash = (uint32_t)str_hash(s);
	uint64_t at = probe(p, s, hash);

	if (p->slots[at] != 0)
		return (p->slots[at] - 1);
	if (p->n == p->cap) {
		grow(p);
		at = probe(p, s, hash);
	}
	if (s.len >= UINT32_MAX - sizeof(p->n) - p->bytes.len)
		err_oom(SIZE_MAX);
	buf_put(&p->bytes, &p->n, sizeof(p->n));
	p->text[p->n] = (struct pool_text){ (uint32_t)p->bytes.len,
		(uint32_t)s.len, hash };
	buf_put(&p->bytes, s.ptr, s.len);
	buf_putc(&p->bytes, '\0');
	p->slots[at] = ++p->n;
	return (p->n - 1);
}

void
pool_cut(struct pool *p, uint32_t n)
{
	/* The last that came is found last: no other is behind it. */
	while (p->n > n) {
		uint64_t mask = (uint64_t)p->cap * 2 - 1;
		uint64_t at = p->text[p->n - 1].hash & mask;
		while (p->slots[at] != p->n)
			at = (at + 1) & mask;
		p->slots[at] = 0;
		p->bytes.len = p->text[--p->n].at - sizeof(uint32_t);
	}
}
