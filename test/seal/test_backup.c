/* Manifests, depots, settings; a backup that goes on after an interruption;
 * and every fault of a disk while one is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "record/exchange.h"
#include "record/workspace.h"
#include "seal/backup_job.h"
#include "sys/db.h"

struct fixture {
	char dir[64];
	char ws[80], depot[80], to[80];
	struct arena a;
	struct age_identity id;
	struct age_recipient r;
	struct err e;
};

#define ok(r)                                                                  \
	do {                                                                   \
		int ok_r = (r);                                                \
		if (ok_r != 0)                                                 \
			print_error("%s: %s (%s)\n", #r, f->e.what,            \
			    f->e.where);                                       \
		assert_int_equal(ok_r, 0);                                     \
	} while (0)

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct workspace_spec spec = { .org = "Example Ltd", .demo = true };
	struct workspace *ws;

	snprintf(f->dir, sizeof(f->dir), "/tmp/test_backup_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->ws, sizeof(f->ws), "%s/w", f->dir);
	snprintf(f->depot, sizeof(f->depot), "%s/d", f->dir);
	snprintf(f->to, sizeof(f->to), "%s/r", f->dir);
	age_identity_make(&f->id);
	age_identity_recipient(&f->id, &f->r);
	ok(workspace_create(f->ws, &spec, &ws, &f->e));
	workspace_close(ws);
	*state = f;
	return (0);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	file_remove_tree(f->dir, NULL);
	arena_free(&f->a);
	free(f);
	return (0);
}

/* One body of ${n} bytes, and an entry for it. */
static void
grow(struct fixture *f, size_t n, int i)
{
	WORKSPACE_SCOPED *ws = NULL;
	BUF_SCOPED b = BUF_INIT;
	struct entry_body body = { .class = STR("raw") };
	struct entry x = { .actor = STR("test"), .action = STR("put"),
		.type = STR("thing"), .id = STR("x"), .bodies = &body,
		.nbodies = 1 };

	buf_reserve(&b, n + 8);
	rng_bytes(b.ptr, n);
	b.len = n;
	ok(workspace_open(f->ws, true, &ws, &f->e));
	ok(ledger_begin(ws->ledger, &f->e));
	ok(body_put(ws->ledger, NULL, buf_str(&b), BODY_PACK, body.commitment,
	    &f->e));
	ok(ledger_append(ws->ledger, &x, NULL, NULL, &f->e));
	ok(ledger_commit(ws->ledger, &f->e));
	(void)i;
}

static int
run(struct fixture *f, uint64_t segment, uint64_t keep,
    struct backup_result *res)
{
	struct backup_spec spec = { .dir = f->ws, .to = f->depot,
		.recipients = &f->r, .nrecipients = 1, .segment = segment,
		.keep = keep };

	return (backup_run(&spec, res, &f->e));
}

static int
restore(struct fixture *f, struct seal_restore_result *res)
{
	DEPOT_SCOPED d = { .lock = FILE_INIT };
	struct seal_restore_spec spec = { .to = f->to };
	int r = depot_open(f->depot, &d, &f->e);

	d.ids.at[0] = f->id;
	d.ids.n = 1;
	if (r == 0)
		r = seal_point_at(&d, NULL, &spec.number, &f->e);
	if (r == 0)
		r = seal_restore(&d, &spec, res, &f->e);
	if (r == 0)
		assert_int_equal(file_remove_tree(f->to, NULL), 0);
	else
		assert_false(file_exists(f->to));
	return (r);
}

/* --- manifests ----------------------------------------------------------- */

static const char GOOD[] =
    "tickmark-backup/v1\norigin tickmark.local/x\nnumber 7\nmade 5\n"
    "entries 12\ntime 4\ncheckpoint 11 "
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    "schema 1\nkeys yes\nwriter 0001020304050607\n"
    "segment 00112233445566778899aabbccddeeff 1000 1300\n"
    "file 0644 0 empty\n"
    "file 0600 30 folder/two words\n"
    "piece 0 0 10 "
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    "piece 0 980 20 "
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static int
parse(struct fixture *f, const char *text, bool *own)
{
	static const uint8_t key[CRYPTO_KEY] = { 1 };
	POINT_SCOPED m = { .number = 0 };
	BUF_SCOPED b = BUF_INIT, again = BUF_INIT;
	uint8_t mac[CRYPTO_HASH];

	buf_puts(&b, text);
	crypto_hmac(key, CRYPTO_KEY, b.ptr, b.len, mac);
	buf_puts(&b, "mac ");
	buf_puthex(&b, mac, sizeof(mac));
	buf_putc(&b, '\n');
	int r = point_parse(buf_str(&b), key, &m, own, &f->e);
	if (r != 0)
		return (r);
	point_print(&m, key, &again);
	assert_string_equal(again.ptr, b.ptr);
	return (0);
}

