#include "decl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define NAME_MAX_LEN 40
#define WRONG_MAX 50

static const char *const kind_words[] = {
#define X(name, word, sql, arg) word,
	SCHEMA_KINDS(X)
#undef X
	NULL
};
static const char kind_args[] = {
#define X(name, word, sql, arg) arg,
	SCHEMA_KINDS(X)
#undef X
};
const char *const decl_classes[] = {
#define X(name, word) word,
	SCHEMA_CLASSES(X)
#undef X
	NULL
};
static const char *const mode_words[] = {
#define X(name, word) word,
	SCHEMA_MODES(X)
#undef X
	NULL
};
const char *const decl_roles[] = {
#define X(name, word) word,
	SCHEMA_ROLES(X)
#undef X
	NULL
};
/* The keywords that begin a line after the first. */
static const char *const line_words[] = { "note", "class", "key", "subject",
	"time", "owner", "state", "step", "unique", NULL };

/* Columns that every table or view of evidence or of records has already. */
static const char *const taken[] = { "id", "rev", "entry", "retired", "extra",
	"state", "sid", "source", "subject", "valid_from", "valid_to",
	"known_from", "known_to", "end_known", "changed_after", "last_seen",
	"from_us", "to_us", "rowid", "oid", NULL };

/* Words that SQL keeps to itself: a column so named would need quotes. */
static const char *const sql_words[] = { "add", "all", "alter", "and", "as",
	"autoincrement", "between", "case", "check", "collate", "commit",
	"constraint", "create", "default", "deferrable", "delete", "distinct",
	"drop", "else", "escape", "except", "exists", "foreign", "from", "group",
	"having", "in", "index", "insert", "intersect", "into", "is", "isnull",
	"join", "limit", "not", "nothing", "notnull", "null", "on", "or", "order",
	"primary", "references", "returning", "select", "set", "table", "then",
	"to", "transaction", "union", "unique", "update", "using", "values",
	"when", "where", NULL };

const char *
decl_kind_word(int kind)
{
	return (kind_words[kind]);
}

const char *
decl_class_word(int cls)
{
	return (decl_classes[cls]);
}

const char *
decl_mode_word(int mode)
{
	return (mode_words[mode]);
}

int
decl_word_index(const char *const *list, const char *s)
{
	for (int i = 0; list[i] != NULL; i++)
		if (strcmp(list[i], s) == 0)
			return (i);
	return (-1);
}

const char *
decl_listed(struct decls *d, const char *const *list)
{
	BUF_SCOPED b = BUF_INIT;

	for (int i = 0; list[i] != NULL; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : list[i + 1] ? ", " : " and ",
		    list[i]);
	return (arena_strndup(&d->arena, b.ptr, b.len));
}

void
decl_wrong(struct decls *d, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (d->nwrong++ >= WRONG_MAX)
		return;
	size_t from = d->wrong.len;
	buf_printf(&d->wrong, "%s:%d: ", file, line);
	va_start(ap, fmt);
	buf_vprintf(&d->wrong, fmt, ap);
	va_end(ap);
	/* What was quoted from the file must not break or colour the line. */
	for (size_t i = from; i < d->wrong.len; i++)
		if ((unsigned char)d->wrong.ptr[i] < 0x20)
			d->wrong.ptr[i] = '?';
	buf_putc(&d->wrong, '\n');
}

/* --- lexer ------------------------------------------------------------- */

static bool
word_char(char c)
{
	return (isalnum((unsigned char)c) || strchr("_.+-|", c) != NULL);
}

/* A quoted sentence: no escapes, no line breaks. */
static bool
lex_string(struct decl_lexer *x, struct decl_word *ret)
{
	size_t from = ++x->at;

	while (x->at < x->text.len && x->text.ptr[x->at] != '"' &&
	    x->text.ptr[x->at] != '\n')
		x->at++;
	if (x->at == x->text.len || x->text.ptr[x->at] == '\n') {
		decl_wrong(x->d, x->file, x->line,
		    "a sentence does not end on its line: close it with \"");
		return (false);
	}
	*ret = (struct decl_word){ arena_strndup(&x->d->arena,
	    x->text.ptr + from, x->at - from), x->line, true };
	x->at++;
	return (true);
}

