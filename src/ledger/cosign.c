#include "ledger/cosign.h"

#include <inttypes.h>

#include "ledger/policy.h"
#include "ledger/private.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "sys/file.h"

int
cosign_request(const char *files, uint64_t old, struct str note,
    struct buf *out, struct err *e)
{
	struct tree_proof proof = { .n = 0 };
	struct tile_reader tiles;
	struct checkpoint c;
	struct str text, lines;
	int r = note_split(note, &text, &lines, e);

	if (r != 0 || (r = checkpoint_parse(text, &c, e)) != 0)
		return (r);
	if (old > c.size)
		return (err_set(e, ERR_INPUT, NULL,
		    "an older copy of the ledger was put back, or this is not "
		    "the newest one",
		    "%" PRIu64 " entries were seen, and this ledger holds %"
		    PRIu64, old, c.size));
	if (old != 0) {
		tile_reader_init(&tiles, files, c.size);
		r = tree_extend(old, c.size, tile_node, &tiles, &proof, e);
		tile_reader_free(&tiles);
		if (r != 0)
			return (r);
	}
	buf_reset(out);
	buf_printf(out, "old %" PRIu64 "\n", old);
	for (size_t i = 0; i < proof.n; i++) {
		buf_putb64(out, proof.at[i].h, TREE_HASH);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	buf_putstr(out, note);
	return (0);
}

/* Whose line is it: name and id, without a look at the signature. */
static bool
line_of(struct str line, const struct note_key *k)
{
	BUF_SCOPED want = BUF_INIT, raw = BUF_INIT;
	uint8_t id[4] = { (uint8_t)(k->id >> 24), (uint8_t)(k->id >> 16),
		(uint8_t)(k->id >> 8), (uint8_t)k->id };

	buf_printf(&want, "\xe2\x80\x94 %s ", k->name);
	if (!str_starts(line, want.ptr))
		return (false);
	line.ptr += want.len;
	line.len -= want.len;
	return (str_unb64(line, &raw) && raw.len > 4 &&
	    memcmp(raw.ptr, id, 4) == 0);
}

/* Append the lines of ${from} that no key of ${skip} has written. */
static void
copy_lines(struct str from, const struct note_key *keys,
    const struct note_signers *skip, struct buf *out)
{
	struct str line;

	if (from.len != 0)
		from.len--;
	while (from.ptr != NULL && str_split(&from, '\n', &line)) {
		bool replaced = false;
		for (size_t i = 0; i < skip->n; i++)
			replaced |= line_of(line, &keys[skip->at[i].key]);
		if (replaced || line.len == 0)
			continue;
		buf_putstr(out, line);
		buf_putc(out, '\n');
	}
}

/* The last line of each key: a witness may answer with several. */
static void
newest_only(struct note_signers *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t j = 0;
		while (j < n && s->at[j].key != s->at[i].key)
			j++;
		if (j == n)
			s->at[n++] = s->at[i];
		else if (s->at[i].time > s->at[j].time)
			s->at[j] = s->at[i];
	}
	s->n = n;
}

int
cosign_merge(struct buf *note, struct str lines, const struct note_key *keys,
    size_t n, size_t *ret_added, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT, out = BUF_INIT;
	struct note_signers *by = arena_new(&a, struct note_signers);
	struct str text, old, got;
	int r = note_split(buf_str(note), &text, &old, e);

	if (r != 0)
		return (r);
	buf_putstr(&b, text);
	buf_putc(&b, '\n');
	buf_putstr(&b, lines);
	r = note_open_signers(buf_str(&b), keys, n, &got, by, e);
	if (r != 0)
		return (r);
	if (!str_eq(got, text))
		return (err_set(e, ERR_INPUT, NULL, NULL,
		    "the answer is not made of signature lines"));
	newest_only(by);
	buf_putstr(&out, text);
	buf_putc(&out, '\n');
	copy_lines(old, keys, by, &out);
	for (size_t i = 0; i < by->n; i++)
		buf_putstr(&out, by->at[i].line);
	struct buf t = *note;
	*note = out;
	out = t;
	if (ret_added != NULL)
		*ret_added = by->n;
	return (0);
}

/* --- keeping ------------------------------------------------------------- */

/* The keys of the policy's witnesses. */
static struct note_key *
witness_keys(struct arena *a, const struct policy *p, size_t *ret_n)
{
	struct note_key *k = arena_array(a, p->nnodes + 1, sizeof(*k));
	size_t n = 0;

	for (size_t i = 0; i < p->nnodes; i++)
		if (!p->nodes[i].group)
			k[n++] = p->nodes[i].key;
	*ret_n = n;
	return (k);
}

/* The note that is there, if it is one of the same text. */
static int
store_checkpoint(struct arena *a, struct ledger *l, const struct policy *p,
    struct str note, struct err *e)
{
	BUF_SCOPED now = BUF_INIT;
	struct str text, lines, new_text, new_lines;
	struct note_key *keys;
	struct checkpoint c;
	size_t n;
	int r = proof_note(l->files, "checkpoint", &now, &c, e);

	if (r != 0 || (r = note_split(buf_str(&now), &text, &lines, e)) != 0 ||
	    (r = note_split(note, &new_text, &new_lines, e)) != 0)
		return (r);
	if (!str_eq(text, new_text))
		return (0);
	keys = witness_keys(a, p, &n);
	r = cosign_merge(&now, new_lines, keys, n, NULL, e);
	if (r == -ERR_DENIED) /* nobody whom the policy names */
		return (0);
	if (r != 0)
		return (r);
	return (file_write(arena_printf(a, "%s/checkpoint", l->files), 0644,
	    now.ptr, now.len, e));
}

static int
store_witnessed(struct arena *a, struct ledger *l, const struct policy *p,
    struct str note, bool *ret, struct err *e)
{
	struct policy_seen *seen = arena_new(a, struct policy_seen);
	BUF_SCOPED now = BUF_INIT;
	struct checkpoint c;
	int r = policy_look(p, l->vkeys, l->nvkeys, note, seen, e);

	*ret = false;
	/* Without a quorum there is nothing that somebody else has seen. */
	if (r != 0 || !seen->quorum || p->quorum == POLICY_NONE)
		return (r);
	r = proof_note(l->files, "witnessed", &now, &c, e);
	if (r != 0 && r != -ERR_NOTFOUND)
		return (r);
	if (r == 0 && c.size > seen->head.size)
		return (0);
	r = file_write(arena_printf(a, "%s/witnessed", l->files), 0644,
	    note.ptr, note.len, e);
	*ret = r == 0;
	return (r);
}

int
cosign_store(struct ledger *l, struct str note, bool *ret_witnessed,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct policy *p;
	struct checkpoint c;
	struct err why;
	bool done = false;
	int r;

	if (!l->writable)
		BUG("keeping a cosignature in a ledger that is only read");
	r = checkpoint_open_by(note, l->vkeys, l->nvkeys, l->nvkeys, &c, NULL,
	    &why);
	if (r != 0)
		return (err_set(e, ERR_DAMAGED, NULL, NULL,
		    "this is not a checkpoint of ours: %s", why.what));
	if ((r = proof_policy(&a, l->files, &p, NULL, e)) != 0)
		return (r);
	if (p == NULL)
		return (err_set(e, ERR_NOTFOUND, l->files,
		    "put one in force: tickmark ledger DIR policy FILE",
		    "there is no policy that names witnesses"));
	if ((r = store_checkpoint(&a, l, p, note, e)) == 0)
		r = store_witnessed(&a, l, p, note, &done, e);
	if (r == 0 && ret_witnessed != NULL)
		*ret_witnessed = done;
	return (r);
}
