/*
 * Growing arrays of one type. VEC(type) declares the struct; the memory comes
 * from malloc and is released by vec_free(). An element's address is valid
 * until the next push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"
#include "base/err.h"

#define VEC(type)                                                              \
	struct {                                                               \
		type *at;                                                      \
		size_t n;                                                      \
		size_t cap;                                                    \
	}

#define vec_push(v, ...)                                                       \
	do {                                                                   \
		if ((v)->n == (v)->cap)                                        \
			(v)->at = vec_grow((v)->at, &(v)->cap,                 \
			    sizeof(*(v)->at));                                 \
		(v)->at[(v)->n++] = (__VA_ARGS__);                             \
	} while (0)

#define vec_free(v)                                                            \
	do {                                                                   \
		free((v)->at);                                                 \
		(v)->at = NULL;                                                \
		(v)->n = (v)->cap = 0;                                         \
	} while (0)

static inline void *
vec_grow(void *p, size_t *cap, size_t size)
{
	size_t n = *cap < 8 ? 8 : *cap * 2, bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		err_oom(SIZE_MAX);
	p = realloc(p, bytes);
	if (p == NULL)
		err_oom(bytes);
	*cap = n;
	return (p);
}

#endif
