#include "assess/procedure.h"

#include <unistd.h>

#include "base/content.h"
#include "base/vec.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define CONTENT_DIR "content/procedures/"
#define FILE_MAX (256 << 10)
#define PARAMS_MAX 16

/* A file being read. The header's values are collected by key first. */
struct reader {
	struct arena *a;
	const char *path;
	struct str rest;
	int line; /* of the line last taken */
	struct procedure *p;
	struct header *last; /* what a continuation line adds to */
	VEC(struct procedure_param) params;
};

struct header {
	const char *key;
	struct str value;
	int line; /* 0: not given */
};

/* The keys of a header, in the order in which errors name what is missing. */
enum key {
	K_ID,
	K_TITLE,
	K_CONTROL,
	K_KIND,
	K_MODE,
	K_WINDOW,
	K_TESTS,
	K_PASSES,
	K_FAILS,
	K_MATTERS,
	K_REMEDIATION,
	K_N
};
static const char *const key_names[K_N] = { "id", "title", "control", "kind",
	"mode", "window", "tests", "passes", "fails", "matters", "remediation" };

static const char header_fix[] =
    "see doc/procedures.md for what a procedure's header says";

static int bad(struct reader *r, int line, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int
bad(struct reader *r, int line, struct err *e, const char *fmt, ...)
{
	char what[512], where[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(where, sizeof(where), "%s:%d", r->path, line);
	return (err_set(e, ERR_INPUT, where, header_fix, "%s", what));
}

static bool
take_line(struct reader *r, struct str *line)
{
	if (r->rest.len == 0 || !str_split(&r->rest, '\n', line))
		return (false);
	r->line++;
	return (true);
}

static bool
word_ok(struct str s, const char *more)
{
	if (s.len == 0 || s.len > 63 || s.ptr[0] < 'a' || s.ptr[0] > 'z')
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    strchr(more, c) == NULL)
			return (false);
	}
	return (true);
}

/* "name kind default: sentence" */
static int
read_param(struct reader *r, struct str s, struct err *e)
{
	struct procedure_param q = { .line = r->line };
	ptrdiff_t colon = str_find(s, ": ");
	struct str head = s, kind, text;

	if (colon < 0)
		return (bad(r, r->line, e, "a parameter needs \": \" and a "
		    "sentence after its default"));
	head.len = (size_t)colon;
	q.note = str_trim((struct str){ s.ptr + colon + 1, s.len - (size_t)colon - 1 });
	if (!str_split(&head, ' ', &q.name) || !word_ok(q.name, "_") ||
	    str_is(q.name, "at") || str_is(q.name, "from") ||
	    str_is(q.name, "to") || str_is(q.name, "known"))
		return (bad(r, r->line, e, "\"" STR_FMT "\" cannot name a parameter",
		    STR_ARG(q.name)));
	if (!str_split(&head, ' ', &kind) || head.ptr == NULL)
		return (bad(r, r->line, e, "parameter " STR_FMT " needs a kind "
		    "(int or text) and a default", STR_ARG(q.name)));
	text = str_trim(head);
	if (q.note.len == 0)
		return (bad(r, r->line, e, "parameter " STR_FMT " needs a sentence",
		    STR_ARG(q.name)));
	for (size_t i = 0; i < r->params.n; i++)
		if (str_eq(r->params.at[i].name, q.name))
			return (bad(r, r->line, e, "parameter " STR_FMT
			    " is given twice", STR_ARG(q.name)));
	if (r->params.n == PARAMS_MAX)
		return (bad(r, r->line, e, "more than %d parameters", PARAMS_MAX));
	if (str_is(kind, "int")) {
		q.kind = PROCEDURE_INT;
		if (!str_to_i64(text, &q.i))
			return (bad(r, r->line, e, "\"" STR_FMT "\" is not a whole "
			    "number", STR_ARG(text)));
	} else if (str_is(kind, "text")) {
		q.kind = PROCEDURE_TEXT;
		q.s = str_is(text, "-") ? STR("") : text;
	} else {
		return (bad(r, r->line, e, "\"" STR_FMT "\" is no kind of parameter: "
		    "int or text", STR_ARG(kind)));
	}
	vec_push(&r->params, q);
	return (0);
}

