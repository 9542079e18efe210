/* Reading trees of chunks, and what they are held to. */
#include "evidence/chunk.h"

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
		    (i > 0 && str_cmp(last, key) >= 0))
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

int
chunk_children(struct str b, chunk_child_fn *fn, void *ctx, struct err *e)
{
	struct chunk_leaf x;
	struct str key;
	size_t at = 12;
	int r;

	if (b.len >= 8 && memcmp(b.ptr, "TMR1", 4) == 0)
		return (0);
	if ((r = chunk_index_check(b, e)) != 0)
		return (r);
	while (r == 0 && at < b.len && next_entry(b, &at, &x, &key))
		r = fn(ctx, x.id, e);
	return (r);
}

int
chunk_whole(struct ledger *l, const uint8_t root[BODY_HASH], struct err *e)
{
	struct chunk_tree t = { 0 };
	int r = chunk_read(l, root, &t, e);

	for (size_t i = 0; r == 0 && i < t.leaves.n; i++)
		if (!body_has(l, t.leaves.at[i].id))
			r = err_set(e, ERR_ERASED, NULL, NULL,
			    "a chunk of rows is not here");
	chunk_tree_free(&t);
	return (r);
}

int
chunk_seals(const struct row_decl *d, struct str b, chunk_child_fn *fn,
    void *ctx, struct err *e)
{
	size_t at = 8;
	int r = chunk_leaf_check(d, b, e);

	while (r == 0 && at < b.len) {
		struct str row = { b.ptr + at + 4, get_u32(b.ptr + at) };
		const uint8_t *id = row_seal(d, row);
		if (id != NULL)
			r = fn(ctx, id, e);
		at += 4 + row.len;
	}
	return (r);
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
		if (i > 0 && (str_cmp(last, row) >= 0 || (key == last_key &&
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
