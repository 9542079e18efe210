/*
 * The index of words finds what it should, and nothing else. How its bytes lie
 * depends on what was written when, so what is compared is what can be asked of
 * it: every word where it stands, and every word looked for.
 */
#include "record/verify.h"

#include "sys/db.h"

/* Both lists are in the order of their first columns. A document is named by
 * its record: its number depends on what came before. */
static const struct {
	const char *name;
	const char *select;
	int key;
} lists[] = {
	{ "search_doc", "SELECT id FROM search_doc", 1 },
	{ "search_config", "SELECT k, v FROM search_config", 1 },
	{ "search_docsize", "SELECT coalesce(d.id, '?' || s.id), s.sz"
	    " FROM search_docsize s LEFT JOIN search_doc d ON d.doc = s.id", 1 },
	/* How many documents and words there are in all. */
	{ "search_data", "SELECT 'averages', block FROM search_data WHERE id = 1"
	    " AND EXISTS (SELECT 1 FROM search_doc)", 1 },
	{ "search", "SELECT coalesce(d.id, '?' || v.doc), v.col,"
	    " printf('%010d', v.offset), v.term FROM temp.search_at v"
	    " LEFT JOIN search_doc d ON d.doc = v.doc", 4 },
	{ "search for", "SELECT v.term, (SELECT group_concat(id, ' ') FROM"
	    " (SELECT d.id FROM search s JOIN search_doc d ON d.doc = s.rowid"
	    "  WHERE search MATCH '\"' || replace(v.term, '\"', '\"\"') || '\"'"
	    "  ORDER BY d.id)) AS records FROM temp.search_word v", 1 },
};

static int
words_of(struct db *db, struct err *e)
{
	return (db_exec(db, "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_at"
	    " USING fts5vocab('main', 'search', 'instance');"
	    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_word"
	    " USING fts5vocab('main', 'search', 'row')", e));
}

int
verify_search(struct verify *v, struct err *e)
{
	uint64_t rows = v->rows;
	int r = words_of(v->is, e);

	if (r == 0)
		r = words_of(v->should, e);
	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(*lists); i++)
		r = verify_rows(v, lists[i].name, lists[i].select, lists[i].key,
		    e);
	v->rows = rows; /* of the tables that people know */
	return (r);
}
