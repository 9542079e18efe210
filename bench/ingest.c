/*
 * Taking in a large run, beside the sqlite3 shell importing the same rows into
 * the same table and index. Prints ratios of times within this one run.
 *
 *     ingest [ROWS]      default 1000000
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "text/csv.h"

#define DAY CLOCK_DAY
#define AT INT64_C(1767225600000000)

static void
die(const struct err *e)
{
	err_print(stderr, e);
	exit(1);
}

struct bench {
	char dir[128];
	struct workspace *ws;
	struct evidence *ev;
	size_t rows;
	uint64_t seed;
};

static uint64_t
roll(struct bench *b)
{
	b->seed = b->seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (b->seed >> 20);
}

/* Row ${i}; ${version} of its content. */
static void
put_row(FILE *f, size_t i, int version)
{
	static const char *const severity[] = { "low", "medium", "high",
		"critical" };

	fprintf(f, "host-%05zu.example.com,CVE-%zu-%05zu,%s,2025-%02zu-%02zu,%s,"
	    "Weakness number %zu of package p%zu version %d\n", i / 100,
	    2015 + i % 10, (i * 7919) % 100000 + i % 100,
	    severity[(i * 31) % 4], i % 12 + 1, i % 28 + 1,
	    i % 3 == 0 ? "2025-12-24" : "", i, i % 500, version);
}

/* order: row numbers; every ${nth} row has another content. */
static void
write_csv(const struct bench *b, const char *name, const uint32_t *order,
    size_t nth)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	FILE *f = fopen(path, "w");
	if (f == NULL)
		abort();
	for (size_t i = 0; i < b->rows; i++)
		put_row(f, order[i], nth != 0 && order[i] % nth == 0 ? 2 : 1);
	if (fclose(f) != 0)
		abort();
}

/* Time that this process has had of the processors: on a machine that does
 * other work at the same time the ratios of these are the ones to believe. */
static int64_t
cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	    u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

struct took {
	int64_t wall, cpu;
};

static struct took
shell_import(const struct bench *b, const char *db, const char *csv)
{
	char path[256], import[256];
	struct proc_end end;
	struct err e;
	struct buf out = BUF_INIT, errs = BUF_INIT;

	snprintf(path, sizeof(path), "%s/%s", b->dir, db);
	snprintf(import, sizeof(import), ".import %s/%s v", b->dir, csv);
	/* The columns of "vulnerability!v" that have a value, and its index. */
	const char *argv[] = { "sqlite3", path, "CREATE TABLE v(asset TEXT,"
	    " vuln_id TEXT, severity TEXT, found_on TEXT, fixed_on TEXT,"
	    " title TEXT, _from INTEGER NOT NULL, _known_from INTEGER NOT NULL,"
	    " _sid INTEGER NOT NULL, _subject TEXT NOT NULL) STRICT;"
	    "CREATE INDEX s ON v(_subject, _sid)", ".mode csv", import, NULL };
	struct proc_opts o = { .argv = argv, .want_err = true };
	int64_t start = clock_mono();
	if (proc_run(&o, STR_NULL, 1 << 20, &out, &errs, &end, &e) != 0)
		die(&e);
	struct took took = { clock_mono() - start, end.cpu_us };
	if (!proc_ok(&end) || errs.len > 0) {
		fprintf(stderr, "sqlite3 %s: %s\n", end.words,
		    errs.ptr != NULL ? errs.ptr : "");
		exit(1);
	}
	buf_free(&out);
	buf_free(&errs);
	return (took);
}

/* The file that the shell imports has the constant columns too. */
static void
widen_csv(const struct bench *b, const char *from, const char *to)
{
	char in[256], out[256], line[1024];

	snprintf(in, sizeof(in), "%s/%s", b->dir, from);
	snprintf(out, sizeof(out), "%s/%s", b->dir, to);
	FILE *r = fopen(in, "r"), *w = fopen(out, "w");
	if (r == NULL || w == NULL)
		abort();
	while (fgets(line, sizeof(line), r) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		char *comma = strchr(line, ',');
		int asset = (int)(comma - line);
		int id = (int)strcspn(comma + 1, ",");
		fprintf(w, "%s,%lld,1,1,%.*s:%.*s\n", line, (long long)AT, asset,
		    line, id, comma + 1);
	}
	fclose(r);
	if (fclose(w) != 0)
		abort();
}

static struct took
take_in(struct bench *b, const char *csv, int64_t at,
    struct evidence_done *done)
{
	const struct schema_type *t = schema_find_name("vulnerability");
	struct evidence_run_spec spec = { .source = STR("bench"),
		.name = STR("bench"), .collector = STR("bench/1"),
		.actor = STR("bench"), .at = at, .started = at,
		.max_gap_s = 864000 };
	struct evidence_run *run;
	struct csv_row row;
	struct err e;
	char path[256];
	int r;