/* The words of the line at x->at, added to ${out}; false on a mistake. */
static bool
lex_line(struct decl_lexer *x, struct decl_words *out)
{
	bool ok = true;

	while (x->at < x->text.len && x->text.ptr[x->at] != '\n') {
		char c = x->text.ptr[x->at];
		struct decl_word w;
		if (c == '#') {
			while (x->at < x->text.len && x->text.ptr[x->at] != '\n')
				x->at++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			x->at++;
		} else if (c == '"') {
			if (!lex_string(x, &w))
				return (false);
			vec_push(out, w);
		} else if (c != '\0' && word_char(c)) {
			size_t from = x->at;
			while (x->at < x->text.len && x->text.ptr[x->at] != '\0' &&
			    word_char(x->text.ptr[x->at]))
				x->at++;
			w = (struct decl_word){ arena_strndup(&x->d->arena,
			    x->text.ptr + from, x->at - from), x->line, false };
			vec_push(out, w);
		} else {
			decl_wrong(x->d, x->file, x->line,
			    "the character %s%c%s has no meaning here: use "
			    "words, \"sentences\" and # for comments",
			    isprint((unsigned char)c) ? "'" : "",
			    isprint((unsigned char)c) ? c : '?',
			    isprint((unsigned char)c) ? "'" : "");
			return (false);
		}
	}
	return (ok);
}

static bool
next_is_sentence(const struct decl_lexer *x)
{
	for (size_t i = x->at; i < x->text.len; i++) {
		char c = x->text.ptr[i];
		if (c != ' ' && c != '\t' && c != '\r')
			return (c == '"');
	}
	return (false);
}

static void
skip_line(struct decl_lexer *x)
{
	while (x->at < x->text.len && x->text.ptr[x->at] != '\n')
		x->at++;
}

bool
decl_statement(struct decl_lexer *x, struct decl_words *out)
{
	out->n = 0;
	while (x->at < x->text.len) {
		if (!lex_line(x, out)) {
			skip_line(x);
			out->n = 0;
		}
		if (x->at < x->text.len) {
			x->at++;
			x->line++;
		}
		if (out->n != 0 && !next_is_sentence(x))
			return (true);
	}
	return (out->n != 0);
}

/* --- parser ------------------------------------------------------------ */

struct parser {
	struct decls *d;
	struct decl *t;
	struct decl_words st; /* the statement */
	size_t at;            /* next word of it */
};

static void __attribute__((format(printf, 2, 3)))
bad(struct parser *p, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	int line = p->st.n == 0 ? 1 :
	    p->at > 0 && p->at <= p->st.n ? p->st.at[p->at - 1].line :
	    p->st.at[0].line;
	decl_wrong(p->d, p->t->file, line, "%s", text);
}

/* The next word of the statement, NULL at its end. */
static struct decl_word *
take(struct parser *p)
{
	return (p->at < p->st.n ? &p->st.at[p->at++] : NULL);
}

static char *
take_word(struct parser *p, const char *what)
{
	if (p->at == p->st.n || p->st.at[p->at].quoted) {
		bad(p, "%s is missing", what);
		return (NULL);
	}
	return (take(p)->text);
}

static char *
take_sentence(struct parser *p)
{
	return (p->at < p->st.n && p->st.at[p->at].quoted ? take(p)->text : NULL);
}

static bool
take_number(struct parser *p, const char *what, int64_t max, int64_t *ret)
{
	const char *s = take_word(p, what);
	int64_t n;

	if (s == NULL)
		return (false);
	if (!str_to_i64(str_from(s), &n) || n < 1 || n > max) {
		bad(p, "%s is \"%s\": use a number from 1 to %lld", what, s,
		    (long long)max);
		return (false);
	}
	*ret = n;
	return (true);
}

static bool
name_ok(struct parser *p, const char *s)
{
	size_t n = strlen(s);
	bool ok = n <= NAME_MAX_LEN && islower((unsigned char)s[0]);

	for (size_t i = 0; ok && i < n; i++)
		ok = islower((unsigned char)s[i]) || isdigit((unsigned char)s[i]) ||
		    s[i] == '_';
	if (!ok)
		bad(p, "the name \"%s\" is not well formed: use small letters, "
		    "digits and _, a letter first, at most %d", s, NAME_MAX_LEN);
	return (ok);
}

static void
end_of_statement(struct parser *p)
{
	struct decl_word *w = take(p);

	if (w != NULL)
		bad(p, "%s%s%s is too much here: remove it", w->quoted ? "\"" : "",
		    w->text, w->quoted ? "\"" : "");
}

/* a|b|c into words. */
static void
split_bars(struct parser *p, const struct decl_word *w, struct decl_words *out)
{
	struct str rest = str_from(w->text), part;

	while (str_split(&rest, '|', &part)) {
		struct decl_word one = { arena_strndup(&p->d->arena, part.ptr,
		    part.len), w->line, false };
		if (part.len == 0)
			bad(p, "\"%s\" has an empty part: write a|b|c", w->text);
		else
			vec_push(out, one);
	}
}

