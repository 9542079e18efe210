/*
 * Reading a git history, beside `git log --format` printing the same fields to
 * a pipe that is only emptied. Prints the ratio of times within this one run.
 *
 *     git DIR [COMMITS]      default 100000; DIR is made, and left there
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "sys/proc.h"

#define ROUNDS 3
#define FORMAT "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct"  \
	"%x00%s%x00%(trailers:key=Reviewed-by,key=Approved-by,valueonly)"

static void
die(const struct err *e)
{
	err_print(stderr, e);
	exit(1);
}

/* ${n} commits: work on a branch of three commits, then its merge. */
static void
write_history(FILE *f, int n)
{
	for (int i = 0; i < n; i++) {
		bool merge = i % 4 == 3 && i > 3;
		const char *who = i % 7 == 0 ? "Ada" : i % 3 == 0 ? "Ben" :
		    "Cleo";
		char message[512];
		int len = snprintf(message, sizeof(message), "area: change "
		    "number %d\n\nWhy it was done, in a sentence or two that "
		    "are as long as\nsuch sentences are, so that the messages "
		    "have their usual size.\n\n%sSigned-off-by: %s "
		    "<%s@example.com>\n", i, i % 5 == 0 ?
		    "Reviewed-by: Dora <dora@example.com>\n" : "", who, who);

		fprintf(f, "commit refs/heads/main\nmark :%d\n"
		    "author %s <%s@example.com> %d +0100\n"
		    "committer %s <%s@example.com> %d +0100\n"
		    "data %d\n%s\n", i + 1, who, who, 1400000000 + i * 60,
		    who, who, 1400000000 + i * 60, len, message);
		if (merge)
			fprintf(f, "from :%d\nmerge :%d\n", i - 3, i);
		else if (i > 0)
			fprintf(f, "from :%d\n", i);
		fprintf(f, "M 100644 inline file%d\ndata 2\n%d\n\n", i % 50,
		    i % 10);
	}
	fprintf(f, "done\n");
}

static void
run(const char *const *argv, const char *cwd, struct buf *out)
{
	struct proc_opts o = { .argv = argv, .cwd = cwd };
	struct proc_end end;
	struct err e = { 0 };

	if (proc_run(&o, STR_NULL, (size_t)4 << 30, out, NULL, &end, &e) != 0)
		die(&e);
	if (!proc_ok(&end)) {
		fprintf(stderr, "%s %s\n", argv[0], end.words);
		exit(1);
	}
}

static void
make_repository(const char *dir, int n)
{
	char stream[4096], import[8192];
	struct stat st;

	(void)snprintf(stream, sizeof(stream), "%s.import", dir);
	if (stat(dir, &st) == 0)
		return;
	FILE *f = fopen(stream, "w");
	if (f == NULL) {
		perror(stream);
		exit(1);
	}
	write_history(f, n);
	(void)fclose(f);
	run((const char *[]){ "git", "init", "-q", "--bare", "-b", "main", dir,
	    NULL }, NULL, NULL);
	(void)snprintf(import, sizeof(import), "git --git-dir='%s' fast-import "
	    "--quiet --done <'%s'", dir, stream);
	run((const char *[]){ "sh", "-c", import, NULL }, NULL, NULL);
	(void)unlink(stream);
}

static double
time_git(const char *dir)
{
	char git[4200];
	int64_t t0 = clock_mono();

	(void)snprintf(git, sizeof(git), "--git-dir=%s", dir);
	run((const char *[]){ "git", git, "log", FORMAT, "main", NULL }, NULL,
	    NULL);
	return ((double)(clock_mono() - t0) / 1e6);
}

static double
time_collector(const char *dir, int n)
{
	ARENA_SCOPED a = ARENA_INIT;
	static struct collect_result res;
	struct val *o = val_map(&a);
	struct err e = { 0 };
	int64_t t0 = clock_mono();

	val_put(&a, o, "path", val_text(&a, dir));
	struct collect_source s = { .id = STR("bench"), .name = STR("bench"),
		.collector = STR("git"), .options = o };
	if (collect_dump(&s, 0, NULL, NULL, &res, &e) != 0)
		die(&e);
	if (res.failed)
		die(&res.why);
	if (res.rows < n) {
		fprintf(stderr, "%lld rows of %d commits\n",
		    (long long)res.rows, n);
		exit(1);
	}
	return ((double)(clock_mono() - t0) / 1e6);
}

int
main(int argc, char **argv)
{
	double git = 1e9, ours = 1e9;
	char dir[4096];
	int64_t n = 100000;

	if (argc < 2 || (argc > 2 && !str_to_i64(str_from(argv[2]), &n))) {
		fprintf(stderr, "usage: git DIR [COMMITS]\n");
		return (2);
	}
	if (argv[1][0] == '/' || getcwd(dir, sizeof(dir)) == NULL)
		dir[0] = '\0';
	(void)snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "%s%s",
	    dir[0] != '\0' ? "/" : "", argv[1]);
	make_repository(dir, (int)n);
	for (int i = 0; i < ROUNDS; i++) {
		double g = time_git(dir), c = time_collector(dir, (int)n);
		git = g < git ? g : git;
		ours = c < ours ? c : ours;
	}
	printf("git log --format    %.3f s\n", git);
	printf("the git collector   %.3f s\n", ours);
	printf("ratio               %.2f (at most 3)\n", ours / git);
	return (ours / git > 3);
}