static int
read_key(struct reader *r, struct str s, struct header *h, struct err *e)
{
	ptrdiff_t colon = str_find(s, ":");

	r->last = NULL;
	if (str_starts(s, "param "))
		return (read_param(r, str_trim((struct str){ s.ptr + 6, s.len - 6 }), e));
	if (colon < 0)
		return (bad(r, r->line, e, "a header line is \"-- key: value\""));
	struct str key = { s.ptr, (size_t)colon };
	for (int k = 0; k < K_N; k++) {
		if (!str_is(key, key_names[k]))
			continue;
		if (h[k].line != 0)
			return (bad(r, r->line, e, "\"%s\" is given twice, first on "
			    "line %d", key_names[k], h[k].line));
		h[k].line = r->line;
		h[k].value = str_trim((struct str){ s.ptr + colon + 1,
		    s.len - (size_t)colon - 1 });
		r->last = &h[k];
		return (0);
	}
	return (bad(r, r->line, e, "\"" STR_FMT "\" is no key of a header",
	    STR_ARG(key)));
}

/* Up to and with the line "-- population". */
static int
read_header(struct reader *r, struct header *h, struct err *e)
{
	struct str line;
	int rc;

	while (take_line(r, &line)) {
		if (str_is(line, "-- population"))
			return (0);
		if (str_is(str_trim(line), "--"))
			continue;
		if (str_starts(line, "--  ")) {
			struct str more = str_trim((struct str){ line.ptr + 2, line.len - 2 });
			if (r->last == NULL)
				return (bad(r, r->line, e, "nothing to continue here"));
			r->last->value = str_from(arena_printf(r->a,
			    STR_FMT " " STR_FMT, STR_ARG(r->last->value), STR_ARG(more)));
			continue;
		}
		if (!str_starts(line, "-- "))
			return (bad(r, r->line, e, "the header's lines begin with "
			    "\"-- \", up to the line \"-- population\""));
		if ((rc = read_key(r, str_trim((struct str){ line.ptr + 3,
		    line.len - 3 }), h, e)) != 0)
			return (rc);
		if (h[K_ID].line == 0)
			return (bad(r, r->line, e, "the first line is \"-- id: ...\""));
	}
	return (bad(r, r->line + 1, e, "there is no line \"-- population\""));
}

/* SQL up to the line ${end}, or the end of the file. */
static int
read_sql(struct reader *r, const char *end, struct str *ret, int *ret_line,
    struct err *e)
{
	const char *start = r->rest.ptr;
	size_t left = r->rest.len;
	struct str line;

	*ret_line = r->line + 1;
	*ret = (struct str){ start, left };
	if (end != NULL) {
		bool found = false;
		while (!found && take_line(r, &line))
			found = str_is(line, end);
		if (!found)
			return (bad(r, r->line + 1, e, "there is no line \"%s\"", end));
		ret->len = (size_t)(line.ptr - start);
	}
	if (str_trim(*ret).len == 0)
		return (bad(r, *ret_line, e, "there is no SELECT here"));
	return (0);
}

static int
set_controls(struct reader *r, const struct header *h, struct err *e)
{
	struct str rest = h->value, one;
	VEC(struct str) ids = { 0 };

	while (str_split(&rest, ',', &one)) {
		one = str_trim(one);
		bool ok = one.len >= 4 && one.len <= 32;
		for (size_t i = 0; i < one.len && ok; i++) {
			char c = one.ptr[i];
			ok = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
		}
		if (!ok) {
			vec_free(&ids);
			return (bad(r, h->line, e, "\"" STR_FMT "\" is not the id of a "
			    "control", STR_ARG(one)));
		}
		vec_push(&ids, one);
	}
	r->p->ncontrols = ids.n;
	r->p->controls = arena_array(r->a, ids.n, sizeof(struct str));
	memcpy(r->p->controls, ids.at, ids.n * sizeof(struct str));
	vec_free(&ids);
	return (0);
}

