#include "seal/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static const uint8_t zero[32];

/* Where it is, or where it would be. */
static size_t
place(const struct set *s, const uint8_t h[32])
{
	uint64_t first;

	memcpy(&first, h, sizeof(first));
	size_t i = (size_t)first & (s->cap - 1);
	while (memcmp(s->at[i], zero, 32) != 0 && memcmp(s->at[i], h, 32) != 0)
		i = (i + 1) & (s->cap - 1);
	return (i);
}

static void
grow(struct set *s)
{
	struct set next = { .cap = s->cap == 0 ? 1024 : s->cap * 2,
		.n = s->n, .zero = s->zero };

	next.at = calloc(next.cap, sizeof(*next.at));
	if (next.at == NULL)
		err_oom(next.cap * sizeof(*next.at));
	for (size_t i = 0; i < s->cap; i++)
		if (memcmp(s->at[i], zero, 32) != 0)
			memcpy(next.at[place(&next, s->at[i])], s->at[i], 32);
	free(s->at);
	*s = next;
}

bool
set_add(struct set *s, const uint8_t h[32])
{
	if (memcmp(h, zero, 32) == 0) {
		bool fresh = !s->zero;
		s->zero = true;
		return (fresh);
	}
	if (s->n * 2 >= s->cap)
		grow(s);
	size_t i = place(s, h);
	if (memcmp(s->at[i], h, 32) == 0)
		return (false);
	memcpy(s->at[i], h, 32);
	s->n++;
	return (true);
}

bool
set_has(const struct set *s, const uint8_t h[32])
{
	if (memcmp(h, zero, 32) == 0)
		return (s->zero);
	return (s->cap != 0 && memcmp(s->at[place(s, h)], h, 32) == 0);
}

void
set_free(struct set *s)
{
	free(s->at);
	*s = (struct set){ 0 };
}

void
set_each(const struct set *s, void (*fn)(void *, const uint8_t[32]), void *ctx)
{
	if (s->zero)
		fn(ctx, zero);
	for (size_t i = 0; i < s->cap; i++)
		if (memcmp(s->at[i], zero, 32) != 0)
			fn(ctx, s->at[i]);
}
