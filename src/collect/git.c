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
#include "collect/works.h"
#include "text/timefmt.h"

#define CURSOR_TIPS 400 /* of branches; see the cursor below */

struct ref {
	struct str name;   /* whole: refs/heads/main */
	struct str hash;   /* of what it points to */
	struct str type;   /* commit, tag, tree, blob */
	struct str commit; /* what a tag leads to; of a branch the same */
	struct str tagger;
	int64_t at;
	bool is_signed;
	struct str key; /* unique name for the row */
};

/*
 * Where a run ended: "v1/MAIN/COUNT/NAME/TIP,TIP,...": the tip of the main
 * branch, how many commits lead to it, its name in hex, and the other tips. Tips beyond CURSOR_TIPS are
 * left out; what they alone lead to is read again, which changes nothing.
 */
struct cursor {
	bool any;
	struct str main;
	int64_t count;
	struct str name; /* in hex */
	VEC(struct str) tips;
};

struct history {
	struct job *job;
	struct arena *a;
	struct gitcmd_repo repo;
	struct str name;        /* column repo */
	struct str main_ref;    /* empty: no commits yet */
	struct str main_name;
	struct str head;
	struct ref *refs;
	size_t nrefs;
	struct cursor was;
	bool rewritten;
	int64_t count; /* commits of main */
	int64_t read;  /* in this run, for progress */
};

/* --- the repository's names -------------------------------------------------- */

static struct str
field(struct str *line)
{
	struct str f = STR_NULL;

	(void)str_split(line, '\0', &f);
	return (f);
}

static int
read_refs(struct history *h, struct err *e)
{
	static const char *const args[] = { "for-each-ref", "--format="
	    "%(refname)%00%(symref)%00%(objectname)%00%(objecttype)%00"
	    "%(*objectname)%00%(*objecttype)%00%(taggeremail)%00"
	    "%(creatordate:unix)%00"
	    "%(if)%(contents:signature)%(then)s%(else)-%(end)",
	    "refs/heads", "refs/remotes", "refs/tags", NULL };
	struct buf *out = arena_new(h->a, struct buf);
	struct str rest, line;
	size_t cap = 1;
	int rc = gitcmd_run(&h->repo, args, STR_NULL, out, NULL, e);

	if (rc != 0) {
		buf_free(out);
		return (rc);
	}
	rest = arena_str(h->a, buf_str(out));
	buf_free(out);
	for (size_t i = 0; i < rest.len; i++)
		cap += rest.ptr[i] == '\n';
	h->refs = arena_array(h->a, cap, sizeof(*h->refs));
	while (str_split(&rest, '\n', &line)) {
		struct ref r = { .name = field(&line) };
		struct str sym = field(&line), deref, at;
		int64_t sec;

		r.hash = field(&line);
		r.type = field(&line);
		deref = field(&line);
		if (str_is(field(&line), "commit"))
			r.commit = deref;
		if (str_is(r.type, "commit"))
			r.commit = r.hash;
		r.tagger = gitlog_email(field(&line));
		at = field(&line);
		r.at = str_to_i64(at, &sec) && sec > 0 &&
		    sec < INT64_C(253402300800) ? sec * CLOCK_SECOND : 0;
		r.is_signed = str_is(line, "s");
		if (sym.len == 0 && r.hash.len > 0)
			h->refs[h->nrefs++] = r;
	}
	return (0);
}

static const struct ref *
find_ref(const struct history *h, const char *prefix, struct str name)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < h->nrefs; i++)
		if (str_starts(h->refs[i].name, prefix) && str_eq(name,
		    (struct str){ h->refs[i].name.ptr + n,
		    h->refs[i].name.len - n }))
			return (&h->refs[i]);
	return (NULL);
}

/* ${old} leads to ${new}, or is it. */
static bool
is_ancestor(struct history *h, struct str old, struct str new)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "merge-base", "--is-ancestor",
		arena_str(h->a, old).ptr, arena_str(h->a, new).ptr, NULL };
	int status = 1;

	return (gitcmd_run(&h->repo, args, STR_NULL, &out, &status, NULL) ==
	    0 && status == 0);
}

/* What a symbolic ref points to; empty if it is none. */
static struct str
symbolic(struct history *h, const char *name)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "symbolic-ref", "-q", name, NULL };
	int status = 1;

	if (gitcmd_run(&h->repo, args, STR_NULL, &out, &status, NULL) != 0 ||
	    status != 0)
		return (STR_NULL);
	return (arena_str(h->a, str_trim(buf_str(&out))));
}

