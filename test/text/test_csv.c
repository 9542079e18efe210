/* CSV: RFC 4180 and what people send instead. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "text/csv.h"

/* All rows as "line[field|field]", fed in pieces of ${step} bytes. */
static int
rows(struct str in, const struct csv_opts *opts, size_t step, struct buf *out,
    struct err *e)
{
	CSV_SCOPED c = csv_new("t", opts);
	struct csv_row row;
	size_t at = 0;
	int r;

	buf_reset(out);
	do {
		size_t n = in.len - at < step ? in.len - at : step;
		/* a copy of its own, so that reading beyond it is seen */
		char *piece = malloc(n + 1);
		memcpy(piece, in.ptr + at, n);
		piece = realloc(piece, n ? n : 1);
		at += n;
		csv_feed(c, (struct str){ piece, n }, at == in.len);
		while ((r = csv_next(c, &row, e)) > 0) {
			buf_printf(out, "%lld[", (long long)row.line);
			for (size_t i = 0; i < row.n; i++) {
				if (i > 0)
					buf_putc(out, '|');
				buf_putstr(out, row.at[i]);
			}
			buf_putc(out, ']');
		}
		free(piece);
	} while (r == 0 && at < in.len);
	return (r);
}

static const struct {
	const char *in;
	char sep; /* 0: detect */
	const char *out;
} good[] = {
	/* RFC 4180, section 2 */
	{ "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", ',', "1[aaa|bbb|ccc]2[zzz|yyy|xxx]" },
	{ "aaa,bbb,ccc\r\nzzz,yyy,xxx", ',', "1[aaa|bbb|ccc]2[zzz|yyy|xxx]" },
	{ "\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx\r\n", ',',
	    "1[aaa|bbb|ccc]2[zzz|yyy|xxx]" },
	{ "\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx\r\n", ',',
	    "1[aaa|b\r\nbb|ccc]3[zzz|yyy|xxx]" },
	{ "\"aaa\",\"b\"\"bb\",\"ccc\"\r\n", ',', "1[aaa|b\"bb|ccc]" },
	{ "", ',', "" },
	{ "\n\r\n\n", ',', "" },
	{ "a", ',', "1[a]" },
	{ ",", ',', "1[|]" },
	{ ",\n,", ',', "1[|]2[|]" },
	{ "a,b\n\n\nc,d\n", ',', "1[a|b]4[c|d]" },
	{ "\"\",\"\"\"\"\n", ',', "1[|\"]" },
	{ "\"\"\"a\"\"\",\"\"\"\"\"\"\n", ',', "1[\"a\"|\"\"]" },
	{ "\"a\n\n\nb\",c\n\nd,\"e\n\"\nf,g", ',',
	    "1[a\n\n\nb|c]6[d|e\n]8[f|g]" },
	{ "\xef\xbb\xbf" "a,b\n1,2\n", ',', "1[a|b]2[1|2]" },
	{ "\xef\xbb\xbf\"a\",b\n", ',', "1[a|b]" },
	{ "\xef\xbb\xbf", ',', "" },
	{ "a, b ,c\n", ',', "1[a| b |c]" },
	{ "a;b;c,d\n", 0, "1[a|b|c,d]" },
	{ "a\tb\n1\t2,5\n", 0, "1[a|b]2[1|2,5]" },
	{ "\"x;y;z\",b\n", 0, "1[x;y;z|b]" },
	{ "a|b\n", 0, "1[a|b]" },
	{ "alone\n7\n", 0, "1[alone]2[7]" },
	{ "caf\xc3\xa9,\xf0\x9f\x98\x80\n", ',', "1[caf\xc3\xa9|\xf0\x9f\x98\x80]" },
	{ "a,\"b\"\r\n", ',', "1[a|b]" },
	{ "a,\"\"", ',', "1[a|]" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		struct csv_opts opts = { .sep = good[i].sep };
		struct str in = str_from(good[i].in);
		for (size_t step = 1; step <= in.len + 1; step++) {
			BUF_SCOPED out = BUF_INIT;
			struct err e = { 0 };
			buf_puts(&out, "");
			if (rows(in, &opts, step, &out, &e) != 0)
				fail_msg("%s: %s %s", good[i].in, e.where, e.what);
			if (strcmp(out.ptr, good[i].out) != 0)
				fail_msg("step %zu: %s", step, out.ptr);
		}
	}
}

static const struct {
	const char *in;
	const char *where;
	const char *what;
	const char *out; /* the rows before */
} bad[] = {
	{ "a,b\n1,2\n1\n", "t:3", "1 field where the first has 2",
	    "1[a|b]2[1|2]" },
	{ "a,b\n1,2,3\n", "t:2", "3 fields where the first has 2", "1[a|b]" },
	{ "a,b\n1,x\"y\n", "t:2", "within a field", "1[a|b]" },
	{ "a,b\n1, \"y\"\n", "t:2", "within a field", "1[a|b]" },
	{ "a,b\n1,\"y\"z\n", "t:2", "follows a closing", "1[a|b]" },
	{ "a,b\n\"1\n2\",\"y\" \n", "t:3", "follows a closing", "1[a|b]" },
	{ "a,b\n1,\"y\n\nz\n", "t:2", "not closed", "1[a|b]" },
	{ "a,\"", "t:1", "not closed", "" },
	{ "a,b\r1,2\r", "t:1", "CR", "" },
	{ "a,b\n1,2\rx\n", "t:2", "CR", "1[a|b]" },
	{ "a,b\n1,\xff\n", "t:2", "UTF-8", "1[a|b]" },
	{ "a,b\n1,\"\n\xc3(\"\n", "t:3", "UTF-8", "1[a|b]" },
	{ "a\"b\"\n", "t:1", "within a field", "" },
	{ "\"a\"\"\n", "t:1", "not closed", "" },
	{ "\xff\xfe\"a\"\n", "t:1", "UTF-16", "" },
	{ "\xfe\xff", "t:1", "UTF-16", "" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		struct str in = str_from(bad[i].in);
		for (size_t step = 1; step <= in.len; step++) {
			BUF_SCOPED out = BUF_INIT;
			struct err e = { 0 };
			buf_puts(&out, "");
			int r = rows(in, NULL, step, &out, &e);
			if (r != -ERR_INPUT || strcmp(e.where, bad[i].where) != 0 ||
			    strstr(e.what, bad[i].what) == NULL ||
			    strcmp(out.ptr, bad[i].out) != 0)
				fail_msg("%s by %zu: %d %s: %s: %s", bad[i].in,
				    step, r, e.where, e.what, out.ptr);
		}
	}
}

