/* The git collector, recounted with git itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "collect/gitlog.h"
#include "collect/gitseen.h"
#include "collect/works.h"
#include "schema/schema.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "text/json.h"

static char dir[64];
static struct collect_result res;

/* Run a script in the test's folder; its output without the last newline. */
static const char *
sh(struct arena *a, const char *fmt, ...)
{
	BUF_SCOPED script = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED say = BUF_INIT;
	struct proc_end end;
	struct err e = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&script, fmt, ap);
	va_end(ap);
	struct proc_opts o = { .argv = (const char *[]){ "bash", "-euc",
	    script.ptr, NULL }, .cwd = dir, .env = (const char *[]){
	    "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
	    "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
	    "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com",
	    NULL }, .timeout_us = 60 * CLOCK_SECOND };
	if (proc_run(&o, STR_NULL, 16 << 20, &out, &say, &end, &e) != 0)
		fail_msg("%s", e.what);
	if (!proc_ok(&end))
		fail_msg("%s\n%s: %s", script.ptr, end.words, say.ptr);
	while (out.len > 0 && out.ptr[out.len - 1] == '\n')
		out.len--;
	return (arena_strndup(a, out.ptr != NULL ? out.ptr : "", out.len));
}

/* Collect ${repo} of the folder; rows as values. */
static struct val *
collect(struct arena *a, const char *repo, const char *branch)
{
	struct val *o = val_map(a), *rows = val_list(a), *v;
	BUF_SCOPED out = BUF_INIT;
	struct str rest, line;
	struct err e = { 0 };

	val_put(a, o, "path", val_fmt(a, "%s/%s", dir, repo));
	if (branch != NULL)
		val_put(a, o, "branch", val_text(a, branch));
	struct collect_source s = { .id = STR("s"), .name = STR("it"),
		.collector = STR("git"), .options = o };
	if (collect_dump(&s, 0, NULL, &out, &res, &e) != 0)
		fail_msg("%s", e.what);
	if (res.failed)
		return (NULL);
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		if (json_parse(a, "row", line, &v, &e) != 0)
			fail_msg("%s", e.what);
		val_push(a, rows, v);
	}
	return (rows);
}

/* Rows of ${table} whose ${key} is ${value} (NULL: all); the last one. */
static size_t
find(const struct val *rows, const char *table, const char *key,
    const char *value, const struct val **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < val_count(rows); i++) {
		const struct val *v = rows->u.list.at[i];
		const struct val *row = val_get(v, "row");
		if (!str_is(val_get_str(v, "table"), table) || (key != NULL &&
		    !str_is(val_get_str(row, key), value)))
			continue;
		if (ret != NULL)
			*ret = row;
		n++;
	}
	return (n);
}

static const struct val *
commit(const struct val *rows, const char *subject)
{
	const struct val *row = NULL;

	if (find(rows, "git_commit", "subject_line", subject, &row) != 1)
		fail_msg("not one commit \"%s\"", subject);
	return (row);
}

#define TEXT(row, key) arena_str(&a, val_get_str(row, key)).ptr

/*
 * A history of many shapes: work on branches, branches of branches, an octopus,
 * merges that cross, and commits on the main line between them.
 */
static const char shapes[] =
    "rm -rf shapes; git init -q -b main shapes; cd shapes; n=0\n"
    "c() { n=$((n+1)); echo $n > \"f$1$n\"; git add .;"
    " GIT_AUTHOR_DATE=\"$((1600000000+n*60)) +0100\""
    " GIT_COMMITTER_DATE=\"$((1600000000+n*60)) +0000\""
    " git commit -qm \"$1 $n\"; }\n"
    "m() { n=$((n+1)); GIT_AUTHOR_EMAIL=mia@example.com"
    " GIT_COMMITTER_EMAIL=mia@example.com"
    " GIT_COMMITTER_DATE=\"$((1600000000+n*60)) +0000\""
    " git merge -q --no-ff -m \"merge $n\" \"$@\"; }\n"
    "c base; c base\n"
    "git checkout -q -b a; c a; c a\n"
    "git checkout -q -b b; c b; c b\n"
    "git checkout -q main; c base; m a\n"
    "git checkout -q b; m main; c b\n" /* crosses */
    "git checkout -q main; c base; m b\n"
    "for x in x y z; do git checkout -q -b $x main; c $x; done\n"
    "git checkout -q main; m x y z\n"
    "git checkout -q -b left main; c left; git checkout -q -b right main;"
    " c right; git checkout -q left; m right; c left;"
    " git checkout -q main; m left; c base\n"
    "git checkout -q -b open main; c open; c open; git checkout -q main\n"
    "git tag -a v1 -m one main~3; git tag light main~4\n";

