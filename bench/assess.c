/*
 * 200 procedures over 10,000 subjects and 365 days at 2 % daily change: 120 of
 * state over one table, 50 that join two, 30 of events. Prints the seconds of a
 * whole recomputation on two workers and the largest memory of a process; then
 * the same after one new collection of one table, which only recomputes what
 * reads it; and once more with nothing new.
 *
 *     assess [DIR [take-in|measure]]
 *
 * take-in makes the workspace and stops; measure takes one that was made so (a
 * copy of it, to measure again what is recorded). The SHA-256 of each result goes
 * to DIR.digests and one over all of them is printed: they do not depend on the
 * workspace's keys, so that a faster program can be held to the same bytes.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assess/assess.h"
#include "assess/procedure.h"
#include "base/clock.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "sys/file.h"

#define SUBJECTS 10000
#define DAYS 365
#define T0 INT64_C(1735689600000000) /* 2025-01-01T00:00:00Z */

static struct workspace *ws;
static struct evidence *ev;
static struct err e;

#define must(call)                                                             \
	do {                                                                   \
		if ((call) != 0) {                                             \
			err_print(stderr, &e);                                 \
			exit(3);                                               \
		}                                                              \
	} while (0)

static uint64_t seed = 88172645463325252u;

static uint64_t
roll(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed);
}

/* The state of each subject: a few bits that the rows are made from. */
static uint32_t asset[SUBJECTS], person[SUBJECTS];

static struct evidence_run *
begin(const char *source, int64_t at)
{
	struct evidence_run_spec spec = { .source = str_from(source),
		.name = str_from(source), .collector = STR("bench/1"),
		.actor = STR("bench"), .at = at, .started = at,
		.max_gap_s = 2 * 86400 };
	struct evidence_run *run;

	must(evidence_run_begin(ev, &spec, &run, &e));
	return (run);
}

static void
commit(struct evidence_run *run, int64_t at)
{
	struct evidence_done done;

	must(evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL, &e));
	must(evidence_run_commit(run, at, &done, &e));
}

static struct cell
text(char *buf, size_t cap, const char *fmt, int n)
{
	snprintf(buf, cap, fmt, n);
	return (CELL_STR(str_from(buf)));
}

static void
give_assets(int64_t at)
{
	const struct schema_type *t = schema_find_name("asset");
	struct evidence_run *run = begin("inventory", at);

	must(evidence_table_begin(run, t, NULL, &e));
	for (int i = 0; i < SUBJECTS; i++) {
		char id[16], name[24], owner[16];
		struct cell c[16] = { 0 };
		c[F_ASSET_ASSET_ID] = text(id, sizeof(id), "A%05d", i);
		c[F_ASSET_NAME] = text(name, sizeof(name), "laptop-%05d", i);
		c[F_ASSET_KIND] = CELL_STR(STR("laptop"));
		c[F_ASSET_OWNER_EMPLOYEE_ID] = text(owner, sizeof(owner), "E%05d",
		    (int)(asset[i] >> 8) % SUBJECTS);
		c[F_ASSET_ENCRYPTED] = CELL_INT(asset[i] % 50 != 0);
		c[F_ASSET_SCREEN_LOCK] = CELL_INT(asset[i] % 30 != 0);
		c[F_ASSET_MALWARE_PROTECTION] = CELL_INT(asset[i] % 20 != 0);
		must(evidence_row(run, c, &e));
	}
	commit(run, at);
}

static void
give_people(int64_t at)
{
	const struct schema_type *t = schema_find_name("hr_person");
	struct evidence_run *run = begin("hr", at);

	must(evidence_table_begin(run, t, NULL, &e));
	for (int i = 0; i < SUBJECTS; i++) {
		char id[16], name[24], dept[16];
		struct cell c[16] = { 0 };
		c[F_HR_PERSON_EMPLOYEE_ID] = text(id, sizeof(id), "E%05d", i);
		c[F_HR_PERSON_NAME] = text(name, sizeof(name), "Person %05d", i);
		c[F_HR_PERSON_DEPARTMENT] = text(dept, sizeof(dept), "Unit %d",
		    (int)(person[i] % 40));
		c[F_HR_PERSON_START_DATE] = CELL_STR(STR("2020-01-01"));
		c[F_HR_PERSON_KIND] = CELL_STR(STR("employee"));
		must(evidence_row(run, c, &e));
	}
	commit(run, at);
}

