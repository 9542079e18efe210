/*
 * A person is erased: nothing that is left, opened with every key that is left,
 * has a name of hers, wherever the erasure was interrupted.
 */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "record/verify.h"
#include "schema/kind.h"
#include "seal/certificate.h"
#include "seal/retention.h"
#include "sys/db.h"

#define EPOCH INT64_C(1735689600000000) /* 2025-01-01T00:00:00Z */

static const char *const names[] = { "lovelace", "adalove", NULL };

static char base[64];
static struct err e;

#define ok(call)                                                               \
	do {                                                                   \
		int ok_r = (call);                                             \
		if (ok_r != 0)                                                 \
			print_error("%s: %s (%s)\n", #call, e.what, e.where);  \
		assert_int_equal(ok_r, 0);                                     \
	} while (0)

/* --- what there is ----------------------------------------------------------- */

static void
row(struct evidence_run *run, const char *id, const char *login,
    const char *email, const char *name)
{
	struct cell c[11] = { 0 };

	c[0] = CELL_STR(STR("mail"));
	c[1] = CELL_STR(str_from(id));
	c[2] = CELL_STR(str_from(login));
	c[3] = CELL_STR(str_from(email));
	c[4] = CELL_STR(str_from(name));
	c[8] = CELL_STR(STR("active"));
	ok(evidence_row(run, c, &e));
}

/* Accounts with raw bytes, from one source. */
static void
collect(struct evidence *ev, const char *source, int64_t at, bool hers)
{
	struct evidence_run_spec s = { .source = str_from(source),
		.name = str_from(source), .collector = STR("test/1"),
		.actor = STR("test"), .query = hers ? STR("ask for adalove") :
		STR("ask for all"), .at = at, .started = at,
		.max_gap_s = 86400 };
	struct evidence_run *run;

	ok(evidence_run_begin(ev, &s, &run, &e));
	ok(evidence_table_begin(run, schema_find(STR("saas_account")), NULL,
	    &e));
	if (hers)
		row(run, "u1", "adalove", "ada.lovelace@example.org",
		    "Ada Lovelace");
	row(run, "u2", "bobburns", "bob.burns@example.org", "Bob Burns");
	ok(evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &e));
	ok(evidence_raw(run, STR("csv"), hers ?
	    STR("Ada Lovelace,adalove\nBob Burns\n") : STR("Bob Burns\n"), &e));
	ok(evidence_run_commit(run, at + 1, NULL, &e));
}

static void
put(struct workspace *ws, const char *type, const char *const *kv)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *m = val_map(&a);

	for (; kv[0] != NULL; kv += 2)
		val_put(&a, m, kv[0], val_text(&a, kv[1]));
	ok(record_put(&ws->records, &a, &ws->actor, schema_find(str_from(type)),
	    STR(""), m, NULL, &e));
}

static void
make_world(const char *dir)
{
	struct workspace_spec spec = { .org = "Forget", .demo = true };
	struct workspace *ws;
	struct evidence *ev;

	clock_replace(EPOCH);
	ok(workspace_create(dir, &spec, &ws, &e));
	ok(evidence_open(&ev, dir, ws->ledger, true, &e));
	put(ws, "person", (const char *const[]){ "code", "E1", "name",
	    "Ada Lovelace", "email", "ada.lovelace@example.org", "login",
	    "adalove", "kind", "employee", NULL });
	put(ws, "person", (const char *const[]){ "code", "E1", "name",
	    "Ada King Lovelace", NULL });
	put(ws, "vendor", (const char *const[]){ "name", "Acme", "service",
	    "asked by Ada Lovelace", NULL });
	put(ws, "vendor", (const char *const[]){ "name", "Acme", "service",
	    "asked by us", NULL });
	collect(ev, "one", EPOCH, true);
	collect(ev, "one", EPOCH + CLOCK_DAY, true);
	collect(ev, "two", EPOCH, false);
	evidence_close(ev);
	workspace_close(ws);
}

/* --- what is left ------------------------------------------------------------ */