/*
 * A line of commits that are dated long before what they stand on. git's own
 * `rev-list side ^main` gives up before it knows that main leads to side.
 */
static const char dates[] =
    "rm -rf dates; git init -q -b main dates; cd dates\n"
    "c() { GIT_AUTHOR_DATE=\"@$2 +0000\" GIT_COMMITTER_DATE=\"@$2 +0000\""
    " git commit -q --allow-empty -m \"$1\"; }\n"
    "c root 1600000000\n"
    "git checkout -q -b side; c side 1600002000; git checkout -q main\n"
    "GIT_COMMITTER_DATE='@1600002100 +0000' git merge -q --no-ff -m M side\n"
    "for i in 1 2 3 4 5 6 7 8; do c old$i 150000000$i; done\n"
    "for i in 1 2 3; do c new$i 160000300$i; done\n"
    "git tag -a -m one v1; git tag -a -m two v2 v1\n";

static void
test_dates(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *rows;
	const struct val *row;

	(void)state;
	(void)sh(&a, "%s", dates);
	/* If git learns better, this history is no trap any more. */
	assert_string_not_equal(sh(&a, "git -C dates rev-list side ^main"), "");
	rows = collect(&a, "dates", NULL);
	if (rows == NULL)
		fail_msg("%s", res.why.what);
	assert_int_equal(find(rows, "git_commit", NULL, NULL, NULL), 14);
	row = commit(rows, "side");
	assert_string_equal(TEXT(row, "via"), "merge");
	/* A tag of a tag names the commit. */
	assert_int_equal(find(rows, "git_tag", "name", "v2", &row), 1);
	assert_string_equal(TEXT(row, "target"),
	    sh(&a, "git -C dates rev-parse main"));
}

static void
test_seen(void **state)
{
	static const char *const hex[] = {
		"1111111111111111111111111111111111111111",
		"2222222222222222222222222222222222222222" };
	struct str one = str_from(hex[0]), two = str_from(hex[1]);

	(void)state;
	/* Child and parent, in either order, the child older or not. */
	for (int i = 0; i < 4; i++) {
		struct gitseen *s = gitseen_new();
		int64_t child = i & 1 ? 9 : 10;
		if (i & 2)
			assert_true(gitseen_add(s, two, 10, NULL, 0));
		assert_true(gitseen_add(s, one, child, &two, 1));
		assert_false(gitseen_add(s, one, child, &two, 1));
		if (!(i & 2))
			assert_true(gitseen_add(s, two, 10, NULL, 0));
		assert_int_equal(gitseen_skewed(s), i & 1);
		gitseen_free(s);
	}
	struct gitseen *s = gitseen_new();
	assert_true(gitseen_lines(s, STR("20 -1111111111111111111111111111111"
	    "111111111 2222222222222222222222222222222222222222\n")));
	assert_false(gitseen_skewed(s));
	assert_true(gitseen_lines(s, STR("21 2222222222222222222222222222222"
	    "222222222\n")));
	assert_true(gitseen_skewed(s));
	assert_false(gitseen_lines(s, STR("x y\n")));
	/* Many, so that the table grows. */
	for (int i = 0; i < 5000; i++) {
		char h[41];
		snprintf(h, sizeof(h), "%040d", i);
		assert_true(gitseen_add(s, str_from(h), 1, NULL, 0));
	}
	for (int i = 0; i < 5000; i++) {
		char h[41];
		snprintf(h, sizeof(h), "%040d", i);
		assert_false(gitseen_add(s, str_from(h), 1, NULL, 0));
	}
	gitseen_free(s);
}