static void
give_backups(int64_t from, int64_t upto)
{
	const struct schema_type *t = schema_find_name("backup_job");
	struct evidence_run *run = begin("backup", upto);
	struct evidence_chain chain = { .upto = STR("end"), .since = from };

	must(evidence_table_begin(run, t, &chain, &e));
	for (int i = 0; i < DAYS * 24; i++) {
		struct cell c[16] = { 0 };
		c[F_BACKUP_JOB_JOB] = CELL_STR(STR("hourly"));
		c[F_BACKUP_JOB_TARGET] = CELL_STR(STR("db01"));
		c[F_BACKUP_JOB_STARTED_AT] = CELL_INT(from + i * CLOCK_HOUR);
		c[F_BACKUP_JOB_FINISHED_AT] = CELL_INT(from + i * CLOCK_HOUR +
		    CLOCK_HOUR / 2);
		c[F_BACKUP_JOB_OK] = CELL_INT(roll() % 100 != 0);
		c[F_BACKUP_JOB_ENCRYPTED] = CELL_INT(1);
		c[F_BACKUP_JOB_OFFSITE] = CELL_INT(roll() % 200 != 0);
		must(evidence_row(run, c, &e));
	}
	commit(run, upto);
}

/* --- the procedures ---------------------------------------------------------- */

static void
write_procedure(const char *dir, const char *id, const char *kind,
    const char *mode, const char *population, const char *verdicts)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.sql", dir, id);
	FILE *f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(3);
	}
	fprintf(f, "-- id: %s\n-- title: Bench\n-- control: AC-01\n-- kind: %s\n"
		   "-- mode: %s\n-- tests: t\n-- passes: p\n-- fails: f\n"
		   "-- matters: m\n-- remediation: r\n-- population\n%s\n"
		   "-- verdicts\n%s\n", id, kind, mode, population, verdicts);
	fclose(f);
}

static void
write_procedures(const char *dir)
{
	static const char *const columns[] = { "encrypted", "screen_lock",
		"malware_protection" };
	char id[32], v[1024];

	for (int i = 0; i < 120; i++) {
		snprintf(id, sizeof(id), "bench-state-%03d", i);
		snprintf(v, sizeof(v), "SELECT subject, iif(%s = 1, 'ok', 'fail') AS"
			 " status, iif(%s = 1, '', 'without %s %d') AS reason, from_us,"
			 " to_us, asset_id AS evidence FROM asset_period",
		    columns[i % 3], columns[i % 3], columns[i % 3], i);
		write_procedure(dir, id, "state", "both", "SELECT subject, name AS"
			" label, from_us, to_us, source FROM asset_period", v);
	}
	for (int i = 0; i < 50; i++) {
		snprintf(id, sizeof(id), "bench-join-%03d", i);
		snprintf(v, sizeof(v), "SELECT a.subject, iif(p.department = 'Unit %d'"
			 " AND a.%s = 0, 'fail', 'ok') AS status, '' AS reason,"
			 " max(a.from_us, p.from_us) AS from_us, min(a.to_us, p.to_us)"
			 " AS to_us, a.asset_id AS evidence FROM asset_period a JOIN"
			 " hr_person_period p ON p.employee_id = a.owner_employee_id"
			 " AND p.from_us < a.to_us AND p.to_us > a.from_us", i % 40,
		    columns[i % 3]);
		write_procedure(dir, id, "state", "both", "SELECT subject, name AS"
			" label, from_us, to_us, source FROM asset_period", v);
	}
	for (int i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), "bench-event-%03d", i);
		snprintf(v, sizeof(v), "SELECT subject, CASE WHEN ok = 0 THEN 'na' WHEN"
			 " offsite = 1 THEN 'ok' ELSE 'fail' END AS status, 'case %d' AS"
			 " reason, from_us, to_us, subject AS evidence FROM"
			 " backup_job_period", i);
		write_procedure(dir, id, "event", "period", "SELECT subject, job AS"
			" label, from_us, to_us, source FROM backup_job_period", v);
	}
}

/* --- the measure -------------------------------------------------------------- */

static long
peak_mb(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (u.ru_maxrss / 1024);
}

static double
cpu_seconds(void)
{
	double s = 0;

	for (int who = 0; who < 2; who++) {
		struct rusage u;
		getrusage(who == 0 ? RUSAGE_SELF : RUSAGE_CHILDREN, &u);
		s += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	}
	return (s);
}