static bool
names_her(struct str s)
{
	BUF_SCOPED b = BUF_INIT;

	buf_reserve(&b, s.len + 1);
	for (size_t i = 0; i < s.len; i++)
		b.ptr[i] = (char)tolower((unsigned char)s.ptr[i]);
	for (const char *const *n = names; *n != NULL; n++)
		if (memmem(b.ptr, s.len, *n, strlen(*n)) != NULL)
			return (true);
	return (false);
}

static int
in_files(const char *dir)
{
	int n = 0;
	DIR *d = opendir(dir);

	assert_non_null(d);
	for (struct dirent *x; (x = readdir(d)) != NULL;) {
		BUF_SCOPED b = BUF_INIT;
		char path[512];
		struct stat st;
		if (x->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, x->d_name);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			n += in_files(path);
			continue;
		}
		ok(file_read(path, 1 << 28, &b, &e));
		if (names_her(buf_str(&b))) {
			print_message("%s names her\n", path);
			n++;
		}
	}
	closedir(d);
	return (n);
}

/* Every body that a key opens, whoever names it; ${ret_raw}: raw bytes that
 * are still there. */
static int
in_bodies(struct workspace *ws)
{
	STMT_SCOPED *st = NULL;
	int n = 0, r;

	ok(db_prepare(ws->db, &st, STR("SELECT commitment FROM body UNION"
	    " SELECT commitment FROM body_inline"), &e));
	while ((r = stmt_step(st, &e)) == 1) {
		BUF_SCOPED b = BUF_INIT;
		uint8_t c[BODY_HASH];
		memcpy(c, stmt_str(st, 0).ptr, BODY_HASH);
		r = body_get(ws->ledger, c, &b, &e);
		assert_true(r == 0 || r == -ERR_ERASED);
		n += r == 0 && names_her(buf_str(&b));
	}
	assert_int_equal(r, 0);
	return (n);
}

static void
told(void *ctx, const struct err *x)
{
	(void)ctx;
	print_message("%s: %s\n", x->where, x->what);
}

static void
nothing_of_her(const char *dir)
{
	struct workspace *ws;
	struct evidence *ev;
	struct check_counts n;
	uint64_t rows;
	uint8_t a[32], b[32];

	ok(workspace_open(dir, true, &ws, &e));
	ok(evidence_open(&ev, dir, ws->ledger, true, &e));
	ok(evidence_digest(ev, a, &e));
	ok(ledger_sequence(ws->ledger, &e));
	assert_int_equal(in_bodies(ws), 0);
	ok(ledger_check(dir, ws->db, ws->keys, CHECK_BODIES, told, NULL, &n,
	    &e));
	assert_int_equal(n.problems, 0);
	assert_true(n.erased > 0);
	ok(record_verify(dir, ws->db, ws->keys, told, NULL, &rows, &e));
	ok(evidence_rebuild(ev, &e));
	ok(evidence_digest(ev, b, &e));
	assert_memory_equal(a, b, 32);
	int64_t bob = 0;
	ok(db_get_int(evidence_db(ev), "SELECT count(*) FROM \"saas_account!v\""
	    " WHERE email = 'bob.burns@example.org'", 0, &bob, &e));
	assert_true(bob >= 2);
	evidence_close(ev);
	workspace_close(ws);
	assert_int_equal(in_files(dir), 0);
}

/* --- erasing ----------------------------------------------------------------- */

static int
erase(const char *dir, struct forget *ret)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct workspace *ws = NULL;
	struct evidence *ev = NULL;
	struct forget f;
	int r = workspace_open(dir, true, &ws, &e);

	if (r == 0)
		r = evidence_open(&ev, dir, ws->ledger, true, &e);
	if (r != 0)
		return (r);
	forget_init(&f, &a, ws, ev);
	r = forget_person(&f, STR("ada.lovelace@example.org"), &e);
	evidence_close(ev);
	f.ev = NULL;
	if (r == 0)
		r = forget_commit(&f, STR("test"), STR("T-1"), STR("request"),
		    &e);
	if (ret != NULL) {
		*ret = f;
		ret->a = NULL;
	}
	forget_free(&f);
	workspace_close(ws);
	return (r);
}