static void
test_shapes(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str rest, hash;
	struct val *rows;
	const struct val *row;

	(void)state;
	(void)sh(&a, "%s", shapes);
	rows = collect(&a, "shapes", NULL);
	if (rows == NULL)
		fail_msg("%s", res.why.what);
	assert_int_equal(find(rows, "git_commit", NULL, NULL, NULL),
	    strtol(sh(&a, "git -C shapes rev-list --all --count"), NULL, 10));
	find(rows, "git_repo", NULL, NULL, &row);
	assert_int_equal(val_get_int(row, "commits", 0),
	    strtol(sh(&a, "git -C shapes rev-list main --count"), NULL, 10));
	assert_string_equal(TEXT(row, "main_branch"), "main");
	/* What stands on the first-parent line, and what does not. */
	assert_int_equal(find(rows, "git_commit", "via", "direct", NULL),
	    strtol(sh(&a, "git -C shapes rev-list --first-parent main --count"),
	    NULL, 10));
	assert_int_equal(find(rows, "git_commit", "via", "none", NULL), 2);
	rest = str_from(sh(&a, "git -C shapes rev-list main"));
	while (str_split(&rest, '\n', &hash)) {
		const char *h = arena_str(&a, hash).ptr;
		assert_int_equal(find(rows, "git_commit", "hash", h, &row), 1);
		if (str_is(val_get_str(row, "via"), "direct"))
			continue;
		/* The oldest merge of the line that leads to it, by git. */
		const char *by = sh(&a, "cd shapes; for m in $(git rev-list "
		    "--first-parent --reverse main); do "
		    "git merge-base --is-ancestor %s $m && "
		    "{ git log -1 --format='%%ae %%cI' $m; break; }; done || "
		    "true", h);
		assert_string_equal(arena_printf(&a, "%s %s",
		    TEXT(row, "merged_by_email"),
		    arena_printf(&a, "%.19s+00:00",
		    TEXT(row, "reached_main_at"))), by);
		assert_true(val_get_bool(row, "second_hand", false) ==
		    !str_is(val_get_str(row, "author_email"),
		    "mia@example.com"));
	}
	assert_int_equal(find(rows, "git_tag", "name", "v1", &row), 1);
	assert_true(val_get_bool(row, "annotated", false));
	assert_string_equal(TEXT(row, "target"),
	    sh(&a, "git -C shapes rev-parse main~3"));
	assert_int_equal(find(rows, "git_branch", NULL, NULL, NULL), 9);
}

/* Messages on which the rules of trailers differ. */
static const char *const messages[] = {
	"one\n\nReviewed-by: Bo <bo@example.com>",
	"two\n\ntext\n\nSigned-off-by: A <a@b.c>\nReviewed-by: Bo <BO@x.y>\n"
	"Reviewed-by: Bo <bo@x.y>\nApproved-By: Cy <cy@x.y>",
	"three\nReviewed-by: no <no@x.y>",
	"four\n\nsome words\nand more words\nand more\nand even more\n"
	"Reviewed-by: no <no@x.y>",
	"five\n\nReviewed-by: Bo\n  <bo@x.y>\nOther: x",
	"six\n\nReviewed-by: early <early@x.y>\n\nmore text after it",
	"seven\n\n(cherry picked from commit 123)\nno trailer here\n"
	"Reviewed-by: Bo <bo@x.y>",
	"eight  two   spaces\nsecond line of title\n\nbody",
	"nine\n\nReviewed-by : spaced <sp@x.y>\nreviewed-by: low <low@x.y>",
	"ten\n\nCo-authored-by: Co <co@x.y>",
};
#define NMESSAGES (sizeof(messages) / sizeof(messages[0]))