/* What the results are, for comparison with those of another program. */
static void
write_digests(const char *dir, const struct assess_result *r, size_t n)
{
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED all = BUF_INIT;
	uint8_t sum[CRYPTO_HASH];
	char path[512];

	for (size_t i = 0; i < n; i++) {
		buf_puthex(&b, r[i].sha256, sizeof(r[i].sha256));
		buf_printf(&b, "  " STR_FMT "\n", STR_ARG(r[i].id));
	}
	snprintf(path, sizeof(path), "%s.digests", dir);
	must(file_write(path, 0644, b.ptr, b.len, &e));
	crypto_sha256(b.ptr, b.len, sum);
	buf_puthex(&all, sum, sizeof(sum));
	printf("%-28s %s\n", "digest of all results", all.ptr);
}

static void
measure(const char *what, const char *dir, bool force)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct assess_options opt = { .record = true, .force = force,
		.max_items = 10, .time = { .period = true, .from = T0,
			.to = T0 + DAYS * CLOCK_DAY } };
	const struct procedure **procs;
	struct assess_result *r;
	struct assess *as;
	size_t n, ran = 0, wrong = 0, kept = 0;

	must(assess_open(&as, ws, ev, &e));
	must(assess_select(&a, as, NULL, 0, &procs, &n, &e));
	/* Those of the bench alone. */
	for (size_t i = 0; i < n; i++)
		if (procs[i]->own)
			procs[kept++] = procs[i];
	double cpu = cpu_seconds();
	int64_t t = clock_mono();
	must(assess_run(&a, as, procs, kept, &opt, &r, &e));
	t = clock_mono() - t;
	cpu = cpu_seconds() - cpu;
	for (size_t i = 0; i < kept; i++) {
		ran += !r[i].reused;
		if (r[i].error.code != ERR_OK && wrong++ == 0)
			err_print(stderr, &r[i].error);
	}
	printf("%-28s %4zu of %zu run, %zu wrong  %7.2f s, %.2f of processor"
	       "   peak %ld MB, workers %ld MB\n", what, ran, kept, wrong,
	    (double)t / 1e6, cpu,
	    peak_mb(RUSAGE_SELF), peak_mb(RUSAGE_CHILDREN));
	if (force)
		write_digests(dir, r, kept);
	assess_close(as);
}

/* The workspace with its evidence and its procedures. */
static void
take_in(const char *dir)
{
	char procedures[512];

	for (int i = 0; i < SUBJECTS; i++) {
		asset[i] = (uint32_t)roll();
		person[i] = (uint32_t)roll();
	}
	int64_t t = clock_mono();
	for (int day = 0; day <= DAYS; day++) {
		for (int i = 0; day > 0 && i < SUBJECTS / 50; i++) {
			asset[roll() % SUBJECTS] = (uint32_t)roll();
			person[roll() % SUBJECTS] = (uint32_t)roll();
		}
		give_assets(T0 + day * CLOCK_DAY);
		give_people(T0 + day * CLOCK_DAY);
		if (day % 30 == 0)
			fprintf(stderr, "\rday %d", day);
	}
	give_backups(T0, T0 + DAYS * CLOCK_DAY);
	fprintf(stderr, "\rtaken in: %.1f s\n", (double)(clock_mono() - t) / 1e6);
	snprintf(procedures, sizeof(procedures), "%s/procedures", dir);
	must(file_mkdirs(procedures, 0755, &e));
	write_procedures(procedures);
}

int
main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "build/bench/assess.workspace";
	bool only_take_in = argc > 2 && strcmp(argv[2], "take-in") == 0;
	bool only_measure = argc > 2 && strcmp(argv[2], "measure") == 0;
	struct workspace_spec spec = { .org = "Bench", .demo = true };

	if (argc > 2 && !only_take_in && !only_measure) {
		fprintf(stderr, "usage: assess [DIR [take-in|measure]]\n");
		return (2);
	}
	clock_replace(T0 - CLOCK_DAY);
	if (only_measure) {
		must(workspace_open(dir, true, &ws, &e));
	} else {
		file_remove_tree(dir, &e);
		file_mkdirs("build/bench", 0755, &e);
		must(workspace_create(dir, &spec, &ws, &e));
	}
	must(evidence_open(&ev, dir, ws->ledger, true, &e));
	if (!only_measure)
		take_in(dir);
	if (!only_take_in) {
		measure("whole recomputation", dir, true);
		measure("nothing new", dir, false);
	}
	if (!only_take_in && !only_measure) {
		give_people(T0 + DAYS * CLOCK_DAY + CLOCK_HOUR);
		measure("after one new collection", dir, false);
	}
	evidence_close(ev);
	workspace_close(ws);
	return (0);
}
