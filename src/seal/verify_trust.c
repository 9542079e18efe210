/* What the reader knows from elsewhere: a key, a policy, a checkpoint. */
#include <inttypes.h>

#include "ledger/policy.h"
#include "ledger/proof.h"
#include "ledger/succession.h"
#include "ledger/tile.h"
#include "seal/verify_private.h"
#include "text/timefmt.h"

/* --- the key ---------------------------------------------------------------- */

/*
 * To the *n keys that the reader trusts come those that the ledger handed over
 * to. Only a tree that holds can say so. 1: at least one came; *ret_why is a
 * sentence if a rotation could not be followed.
 */
static int
follow(struct verify *v, struct note_key *keys, size_t *n,
    struct succession *last, const char **ret_why, struct err *e)
{
	size_t given = *n;
	struct err own;

	*ret_why = NULL;
	if (!v->tree_holds)
		return (0);
	int r = succession_follow(v->files, &v->head, keys, PROOF_KEYS, n, last,
	    &own);
	if (r == -ERR_NOTFOUND)
		*ret_why = arena_printf(&v->a, "%s: %s", own.where, own.what);
	else if (r != 0 && (r = verify_found(v, "trust", r, &own, e)) != 0)
		return (r);
	return (*n > given);
}

static int
check_vkey(struct verify *v, const struct note_key *logs, size_t nlogs,
    struct err *e)
{
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	struct checkpoint c;
	struct succession last;
	struct err own;
	const char *why;
	char t[TIME_SIZE];
	size_t n = 0;
	int r = proof_keys_from(v->spec->vkey, keys, PROOF_KEYS, &n, e);

	if (r != 0)
		return (r);
	size_t given = n;
	r = checkpoint_open_by(buf_str(&v->note), keys, n, n, &c, NULL, &own);
	if (r == 0) {
		v->trusted = true;
		verify_ok(v, "trust", "the head is signed by a key that you gave");
		return (0);
	}
	if ((r = follow(v, keys, &n, &last, &why, e)) < 0)
		return (r);
	if (r == 1 && checkpoint_open_by(buf_str(&v->note), keys, n, n, &c, NULL,
	    NULL) == 0) {
		v->trusted = true;
		verify_ok(v, "trust", "the head is signed by a key that replaced "
		    "the one that you gave, and that one signed its replacement: "
		    "entry %" PRIu64 " of %s. Keep the new key: whoever has the "
		    "old one by now could do the same", last.index,
		    time_print(last.time, t));
		return (0);
	}
	for (size_t i = 0; i < nlogs; i++)
		for (size_t k = 0; k < given; k++)
			if (note_key_same(&logs[i], &keys[k])) {
				verify_bad(v, "trust", "the head is signed by a "
				    "newer key than the one that you gave, and that "
				    "it replaced it is not shown%s%s. Ask for the "
				    "new one", why != NULL ? ": " : "",
				    why != NULL ? why : "");
				return (0);
			}
	verify_bad(v, "trust", "the head is not signed by the key that you gave "
	    "(%s): %s", keys[0].name, own.what);
	return (0);
}

/* --- the policy ------------------------------------------------------------- */

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
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	BUF_SCOPED note = BUF_INIT, words = BUF_INIT;
	struct succession last;
	struct err own;
	const char *why;
	size_t n = 0;
	int r = witnessed_note(v, &note, e);

	if (r != 0)
		return (r);
	/* The reader's policy names the ledgers itself, or those before them. */
	if (given) {
		for (; n < p->nlogs && n < PROOF_KEYS; n++)
			keys[n] = p->logs[n].key;
		if ((r = follow(v, keys, &n, &last, &why, e)) < 0)
			return (r);
		logs = keys;
		nlogs = n;
	}
	r = policy_look(p, logs, nlogs, buf_str(&note), seen, &own);
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

/* --- a checkpoint ----------------------------------------------------------- */

/*
 * A checkpoint that the reader kept. It is of the same ledger, or it says
 * nothing; its signature is one of the keys of the bundle or of --vkey: a note
 * that somebody else made is no memory.
 */
static void
compare_kept(struct verify *v)
{
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	BUF_SCOPED note = BUF_INIT;
	const char *path = v->spec->against;
	struct checkpoint c;
	struct err own;
	size_t n;

	if (path == NULL)
		return;
	int r = file_read(path, NOTE_MAX, &note, &own);
	if (r == 0)
		r = proof_keys(v->files, keys, PROOF_KEYS, &n, &own);
	if (r == 0)
		r = checkpoint_open_by(buf_str(&note), keys, n, n, &c, NULL,
		    &own);
	if (r != 0) {
		verify_bad(v, "trust", "the checkpoint that you kept (%s) is not "
		    "of this ledger: %s", path, own.what);
		return;
	}
	uint64_t before = v->problems;
	verify_same_tree(v, &c, "trust", path);
	if (v->problems == before)
		v->trusted = true;
}

int
verify_trust(struct verify *v, struct err *e)
{
	const struct verify_spec *s = v->spec;
	struct note_key *keys = arena_array(&v->a, PROOF_KEYS, sizeof(*keys));
	struct err own;
	size_t n;
	int r = proof_keys(v->files, keys, PROOF_KEYS, &n, &own);

	if (r != 0) /* told with the signature */
		return (verify_found(v, "signature", r, &own, e));
	if (s->vkey != NULL && (r = check_vkey(v, keys, n, e)) != 0)
		return (r);
	if ((r = check_policy(v, keys, n, e)) != 0)
		return (r);
	compare_kept(v);
	if (s->vkey == NULL && s->policy == NULL && s->against == NULL)
		verify_not(v, "trust", "whose ledger this is: the key stands in "
		    "the bundle itself, so the signatures only show that it "
		    "agrees with itself. Give --vkey, --policy or --against with "
		    "what you know from elsewhere");
	return (0);
}
