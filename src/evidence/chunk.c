#include "evidence/chunk.h"

/* --- numbers ------------------------------------------------------------- */

static void
put_u32(struct buf *b, uint32_t v)
{
	char p[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };

	buf_put(b, p, sizeof(p));
}

static void
put_u64(struct buf *b, uint64_t v)
{
	put_u32(b, (uint32_t)(v >> 32));
	put_u32(b, (uint32_t)v);
}

static uint32_t
get_u32(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;

	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static uint64_t
get_u64(const char *s)
{
	return ((uint64_t)get_u32(s) << 32 | get_u32(s + 4));
}

static uint64_t
hash_key(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	/* FNV-1a: where a set is cut is part of the format. */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)p[i]) * UINT64_C(0x100000001b3);
	return (h ^ h >> 32);
}

/* --- sets ---------------------------------------------------------------- */

void
chunk_set_free(struct chunk_set *s)
{
	arena_free(&s->arena);
	vec_free(&s->rows);
	memset(s, 0, sizeof(*s));
}

static int
row_cmp(struct str a, struct str b)
{
	int c = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return (c != 0 ? c : (a.len > b.len) - (a.len < b.len));
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
	    row_cmp(chunk_set_row(s, s->rows.n - 2), row) < 0;
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

/*
 * Sorted rows lie anywhere in memory: what will soon be looked at is fetched
 * meanwhile. ${n}: rows there are.
 */
static inline void
fetch_ahead(const struct chunk_row *rows, size_t i, size_t n)
{
	if (i + 12 < n) {
		__builtin_prefetch(rows[i + 12].at);
		__builtin_prefetch((const char *)rows[i + 12].at + 64);
	}
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
		fetch_ahead(rows, i, n);
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

		fetch_ahead(s->rows.at, i, s->rows.n);
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

/* --- writing ------------------------------------------------------------- */

void
chunk_tree_free(struct chunk_tree *t)
{
	vec_free(&t->leaves);
}

/* A set of commitments by open addressing: they are random bytes already. */
struct ids {
	const uint8_t **slot;
	size_t mask;
};

static void
ids_free(struct ids *t)
{
	free(t->slot);
}

static const uint8_t **
ids_place(const struct ids *t, const uint8_t id[BODY_HASH])
{
	uint64_t h;

	memcpy(&h, id, sizeof(h));
	for (size_t i = h & t->mask;; i = (i + 1) & t->mask) {
		if (t->slot[i] == NULL ||
		    memcmp(t->slot[i], id, BODY_HASH) == 0)
			return (&t->slot[i]);
	}
}

static void
ids_of(struct ids *t, const struct chunk_tree *tree)
{
	size_t n = 16, leaves = tree != NULL ? tree->leaves.n : 0;

	while (n < leaves * 2)
		n *= 2;
	t->mask = n - 1;
	if ((t->slot = calloc(n, sizeof(*t->slot))) == NULL)
		err_oom(n * sizeof(*t->slot));
	for (size_t i = 0; i < leaves; i++)
		*ids_place(t, tree->leaves.at[i].id) = tree->leaves.at[i].id;
}

static bool
ids_has(const struct ids *t, const uint8_t id[BODY_HASH])
{
	return (*ids_place(t, id) != NULL);
}

struct writer {
	struct ledger *ledger;
	const struct row_decl *decl;
	const struct chunk_set *set;
	struct chunk_written *written;
};

/* One entry of an index node while the tree is made. */
struct entry_ref {
	uint8_t id[BODY_HASH];
	uint64_t rows;
	size_t first;
};
struct refs {
	VEC(struct entry_ref) v;
};

static int
put_body(struct writer *w, struct str bytes, uint8_t id[BODY_HASH],
    struct err *e)
{
	bool fresh;
	int r = body_put_new(w->ledger, NULL, bytes, BODY_PACK, id, &fresh, e);

	if (r == 0 && fresh) {
		w->written->bodies++;
		w->written->bytes += bytes.len;
	}
	return (r);
}

static void
set_count(struct buf *b, size_t at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		b->ptr[at + (size_t)i] = (char)(n >> (24 - 8 * i));
}

static int
end_leaf(struct writer *w, struct buf *b, size_t first, size_t rows,
    struct chunk_tree *t, struct err *e)
{
	struct chunk_leaf leaf = { .rows = rows, .first = first };

	set_count(b, 4, (uint32_t)rows);
	int r = put_body(w, buf_str(b), leaf.id, e);
	if (r == 0)
		vec_push(&t->leaves, leaf);
	buf_reset(b);
	buf_put(b, "TMR1\0\0\0\0", 8);
	return (r);
}

static int
write_leaves(struct writer *w, struct chunk_tree *t, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	size_t first = 0, n = w->set->rows.n;

	buf_put(&b, "TMR1\0\0\0\0", 8);
	for (size_t i = 0; i < n; i++) {
		struct str row = chunk_set_row(w->set, i);

		fetch_ahead(w->set->rows.at, i, n);
		if (i > first && (w->set->rows.at[i].at->cut || i - first >= CHUNK_ROWS_MAX ||
		    b.len > CHUNK_BYTES_MAX)) {
			int r = end_leaf(w, &b, first, i - first, t, e);
			if (r != 0)
				return (r);
			first = i;
		}
		put_u32(&b, (uint32_t)row.len);
		buf_putstr(&b, row);
	}
	return (end_leaf(w, &b, first, n - first, t, e));
}

static void
put_entry(const struct writer *w, struct buf *b, const struct entry_ref *x)
{
	const struct chunk_bytes *row = w->set->rows.at[x->first].at;

	buf_put(b, x->id, BODY_HASH);
	put_u64(b, x->rows);
	put_u32(b, row->key);
	buf_put(b, row->row, row->key);
}

/* One level of index nodes over ${in}. */
static int
write_level(struct writer *w, uint32_t level, const struct refs *in,
    struct refs *out, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0, from = 0; i < in->v.n; i++) {
		if (i == from) {
			buf_reset(&b);
			buf_puts(&b, "TMI1");
			put_u32(&b, level);
			put_u32(&b, 0);
		}
		put_entry(w, &b, &in->v.at[i]);
		bool cut = in->v.at[i].id[BODY_HASH - 1] % CHUNK_FANOUT == 0 &&
		    i > from;
		if (!cut && i + 1 - from < CHUNK_FANOUT_MAX && i + 1 < in->v.n)
			continue;
		struct entry_ref up = { .first = in->v.at[from].first };
		for (size_t j = from; j <= i; j++)
			up.rows += in->v.at[j].rows;
		set_count(&b, 8, (uint32_t)(i + 1 - from));
		int r = put_body(w, buf_str(&b), up.id, e);
		if (r != 0)
			return (r);
		vec_push(&out->v, up);
		from = i + 1;
	}
	return (0);
}

static int
write_index(struct writer *w, struct chunk_tree *t, struct err *e)
{
	struct refs a = { 0 }, b = { 0 };
	int r = 0;

	for (size_t i = 0; i < t->leaves.n; i++) {
		struct entry_ref x = { .rows = t->leaves.at[i].rows,
			.first = t->leaves.at[i].first };
		memcpy(x.id, t->leaves.at[i].id, BODY_HASH);
		vec_push(&a.v, x);
	}
	for (uint32_t level = 1; r == 0 && a.v.n > 1; level++) {
		b.v.n = 0;
		r = write_level(w, level, &a, &b, e);
		struct refs swap = a;
		a = b;
		b = swap;
	}
	if (r == 0)
		memcpy(t->root, a.v.at[0].id, BODY_HASH);
	vec_free(&a.v);
	vec_free(&b.v);
	return (r);
}

int
chunk_write(struct ledger *l, const struct row_decl *d,
    const struct chunk_set *s, const struct chunk_tree *old,
    struct chunk_tree *ret, struct chunk_written *written, struct err *e)
{
	struct writer w = { .ledger = l, .decl = d, .set = s,
		.written = written };

	memset(ret, 0, sizeof(*ret));
	ret->rows = s->rows.n;
	int r = write_leaves(&w, ret, e);
	/* The same leaves have the same root: no need to make it again. */
	bool same = r == 0 && old != NULL && old->leaves.n == ret->leaves.n;
	for (size_t i = 0; same && i < ret->leaves.n; i++)
		same = memcmp(old->leaves.at[i].id, ret->leaves.at[i].id,
		    BODY_HASH) == 0;
	if (same)
		memcpy(ret->root, old->root, BODY_HASH);
	else if (r == 0)
		r = write_index(&w, ret, e);
	if (r != 0)
		chunk_tree_free(ret);
	return (r);
}

/* --- reading ------------------------------------------------------------- */

static int
bad(struct err *e, const char *what)
{
	return (err_set(e, ERR_DAMAGED, NULL,
	    "restore the bodies from a backup", "%s", what));
}

/* The next entry of an index node at *at. */
static bool
next_entry(struct str b, size_t *at, struct chunk_leaf *ret, struct str *key)
{
	const char *p = b.ptr + *at;

	if (b.len - *at < BODY_HASH + 12)
		return (false);
	uint32_t n = get_u32(p + BODY_HASH + 8);
	if (n > b.len - *at - BODY_HASH - 12)
		return (false);
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->id, p, BODY_HASH);
	ret->rows = get_u64(p + BODY_HASH);
	*key = (struct str){ p + BODY_HASH + 12, n };
	*at += BODY_HASH + 12 + n;
	return (true);
}