static void
copy_tree(const char *from, const char *to)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("cp", "cp", "-a", "--", from, to, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static const char *
copy_of(const char *name)
{
	static char to[128];
	char from[128];

	snprintf(from, sizeof(from), "%s/world", base);
	snprintf(to, sizeof(to), "%s/%s", base, name);
	copy_tree(from, to);
	return (to);
}

static void
erased(void **state)
{
	const char *dir = copy_of("once");
	struct forget f;

	(void)state;
	/* The test can fail: before, she is in all of these. */
	struct workspace *ws;
	ok(workspace_open(dir, true, &ws, &e));
	assert_int_equal(in_bodies(ws), 5);
	workspace_close(ws);
	assert_true(in_files(dir) >= 2);
	ok(erase(dir, &f));
	assert_int_equal(f.nraw, 2); /* of the source that has her */
	assert_int_equal(f.nbodies, 2); /* a query, and an old revision */
	nothing_of_her(dir);
	/* Bytes of the other source are there still. */
	ok(workspace_open(dir, true, &ws, &e));
	STMT_SCOPED *st = NULL;
	size_t raw = 0;
	ok(db_prepare(ws->db, &st, STR("SELECT commitment FROM body"), &e));
	while (stmt_step(st, &e) == 1) {
		BUF_SCOPED b = BUF_INIT;
		uint8_t c[BODY_HASH];
		memcpy(c, stmt_str(st, 0).ptr, BODY_HASH);
		raw += body_get(ws->ledger, c, &b, &e) == 0 &&
		    str_is(buf_str(&b), "Bob Burns\n");
	}
	stmt_free(st);
	st = NULL;
	assert_int_equal(raw, 1);
	workspace_close(ws);
	file_remove_tree(dir, NULL);
}

/* Raw bytes by time: a key goes when all that it covers is past. */
static void
raw_by_time(void **state)
{
	const char *dir = copy_of("raw");
	ARENA_SCOPED a = ARENA_INIT;
	struct workspace *ws;
	struct evidence *ev;
	struct forget f;
	size_t rules;

	(void)state;
	clock_replace(EPOCH + 60 * CLOCK_DAY);
	ok(workspace_open(dir, true, &ws, &e));
	ok(evidence_open(&ev, dir, ws->ledger, true, &e));
	collect(ev, "two", EPOCH + 60 * CLOCK_DAY, false);
	forget_init(&f, &a, ws, ev);
	ok(forget_raw(&f, EPOCH, &e));
	assert_int_equal(f.items.n, 0);
	ok(forget_raw(&f, EPOCH + 30 * CLOCK_DAY, &e));
	assert_int_equal(f.nraw, 3);
	forget_free(&f);
	forget_init(&f, &a, ws, ev);
	ok(forget_due(&f, EPOCH + 60 * CLOCK_DAY, &rules, &e));
	assert_int_equal(rules, 0);
	assert_int_equal(f.items.n, 0);
	put(ws, "retention", (const char *const[]){ "code", "RET-1", "keeps",
	    "raw", "days", "30", NULL });
	ok(forget_due(&f, EPOCH + 60 * CLOCK_DAY, &rules, &e));
	assert_int_equal(rules, 1);
	assert_int_equal(f.nraw, 3);
	put(ws, "legal_hold", (const char *const[]){ "code", "LH-1", "scope",
	    "all", "reason", "x", NULL });
	ok(forget_due(&f, EPOCH + 60 * CLOCK_DAY, &rules, &e));
	assert_int_equal(f.holds.n, 1);
	assert_int_equal(forget_commit(&f, STR("test"), STR("RET-1"),
	    STR("retention"), &e), -ERR_DENIED);
	forget_free(&f);
	evidence_close(ev);
	/* The server's job: held, then released, then done. */
	char said[512];
	clock_replace(EPOCH + 60 * CLOCK_DAY);
	ok(retention_job(ws, &a, said, sizeof(said), &e));
	assert_non_null(strstr(said, "no raw bytes were erased: "));
	assert_non_null(strstr(said, "LH-1"));
	put(ws, "legal_hold", (const char *const[]){ "code", "LH-1",
	    "released_on", "2025-01-02", NULL });
	ok(retention_job(ws, &a, said, sizeof(said), &e));
	assert_string_equal(said, "erased the raw bytes of 3 collections that "
	    "the rules let go");
	ok(retention_job(ws, &a, said, sizeof(said), &e));
	assert_string_equal(said, "");
	workspace_close(ws);
	clock_replace(EPOCH);
	file_remove_tree(dir, NULL);
}

/* --- rules of retention -------------------------------------------------------- */

static void
put_rules(const char *dir)
{
	struct workspace *ws;
	struct evidence *ev;

	clock_replace(EPOCH + 10 * CLOCK_DAY);
	ok(workspace_open(dir, true, &ws, &e));
	ok(evidence_open(&ev, dir, ws->ledger, true, &e));
	/* She was in source two once, and is not any more. */
	collect(ev, "two", EPOCH + 2 * CLOCK_DAY, true);
	collect(ev, "two", EPOCH + 3 * CLOCK_DAY, false);
	evidence_close(ev);
	put(ws, "person", (const char *const[]){ "code", "E2", "name",
	    "Bob Burns", "kind", "employee", NULL });
	put(ws, "data_category", (const char *const[]){ "name", "Spare",
	    "handling", "internal", "personal", "no", NULL });
	put(ws, "data_category", (const char *const[]){ "name", "Data",
	    "handling", "personal", "personal", "yes", NULL });
	put(ws, "retention_rule", (const char *const[]){ "code", "RR-1",
	    "category", "Data", "trigger", "Change", "target", "vendor",
	    "days", "100", "method", "crypto_erase", "owner", "E1",
	    "approver", "E2", "reason", "x", "decision", "POL-11", "state",
	    "active", NULL });
	put(ws, "retention_rule", (const char *const[]){ "code", "RR-2",
	    "category", "Data", "trigger", "Last seen", "target",
	    "saas_account", "days", "300", "method", "crypto_erase", "owner",
	    "E1", "approver", "E2", "reason", "x", "state", "active", NULL });
	put(ws, "retention_rule", (const char *const[]){ "code", "RR-3",
	    "category", "Data", "trigger", "Change", "target",
	    "data_category", "action", "retire", "days", "50", "method",
	    "delete", "owner", "E1", "approver", "E2", "reason", "x", "state",
	    "active", NULL });
	workspace_close(ws);
}

/* What is due at a day; carried out if ${run}. */
static int
let_go(const char *dir, int64_t at, bool run, size_t *due, size_t *held)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct workspace *ws = NULL;
	struct evidence *ev = NULL;
	struct retention x = { 0 };

	clock_replace(at);
	int r = workspace_open(dir, true, &ws, &e);
	if (r == 0)
		r = evidence_open(&ev, dir, ws->ledger, true, &e);
	if (r == 0)
		r = retention_read(&a, ws, ev, STR(""), &x, &e);
	evidence_close(ev);
	if (due != NULL) {
		*due = x.due;
		*held = x.held;
	}
	if (r == 0 && run)
		r = retention_run(&x, &ws->actor, &e);
	retention_free(&x);
	workspace_close(ws);
	return (r);
}

