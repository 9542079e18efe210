/*
 * The history of a git repository: every commit that a branch, a remote branch
 * or a tag leads to, once; how each reached the main branch; and the branches
 * and tags of now. A later run reads only what is new since the one before.
 */
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "collect/gitcmd.h"
#include "collect/gitlog.h"
#include "collect/gitrefs.h"
#include "collect/gitseen.h"
#include "collect/works.h"

#define CURSOR_TIPS 400 /* of branches; see the cursor below */

/*
 * Where a run ended: "v2/MAIN/COUNT/NAME/DATES/TIP,TIP,...": the tip of the main
 * branch, how many commits lead to it, its name in hex, whether dates are in
 * "order" or "skewed", and the other tips.
 * Tips beyond CURSOR_TIPS are left out; what they alone lead to is read again,
 * which changes nothing.
 */
struct cursor {
	bool any;
	struct str main;
	int64_t count;
	struct str name; /* in hex */
	bool skewed;     /* some commit is dated before a parent */
	VEC(struct str) tips;
};

struct history {
	struct job *job;
	struct arena *a;
	struct gitcmd_repo repo;
	struct str name;        /* column repo */
	struct gitrefs refs;
	struct cursor was;
	bool rewritten;
	bool skewed;          /* dates are out of order: read all of it */
	struct gitseen *seen; /* what came, then */
	int64_t count; /* commits of main */
	int64_t read;  /* in this run, for progress */
};

/* --- cursors -------------------------------------------------------------- */

static bool
is_hash(struct str s)
{
	if (s.len != 40 && s.len != 64)
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (strchr("0123456789abcdef", s.ptr[i]) == NULL)
			return (false);
	return (true);
}

static void
read_cursor(struct history *h)
{
	struct str rest = job_cursor(h->job, T_GIT_COMMIT), v, n, dates, tip;
	struct cursor *c = &h->was;

	if (!str_split(&rest, '/', &v) || (!str_is(v, "v1") &&
	    !str_is(v, "v2")) ||
	    !str_split(&rest, '/', &c->main) || !is_hash(c->main) ||
	    !str_split(&rest, '/', &n) || !str_to_i64(n, &c->count) ||
	    !str_split(&rest, '/', &c->name))
		return;
	/* Version 1 did not look at dates. */
	c->skewed = true;
	if (str_is(v, "v2")) {
		if (!str_split(&rest, '/', &dates))
			return;
		c->skewed = !str_is(dates, "order");
	}
	c->any = true;
	while (str_split(&rest, ',', &tip))
		if (is_hash(tip))
			vec_push(&c->tips, tip);
}

static struct str
write_cursor(struct history *h)
{
	BUF_SCOPED b = BUF_INIT;
	size_t n = 0;

	if (h->refs.head.len == 0)
		return (STR("v2/empty"));
	buf_printf(&b, "v2/" STR_FMT "/%lld/", STR_ARG(h->refs.head),
	    (long long)h->count);
	buf_puthex(&b, h->refs.main.ptr, h->refs.main.len);
	buf_puts(&b, h->skewed ? "/skewed/" : "/order/");
	for (size_t i = 0; i < h->refs.n && n < CURSOR_TIPS; i++) {
		struct str c = h->refs.at[i].commit;
		if (c.len == 0 || str_eq(c, h->refs.head))
			continue;
		if (n++ > 0)
			buf_putc(&b, ',');
		buf_putstr(&b, c);
	}
	return (arena_str(h->a, buf_str(&b)));
}

/* The branch that was the main one is another now: nothing to go on from. */
static bool
other_main(const struct history *h)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, h->refs.main.ptr, h->refs.main.len);
	return (!str_eq(buf_str(&b), h->was.name));
}

