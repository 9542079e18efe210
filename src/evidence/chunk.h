/*
 * Chunks: the rows of one table of one run as a tree of bodies. Sorted rows
 * are cut at places that the keys alone decide, so that a set that changed a
 * little shares all but a few chunks with the set before it, and the same set
 * in any order has the same root (doc/evidence.md, "Chunk", "Index node").
 *
 *     leaf  = "TMR1" u32 rows, then for each row u32 length and the row
 *     index = "TMI1" u32 level, u32 entries, then for each entry
 *             commitment[32] u64 rows u32 length and key of its first row
 *
 * Numbers are big endian. The root of an empty set is a leaf without rows.
 */
#ifndef EVIDENCE_CHUNK_H
#define EVIDENCE_CHUNK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "evidence/row.h"
#include "ledger/ledger.h"

#define CHUNK_ROWS 64          /* on average, in a leaf */
#define CHUNK_ROWS_MAX 1024
#define CHUNK_BYTES_MAX 262144 /* a leaf is cut when it passed this */
#define CHUNK_FANOUT 64        /* on average, in an index node */
#define CHUNK_FANOUT_MAX 1024

/* --- a set of rows in memory -------------------------------------------- */

struct chunk_row {
	uint64_t head; /* 8 bytes of the row, for sorting */
	const struct chunk_bytes *at;
};

/* A row, with what is wanted of it when it is far from the cache. */
struct chunk_bytes {
	uint32_t len;
	uint32_t key : 31; /* bytes of the key cells */
	uint32_t cut : 1;  /* its key says: begin a leaf here */
	char row[];
};

struct chunk_set {
	struct arena arena;
	VEC(struct chunk_row) rows;
	uint64_t bytes;
	size_t common; /* leading bytes that all rows share */
	bool sorted;
};

void chunk_set_free(struct chunk_set *s);
/* chunk_set_add(s, d, row): copies. */
void chunk_set_add(struct chunk_set *s, const struct row_decl *d,
    struct str row);
static inline struct str
chunk_set_row(const struct chunk_set *s, size_t i)
{
	return ((struct str){ s->rows.at[i].at->row, s->rows.at[i].at->len });
}
/*
 * Sorted rows lie anywhere in memory: what will soon be looked at is fetched
 * meanwhile. ${n}: rows there are.
 */
static inline void
chunk_fetch_ahead(const struct chunk_row *rows, size_t i, size_t n)
{
	if (i + 12 < n) {
		__builtin_prefetch(rows[i + 12].at);
		__builtin_prefetch((const char *)rows[i + 12].at + 64);
	}
}
/*
 * chunk_set_sort(s, d, e): order by key and drop equal rows.
 * ERR_INPUT if two rows differ under one key.
 */
int chunk_set_sort(struct chunk_set *s, const struct row_decl *d,
    struct err *e);

/* --- a tree of bodies ---------------------------------------------------- */

struct chunk_leaf {
	uint8_t id[BODY_HASH];
	uint64_t rows;
	size_t first; /* index of its first row in the set it was made of */
	bool shared;  /* the other side of a comparison has it too */
};
struct chunk_tree {
	uint8_t root[BODY_HASH];
	uint64_t rows;
	VEC(struct chunk_leaf) leaves;
};
void chunk_tree_free(struct chunk_tree *t);

struct chunk_written {
	uint64_t bodies;
	uint64_t bytes;
};

/*
 * chunk_write(l, d, s, old, ret, written, e): the tree of a sorted set. Bodies
 * that are not stored are written (inside ledger_begin()); leaves of ${old}
 * (NULL allowed) are known to be there. ${ret} is empty before.
 */
int chunk_write(struct ledger *l, const struct row_decl *d,
    const struct chunk_set *s, const struct chunk_tree *old,
    struct chunk_tree *ret, struct chunk_written *written, struct err *e);

/* chunk_read(l, root, ret, e): the leaves of a stored tree, from its index
 * nodes. ERR_DAMAGED, ERR_NOTFOUND name the commitment. */
int chunk_read(struct ledger *l, const uint8_t root[BODY_HASH],
    struct chunk_tree *ret, struct err *e);

/*
 * chunk_children(bytes, fn, ctx, e): the bodies that one names: an index node's
 * entries; a leaf of rows has none. ERR_DAMAGED if it is neither.
 */
typedef int chunk_child_fn(void *ctx, const uint8_t id[BODY_HASH],
    struct err *e);
int chunk_children(struct str bytes, chunk_child_fn *fn, void *ctx,
    struct err *e);

/* chunk_whole(l, root, e): 0 if every body of the tree is here, -ERR_ERASED if
 * one was left out or erased. */
int chunk_whole(struct ledger *l, const uint8_t root[BODY_HASH],
    struct err *e);

/* chunk_seals(d, bytes, fn, ctx, e): the ids of the keys of a leaf's sealed
 * rows, KEYS_ID bytes each. */
int chunk_seals(const struct row_decl *d, struct str bytes,
    chunk_child_fn *fn, void *ctx, struct err *e);

/* chunk_share(a, b): mark the leaves that both have. */
void chunk_share(struct chunk_tree *a, struct chunk_tree *b);

/*
 * The rows of a tree in order, without those of shared leaves if ${skip}. With
 * ${set} they come from memory, else from the bodies.
 */
struct chunk_cursor {
	struct ledger *ledger;
	const struct chunk_tree *tree;
	const struct chunk_set *set;
	const struct row_decl *decl;
	bool skip;
	size_t leaf;   /* the next leaf */
	uint64_t left; /* rows left in this one */
	size_t next;   /* index in the set, or offset in the body */
	struct buf body;
};
void chunk_cursor_init(struct chunk_cursor *c, struct ledger *l,
    const struct chunk_tree *t, const struct chunk_set *set,
    const struct row_decl *d, bool skip);
void chunk_cursor_free(struct chunk_cursor *c);
/* chunk_next(c, row, e): 1 and a row (until the next call), 0 the end. */
int chunk_next(struct chunk_cursor *c, struct str *ret, struct err *e);

/* chunk_leaf_check(d, bytes, e): is one well-formed leaf, rows in order. */
int chunk_leaf_check(const struct row_decl *d, struct str bytes,
    struct err *e);
/* chunk_index_check(bytes, e): is one well-formed index node. */
int chunk_index_check(struct str bytes, struct err *e);

#endif
