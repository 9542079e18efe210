/*
 * Arena: memory of one job (a command, a run, a result, a request), released
 * at once. A function that allocates takes the arena first: the signature is
 * the ownership rule. Allocation never returns NULL; see err_oom().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	char *at;
	char *end;
	size_t used;  /* bytes handed out and kept */
	size_t limit; /* 0: none; passing it is out of memory */
};

/* A place to return to; see arena_rewind(). */
struct arena_mark {
	struct arena_block *head;
	char *at;
	size_t used;
};

#define ARENA_INIT { 0 }

/* arena_free(a): release all; the arena is as good as new. NULL is allowed. */
void arena_free(struct arena *a);
#define ARENA_SCOPED __attribute__((cleanup(arena_free))) struct arena

/* arena_alloc(a, n): ${n} zeroed bytes, aligned for any object. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc));
/* arena_array(a, n, size): the same for ${n} objects, overflow checked. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* Copies, always followed by a NUL that is not counted. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
struct str arena_str(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);

/*
 * arena_shell(a, s): ${s} as one word of a POSIX shell, quoted where it needs to
 * be: for every command that a person is told to run.
 */
char *arena_shell(struct arena *a, struct str s);

/* Scratch use: take a mark, work, rewind. */
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);

#endif
