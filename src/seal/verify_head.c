/* Whose ledger it is: signatures, and what the reader knows from elsewhere. */
#include <inttypes.h>

#include "ledger/policy.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "seal/verify_private.h"
#include "text/timefmt.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)

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

/* --- whom to trust -------------------------------------------------------------- */

static int
check_vkey(struct verify *v, const struct note_key *logs, size_t nlogs,
    struct err *e)
{
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	struct checkpoint c;
	struct err own;
	size_t n = 0;
	int r = proof_keys_from(v->spec->vkey, keys, PROOF_KEYS, &n, e);

	if (r != 0)
		return (r);
	r = checkpoint_open_by(buf_str(&v->note), keys, n, n, &c, NULL, &own);
	if (r == 0) {
		v->trusted = true;
		verify_ok(v, "trust", "the head is signed by a key that you gave");
		return (0);
	}
	for (size_t i = 0; i < nlogs; i++)
		for (size_t k = 0; k < n; k++)
			if (note_key_same(&logs[i], &keys[k])) {
				verify_bad(v, "trust", "the head is signed by a "
				    "newer key than the one that you gave: the "
				    "ledger says that it replaced it. Ask for the "
				    "new one");
				return (0);
			}
	verify_bad(v, "trust", "the head is not signed by the key that you gave "
	    "(%s): %s", keys[0].name, own.what);
	return (0);
}

static void
tell_cosigners(struct verify *v, const struct policy_seen *seen)
{
	char t[TIME_SIZE];

	for (size_t i = 0; i < seen->n; i++)
		verify_note(v, "witnesses", "%s saw %" PRIu64 " entries at %s",
		    seen->at[i].witness->name, seen->head.size,
		    time_print(seen->at[i].time * INT64_C(1000000), t));
}

/* The newest note that may have the quorum: "witnessed", else the head. */
static int
witnessed_note(struct verify *v, struct buf *note, struct err *e)
{
	const char *path = arena_printf(&v->a, "%s/witnessed", v->files);

	if (!file_exists(path)) {
		buf_reset(note);
		buf_putstr(note, buf_str(&v->note));
		return (0);
	}
	return (file_read(path, NOTE_MAX, note, e));
}

static int
look_at_policy(struct verify *v, const struct policy *p, bool given,
    const struct note_key *logs, size_t nlogs, struct err *e)
{
	struct policy_seen *seen = arena_new(&v->a, struct policy_seen);
	BUF_SCOPED note = BUF_INIT, words = BUF_INIT;
	struct err own;
	int r = witnessed_note(v, &note, e);

	if (r != 0)
		return (r);
	/* The reader's policy names the ledgers itself. */
	r = policy_look(p, given ? NULL : logs, given ? 0 : nlogs,
	    buf_str(&note), seen, &own);
	if (r != 0) {
		if (own.where[0] == '\0')
			err_at(&own, "ledger/witnessed or ledger/checkpoint");
		return (verify_found(v, "witnesses", r, &own, e));
	}
	policy_explain(p, seen, &words);
	tell_cosigners(v, seen);
	if (!seen->quorum && given)
		verify_bad(v, "witnesses", "the policy that you gave is not "
		    "satisfied: %s", words.ptr);
	else if (!seen->quorum)
		verify_note(v, "witnesses", "the policy in the bundle is not "
		    "satisfied: %s", words.ptr);
	else
		verify_ok(v, "witnesses", "the policy %s is satisfied: %s",
		    given ? "that you gave" : "in the bundle", words.ptr);
	if (given && seen->quorum)
		v->trusted = true;
	return (0);
}

static int
check_policy(struct verify *v, const struct note_key *logs, size_t nlogs,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct policy *p;
	struct err own;
	int r;

	if (v->spec->policy != NULL) {
		if ((r = file_read(v->spec->policy, POLICY_MAX, &b, e)) != 0 ||
		    (r = policy_parse(&v->a, v->spec->policy, arena_str(&v->a,
		    buf_str(&b)), &p, e)) != 0)
			return (r);
		return (look_at_policy(v, p, true, logs, nlogs, e));
	}
	r = proof_policy(&v->a, v->files, &p, NULL, &own);
	if (r != 0)
		return (verify_found(v, "witnesses", r, &own, e));
	if (p == NULL) {
		verify_not(v, "witnesses", "no policy of witnesses: nobody outside "
		    "vouches that this ledger shows everybody the same");
		return (0);
	}
	return (look_at_policy(v, p, false, logs, nlogs, e));
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
	if ((r = check_seal(v, keys, n, e)) != 0)
		return (r);
	if (v->spec->vkey != NULL && (r = check_vkey(v, keys, n, e)) != 0)
		return (r);
	return (check_policy(v, keys, n, e));
}
