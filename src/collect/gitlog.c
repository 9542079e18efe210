#include "collect/gitlog.h"

#include <ctype.h>
#include <strings.h>

#include "base/clock.h"

/* --- people --------------------------------------------------------------- */

struct str
gitlog_email(struct str s)
{
	ptrdiff_t lt = str_find(s, "<");

	if (lt < 0)
		return (str_trim(s));
	struct str rest = { s.ptr + lt + 1, s.len - (size_t)lt - 1 };
	ptrdiff_t gt = str_find(rest, ">");
	if (gt >= 0)
		rest.len = (size_t)gt;
	return (str_trim(rest));
}

/* "Name <address> seconds zone": as git's split_ident_line, the name ends at
 * the first <, the address at the first > after it, the date after the last. */
static struct gitlog_person
read_person(struct str s)
{
	struct gitlog_person p = { 0 };
	ptrdiff_t lt = str_find(s, "<");
	size_t gt = s.len;
	int64_t sec;
	struct str word;

	p.name = str_trim(lt >= 0 ? (struct str){ s.ptr, (size_t)lt } : s);
	p.email = lt >= 0 ? gitlog_email(s) : STR_NULL;
	while (gt > 0 && s.ptr[gt - 1] != '>')
		gt--;
	struct str rest = str_trim((struct str){ s.ptr + gt, s.len - gt });
	if (gt > 0 && str_split(&rest, ' ', &word) && str_to_i64(word, &sec) &&
	    sec > 0 && sec < INT64_C(253402300800)) /* the year 10000 */
		p.at = sec * CLOCK_SECOND;
	return (p);
}

/* --- trailers: trailer.c of git 2.39, in its own order -------------------- */

/* The offset of the line before the one that starts at ${at}; -1 if none. */
static ptrdiff_t
line_before(struct str s, size_t at)
{
	if (at == 0)
		return (-1);
	size_t i = at - 1;
	while (i > 0 && s.ptr[i - 1] != '\n')
		i--;
	return ((ptrdiff_t)i);
}

static struct str
line_at(struct str s, size_t at)
{
	struct str rest = { s.ptr + at, s.len - at }, line = STR_NULL;

	(void)str_split(&rest, '\n', &line);
	return (line);
}

static bool
blank(struct str line)
{
	return (str_trim(line).len == 0);
}

/* Where the separator of "Token: value" is, or -1. */
static ptrdiff_t
separator(struct str line)
{
	bool space = false;

	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];
		if (c == ':')
			return ((ptrdiff_t)i);
		if (!space && (isalnum(c) || c == '-'))
			continue;
		if (i > 0 && (c == ' ' || c == '\t')) {
			space = true;
			continue;
		}
		break;
	}
	return (-1);
}

/* What stands after blank and comment lines at the end is not looked at. */
static size_t
end_of_log(struct str m)
{
	size_t end = m.len;

	while (end > 0) {
		ptrdiff_t at = line_before(m, end);
		struct str line = line_at(m, (size_t)at);
		if (!blank(line) && line.ptr[0] != '#')
			break;
		end = (size_t)at;
	}
	return (end);
}

/* The title is the first paragraph; trailers are never in it. */
static size_t
end_of_title(struct str m)
{
	size_t at = 0;
	bool text = false;

	while (at < m.len) {
		struct str line = line_at(m, at);
		if (blank(line) && text)
			return (at);
		text |= !blank(line);
		at += line.len + 1;
	}
	return (m.len);
}

struct counts {
	size_t trailers, others, continued;
	bool recognised;
};

static void
count_line(struct counts *n, struct str line)
{
	unsigned char first = line.len > 0 ? (unsigned char)line.ptr[0] : 0;

	if (str_starts(line, "Signed-off-by: ") ||
	    str_starts(line, "(cherry picked from commit ")) {
		n->trailers++;
		n->continued = 0;
		n->recognised = true;
	} else if (!isspace(first) && separator(line) >= 1) {
		n->trailers++;
		n->continued = 0;
	} else if (isspace(first))
		n->continued++;
	else {
		n->others += 1 + n->continued;
		n->continued = 0;
	}
}

struct str
gitlog_trailers(struct str message)
{
	struct str m = { message.ptr, end_of_log(message) };
	size_t title = end_of_title(m);
	struct counts n = { 0 };

	for (ptrdiff_t at = line_before(m, m.len); at >= (ptrdiff_t)title;
	    at = line_before(m, (size_t)at)) {
		struct str line = line_at(m, (size_t)at);
		if (line.len > 0 && line.ptr[0] == '#') {
			n.others += n.continued;
			n.continued = 0;
			continue;
		}
		if (!blank(line)) {
			count_line(&n, line);
			continue;
		}
		n.others += n.continued;
		if ((n.recognised && n.trailers * 3 >= n.others) ||
		    (n.trailers > 0 && n.others == 0)) {
			size_t from = (size_t)at + line.len + 1;
			return ((struct str){ m.ptr + from, m.len - from });
		}
		return (STR_NULL);
	}
	return (STR_NULL);
}