static int
set_modes(struct reader *r, const struct header *h, struct err *e)
{
	struct str kind = h[K_KIND].value, mode = h[K_MODE].value;
	struct procedure *p = r->p;

	if (str_is(kind, "state"))
		p->kind = PROCEDURE_STATE;
	else if (str_is(kind, "event"))
		p->kind = PROCEDURE_EVENT;
	else
		return (bad(r, h[K_KIND].line, e, "kind is state or event, not \""
		    STR_FMT "\"", STR_ARG(kind)));
	if (str_is(mode, "instant"))
		p->mode = PROCEDURE_INSTANT;
	else if (str_is(mode, "period"))
		p->mode = PROCEDURE_PERIOD;
	else if (str_is(mode, "both"))
		p->mode = PROCEDURE_BOTH;
	else
		return (bad(r, h[K_MODE].line, e, "mode is instant, period or both, "
		    "not \"" STR_FMT "\"", STR_ARG(mode)));
	if (p->mode != PROCEDURE_PERIOD && h[K_WINDOW].line != 0)
		return (bad(r, h[K_WINDOW].line, e, "only a procedure of mode period "
		    "has a window"));
	if (p->kind == PROCEDURE_EVENT && p->mode != PROCEDURE_PERIOD)
		return (bad(r, h[K_MODE].line, e, "events fall into a period: the "
		    "mode of kind event is period"));
	p->window_days = 90;
	if (h[K_WINDOW].line != 0 &&
	    (!str_to_i64(h[K_WINDOW].value, &p->window_days) ||
		p->window_days < 1 || p->window_days > 3660))
		return (bad(r, h[K_WINDOW].line, e, "window is a number of days from "
		    "1 to 3660, not \"" STR_FMT "\"", STR_ARG(h[K_WINDOW].value)));
	return (0);
}

static int
set_header(struct reader *r, const struct header *h, struct err *e)
{
	struct procedure *p = r->p;
	const char *base = strrchr(r->path, '/');
	int rc;

	for (int k = 0; k < K_N; k++) {
		if (k == K_WINDOW)
			continue;
		if (h[k].line == 0)
			return (bad(r, 1, e, "the header lacks \"%s\"", key_names[k]));
		if (h[k].value.len == 0)
			return (bad(r, h[k].line, e, "\"%s\" is empty", key_names[k]));
	}
	p->id = h[K_ID].value;
	if (!word_ok(p->id, "-"))
		return (bad(r, h[K_ID].line, e, "an id has lower-case letters, digits "
		    "and -, and begins with a letter"));
	base = base != NULL ? base + 1 : r->path;
	if (strlen(base) != p->id.len + 4 ||
	    memcmp(base, p->id.ptr, p->id.len) != 0 ||
	    strcmp(base + p->id.len, ".sql") != 0)
		return (bad(r, h[K_ID].line, e, "the file of procedure " STR_FMT
		    " has to be named " STR_FMT ".sql", STR_ARG(p->id), STR_ARG(p->id)));
	if ((rc = set_controls(r, &h[K_CONTROL], e)) != 0 ||
	    (rc = set_modes(r, h, e)) != 0)
		return (rc);
	p->title = h[K_TITLE].value;
	p->tests = h[K_TESTS].value;
	p->passes = h[K_PASSES].value;
	p->fails = h[K_FAILS].value;
	p->matters = h[K_MATTERS].value;
	p->remediation = h[K_REMEDIATION].value;
	return (0);
}

static int
by_param(const void *a, const void *b)
{
	const struct procedure_param *x = a, *y = b;

	return (str_cmp(x->name, y->name));
}

void
procedure_params(const struct procedure *p, struct buf *out)
{
	for (size_t i = 0; i < p->nparams; i++) {
		const struct procedure_param *q = &p->params[i];
		buf_putstr(out, q->name);
		if (q->kind == PROCEDURE_INT)
			buf_printf(out, "\tint\t%lld\n", (long long)q->i);
		else
			buf_printf(out, "\ttext\t" STR_FMT "\n", STR_ARG(q->s));
	}
}

static void
hash_params(struct procedure *p)
{
	BUF_SCOPED b = BUF_INIT;

	procedure_params(p, &b);
	crypto_sha256(b.ptr != NULL ? b.ptr : "", b.len, p->params_sha256);
}

int
procedure_apply(struct arena *a, struct procedure *p, struct str text,
    struct err *e)
{
	struct str rest = text, line, name, kind;
	BUF_SCOPED again = BUF_INIT;
	size_t i = 0;

	while (rest.len != 0 && i < p->nparams &&
	    str_split(&rest, '\n', &line)) {
		struct procedure_param *q = &p->params[i++];
		if (!str_split(&line, '\t', &name) || !str_eq(name, q->name) ||
		    !str_split(&line, '\t', &kind))
			break;
		if (q->kind == PROCEDURE_TEXT)
			q->s = arena_str(a, line);
		else if (!str_to_i64(line, &q->i))
			break;
	}
	/* One form only: what was read must print as what was there. */
	procedure_params(p, &again);
	if (!str_eq(buf_str(&again), text))
		return (err_set(e, ERR_INPUT, p->path, NULL,
		    "the parameters are not those of the procedure"));
	hash_params(p);
	return (0);
}