static void
parse_values(struct parser *p, struct decl_field *f)
{
	if (p->at == p->st.n || p->st.at[p->at].quoted) {
		bad(p, "%s \"%s\" has no values: write %s a|b|c",
		    kind_words[f->kind], f->name, kind_words[f->kind]);
		return;
	}
	split_bars(p, take(p), &f->values);
	for (size_t i = 0; i < f->values.n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(f->values.at[i].text, f->values.at[j].text) == 0)
				bad(p, "the value %s stands twice", f->values.at[i].text);
	if (f->values.n > 63)
		bad(p, "\"%s\" has %zu values: 63 is the most", f->name,
		    f->values.n);
}

static int64_t
usual_max(const struct parser *p, int kind)
{
	switch (kind) {
	case DECL_MARKDOWN:
		return (262144);
	case DECL_MAP:
		return (16384);
	case DECL_INT:
		return (INT64_MAX);
	default:
		return (p->t->table ? 65536 : 2000);
	}
}

static void
parse_max(struct parser *p, struct decl_field *f)
{
	int64_t most = f->kind == DECL_INT ? INT64_MAX : 16 << 20;

	if (f->kind != DECL_TEXT && f->kind != DECL_MARKDOWN &&
	    f->kind != DECL_INT && f->kind != DECL_MAP)
		bad(p, "max has no meaning for %s: it is for text, markdown, int "
		    "and map", kind_words[f->kind]);
	take_number(p, "the number after max", most, &f->max);
}

static void
parse_options(struct parser *p, struct decl_field *f)
{
	while (p->at < p->st.n && !p->st.at[p->at].quoted) {
		const char *s = take(p)->text;
		if (strcmp(s, "required") == 0) {
			f->required = true;
		} else if (strcmp(s, "max") == 0) {
			parse_max(p, f);
		} else if (strcmp(s, "class") == 0) {
			const char *c = take_word(p, "the class");
			f->cls = c != NULL ? decl_word_index(decl_classes, c) : -1;
			if (c != NULL && f->cls < 0)
				bad(p, "unknown class \"%s\": the classes are %s",
				    c, decl_listed(p->d, decl_classes));
		} else {
			bad(p, "unknown word \"%s\": after the kind come required, "
			    "max N and class C", s);
		}
	}
}

/* NUMBER NAME KIND [ARG] [required] [max N] [class C] ["Title"] "Sentence" */
static void
parse_field(struct parser *p)
{
	struct decl_field f = { .line = p->st.at[0].line, .kind = -1, .cls = -1 };
	int64_t number = 0;

	if (!take_number(p, "the number of the field", 999, &number))
		return;
	f.number = (int)number;
	f.name = take_word(p, "the name of the field");
	if (f.name == NULL || !name_ok(p, f.name))
		return;
	if (decl_word_index(taken, f.name) >= 0)
		bad(p, "the name \"%s\" is taken: every table has it already",
		    f.name);
	if (decl_word_index(sql_words, f.name) >= 0)
		bad(p, "the name \"%s\" is a word of SQL: choose another", f.name);
	const char *kind = take_word(p, "the kind of the field");
	if (kind == NULL)
		return;
	f.kind = decl_word_index(kind_words, kind);
	if (f.kind < 0) {
		bad(p, "unknown kind \"%s\": the kinds are %s", kind,
		    decl_listed(p->d, kind_words));
		return;
	}
	f.max = usual_max(p, f.kind);
	if (kind_args[f.kind] == 'V')
		parse_values(p, &f);
	if (kind_args[f.kind] == 'T') {
		char *to = take_word(p, "the record type that it refers to");
		if (to == NULL)
			return;
		f.target = p->st.at[p->at - 1];
	}
	parse_options(p, &f);
	char *first = take_sentence(p), *second = take_sentence(p);
	f.title = second != NULL ? first : f.name;
	f.sentence = second != NULL ? second : first;
	if (f.sentence == NULL || f.sentence[0] == '\0')
		bad(p, "\"%s\" has no sentence that says what it means", f.name);
	else if (!p->t->table && second == NULL)
		bad(p, "\"%s\" needs a \"Title\" and a \"Sentence\"", f.name);
	end_of_statement(p);
	vec_push(&p->t->fields, f);
}

