#include "evidence/chunk.h"

static uint64_t
hash_key(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	/* FNV-1a: where a set is cut is part of the format. */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)p[i]) * UINT64_C(0x100000001b3);
	return (h ^ h >> 32);
}

void
chunk_set_free(struct chunk_set *s)
{
	arena_free(&s->arena);
	vec_free(&s->rows);
	memset(s, 0, sizeof(*s));
}

static size_t
shared_len(struct str a, struct str b, size_t most)
{
	size_t i = 0;

	while (i < most && i < a.len && i < b.len && a.ptr[i] == b.ptr[i])
		i++;
	return (i);
}

void
chunk_set_add(struct chunk_set *s, const struct row_decl *d, struct str row)
{
	struct chunk_bytes *p = arena_alloc(&s->arena, sizeof(*p) + row.len);
	size_t key = row_key_len(d, row);

	p->len = (uint32_t)row.len;
	p->key = (uint32_t)key & INT32_MAX;
	p->cut = hash_key(row.ptr, key) % CHUNK_ROWS == 0;
	memcpy(p->row, row.ptr, row.len);
	vec_push(&s->rows, (struct chunk_row){ .at = p });
	s->bytes += row.len;
	if (s->rows.n == 1) {
		s->common = row.len;
		s->sorted = true;
		return;
	}
	s->common = shared_len(chunk_set_row(s, 0), row, s->common);
	s->sorted = s->sorted &&
	    str_cmp(chunk_set_row(s, s->rows.n - 2), row) < 0;
}

/* --- sorting --------------------------------------------------------------- */

/* Below this many rows a comparing sort of the heads is faster. */
#define RADIX_LEAST 512

static int
compare_heads(const void *pa, const void *pb)
{
	const struct chunk_row *a = pa, *b = pb;

	return ((a->head > b->head) - (a->head < b->head));
}

static void
radix_sort(struct chunk_row *rows, struct chunk_row *tmp, size_t n)
{
	size_t count[8][256];

	memset(count, 0, sizeof(count));
	for (size_t i = 0; i < n; i++) {
		for (int b = 0; b < 8; b++)
			count[b][rows[i].head >> (8 * b) & 255]++;
	}
	struct chunk_row *from = rows, *to = tmp;
	for (int b = 0; b < 8; b++) {
		if (count[b][from[0].head >> (8 * b) & 255] == n)
			continue;
		size_t at = 0;
		for (int v = 0; v < 256; v++) {
			size_t c = count[b][v];
			count[b][v] = at;
			at += c;
		}
		for (size_t i = 0; i < n; i++)
			to[count[b][from[i].head >> (8 * b) & 255]++] = from[i];
		struct chunk_row *swap = from;
		from = to;
		to = swap;
	}
	if (from != rows)
		memcpy(rows, from, n * sizeof(*rows));
}

static struct str
row_at(const struct chunk_row *r)
{
	return ((struct str){ r->at->row, r->at->len });
}

/* Eight bytes of the row from ${at} on; what is beyond its end counts as 0. */
static uint64_t
head_of(struct str r, size_t at)
{
	uint64_t h = 0;

	if (at + 8 <= r.len) {
		memcpy(&h, r.ptr + at, 8);
		return (__builtin_bswap64(h));
	}
	for (size_t b = 0; b < 8; b++)
		h = h << 8 | (at + b < r.len ? (uint8_t)r.ptr[at + b] : 0);
	return (h);
}

static size_t
shared_by_all(const struct chunk_row *rows, size_t n, size_t from)
{
	struct str first = row_at(&rows[0]);
	size_t most = first.len;

	for (size_t i = 1; i < n && most > from; i++) {
		struct str r = row_at(&rows[i]);
		size_t k = from;
		while (k < most && k < r.len && r.ptr[k] == first.ptr[k])
			k++;
		most = k;
	}
	return (most > from ? most : from);
}

/*
 * Rows that share their first ${common} bytes are sorted by the eight that
 * follow, without looking at the rows again; those that agree in these too are
 * sorted among themselves by the next.
 */
static void
sort_range(struct chunk_row *rows, struct chunk_row *tmp, size_t n,
    size_t common)
{
	bool ended = true;

	for (size_t i = 0; i < n; i++) {
		struct str r = row_at(&rows[i]);
		chunk_fetch_ahead(rows, i, n);
		rows[i].head = head_of(r, common);
		ended = ended && common >= r.len;
	}
	if (ended)
		return; /* all of them are equal */
	if (n < RADIX_LEAST)
		qsort(rows, n, sizeof(*rows), compare_heads);
	else
		radix_sort(rows, tmp, n);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && rows[j].head == rows[i].head; j++)
			continue;
		if (j - i > 1)
			sort_range(rows + i, tmp, j - i,
			    shared_by_all(rows + i, j - i, common + 8));
	}
}

static void
sort_rows(struct chunk_set *s)
{
	size_t n = s->rows.n;
	struct chunk_row *tmp = malloc(n * sizeof(*tmp));

	if (tmp == NULL)
		err_oom(n * sizeof(*tmp));
	sort_range(s->rows.at, tmp, n, s->common);
	free(tmp);
}

/* Names the key that came twice; what is personal in it is left out. */
static int
same_key(const struct row_decl *d, struct str row, struct err *e)
{
	struct cell cells[ROW_COLUMNS];
	BUF_SCOPED open = BUF_INIT;
	BUF_SCOPED where = BUF_INIT;
	const uint8_t *seal;

	buf_puts(&where, d->type->name);
	if (row_decode(d, row, NULL, &open, cells, &seal, NULL) == 0)
		for (size_t i = 0; i < d->nkey; i++) {
			const struct row_column *k = &d->columns[i];
			if (k->field < 0 || cells[k->field].state != CELL_VALUE)
				continue;
			buf_printf(&where, " " STR_FMT "=", STR_ARG(k->name));
			if (k->integer)
				buf_printf(&where, "%lld", (long long)cells[k->field].i);
			else
				buf_putstr(&where, cells[k->field].s);
		}
	buf_putc(&where, '\0');
	return (err_set(e, ERR_INPUT, where.ptr,
	    "the source must give one row for each key",
	    "two rows differ under the same key"));
}

int
chunk_set_sort(struct chunk_set *s, const struct row_decl *d, struct err *e)
{
	if (s->rows.n < 2)
		return (0);
	if (!s->sorted)
		sort_rows(s);
	size_t kept = 1;
	const struct chunk_bytes *last = s->rows.at[0].at;
	for (size_t i = 1; i < s->rows.n; i++) {
		const struct chunk_bytes *row = s->rows.at[i].at;

		chunk_fetch_ahead(s->rows.at, i, s->rows.n);
		if (row->key == last->key &&
		    memcmp(row->row, last->row, row->key) == 0) {
			if (str_eq(row_at(&s->rows.at[i]),
			    row_at(&s->rows.at[kept - 1])))
				continue;
			return (same_key(d, row_at(&s->rows.at[i]), e));
		}
		s->rows.at[kept++] = s->rows.at[i];
		last = row;
	}
	s->rows.n = kept;
	s->sorted = true;
	return (0);
}
