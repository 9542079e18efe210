#include "evidence/row.h"

#include "ledger/entry.h"
#include "schema/kind.h"

enum tag {
	TAG_ABSENT = 0,
	TAG_UNKNOWN = 1,
	TAG_INT = 2,
	TAG_TEXT = 3,
	TAG_SEALED = 4,
	TAG_KEY = 6
};

static const char magic[] = "tickmark-table/v1\n";

static bool
in_cols(const struct schema_cols *c, size_t field)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->at[i] == field)
			return (true);
	}
	return (false);
}

static void
add_column(struct row_decl *d, size_t field, bool key)
{
	const struct schema_field *f = &d->type->fields[field];

	if (d->n == ROW_COLUMNS)
		BUG("table %s has too many columns", d->type->name);
	d->columns[d->n++] = (struct row_column){
		.name = str_from(f->name),
		.field = (int)field,
		.integer = kind_integer(f),
		.sealed = f->cls == CLASS_PERSONAL,
		.key = key,
	};
	d->nkey += key;
}

void
row_decl_of(const struct schema_type *t, struct row_decl *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->type = t;
	ret->current = true;
	for (size_t i = 0; i < t->key.n; i++)
		add_column(ret, t->key.at[i], true);
	for (size_t i = 0; i < t->nfields; i++) {
		if (!in_cols(&t->key, i))
			add_column(ret, i, false);
	}
}

void
row_decl_encode(const struct row_decl *d, struct buf *out)
{
	buf_puts(out, magic);
	buf_printf(out, "table %s\n", d->type->name);
	for (size_t i = 0; i < d->n; i++) {
		const struct row_column *c = &d->columns[i];

		buf_printf(out, "column " STR_FMT " %s%s%s\n", STR_ARG(c->name),
		    c->integer ? "int" : "text", c->key ? " key" : "",
		    c->sealed ? " sealed" : "");
	}
}

static bool
parse_column(struct row_decl *d, struct str line)
{
	struct str w[6];
	size_t n = 0;

	while (n < 6 && str_split(&line, ' ', &w[n]))
		n++;
	if (n < 3 || n == 6 || !str_is(w[0], "column") || !entry_word_ok(w[1]) ||
	    d->n == ROW_COLUMNS)
		return (false);
	struct row_column c = { .name = w[1],
		.field = schema_field(d->type, w[1]) };
	c.integer = str_is(w[2], "int");
	if (!c.integer && !str_is(w[2], "text"))
		return (false);
	size_t i = 3;
	if (i < n && str_is(w[i], "key"))
		c.key = ++i;
	if (i < n && str_is(w[i], "sealed"))
		c.sealed = ++i;
	if (i != n || (c.key && d->nkey != d->n))
		return (false);
	/* A column that now means something else is another column. */
	if (c.field >= 0 &&
	    kind_integer(&d->type->fields[c.field]) != c.integer)
		c.field = -1;
	d->nkey += c.key;
	d->columns[d->n++] = c;
	return (true);
}

int
row_decl_decode(struct arena *a, struct str text, struct row_decl *ret,
    struct err *e)
{
	struct str rest = text, line;
	struct row_decl d = { 0 }, now;
	BUF_SCOPED again = BUF_INIT;

	if (text.len < sizeof(magic) || !str_starts(text, magic) ||
	    !str_ends(text, "\n"))
		goto bad;
	rest.ptr += sizeof(magic) - 1;
	rest.len -= sizeof(magic);
	if (!str_split(&rest, '\n', &line) || !str_starts(line, "table "))
		goto bad;
	line.ptr += 6;
	line.len -= 6;
	if ((d.type = schema_find(line)) == NULL)
		return (err_set(e, ERR_NOTFOUND, NULL, NULL,
		    "there is no table " STR_FMT, STR_ARG(line)));
	while (str_split(&rest, '\n', &line)) {
		if (!parse_column(&d, line))
			goto bad;
	}
	if (d.nkey == 0)
		goto bad;
	for (size_t i = 0; i < d.type->nfields; i++)
		d.missing |= UINT64_C(1) << i;
	for (size_t i = 0; i < d.n; i++) {
		d.columns[i].name = arena_str(a, d.columns[i].name);
		if (d.columns[i].field >= 0)
			d.missing &= ~(UINT64_C(1) << d.columns[i].field);
	}
	row_decl_of(d.type, &now);
	row_decl_encode(&now, &again);
	d.current = str_eq(buf_str(&again), text);
	*ret = d;
	return (0);
bad:
	return (err_set(e, ERR_DAMAGED, NULL, NULL,
	    "the declaration of a table cannot be read"));
}