int
chunk_index_check(struct str b, struct err *e)
{
	struct str key, last = STR_NULL;
	struct chunk_leaf x;
	size_t at = 12;

	if (b.len < 12 || memcmp(b.ptr, "TMI1", 4) != 0 ||
	    get_u32(b.ptr + 4) < 1 || get_u32(b.ptr + 4) > 16)
		return (bad(e, "an index node has no head"));
	uint32_t n = get_u32(b.ptr + 8);
	if (n == 0 || n > CHUNK_FANOUT_MAX)
		return (bad(e, "an index node has a wrong number of entries"));
	for (uint32_t i = 0; i < n; i++) {
		if (!next_entry(b, &at, &x, &key) || x.rows == 0 ||
		    (i > 0 && row_cmp(last, key) >= 0))
			return (bad(e, "an index node has a wrong entry"));
		last = key;
	}
	return (at == b.len ? 0 : bad(e, "an index node has a tail"));
}

static int
read_leaf_head(struct str b, uint64_t *ret_rows, struct err *e)
{
	if (b.len < 8 || memcmp(b.ptr, "TMR1", 4) != 0)
		return (bad(e, "a chunk of rows has no head"));
	*ret_rows = get_u32(b.ptr + 4);
	return (0);
}

static int
read_node(struct ledger *l, const uint8_t id[BODY_HASH], uint32_t level,
    struct chunk_tree *t, struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	struct str key;
	uint64_t rows;
	int r = body_get(l, id, &body, e);

	if (r != 0)
		return (r);
	struct str b = buf_str(&body);
	if (b.len >= 4 && memcmp(b.ptr, "TMR1", 4) == 0 && level == 0) {
		r = read_leaf_head(b, &rows, e);
		if (r != 0)
			return (r);
		struct chunk_leaf leaf = { .rows = rows };
		memcpy(leaf.id, id, BODY_HASH);
		vec_push(&t->leaves, leaf);
		return (0);
	}
	if ((r = chunk_index_check(b, e)) != 0)
		return (r);
	uint32_t here = get_u32(b.ptr + 4);
	if (level != 0 && here != level)
		return (bad(e, "an index node is on a wrong level"));
	size_t at = 12;
	struct chunk_leaf x;
	while (at < b.len && next_entry(b, &at, &x, &key)) {
		if (here == 1)
			vec_push(&t->leaves, x);
		else if ((r = read_node(l, x.id, here - 1, t, e)) != 0)
			return (r);
	}
	return (0);
}