static void
set_main(struct history *h, const struct ref *r, struct str name)
{
	h->main_ref = r->name;
	h->main_name = name;
	h->head = r->commit;
}

/*
 * A branch by its short name: the local one, or the server's copy of it if
 * that is ahead: what lies in a clone can be behind what was released.
 */
static bool
take_branch(struct history *h, struct str name)
{
	const struct ref *local = find_ref(h, "refs/heads/", name);
	const struct ref *remote = find_ref(h, "refs/remotes/origin/", name);

	if (local == NULL && remote == NULL)
		return (false);
	if (local != NULL && (remote == NULL ||
	    !is_ancestor(h, local->hash, remote->hash)))
		set_main(h, local, name);
	else
		set_main(h, remote, name);
	return (true);
}

static int
find_main(struct history *h, struct err *e)
{
	static const char *const usual[] = { "main", "master", "trunk",
		"develop", NULL };
	struct str given = job_option(h->job, "branch"), s;

	if (given.len > 0) {
		if (take_branch(h, given))
			return (0);
		return (err_set(e, ERR_INPUT, "--branch", "name a branch of "
		    "the repository", "the repository has no branch \""
		    STR_FMT "\"", STR_ARG(given)));
	}
	s = symbolic(h, "refs/remotes/origin/HEAD");
	if (str_starts(s, "refs/remotes/origin/") && take_branch(h,
	    (struct str){ s.ptr + 20, s.len - 20 }))
		return (0);
	/* A bare repository's HEAD names its main branch; that of a work tree
	 * is what somebody works on. */
	s = symbolic(h, "HEAD");
	if (str_starts(s, "refs/heads/"))
		h->main_name = (struct str){ s.ptr + 11, s.len - 11 };
	bool sure = h->repo.bare;
	for (size_t i = 0; usual[i] != NULL; i++)
		sure |= str_is(h->main_name, usual[i]);
	if (sure && take_branch(h, h->main_name))
		return (0);
	for (size_t i = 0; usual[i] != NULL; i++)
		if (take_branch(h, str_from(usual[i])))
			return (0);
	if (h->main_name.len > 0 && take_branch(h, h->main_name))
		return (0);
	bool commits = false;
	for (size_t i = 0; i < h->nrefs; i++)
		commits |= h->refs[i].commit.len > 0;
	if (!commits && h->main_name.len > 0)
		return (0); /* a repository in which nothing was committed */
	return (err_set(e, ERR_INPUT, "--branch", "give --branch", "it cannot "
	    "be told which branch is the main one"));
}

/* --- cursors ------------------------------------------------------------------ */

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
	struct str rest = job_cursor(h->job, T_GIT_COMMIT), v, n, tip;
	struct cursor *c = &h->was;

	if (!str_split(&rest, '/', &v) || !str_is(v, "v1") ||
	    !str_split(&rest, '/', &c->main) || !is_hash(c->main) ||
	    !str_split(&rest, '/', &n) || !str_to_i64(n, &c->count) ||
	    !str_split(&rest, '/', &c->name))
		return;
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

	if (h->head.len == 0)
		return (STR("v1/empty"));
	buf_printf(&b, "v1/" STR_FMT "/%lld/", STR_ARG(h->head),
	    (long long)h->count);
	buf_puthex(&b, h->main_name.ptr, h->main_name.len);
	buf_putc(&b, '/');
	for (size_t i = 0; i < h->nrefs && n < CURSOR_TIPS; i++) {
		struct str c = h->refs[i].commit;
		if (c.len == 0 || str_eq(c, h->head))
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

	buf_puthex(&b, h->main_name.ptr, h->main_name.len);
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

/* --- rows ----------------------------------------------------------------------- */

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

/* --- reading commits -------------------------------------------------------------- */

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
		r.ways = gitlog_ways_new(h->head);
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
	if (h->head.len == 0)
		return (0);
	if (h->was.any && !h->rewritten) {
		args[2] = arena_printf(h->a, STR_FMT ".." STR_FMT,
		    STR_ARG(h->was.main), STR_ARG(h->head));
		*ret = h->was.count;
	} else
		args[2] = arena_str(h->a, h->head).ptr;
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
	if (h->head.len > 0) {
		buf_printf(&main_revs, STR_FMT "\n", STR_ARG(h->head));
		buf_printf(&other_revs, "^" STR_FMT "\n", STR_ARG(h->head));
	}
	if (go_on)
		buf_printf(&main_revs, "^" STR_FMT "\n", STR_ARG(h->was.main));
	for (size_t i = 0; go_on && i < h->was.tips.n; i++)
		buf_printf(&other_revs, "^" STR_FMT "\n",
		    STR_ARG(h->was.tips.at[i]));
	size_t others = 0;
	for (size_t i = 0; i < h->nrefs; i++)
		if (h->refs[i].commit.len > 0 &&
		    !str_eq(h->refs[i].commit, h->head)) {
			buf_printf(&other_revs, STR_FMT "\n",
			    STR_ARG(h->refs[i].commit));
			others++;
		}
	if (h->head.len > 0 &&
	    (rc = read_commits(h, true, buf_str(&main_revs), &n, e)) != 0)
		return (rc);
	if (others > 0 &&
	    (rc = read_commits(h, false, buf_str(&other_revs), &n, e)) != 0)
		return (rc);
	job_end(h->job, h->rewritten ? "the history of the main branch was "
	    "rewritten since the run before" : h->repo.shallow ?
	    "the clone is shallow: earlier commits are not in it" : NULL);
	return (0);
}

