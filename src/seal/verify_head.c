/* The signatures of the head and of the manifest, by the keys of the bundle. */
#include <inttypes.h>

#include "ledger/proof.h"
#include "seal/verify_private.h"

/* --- the manifest's seal ----------------------------------------------------- */

static int
check_seal(struct verify *v, const struct note_key *keys, size_t n,
    struct err *e)
{
	const struct zip_member *m = zip_find(&v->zip, MANIFEST_NOTE);
	BUF_SCOPED note = BUF_INIT, want = BUF_INIT;
	struct str text;
	struct err own;
	int r;

	if (m == NULL || v->manifest.len == 0) {
		verify_bad(v, "manifest", MANIFEST_NOTE " is missing: the "
		    "manifest is not signed");
		return (0);
	}
	r = zip_get(&v->zip, m, NOTE_MAX, &note, &own);
	if (r == -ERR_DAMAGED) /* told when its content is read */
		return (0);
	if (r == 0)
		r = note_open(buf_str(&note), keys, n, &text, &own);
	if (r != 0) {
		if (own.where[0] == '\0')
			err_at(&own, MANIFEST_NOTE);
		return (verify_found(v, "manifest", r, &own, e));
	}
	manifest_text(str_from(keys[0].name), buf_str(&v->manifest), &want);
	if (!str_eq(text, buf_str(&want)))
		verify_bad(v, "manifest", MANIFEST_NAME " was changed: the "
		    "signature in " MANIFEST_NOTE " is of another one");
	else
		verify_ok(v, "manifest", "it is signed by the ledger's key");
	return (0);
}

static void
compare_manifest(struct verify *v)
{
	const struct manifest *m = &v->m;

	if (!v->have_manifest)
		return;
	if (!str_is(m->origin, v->head.origin))
		verify_bad(v, "manifest", "the manifest is of the ledger " STR_FMT
		    ", the checkpoint of %s", STR_ARG(m->origin),
		    v->head.origin);
	else if (m->size != v->head.size ||
	    memcmp(m->root, v->head.root.h, TREE_HASH) != 0)
		verify_bad(v, "manifest", "the manifest speaks of %" PRIu64
		    " entries under another root than the checkpoint, which has %"
		    PRIu64, m->size, v->head.size);
}

int
verify_head(struct verify *v, struct err *e)
{
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	struct err own;
	size_t n;
	int r = proof_keys(v->files, keys, PROOF_KEYS, &n, &own);

	if (r == 0)
		r = proof_note(v->files, "checkpoint", &v->note, &v->head, &own);
	if (r != 0)
		return (verify_found(v, "signature", r, &own, e));
	v->have_head = true;
	BUF_SCOPED root = BUF_INIT;
	buf_putb64(&root, v->head.root.h, TREE_HASH);
	verify_ok(v, "signature", "the ledger %s signed %" PRIu64
	    " entries with root %s", v->head.origin, v->head.size, root.ptr);
	compare_manifest(v);
	return (check_seal(v, keys, n, e));
}
