/*
 * Bodies: what is in scope goes into packs, in the order in which the entries
 * name it; what is not is counted. A second walk counts, so that a body that is
 * left out at one place and wanted at another is in.
 */
#include "assess/sealed.h"
#include "evidence/chunk.h"
#include "evidence/run.h"
#include "base/log.h"
#include "ledger/subject.h"
#include "record/attach.h"
#include "schema/schema.h"
#include "seal/bundle_private.h"
#include "sys/crypto.h"

#define DEEP 18 /* levels of a tree of chunks, and more */

static struct manifest_class *
class_of(struct bundle *b, struct str name)
{
	for (size_t i = 0; i < b->classes.n; i++)
		if (str_eq(b->classes.at[i].name, name))
			return (&b->classes.at[i]);
	vec_push(&b->classes, (struct manifest_class){
	    .name = arena_str(&b->a, name) });
	return (&b->classes.at[b->classes.n - 1]);
}

static int
flush(struct bundle *b, struct err *e)
{
	char name[32];
	int r;

	if (b->pack.len == 0)
		return (0);
	snprintf(name, sizeof(name), "bodies/pack-%06u", ++b->npacks);
	r = bundle_add(b, name, buf_str(&b->pack), e);
	buf_reset(&b->pack);
	return (r);
}

static int
put_record(struct bundle *b, struct err *e)
{
	int r = 0;

	if (b->pack.len != 0 &&
	    b->pack.len + b->record.len > BUNDLE_PACK)
		r = flush(b, e);
	if (r == 0 && b->pack.len == 0)
		disclose_pack(&b->pack);
	if (r == 0)
		buf_putstr(&b->pack, buf_str(&b->record));
	return (r);
}

/* 1: it is new and now in a pack, its content in ${plain}; 0: it was visited
 * before, or is erased. */
static int
visit(struct bundle *b, struct str class, const uint8_t c[BODY_HASH],
    struct buf *plain, struct err *e)
{
	struct manifest_erased gone;
	int r;

	if (!set_add(&b->bodies, c))
		return (0);
	r = disclose_body(b->ledger, c, &b->record, plain, gone.key, e);
	if (r == -ERR_ERASED) {
		class_of(b, class)->erased++;
		memcpy(gone.body, c, BODY_HASH);
		vec_push(&b->erased, gone);
		return (0);
	}
	if (r == 0)
		r = put_record(b, e);
	if (r != 0)
		return (r);
	class_of(b, class)->here++;
	return (1);
}

/* --- rows -------------------------------------------------------------------- */

struct rows {
	struct bundle *b;
	const struct row_decl *decl; /* NULL: not of this version */
	int depth;
};

static int
take_seal(void *ctx, const uint8_t *id, struct err *e)
{
	struct rows *w = ctx;
	uint8_t padded[32] = { 0 };

	(void)e;
	/* Its last bytes are a number of its own: they are the place. */
	for (int i = 0; i < KEYS_ID; i++)
		padded[i] = id[KEYS_ID - 1 - i];
	set_add(&w->b->seals, padded);
	return (0);
}

static int
visit_rows(void *ctx, const uint8_t c[BODY_HASH], struct err *e)
{
	struct rows *w = ctx;
	BUF_SCOPED plain = BUF_INIT;
	int r;

	if (w->depth == DEEP)
		return (err_set(e, ERR_DAMAGED, NULL, "run tickmark doctor",
		    "a tree of chunks is deeper than %d levels", DEEP));
	r = visit(w->b, STR("rows"), c, &plain, e);
	if (r <= 0)
		return (r);
	w->depth++;
	r = chunk_children(buf_str(&plain), visit_rows, w, e);
	w->depth--;
	if (r == 0 && w->decl != NULL && plain.len >= 4 &&
	    memcmp(plain.ptr, "TMR1", 4) == 0)
		r = chunk_seals(w->decl, buf_str(&plain), take_seal, w, e);
	return (r);
}

/* The declaration that the rows were written under; it may be in already. */
static int
visit_decl(struct bundle *b, struct arena *a, const uint8_t c[BODY_HASH],
    struct row_decl *decl, bool *ret_known, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	int r = visit(b, STR("table"), c, &text, e);

	*ret_known = false;
	if (r < 0)
		return (r);
	if (r == 0 && body_get(b->ledger, c, &text, NULL) != 0)
		return (0); /* erased */
	r = row_decl_decode(a, arena_str(a, buf_str(&text)), decl, &own);
	*ret_known = r == 0;
	if (r != 0 && r != -ERR_NOTFOUND && e != NULL)
		*e = own;
	return (r == -ERR_NOTFOUND ? 0 : r);
}

static int
visit_run(struct bundle *b, const struct entry *x, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED text = BUF_INIT;
	const uint8_t *c = entry_body_get(x, "run");
	struct row_decl *decl = arena_new(&a, struct row_decl);
	struct run run;
	bool known;
	int r = c == NULL ? 0 : visit(b, STR("run"), c, &text, e);

	if (r <= 0)
		return (r);
	if ((r = run_decode(&a, buf_str(&text), &run, e)) != 0)
		return (r);
	for (size_t i = 0; r == 0 && i < run.ntables; i++) {
		const struct run_table *t = &run.tables[i];
		struct rows w = { .b = b };
		if (!t->stored)
			continue;
		r = visit_decl(b, &a, t->decl, decl, &known, e);
		w.decl = known ? decl : NULL;
		if (r == 0 && bundle_wants_type(b, t->name))
			r = visit_rows(&w, t->root, e);
	}
	return (r);
}

