/* Bundle and verify: what holds, what is left out, and what is found. */
#include "seal/fixture.h"

#include "assess/recorded.h"
#include "ledger/age.h"
#include "ledger/proof.h"
#include "ledger/subject.h"
#include "record/attach.h"

static bool
says(const struct verdict *v, const char *text)
{
	if (v->all.ptr != NULL && strstr(v->all.ptr, text) != NULL)
		return (true);
	print_error("not said: %s\n%s\n", text,
	    v->all.ptr != NULL ? v->all.ptr : "");
	return (false);
}

static void
holds(const struct verdict *v)
{
	if (v->r != 0 || v->problems != 0)
		fail_msg("%s %s%s", v->first, v->r != 0 ? v->e.what : "",
		    v->r != 0 ? v->e.where : "");
}

static void
test_holds(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED one = BUF_INIT, two = BUF_INIT;
	struct verdict v = { 0 };
	struct err e;

	ok(f, seal_as(f, &(struct bundle_spec){ .path = path_in(f, "1.zip") },
	    &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path_in(f, "2.zip") },
	    &f->e));
	assert_int_equal(file_read(path_in(f, "1.zip"), 1 << 28, &one, &e), 0);
	assert_int_equal(file_read(path_in(f, "2.zip"), 1 << 28, &two, &e), 0);
	assert_true(str_eq(buf_str(&one), buf_str(&two)));
	verify_path(f, path_in(f, "1.zip"), &v);
	holds(&v);
	assert_false(v.trusted);
	assert_true(says(&v, "4 performed again"));
	assert_true(says(&v, "0 evidence: evidence tables rebuilt"));
	assert_true(says(&v, "0 records: records rebuilt"));
	assert_true(says(&v, "report/numbers.json composed again"));
	assert_true(says(&v, "1 of class raw are withheld"));
	assert_true(says(&v, "2 trust:"));
	buf_free(&v.all);
}

static void
test_refuses_to_replace(void **state)
{
	struct fixture *f = *state;
	ASSESS_SCOPED *as = NULL;
	struct bundle_result res;
	struct bundle_spec spec = { .path = path_in(f, "there"), .ws = f->ws,
		.ev = f->ev };

	ok(f, assess_open(&as, f->ws, f->ev, &f->e));
	spec.as = as;
	ok(f, file_write(spec.path, 0600, "mine", 4, &f->e));
	assert_int_equal(bundle_write(&spec, &res, &f->e), -ERR_CONFLICT);
	spec.path = path_in(f, "nowhere/b.zip");
	assert_int_equal(bundle_write(&spec, &res, &f->e), -ERR_IO);
	spec.path = path_in(f, "w2.zip");
	spec.withhold = (const char *const[]){ "nothing-like-it" };
	spec.nwithhold = 1;
	assert_int_equal(bundle_write(&spec, &res, &f->e), -ERR_NOTFOUND);
	assert_false(file_exists(spec.path));
	assert_false(file_exists(path_in(f, "w2.zip.part")));
}

static void
test_scopes(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	const char *path = path_in(f, "s.zip");

	/* Personal cells and records. */
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .withhold =
	    (const char *const[]){ "personal" }, .nwithhold = 1 }, &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "subjects are withheld"));
	assert_true(says(&v, "1 of class revision are withheld"));
	/* A table as a whole: its tests cannot be run, others can. */
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .withhold =
	    (const char *const[]){ "saas_account" }, .nwithhold = 1 }, &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "2 performed again"));
	assert_true(says(&v, "parts of saas_account are withheld"));
	/* One procedure: no other results, and only what it reads. */
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true,
	    .ids = (const char *const[]){ "saas-mfa" }, .nids = 1 }, &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "2 performed again"));
	assert_true(says(&v, "2 other results of the ledger are not in the scope"));
	assert_true(says(&v, "class revision are withheld"));
	/* The last of each, raw bytes as well. */
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .timed = true,
	    .raw = true, .as_of = "2026-01-04", .time = { .from = T0 + 3 * DAY,
	    .to = T0 + 3 * DAY + 1 } }, &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "2 performed again"));
	assert_null(strstr(v.all.ptr, "class raw"));
	buf_free(&v.all);
}