static void
parse_header(struct parser *p)
{
	struct decl *t = p->t;
	const char *word = take(p)->text;
	int64_t number = 0;

	t->line = p->st.at[0].line;
	t->table = strcmp(word, "table") == 0;
	if (!take_number(p, t->table ? "the number of the table" :
	    "the number of the type", 65535, &number))
		return;
	t->number = (int)number;
	t->name = take_word(p, "the name");
	if (t->name == NULL || !name_ok(p, t->name))
		return;
	const char *mode = take_word(p, t->table ? "snapshot or append" :
	    "record, open or fixed");
	if (mode == NULL)
		return;
	t->mode = decl_word_index(mode_words, mode);
	if (t->mode < 0 || t->table != (t->mode >= DECL_MODE_SNAPSHOT))
		bad(p, "\"%s\" cannot stand here: a %s", mode, t->table ?
		    "table is snapshot or append" :
		    "type is record, open or fixed");
	t->title = take_sentence(p);
	if (t->title == NULL || t->title[0] == '\0')
		bad(p, "\"%s\" has no title", t->name);
	end_of_statement(p);
}

/* Words to the end of the statement, at least one, added to ${out}. */
static void
parse_names(struct parser *p, struct decl_words *out, const char *what)
{
	if (out->n != 0)
		bad(p, "%s stands twice: once is enough", what);
	while (p->at < p->st.n && !p->st.at[p->at].quoted) {
		struct decl_word w = *take(p);
		for (size_t i = 0; i < out->n; i++)
			if (strcmp(out->at[i].text, w.text) == 0)
				bad(p, "%s names %s twice", what, w.text);
		vec_push(out, w);
	}
	if (out->n == 0)
		bad(p, "%s names nothing", what);
	end_of_statement(p);
}

static void
parse_who(struct parser *p, struct decl_step *s)
{
	struct decl_words who = { 0 };

	if (take_word(p, "who may make the step") == NULL)
		return;
	split_bars(p, &p->st.at[p->at - 1], &who);
	for (size_t i = 0; i < who.n; i++) {
		int r = decl_word_index(decl_roles, who.at[i].text);
		if (r < 0)
			bad(p, "unknown role \"%s\": the roles are %s",
			    who.at[i].text, decl_listed(p->d, decl_roles));
		else
			s->who |= 1u << r;
	}
	vec_free(&who);
}

/* step FROM TO who|who [fill a|b] [apart a|b] */
static void
parse_step(struct parser *p)
{
	struct decl_step s = { .line = p->st.at[0].line };

	if (take_word(p, "the state that the step leaves") == NULL)
		return;
	s.from = p->st.at[p->at - 1];
	if (take_word(p, "the state that the step reaches") == NULL)
		return;
	s.to = p->st.at[p->at - 1];
	parse_who(p, &s);
	while (p->at < p->st.n && !p->st.at[p->at].quoted) {
		const char *w = take(p)->text;
		bool fill = strcmp(w, "fill") == 0;
		if (!fill && strcmp(w, "apart") != 0) {
			bad(p, "unknown word \"%s\": a step has fill and apart", w);
			break;
		}
		if (take_word(p, fill ? "what must be filled" :
		    "who may not be the same") == NULL)
			break;
		split_bars(p, &p->st.at[p->at - 1], fill ? &s.fill : &s.apart);
	}
	end_of_statement(p);
	vec_push(&p->t->steps, s);
}

static void
parse_class(struct parser *p)
{
	const char *s = take_word(p, "the class");

	if (s == NULL)
		return;
	p->t->cls = decl_word_index(decl_classes, s);
	if (p->t->cls < 0)
		bad(p, "unknown class \"%s\": the classes are %s", s,
		    decl_listed(p->d, decl_classes));
	end_of_statement(p);
}

static void
parse_note(struct parser *p)
{
	BUF_SCOPED b = BUF_INIT;
	const char *s;

	if (p->t->note != NULL)
		bad(p, "note stands twice: a further line begins with its \"");
	while ((s = take_sentence(p)) != NULL)
		buf_printf(&b, "%s%s", b.len != 0 ? " " : "", s);
	if (b.len == 0)
		bad(p, "note says nothing");
	else
		p->t->note = arena_strndup(&p->d->arena, b.ptr, b.len);
	end_of_statement(p);
}

/* A line that only one of the two sorts of declaration may have. */
static bool
only_for(struct parser *p, const char *word, bool table)
{
	if (p->t->table == table)
		return (true);
	bad(p, "%s has no meaning for a %s", word, table ? "type" : "table");
	return (false);
}