/* --- entries ------------------------------------------------------------------ */

/* What is restricted stays, what is personal as keys of cells do. */
static bool
wants_file(const struct bundle *b, struct str class)
{
	return (!str_is(class, schema_class_word(CLASS_RESTRICTED)) &&
	    (!str_is(class, schema_class_word(CLASS_PERSONAL)) ||
	    !bundle_withholds(b, "personal")));
}

static bool
wanted(const struct bundle *b, uint64_t index, const struct entry *x,
    struct str class)
{
	if (str_is(class, "raw"))
		return (b->spec->raw && !bundle_withholds(b, "raw"));
	if (str_is(class, "result"))
		return (bundle_wants_result(b, index));
	if (str_is(x->action, "adopt"))
		return (bundle_wants_adopted(b, index));
	if (str_is(class, "revision"))
		return (bundle_wants_type(b, x->type));
	if (str_is(x->action, ATTACH_ACTION))
		return (bundle_wants_type(b, x->type) &&
		    wants_file(b, entry_note_get(x, "class")));
	return (true);
}

/* Members of a result are sealed under keys of their own. */
static int
take_member(void *ctx, const uint8_t id[KEYS_ID], struct str clear,
    struct err *e)
{
	struct rows w = { .b = ctx };

	(void)clear;
	return (take_seal(&w, id, e));
}

static int
give(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct bundle *b = ctx;
	BUF_SCOPED plain = BUF_INIT;
	int r = visit_run(b, x, e);

	for (size_t i = 0; r == 0 && i < x->nbodies; i++) {
		struct str class = x->bodies[i].class;
		if (str_is(class, "run") || str_is(class, "rows") ||
		    !wanted(b, index, x, class))
			continue;
		r = visit(b, class, x->bodies[i].commitment, &plain, e);
		if (r > 0 && str_is(class, "result"))
			r = sealed_each(ledger_keys(b->ledger), buf_str(&plain),
			    take_member, b, e);
		r = r < 0 ? r : 0;
	}
	if (index % 64 == 0)
		progress("packing bodies", (int64_t)index,
		    (int64_t)b->head.size);
	if (r != 0 && e != NULL && strncmp(e->where, "entry", 5) != 0)
		err_at(e, "entry %llu%s%.400s", (unsigned long long)index,
		    e->where[0] != '\0' ? ", " : "", e->where);
	return (r);
}

/* What is named and was not visited. */
static int
count(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct bundle *b = ctx;

	(void)index;
	(void)e;
	for (size_t i = 0; i < x->nbodies; i++)
		if (set_add(&b->bodies, x->bodies[i].commitment))
			class_of(b, x->bodies[i].class)->withheld++;
	return (0);
}

/* --- keys ---------------------------------------------------------------------- */

struct keying {
	struct bundle *b;
	struct err *e;
	int r;
};

static void
take_key(void *ctx, const uint8_t h[32])
{
	struct keying *k = ctx;
	struct bundle *b = k->b;
	struct disclose_key x;
	struct keys_set set;
	struct err own;

	if (k->r != 0)
		return;
	for (int i = 0; i < KEYS_ID; i++)
		x.id[i] = h[KEYS_ID - 1 - i];
	int r = subject_find(ledger_keys(b->ledger), x.id, &set, &own);
	if (r == -ERR_ERASED) {
		b->m.keys_erased++;
		return;
	}
	if (r != 0) {
		k->r = r;
		*k->e = own;
		return;
	}
	if (bundle_withholds(b, "personal")) {
		b->m.keys_withheld++;
	} else {
		memcpy(x.cell, set.cell, CRYPTO_KEY);
		memcpy(x.tag, set.tag, CRYPTO_KEY);
		vec_push(&b->keys, x);
		b->m.keys_here++;
	}
	crypto_wipe(&set, sizeof(set));
}

static int
by_key(const void *a, const void *b)
{
	const struct disclose_key *x = a, *y = b;

	return (memcmp(x->id, y->id, KEYS_ID));
}

static int
give_keys(struct bundle *b, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	struct keying k = { .b = b, .e = &own };

	set_each(&b->seals, take_key, &k);
	if (k.r != 0) {
		if (e != NULL)
			*e = own;
		return (k.r);
	}
	if (b->keys.n > 1)
		qsort(b->keys.at, b->keys.n, sizeof(*b->keys.at), by_key);
	disclose_keys_print(b->keys.at, b->keys.n, &text);
	int r = bundle_add(b, "keys/cells", buf_str(&text), e);
	crypto_wipe(text.ptr, text.len);
	return (r);
}

static int
by_class(const void *a, const void *b)
{
	const struct manifest_class *x = a, *y = b;

	return (str_cmp(x->name, y->name));
}

static int
by_body(const void *a, const void *b)
{
	const struct manifest_erased *x = a, *y = b;

	return (memcmp(x->body, y->body, 32));
}

int
bundle_bodies(struct bundle *b, struct err *e)
{
	int r = ledger_each(b->ledger, 0, b->head.size, give, b, e);

	if (r == 0)
		r = flush(b, e);
	if (r == 0)
		r = ledger_each(b->ledger, 0, b->head.size, count, b, e);
	if (r == 0)
		r = give_keys(b, e);
	if (r != 0)
		return (r);
	if (b->classes.n > 1)
		qsort(b->classes.at, b->classes.n, sizeof(*b->classes.at),
		    by_class);
	if (b->erased.n > 1)
		qsort(b->erased.at, b->erased.n, sizeof(*b->erased.at),
		    by_body);
	return (0);
}