/* Keep only the old tips that the repository still has. */
static int
drop_lost_tips(struct history *h, struct err *e)
{
	static const char *const args[] = { "cat-file",
	    "--batch-check=%(objecttype)", NULL };
	BUF_SCOPED in = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct str rest, line;
	size_t n = 0, i = 0;
	int rc;

	for (size_t k = 0; k < h->was.tips.n; k++)
		buf_printf(&in, STR_FMT "\n", STR_ARG(h->was.tips.at[k]));
	if (in.len == 0)
		return (0);
	if ((rc = gitcmd_run(&h->repo, args, buf_str(&in), &out, NULL, e)) != 0)
		return (rc);
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line) && i < h->was.tips.n) {
		if (str_is(line, "commit"))
			h->was.tips.at[n++] = h->was.tips.at[i];
		i++;
	}
	h->was.tips.n = n;
	return (0);
}

/* The tips to begin at: that of main and all others. */
static void
put_tips(const struct history *h, bool main_too, struct buf *revs)
{
	if (h->refs.head.len > 0 && main_too)
		buf_printf(revs, STR_FMT "\n", STR_ARG(h->refs.head));
	for (size_t i = 0; i < h->refs.n; i++)
		if (h->refs.at[i].commit.len > 0 &&
		    !str_eq(h->refs.at[i].commit, h->refs.head))
			buf_printf(revs, STR_FMT "\n",
			    STR_ARG(h->refs.at[i].commit));
}

/* Where the run before ended, on main and beside it. */
static void
put_old_tips(const struct history *h, bool main_too, struct buf *revs)
{
	if (main_too)
		buf_printf(revs, "^" STR_FMT "\n", STR_ARG(h->was.main));
	for (size_t i = 0; i < h->was.tips.n; i++)
		buf_printf(revs, "^" STR_FMT "\n", STR_ARG(h->was.tips.at[i]));
}

/* Is what is to be read out of the order of its dates? See gitseen.h. */
static int
look_at_dates(struct history *h, bool go_on, struct err *e)
{
	static const char *const args[] = { "rev-list", "--timestamp",
		"--parents", "--boundary", "--stdin", NULL };
	BUF_SCOPED revs = BUF_INIT;
	BUF_SCOPED in = BUF_INIT;
	PROC_SCOPED p = PROC_INIT;
	int64_t n = 1;

	put_tips(h, true, &revs);
	if (revs.len == 0)
		return (0);
	if (go_on)
		put_old_tips(h, true, &revs);
	int rc = gitcmd_start(&p, &h->repo, args, true, e);
	if (rc != 0)
		return (rc);
	(void)proc_write(&p, revs.ptr, revs.len, NULL);
	close(p.in);
	p.in = -1;
	struct gitseen *seen = gitseen_new();
	while (n > 0) {
		buf_reserve(&in, 256 << 10);
		n = proc_read(&p, in.ptr + in.len, 256 << 10, e);
		in.len += n > 0 ? (size_t)n : 0;
		size_t end = in.len;
		while (end > 0 && in.ptr[end - 1] != '\n')
			end--;
		gitseen_lines(seen, (struct str){ in.ptr, end });
		memmove(in.ptr, in.ptr + end, in.len - end);
		in.len -= end;
		if (in.len > GITLOG_RECORD_MAX)
			n = err_set(e, ERR_LIMIT, NULL, NULL, "a commit has "
			    "too many parents");
	}
	h->skewed = gitseen_skewed(seen);
	gitseen_free(seen);
	return (n < 0 ? (int)n : gitcmd_end(&p, e));
}

/* --- rows ----------------------------------------------------------------- */

/* Text that has to be there: what the commit leaves empty is not known. */
static struct cell
needed(struct job *j, struct str s)
{
	struct cell c = job_text(j, str_trim(s));

	return (c.state == CELL_ABSENT ? CELL_BLIND : c);
}

/* The address by which a forge signs what a person did on its pages. */
static bool
is_person(struct str email)
{
	static const char *const forges[] = { "noreply@github.com",
		"noreply@gitlab.com", "noreply@bitbucket.org" };

	for (size_t i = 0; i < 3; i++)
		if (email.len == strlen(forges[i]) &&
		    strncasecmp(email.ptr, forges[i], email.len) == 0)
			return (false);
	return (email.len > 0);
}