static void
test_limits(void **state)
{
	BUF_SCOPED out = BUF_INIT;
	struct csv_opts o = { .sep = ',', .max_field = 5, .max_row = 20,
		.max_fields = 3 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(rows(STR("12345,1,1\n"), &o, 3, &out, &e), 0);
	assert_int_equal(rows(STR("a,b,c\n1,123456,1\n"), &o, 3, &out, &e),
	    -ERR_LIMIT);
	assert_string_equal(e.where, "t:2");
	assert_int_equal(rows(STR("a,b,c,d\n"), &o, 99, &out, &e), -ERR_LIMIT);
	assert_int_equal(rows(STR("\"a\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"),
	    &o, 99, &out, &e), -ERR_LIMIT);
	assert_int_equal(rows(STR("\"a\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"),
	    &o, 2, &out, &e), -ERR_LIMIT);
	assert_int_equal(rows(STR("a\0b\n"), NULL, 99, &out, &e), -ERR_INPUT);
	assert_non_null(strstr(e.what, "NUL"));
	o = (struct csv_opts){ .sep = ',', .raw = true };
	assert_int_equal(rows(STR("a\xff,b\n"), &o, 99, &out, &e), 0);
	assert_int_equal(rows(STR("a\0b\n"), &o, 99, &out, &e), -ERR_INPUT);
	o = (struct csv_opts){ .sep = ',', .ragged = true };
	assert_int_equal(rows(STR("a,b\n1\n1,2,3\n"), &o, 99, &out, &e), 0);
	assert_string_equal(out.ptr, "1[a|b]2[1]3[1|2|3]");
}

static void
test_find(void **state)
{
	const struct str f[] = { STR("Login"), STR(" E-Mail "), STR("x"),
		STR("X") };
	struct csv_row row = { f, 4, 1 };

	(void)state;
	assert_int_equal(csv_find(&row, STR("login")), 0);
	assert_int_equal(csv_find(&row, STR("e-mail ")), 1);
	assert_int_equal(csv_find(&row, STR("x")), -2);
	assert_int_equal(csv_find(&row, STR("")), -1);
}

static void
test_read(void **state)
{
	char path[] = "/tmp/tickmark-csv-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(dup(fd), "w");
	struct csv_row row;
	struct err e = { 0 };
	int64_t sum = 0, v, n = 0;

	(void)state;
	for (int i = 0; i < 100000; i++)
		fprintf(f, "%d,\"x\n%d\",plain text here\n", i, i);
	fclose(f);
	lseek(fd, 0, SEEK_SET);
	CSV_SCOPED c = csv_new("f", NULL);
	while (csv_read(c, fd, &row, &e) > 0) {
		assert_int_equal(row.n, 3);
		assert_int_equal(row.line, n * 2 + 1);
		assert_true(str_to_i64(row.at[0], &v));
		sum += v;
		n++;
	}
	assert_int_equal(n, 100000);
	assert_int_equal(sum, 4999950000);
	assert_int_equal(csv_read(c, fd, &row, &e), 0);
	close(fd);
	unlink(path);
	CSV_SCOPED d = csv_new("f", NULL);
	assert_int_equal(csv_read(d, -1, &row, &e), -ERR_IO);
	assert_int_equal(csv_read(d, -1, &row, &e), 0);
}

static void
test_writer(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&b);

	(void)state;
	csv_puttext(&w, "a");
	csv_puttext(&w, "b,c");
	csv_puttext(&w, "d\"e");
	csv_puttext(&w, "f\ng");
	csv_puttext(&w, NULL);
	csv_putint(&w, -7);
	csv_endrow(&w);
	csv_puttext(&w, "");
	csv_endrow(&w);
	csv_puttext(&w, "");
	csv_puttext(&w, "");
	csv_endrow(&w);
	assert_string_equal(b.ptr, "a,\"b,c\",\"d\"\"e\",\"f\ng\",,-7\r\n"
	    "\"\"\r\n,\r\n");
	struct csv_opts o = { .sep = ',', .ragged = true };
	assert_int_equal(rows(buf_str(&b), &o, 5, &out, NULL), 0);
	assert_string_equal(out.ptr, "1[a|b,c|d\"e|f\ng||-7]3[]4[|]");
	buf_reset(&b);
	w = (struct csv_writer){ .out = &b, .sep = ';', .guard = true,
		.lf = true };
	static const char *const f[] = { "=1+1", "+1", "-1.5", "-x", "@a", "\tb",
		"\rc", "a=b", "+", "=\"x\"", "-1-1" };
	for (size_t i = 0; i < N(f); i++)
		csv_puttext(&w, f[i]);
	csv_endrow(&w);
	assert_string_equal(b.ptr, "'=1+1;+1;-1.5;'-x;'@a;'\tb;\"'\rc\";a=b;'+;"
	    "\"'=\"\"x\"\"\";'-1-1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_writer),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
