/*
 * What the SQL of the record store says in SQLite only: the declarations of
 * tables, some conditions, the index of words, the database as a whole. All
 * other statements of src/record are SQL that PostgreSQL understands as well,
 * built from the declarations, with ? for a parameter; another database is
 * another dialect.c. tools/dialect keeps it so, and test/record/test_dialect.c
 * has PostgreSQL read them, with the dialect of test/record/dialect_pg.h.
 */
#ifndef RECORD_DIALECT_H
#define RECORD_DIALECT_H

#include "base/err.h"
#include "base/str.h"
#include "schema/schema.h"

struct db;

/* --- the tables -------------------------------------------------------------- */

/* dialect_revisions(): DDL of the list of revisions and of what the tables are
 * declared by. */
const char *dialect_revisions(void);
/*
 * dialect_table(t, out): DDL of the table r_TYPE and its indexes.
 * dialect_links(t, out): what binds it to the tables that it refers to, when they
 * are all there; nothing if the table said so itself.
 */
void dialect_table(const struct schema_type *t, struct buf *out);
void dialect_links(const struct schema_type *t, struct buf *out);
/* dialect_drop_types(db, e): drop every table r_*, declared or not. */
int dialect_drop_types(struct db *db, struct err *e);

/* --- conditions; each appends to ${out} and takes one parameter ------------ */

/* dialect_names(f, out): the ref or refs column names the record. */
void dialect_names(const struct schema_field *f, struct buf *out);
/* dialect_any_case(column, out): the same text in any case of letters. */
void dialect_any_case(const char *column, struct buf *out);
/* dialect_differs(column, out): another value, or none. */
void dialect_differs(const char *column, struct buf *out);

/* --- the index of words (search.h) ------------------------------------------- */

/* A document is a number and a text for each class that may be searched. */
enum { DIALECT_PUBLIC, DIALECT_INTERNAL, DIALECT_CONFIDENTIAL,
	DIALECT_TEXTS };
struct dialect_term {
	struct str s;
	bool begins; /* a word that begins so */
};

/* dialect_words(): DDL of the index. It has a table search_doc(doc, id). */
const char *dialect_words(void);
int dialect_words_drop(struct db *db, struct err *e);
/* dialect_words_put(db, doc, texts, remove, e): put a document in, or take out
 * one that was put in with these texts. */
int dialect_words_put(struct db *db, int64_t doc, const struct str *texts,
    bool remove, struct err *e);
/* dialect_words_match(columns, terms, n, out): what finds the documents that have
 * all of ${n} terms in some of the texts of ${columns} (bits, not none). */
void dialect_words_match(unsigned columns, const struct dialect_term *terms,
    size_t n, struct buf *out);
/*
 * dialect_search(t, from, out): " FROM ... WHERE" that finds by words the rows
 * of ${t}, as r, whose number in the index is at least ${from}; one parameter,
 * of dialect_words_match(). dialect_search_place(): the number, to compare and
 * order by. The index leads, not the table.
 */
void dialect_search(const struct schema_type *t, int64_t from,
    struct buf *out);
const char *dialect_search_place(void);

/* --- comparing with tables that were made anew (verify.h) -------------------- */

/* dialect_declarations(): a SELECT of name, kind and text of what is declared,
 * that ends where a condition follows; dialect_ours(): the one of record/. */
const char *dialect_declarations(void);
const char *dialect_ours(void);
/* Lists that say what the index of words finds: their rows, in the order of the
 * first ${key} columns. dialect_words_open(db, e): before they are asked for. */
struct dialect_list {
	const char *name;
	const char *select;
	int key;
};
int dialect_words_open(struct db *db, struct err *e);
const struct dialect_list *dialect_words_lists(size_t *ret_n);

/* --- the database as a whole -------------------------------------------------- */

/* Version of the tables; in the transaction that is open. */
int dialect_version(struct db *db, int64_t *ret, struct err *e);
int dialect_set_version(struct db *db, int version, struct err *e);
/* dialect_references(db, on, e): whether rows must have what they refer to;
 * outside of a transaction. */
int dialect_references(struct db *db, bool on, struct err *e);
/* dialect_wipe(db, e): from now on what is deleted is written over.
 * dialect_compact(db, e): write the database anew, without free pages. */
int dialect_wipe(struct db *db, struct err *e);
int dialect_compact(struct db *db, struct err *e);
/* dialect_cache(db, kib, e): memory for pages, while much is written. */
int dialect_cache(struct db *db, int kib, struct err *e);
/* dialect_settle(db, e): the journal mode that the workspace uses. */
int dialect_settle(struct db *db, struct err *e);

#endif