/* --- branches and tags -------------------------------------------------------------- */

/* A name for a key: what is no text is written as \xHH, so that two names
 * stay two. */
static struct str
key_name(struct arena *a, struct str s)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t at = 0; at < s.len;) {
		size_t was = at;
		int32_t c = str_utf8_next(s, &at);
		if (c < 0x20 || c == 0x7f) {
			buf_printf(&b, "\\x%02x", (unsigned char)s.ptr[was]);
			at = was + 1;
		} else
			buf_put(&b, s.ptr + was, at - was);
	}
	return (arena_str(a, buf_str(&b)));
}

static struct str
short_name(struct history *h, struct map *seen, struct str name)
{
	static const char *const prefixes[] = { "refs/heads/", "refs/remotes/",
		"refs/tags/" };
	struct str key = name;

	for (size_t i = 0; i < 3; i++)
		if (str_starts(name, prefixes[i]))
			key = (struct str){ name.ptr + strlen(prefixes[i]),
				name.len - strlen(prefixes[i]) };
	key = key_name(h->a, key);
	/* A local branch "origin/x" beside the server's x. */
	if (map_get(seen, key) != NULL)
		key = key_name(h->a, name);
	(void)map_put(seen, key, h);
	return (key);
}

static void
put_branches(struct history *h)
{
	struct map seen;

	map_init(&seen, h->a);
	job_table(h->job, T_GIT_BRANCH);
	for (size_t i = 0; i < h->nrefs; i++) {
		const struct ref *x = &h->refs[i];
		struct cell r[F_GIT_BRANCH_UPDATED_AT + 1] = { 0 };
		if (str_starts(x->name, "refs/tags/"))
			continue;
		r[F_GIT_BRANCH_REPO] = CELL_STR(h->name);
		r[F_GIT_BRANCH_NAME] = CELL_STR(short_name(h, &seen, x->name));
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
	for (size_t i = 0; i < h->nrefs; i++) {
		const struct ref *x = &h->refs[i];
		struct cell r[F_GIT_TAG_SIGNATURE + 1] = { 0 };
		bool note = str_is(x->type, "tag");
		if (!str_starts(x->name, "refs/tags/"))
			continue;
		r[F_GIT_TAG_REPO] = CELL_STR(h->name);
		r[F_GIT_TAG_NAME] = CELL_STR(short_name(h, &seen, x->name));
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
	r[F_GIT_REPO_MAIN_BRANCH] = job_text(h->job, h->main_name);
	if (h->head.len > 0)
		r[F_GIT_REPO_HEAD] = CELL_STR(h->head);
	r[F_GIT_REPO_COMMITS] = CELL_INT(h->count);
	r[F_GIT_REPO_REWRITTEN] = CELL_INT(h->rewritten);
	job_row(h->job, r);
	job_end(h->job, NULL);
}

/* --- the run -------------------------------------------------------------------------- */

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

	if ((rc = read_refs(h, e)) != 0 || (rc = find_main(h, e)) != 0)
		return (rc);
	if (job_wants(h->job, T_GIT_COMMIT))
		read_cursor(h);
	if (h->was.any && other_main(h))
		h->was.any = false;
	if (h->was.any) {
		h->rewritten = h->head.len == 0 ||
		    !is_ancestor(h, h->was.main, h->head);
		if ((rc = drop_lost_tips(h, e)) != 0)
			return (rc);
	}
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
	return (rc);
}

const struct collect_work git_work = { git_prepare, git_run };