/* The certificates: how many, and the ledger bears out each. */
static size_t
certified(const char *dir, int64_t *ret_count)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct workspace *ws;
	struct record_list list;
	struct err found;

	ok(workspace_open(dir, true, &ws, &e));
	ok(record_list(&ws->records, &a, schema_get(T_DISPOSAL), NULL, &list,
	    &e));
	*ret_count = 0;
	for (size_t i = 0; i < list.n; i++) {
		ok(certificate_check(ws, &list.at[i], &found, &e));
		assert_int_equal(found.code, ERR_OK);
		*ret_count += record_int(&list.at[i], F_DISPOSAL_COUNT, 0);
		/* One that says something else is found out. */
		list.at[i].cells[F_DISPOSAL_POSITION].i--;
		ok(certificate_check(ws, &list.at[i], &found, &e));
		assert_int_equal(found.code, ERR_DAMAGED);
	}
	workspace_close(ws);
	return (list.n);
}

#define LATER (EPOCH + 400 * CLOCK_DAY)

static void
by_rule(void **state)
{
	const char *dir = copy_of("rules");
	struct workspace *ws;
	size_t due, held;
	int64_t count;

	(void)state;
	put_rules(dir);
	ok(let_go(dir, EPOCH + 99 * CLOCK_DAY, false, &due, &held));
	assert_int_equal(due, 1);
	ok(let_go(dir, LATER, false, &due, &held));
	assert_int_equal(due, 3);
	/* A hold on her keeps her row, and the vendor whose texts name her. */
	ok(workspace_open(dir, true, &ws, &e));
	put(ws, "legal_hold", (const char *const[]){ "code", "LH-1", "scope",
	    "person", "person", "E1", "reason", "x", NULL });
	workspace_close(ws);
	ok(let_go(dir, LATER, true, &due, &held));
	assert_int_equal(due, 2);
	assert_int_equal(held, 1);
	assert_int_equal(certified(dir, &count), 2);
	assert_int_equal(count, 2);
	ok(workspace_open(dir, true, &ws, &e));
	put(ws, "legal_hold", (const char *const[]){ "code", "LH-1",
	    "released_on", "2025-02-01", NULL });
	workspace_close(ws);
	ok(let_go(dir, LATER, true, &due, &held));
	assert_int_equal(due, 1);
	assert_int_equal(certified(dir, &count), 3);
	ok(let_go(dir, LATER, true, &due, &held));
	assert_int_equal(due + held, 0);
	assert_int_equal(certified(dir, &count), 3);
	clock_replace(EPOCH);
	file_remove_tree(dir, NULL);
}

