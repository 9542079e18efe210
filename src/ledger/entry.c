#include "ledger/entry.h"

#include <inttypes.h>

#include "sys/crypto.h"

#define FAMILY "tickmark-entry/v"
#define MAGIC FAMILY "1"

bool
entry_word_ok(struct str s)
{
	if (s.len == 0 || s.len > ENTRY_WORD)
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= 'a' && c <= 'z')
			continue;
		if (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-'))
			return (false);
	}
	return (true);
}

bool
entry_token_ok(struct str s)
{
	if (s.len == 0 || s.len > ENTRY_TOKEN)
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
			return (false);
	return (true);
}

/* --- encoding ------------------------------------------------------------ */

static int
refuse(struct err *e, const char *field, struct str s, bool word)
{
	return (err_set(e, ERR_INPUT, field,
	    word ? "use a-z, 0-9, - and _, beginning with a letter" :
	    "use printable ASCII without spaces, 1 to 255 bytes",
	    "the entry's %s cannot be \"" STR_FMT "\"", field,
	    (int)(s.len > 80 ? 80 : s.len), s.ptr));
}

static int
validate(const struct entry *x, struct err *e)
{
	if (x->time < 0)
		return (err_set(e, ERR_INPUT, "time", NULL,
		    "the entry's time is before 1970"));
	if (!entry_token_ok(x->actor))
		return (refuse(e, "actor", x->actor, false));
	if (!entry_word_ok(x->action))
		return (refuse(e, "action", x->action, true));
	if (!entry_word_ok(x->type))
		return (refuse(e, "type", x->type, true));
	if (!entry_token_ok(x->id))
		return (refuse(e, "id", x->id, false));
	for (size_t i = 0; i < x->nbodies; i++)
		if (!entry_word_ok(x->bodies[i].class))
			return (refuse(e, "body class", x->bodies[i].class,
			    true));
	for (size_t i = 0; i < x->nnotes; i++) {
		if (!entry_word_ok(x->notes[i].key))
			return (refuse(e, "note key", x->notes[i].key, true));
		if (!entry_token_ok(x->notes[i].value))
			return (refuse(e, "note", x->notes[i].value, false));
		if (i != 0 &&
		    str_cmp(x->notes[i - 1].key, x->notes[i].key) >= 0)
			return (err_set(e, ERR_INPUT, "note",
			    "give each key once, in the order of its bytes",
			    "the entry's note \"" STR_FMT "\" is out of order",
			    STR_ARG(x->notes[i].key)));
	}
	return (0);
}

static void
put_line(struct buf *b, const char *key, struct str value)
{
	buf_puts(b, key);
	buf_putc(b, ' ');
	buf_putstr(b, value);
	buf_putc(b, '\n');
}

int
entry_encode(const struct entry *x, struct buf *out, struct err *e)
{
	size_t start = out->len;
	int r = validate(x, e);

	if (r != 0)
		return (r);
	buf_printf(out, MAGIC "\ntime %" PRId64 "\n", x->time);
	put_line(out, "actor", x->actor);
	put_line(out, "action", x->action);
	put_line(out, "type", x->type);
	put_line(out, "id", x->id);
	for (size_t i = 0; i < x->nbodies; i++) {
		buf_puts(out, "body ");
		buf_putstr(out, x->bodies[i].class);
		buf_putc(out, ' ');
		buf_puthex(out, x->bodies[i].commitment, ENTRY_HASH);
		buf_putc(out, '\n');
	}
	buf_puts(out, "prev ");
	if (x->has_prev)
		buf_puthex(out, x->prev, ENTRY_HASH);
	else
		buf_putc(out, '-');
	buf_putc(out, '\n');
	for (size_t i = 0; i < x->nnotes; i++) {
		buf_puts(out, "note ");
		buf_putstr(out, x->notes[i].key);
		buf_putc(out, ' ');
		buf_putstr(out, x->notes[i].value);
		buf_putc(out, '\n');
	}
	if (out->len - start > ENTRY_MAX) {
		size_t n = out->len - start;
		out->len = start;
		out->ptr[start] = '\0';
		return (err_set(e, ERR_LIMIT, NULL,
		    "put what is long into a body",
		    "the entry has %zu bytes, %d are allowed", n, ENTRY_MAX));
	}
	return (0);
}

