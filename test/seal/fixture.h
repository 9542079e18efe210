/*
 * A workspace with evidence, records and recorded results, its bundle, and the
 * bundle taken apart to be changed and put together again.
 */
#ifndef TEST_SEAL_FIXTURE_H
#define TEST_SEAL_FIXTURE_H

#include "evidence/fixture.h"

#include "assess/assess.h"
#include "ledger/pack.h"
#include "seal/bundle.h"
#include "seal/manifest.h"
#include "seal/verify.h"
#include "sys/crypto.h"
#include "sys/zip.h"

/* --- making -------------------------------------------------------------------- */

static inline void
give_accounts(struct fixture *f, int64_t day, int n)
{
	const struct schema_type *t = schema_find_name("saas_account");
	struct evidence_run *run = begin(f, &(struct run_opts){
	    .at = T0 + day * DAY });
	struct evidence_done done;

	ok(f, evidence_table_begin(run, t, NULL, &f->e));
	for (int i = 0; i < n; i++) {
		struct cell c[32] = { 0 };
		char id[32], mail[64];
		snprintf(id, sizeof(id), "a%05d", i);
		snprintf(mail, sizeof(mail), "person%d@example.com", i);
		c[F_SAAS_ACCOUNT_APP] = CELL_STR(STR("mail"));
		c[F_SAAS_ACCOUNT_ACCOUNT_ID] = CELL_STR(str_from(id));
		c[F_SAAS_ACCOUNT_EMAIL] = CELL_STR(str_from(mail));
		c[F_SAAS_ACCOUNT_MFA] = CELL_INT(i % 7 != day % 7);
		c[F_SAAS_ACCOUNT_STATUS] = CELL_STR(STR("active"));
		ok(f, evidence_row(run, c, &f->e));
	}
	ok(f, evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &f->e));
	ok(f, evidence_raw(run, STR("export"), STR("as,it,came\n"), &f->e));
	ok(f, evidence_run_commit(run, T0 + day * DAY, &done, &f->e));
}

static inline void
give_person(struct fixture *f)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *p = val_map(&a);

	val_put(&a, p, "code", val_text(&a, "E001"));
	val_put(&a, p, "name", val_text(&a, "Ada Example"));
	val_put(&a, p, "email", val_text(&a, "person1@example.com"));
	val_put(&a, p, "start_on", val_text(&a, "2020-01-01"));
	val_put(&a, p, "kind", val_text(&a, "employee"));
	ok(f, record_put(&f->ws->records, &a, &f->ws->actor,
	    schema_get(T_PERSON), STR_NULL, p, NULL, &f->e));
}

static inline void
give_results(struct fixture *f, int64_t day)
{
	static const char *const ids[] = { "saas-mfa", "policies-current" };
	ASSESS_SCOPED *as = NULL;
	ARENA_SCOPED a = ARENA_INIT;
	const struct procedure **procs;
	struct assess_result *r;
	struct assess_options o = { .record = true, .time = {
	    .from = T0 + day * DAY + 1, .to = T0 + day * DAY + 2 } };
	size_t n;

	ok(f, assess_open(&as, f->ws, f->ev, &f->e));
	ok(f, assess_select(&a, as, ids, 2, &procs, &n, &f->e));
	ok(f, assess_run(&a, as, procs, n, &o, &r, &f->e));
	assert_int_equal(r[1].outcome, ASSESS_EXCEPTIONS);
}

/* Two days of 150 accounts, a person, four results. */
static inline int
sealed_setup(void **state)
{
	struct fixture *f;

	clock_replace(T0);
	if (fixture_setup(state) != 0)
		return (-1);
	f = *state;
	give_accounts(f, 1, 150);
	give_person(f);
	give_results(f, 1);
	give_accounts(f, 2, 151);
	give_results(f, 2);
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	return (0);
}

/* spec->path is where; the rest as the caller set it. */
static inline int
seal_as(struct fixture *f, struct bundle_spec *spec, struct err *e)
{
	ASSESS_SCOPED *as = NULL;
	struct bundle_result res;

	ok(f, assess_open(&as, f->ws, f->ev, &f->e));
	spec->ws = f->ws;
	spec->ev = f->ev;
	spec->as = as;
	spec->force = true;
	if (spec->report_as_of == 0)
		spec->report_as_of = T0 + 3 * DAY;
	return (bundle_write(spec, &res, e));
}

static inline const char *
path_in(struct fixture *f, const char *name)
{
	static char out[64][160];
	static int turn;

	turn = (turn + 1) % 64;
	snprintf(out[turn], sizeof(out[turn]), "%s/%s", f->base, name);
	return (out[turn]);
}

