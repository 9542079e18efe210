/* Entries, tiles, the signed root, and other heads of the same tree. */
#include <inttypes.h>

#include "ledger/audit.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "seal/verify_private.h"
#include "sys/crypto.h"
#include "sys/tsa.h"
#include "text/timefmt.h"

static void
told(void *ctx, const struct err *problem)
{
	verify_err(ctx, "tree", "", problem);
}

void
verify_same_tree(struct verify *v, const struct checkpoint *c,
    const char *topic, const char *name)
{
	struct tile_reader tiles;
	struct tree_hash root;
	struct err own;
	int r;

	if (c->size > v->head.size) {
		verify_bad(v, topic, "%s has %" PRIu64 " entries and the bundle "
		    "only %" PRIu64 ": an older state of the ledger was put in "
		    "its place", name, c->size, v->head.size);
		return;
	}
	tile_reader_init(&tiles, v->files, v->head.size);
	r = tree_root_at(c->size, tile_node, &tiles, &root, &own);
	tile_reader_free(&tiles);
	if (r != 0)
		verify_err(v, topic, "", &own);
	else if (memcmp(root.h, c->root.h, TREE_HASH) != 0)
		verify_bad(v, topic, "the first %" PRIu64 " entries are not those "
		    "that %s signs: the ledger was rewritten", c->size, name);
	else
		verify_ok(v, topic, "the first %" PRIu64 " entries are those that "
		    "%s signs", c->size, name);
}

static void
compare_witnessed(struct verify *v)
{
	BUF_SCOPED note = BUF_INIT;
	struct checkpoint c;
	struct err own;

	if (!file_exists(arena_printf(&v->a, "%s/witnessed", v->files)))
		return;
	if (proof_note(v->files, "witnessed", &note, &c, &own) != 0)
		verify_err(v, "tree", "", &own);
	else
		verify_same_tree(v, &c, "tree", "ledger/witnessed");
}

void
verify_tree(struct verify *v)
{
	struct audit_counts n;

	audit_tree(v->files, &v->head, told, v, &n);
	if (n.problems == 0)
		verify_ok(v, "tree", "%" PRIu64 " entries hashed again; %" PRIu64
		    " tiles and the signed root are theirs", n.entries,
		    n.tiles);
	v->tree_holds = n.problems == 0;
	compare_witnessed(v);
}

/* --- time stamps (RFC 3161) -------------------------------------------------- */

/*
 * One answer of an authority: of the text of a note of this ledger, which must
 * sign the beginning of the same tree.
 */
static void
check_stamp(struct verify *v, const char *file)
{
	BUF_SCOPED note = BUF_INIT, der = BUF_INIT;
	struct str stem = str_from(file), size, text, sigs;
	uint8_t digest[TSA_DIGEST];
	struct checkpoint c;
	struct tsa_stamp s;
	struct err x;
	char t[TIME_SIZE];

	stem.len -= 4;
	str_split(&stem, '-', &size);
	const char *name = arena_printf(&v->a, "timestamp/" STR_FMT ".note",
	    STR_ARG(size));
	const char *path = arena_printf(&v->a, "%s/timestamp/%s", v->files,
	    file);
	int r = proof_note(v->files, name, &note, &c, &x);
	if (r == 0)
		r = note_split(buf_str(&note), &text, &sigs, &x);
	if (r == 0)
		r = file_read(path, TSA_MAX, &der, &x);
	if (r == 0)
		r = tsa_read(buf_str(&der), &s, &x);
	if (r != 0) {
		verify_err(v, "time stamps", arena_printf(&v->a, "%s: ", file),
		    &x);
		return;
	}
	crypto_sha256(text.ptr, text.len, digest);
	/* Whether it is of this note is known before anybody is trusted. */
	r = tsa_check(buf_str(&der), digest, NULL, v->spec->tsa != NULL ?
	    v->spec->tsa : "/dev/null", &s, &x);
	if (r == -ERR_DAMAGED || (r != 0 && v->spec->tsa != NULL)) {
		verify_err(v, "time stamps", arena_printf(&v->a, "%s: ", file),
		    &x);
		return;
	}
	verify_same_tree(v, &c, "time stamps", arena_printf(&v->a, "ledger/%s",
	    name));
	if (r == 0)
		verify_ok(v, "time stamps", "%s stamped the first %" PRIu64
		    " entries at %s", s.name, c.size, time_print(s.time, t));
	else
		verify_not(v, "time stamps", "%s says that it stamped the first %"
		    PRIu64 " entries at %s; give --tsa FILE with its certificates "
		    "to know", s.name, c.size, time_print(s.time, t));
}

int
verify_stamps(struct verify *v, struct err *e)
{
	const char *dir = arena_printf(&v->a, "%s/timestamp", v->files);
	char **names;
	size_t n = 0, stamps = 0;
	int r = 0;

	if (v->spec->tsa != NULL && !file_exists(v->spec->tsa))
		return (err_set(e, ERR_NOTFOUND, v->spec->tsa,
		    "give a file of certificates in PEM",
		    "there is no such file"));
	if (file_exists(dir))
		r = file_list(&v->a, dir, &names, &n, e);
	for (size_t i = 0; i < n; i++) {
		if (!str_ends(str_from(names[i]), ".tsr"))
			continue;
		stamps++;
		check_stamp(v, names[i]);
	}
	if (r == 0 && stamps == 0)
		verify_not(v, "time stamps", "there are none");
	return (r);
}
