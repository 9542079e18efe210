#include "ledger/proof.h"

#include <inttypes.h>

#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/file.h"

#define KEYS_FILE_MAX 65536 /* bytes of a file of verifier keys */
#define MAGIC "c2sp.org/tlog-proof@v1"

_Static_assert(PROOF_KEYS == LEDGER_VKEYS, "the same file");

/* --- the format ---------------------------------------------------------- */

void
proof_print(const struct proof *p, struct buf *out)
{
	buf_puts(out, MAGIC "\n");
	if (p->extra.ptr != NULL) {
		buf_puts(out, "extra ");
		buf_putb64(out, p->extra.ptr, p->extra.len);
		buf_putc(out, '\n');
	}
	buf_printf(out, "index %" PRIu64 "\n", p->index);
	for (size_t i = 0; i < p->n; i++) {
		buf_putb64(out, p->hash[i].h, TREE_HASH);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	buf_putstr(out, p->note);
}

static int
bad(struct err *e, size_t line, const char *what)
{
	char where[32];

	snprintf(where, sizeof(where), "line %zu", line);
	return (err_set(e, ERR_INPUT, where, "give a file of the form "
	    "c2sp.org/tlog-proof", "not a proof: %s", what));
}

/* A whole number as it is printed: no sign, no leading zero. */
static bool
plain_number(struct str s, uint64_t *ret)
{
	if (s.len == 0 || s.ptr[0] < '0' || s.ptr[0] > '9' ||
	    (s.len > 1 && s.ptr[0] == '0'))
		return (false);
	return (str_to_u64(s, ret));
}

static struct str
after(struct str s, size_t n)
{
	return ((struct str){ s.ptr + n, s.len - n });
}

/* The next line without its LF; false if there is none, or it has no LF. */
static bool
next_line(struct str *rest, size_t *no, struct str *ret)
{
	const char *p = rest->len != 0 ? memchr(rest->ptr, '\n', rest->len) :
	    NULL;

	if (p == NULL)
		return (false);
	*ret = (struct str){ rest->ptr, (size_t)(p - rest->ptr) };
	*rest = after(*rest, ret->len + 1);
	++*no;
	return (true);
}

static int
parse_extra(struct arena *a, struct str s, size_t no, struct str *ret,
    struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;

	if (!str_unb64(s, &raw) || raw.len == 0)
		return (bad(e, no, "the extra data are not base64"));
	*ret = arena_str(a, buf_str(&raw));
	return (0);
}

static int
parse_hash(struct str s, size_t no, struct proof *p, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;

	if (p->n == PROOF_HASHES)
		return (bad(e, no, "it has too many hashes"));
	if (!str_unb64(s, &raw) || raw.len != TREE_HASH)
		return (bad(e, no, "a line is not a hash in base64"));
	memcpy(p->hash[p->n++].h, raw.ptr, TREE_HASH);
	return (0);
}

int
proof_parse(struct arena *a, struct str text, struct proof *ret,
    struct err *e)
{
	struct proof p = { .n = 0 };
	struct str line = STR_NULL, lines;
	struct checkpoint c;
	size_t no = 0;
	int r;

	if (text.len > PROOF_MAX)
		return (err_set(e, ERR_LIMIT, NULL, NULL,
		    "a proof of %zu bytes is too long", text.len));
	if (!next_line(&text, &no, &line) || !str_is(line, MAGIC))
		return (bad(e, 1, str_starts(line, "c2sp.org/tlog-proof@") ?
		    "it is of a version that is not known here" :
		    "it does not begin with \"" MAGIC "\""));
	if (!next_line(&text, &no, &line))
		return (bad(e, no + 1, "it ends too early"));
	if (str_starts(line, "extra ")) {
		if ((r = parse_extra(a, after(line, 6), no, &p.extra, e)) != 0)
			return (r);
		if (!next_line(&text, &no, &line))
			return (bad(e, no + 1, "it ends too early"));
	}
	if (!str_starts(line, "index ") ||
	    !plain_number(after(line, 6), &p.index))
		return (bad(e, no, "the line \"index NUMBER\" is missing"));
	for (;;) {
		if (!next_line(&text, &no, &line))
			return (bad(e, no + 1, "it has no checkpoint"));
		if (line.len == 0)
			break;
		if ((r = parse_hash(line, no, &p, e)) != 0)
			return (r);
	}
	p.note = text;
	if (note_split(p.note, &line, &lines, NULL) != 0 ||
	    checkpoint_parse(line, &c, NULL) != 0)
		return (bad(e, no + 1, "what follows is not a signed "
		    "checkpoint"));
	*ret = p;
	return (0);
}

bool
proof_holds(const struct proof *p, const struct tree_hash *leaf,
    const struct checkpoint *head)
{
	return (tree_included(p->index, head->size, leaf, &head->root, p->hash,
	    p->n));
}

/* --- checking ------------------------------------------------------------ */

/* What a note's errors say of a receipt: it does not hold. */
static int
not_held(int r, struct err *e)
{
	if (r != -ERR_DAMAGED && r != -ERR_DENIED && r != -ERR_INPUT &&
	    r != -ERR_LIMIT)
		return (r);
	if (e != NULL)
		e->code = ERR_NO;
	return (-ERR_NO);
}

int
proof_check(struct arena *a, struct str text, const struct policy *policy,
    const struct note_key *logs, size_t n, struct proof_receipt *ret,
    struct err *e)
{
	static const struct policy nothing = { .quorum = POLICY_NONE };
	struct proof_receipt *x = arena_new(a, struct proof_receipt);
	struct tree_hash leaf;
	struct err why;
	int r = proof_parse(a, text, &x->proof, e);

	if (r != 0)
		return (r);
	if (x->proof.extra.ptr == NULL)
		return (err_set(e, ERR_INPUT, "extra",
		    "ask for one with: tickmark ledger DIR receipt INDEX",
		    "the proof does not hold its entry, so there is nothing "
		    "to compare"));
	if (entry_decode(a, x->proof.extra, &x->entry, &why) != 0)
		return (err_set(e, why.code, "extra", why.fix,
		    "the proof's extra data are not an entry: %s (%s)",
		    why.what, why.where));
	r = policy_look(policy != NULL ? policy : &nothing, logs, n,
	    x->proof.note, &x->seen, e);
	if (r != 0)
		return (not_held(r, e));
	entry_leaf(x->proof.extra, leaf.h);
	if (!proof_holds(&x->proof, &leaf, &x->seen.head))
		return (err_set(e, ERR_NO, NULL, NULL,
		    "the entry is not number %" PRIu64 " of the %" PRIu64
		    " entries under this checkpoint", x->proof.index,
		    x->seen.head.size));
	*ret = *x;
	return (0);
}

/* --- the files of a ledger ----------------------------------------------- */

int
proof_keys(const char *files, struct note_key *ret, size_t cap,
    size_t *ret_n, struct err *e)
{
	return (ledger_vkeys(files, ret, cap, ret_n, e));
}

int
proof_keys_from(const char *what, struct note_key *ret, size_t cap, size_t *n,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest = str_trim(str_from(what)), line;
	bool file = file_exists(what);
	size_t had = *n, no = 0;
	int r = file ? file_read(what, KEYS_FILE_MAX, &b, e) : 0;

	if (r != 0)
		return (r);
	if (file)
		rest = buf_str(&b);
	while (rest.ptr != NULL && str_split(&rest, '\n', &line)) {
		no++;
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (*n == cap)
			return (err_set(e, ERR_LIMIT, what, "give fewer",
			    "more than %zu keys", cap));
		if ((r = note_key_parse(line, &ret[*n], e)) != 0)
			return (file ? err_at(e, "%s:%zu", what, no) :
			    err_at(e, "%.100s", what));
		(*n)++;
	}
	if (*n == had)
		return (err_set(e, ERR_INPUT, what,
		    "give a verifier key, or a file that holds some",
		    "there is no key in this file"));
	return (0);
}

int
proof_note(const char *files, const char *name, struct buf *ret_note,
    struct checkpoint *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(&a, "%s/%s", files, name);
	struct note_key *keys = arena_array(&a, LEDGER_VKEYS, sizeof(*keys));
	struct checkpoint c;
	struct err why;
	size_t n;
	int r = ledger_vkeys(files, keys, LEDGER_VKEYS, &n, e);

	if (r != 0 || (r = file_read(path, NOTE_MAX, &b, e)) != 0)
		return (r);
	r = checkpoint_open_by(buf_str(&b), keys, n, n, &c, NULL, &why);
	if (r != 0)
		return (err_set(e, ERR_DAMAGED, path,
		    "restore the file from a backup",
		    "a note of the ledger cannot be trusted: %s", why.what));
	struct buf old = *ret_note;
	*ret_note = b;
	b = old;
	*ret = c;
	return (0);
}

int
proof_policy(struct arena *a, const char *files, struct policy **ret,
    struct str *ret_text, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(a, "%s/policy", files);
	struct str text;
	int r;

	if (!file_exists(path)) {
		*ret = NULL;
		if (ret_text != NULL)
			*ret_text = STR_NULL;
		return (0);
	}
	if ((r = file_read(path, POLICY_MAX, &b, e)) != 0)
		return (r);
	text = arena_str(a, buf_str(&b));
	r = policy_parse(a, path, text, ret, e);
	if (r == 0 && ret_text != NULL)
		*ret_text = text;
	return (r);
}

/* --- making -------------------------------------------------------------- */

/* The bytes of an entry from its bundle, into ${a}. */
static int
entry_bytes(struct arena *a, const char *files, uint64_t index, uint64_t size,
    struct str *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint64_t n = index / TILE_WIDTH;
	struct str rest, entry = STR_NULL;
	int r = tile_read(files, TILE_ENTRIES, n,
	    tile_width(TILE_ENTRIES, n, size), &b, e);

	if (r != 0)
		return (r);
	rest = buf_str(&b);
	for (uint64_t i = 0; i <= index % TILE_WIDTH; i++)
		if (tile_bundle_next(&rest, &entry) != 1)
			return (err_set(e, ERR_DAMAGED, files,
			    "run doctor, which names the file",
			    "the bundle of entry %" PRIu64 " is cut off",
			    index));
	*ret = arena_str(a, entry);
	return (0);
}

/* The note to prove it under. */
static int
choose_note(const char *files, uint64_t index, struct buf *note,
    struct checkpoint *ret, struct err *e)
{
	int r = proof_note(files, "witnessed", note, ret, e);

	if (r == 0 && index < ret->size)
		return (0);
	if (r != 0 && r != -ERR_NOTFOUND)
		return (r);
	if ((r = proof_note(files, "checkpoint", note, ret, e)) != 0)
		return (r);
	if (index < ret->size)
		return (0);
	return (err_set(e, ERR_NOTFOUND, NULL,
	    "ask for an entry below that; what was just written comes under "
	    "a checkpoint within seconds",
	    "entry %" PRIu64 " is not under the checkpoint, which has %" PRIu64,
	    index, ret->size));
}

int
proof_make(const char *files, uint64_t index, struct buf *out, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED note = BUF_INIT;
	struct proof *p = arena_new(&a, struct proof);
	struct tile_reader tiles;
	struct tree_proof path;
	struct tree_hash leaf;
	struct checkpoint c;
	int r = choose_note(files, index, &note, &c, e);

	if (r != 0 ||
	    (r = entry_bytes(&a, files, index, c.size, &p->extra, e)) != 0)
		return (r);
	tile_reader_init(&tiles, files, c.size);
	r = tree_include(index, c.size, tile_node, &tiles, &path, e);
	tile_reader_free(&tiles);
	if (r != 0)
		return (r);
	if (path.n > PROOF_HASHES)
		BUG("a tree of %" PRIu64 " entries", c.size);
	p->index = index;
	p->n = path.n;
	memcpy(p->hash, path.at, path.n * sizeof(*path.at));
	p->note = buf_str(&note);
	/* Nothing is given out that would not be accepted. */
	entry_leaf(p->extra, leaf.h);
	if (!proof_holds(p, &leaf, &c))
		return (err_set(e, ERR_DAMAGED, files,
		    "run doctor, which names the file",
		    "the files of the ledger do not prove entry %" PRIu64,
		    index));
	proof_print(p, out);
	return (0);
}