/* --- cells --------------------------------------------------------------- */

static void
put_int(struct buf *out, int64_t v)
{
	uint64_t u = (uint64_t)v ^ (UINT64_C(1) << 63);
	char b[9] = { TAG_INT };

	for (int i = 0; i < 8; i++)
		b[1 + i] = (char)(u >> (56 - 8 * i));
	buf_put(out, b, sizeof(b));
}

static int64_t
get_int(const uint8_t *p)
{
	uint64_t u = 0;

	for (int i = 0; i < 8; i++)
		u = u << 8 | p[i];
	return ((int64_t)(u ^ (UINT64_C(1) << 63)));
}

static void
put_cell(const struct row_column *c, const struct cell *v, struct buf *out)
{
	if (v->state == CELL_VALUE && !c->integer) {
		/* The commonest, in one step. */
		buf_reserve(out, v->s.len + 3);
		char *p = out->ptr + out->len;
		*p++ = TAG_TEXT;
		if (v->s.len > 0)
			memcpy(p, v->s.ptr, v->s.len);
		p[v->s.len] = '\0';
		p[v->s.len + 1] = '\0';
		out->len += v->s.len + 2;
		return;
	}
	if (v->state != CELL_VALUE) {
		buf_putc(out, v->state == CELL_ABSENT ? TAG_ABSENT : TAG_UNKNOWN);
	} else {
		put_int(out, v->i);
	}
}

static void
put_sealed(const struct row_column *c, const struct cell *v,
    const struct keys_set *keys, struct buf *out)
{
	BUF_SCOPED plain = BUF_INIT;
	static const char room[5];
	size_t at = out->len;

	put_cell(c, v, &plain);
	buf_put(out, room, sizeof(room));
	subject_seal(keys, c->name, buf_str(&plain), out);
	uint32_t n = (uint32_t)(out->len - at - 5);
	out->ptr[at] = TAG_SEALED;
	for (int i = 0; i < 4; i++)
		out->ptr[at + 1 + (size_t)i] = (char)(n >> (24 - 8 * i));
}

bool
row_needs_seal(const struct row_decl *d, const struct cell *cells)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct row_column *c = &d->columns[i];

		if (c->sealed && cells[c->field].state == CELL_VALUE)
			return (true);
	}
	return (false);
}

void
row_encode(const struct row_decl *d, const struct cell *cells,
    const struct keys_set *keys, struct buf *out)
{
	bool seal = keys != NULL && row_needs_seal(d, cells);

	for (size_t i = 0; i < d->n; i++) {
		const struct row_column *c = &d->columns[i];
		const struct cell *v = &cells[c->field];

		if (i == d->nkey && seal) {
			buf_putc(out, TAG_KEY);
			buf_put(out, keys->id, KEYS_ID);
		}
		if (c->sealed && seal && v->state == CELL_VALUE)
			put_sealed(c, v, keys, out);
		else
			put_cell(c, v, out);
	}
	if (d->n == d->nkey && seal) {
		buf_putc(out, TAG_KEY);
		buf_put(out, keys->id, KEYS_ID);
	}
}

