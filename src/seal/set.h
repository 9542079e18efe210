/*
 * A set of hashes: 32 bytes each, in memory, some 64 bytes a member. What is
 * put into it is already as good as random, so that its first bytes are its
 * place.
 */
#ifndef SEAL_SET_H
#define SEAL_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct set {
	uint8_t (*at)[32];
	size_t n, cap; /* cap: 0 or a power of two */
	bool zero;     /* the hash of zeros is a member */
};

/* set_add(s, h): true if it is new. */
bool set_add(struct set *s, const uint8_t h[32]);
bool set_has(const struct set *s, const uint8_t h[32]);
void set_free(struct set *s);
#define SET_SCOPED __attribute__((cleanup(set_free))) struct set

/* set_each(s, fn, ctx): in no order. */
void set_each(const struct set *s,
    void (*fn)(void *ctx, const uint8_t h[32]), void *ctx);

#endif