int
chunk_read(struct ledger *l, const uint8_t root[BODY_HASH],
    struct chunk_tree *ret, struct err *e)
{
	struct chunk_tree t = { 0 };
	int r = read_node(l, root, 0, &t, e);

	if (r != 0) {
		chunk_tree_free(&t);
		return (r);
	}
	memcpy(t.root, root, BODY_HASH);
	for (size_t i = 0; i < t.leaves.n; i++)
		t.rows += t.leaves.at[i].rows;
	*ret = t;
	return (0);
}

void
chunk_share(struct chunk_tree *a, struct chunk_tree *b)
{
	struct ids in_a, in_b;

	ids_of(&in_a, a);
	ids_of(&in_b, b);
	for (size_t i = 0; i < a->leaves.n; i++)
		a->leaves.at[i].shared = ids_has(&in_b, a->leaves.at[i].id);
	for (size_t i = 0; i < b->leaves.n; i++)
		b->leaves.at[i].shared = ids_has(&in_a, b->leaves.at[i].id);
	ids_free(&in_a);
	ids_free(&in_b);
}

/* --- rows in order ------------------------------------------------------- */

void
chunk_cursor_init(struct chunk_cursor *c, struct ledger *l,
    const struct chunk_tree *t, const struct chunk_set *set,
    const struct row_decl *d, bool skip)
{
	*c = (struct chunk_cursor){ .ledger = l, .tree = t, .set = set,
		.decl = d, .skip = skip };
}

