/*
 * The notes beside the checkpoint: what witnesses saw, what was time-stamped,
 * the policy in force. Each must be of this tree.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "ledger/check_private.h"
#include "ledger/checkpoint.h"
#include "ledger/policy.h"
#include "ledger/proof.h"
#include "sys/file.h"
#include "sys/tsa.h"

/* "1234.note", "1234-2.tsr": 1234. */
static bool
number_before(struct str name, uint64_t *ret)
{
	size_t n = 0;

	while (n < name.len && name.ptr[n] >= '0' && name.ptr[n] <= '9')
		n++;
	if (n == 0 || (n > 1 && name.ptr[0] == '0'))
		return (false);
	return (str_to_u64((struct str){ name.ptr, n }, ret));
}

/* A note of ours, as it stands in ${c}'s tree. */
static int
check_note(struct check *c, struct arena *a, const char *name, bool *ret_good,
    struct checkpoint *ret, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	const char *path = arena_printf(a, "%s/%s", c->files, name);
	struct tile_reader tiles;
	struct tree_hash root;
	struct err x;
	int r = proof_note(c->files, name, &note, ret, &x);

	*ret_good = false;
	if (r != 0)
		return (check_found(c, r, &x, e));
	c->n.notes++;
	if (ret->size > c->size) {
		check_tell(c, path, "put back the newest copy of the whole "
		    "workspace", "the note speaks of %" PRIu64 " entries, and "
		    "the checkpoint has %" PRIu64 ": an older copy was put back",
		    ret->size, c->size);
		return (0);
	}
	tile_reader_init(&tiles, c->files, c->size);
	r = tree_root_at(ret->size, tile_node, &tiles, &root, &x);
	tile_reader_free(&tiles);
	if (r != 0)
		/* The tile was named before. */
		return (c->tile_bad ? 0 : check_found(c, r, &x, e));
	if (memcmp(&root, &ret->root, sizeof(root)) != 0) {
		check_tell(c, path, "find out what happened to the entries "
		    "before it", "the first %" PRIu64 " entries are not those "
		    "that the note signs: history was rewritten", ret->size);
		return (0);
	}
	*ret_good = true;
	return (0);
}

/* A stamp is for the text of its note; who gave it needs certificates that
 * only the reader can trust. */
static int
check_stamp(struct check *c, const char *path, const char *note_path,
    struct err *e)
{
	BUF_SCOPED note = BUF_INIT, der = BUF_INIT;
	uint8_t digest[TSA_DIGEST];
	struct tsa_stamp stamp;
	struct str text, lines;
	struct err x;
	int r;

	if (!file_exists(note_path)) {
		check_tell(c, path, FIX,
		    "the note that this time stamp is for is missing");
		return (0);
	}
	if ((r = file_read(note_path, NOTE_MAX, &note, &x)) != 0 ||
	    (r = file_read(path, TSA_MAX, &der, &x)) != 0)
		return (check_found(c, r, &x, e));
	if (note_split(buf_str(&note), &text, &lines, NULL) != 0)
		return (0); /* the note is told of by itself */
	crypto_sha256(text.ptr, text.len, digest);
	c->n.notes++;
	if (tsa_of(buf_str(&der), digest, &stamp, &x) != 0)
		check_tell(c, path, FIX, "%s", x.what);
	return (0);
}

static int
check_stamps(struct check *c, struct arena *a, struct err *e)
{
	const char *dir = arena_printf(a, "%s/timestamp", c->files);
	struct checkpoint cp;
	char **names;
	struct err x;
	uint64_t size;
	size_t n;
	bool good;
	int r;

	if (!file_exists(dir))
		return (0);
	if ((r = file_list(a, dir, &names, &n, &x)) != 0)
		return (check_found(c, r, &x, e));
	for (size_t i = 0; i < n; i++) {
		struct str name = str_from(names[i]);
		const char *path = arena_printf(a, "%s/%s", dir, names[i]);
		if (!number_before(name, &size))
			continue;
		if (str_ends(name, ".tsr") && (r = check_stamp(c, path,
		    arena_printf(a, "%s/%" PRIu64 ".note", dir, size),
		    e)) != 0)
			return (r);
		if (!str_ends(name, ".note"))
			continue;
		r = check_note(c, a, arena_printf(a, "timestamp/%s",
		    names[i]), &good, &cp, e);
		if (r != 0)
			return (r);
		if (good && cp.size != size)
			check_tell(c, path, FIX, "the note is of size %" PRIu64,
			    cp.size);
	}
	return (0);
}

static int
check_policy(struct check *c, struct arena *a, struct err *e)
{
	const char *path = arena_printf(a, "%s/policy", c->files);
	BUF_SCOPED hex = BUF_INIT;
	uint8_t h[CRYPTO_HASH];
	struct policy *p;
	struct str text;
	struct err x;
	int r = proof_policy(a, c->files, &p, &text, &x);

	if (r != 0)
		return (check_found(c, r, &x, e));
	if (p == NULL) {
		if (c->policy[0] != '\0')
			check_tell(c, path, "put it in force again: tickmark "
			    "ledger DIR policy FILE", "the policy that entry %"
			    PRIu64 " adopted is missing", c->policy_entry);
		return (0);
	}
	crypto_sha256(text.ptr, text.len, h);
	buf_puthex(&hex, h, sizeof(h));
	if (strcmp(hex.ptr, c->policy) == 0)
		return (0);
	if (c->policy[0] == '\0')
		check_tell(c, path, "remove it, or put it in force: tickmark "
		    "ledger DIR policy FILE",
		    "no entry adopts the policy that is there");
	else
		check_tell(c, path, "put it in force again: tickmark ledger "
		    "DIR policy FILE", "it is not the policy that entry %"
		    PRIu64 " adopted", c->policy_entry);
	return (0);
}

int
check_notes(struct check *c, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *witnessed = arena_printf(&a, "%s/witnessed", c->files);
	struct checkpoint cp;
	bool good;
	int r = 0;

	if (file_exists(witnessed))
		r = check_note(c, &a, "witnessed", &good, &cp, e);
	if (r == 0)
		r = check_stamps(c, &a, e);
	return (r != 0 ? r : check_policy(c, &a, e));
}
