#include "ledger/succession.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/rotate.h"
#include "ledger/tile.h"
#include "sys/crypto.h"

#define LINE "tickmark/next-key "

void
succession_text(const struct checkpoint *before, const struct note_key *next,
    struct buf *out)
{
	checkpoint_print(before, out);
	buf_puts(out, LINE);
	note_key_print(next, out);
	buf_putc(out, '\n');
}

struct walk {
	const char *files;
	const struct checkpoint *c;
	struct note_key *keys;
	size_t cap, *n;
	struct succession *last;
	struct tile_reader tiles;
};

static const struct note_key *
known(const struct walk *w, const struct note_key *k)
{
	for (size_t i = 0; i < *w->n; i++)
		if (note_key_same(&w->keys[i], k))
			return (&w->keys[i]);
	return (NULL);
}

static int
wrong(uint64_t index, struct err *e, const char *what)
{
	char where[40];

	snprintf(where, sizeof(where), "entry %" PRIu64, index);
	return (err_set(e, ERR_DAMAGED, where, NULL, "%s", what));
}

/* A rotation at ${index}: does a known key hand over to another? */
static int
look_at(struct walk *w, uint64_t index, const struct entry *x, struct err *e)
{
	struct checkpoint before = { .size = index };
	BUF_SCOPED text = BUF_INIT, sig = BUF_INIT;
	struct note_key old, next;
	int r;

	if (note_key_parse(entry_note_get(x, "old"), &old, NULL) != 0 ||
	    note_key_parse(entry_note_get(x, "new"), &next, NULL) != 0)
		return (wrong(index, e, "the rotation does not name its keys"));
	if (known(w, &old) == NULL || known(w, &next) != NULL ||
	    *w->n == w->cap)
		return (0);
	struct str b64 = entry_note_get(x, SUCCESSION_NOTE);
	if (b64.ptr == NULL) {
		char where[40];
		snprintf(where, sizeof(where), "entry %" PRIu64, index);
		return (err_set(e, ERR_NOTFOUND, where, "ask for the new key",
		    "the rotation was written by a version of tickmark that did "
		    "not sign it with the old key"));
	}
	snprintf(before.origin, sizeof(before.origin), "%s", old.name);
	r = tree_root_at(index, tile_node, &w->tiles, &before.root, e);
	if (r != 0)
		return (r);
	succession_text(&before, &next, &text);
	if (!str_unb64(b64, &sig) || sig.len != CRYPTO_SIG ||
	    old.type != NOTE_ED25519 || next.type != NOTE_ED25519 ||
	    strcmp(old.name, next.name) != 0 ||
	    !crypto_ed25519_verify(old.public, text.ptr, text.len,
	        (const uint8_t *)sig.ptr))
		return (wrong(index, e, "the rotation of the signing key is not "
		    "signed by the key that it replaces"));
	w->keys[(*w->n)++] = next;
	*w->last = (struct succession){ index, x->time };
	return (0);
}

static int
one_entry(struct walk *w, uint64_t index, struct str bytes, struct err *e)
{
	static const char action[] = "\naction " ROTATE_ACTION "\ntype "
	    ROTATE_LEDGER "\n";
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;

	/* Most entries are something else, and need not be decoded. */
	if (memmem(bytes.ptr, bytes.len, action, sizeof(action) - 1) == NULL)
		return (0);
	int r = entry_decode(&a, bytes, &x, e);
	if (r != 0 || !str_is(x.action, ROTATE_ACTION) ||
	    !str_is(x.type, ROTATE_LEDGER))
		return (r);
	return (look_at(w, index, &x, e));
}

static int
walk(struct walk *w, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	for (uint64_t n = 0; n * TILE_WIDTH < w->c->size; n++) {
		struct str rest, bytes;
		uint64_t index = n * TILE_WIDTH;
		int r = tile_read(w->files, TILE_ENTRIES, n, tile_width(
		    TILE_ENTRIES, n, w->c->size), &b, e);
		if (r != 0)
			return (r);
		rest = buf_str(&b);
		while (tile_bundle_next(&rest, &bytes) == 1)
			if ((r = one_entry(w, index++, bytes, e)) != 0)
				return (r);
	}
	return (0);
}

int
succession_follow(const char *files, const struct checkpoint *c,
    struct note_key *keys, size_t cap, size_t *n, struct succession *last,
    struct err *e)
{
	struct walk w = { .files = files, .c = c, .keys = keys, .cap = cap,
		.n = n, .last = last };

	*last = (struct succession){ 0 };
	tile_reader_init(&w.tiles, files, c->size);
	int r = walk(&w, e);
	tile_reader_free(&w.tiles);
	return (r);
}
