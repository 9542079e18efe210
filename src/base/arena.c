#include "base/arena.h"

#include "base/err.h"

#define BLOCK_MIN ((size_t)64 << 10)
#define ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t size;
	max_align_t data[];
};

static void
grow(struct arena *a, size_t need)
{
	/* Blocks double up to 4 MiB, so that large jobs need few of them. */
	size_t size = a->head != NULL ? a->head->size * 2 : BLOCK_MIN;

	if (size > ((size_t)4 << 20))
		size = (size_t)4 << 20;
	if (size < need)
		size = need;
	struct arena_block *b = malloc(sizeof(*b) + size);
	if (b == NULL)
		err_oom(size);
	b->next = a->head;
	b->size = size;
	a->head = b;
	a->at = (char *)b->data;
	a->end = a->at + size;
}

static void *
take(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		err_oom(n);
	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (a->limit != 0 && n > a->limit - a->used)
		err_oom(n);
	if (a->head == NULL || n > (size_t)(a->end - a->at))
		grow(a, n);
	void *p = a->at;
	a->at += n;
	a->used += n;
	return (p);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	if (n == 0)
		n = 1;
	void *p = take(a, n);
	memset(p, 0, n);
	return (p);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		err_oom(SIZE_MAX);
	return (arena_alloc(a, bytes));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = take(a, n + 1);

	if (n != 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return (p);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return (arena_strndup(a, s, strlen(s)));
}

struct str
arena_str(struct arena *a, struct str s)
{
	return ((struct str){ arena_strndup(a, s.ptr, s.len), s.len });
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("format %s", fmt);
	char *p = take(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return (p);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return (p);
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return ((struct arena_mark){ a->head, a->at, a->used });
}

void
arena_rewind(struct arena *a, struct arena_mark m)
{
	while (a->head != m.head) {
		struct arena_block *b = a->head;
		a->head = b->next;
		free(b);
	}
	a->at = m.at;
	a->end = a->head != NULL ? (char *)a->head->data + a->head->size : NULL;
	a->used = m.used;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_rewind(a, (struct arena_mark){ 0 });
}

char *
arena_shell(struct arena *a, struct str s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_@%+=:,./-";
	BUF_SCOPED b = BUF_INIT;
	size_t n = 0;

	/* A ~ is only special at the beginning of a word; there it is quoted. */
	while (n < s.len && (memchr(plain, s.ptr[n], sizeof(plain) - 1) != NULL ||
	    (s.ptr[n] == '~' && n > 0)))
		n++;
	if (n == s.len && n > 0)
		return (arena_strndup(a, s.ptr, s.len));
	buf_putc(&b, '\'');
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\'')
			buf_puts(&b, "'\\''");
		else
			buf_putc(&b, s.ptr[i]);
	buf_putc(&b, '\'');
	return (arena_strndup(a, b.ptr, b.len));
}