static bool
other_hand(struct str author, struct str who)
{
	return (is_person(who) && (author.len != who.len ||
	    strncasecmp(author.ptr, who.ptr, who.len) != 0));
}

static bool
second_hand(const struct gitlog_commit *c, struct str merged_by)
{
	struct str rest = c->reviewers, who;
	struct str author = c->author.email;

	if (other_hand(author, c->committer.email) ||
	    other_hand(author, merged_by))
		return (true);
	while (str_split(&rest, ' ', &who))
		if (other_hand(author, who))
			return (true);
	return (false);
}

static void
put_commit(struct history *h, const struct gitlog_commit *c,
    const struct gitlog_way *way)
{
	struct job *j = h->job;
	struct cell r[F_GIT_COMMIT_MERGED_BY_EMAIL + 1] = { 0 };
	bool on_main = way != NULL;
	bool merged = on_main && !way->direct && way->merge.len > 0;

	r[F_GIT_COMMIT_REPO] = CELL_STR(h->name);
	r[F_GIT_COMMIT_HASH] = CELL_STR(c->hash);
	r[F_GIT_COMMIT_AUTHOR_NAME] = needed(j, c->author.name);
	r[F_GIT_COMMIT_AUTHOR_EMAIL] = needed(j, c->author.email);
	r[F_GIT_COMMIT_AUTHORED_AT] = CELL_INT(c->author.at);
	r[F_GIT_COMMIT_COMMITTER_NAME] = needed(j, c->committer.name);
	r[F_GIT_COMMIT_COMMITTER_EMAIL] = needed(j, c->committer.email);
	r[F_GIT_COMMIT_COMMITTED_AT] = CELL_INT(c->committer.at);
	r[F_GIT_COMMIT_PARENTS] = CELL_INT((int64_t)c->nparents);
	r[F_GIT_COMMIT_MERGE] = CELL_INT(c->nparents > 1);
	r[F_GIT_COMMIT_VIA] = CELL_STR(!on_main ? STR("none") :
	    merged ? STR("merge") : STR("direct"));
	r[F_GIT_COMMIT_SUBJECT_LINE] = job_text(j, (struct str){
	    c->subject.ptr, c->subject.len < 1000 ? c->subject.len : 1000 });
	r[F_GIT_COMMIT_SIGNATURE] = CELL_STR(c->is_signed ?
	    STR("unverified") : STR("none"));
	r[F_GIT_COMMIT_REVIEWERS] = job_text(j, c->reviewers);
	/* Whose hand is another's cannot be told from an author without an
	 * address. */
	r[F_GIT_COMMIT_SECOND_HAND] = c->author.email.len == 0 ? CELL_BLIND :
	    CELL_INT(second_hand(c, merged ? way->by : STR_NULL));
	/* What is seen there came there before, whatever its maker's clock
	 * said. */
	if (on_main)
		r[F_GIT_COMMIT_REACHED_MAIN_AT] = CELL_INT(way->at <
		    job_at(j) ? way->at : job_at(j) - 1);
	if (merged)
		r[F_GIT_COMMIT_MERGED_BY_EMAIL] = job_text(j, way->by);
	job_row(j, r);
}

/* --- reading commits ------------------------------------------------------ */

struct reader {
	struct history *h;
	struct gitlog_ways *ways; /* NULL: not of the main branch */
	struct arena a;
	struct buf in;
	size_t at;
	int64_t n;
};

/* Up to the next NUL: true and the record. */
static bool
next_record(struct reader *r, size_t *scanned, struct str *ret)
{
	char *from = r->in.ptr + r->at;
	size_t have = r->in.len - r->at;
	char *nul = have > *scanned ?
	    memchr(from + *scanned, '\0', have - *scanned) : NULL;

	if (nul == NULL) {
		*scanned = have;
		return (false);
	}
	*ret = (struct str){ from, (size_t)(nul - from) };
	r->at += ret->len + 1;
	*scanned = 0;
	return (true);
}

