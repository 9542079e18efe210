#include "record/search.h"

#include "record/dialect.h"
#include "record/store.h"
#include "schema/kind.h"
#include "sys/db.h"

/* The columns of the index: the classes that may be searched. */
#define COLUMNS DIALECT_TEXTS
static const enum schema_class columns[COLUMNS] = {
	[DIALECT_PUBLIC] = CLASS_PUBLIC, [DIALECT_INTERNAL] = CLASS_INTERNAL,
	[DIALECT_CONFIDENTIAL] = CLASS_CONFIDENTIAL };

void
search_range(const struct schema_type *t, int64_t *ret_from, int64_t *ret_to)
{
	*ret_from = (int64_t)t->number << 32;
	*ret_to = ((int64_t)t->number + 1) << 32;
}

/* A text that people wrote, of this class. */
static bool
of_column(const struct schema_type *t, size_t field, size_t column)
{
	const struct schema_field *f = &t->fields[field];

	return (f->cls == columns[column] && kind_is_prose(f));
}

bool
search_has(const struct schema_type *t, unsigned classes)
{
	for (size_t i = 0; i < t->nfields; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			if ((classes & 1u << columns[c]) != 0 &&
			    of_column(t, i, c))
				return (true);
	return (false);
}

void
search_declared(struct buf *out)
{
	buf_puts(out, dialect_words());
	for (size_t k = 0; k < schema_ntypes; k++) {
		const struct schema_type *t = &schema_types[k];
		for (size_t i = 0; schema_is_record(t) && i < t->nfields; i++)
			for (size_t c = 0; c < COLUMNS; c++)
				if (of_column(t, i, c))
					buf_printf(out, " %s.%s=%zu", t->name,
					    t->fields[i].name, c);
	}
}

/* --- writing -------------------------------------------------------------- */

/* What a record is found by; false if it is by nothing. */
static bool
texts_of(const struct record *r, struct buf out[COLUMNS])
{
	bool any = false;

	for (size_t c = 0; c < COLUMNS; c++)
		for (size_t i = 0; i < r->type->nfields; i++) {
			if (r->cells[i].state != CELL_VALUE ||
			    !of_column(r->type, i, c))
				continue;
			if (out[c].len != 0)
				buf_putc(&out[c], '\n');
			buf_putstr(&out[c], r->cells[i].s);
			any = true;
		}
	return (any && !r->retired);
}

static void
drop_texts(struct buf (*t)[COLUMNS])
{
	for (size_t c = 0; c < COLUMNS; c++)
		buf_free(&(*t)[c]);
}
#define TEXTS_SCOPED __attribute__((cleanup(drop_texts))) struct buf

static bool
same_texts(const struct buf a[COLUMNS], const struct buf b[COLUMNS])
{
	for (size_t c = 0; c < COLUMNS; c++)
		if (!str_eq(buf_str(&a[c]), buf_str(&b[c])))
			return (false);
	return (true);
}

/* The document of a record: 1 if there is one. */
static int
doc_of(struct db *db, struct str id, int64_t *ret, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT doc FROM search_doc WHERE id=?", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, id);
	r = stmt_step(st, e);
	if (r > 0)
		*ret = stmt_int(st, 0);
	stmt_reset(st);
	return (r);
}

static int
add_doc(struct db *db, const struct schema_type *t, struct str id,
    int64_t *ret, struct err *e)
{
	struct stmt *st;
	int64_t from, to, doc;
	int r = db_cached(db, &st, "SELECT max(doc) FROM search_doc WHERE doc>=? "
	    "AND doc<?", e);

	if (r != 0)
		return (r);
	search_range(t, &from, &to);
	stmt_bind_int(st, 1, from);
	stmt_bind_int(st, 2, to);
	r = stmt_step(st, e);
	doc = r <= 0 || stmt_isnull(st, 0) ? from + 1 : stmt_int(st, 0) + 1;
	stmt_reset(st);
	if (r >= 0)
		r = db_cached(db, &st, "INSERT INTO search_doc(doc,id) VALUES(?,?)",
		    e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, doc);
	stmt_bind_str(st, 2, id);
	r = stmt_run(st, e);
	if (r == 0)
		*ret = doc;
	return (r);
}

static int
index_texts(struct db *db, int64_t doc, const struct buf t[COLUMNS],
    bool remove, struct err *e)
{
	struct str texts[COLUMNS];

	for (size_t c = 0; c < COLUMNS; c++)
		texts[c] = t[c].ptr != NULL ? buf_str(&t[c]) : STR("");
	return (dialect_words_put(db, doc, texts, remove, e));
}

static int
take_out(struct db *db, struct str id, const struct buf t[COLUMNS],
    int64_t *ret_doc, struct err *e)
{
	int64_t doc = 0;
	int r = doc_of(db, id, &doc, e);

	if (r > 0)
		r = index_texts(db, doc, t, true, e);
	*ret_doc = doc;
	return (r);
}

static int
forget_doc(struct db *db, int64_t doc, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "DELETE FROM search_doc WHERE doc=?", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, doc);
	return (stmt_run(st, e));
}