static void
parse_statement(struct parser *p)
{
	struct decl *t = p->t;

	if (p->st.at[0].quoted) {
		p->at = 1;
		bad(p, "a sentence stands alone: it belongs behind a word");
		return;
	}
	const char *w = p->st.at[0].text;
	if (isdigit((unsigned char)w[0])) {
		size_t n = t->fields.n;
		parse_field(p);
		t->broken |= t->fields.n == n;
		return;
	}
	p->at = 1;
	if (strcmp(w, "note") == 0) {
		parse_note(p);
	} else if (strcmp(w, "class") == 0) {
		parse_class(p);
	} else if (strcmp(w, "key") == 0) {
		parse_names(p, &t->key, "key");
	} else if (strcmp(w, "time") == 0) {
		parse_names(p, &t->time, "time");
	} else if (strcmp(w, "subject") == 0) {
		if (only_for(p, w, true))
			parse_names(p, &t->subject, "subject");
	} else if (strcmp(w, "owner") == 0) {
		if (only_for(p, w, true))
			parse_names(p, &t->owner, "owner");
	} else if (strcmp(w, "state") == 0) {
		if (only_for(p, w, false))
			parse_names(p, &t->states, "state");
	} else if (strcmp(w, "unique") == 0) {
		struct decl_unique u = { 0 };
		if (only_for(p, w, false))
			parse_names(p, &u.cols, "unique");
		vec_push(&t->unique, u);
	} else if (strcmp(w, "step") == 0) {
		if (only_for(p, w, false))
			parse_step(p);
	} else if (strcmp(w, "type") == 0 || strcmp(w, "table") == 0) {
		bad(p, "a second %s in the file: each has a file of its own", w);
	} else {
		bad(p, "unknown word \"%s\": a line begins with a number or one "
		    "of %s", w, decl_listed(p->d, line_words));
	}
}

void
decls_read(struct decls *d, const char *file, struct str text)
{
	struct decl t = { .file = arena_strdup(&d->arena, file), .mode = -1,
		.cls = -1 };
	struct decl_lexer x = { d, t.file, text, 0, 1 };
	struct parser p = { .d = d, .t = &t };
	bool headed = false;

	while (decl_statement(&x, &p.st)) {
		p.at = 0;
		const char *w = p.st.at[0].text;
		if (headed) {
			parse_statement(&p);
		} else if (!p.st.at[0].quoted &&
		    (strcmp(w, "type") == 0 || strcmp(w, "table") == 0)) {
			headed = true;
			parse_header(&p);
		} else {
			bad(&p, "a file begins with type or table, not with \"%s\"", w);
			break;
		}
	}
	if (!headed && p.st.n == 0)
		decl_wrong(d, t.file, 1, "nothing is declared here: begin with type or "
		    "table");
	vec_free(&p.st);
	vec_push(&d->all, t);
}

int
decl_field(const struct decl *t, const char *name)
{
	for (size_t i = 0; i < t->fields.n; i++)
		if (strcmp(t->fields.at[i].name, name) == 0)
			return ((int)i);
	return (-1);
}

void
decls_free(struct decls *d)
{
	for (size_t i = 0; i < d->all.n; i++) {
		struct decl *t = &d->all.at[i];
		for (size_t j = 0; j < t->fields.n; j++)
			vec_free(&t->fields.at[j].values);
		for (size_t j = 0; j < t->unique.n; j++)
			vec_free(&t->unique.at[j].cols);
		for (size_t j = 0; j < t->steps.n; j++) {
			vec_free(&t->steps.at[j].fill);
			vec_free(&t->steps.at[j].apart);
		}
		vec_free(&t->fields);
		vec_free(&t->key);
		vec_free(&t->subject);
		vec_free(&t->owner);
		vec_free(&t->time);
		vec_free(&t->states);
		vec_free(&t->unique);
		vec_free(&t->steps);
	}
	vec_free(&d->all);
	buf_free(&d->wrong);
	arena_free(&d->arena);
}

void
decl_put_c(const char *s)
{
	if (s == NULL) {
		printf("NULL");
		return;
	}
	putchar('"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c == '\n')
			printf("\\n\"\n\t\"");
		else if (c < 0x20 || c >= 0x7f || c == '?')
			printf("\\%03o", c);
		else
			putchar(c);
	}
	putchar('"');
}

bool
decl_read(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;

	if (f == NULL)
		return (false);
	while ((n = fread(part, 1, sizeof(part), f)) != 0)
		buf_put(out, part, n);
	bool ok = !ferror(f);
	fclose(f);
	return (ok);
}