/* The length of the cell at p, or 0. Text is checked by row_check(). */
static inline size_t
cell_len(const uint8_t *p, size_t n)
{
	if (n == 0)
		return (0);
	switch (p[0]) {
	case TAG_ABSENT:
	case TAG_UNKNOWN:
		return (1);
	case TAG_INT:
		return (n >= 9 ? 9 : 0);
	case TAG_TEXT: {
		const uint8_t *end = memchr(p + 1, 0, n - 1);
		return (end != NULL ? (size_t)(end - p) + 1 : 0);
	}
	case TAG_SEALED: {
		if (n < 5)
			return (0);
		size_t len = (size_t)p[1] << 24 | (size_t)p[2] << 16 |
		    (size_t)p[3] << 8 | p[4];
		return (len > SUBJECT_CELL_EXTRA && len <= n - 5 ? len + 5 : 0);
	}
	default:
		return (0);
	}
}

size_t
row_key_len(const struct row_decl *d, struct str row)
{
	const uint8_t *p = (const uint8_t *)row.ptr;
	size_t at = 0;

	for (size_t i = 0; i < d->nkey; i++) {
		size_t n = cell_len(p + at, row.len - at);
		if (n == 0)
			return (0);
		at += n;
	}
	return (at);
}

const uint8_t *
row_seal(const struct row_decl *d, struct str row)
{
	const uint8_t *p = (const uint8_t *)row.ptr;
	size_t at = row_key_len(d, row);

	return (at != 0 && row.len - at > KEYS_ID && p[at] == TAG_KEY ?
	    p + at + 1 : NULL);
}

static bool
cell_fits(const struct row_column *c, const uint8_t *p, size_t n)
{
	if (p[0] == TAG_INT)
		return (c->integer);
	if (p[0] == TAG_TEXT)
		return (!c->integer && str_utf8_ok((struct str){
		    (const char *)p + 1, n - 2 }));
	return (p[0] != TAG_SEALED || c->sealed);
}

bool
row_check(const struct row_decl *d, struct str row)
{
	const uint8_t *p = (const uint8_t *)row.ptr;
	size_t at = 0;
	bool seal = false, sealed = false;

	for (size_t i = 0; i <= d->n; i++) {
		if (i == d->nkey && at < row.len && p[at] == TAG_KEY) {
			if (row.len - at < 1 + KEYS_ID)
				return (false);
			seal = true;
			at += 1 + KEYS_ID;
		}
		if (i == d->n)
			break;
		size_t n = cell_len(p + at, row.len - at);
		if (n == 0 || !cell_fits(&d->columns[i], p + at, n))
			return (false);
		sealed |= p[at] == TAG_SEALED;
		at += n;
	}
	return (at == row.len && seal == sealed);
}

/* The key of a sealed row; false if there is none to be had any more. */
static bool
find_key(struct row_keys *rk, const uint8_t *id, struct err *e, int *ret)
{
	struct err own;

	*ret = 0;
	if (rk == NULL || rk->keys == NULL)
		return (false);
	if (rk->valid && memcmp(rk->set.id, id, KEYS_ID) == 0)
		return (true);
	rk->valid = false;
	int r = subject_find(rk->keys, id, &rk->set, &own);
	if (r == 0) {
		rk->valid = true;
		return (true);
	}
	if (own.code != ERR_ERASED) {
		if (e != NULL)
			*e = own;
		*ret = r;
	}
	return (false);
}

struct place {
	const struct row_column *c;
	const uint8_t *p;
	size_t n;
};

static int
open_cell(const struct place *at, const struct keys_set *set,
    struct buf *open, struct cell *ret, struct err *e)
{
	size_t from = open->len;
	const uint8_t *p;

	if (!subject_open(set, at->c->name, (struct str){
	    (const char *)at->p + 5, at->n - 5 }, open))
		return (err_set(e, ERR_DAMAGED, NULL, NULL,
		    "a sealed cell of column " STR_FMT " cannot be opened",
		    STR_ARG(at->c->name)));
	p = (const uint8_t *)open->ptr + from;
	size_t n = open->len - from;
	if (cell_len(p, n) != n || p[0] < TAG_INT || p[0] > TAG_TEXT ||
	    !cell_fits(at->c, p, n))
		return (err_set(e, ERR_DAMAGED, NULL, NULL,
		    "a sealed cell of column " STR_FMT " holds no value",
		    STR_ARG(at->c->name)));
	*ret = p[0] == TAG_INT ? CELL_INT(get_int(p + 1)) :
	    CELL_STR(((struct str){ (const char *)p + 1, n - 2 }));
	return (0);
}