/* --- the message ---------------------------------------------------------- */

/* Take the four spaces away that rev-list puts before each line. */
static struct str
unindent(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;
	struct str line;

	while (str_split(&s, '\n', &line)) {
		if (str_starts(line, "    ")) {
			line.ptr += 4;
			line.len -= 4;
		}
		if (line.len > 0)
			memcpy(out + n, line.ptr, line.len);
		n += line.len;
		out[n++] = '\n';
	}
	return ((struct str){ out, n });
}

static struct str
read_subject(struct arena *a, struct str m)
{
	BUF_SCOPED b = BUF_INIT;
	struct str line;

	while (str_split(&m, '\n', &line)) {
		if (blank(line)) {
			if (b.len > 0)
				break;
			continue;
		}
		if (b.len > 0)
			buf_putc(&b, ' ');
		while (line.len > 0 && isspace((unsigned char)
		    line.ptr[line.len - 1]))
			line.len--;
		buf_putstr(&b, line);
	}
	return (arena_str(a, buf_str(&b)));
}

/* ${list} has ${word} between spaces. */
static bool
has_word(struct str list, struct str word)
{
	struct str w;

	while (str_split(&list, ' ', &w))
		if (str_eq(w, word))
			return (true);
	return (false);
}

/* The next trailer with the lines that go on with it. */
static bool
next_trailer(struct str *rest, struct str *ret)
{
	struct str line;

	if (!str_split(rest, '\n', ret))
		return (false);
	while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t') &&
	    str_split(rest, '\n', &line))
		ret->len = (size_t)(line.ptr + line.len - ret->ptr);
	return (true);
}

static bool
is_review(struct str key)
{
	static const char *const keys[] = { "Reviewed-by", "Approved-by" };

	for (size_t i = 0; i < 2; i++)
		if (key.len == strlen(keys[i]) &&
		    strncasecmp(key.ptr, keys[i], key.len) == 0)
			return (true);
	return (false);
}

static struct str
read_reviewers(struct arena *a, struct str trailers)
{
	BUF_SCOPED b = BUF_INIT;
	struct str line;

	while (next_trailer(&trailers, &line)) {
		ptrdiff_t at = separator(line);

		if (at <= 0 || !is_review(str_trim((struct str){ line.ptr,
		    (size_t)at })))
			continue;
		struct str email = gitlog_email((struct str){ line.ptr + at + 1,
		    line.len - (size_t)at - 1 });
		char *low = arena_strndup(a, email.ptr, email.len);
		for (size_t i = 0; i < email.len; i++)
			low[i] = (unsigned char)low[i] <= ' ' ? '_' :
			    (char)tolower((unsigned char)low[i]);
		struct str w = { low, email.len };
		if (w.len == 0 || has_word(buf_str(&b), w))
			continue;
		if (b.len > 0)
			buf_putc(&b, ' ');
		buf_putstr(&b, w);
	}
	return (arena_str(a, buf_str(&b)));
}

/* --- a record ------------------------------------------------------------- */

static bool
is_hash(struct str s)
{
	if (s.len != 40 && s.len != 64)
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (!isxdigit((unsigned char)s.ptr[i]))
			return (false);
	return (true);
}

/* "key value": true and the value. */
static bool
header(struct str line, const char *key, struct str *ret)
{
	size_t n = strlen(key);

	if (!str_starts(line, key) || line.len <= n || line.ptr[n] != ' ')
		return (false);
	*ret = (struct str){ line.ptr + n + 1, line.len - n - 1 };
	return (true);
}

static int
damaged(struct err *e)
{
	return (err_set(e, ERR_INPUT, NULL, "run git fsck", "git printed a "
	    "commit that cannot be read"));
}

int
gitlog_read(struct arena *a, struct str record, struct gitlog_commit *ret,
    struct err *e)
{
	struct gitlog_commit c = { 0 };
	struct str rest = record, line, v;
	struct str *parents;
	size_t cap = 0;
	bool author = false, committer = false;

	if (!str_split(&rest, '\n', &line) || !is_hash(line))
		return (damaged(e));
	c.hash = line;
	for (struct str r = rest; str_split(&r, '\n', &line) && line.len > 0;)
		cap += header(line, "parent", &v);
	c.parents = parents = arena_array(a, cap + 1, sizeof(*parents));
	while (str_split(&rest, '\n', &line) && line.len > 0) {
		if (header(line, "parent", &v) && is_hash(v))
			parents[c.nparents++] = v;
		else if (!author && header(line, "author", &v)) {
			c.author = read_person(v);
			author = true;
		} else if (!committer && header(line, "committer", &v)) {
			c.committer = read_person(v);
			committer = true;
		} else if (header(line, "gpgsig", &v) ||
		    header(line, "gpgsig-sha256", &v))
			c.is_signed = true;
	}
	struct str message = unindent(a, rest);
	c.subject = read_subject(a, message);
	c.reviewers = read_reviewers(a, gitlog_trailers(message));
	*ret = c;
	return (0);
}

