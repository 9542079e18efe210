#include "collect/gitrefs.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "collect/gitlog.h"

/* --- reading -------------------------------------------------------------- */

static struct str
field(struct str *line)
{
	struct str f = STR_NULL;

	(void)str_split(line, '\0', &f);
	return (f);
}

static int
read_refs(struct gitrefs *r, struct err *e)
{
	static const char *const args[] = { "for-each-ref", "--format="
	    "%(refname)%00%(symref)%00%(objectname)%00%(objecttype)%00"
	    "%(*objectname)%00%(*objecttype)%00%(taggeremail)%00"
	    "%(creatordate:unix)%00"
	    "%(if)%(contents:signature)%(then)s%(else)-%(end)",
	    "refs/heads", "refs/remotes", "refs/tags", NULL };
	struct buf *out = arena_new(r->a, struct buf);
	struct str rest, line;
	size_t cap = 1;
	int rc = gitcmd_run(r->repo, args, STR_NULL, out, NULL, e);

	if (rc != 0) {
		buf_free(out);
		return (rc);
	}
	rest = arena_str(r->a, buf_str(out));
	buf_free(out);
	for (size_t i = 0; i < rest.len; i++)
		cap += rest.ptr[i] == '\n';
	r->at = arena_array(r->a, cap, sizeof(*r->at));
	while (str_split(&rest, '\n', &line)) {
		struct gitrefs_ref x = { .name = field(&line) };
		struct str sym = field(&line), deref, at;
		int64_t sec;

		x.hash = field(&line);
		x.type = field(&line);
		deref = field(&line);
		if (str_is(field(&line), "commit"))
			x.commit = deref;
		if (str_is(x.type, "commit"))
			x.commit = x.hash;
		x.tagger = gitlog_email(field(&line));
		at = field(&line);
		x.at = str_to_i64(at, &sec) && sec > 0 &&
		    sec < INT64_C(253402300800) ? sec * CLOCK_SECOND : 0;
		x.is_signed = str_is(line, "s");
		if (sym.len == 0 && x.hash.len > 0)
			r->at[r->n++] = x;
	}
	return (0);
}

/* A tag of a tag: for-each-ref takes one of them away, here goes the rest. */
static int
peel_tags(struct gitrefs *r, struct err *e)
{
	static const char *const args[] = { "cat-file",
		"--batch-check=%(objectname) %(objecttype)", NULL };
	BUF_SCOPED in = BUF_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct str rest, line;
	int rc;

	for (size_t i = 0; i < r->n; i++)
		if (str_is(r->at[i].type, "tag") && r->at[i].commit.len == 0)
			buf_printf(&in, STR_FMT "^{}\n", STR_ARG(r->at[i].hash));
	if (in.len == 0)
		return (0);
	if ((rc = gitcmd_run(r->repo, args, buf_str(&in), &out, NULL, e)) != 0)
		return (rc);
	rest = arena_str(r->a, buf_str(&out));
	for (size_t i = 0; i < r->n; i++) {
		struct str hash = STR_NULL;
		if (!str_is(r->at[i].type, "tag") || r->at[i].commit.len > 0)
			continue;
		if (!str_split(&rest, '\n', &line))
			break;
		if (str_split(&line, ' ', &hash) && str_is(line, "commit"))
			r->at[i].commit = hash;
	}
	return (0);
}

static const struct gitrefs_ref *
find_ref(const struct gitrefs *r, const char *prefix, struct str name)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < r->n; i++)
		if (str_starts(r->at[i].name, prefix) && str_eq(name,
		    (struct str){ r->at[i].name.ptr + n,
		    r->at[i].name.len - n }))
			return (&r->at[i]);
	return (NULL);
}

/* ${old} leads to ${new}, or is it. */
bool
gitrefs_leads(const struct gitrefs *r, struct str old, struct str new)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "merge-base", "--is-ancestor",
		arena_str(r->a, old).ptr, arena_str(r->a, new).ptr, NULL };
	int status = 1;

	return (gitcmd_run(r->repo, args, STR_NULL, &out, &status, NULL) ==
	    0 && status == 0);
}