static int
take_record(struct reader *r, struct str record, struct err *e)
{
	struct gitlog_commit c;
	struct gitlog_way way;
	int rc;

	if ((rc = gitlog_read(&r->a, record, &c, e)) != 0)
		return (rc);
	if (r->h->seen != NULL && !gitseen_add(r->h->seen, c.hash, 1, NULL, 0))
		return (0);
	if (r->ways != NULL)
		gitlog_way(r->ways, &c, &way);
	put_commit(r->h, &c, r->ways != NULL ? &way : NULL);
	r->n++;
	if (++r->h->read % 20000 == 0)
		job_progress(r->h->job, "commits", r->h->read, 0);
	return (0);
}

static int
read_stream(struct reader *r, struct proc *p, struct err *e)
{
	struct arena_mark mark;
	size_t scanned = 0;
	int64_t n;

	(void)arena_alloc(&r->a, 1); /* so that a block stays */
	mark = arena_mark(&r->a);
	for (;;) {
		struct str record;
		int rc;

		if (r->at > 0) {
			memmove(r->in.ptr, r->in.ptr + r->at,
			    r->in.len - r->at);
			r->in.len -= r->at;
			r->at = 0;
		}
		if (r->in.len > GITLOG_RECORD_MAX)
			return (err_set(e, ERR_LIMIT, NULL, NULL, "a commit "
			    "has more than 16 MiB"));
		buf_reserve(&r->in, 256 << 10);
		n = proc_read(p, r->in.ptr + r->in.len, 256 << 10, e);
		if (n < 0)
			return ((int)n);
		if (n == 0)
			break;
		r->in.len += (size_t)n;
		while (next_record(r, &scanned, &record)) {
			arena_rewind(&r->a, mark);
			if ((rc = take_record(r, record, e)) != 0)
				return (rc);
		}
	}
	if (r->in.len - r->at > 0)
		return (err_set(e, ERR_INPUT, NULL, NULL, "git stopped in the "
		    "middle of a commit"));
	return (0);
}

/* `git rev-list --header ARGS`, revisions from ${revs}, one a line. */
static int
read_commits(struct history *h, bool main_line, struct str revs, int64_t *ret,
    struct err *e)
{
	const char *args[] = { "rev-list", "--header", "--stdin",
		main_line ? "--topo-order" : NULL, NULL };
	PROC_SCOPED p = PROC_INIT;
	struct reader r = { .h = h };
	int rc = gitcmd_start(&p, &h->repo, args, true, e);

	if (rc != 0)
		return (rc);
	if (main_line)
		r.ways = gitlog_ways_new(h->refs.head);
	(void)proc_write(&p, revs.ptr, revs.len, NULL);
	close(p.in);
	p.in = -1;
	rc = read_stream(&r, &p, e);
	if (rc == 0)
		rc = gitcmd_end(&p, e);
	*ret = r.n;
	gitlog_ways_free(r.ways);
	arena_free(&r.a);
	buf_free(&r.in);
	return (rc);
}

static int
count_commits(struct history *h, int64_t *ret, struct err *e)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "rev-list", "--count", NULL, NULL };
	int rc;

	*ret = 0;
	if (h->refs.head.len == 0)
		return (0);
	if (h->was.any && !h->rewritten && !h->skewed) {
		args[2] = arena_printf(h->a, STR_FMT ".." STR_FMT,
		    STR_ARG(h->was.main), STR_ARG(h->refs.head));
		*ret = h->was.count;
	} else
		args[2] = arena_str(h->a, h->refs.head).ptr;
	if ((rc = gitcmd_run(&h->repo, args, STR_NULL, &out, NULL, e)) != 0)
		return (rc);
	int64_t n = 0;
	(void)str_to_i64(str_trim(buf_str(&out)), &n);
	*ret += n;
	return (0);
}