/* --- decoding ------------------------------------------------------------ */

struct reader {
	struct str rest;
	int line;
	struct err *e;
};

static int
bad(struct reader *r, const char *what)
{
	char where[32];

	snprintf(where, sizeof(where), "line %d", r->line);
	return (err_set(r->e, ERR_INPUT, where, NULL,
	    "not a canonical entry: %s", what));
}

/*
 * The next line without its LF, if it starts with "${key} "; ret = the rest of
 * it. 1: it did; 0: it is another line; negative: there is none.
 */
static int
take(struct reader *r, const char *key, struct str *ret)
{
	const char *lf = r->rest.len == 0 ? NULL :
	    memchr(r->rest.ptr, '\n', r->rest.len);
	size_t k = strlen(key), n;

	if (lf == NULL)
		return (r->rest.len == 0 ? 0 :
		    bad(r, "the last line has no line feed"));
	n = (size_t)(lf - r->rest.ptr);
	if (n <= k || memcmp(r->rest.ptr, key, k) != 0 ||
	    r->rest.ptr[k] != ' ')
		return (0);
	*ret = (struct str){ r->rest.ptr + k + 1, n - k - 1 };
	r->rest.ptr += n + 1;
	r->rest.len -= n + 1;
	r->line++;
	return (1);
}

static int
need(struct reader *r, const char *key, struct str *ret)
{
	int got = take(r, key, ret);
	char what[64];

	if (got < 0)
		return (got);
	if (got == 1)
		return (0);
	snprintf(what, sizeof(what), "a line \"%s\" is missing", key);
	return (bad(r, what));
}

/* As take(), but the error is of the line just taken. */
static int
bad_taken(struct reader *r, const char *what)
{
	r->line--;
	return (bad(r, what));
}

/* Lower-case hex only: upper case would be a second encoding. */
static bool
unhex(struct str s, uint8_t out[ENTRY_HASH])
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'F')
			return (false);
	return (str_unhex(s, out, ENTRY_HASH));
}

/* Begins as an entry of a version above ours. */
static bool
is_newer(struct str s)
{
	struct str line, rest = s;
	uint64_t version;

	if (!str_starts(s, FAMILY) || !str_split(&rest, '\n', &line))
		return (false);
	line.ptr += strlen(FAMILY);
	line.len -= strlen(FAMILY);
	return (line.len < 6 && str_to_u64(line, &version) && version > 1);
}

static int
take_head(struct reader *r, struct entry *x)
{
	struct str s;
	int rc;

	if (is_newer(r->rest))
		return (err_set(r->e, ERR_NEWER, "line 1", "use that version",
		    "the entry is of a newer version"));
	if (!str_starts(r->rest, MAGIC "\n"))
		return (bad(r, "it does not begin with " MAGIC));
	r->rest.ptr += sizeof(MAGIC);
	r->rest.len -= sizeof(MAGIC);
	r->line++;
	if ((rc = need(r, "time", &s)) != 0)
		return (rc);
	if ((s.len > 1 && s.ptr[0] == '0') || s.ptr[0] < '0' ||
	    s.ptr[0] > '9' || !str_to_i64(s, &x->time))
		return (bad_taken(r, "the time is no plain number"));
	if ((rc = need(r, "actor", &x->actor)) != 0)
		return (rc);
	if (!entry_token_ok(x->actor))
		return (bad_taken(r, "the actor is no token"));
	if ((rc = need(r, "action", &x->action)) != 0)
		return (rc);
	if (!entry_word_ok(x->action))
		return (bad_taken(r, "the action is no word"));
	if ((rc = need(r, "type", &x->type)) != 0)
		return (rc);
	if (!entry_word_ok(x->type))
		return (bad_taken(r, "the type is no word"));
	if ((rc = need(r, "id", &x->id)) != 0)
		return (rc);
	if (!entry_token_ok(x->id))
		return (bad_taken(r, "the id is no token"));
	return (0);
}

