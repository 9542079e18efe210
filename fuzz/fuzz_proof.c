/*
 * Proofs: index, size and hashes of the input are never accepted against a
 * root that they cannot know.
 */
#include "ledger/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tree_hash root = { "a root that nobody can reach .." };
	struct tree_hash first, *proof;
	uint64_t a, b;

	if (size < 16 + TREE_HASH)
		return (0);
	memcpy(&a, data, 8);
	memcpy(&b, data + 8, 8);
	memcpy(&first, data + 16, TREE_HASH);
	data += 16 + TREE_HASH;
	size -= 16 + TREE_HASH;
	size_t n = size / TREE_HASH;
	proof = calloc(n + 1, sizeof(*proof));
	if (proof == NULL)
		abort();
	memcpy(proof, data, n * TREE_HASH);
	if (memcmp(&first, &root, TREE_HASH) != 0 &&
	    (tree_included(a, b, &first, &root, proof, n) ||
	        tree_extended(a, b, &first, &root, proof, n) ||
	        tree_extended(a % 64, b % 64, &first, &root, proof, n)))
		abort();
	free(proof);
	return (0);
}