	snprintf(path, sizeof(path), "%s/%s", b->dir, csv);
	int64_t start = clock_mono(), cpu = cpu_us();
	int fd = open(path, O_RDONLY);
	struct csv *c = csv_new(path, NULL);
	if (fd < 0 || evidence_run_begin(b->ev, &spec, &run, &e) != 0 ||
	    evidence_table_begin(run, t, NULL, &e) != 0)
		die(&e);
	while ((r = csv_read(c, fd, &row, &e)) > 0) {
		struct cell cells[6];
		for (size_t i = 0; i < 6; i++)
			cells[i] = row.at[i].len == 0 ? CELL_NONE :
			    CELL_STR(row.at[i]);
		if (evidence_row(run, cells, &e) != 0)
			die(&e);
	}
	if (r < 0)
		die(&e);
	int64_t read = clock_mono();
	if (evidence_table_end(run, EVIDENCE_COMPLETE, (int64_t)b->rows, NULL,
	    &e) != 0)
		die(&e);
	int64_t sorted = clock_mono();
	if (evidence_run_commit(run, at, done, &e) != 0)
		die(&e);
	struct took took = { clock_mono() - start, cpu_us() - cpu };
	csv_free(c);
	close(fd);
	printf("  read %.2f s, sort %.2f s, bodies and entry %.2f s,"
	    " projection %.2f s\n", (double)(read - start) / 1e6,
	    (double)(sorted - read) / 1e6, (double)done->store_us / 1e6,
	    (double)done->project_us / 1e6);
	return (took);
}

static void
shuffle(struct bench *b, uint32_t *order)
{
	for (size_t i = b->rows - 1; i > 0; i--) {
		size_t j = roll(b) % (i + 1);
		uint32_t x = order[i];
		order[i] = order[j];
		order[j] = x;
	}
}

static void
say(const char *what, double ratio, double cpu, double most)
{
	printf("%-40s %5.2f x the import (by CPU time %.2f; at most %.0f)%s\n",
	    what, ratio, cpu, most, ratio <= most ? "" : "  MISSED");
}

static double
over(int64_t a, int64_t b)
{
	return ((double)a / (double)b);
}

static void
run_all(struct bench *b)
{
	struct evidence_done first, same, changed;
	uint32_t *order = calloc(b->rows, sizeof(*order));

	if (order == NULL)
		abort();
	for (size_t i = 0; i < b->rows; i++)
		order[i] = (uint32_t)i;
	write_csv(b, "a.csv", order, 0);
	widen_csv(b, "a.csv", "wide.csv");
	shuffle(b, order);
	write_csv(b, "b.csv", order, 0);
	write_csv(b, "c.csv", order, 1000);

	struct took import = shell_import(b, "shell1.db", "wide.csv");
	struct took t1 = take_in(b, "a.csv", AT, &first);
	struct took again = shell_import(b, "shell2.db", "wide.csv");
	if (again.wall < import.wall)
		import = again;
	struct took t2 = take_in(b, "b.csv", AT + DAY, &same);
	struct took t3 = take_in(b, "c.csv", AT + 2 * DAY, &changed);
	/* The part of the first run's CPU time that its projection had. */
	int64_t cpu1 = (int64_t)((double)t1.cpu * over(first.project_us,
	    t1.wall));

	printf("%zu rows; sqlite3 .import: %.2f s\n", b->rows,
	    (double)import.wall / 1e6);
	say("first: projection", over(first.project_us, import.wall),
	    over(cpu1, import.cpu), 2);
	say("first: all, reading the CSV included", over(t1.wall, import.wall),
	    over(t1.cpu, import.cpu), 3);
	printf("the same set in another order: %.2f s, %.2f x faster than the"
	    " first (by CPU time %.2f; at least 3)%s; wrote %llu rows, %llu"
	    " chunks\n", (double)t2.wall / 1e6, over(t1.wall, t2.wall),
	    over(t1.cpu, t2.cpu), t1.wall >= 3 * t2.wall ? "" : "  MISSED",
	    (unsigned long long)same.changed, (unsigned long long)same.chunks);
	printf("0.1 %% changed: %.2f s; wrote %llu row versions, %llu chunks of"
	    " %llu bytes (first: %llu chunks, %llu bytes)\n", (double)t3.wall / 1e6,
	    (unsigned long long)changed.changed,
	    (unsigned long long)changed.chunks,
	    (unsigned long long)changed.chunk_bytes,
	    (unsigned long long)first.chunks,
	    (unsigned long long)first.chunk_bytes);
	free(order);
}

int
main(int argc, char **argv)
{
	struct bench b = { .rows = 1000000, .seed = 1 };
	struct workspace_spec spec = { .org = "Bench" };
	struct err e;
	char dir[160];
	int64_t n;

	if (argc > 1 && str_to_i64(str_from(argv[1]), &n) && n > 0)
		b.rows = (size_t)n;
	snprintf(b.dir, sizeof(b.dir), "/tmp/tickmark-bench-XXXXXX");
	if (mkdtemp(b.dir) == NULL)
		return (1);
	snprintf(dir, sizeof(dir), "%s/w", b.dir);
	if (workspace_create(dir, &spec, &b.ws, &e) != 0 ||
	    evidence_open(&b.ev, dir, b.ws->ledger, true, &e) != 0)
		die(&e);
	run_all(&b);
	evidence_close(b.ev);
	workspace_close(b.ws);
	if (getenv("BENCH_KEEP") == NULL)
		file_remove_tree(b.dir, &e);
	else
		printf("kept %s\n", b.dir);
	return (0);
}
