/*
 * Tree: the Merkle tree of RFC 6962 section 2.1 over SHA-256, and the proofs of
 * RFC 9162 section 2.1.3 and 2.1.4.
 *     MTH({}) = SHA-256("")     leaf = SHA-256(0x00 || bytes)
 *     node = SHA-256(0x01 || left || right), split at the largest power of two
 *     that is smaller than the size
 * Node (level l, index i) is the hash of the perfect subtree over the leaves
 * i*2^l up to (i+1)*2^l.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TREE_HASH 32
#define TREE_LEVELS 64
#define TREE_PROOF 64 /* no proof has more hashes */

struct tree_hash {
	uint8_t h[TREE_HASH];
};

/*
 * The right edge of a growing tree: at[l] is the root of the perfect subtree of
 * 2^l leaves that ends at the edge, where bit l of the size is set.
 */
struct tree {
	uint64_t size;
	struct tree_hash at[TREE_LEVELS];
};
#define TREE_INIT { 0 }

/*
 * tree_add(t, leaf, fn, ctx): append a leaf hash. ${fn} (may be NULL) is told
 * of each node that is complete by it, leaf first.
 */
typedef void tree_node_fn(void *ctx, unsigned level, uint64_t index,
    const struct tree_hash *h);
void tree_add(struct tree *t, const struct tree_hash *leaf, tree_node_fn *fn,
    void *ctx);

/* tree_root(t, out): MTH of all leaves so far. */
void tree_root(const struct tree *t, struct tree_hash *out);

/* Where complete nodes are read from: tiles, or an array in a test. */
typedef int tree_read_fn(void *ctx, unsigned level, uint64_t index,
    struct tree_hash *out, struct err *e);

/* tree_load(t, size, read, ctx, e): the edge of a tree of ${size} leaves. */
int tree_load(struct tree *t, uint64_t size, tree_read_fn *read, void *ctx,
    struct err *e);

/* tree_root_at(size, read, ctx, out, e): the root when it had ${size}. */
int tree_root_at(uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_hash *out, struct err *e);

struct tree_proof {
	struct tree_hash at[TREE_PROOF];
	size_t n;
};

/* tree_include(index, size, ...): that leaf ${index} is in the tree of size.
 * ERR_INPUT unless index < size. */
int tree_include(uint64_t index, uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_proof *ret, struct err *e);

/* tree_extend(old, size, ...): that the tree of ${old} leaves is the beginning
 * of that of ${size}. ERR_INPUT unless 0 < old <= size. */
int tree_extend(uint64_t old, uint64_t size, tree_read_fn *read, void *ctx,
    struct tree_proof *ret, struct err *e);

/* tree_included, tree_extended: does the proof hold? */
bool tree_included(uint64_t index, uint64_t size, const struct tree_hash *leaf,
    const struct tree_hash *root, const struct tree_hash *proof, size_t n);
bool tree_extended(uint64_t old, uint64_t size, const struct tree_hash *first,
    const struct tree_hash *second, const struct tree_hash *proof, size_t n);

#endif