/* --- ways to the main branch ---------------------------------------------- */

/* A merge on the first-parent line, shared by all that it brought. */
struct merge {
	char hash[GITLOG_HASH];
	char *by;
	int64_t at;
	size_t place; /* on the line, from the tip: a greater one is older */
};

/* A commit that was named as a parent and has not come yet. */
struct waiting {
	char hash[GITLOG_HASH];
	bool line;           /* on the first-parent line */
	struct merge *merge; /* the oldest that brings it */
};

struct gitlog_ways {
	struct arena a;
	struct waiting *slots; /* open addressing; an empty hash is free */
	size_t cap, n;
	size_t place;
	struct merge own; /* scratch for the answer */
};

static size_t
slot_of(const struct gitlog_ways *w, struct str hash)
{
	size_t i = (size_t)str_hash(hash) & (w->cap - 1);

	while (w->slots[i].hash[0] != '\0' && !str_is(hash, w->slots[i].hash))
		i = (i + 1) & (w->cap - 1);
	return (i);
}

static void
ways_grow(struct gitlog_ways *w)
{
	struct waiting *old = w->slots;
	size_t n = w->cap;

	w->cap *= 2;
	w->slots = calloc(w->cap, sizeof(*w->slots));
	if (w->slots == NULL)
		err_oom(w->cap * sizeof(*w->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].hash[0] != '\0')
			w->slots[slot_of(w, str_from(old[i].hash))] = old[i];
	free(old);
}

static struct waiting *
ways_put(struct gitlog_ways *w, struct str hash)
{
	if (w->n * 2 >= w->cap)
		ways_grow(w);
	struct waiting *s = &w->slots[slot_of(w, hash)];
	if (s->hash[0] == '\0') {
		memcpy(s->hash, hash.ptr, hash.len);
		s->hash[hash.len] = '\0';
		w->n++;
	}
	return (s);
}

/* Take it out; what stands behind it in the same run of slots moves up. */
static struct waiting
ways_take(struct gitlog_ways *w, struct str hash)
{
	size_t i = slot_of(w, hash), k = i;
	struct waiting out = w->slots[i];

	if (out.hash[0] == '\0')
		return (out);
	w->n--;
	for (;;) {
		k = (k + 1) & (w->cap - 1);
		if (w->slots[k].hash[0] == '\0')
			break;
		size_t home = (size_t)str_hash(str_from(w->slots[k].hash)) &
		    (w->cap - 1);
		if (((k - home) & (w->cap - 1)) >= ((k - i) & (w->cap - 1))) {
			w->slots[i] = w->slots[k];
			i = k;
		}
	}
	w->slots[i] = (struct waiting){ 0 };
	return (out);
}

struct gitlog_ways *
gitlog_ways_new(struct str tip)
{
	struct gitlog_ways *w = calloc(1, sizeof(*w));

	if (w == NULL)
		err_oom(sizeof(*w));
	w->cap = 1024;
	w->slots = calloc(w->cap, sizeof(*w->slots));
	if (w->slots == NULL)
		err_oom(w->cap * sizeof(*w->slots));
	ways_put(w, tip)->line = true;
	return (w);
}

void
gitlog_ways_free(struct gitlog_ways *w)
{
	if (w == NULL)
		return;
	arena_free(&w->a);
	free(w->slots);
	free(w);
}

/*
 * A commit beside the line was brought by the oldest merge of the line that
 * reaches it. All its children have come before it, and each knows its own:
 * the oldest of theirs is its own.
 */
void
gitlog_way(struct gitlog_ways *w, const struct gitlog_commit *c,
    struct gitlog_way *ret)
{
	struct waiting me = ways_take(w, c->hash);
	struct merge *brings = me.merge;

	*ret = (struct gitlog_way){ .direct = me.line };
	if (me.line) {
		w->place++;
		ret->at = c->committer.at;
		brings = NULL;
		if (c->nparents > 1) {
			brings = arena_new(&w->a, struct merge);
			memcpy(brings->hash, c->hash.ptr, c->hash.len);
			brings->by = arena_strndup(&w->a, c->author.email.ptr,
			    c->author.email.len);
			brings->at = c->committer.at;
			brings->place = w->place;
		}
	} else if (brings != NULL) {
		ret->merge = str_from(brings->hash);
		ret->by = str_from(brings->by);
		ret->at = brings->at;
	}
	for (size_t i = 0; i < c->nparents; i++) {
		struct waiting *p = ways_put(w, c->parents[i]);
		if (me.line && i == 0)
			p->line = true;
		else if (p->merge == NULL || (brings != NULL &&
		    brings->place > p->merge->place))
			p->merge = brings;
	}
}