/* How many lines are left: a bound for the arrays. */
static size_t
lines_left(const struct reader *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->rest.len; i++)
		n += r->rest.ptr[i] == '\n';
	return (n);
}

static int
take_bodies(struct reader *r, struct arena *a, struct entry *x)
{
	struct entry_body *at = NULL;
	struct str s;
	int rc;

	while ((rc = take(r, "body", &s)) == 1) {
		struct str class;
		if (at == NULL)
			at = arena_array(a, lines_left(r) + 1, sizeof(*at));
		const char *sp = memchr(s.ptr, ' ', s.len);
		if (sp == NULL)
			return (bad_taken(r, "a body has no commitment"));
		class = (struct str){ s.ptr, (size_t)(sp - s.ptr) };
		s.ptr += class.len + 1;
		s.len -= class.len + 1;
		if (!entry_word_ok(class))
			return (bad_taken(r, "the body's class is no word"));
		if (!unhex(s, at[x->nbodies].commitment))
			return (bad_taken(r,
			    "a commitment is not 64 digits of lower-case hex"));
		at[x->nbodies++].class = class;
	}
	x->bodies = at;
	return (rc);
}

static int
take_notes(struct reader *r, struct arena *a, struct entry *x)
{
	struct entry_note *at = NULL;
	struct str s;
	int rc;

	while ((rc = take(r, "note", &s)) == 1) {
		struct entry_note n;
		if (at == NULL)
			at = arena_array(a, lines_left(r) + 1, sizeof(*at));
		const char *sp = memchr(s.ptr, ' ', s.len);
		if (sp == NULL)
			return (bad_taken(r, "a note has no value"));
		n.key = (struct str){ s.ptr, (size_t)(sp - s.ptr) };
		n.value = (struct str){ sp + 1, s.len - n.key.len - 1 };
		if (!entry_word_ok(n.key))
			return (bad_taken(r, "the note's key is no word"));
		if (!entry_token_ok(n.value))
			return (bad_taken(r, "the note's value is no token"));
		if (x->nnotes != 0 &&
		    str_cmp(at[x->nnotes - 1].key, n.key) >= 0)
			return (bad_taken(r, "the notes are not in order"));
		at[x->nnotes++] = n;
	}
	x->notes = at;
	return (rc);
}

int
entry_decode(struct arena *a, struct str bytes, struct entry *ret,
    struct err *e)
{
	struct reader r = { .rest = bytes, .line = 1, .e = e };
	struct entry x = { 0 };
	struct str s;
	int rc;

	if (bytes.len > ENTRY_MAX)
		return (err_set(e, ERR_LIMIT, NULL, NULL,
		    "the entry has %zu bytes, %d are allowed", bytes.len,
		    ENTRY_MAX));
	if ((rc = take_head(&r, &x)) != 0 ||
	    (rc = take_bodies(&r, a, &x)) != 0 ||
	    (rc = need(&r, "prev", &s)) != 0)
		return (rc);
	if (!str_is(s, "-")) {
		x.has_prev = true;
		if (!unhex(s, x.prev))
			return (bad_taken(&r,
			    "prev is neither - nor 64 digits of hex"));
	}
	if ((rc = take_notes(&r, a, &x)) != 0)
		return (rc);
	if (r.rest.len != 0)
		return (bad(&r, "there is a line that does not belong here"));
	*ret = x;
	return (0);
}

void
entry_leaf(struct str bytes, uint8_t out[ENTRY_HASH])
{
	crypto_sha256_2("", 1, bytes.ptr, bytes.len, out);
}

struct str
entry_note_get(const struct entry *x, const char *key)
{
	for (size_t i = 0; i < x->nnotes; i++)
		if (str_is(x->notes[i].key, key))
			return (x->notes[i].value);
	return (STR_NULL);
}

const uint8_t *
entry_body_get(const struct entry *x, const char *class)
{
	for (size_t i = 0; i < x->nbodies; i++)
		if (str_is(x->bodies[i].class, class))
			return (x->bodies[i].commitment);
	return (NULL);
}