static void
test_manifest(void **state)
{
	static const struct {
		const char *from, *to;
	} bad[] = {
		{ "number 7", "number 07" }, { "number 7", "number 0" },
		{ "number 7", "number -7" }, { "number 7", "number +7" },
		{ "number 7\n", "" }, { "made 5", "made 5 " },
		{ "made 5", "made 9223372036854775808" },
		{ "entries 12", "entries 10" }, { "keys yes", "keys maybe" },
		{ "writer 00", "writer 0" }, { "writer 00", "writer 0G" },
		{ "local/x", "local/ x" }, { "checkpoint 11 ", "checkpoint 11" },
		{ "bbccddeeff 1000", "bbccddeefg 1000" },
		{ "bbccddeeff 1000", "bbccddeef 1000" },
		{ "ff 1000", "ff 999" }, { "ff 1000", "ff 0" },
		{ "ff 1000", "ff 1073741825" },
		{ "0644 0 empty", "0644 1 empty" },
		{ "0644 0 empty", "644 0 empty" },
		{ "0644 0 empty", "1644 0 empty" },
		{ "0644 0 empty", "0684 0 empty" },
		{ "0 empty", "0 " }, { "0 empty", "0 /empty" },
		{ "0 empty", "0 ../empty" }, { "0 empty", "0 a/../empty" },
		{ "0 empty", "0 ." }, { "0 empty", "0 a//b" },
		{ "0 empty", "0 a/" }, { "0 empty", "0 a\tb" },
		{ "0 empty", "0 a\xff" }, { "0 empty", "0 zzz" },
		{ "0 empty", "0 folder/two words" },
		{ "file 0600 30", "file 0600 31" },
		{ "piece 0 0 10", "piece 1 0 10" },
		{ "piece 0 0 10", "piece 0 0 0" },
		{ "piece 0 980", "piece 0 981" },
		{ "piece 0 980 20", "piece 0 18446744073709551615 20" },
		{ "file 0644 0 empty\n", "thing 1\n" },
		{ "file 0644 0 empty\n", "\n" },
		{ "tickmark-backup/v1", "tickmark-backup" },
	};
	struct fixture *f = *state;
	bool own = false;

	ok(parse(f, GOOD, &own));
	assert_true(own);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *at = strstr(GOOD, bad[i].from);
		assert_non_null(at);
		char *text = arena_printf(&f->a, "%.*s%s%s",
		    (int)(at - GOOD), GOOD, bad[i].to,
		    at + strlen(bad[i].from));
		if (parse(f, text, &own) != -ERR_DAMAGED)
			fail_msg("%s was accepted", bad[i].to);
	}
	char *newer = arena_printf(&f->a, "tickmark-backup/v2\n%s", GOOD + 19);
	assert_int_equal(parse(f, newer, &own), -ERR_NEWER);
	/* Every prefix, and one byte more, is refused. */
	BUF_SCOPED b = BUF_INIT;
	uint8_t other[CRYPTO_KEY] = { 2 };
	POINT_SCOPED m = { .number = 0 };
	buf_puts(&b, GOOD);
	buf_printf(&b, "mac %064d\n", 0);
	assert_int_equal(point_parse(buf_str(&b), other, &m, &own, NULL),
	    0);
	assert_false(own);
	for (size_t n = 0; n < b.len; n++) {
		POINT_SCOPED x = { .number = 0 };
		assert_int_not_equal(point_parse((struct str){ b.ptr, n },
		    NULL, &x, NULL, NULL), 0);
	}
	buf_putc(&b, '\n');
	POINT_SCOPED y = { .number = 0 };
	assert_int_equal(point_parse(buf_str(&b), NULL, &y, NULL, NULL),
	    -ERR_DAMAGED);
}

/* --- backups ------------------------------------------------------------- */