static void
test_trust(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	BUF_SCOPED key = BUF_INIT, other = BUF_INIT;
	const char *path = path_in(f, "t.zip"), *kept = path_in(f, "kept");
	uint8_t public[32] = { 7 };
	struct note_key k;

	ok(f, seal_as(f, &(struct bundle_spec){ .path = path }, &f->e));
	ok(f, file_read(path_in(f, "w/ledger/vkey"), 4096, &key, &f->e));
	verify_with(f, &(struct verify_spec){ .path = path, .vkey = key.ptr },
	    &v);
	holds(&v);
	assert_true(v.trusted);
	note_key_make(keys_origin(f->ws->keys), public, &k);
	note_key_print(&k, &other);
	verify_with(f, &(struct verify_spec){ .path = path, .vkey = other.ptr },
	    &v);
	assert_int_equal(v.problems, 1);
	assert_true(says(&v, "1 trust: the head is not signed by the key"));
	/* A checkpoint kept before, and one from later: somebody went back. */
	ok(f, file_read(path_in(f, "w/ledger/checkpoint"), 4096, &key, &f->e));
	ok(f, file_write(kept, 0600, key.ptr, key.len, &f->e));
	give_accounts(f, 4, 20);
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	verify_with(f, &(struct verify_spec){ .path = path,
	    .against = path_in(f, "w/ledger/checkpoint") }, &v);
	assert_true(v.problems != 0 && !v.trusted);
	assert_true(says(&v, "an older state of the ledger"));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path }, &f->e));
	verify_with(f, &(struct verify_spec){ .path = path, .against = kept },
	    &v);
	holds(&v);
	assert_true(v.trusted);
	/* A key of a type that nobody knows. */
	verify_with(f, &(struct verify_spec){ .path = path,
	    .vkey = "a.example+00000000+" "/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	    &v);
	assert_int_equal(v.r, -ERR_INPUT);
	buf_free(&v.all);
}

static void
test_policy(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	BUF_SCOPED key = BUF_INIT, text = BUF_INIT;
	const char *path = path_in(f, "p.zip"), *policy = path_in(f, "policy");
	uint8_t public[32] = { 9 };
	struct note_key k;

	ok(f, seal_as(f, &(struct bundle_spec){ .path = path }, &f->e));
	ok(f, file_read(path_in(f, "w/ledger/vkey"), 4096, &key, &f->e));
	buf_printf(&text, "log %.*s\nquorum none\n", (int)key.len - 1, key.ptr);
	ok(f, file_write(policy, 0600, text.ptr, text.len, &f->e));
	verify_with(f, &(struct verify_spec){ .path = path, .policy = policy },
	    &v);
	holds(&v);
	assert_true(v.trusted);
	/* A witness that has not seen it. */
	note_key_make_as(NOTE_COSIGNATURE, "w.example", public, &k);
	buf_reset(&text);
	buf_printf(&text, "log %.*s\nwitness W1 ", (int)key.len - 1, key.ptr);
	note_key_print(&k, &text);
	buf_puts(&text, "\nquorum W1\n");
	ok(f, file_write(policy, 0600, text.ptr, text.len, &f->e));
	verify_with(f, &(struct verify_spec){ .path = path, .policy = policy },
	    &v);
	assert_int_equal(v.problems, 1);
	assert_true(says(&v, "policy that you gave is not satisfied"));
	assert_false(v.trusted);
	buf_free(&v.all);
}

static void
test_encrypted(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	BUF_SCOPED b = BUF_INIT;
	const char *path = path_in(f, "e.age");
	const char *right = path_in(f, "right"), *wrong = path_in(f, "wrong");
	struct age_recipient to, none;

	ok(f, age_identity_write(right, &to, &f->e));
	ok(f, age_identity_write(wrong, &none, &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .to = &to,
	    .nto = 1 }, &f->e));
	verify_path(f, path, &v);
	assert_int_equal(v.r, -ERR_DENIED);
	verify_with(f, &(struct verify_spec){ .path = path, .identity = wrong },
	    &v);
	assert_int_equal(v.r, -ERR_DENIED);
	verify_with(f, &(struct verify_spec){ .path = path, .identity = right },
	    &v);
	holds(&v);
	ok(f, file_read(path, 1 << 28, &b, &f->e));
	b.ptr[b.len / 2] ^= 1;
	spill(path, &b);
	verify_with(f, &(struct verify_spec){ .path = path, .identity = right },
	    &v);
	assert_int_equal(v.problems, 1);
	assert_true(says(&v, "changed or cut off"));
	buf_free(&v.all);
}