/* What a symbolic ref points to; empty if it is none. */
static struct str
symbolic(const struct gitrefs *r, const char *name)
{
	BUF_SCOPED out = BUF_INIT;
	const char *args[] = { "symbolic-ref", "-q", name, NULL };
	int status = 1;

	if (gitcmd_run(r->repo, args, STR_NULL, &out, &status, NULL) != 0 ||
	    status != 0)
		return (STR_NULL);
	return (arena_str(r->a, str_trim(buf_str(&out))));
}

static void
set_main(struct gitrefs *r, const struct gitrefs_ref *x, struct str name)
{
	r->main = name;
	r->head = x->commit;
}

/*
 * A branch by its short name: the local one, or the server's copy of it if
 * that is ahead: what lies in a clone can be behind what was released.
 */
static bool
take_branch(struct gitrefs *r, struct str name)
{
	const struct gitrefs_ref *local = find_ref(r, "refs/heads/", name);
	const struct gitrefs_ref *remote = find_ref(r, "refs/remotes/origin/", name);

	if (local == NULL && remote == NULL)
		return (false);
	if (local != NULL && (remote == NULL ||
	    !gitrefs_leads(r, local->hash, remote->hash)))
		set_main(r, local, name);
	else
		set_main(r, remote, name);
	return (true);
}

static int
find_main(struct gitrefs *r, struct str given, struct err *e)
{
	static const char *const usual[] = { "main", "master", "trunk",
		"develop", NULL };
	struct str s;

	if (given.len > 0) {
		if (take_branch(r, given))
			return (0);
		return (err_set(e, ERR_INPUT, "--branch", "name a branch of "
		    "the repository", "the repository has no branch \""
		    STR_FMT "\"", STR_ARG(given)));
	}
	s = symbolic(r, "refs/remotes/origin/HEAD");
	if (str_starts(s, "refs/remotes/origin/") && take_branch(r,
	    (struct str){ s.ptr + 20, s.len - 20 }))
		return (0);
	/* A bare repository's HEAD names its main branch; that of a work tree
	 * is what somebody works on. */
	s = symbolic(r, "HEAD");
	if (str_starts(s, "refs/heads/"))
		r->main = (struct str){ s.ptr + 11, s.len - 11 };
	bool sure = r->repo->bare;
	for (size_t i = 0; usual[i] != NULL; i++)
		sure |= str_is(r->main, usual[i]);
	if (sure && take_branch(r, r->main))
		return (0);
	for (size_t i = 0; usual[i] != NULL; i++)
		if (take_branch(r, str_from(usual[i])))
			return (0);
	if (r->main.len > 0 && take_branch(r, r->main))
		return (0);
	bool commits = false;
	for (size_t i = 0; i < r->n; i++)
		commits |= r->at[i].commit.len > 0;
	if (!commits && r->main.len > 0)
		return (0); /* a repository in which nothing was committed */
	return (err_set(e, ERR_INPUT, "--branch", "give --branch", "it cannot "
	    "be told which branch is the main one"));
}

int
gitrefs_read(struct gitrefs *r, struct str branch, struct err *e)
{
	int rc = read_refs(r, e);

	if (rc == 0)
		rc = peel_tags(r, e);
	return (rc != 0 ? rc : find_main(r, branch, e));
}

/* --- names ---------------------------------------------------------------- */

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

struct str
gitrefs_key(const struct gitrefs *r, struct map *seen, struct str name)
{
	static const char *const prefixes[] = { "refs/heads/", "refs/remotes/",
		"refs/tags/" };
	struct str key = name;

	for (size_t i = 0; i < 3; i++)
		if (str_starts(name, prefixes[i]))
			key = (struct str){ name.ptr + strlen(prefixes[i]),
				name.len - strlen(prefixes[i]) };
	key = key_name(r->a, key);
	/* A local branch "origin/x" beside the server's x. */
	if (map_get(seen, key) != NULL)
		key = key_name(r->a, name);
	(void)map_put(seen, key, seen);
	return (key);
}
