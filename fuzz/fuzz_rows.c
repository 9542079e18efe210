/*
 * The decoders of what lies in bodies of evidence: rows, chunks, index nodes,
 * declarations of tables, runs. The first byte chooses which. What a decoder
 * takes must encode to the same bytes.
 */
#include "evidence/chunk.h"
#include "evidence/run.h"

static void
try_row(const struct row_decl *d, struct str s)
{
	struct cell cells[ROW_COLUMNS] = { 0 };
	BUF_SCOPED open = BUF_INIT;
	BUF_SCOPED again = BUF_INIT;
	const uint8_t *seal;

	if (!row_check(d, s) ||
	    row_decode(d, s, NULL, &open, cells, &seal, NULL) != 0)
		return;
	if (row_key_len(d, s) == 0)
		BUG("a row without a key");
	if (seal != NULL)
		return; /* sealed cells cannot be made again without the key */
	row_encode(d, cells, NULL, &again);
	if (!str_eq(buf_str(&again), s))
		BUG("a row has two forms");
}

static void
try_run(struct str s)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED again = BUF_INIT;
	struct run run;

	if (run_decode(&a, s, &run, NULL) != 0)
		return;
	run_encode(&run, &again);
	if (!str_eq(buf_str(&again), s))
		BUG("a run has two forms");
}

static void
try_decl(struct str s)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED again = BUF_INIT;
	struct row_decl d;

	if (row_decl_decode(&a, s, &d, NULL) != 0)
		return;
	row_decl_encode(&d, &again);
	if (!str_eq(buf_str(&again), s))
		BUG("a declaration has two forms");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tables[] = { "vulnerability", "hr_person",
		"listening_socket", "git_commit" };
	struct row_decl d;

	if (size == 0)
		return (0);
	struct str s = { (const char *)data + 1, size - 1 };
	row_decl_of(schema_find_name(tables[data[0] >> 4 & 3]), &d);
	switch (data[0] & 15) {
	case 0:
		try_row(&d, s);
		break;
	case 1:
		chunk_leaf_check(&d, s, NULL);
		break;
	case 2:
		chunk_index_check(s, NULL);
		break;
	case 3:
		try_run(s);
		break;
	case 4:
		try_decl(s);
		break;
	}
	return (0);
}