/* --- the organisation itself lies ------------------------------------------------ */

/* A result that nobody computed, signed by the right key. */
static void
test_forged_result(void **state)
{
	struct fixture *f = *state;
	ASSESS_SCOPED *as = NULL;
	ARENA_SCOPED a = ARENA_INIT;
	struct verdict v = { 0 };
	struct recorded_row *rows, row;
	struct assess_result was;
	const char *path = path_in(f, "f.zip");
	char want[128];
	size_t n;

	ok(f, assess_open(&as, f->ws, f->ev, &f->e));
	ok(f, recorded_latest(&a, f->ws->ledger, INT64_MAX, &rows, &n, &f->e));
	assert_int_equal(n, 2);
	row = rows[1];
	assert_true(str_is(row.procedure, "saas-mfa"));
	ok(f, assess_load(&a, as, row.entry, &was, &f->e));
	/* One failing account becomes fine, with the numbers to match. */
	BUF_SCOPED b = BUF_INIT;
	struct str rest = was.bytes, line;
	bool left_out = false;
	while (rest.len != 0 && str_split(&rest, '\n', &line)) {
		if (!left_out && str_starts(line, "item\tfail")) {
			left_out = true;
			continue;
		}
		if (str_starts(line, "count\tok"))
			buf_printf(&b, "count\tok\t%lld\t%lld\n",
			    (long long)was.subjects[ASSESS_OK] + 1,
			    (long long)was.intervals[ASSESS_OK] + 1);
		else if (str_starts(line, "count\tfail"))
			buf_printf(&b, "count\tfail\t%lld\t%lld\n",
			    (long long)was.subjects[ASSESS_FAIL] - 1,
			    (long long)was.intervals[ASSESS_FAIL] - 1);
		else
			buf_printf(&b, STR_FMT "\n", STR_ARG(line));
	}
	assert_true(left_out);
	row.subjects[ASSESS_OK]++;
	row.subjects[ASSESS_FAIL]--;
	crypto_sha256(b.ptr, b.len, row.sha256);
	ok(f, ledger_begin(f->ws->ledger, &f->e));
	/* The entry that adopted it: the one before the first result. */
	row.adopted = rows[1].entry;
	for (uint64_t i = 0; i < rows[1].entry; i++) {
		struct entry x;
		ok(f, ledger_entry(f->ws->ledger, &a, i, &x, &f->e));
		if (str_is(x.action, "adopt") && str_is(x.id, "saas-mfa"))
			row.adopted = i;
	}
	ok(f, recorded_add(f->ws->ledger, "tickmark", &row, buf_str(&b),
	    &f->e));
	ok(f, ledger_commit(f->ws->ledger, &f->e));
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true },
	    &f->e));
	verify_path(f, path, &v);
	assert_int_equal(v.r, 0);
	assert_int_equal(v.problems, 1);
	snprintf(want, sizeof(want), "result at entry %llu, procedure saas-mfa: "
	    "line ", (unsigned long long)row.entry);
	assert_true(says(&v, want));
	assert_true(says(&v, "no second factor is asked for"));
	buf_free(&v.all);
}

/* --- files ------------------------------------------------------------------------- */

/* A performance whose file is so classed, and has this digest. */
static void
give_file(struct fixture *f, const char *day, const char *class,
    const char *hash)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *m = val_map(&a);
	uint64_t entry;

	ok(f, ledger_begin(f->ws->ledger, &f->e));
	ok(f, attach_put(f->ws->ledger, &f->ws->actor, schema_get(T_PERFORMANCE),
	    str_from(class), STR("hello\n"), &entry, &f->e));
	val_put(&a, m, "control", val_text(&a, "AC-05"));
	val_put(&a, m, "window_from", val_text(&a, day));
	val_put(&a, m, "performer", val_text(&a, "E001"));
	val_put(&a, m, "evidence", val_text(&a, "hello"));
	val_put(&a, m, "file_class", val_text(&a, class));
	val_put(&a, m, "file_hash", val_text(&a, hash));
	val_put(&a, m, "file_size", val_int(&a, 6));
	val_put(&a, m, "file_entry", val_int(&a, (int64_t)entry));
	ok(f, record_put(&f->ws->records, &a, &f->ws->actor,
	    schema_get(T_PERFORMANCE), STR_NULL, m, NULL, &f->e));
	ok(f, ledger_commit(f->ws->ledger, &f->e));
}