/* All cells were found; now the sealed ones, which share one key. ${open} is
 * sized first, so that what is opened does not move. */
static int
open_cells(const struct place *sealed, size_t n, const uint8_t *seal,
    struct row_keys *rk, struct buf *open, struct cell *cells, struct err *e)
{
	size_t total = 0;
	int r;

	if (!find_key(rk, seal, e, &r))
		return (r);
	for (size_t i = 0; i < n; i++)
		total += sealed[i].n + 1;
	buf_reserve(open, total);
	for (size_t i = 0; i < n; i++) {
		r = open_cell(&sealed[i], &rk->set, open,
		    &cells[sealed[i].c->field], e);
		if (r != 0)
			return (r);
	}
	return (0);
}

int
row_decode(const struct row_decl *d, struct str row, struct row_keys *rk,
    struct buf *open, struct cell *cells, const uint8_t **ret_seal,
    struct err *e)
{
	const uint8_t *p = (const uint8_t *)row.ptr, *seal = NULL;
	struct place sealed[ROW_COLUMNS];
	size_t nsealed = 0, at = 0;

	for (size_t i = 0; d->missing >> i != 0; i++) {
		if (d->missing >> i & 1)
			cells[i] = CELL_BLIND;
	}
	for (size_t i = 0; i <= d->n; i++) {
		if (i == d->nkey && at + 1 + KEYS_ID <= row.len &&
		    p[at] == TAG_KEY) {
			seal = p + at + 1;
			at += 1 + KEYS_ID;
		}
		if (i == d->n)
			break;
		const struct row_column *c = &d->columns[i];
		size_t n = cell_len(p + at, row.len - at);
		if (n == 0)
			goto bad;
		const uint8_t *q = p + at;
		at += n;
		if (c->field < 0)
			continue;
		struct cell *v = &cells[c->field];
		switch (q[0]) {
		case TAG_INT:
			*v = CELL_INT(get_int(q + 1));
			break;
		case TAG_TEXT:
			*v = CELL_STR(((struct str){ (const char *)q + 1, n - 2 }));
			break;
		case TAG_SEALED:
			sealed[nsealed++] = (struct place){ c, q, n };
			*v = CELL_BLIND;
			break;
		default:
			*v = q[0] == TAG_ABSENT ? CELL_NONE : CELL_BLIND;
		}
	}
	if (at != row.len || (nsealed > 0 && seal == NULL))
		goto bad;
	buf_reset(open);
	*ret_seal = seal;
	return (nsealed == 0 ? 0 :
	    open_cells(sealed, nsealed, seal, rk, open, cells, e));
bad:
	return (err_set(e, ERR_DAMAGED, NULL, NULL,
	    "a row of table %s is not in its canonical form", d->type->name));
}

/* --- subjects ------------------------------------------------------------ */

static void
put_part(struct buf *out, struct str s, bool escape)
{
	if (!escape) {
		buf_putstr(out, s);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == ':' || s.ptr[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, s.ptr[i]);
	}
}

void
row_subject(const struct schema_type *t, const struct cell *cells,
    const uint8_t *seal, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < t->subject.n; i++) {
		size_t field = t->subject.at[i];
		const struct cell *v = &cells[field];

		if (i > 0)
			buf_putc(out, ':');
		if (v->state == CELL_UNKNOWN && seal != NULL &&
		    t->fields[field].cls == CLASS_PERSONAL) {
			out->len = from;
			buf_puts(out, "erased:");
			buf_puthex(out, seal, KEYS_ID);
			return;
		}
		if (v->state != CELL_VALUE)
			buf_putc(out, v->state == CELL_UNKNOWN ? '?' : '-');
		else if (kind_integer(&t->fields[field]))
			buf_printf(out, "%lld", (long long)v->i);
		else
			put_part(out, v->s, t->subject.n > 1);
	}
}