/* --- killed ------------------------------------------------------------------ */

static int left;

static int
tick(void *ctx, enum file_op op, const char *path)
{
	(void)ctx;
	(void)path;
	if (op != FILE_OP_READ && op != FILE_OP_OPEN && --left == 0)
		_exit(9);
	return (0);
}

static void
killed(void **state)
{
	int status = 9 << 8, n = 1, undone = 0;

	(void)state;
	for (; WEXITSTATUS(status) == 9 && n < 400; n += 4) {
		const char *dir = copy_of("killed");
		pid_t pid = fork();
		if (pid == 0) {
			left = n;
			file_fault_install(tick, NULL);
			_exit(erase(dir, NULL) == 0 ? 0 : 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		/* Killed before it was said: then it is not done, and holds. */
		struct workspace *ws;
		ok(workspace_open(dir, true, &ws, &e));
		int64_t said = 0;
		ok(db_get_int(ws->db, "SELECT count(*) FROM erased", 0, &said,
		    &e));
		workspace_close(ws);
		if (said != 0)
			nothing_of_her(dir);
		undone += said == 0;
		file_remove_tree(dir, NULL);
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	print_message("killed %d times, %d of them before it was said\n",
	    (n - 1) / 4, undone);
	assert_true((n - 1) / 4 > undone + 3);
}

static void
killed_by_rule(void **state)
{
	int status = 9 << 8, n = 1, rounds = 0;
	char from[128];
	int64_t count;

	(void)state;
	snprintf(from, sizeof(from), "%s", copy_of("rules"));
	put_rules(from);
	for (; WEXITSTATUS(status) == 9 && n < 900; n += 29, rounds++) {
		char dir[160];
		snprintf(dir, sizeof(dir), "%s.killed", from);
		copy_tree(from, dir);
		pid_t pid = fork();
		if (pid == 0) {
			left = n;
			file_fault_install(tick, NULL);
			_exit(let_go(dir, LATER, true, NULL, NULL) == 0 ? 0 : 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		/* Whatever was done, doing it again makes the same of it. */
		ok(let_go(dir, LATER, true, NULL, NULL));
		assert_int_equal(certified(dir, &count), 3);
		assert_int_equal(count, 3);
		file_remove_tree(dir, NULL);
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(rounds > 1);
	clock_replace(EPOCH);
	file_remove_tree(from, NULL);
}

static int
group_setup(void **state)
{
	char dir[128];

	(void)state;
	snprintf(base, sizeof(base), "%s/tickmark-forget.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/world", base);
	make_world(dir);
	return (0);
}

static int
group_teardown(void **state)
{
	(void)state;
	file_remove_tree(base, NULL);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(erased),
		cmocka_unit_test(raw_by_time),
		cmocka_unit_test(by_rule),
		cmocka_unit_test(killed),
		cmocka_unit_test(killed_by_rule),
	};

	return (cmocka_run_group_tests(tests, group_setup, group_teardown));
}