int
search_put(struct record_store *s, const struct record *old,
    const struct record *new, struct err *e)
{
	TEXTS_SCOPED was[COLUMNS] = { 0 };
	TEXTS_SCOPED is[COLUMNS] = { 0 };
	bool had = old != NULL && texts_of(old, was), has = texts_of(new, is);
	int64_t doc = 0;
	int r = 0;

	if (had && has && same_texts(was, is))
		return (0);
	if (had)
		r = take_out(s->db, old->id, was, &doc, e);
	if (r == 0 && has && doc == 0)
		r = add_doc(s->db, new->type, new->id, &doc, e);
	else if (r == 0 && !has && doc != 0)
		r = forget_doc(s->db, doc, e);
	return (r != 0 || !has ? r : index_texts(s->db, doc, is, false, e));
}

static int
fill_one(void *ctx, const struct record *r, struct err *e)
{
	return (search_put(ctx, NULL, r, e));
}

int
search_fill(struct record_store *s, struct err *e)
{
	const struct record_query by_id = { .sort = RECORD_BY_ENTRY };
	int r = 0;

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]) &&
		    search_has(&schema_types[i], ~0u))
			r = record_each(s, &schema_types[i], &by_id, fill_one,
			    s, e);
	return (r);
}

/* --- asking --------------------------------------------------------------- */

/* Has it anything that the tokenizer takes for a part of a word? */
static bool
has_letters(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c >= 0x80 || (c >= '0' && c <= '9') ||
		    ((c | 32) >= 'a' && (c | 32) <= 'z'))
			return (true);
	}
	return (false);
}

static bool
next_term(struct str *rest, struct str *ret, bool *begins)
{
	struct str s = str_trim(*rest);
	bool quoted = s.len > 0 && s.ptr[0] == '"';
	size_t n = quoted ? 1 : 0;

	if (s.len == 0)
		return (false);
	while (n < s.len && (quoted ? s.ptr[n] != '"' : s.ptr[n] != ' ' &&
	    s.ptr[n] != '\t' && s.ptr[n] != '"'))
		n++;
	*ret = (struct str){ s.ptr + quoted, n - quoted };
	n += quoted && n < s.len;
	*begins = false;
	if (quoted && n < s.len && s.ptr[n] == '*') {
		*begins = true;
		n++;
	} else if (!quoted && ret->len > 1 && ret->ptr[ret->len - 1] == '*') {
		*begins = true;
		ret->len--;
	}
	*rest = (struct str){ s.ptr + n, s.len - n };
	return (true);
}

int
search_match(struct str words, unsigned classes, struct buf *out,
    struct err *e)
{
	struct dialect_term terms[SEARCH_WORDS], term;
	struct str rest = words;
	unsigned where = 0;
	size_t n = 0;

	if (words.len > SEARCH_BYTES || !str_utf8_ok(words))
		return (err_set(e, ERR_INPUT, NULL, "write at most 500 bytes of "
		    "UTF-8", "the words to search for are too long or not "
		    "text"));
	for (size_t c = 0; c < COLUMNS; c++)
		if ((classes & 1u << columns[c]) != 0)
			where |= 1u << c;
	if (where == 0)
		return (err_set(e, ERR_DENIED, NULL, "ask somebody who may",
		    "you may search nothing here"));
	while (next_term(&rest, &term.s, &term.begins)) {
		if (!has_letters(term.s))
			continue;
		if (n == SEARCH_WORDS)
			return (err_set(e, ERR_INPUT, NULL, "write fewer",
			    "there are more than %d words to search for",
			    SEARCH_WORDS));
		terms[n++] = term;
	}
	if (n == 0)
		return (err_set(e, ERR_INPUT, NULL, "write a word of letters or "
		    "digits", "there is no word to search for"));
	dialect_words_match(where, terms, n, out);
	return (0);
}