#define WRONG "0000b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define HELLO "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

static void
test_files(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	const char *path = path_in(f, "x.zip");

	give_file(f, "2025-10-01", "internal", HELLO);
	give_file(f, "2025-11-01", "restricted", HELLO);
	ok(f, evidence_catch_up(f->ev, &f->e));
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true },
	    &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "0 files: 1 files that show"));
	assert_true(says(&v, "files: 1 files are withheld"));
	assert_true(says(&v, "1 of class file are withheld"));
	give_file(f, "2025-12-01", "internal", WRONG);
	ok(f, evidence_catch_up(f->ev, &f->e));
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true },
	    &f->e));
	verify_path(f, path, &v);
	assert_int_equal(v.problems, 1);
	assert_non_null(strstr(v.first, "is not the one that performance"));
	buf_free(&v.all);
}

/* --- erased ------------------------------------------------------------------------ */

static void
test_erased(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	const char *path = path_in(f, "x.zip");
	uint8_t id[KEYS_ID];
	BUF_SCOPED hex = BUF_INIT;

	ok(f, subject_destroy(f->ws->keys, STR("s1/saas_account/mail:a00003"), id,
	    &f->e));
	buf_puthex(&hex, id, KEYS_ID);
	struct entry_note notes[] = { { STR("decision"), STR("D-7") },
		{ STR("reason"), STR("request") } };
	struct entry x = { .actor = STR("tester"), .action = STR("erase"),
		.type = STR("subject-key"), .id = buf_str(&hex), .notes = notes,
		.nnotes = 2 };
	ok(f, ledger_begin(f->ws->ledger, &f->e));
	ok(f, ledger_append(f->ws->ledger, &x, NULL, NULL, &f->e));
	ok(f, ledger_commit(f->ws->ledger, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true },
	    &f->e));
	verify_path(f, path, &v);
	holds(&v);
	assert_true(says(&v, "decision D-7 (1 entries"));
	assert_true(says(&v, "could not be performed again"));
	assert_true(says(&v, "0 evidence: evidence tables rebuilt"));
	buf_free(&v.all);
}

/* --- refused ---------------------------------------------------------------------- */

static void
test_refused(void **state)
{
	struct fixture *f = *state;
	struct verdict v = { 0 };
	struct pieces *p = calloc(1, sizeof(*p));
	const char *path = path_in(f, "r.zip"), *bad = path_in(f, "bad.zip");
	struct piece *m;

	assert_non_null(p);
	verify_path(f, path_in(f, "nothing"), &v);
	assert_int_equal(v.r, -ERR_NOTFOUND);
	ok(f, file_write(bad, 0600, "some text\n", 10, &f->e));
	verify_path(f, bad, &v);
	assert_int_equal(v.r, -ERR_INPUT);
	ok(f, seal_as(f, &(struct bundle_spec){ .path = path, .no_report = true },
	    &f->e));
	/* A later format. */
	pieces_load(p, path);
	m = piece(p, MANIFEST_NAME);
	char *at = strstr(m->b.ptr, "\"format\": 1");
	assert_non_null(at);
	at[10] = '2';
	pieces_save(p, bad);
	verify_path(f, bad, &v);
	assert_int_equal(v.r, -ERR_NEWER);
	assert_non_null(strstr(v.e.what, "format 2"));
	at[10] = '1';
	/* A bundle in a bundle, and a member of a name that none has. */
	snprintf(p->at[0].name, sizeof(p->at[0].name), "inner.zip");
	pieces_save(p, bad);
	verify_path(f, bad, &v);
	assert_int_equal(v.r, 0);
	assert_true(says(&v, "inner.zip does not belong into a bundle"));
	pieces_free(p);
	/* An archive of something else. */
	p->n = 1;
	snprintf(p->at[0].name, sizeof(p->at[0].name), "holiday.jpg");
	pieces_save(p, bad);
	verify_path(f, bad, &v);
	assert_int_equal(v.r, -ERR_INPUT);
	pieces_free(p);
	buf_free(&v.all);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_holds, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refuses_to_replace,
		    sealed_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_scopes, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_trust, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_policy, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_encrypted, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_forged_result, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_files, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_erased, sealed_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refused, sealed_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
