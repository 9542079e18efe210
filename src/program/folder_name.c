/*
 * Names of files. A name follows from what the record says, so that two exports
 * of the same are the same, in any workspace: its handle, else the values that no
 * two records share, else a digest of its content. Names hold ASCII letters,
 * digits and .-_ only, never begin with a dot, and no two of a type are alike
 * where capital letters do not count.
 */
#include "program/folder_part.h"

#include <strings.h>

#include "ledger/id.h"
#include "schema/kind.h"

#define NAME_MAX_LEN 80
#define DIGEST 12 /* hexadecimal digits of a content's digest */
#define MARK 8    /* of one that tells two names apart */

static void
digest(struct str s, size_t digits, char *out)
{
	char sha[FOLDER_SHA + 1];

	folder_list_sha(s, sha);
	memcpy(out, sha, digits);
	out[digits] = '\0';
}

/* Names that some systems keep for devices, whatever their ending. */
static bool
is_device(const char *s)
{
	static const char *const names[] = { "con", "prn", "aux", "nul", "com",
		"lpt" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);
		if (strncasecmp(s, names[i], n) != 0)
			continue;
		const char *rest = s + n;
		if (i >= 4 && *rest >= '0' && *rest <= '9')
			rest++;
		else if (i >= 4)
			continue;
		if (*rest == '\0' || *rest == '.')
			return (true);
	}
	return (false);
}

/* What is left of the words; several that are not letters become one dash. */
static const char *
slug(struct arena *a, struct str words)
{
	char *out = arena_alloc(a, words.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < words.len && n < NAME_MAX_LEN; i++) {
		char c = words.ptr[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '_';
		if (!fine && c != '.')
			c = '-';
		if (!fine && (n == 0 || out[n - 1] == '-' || out[n - 1] == '.'))
			continue;
		out[n++] = c;
	}
	while (n > 0 && (out[n - 1] == '-' || out[n - 1] == '.'))
		n--;
	out[n] = '\0';
	return (out);
}

static const char *
marked(struct arena *a, const char *name, struct str words)
{
	char mark[MARK + 1];

	digest(words, MARK, mark);
	return (arena_printf(a, "%s%s%s", name, *name != '\0' ? "-" : "", mark));
}

/* A name is not to tell what is to be told to few. */
static bool
open_to_all(const struct record *r, const struct schema_cols *set)
{
	uint64_t guarded = access_guarded(r->type);

	for (size_t i = 0; i < set->n; i++)
		if (r->cells[set->at[i]].state != CELL_VALUE ||
		    (guarded >> set->at[i] & 1) != 0)
			return (false);
	return (set->n != 0);
}

static struct str
words_of(const struct folder_index *ix, struct arena *a, const struct record *r,
    const struct schema_cols *set)
{
	BUF_SCOPED out = BUF_INIT;

	for (size_t i = 0; i < set->n; i++) {
		const struct schema_field *f = &r->type->fields[set->at[i]];
		struct cell c = folder_text_named(ix, a, f,
		    &r->cells[set->at[i]]);
		if (i != 0)
			buf_putc(&out, '.');
		kind_print(f, &c, &out);
	}
	return (arena_str(a, buf_str(&out)));
}

/* The first record that it has to name says where it belongs. */
static struct str
belongs_to(const struct folder_index *ix, struct arena *a,
    const struct record *r)
{
	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct schema_field *f = &r->type->fields[i];
		if (f->required && kind_is_ref(f) && !kind_is_many(f) &&
		    r->cells[i].state == CELL_VALUE)
			return (folder_text_named(ix, a, f, &r->cells[i]).s);
	}
	return (STR(""));
}

static const char *
by_content(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_texts *x)
{
	BUF_SCOPED all = BUF_INIT;
	char hex[DIGEST + 1];
	const char *of = slug(a, belongs_to(ix, a, r));

	buf_putstr(&all, x->yaml);
	for (size_t i = 0; i < x->nprose; i++)
		buf_putstr(&all, x->prose[i].text);
	digest(buf_str(&all), DIGEST, hex);
	return (arena_printf(a, "%s%s%s", of, *of != '\0' ? "-" : "", hex));
}

void
folder_name_first(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_texts *x,
    struct folder_called *ret)
{
	const struct schema_type *t = r->type;
	const struct schema_cols *set = open_to_all(r, &t->key) ? &t->key : NULL;

	for (size_t i = 0; set == NULL && i < t->nunique; i++)
		if (t->key.n == 0 && open_to_all(r, &t->unique[i]))
			set = &t->unique[i];
	*ret = (struct folder_called){ .id = arena_str(a, r->id) };
	if (set == NULL) {
		ret->name = by_content(ix, a, r, x);
		ret->words = str_from(ret->name);
		return;
	}
	ret->words = words_of(ix, a, r, set);
	ret->name = slug(a, ret->words);
	if (*ret->name == '\0' || is_device(ret->name) ||
	    id_ok(str_from(ret->name)) || ret->words.len > NAME_MAX_LEN)
		ret->name = marked(a, ret->name, ret->words);
}

static int
by_name(const void *a, const void *b)
{
	const struct folder_called *x = *(struct folder_called *const *)a;
	const struct folder_called *y = *(struct folder_called *const *)b;
	int c = strcasecmp(x->name, y->name);

	return (c != 0 ? c : str_cmp(x->words, y->words) != 0 ?
	    str_cmp(x->words, y->words) : str_cmp(x->id, y->id));
}

/* Those that are alike get another name, all of them: false if none were. */
static bool
tell_apart(struct arena *a, struct folder_called **at, size_t n, int round)
{
	bool some = false;

	qsort(at, n, sizeof(*at), by_name);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (strcasecmp(at[i]->name, at[end]->name) != 0)
				break;
		if (end - i == 1)
			continue;
		some = true;
		for (size_t k = i; k < end; k++)
			at[k]->name = round == 0 ?
			    marked(a, at[k]->name, at[k]->words) : round == 1 ?
			    arena_printf(a, "%s-%zu", at[k]->name, k - i + 1) :
			    arena_strndup(a, at[k]->id.ptr, at[k]->id.len);
	}
	return (some);
}

void
folder_name_settle(struct arena *a, struct folder_called *at, size_t n)
{
	struct folder_called **by = arena_array(a, n + 1, sizeof(*by));

	for (size_t i = 0; i < n; i++)
		by[i] = &at[i];
	for (int round = 0; round < 3; round++)
		if (n == 0 || !tell_apart(a, by, n, round))
			return;
}