void
chunk_cursor_free(struct chunk_cursor *c)
{
	buf_free(&c->body);
}

int
chunk_leaf_check(const struct row_decl *d, struct str b, struct err *e)
{
	struct str last = STR_NULL;
	size_t at = 8, last_key = 0;
	uint64_t rows;
	int r = read_leaf_head(b, &rows, e);

	if (r != 0)
		return (r);
	for (uint64_t i = 0; i < rows; i++) {
		if (b.len - at < 4)
			return (bad(e, "a chunk of rows ends too early"));
		struct str row = { b.ptr + at + 4, get_u32(b.ptr + at) };
		if (row.len > b.len - at - 4 || row.len > ROW_MAX)
			return (bad(e, "a chunk of rows ends too early"));
		if (!row_check(d, row))
			return (bad(e, "a row is not in its canonical form"));
		size_t key = row_key_len(d, row);
		if (i > 0 && (row_cmp(last, row) >= 0 || (key == last_key &&
		    memcmp(last.ptr, row.ptr, key) == 0)))
			return (bad(e, "the rows of a chunk are not in order"));
		last = row;
		last_key = key;
		at += 4 + row.len;
	}
	return (at == b.len ? 0 : bad(e, "a chunk of rows has a tail"));
}

static int
next_leaf(struct chunk_cursor *c, struct err *e)
{
	const struct chunk_leaf *leaf = &c->tree->leaves.at[c->leaf++];
	uint64_t rows;

	if (c->skip && leaf->shared)
		return (0);
	if (c->set != NULL) {
		c->next = leaf->first;
		c->left = leaf->rows;
		return (0);
	}
	int r = body_get(c->ledger, leaf->id, &c->body, e);
	if (r == 0)
		r = chunk_leaf_check(c->decl, buf_str(&c->body), e);
	if (r == 0)
		r = read_leaf_head(buf_str(&c->body), &rows, e);
	if (r == 0 && rows != leaf->rows)
		r = bad(e, "a chunk has another number of rows than its index");
	if (r != 0)
		return (r);
	c->next = 8;
	c->left = rows;
	return (0);
}

int
chunk_next(struct chunk_cursor *c, struct str *ret, struct err *e)
{
	while (c->left == 0) {
		if (c->leaf == c->tree->leaves.n)
			return (0);
		int r = next_leaf(c, e);
		if (r != 0)
			return (r);
	}
	c->left--;
	if (c->set != NULL) {
		*ret = chunk_set_row(c->set, c->next++);
		return (1);
	}
	uint32_t n = get_u32(c->body.ptr + c->next);
	*ret = (struct str){ c->body.ptr + c->next + 4, n };
	c->next += 4 + n;
	return (1);
}