static int
check_text(struct reader *r, struct str text, struct err *e)
{
	int line = 1;

	if (text.len > FILE_MAX)
		return (bad(r, 1, e, "a procedure has at most %d bytes", FILE_MAX));
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '\n')
			line++;
		else if ((c < 0x20 && c != '\t') || c == 0x7f)
			return (bad(r, line, e, "a control character (0x%02x)", c));
	}
	if (!str_utf8_ok(text))
		return (bad(r, 1, e, "the file is not UTF-8"));
	return (0);
}

static int
parse(struct reader *r, struct str text, struct err *e)
{
	struct header h[K_N] = { 0 };
	struct procedure *p = r->p;
	int rc;

	if ((rc = check_text(r, text, e)) != 0 ||
	    (rc = read_header(r, h, e)) != 0 ||
	    (rc = set_header(r, h, e)) != 0 ||
	    (rc = read_sql(r, "-- verdicts", &p->population,
		 &p->population_line, e)) != 0 ||
	    (rc = read_sql(r, NULL, &p->verdicts, &p->verdicts_line, e)) != 0)
		return (rc);
	p->nparams = r->params.n;
	p->params = arena_array(r->a, p->nparams, sizeof(*p->params));
	if (p->nparams != 0)
		memcpy(p->params, r->params.at, p->nparams * sizeof(*p->params));
	qsort(p->params, p->nparams, sizeof(*p->params), by_param);
	hash_params(p);
	crypto_sha256(text.ptr, text.len, p->sha256);
	return (0);
}

int
procedure_parse(struct arena *a, const char *path, struct str text,
    struct procedure *ret, struct err *e)
{
	struct procedure p = { .path = arena_strdup(a, path),
		.text = arena_str(a, text) };
	struct reader r = { .a = a, .path = p.path, .rest = p.text, .p = &p };
	int rc = parse(&r, p.text, e);

	vec_free(&r.params);
	if (rc == 0)
		*ret = p;
	return (rc);
}

/* --- folders --------------------------------------------------------------- */

struct loader {
	struct arena *a;
	VEC(struct procedure) all;
};

static struct procedure *
find_mutable(struct loader *l, struct str id)
{
	for (size_t i = 0; i < l->all.n; i++)
		if (str_eq(l->all.at[i].id, id))
			return (&l->all.at[i]);
	return (NULL);
}

static int
add(struct loader *l, const char *path, struct str text, bool own,
    struct err *e)
{
	struct procedure p;
	int rc = procedure_parse(l->a, path, text, &p, e);

	if (rc != 0)
		return (rc);
	p.own = own;
	const struct procedure *same = find_mutable(l, p.id);
	if (same != NULL)
		return (err_set(e, ERR_INPUT, path,
		    "give the procedure another id", "procedure " STR_FMT
		    " exists already, in %s", STR_ARG(p.id), same->path));
	vec_push(&l->all, p);
	return (0);
}

/* The controls that a file names, whatever else is wrong with it. */
static void
guess_controls(struct loader *l, struct str text, struct procedure *p)
{
	struct reader r = { .a = l->a, .path = p->path, .p = p };
	struct str line;

	while (text.len > 0 && str_split(&text, '\n', &line)) {
		if (!str_starts(line, "-- control:") || !str_utf8_ok(line))
			continue;
		struct header h = { .value = str_trim((struct str){ line.ptr + 11,
		    line.len - 11 }) };
		if (set_controls(&r, &h, NULL) == 0)
			return;
	}
}

/* A file that is wrong stays in the set, so that it is named wherever it counts. */
static void
add_wrong(struct loader *l, const char *path, struct str name, struct str text,
    const struct err *why)
{
	struct err *e = arena_new(l->a, struct err);
	struct procedure p = { .own = true, .path = path, .wrong = e,
		.title = STR("this test cannot be read") };

	*e = *why;
	p.id = (struct str){ name.ptr, name.len - 4 };
	if (find_mutable(l, p.id) != NULL)
		p.id = name;
	guess_controls(l, arena_str(l->a, text), &p);
	vec_push(&l->all, p);
}