/* --- verifying ------------------------------------------------------------------ */

struct verdict {
	int r;
	struct err e;
	uint64_t problems, checked, not_checked;
	bool trusted;
	char first[2200]; /* "topic: text" of the first problem */
	struct buf all;   /* every line */
};

static inline void
hear(void *ctx, enum verify_kind kind, const char *topic, const char *text)
{
	struct verdict *v = ctx;

	assert_true(topic[0] != '\0' && text[0] != '\0');
	if (kind == VERIFY_BAD && v->problems++ == 0)
		snprintf(v->first, sizeof(v->first), "%s: %s", topic, text);
	v->checked += kind == VERIFY_OK;
	v->not_checked += kind == VERIFY_NOT;
	buf_printf(&v->all, "%d %s: %s\n", (int)kind, topic, text);
}

static inline void
verify_with(struct fixture *f, const struct verify_spec *spec,
    struct verdict *v)
{
	struct verify_result res = { 0 };
	const char *dir = path_in(f, "scratch");
	struct err e;

	buf_reset(&v->all);
	v->problems = v->checked = v->not_checked = 0;
	v->first[0] = '\0';
	assert_int_equal(file_mkdirs(dir, 0700, &e), 0);
	v->r = verify_bundle(spec, dir, hear, v, &res, &v->e);
	if (v->r == 0)
		assert_int_equal(v->problems, res.problems);
	v->trusted = res.trusted;
	assert_int_equal(file_remove_tree(dir, &e), 0);
}

static inline void
verify_path(struct fixture *f, const char *path, struct verdict *v)
{
	verify_with(f, &(struct verify_spec){ .path = path }, v);
}

/* --- taken apart ------------------------------------------------------------------ */

struct piece {
	char name[ZIP_NAME + 1];
	struct buf b;
};
struct pieces {
	struct piece at[2000];
	size_t n;
};

static inline void
pieces_free(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_free(&p->at[i].b);
	p->n = 0;
}

static inline void
pieces_load(struct pieces *p, const char *path)
{
	struct zip z;
	struct err e;

	assert_int_equal(zip_open(&z, path, 20, &e), 0);
	assert_true(z.n < 2000);
	for (p->n = 0; p->n < z.n; p->n++) {
		struct piece *x = &p->at[p->n];
		memset(x, 0, sizeof(*x));
		snprintf(x->name, sizeof(x->name), "%s", z.members[p->n].name);
		assert_int_equal(zip_get(&z, &z.members[p->n], UINT64_MAX, &x->b,
		    &e), 0);
	}
	zip_close(&z);
}

static inline struct piece *
piece(struct pieces *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->at[i].name, name) == 0)
			return (&p->at[i]);
	fail_msg("no member %s", name);
	return (NULL);
}

static inline int
into_buf(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_put(ctx, p, n);
	return (0);
}

/* No fsync: thousands of these are written. */
static inline void
spill(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(b->ptr, 1, b->len, f), b->len);
	fclose(f);
}

static inline void
pieces_save(struct pieces *p, const char *path)
{
	BUF_SCOPED out = BUF_INIT;
	struct zip_writer w;

	zip_begin(&w, into_buf, &out);
	for (size_t i = 0; i < p->n; i++)
		assert_int_equal(zip_add(&w, p->at[i].name,
		    buf_str(&p->at[i].b), NULL), 0);
	assert_int_equal(zip_end(&w, NULL), 0);
	zip_free(&w);
	spill(path, &out);
}

/* The manifest again, of the members as they are now. Its note is not. */
static inline void
pieces_list(struct pieces *p)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct piece *x = piece(p, MANIFEST_NAME);
	struct manifest m;
	struct err e;

	assert_int_equal(manifest_parse(&a, arena_str(&a, buf_str(&x->b)), &m,
	    &e), 0);
	m.nfiles = 0;
	m.files = arena_array(&a, p->n, sizeof(*m.files));
	for (size_t i = 0; i < p->n; i++) {
		struct manifest_file *f = &m.files[m.nfiles];
		if (strncmp(p->at[i].name, "manifest.", 9) == 0)
			continue;
		f->name = str_from(p->at[i].name);
		f->size = p->at[i].b.len;
		crypto_sha256(p->at[i].b.ptr, p->at[i].b.len, f->sha256);
		m.nfiles++;
	}
	buf_reset(&x->b);
	manifest_print(&m, &x->b);
}

#endif
