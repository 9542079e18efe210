#include "evidence/chunk.h"

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

		chunk_fetch_ahead(w->set->rows.at, i, n);
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