static void
test_messages(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *rows;

	(void)state;
	(void)sh(&a, "rm -rf said; git init -q -b main said");
	for (size_t i = 0; i < NMESSAGES; i++)
		(void)sh(&a, "cd said; cat > m <<'END'\n%s\nEND\n"
		    "git commit -q --allow-empty --cleanup=verbatim -F m",
		    messages[i]);
	rows = collect(&a, "said", NULL);
	for (size_t i = 0; i < NMESSAGES; i++) {
		const char *at = arena_printf(&a, "main~%zu", NMESSAGES - 1 -
		    i);
		const char *subject = sh(&a, "git -C said log -1 --format=%%s "
		    "%s", at);
		const struct val *row = commit(rows, subject);
		/* Addresses in small letters, each once, in order. */
		const char *want = sh(&a, "git -C said log -1 --format='"
		    "%%(trailers:key=Reviewed-by,key=Approved-by,valueonly,"
		    "unfold)' %s | sed -n 's/.*<\\(.*\\)>.*/\\1/p' | "
		    "tr A-Z a-z | awk '!s[$0]++' | paste -sd' '", at);
		const char *got = TEXT(row, "reviewers");
		if (strcmp(got != NULL ? got : "", want) != 0)
			fail_msg("\"%s\": reviewers \"%s\", git says \"%s\"",
			    messages[i], got, want);
	}
	assert_true(val_get_bool(commit(rows, "one"), "second_hand", false));
	assert_false(val_get_bool(commit(rows,
	    "three Reviewed-by: no <no@x.y>"), "second_hand", true));
	assert_false(val_get_bool(commit(rows, "ten"), "second_hand", true));
}

static void
test_hands(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *rows;

	(void)state;
	(void)sh(&a, "rm -rf hands; git init -q -b main hands; cd hands\n"
	    "c() { git commit -q --allow-empty -m \"$1\"; }\n"
	    "c own\n"
	    "GIT_COMMITTER_EMAIL=bo@x.y c applied\n"
	    "GIT_COMMITTER_EMAIL=noreply@github.com c forge\n"
	    "GIT_COMMITTER_EMAIL=ADA@example.com c case\n"
	    "git commit -q --allow-empty -m \"self\n\nReviewed-by: Ada "
	    "<ada@example.com>\"\n"
	    "git checkout -q -b w; c 'own work'; git checkout -q main\n"
	    "git merge -q --no-ff -m 'own merge' w\n"
	    "git checkout -q -b v; c 'more work'; git checkout -q main\n"
	    "GIT_AUTHOR_EMAIL=bo@x.y GIT_COMMITTER_EMAIL=noreply@github.com "
	    "git merge -q --no-ff -m 'on the web' v\n");
	rows = collect(&a, "hands", NULL);
#define HAND(s) val_get_bool(commit(rows, s), "second_hand", false)
	assert_false(HAND("own"));
	assert_true(HAND("applied"));
	assert_false(HAND("forge"));
	assert_false(HAND("case"));
	assert_false(HAND("self"));
	assert_false(HAND("own work"));
	assert_true(HAND("more work"));
}

static void
test_hostile(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *rows;
	const struct val *row;

	(void)state;
	/* Programs that the repository's own configuration names, a replaced
	 * commit, odd bytes, an empty author, a date beyond all years. */
	(void)sh(&a, "rm -rf odd was-run; git init -q -b main odd; cd odd\n"
	    "git commit -q --allow-empty -m first\n"
	    "t=$(git write-tree); p=$(git rev-parse HEAD)\n"
	    "printf 'tree %%s\\nparent %%s\\nauthor  <> 1 +0000\\n"
	    "committer x\\377y <a\\001b@c> 99999999999999999999 +0000\\n\\n"
	    "odd \\377\\376 subject\\n' $t $p > raw\n"
	    "c=$(git hash-object -t commit -w --stdin --literally < raw)\n"
	    "printf 'tree %%s\\nparent %%s\\nauthor A <a@b> 1600000000 +0000\\n"
	    "committer A <a@b> 1600000000 +0000\\ngpgsig -----BEGIN PGP-----\\n"
	    " parent 1234\\n -----END\\n\\nsigned\\n' $t $c > raw\n"
	    "c=$(git hash-object -t commit -w --stdin < raw)\n"
	    "git update-ref refs/heads/main $c\n"
	    "git update-ref \"refs/heads/$(printf 'b\\377')\" $c\n"
	    "git update-ref \"refs/heads/$(printf 'b\\376')\" $c\n"
	    "git update-ref refs/heads/origin/x $c\n"
	    "git update-ref refs/remotes/origin/x $p\n"
	    "git replace $p $c 2>/dev/null || true\n"
	    "printf '#!/bin/sh\\ntouch %s/was-run\\n' > evil; chmod +x evil\n"
	    "git config core.fsmonitor \"$PWD/evil\"\n"
	    "git config core.pager \"$PWD/evil\"\n"
	    "git config gpg.program \"$PWD/evil\"\n"
	    "git config log.showSignature true\n"
	    "git config alias.rev-list \"!$PWD/evil\"\n", dir);
	rows = collect(&a, "odd", "main");
	if (rows == NULL)
		fail_msg("%s", res.why.what);
	assert_int_equal(find(rows, "git_commit", NULL, NULL, NULL), 3);
	row = commit(rows, "signed");
	assert_string_equal(TEXT(row, "signature"), "unverified");
	assert_int_equal(val_get_int(row, "parents", 0), 1);
	row = commit(rows, "odd \xef\xbf\xbd\xef\xbf\xbd subject");
	assert_true(val_get_bool(val_get(row, "author_email"), "unknown",
	    false));
	assert_string_equal(TEXT(row, "committed_at"), "1970-01-01T00:00:00Z");
	assert_int_equal(find(rows, "git_branch", "name", "b\\xff", NULL), 1);
	assert_int_equal(find(rows, "git_branch", "name", "origin/x", NULL), 1);
	assert_int_not_equal(access(arena_printf(&a, "%s/was-run", dir), F_OK),
	    0);
}

