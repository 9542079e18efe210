/* The csv collector. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "sys/file.h"

static char dir[64], file[128];
static struct collect_result res;
static struct buf out;

static void
write_csv(const char *text)
{
	struct err e = { 0 };

	if (file_write(file, 0600, text, strlen(text), &e) != 0)
		fail_msg("%s", e.what);
}

/* Options as words, ended by NULL; the file is added. */
static void
collect(const char *first, ...)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *argv[40] = { "--file", file };
	struct val *o;
	struct err e = { 0 };
	int n = 2;
	va_list ap;

	va_start(ap, first);
	for (const char *w = first; w != NULL && n < 40;
	    w = va_arg(ap, const char *))
		argv[n++] = w;
	va_end(ap);
	if (collect_options(&a, collect_find(STR("csv")), n,
	    (char *const *)(uintptr_t)argv, &o, &e) != 0)
		fail_msg("%s %s", e.where, e.what);
	struct collect_source s = { .id = STR("s"), .name = STR("hr"),
		.collector = STR("csv"), .options = o };
	buf_reset(&out);
	if (collect_dump(&s, 0, NULL, &out, &res, &e) != 0)
		fail_msg("%s", e.what);
}

static void
says(const char *part)
{
	if (res.failed)
		fail_msg("%s: %s", res.why.where, res.why.what);
	if (out.ptr == NULL || strstr(out.ptr, part) == NULL)
		fail_msg("no %s in\n%s", part, out.ptr);
}

static void
refused(const char *where, const char *what)
{
	assert_true(res.failed);
	assert_int_equal(out.len, 0);
	if (strstr(res.why.where, where) == NULL ||
	    strstr(res.why.what, what) == NULL)
		fail_msg("%s: %s (%s)", res.why.where, res.why.what,
		    res.why.fix);
}

static void
test_columns(void **state)
{
	(void)state;
	write_csv("badge_id,Holder,site,active,extra\nB1,Ann,HQ,yes,x\n"
	    "B2,,HQ,no,x\n");
	collect("--table", "badge", "--map", "holder_name=Holder", NULL);
	says("{\"badge_id\":\"B1\",\"holder_employee_id\":null,"
	    "\"holder_name\":\"Ann\",\"site\":\"HQ\",\"issued_on\":"
	    "{\"unknown\":true},\"revoked_on\":{\"unknown\":true},"
	    "\"active\":true}");
	assert_int_equal(res.rows, 2);

	collect("--table", "badge", "--const", "site=Annex", NULL);
	says("\"site\":\"Annex\"");

	write_csv("badge_id;site;active;issued_on\nB1;HQ;Ja;31.12.2025\n");
	collect("--table", "badge", "--separator", "semicolon", "--dates",
	    "dmy", "--value", "active.Ja=yes", NULL);
	says("\"issued_on\":\"2025-12-31\"");
	says("\"active\":true");
	write_csv("badge_id,site,active,issued_on\nB1,HQ,yes,12/31/2025\n");
	collect("--table", "badge", "--dates", "mdy", NULL);
	says("\"issued_on\":\"2025-12-31\"");

	collect("--table", "badge", NULL);
	refused("b.csv:2", "12/31/2025");
	collect("--table", "badge", "--dates", "dmy", NULL);
	refused("b.csv:2", "12/31/2025");
	collect("--table", "badge", "--map", "site=Place", NULL);
	refused("b.csv:1", "the file lacks the column \"Place\"");
	assert_non_null(strstr(res.why.fix, "badge_id, site, active"));
	write_csv("badge_id;site;active\nB1;HQ;yes\n");
	collect("--table", "badge", NULL);
	refused("b.csv:1", "the file lacks");
	assert_non_null(strstr(res.why.fix, "--separator auto"));
	write_csv("badge_id,site,active\nB1,HQ,yes\nB2,HQ,yes\nB2,HQ,no\n");
	collect("--table", "badge", NULL);
	refused("b.csv:4", "same badge_id as that of line 3");
	write_csv("badge_id,site,active\nB1,HQ,yes\nB1,HQ,yes\n");
	collect("--table", "badge", NULL);
	assert_false(res.failed);
	write_csv("badge_id,badge_id,site,active\nB1,B2,HQ,yes\n");
	collect("--table", "badge", NULL);
	refused("b.csv:1", "twice");
	write_csv("badge_id,site,active\nB1,HQ,yes\n,HQ,yes\n");
	collect("--table", "badge", NULL);
	refused("b.csv:3", "\"badge_id\" is empty");
	write_csv("badge_id,site,active\nB1,HQ,perhaps\n");
	collect("--table", "badge", NULL);
	refused("b.csv:2", "perhaps");
}

static void
test_events(void **state)
{
	(void)state;
	write_csv("job,target,started_at,finished_at,ok\n"
	    "a,db,2026-01-02T01:00:00Z,2026-01-02T02:00:00Z,yes\n"
	    "a,db,2026-01-01T01:00:00Z,2026-01-01T02:00:00Z,no\n");
	collect("--table", "backup_job", NULL);
	says("\"finished_at\":\"2026-01-01T02:00:00Z\"");
	assert_int_equal(res.rows, 2);
	write_csv("job,target,started_at,finished_at,ok\n"
	    "a,db,2026-01-02 01:00,2026-01-02T02:00:00Z,yes\n");
	collect("--table", "backup_job", NULL);
	refused("b.csv:2", "2026-01-02 01:00");
}

static void
test_files(void **state)
{
	(void)state;
	assert_int_equal(unlink(file), 0);
	collect("--table", "badge", NULL);
	refused("b.csv", "cannot be read");
	write_csv("");
	collect("--table", "badge", NULL);
	refused("b.csv:1", "empty");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	collect("--table", "badge", NULL);
	refused("b.csv", "not a file");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/dev/zero", file), 0);
	collect("--table", "badge", NULL);
	assert_true(res.failed);
	assert_int_equal(unlink(file), 0);
}

/* A column that is long, and rows without end, in little memory. */
static void
test_large(void **state)
{
	FILE *f = fopen(file, "w");
	int64_t t0;

	(void)state;
	assert_non_null(f);
	fprintf(f, "asset,vuln_id,severity,found_on,fixed_on,title\n");
	for (int i = 0; i < 50000; i++)
		fprintf(f, "host%d,CVE-2026-%d,high,2026-01-%02d,,a title\n",
		    i % 1000, i, i % 28 + 1);
	(void)fclose(f);
	t0 = clock_mono();
	collect("--table", "vulnerability", NULL);
	assert_false(res.failed);
	assert_int_equal(res.rows, 50000);
	print_message("# 50000 rows in %lld ms\n",
	    (long long)(clock_mono() - t0) / 1000);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/tickmark-csv-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (1);
	(void)snprintf(file, sizeof(file), "%s/b.csv", dir);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return (file_remove_tree(dir, NULL) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_large),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