static void
test_incremental(void **state)
{
	struct fixture *f = *state;
	struct backup_result first, res;
	struct seal_restore_result back;

	for (int i = 0; i < 4; i++)
		grow(f, 3 << 20, i);
	ok(run(f, 0, 0, &first));
	assert_true(first.full && first.written > 12 << 20);
	ok(run(f, 0, 0, &res));
	assert_false(res.full);
	assert_true(res.written < 100000);
	grow(f, 1 << 20, 5);
	ok(run(f, 0, 0, &res));
	assert_true(res.written > 1 << 20 && res.written < 3 << 20);
	assert_int_equal(res.number, 3);
	ok(restore(f, &back));
	assert_int_equal(back.entries, res.entries);
	assert_true(back.own);
	/* Sizes of objects have few significant bits. */
	DEPOT_SCOPED d = { .lock = FILE_INIT };
	ok(depot_open(f->depot, &d, &f->e));
	d.ids.at[0] = f->id;
	d.ids.n = 1;
	POINT_SCOPED m = { .number = 0 };
	ok(depot_load(&d, 3, &m, NULL, &f->e));
	for (size_t i = 0; i < m.segments.n; i++) {
		uint64_t n = m.segments.at[i].length;
		assert_true(n < 1024 || (n & ((UINT64_C(1) <<
		    (63 - __builtin_clzll(n) - 5)) - 1)) == 0);
	}
}

/* What turns does not pile up: segments of which little is left go. */
static void
test_turning(void **state)
{
	struct fixture *f = *state;
	struct backup_result res;
	struct seal_restore_result back;
	uint64_t whole, n = 0;
	char **names;
	size_t count;

	ok(run(f, 0, 2, &res));
	whole = res.written;
	for (int i = 0; i < 40; i++) {
		grow(f, 2000, i);
		ok(run(f, 0, 2, &res));
	}
	assert_int_equal(res.number, 41);
	ok(file_list(&f->a, arena_printf(&f->a, "%s/data", f->depot), &names,
	    &count, &f->e));
	for (size_t i = 0; i < count; i++) {
		struct stat st;
		assert_int_equal(stat(arena_printf(&f->a, "%s/data/%s",
		    f->depot, names[i]), &st), 0);
		n += (uint64_t)st.st_size;
	}
	if (n > 4 * whole)
		fail_msg("%zu objects of %llu bytes for %llu", count,
		    (unsigned long long)n, (unsigned long long)whole);
	ok(restore(f, &back));
}

struct fault {
	const char *below;
	int at;  /* the n-th call */
	int n;
	int err;
};

static int
inject(void *ctx, enum file_op op, const char *path)
{
	struct fault *x = ctx;

	(void)op;
	if (strncmp(path, x->below, strlen(x->below)) != 0)
		return (0);
	return (x->n++ == x->at ? x->err : 0);
}

/* Each call on the depot fails once; the point before stays, and the next
 * backup goes through. */
static void
test_faults(void **state)
{
	struct fixture *f = *state;
	struct backup_result res;
	struct seal_restore_result back;
	int failed = 0;

	grow(f, 300000, 0);
	ok(run(f, 1 << 17, 2, &res));
	for (int i = 0; i < 400; i++) {
		struct fault x = { f->depot, i, 0, i % 2 ? ENOSPC : EIO };
		uint64_t before = res.number;
		if (i % 8 == 0)
			grow(f, 150000, i);
		file_fault_install(inject, &x);
		int r = run(f, 1 << 17, 2, &res);
		file_fault_install(NULL, NULL);
		if (r == 0 && x.n <= i)
			break;
		if (r != 0) {
			failed++;
			assert_true(f->e.code == ERR_IO ||
			    f->e.code == ERR_DAMAGED);
			assert_true(f->e.where[0] != '\0');
		}
		if (i % 6 == 0) {
			ok(restore(f, &back));
			assert_true(back.number >= before);
		}
		ok(run(f, 1 << 17, 2, &res));
	}
	assert_true(failed > 10);
	ok(restore(f, &back));
	assert_int_equal(back.number, res.number);
}