static void
test_places(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *rows;
	const struct val *row;

	(void)state;
	(void)sh(&a, "rm -rf up clone bare.git empty tree borrowed not\n"
	    "git init -q -b trunk up; cd up; git commit -q --allow-empty -m 1;"
	    " git checkout -q -b topic; git commit -q --allow-empty -m 2; "
	    "git checkout -q trunk; cd ..\n"
	    "git clone -q up clone; git clone -q --bare up bare.git\n"
	    "git -C clone checkout -q -b mine\n"
	    "git init -q -b main empty; mkdir not; mkdir clone/sub\n"
	    "git -C up worktree add -q ../tree topic 2>/dev/null\n"
	    "git clone -q --shared up borrowed");
	static const char *const at[] = { "up", "clone", "bare.git", "tree",
		"borrowed", "clone/sub", "up/.git" };
	for (size_t i = 0; i < 7; i++) {
		rows = collect(&a, at[i], NULL);
		if (rows == NULL)
			fail_msg("%s: %s", at[i], res.why.what);
		find(rows, "git_repo", NULL, NULL, &row);
		assert_string_equal(TEXT(row, "main_branch"), "trunk");
		assert_int_equal(find(rows, "git_commit", NULL, NULL, NULL),
		    2);
	}
	rows = collect(&a, "empty", NULL);
	if (rows == NULL)
		fail_msg("%s", res.why.what);
	assert_int_equal(find(rows, "git_repo", NULL, NULL, NULL), 1);
	assert_int_equal(find(rows, "git_commit", NULL, NULL, NULL), 0);
	assert_null(collect(&a, "up", "nosuch"));
	assert_non_null(strstr(res.why.what, "nosuch"));
	struct collect_source s = { .id = STR("s"), .name = STR("it"),
		.collector = STR("git"), .options = val_map(&a) };
	struct err e = { 0 };
	val_put(&a, (struct val *)(uintptr_t)s.options, "path",
	    val_fmt(&a, "%s/nowhere", dir));
	assert_int_not_equal(collect_check(&s, &e), 0);
}

/* A damaged repository is a failed run, in git's own words. */
static void
test_damaged(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)state;
	(void)sh(&a, "rm -rf hurt; git init -q -b main hurt; cd hurt; for i in "
	    "1 2 3; do git commit -q --allow-empty -m $i; done; "
	    "h=$(git rev-parse main~1); f=.git/objects/${h:0:2}/${h:2}; "
	    "chmod u+w $f; printf x > $f");
	assert_null(collect(&a, "hurt", NULL));
	assert_non_null(strstr(res.why.what, "git exited with status 128"));
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/tickmark-git-XXXXXX");
	return (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (file_remove_tree(dir, NULL) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_hands),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_damaged),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