/* A clone whose history was cut speaks for the time after the cut. */
static int
shallow_since(struct history *h, int64_t *ret, struct err *e)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "log", "--format=%ct %p", "--all", NULL };
	struct str rest, line, at;
	int64_t sec;
	int rc;

	*ret = INT64_MIN;
	if (!h->repo.shallow)
		return (0);
	if ((rc = gitcmd_run(&h->repo, args, STR_NULL, &out, NULL, e)) != 0)
		return (rc);
	/* Commits without parents are where it was cut. */
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line))
		if (str_split(&line, ' ', &at) && line.len == 0 &&
		    str_to_i64(at, &sec) && sec * CLOCK_SECOND > *ret)
			*ret = sec * CLOCK_SECOND;
	return (0);
}

static int
put_commits(struct history *h, struct err *e)
{
	BUF_SCOPED main_revs = BUF_INIT;
	BUF_SCOPED other_revs = BUF_INIT;
	struct job_chain chain = { .upto = write_cursor(h) };
	bool go_on = h->was.any && !h->rewritten;
	int64_t n;
	int rc;

	if ((rc = shallow_since(h, &chain.since, e)) != 0)
		return (rc);
	if (go_on)
		chain.after = job_cursor(h->job, T_GIT_COMMIT);
	job_append(h->job, T_GIT_COMMIT, &chain);
	put_tips(h, false, &other_revs);
	bool others = other_revs.len > 0;
	if (h->refs.head.len > 0) {
		buf_printf(&main_revs, STR_FMT "\n", STR_ARG(h->refs.head));
		buf_printf(&other_revs, "^" STR_FMT "\n", STR_ARG(h->refs.head));
	}
	/* Given again whole, a history still goes on from what is known. */
	if (go_on && !h->skewed) {
		buf_printf(&main_revs, "^" STR_FMT "\n", STR_ARG(h->was.main));
		put_old_tips(h, false, &other_revs);
	}
	if (h->skewed)
		h->seen = gitseen_new();
	if (h->refs.head.len > 0 &&
	    (rc = read_commits(h, true, buf_str(&main_revs), &n, e)) != 0)
		return (rc);
	if (others &&
	    (rc = read_commits(h, false, buf_str(&other_revs), &n, e)) != 0)
		return (rc);
	job_end(h->job, h->rewritten ? "the history of the main branch was "
	    "rewritten since the run before" : h->repo.shallow ?
	    "the clone is shallow: earlier commits are not in it" : NULL);
	return (0);
}

/* --- branches and tags ---------------------------------------------------- */

static void
put_branches(struct history *h)
{
	struct map seen;

	map_init(&seen, h->a);
	job_table(h->job, T_GIT_BRANCH);
	for (size_t i = 0; i < h->refs.n; i++) {
		const struct gitrefs_ref *x = &h->refs.at[i];
		struct cell r[F_GIT_BRANCH_UPDATED_AT + 1] = { 0 };
		if (str_starts(x->name, "refs/tags/"))
			continue;
		r[F_GIT_BRANCH_REPO] = CELL_STR(h->name);
		r[F_GIT_BRANCH_NAME] = CELL_STR(gitrefs_key(&h->refs,
		    &seen, x->name));
		r[F_GIT_BRANCH_HEAD] = CELL_STR(x->hash);
		r[F_GIT_BRANCH_PROTECTED] = CELL_BLIND; /* the server knows */
		r[F_GIT_BRANCH_UPDATED_AT] = CELL_INT(x->at);
		job_row(h->job, r);
	}
	job_end(h->job, NULL);
}

static void
put_tags(struct history *h)
{
	struct map seen;

	map_init(&seen, h->a);
	job_table(h->job, T_GIT_TAG);
	for (size_t i = 0; i < h->refs.n; i++) {
		const struct gitrefs_ref *x = &h->refs.at[i];
		struct cell r[F_GIT_TAG_SIGNATURE + 1] = { 0 };
		bool note = str_is(x->type, "tag");
		if (!str_starts(x->name, "refs/tags/"))
			continue;
		r[F_GIT_TAG_REPO] = CELL_STR(h->name);
		r[F_GIT_TAG_NAME] = CELL_STR(gitrefs_key(&h->refs,
		    &seen, x->name));
		r[F_GIT_TAG_TARGET] = CELL_STR(x->commit.len > 0 ? x->commit :
		    x->hash);
		r[F_GIT_TAG_ANNOTATED] = CELL_INT(note);
		if (note) {
			r[F_GIT_TAG_TAGGER_EMAIL] = job_text(h->job, x->tagger);
			r[F_GIT_TAG_TAGGED_AT] = CELL_INT(x->at);
		}
		r[F_GIT_TAG_SIGNATURE] = CELL_STR(note && x->is_signed ?
		    STR("unverified") : STR("none"));
		job_row(h->job, r);
	}
	job_end(h->job, NULL);
}

