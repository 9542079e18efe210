#include "ledger/checkpoint.h"

#include <inttypes.h>

void
checkpoint_print(const struct checkpoint *c, struct buf *out)
{
	buf_printf(out, "%s\n%" PRIu64 "\n", c->origin, c->size);
	buf_putb64(out, c->root.h, TREE_HASH);
	buf_putc(out, '\n');
}

static int
bad(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, NULL, "not a checkpoint: %s",
	    what));
}

int
checkpoint_parse(struct str text, struct checkpoint *ret, struct err *e)
{
	BUF_SCOPED root = BUF_INIT;
	struct checkpoint c = { .size = 0 };
	struct str line;

	if (!note_text_ok(text))
		return (bad(e, "it is not text that ends in a line feed"));
	text.len--; /* so that no empty line follows the last */
	if (!str_split(&text, '\n', &line) || line.len == 0 ||
	    line.len > NOTE_NAME)
		return (bad(e, "the origin is missing or too long"));
	memcpy(c.origin, line.ptr, line.len);
	if (!str_split(&text, '\n', &line) || line.len == 0 ||
	    line.ptr[0] < '0' || line.ptr[0] > '9' ||
	    (line.len > 1 && line.ptr[0] == '0') ||
	    !str_to_u64(line, &c.size))
		return (bad(e, "the size is not a plain number"));
	if (!str_split(&text, '\n', &line) || !str_unb64(line, &root) ||
	    root.len != TREE_HASH)
		return (bad(e, "the root is not 32 bytes of base64"));
	memcpy(c.root.h, root.ptr, TREE_HASH);
	while (str_split(&text, '\n', &line))
		if (line.len == 0)
			return (bad(e, "it has an empty line"));
	*ret = c;
	return (0);
}

int
checkpoint_open_by(struct str note, const struct note_key *keys, size_t nlogs,
    size_t n, struct checkpoint *ret, struct note_signers *ret_signers,
    struct err *e)
{
	const struct note_key *other = NULL;
	struct note_signers s;
	struct checkpoint c;
	struct str text;
	int r = note_open_signers(note, keys, n, &text, &s, e);

	if (r != 0 || (r = checkpoint_parse(text, &c, e)) != 0)
		return (r);
	for (size_t i = 0; i < s.n; i++) {
		if (s.at[i].key >= nlogs)
			continue;
		if (strcmp(c.origin, keys[s.at[i].key].name) == 0) {
			*ret = c;
			if (ret_signers != NULL)
				*ret_signers = s;
			return (0);
		}
		other = &keys[s.at[i].key];
	}
	if (other == NULL)
		return (err_set(e, ERR_DENIED, NULL,
		    "check with the right verifier key",
		    "no signature by a known key of the ledger %s", c.origin));
	return (err_set(e, ERR_INPUT, NULL, NULL,
	    "the checkpoint is of the ledger %s, not of %s", c.origin,
	    other->name));
}

int
checkpoint_open(struct str note, const struct note_key *key,
    struct checkpoint *ret, struct err *e)
{
	return (checkpoint_open_by(note, key, 1, 1, ret, NULL, e));
}