/* What was interrupted is used, and not written again. */
static void
test_resumed(void **state)
{
	struct fixture *f = *state;
	struct backup_result res;
	struct seal_restore_result back;
	struct fault x = { f->depot, 200, 0, EIO };

	for (int i = 0; i < 12; i++)
		grow(f, 1 << 20, i);
	file_fault_install(inject, &x);
	assert_int_equal(run(f, 1 << 20, 0, &res), -ERR_IO);
	file_fault_install(NULL, NULL);
	assert_true(file_exists(arena_printf(&f->a, "%s/pending", f->depot)));
	ok(run(f, 1 << 20, 0, &res));
	assert_true(res.resumed);
	assert_int_equal(res.number, 1);
	assert_true(res.written < 10 << 20);
	assert_false(file_exists(arena_printf(&f->a, "%s/pending", f->depot)));
	ok(restore(f, &back));
	assert_int_equal(back.entries, res.entries);
}

/* Faults while restoring leave nothing. */
static void
test_restore_faults(void **state)
{
	struct fixture *f = *state;
	struct backup_result res;
	struct seal_restore_result back;
	int failed = 0;

	grow(f, 200000, 0);
	ok(run(f, 0, 0, &res));
	for (int i = 0; i < 3000; i += 1 + i / 8) {
		struct fault x = { f->to, i, 0, ENOSPC };
		file_fault_install(inject, &x);
		int r = restore(f, &back);
		file_fault_install(NULL, NULL);
		if (r == 0 && x.n <= i)
			break;
		failed += r != 0;
	}
	assert_true(failed > 10);
	ok(restore(f, &back));
}

/* --- the record, and when it is time ------------------------------------- */

static void
test_record(void **state)
{
	struct fixture *f = *state;
	WORKSPACE_SCOPED *ws = NULL;
	struct backup_settings s = { .every = CLOCK_DAY, .test = 7 * CLOCK_DAY };
	struct backup_event x = { .kind = BACKUP_POINT, .good = true,
		.point = 3, .entries = 99, .bytes = 1000 }, y;
	bool due, found;
	int64_t now = clock_now();

	struct depot d;

	s.to = f->depot;
	ok(depot_begin(f->depot, "tickmark.local/x", false, &d, &f->e));
	memcpy(x.depot, d.id, sizeof(x.depot));
	depot_close(&d);
	ok(workspace_open(f->ws, true, &ws, &f->e));
	ok(backup_job_due(ws->ledger, &s, BACKUP_POINT, now, &due, &f->e));
	assert_true(due);
	/* There is nothing yet that could be tried. */
	ok(backup_job_due(ws->ledger, &s, BACKUP_TEST, now, &due, &f->e));
	assert_false(due);
	ok(backup_record(ws->ledger, ws->actor.id, &x, &f->e));
	ok(backup_record_last(ws->ledger, BACKUP_POINT, true, &y, &found,
	    &f->e));
	assert_true(found && y.good);
	assert_int_equal(y.point, 3);
	assert_int_equal(y.entries, 99);
	assert_string_equal(y.depot, x.depot);
	ok(backup_record_last(ws->ledger, BACKUP_TEST, false, &y, &found,
	    &f->e));
	assert_false(found);
	now = clock_now();
	ok(backup_job_due(ws->ledger, &s, BACKUP_POINT, now + CLOCK_HOUR, &due,
	    &f->e));
	assert_false(due);
	ok(backup_job_due(ws->ledger, &s, BACKUP_POINT, now + CLOCK_DAY, &due,
	    &f->e));
	assert_true(due);
	ok(backup_job_due(ws->ledger, &s, BACKUP_TEST, now, &due, &f->e));
	assert_true(due);
	/* Another depot has none of them. */
	s.to = "/nonexistent";
	ok(backup_job_due(ws->ledger, &s, BACKUP_POINT, now, &due, &f->e));
	assert_true(due);
	s.to = f->depot;
	/* One that failed is tried again after an hour, and said meanwhile. */
	x = (struct backup_event){ .kind = BACKUP_TEST, .reason = ERR_IO };
	ok(backup_record(ws->ledger, ws->actor.id, &x, &f->e));
	now = clock_now();
	assert_int_equal(backup_job_due(ws->ledger, &s, BACKUP_TEST, now, &due,
	    &f->e), -ERR_IO);
	assert_false(due);
	ok(backup_job_due(ws->ledger, &s, BACKUP_TEST, now + CLOCK_HOUR, &due,
	    &f->e));
	assert_true(due);
	ok(backup_record_last(ws->ledger, BACKUP_TEST, false, &y, &found,
	    &f->e));
	assert_true(found && !y.good && y.reason == ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_manifest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_incremental, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_turning, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resumed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restore_faults, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