static int
load_own(struct loader *l, const char *dir, struct err *e)
{
	char **names;
	size_t n;
	int rc;

	if (access(dir, F_OK) != 0)
		return (0);
	if ((rc = file_list(l->a, dir, &names, &n, e)) != 0)
		return (rc);
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED b = BUF_INIT;
		struct err why;
		char *path = arena_printf(l->a, "%s/%s", dir, names[i]);
		struct str name = str_from(names[i]);
		if (names[i][0] == '.' || !str_ends(name, ".sql"))
			continue;
		if (file_read(path, FILE_MAX, &b, &why) != 0 ||
		    add(l, path, buf_str(&b), true, &why) != 0)
			add_wrong(l, path, name, buf_str(&b), &why);
	}
	return (0);
}

/* --- parameters of the organisation ---------------------------------------- */

static int
apply_line(struct loader *l, struct str line, const char *where, struct err *e)
{
	struct str id, name;
	struct procedure *p;

	if (!str_split(&line, ' ', &id) || !str_split(&line, ' ', &name) ||
	    line.ptr == NULL)
		return (err_set(e, ERR_INPUT, where, "write: PROCEDURE PARAMETER VALUE",
		    "a parameter's line has three parts"));
	struct str value = str_trim(line);
	if ((p = find_mutable(l, id)) == NULL)
		return (err_set(e, ERR_INPUT, where, "see tickmark test --list",
		    "there is no procedure \"" STR_FMT "\"", STR_ARG(id)));
	if (p->wrong != NULL)
		return (0); /* nobody knows what it has */
	for (size_t i = 0; i < p->nparams; i++) {
		struct procedure_param *q = &p->params[i];
		if (!str_eq(q->name, name))
			continue;
		if (q->overridden)
			return (err_set(e, ERR_INPUT, where, "remove one of the two lines",
			    STR_FMT " of " STR_FMT " is given twice", STR_ARG(name),
			    STR_ARG(id)));
		if (q->kind == PROCEDURE_INT && !str_to_i64(value, &q->i))
			return (err_set(e, ERR_INPUT, where, "write a whole number",
			    "\"" STR_FMT "\" is not a whole number", STR_ARG(value)));
		if (q->kind == PROCEDURE_TEXT)
			q->s = str_is(value, "-") ? STR("") : arena_str(l->a, value);
		q->overridden = true;
		hash_params(p);
		return (0);
	}
	return (err_set(e, ERR_INPUT, where, "see the procedure's header",
	    "procedure " STR_FMT " has no parameter \"" STR_FMT "\"", STR_ARG(id),
	    STR_ARG(name)));
}

static int
load_params(struct loader *l, const char *dir, struct err *e)
{
	char *path = arena_printf(l->a, "%s/parameters", dir);
	BUF_SCOPED b = BUF_INIT;
	int rc, at = 0;

	if (access(path, F_OK) != 0)
		return (0);
	if ((rc = file_read(path, FILE_MAX, &b, e)) != 0)
		return (rc);
	struct str rest = buf_str(&b), line;
	if (!str_utf8_ok(rest))
		return (err_set(e, ERR_INPUT, path, "write it as UTF-8",
		    "the file is not UTF-8"));
	while (rc == 0 && str_split(&rest, '\n', &line)) {
		char where[512];
		at++;
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		snprintf(where, sizeof(where), "%s:%d", path, at);
		rc = apply_line(l, line, where, e);
	}
	return (rc);
}

static int
by_id(const void *a, const void *b)
{
	const struct procedure *x = a, *y = b;

	return (str_cmp(x->id, y->id));
}

int
procedure_load(struct arena *a, const char *dir, struct procedure_set *ret,
    struct err *e)
{
	struct loader l = { .a = a };
	const struct content_file *f;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (f = content_next(CONTENT_DIR, i)) != NULL; i++)
		if (str_ends(str_from(f->path), ".sql"))
			rc = add(&l, f->path, (struct str){ (const char *)f->data,
			    f->len }, false, e);
	if (rc == 0 && dir != NULL && (rc = load_own(&l, dir, e)) == 0)
		rc = load_params(&l, dir, e);
	if (rc == 0) {
		struct procedure *at = arena_array(a, l.all.n, sizeof(*at));
		if (l.all.n != 0)
			memcpy(at, l.all.at, l.all.n * sizeof(*at));
		qsort(at, l.all.n, sizeof(*at), by_id);
		*ret = (struct procedure_set){ at, l.all.n };
	}
	vec_free(&l.all);
	return (rc);
}

const struct procedure *
procedure_find(const struct procedure_set *set, struct str id)
{
	struct procedure key = { .id = id };

	return (set->n == 0 ? NULL :
	    bsearch(&key, set->at, set->n, sizeof(key), by_id));
}