static void
put_repo(struct history *h)
{
	struct cell r[F_GIT_REPO_REWRITTEN + 1] = { 0 };

	job_table(h->job, T_GIT_REPO);
	r[F_GIT_REPO_REPO] = CELL_STR(h->name);
	r[F_GIT_REPO_MAIN_BRANCH] = job_text(h->job, h->refs.main);
	if (h->refs.head.len > 0)
		r[F_GIT_REPO_HEAD] = CELL_STR(h->refs.head);
	r[F_GIT_REPO_COMMITS] = CELL_INT(h->count);
	r[F_GIT_REPO_REWRITTEN] = CELL_INT(h->rewritten);
	job_row(h->job, r);
	job_end(h->job, NULL);
}

/* --- the run -------------------------------------------------------------- */

static int
git_prepare(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	static const char *const programs[] = { "/usr", "/bin", "/sbin",
		"/lib", "/lib64", NULL };
	const char *path = arena_str(a, val_get_str(s->options, "path")).ptr;
	struct gitcmd_repo repo;
	int rc = gitcmd_find(a, path, &repo, e);

	if (rc != 0)
		return (rc);
	box->read = gitcmd_paths(a, &repo);
	box->exec = programs;
	/* The repository may be anybody's; Landlock leaves nothing else. */
	box->keep_read = true;
	lim->wall_us = 3600 * CLOCK_SECOND;
	lim->cpu_s = 3600;
	lim->memory_bytes = UINT64_C(4) << 30;
	return (0);
}

static int
read_history(struct history *h, struct err *e)
{
	int rc;

	h->refs.a = h->a;
	h->refs.repo = &h->repo;
	rc = gitrefs_read(&h->refs, job_option(h->job, "branch"), e);
	if (rc != 0)
		return (rc);
	if (job_wants(h->job, T_GIT_COMMIT))
		read_cursor(h);
	if (h->was.any && other_main(h))
		h->was.any = false;
	if (h->was.any) {
		h->rewritten = h->refs.head.len == 0 ||
		    !gitrefs_leads(&h->refs, h->was.main, h->refs.head);
		if ((rc = drop_lost_tips(h, e)) != 0)
			return (rc);
	}
	/* Once out of order, always so: that needs no second look. */
	if (h->was.any && !h->rewritten && h->was.skewed)
		h->skewed = true;
	else if (job_wants(h->job, T_GIT_COMMIT) &&
	    (rc = look_at_dates(h, h->was.any && !h->rewritten, e)) != 0)
		return (rc);
	if ((rc = count_commits(h, &h->count, e)) != 0)
		return (rc);
	if (job_wants(h->job, T_GIT_REPO))
		put_repo(h);
	if (job_wants(h->job, T_GIT_BRANCH))
		put_branches(h);
	if (job_wants(h->job, T_GIT_TAG))
		put_tags(h);
	return (job_wants(h->job, T_GIT_COMMIT) ? put_commits(h, e) : 0);
}

static int
git_run(struct job *j, struct err *e)
{
	struct arena *a = job_arena(j);
	struct history h = { .job = j, .a = a };
	const char *path = arena_str(a, job_option(j, "path")).ptr;
	struct str name = job_option(j, "repo");
	int rc = gitcmd_find(a, path, &h.repo, e);

	h.name = name.len > 0 ? name : job_source(j);
	if (rc == 0)
		rc = read_history(&h, e);
	vec_free(&h.was.tips);
	gitseen_free(h.seen);
	return (rc);
}

const struct collect_work git_work = { git_prepare, git_run };
