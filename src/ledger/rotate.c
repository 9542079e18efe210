#include "ledger/rotate.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/vec.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "ledger/ring.h"
#include "ledger/subject.h"
#include "ledger/succession.h"
#include "sys/db.h"
#include "sys/file.h"

/* --- together --------------------------------------------------------------- */

static int
say(struct ledger *l, struct str actor, const char *type, struct str id,
    const struct entry_note *notes, size_t n, struct err *e)
{
	struct entry x = { .actor = actor, .action = STR(ROTATE_ACTION),
		.type = str_from(type), .id = id, .notes = notes, .nnotes = n };
	int r = ledger_begin(l, e);

	if (r != 0)
		return (r);
	if ((r = ledger_append(l, &x, NULL, NULL, e)) != 0) {
		ledger_rollback(l);
		return (r);
	}
	return (ledger_commit(l, e));
}

/* The ring is there: what it replaced goes. */
static int
drop_old_file(struct keys *k, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *old = ring_path(&a, k, "ledger.key");

	if (!k->ring || !file_exists(old))
		return (0);
	int r = file_remove(old, e);
	return (r != 0 ? r : file_sync_dir(k->dir, e));
}

static int
save(struct keys *k, struct err *e)
{
	int r = ring_write(k, k->master, e);

	if (r != 0)
		return (r);
	k->ring = true;
	return (drop_old_file(k, e));
}

static void
hex_of(struct buf *b, const uint8_t *p, size_t n)
{
	buf_reset(b);
	buf_puthex(b, p, n);
}

/* --- the master key --------------------------------------------------------- */

/* A name that says nothing of the key. */
static void
master_id(const uint8_t master[CRYPTO_KEY], struct buf *out)
{
	uint8_t id[16];

	crypto_blake2b(id, sizeof(id), "tickmark-key-id/v1", 18, master,
	    CRYPTO_KEY);
	hex_of(out, id, 8);
}

/* The master key that opens the ring becomes master.key. */
static int
put_in_place(struct keys *k, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	int r = file_write(ring_path(&a, k, "master.key"), 0400, k->master,
	    CRYPTO_KEY, e);

	if (r == 0)
		r = file_remove(ring_path(&a, k, RING_NEXT), e);
	if (r == 0)
		r = file_sync_dir(k->dir, e);
	if (r == 0)
		k->by_next = false;
	return (r);
}

/* Keys of subjects move from the older wrapping key to the newest. */
static int
finish_wrapping(struct keys *k, struct err *e)
{
	int r = k->nwraps < 2 ? 0 : subject_rewrap(k, e);

	if (r != 0 || k->nwraps < 2)
		return (r);
	crypto_wipe(k->wraps[1], CRYPTO_KEY);
	k->nwraps = 1;
	return (save(k, e));
}

int
rotate_master(struct ledger *l, struct str actor, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED id = BUF_INIT;
	struct keys *k = l->keys;
	uint8_t fresh[CRYPTO_KEY];
	int r;

	if (!file_exists(ring_path(&a, k, "master.key")))
		return (err_set(e, ERR_ENV, k->dir, "decrypt the credential into "
		    "master.key there (mode 0400), rotate, encrypt the new "
		    "master.key with systemd-creds, and remove it",
		    "the master key comes from systemd, and only who "
		    "encrypted it can replace it"));
	rng_bytes(fresh, sizeof(fresh));
	r = file_write(ring_path(&a, k, RING_NEXT), 0400, fresh, sizeof(fresh), e);
	if (r != 0)
		return (r);
	memcpy(k->wraps[1], k->wraps[0], CRYPTO_KEY);
	rng_bytes(k->wraps[0], CRYPTO_KEY);
	k->nwraps = 2;
	/* With this file the new key is in force: it opens all of it. */
	r = ring_write(k, fresh, e);
	if (r != 0) {
		/* The old ring is there, or the new one: the next writer sees. */
		memcpy(k->wraps[0], k->wraps[1], CRYPTO_KEY);
		k->nwraps = 1;
		crypto_wipe(fresh, sizeof(fresh));
		return (r);
	}
	memcpy(k->master, fresh, CRYPTO_KEY);
	crypto_wipe(fresh, sizeof(fresh));
	k->ring = k->by_next = true;
	r = put_in_place(k, e);
	if (r == 0)
		r = drop_old_file(k, e);
	if (r == 0)
		r = finish_wrapping(k, e);
	master_id(k->master, &id);
	if (r == 0)
		r = say(l, actor, ROTATE_MASTER, buf_str(&id), NULL, 0, e);
	return (r != 0 ? r : ledger_sequence(l, e));
}

/* --- the key for bodies ----------------------------------------------------- */

int
rotate_body(struct ledger *l, struct str actor, struct err *e)
{
	BUF_SCOPED id = BUF_INIT;
	struct keys *k = l->keys;
	int r;

	if (k->nbodies == KEYS_BODIES)
		return (err_set(e, ERR_LIMIT, k->dir, NULL,
		    "there are %d keys for bodies, and no room for another",
		    KEYS_BODIES));
	memmove(&k->bodies[1], &k->bodies[0], k->nbodies *
	    sizeof(k->bodies[0]));
	rng_bytes(k->bodies[0].key, CRYPTO_KEY);
	k->bodies[0].since = clock_now();
	k->nbodies++;
	if ((r = save(k, e)) != 0) {
		/* Nothing is sealed with it, whichever file is there. */
		k->nbodies--;
		memmove(&k->bodies[0], &k->bodies[1], k->nbodies *
		    sizeof(k->bodies[0]));
		return (r);
	}
	keys_use_bodies(k);
	hex_of(&id, k->body.id, KEYS_ID);
	r = say(l, actor, ROTATE_BODY, buf_str(&id), NULL, 0, e);
	return (r != 0 ? r : ledger_sequence(l, e));
}

/* --- the signing key -------------------------------------------------------- */

static void
key_id(const struct note_key *n, struct buf *out)
{
	buf_reset(out);
	buf_printf(out, "%08" PRIx32, n->id);
}

/* vkey with the new key before all others. */
static int
write_vkey(struct ledger *l, const struct note_key *fresh, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;

	if (check_key_known(fresh, l->vkeys, l->nvkeys))
		return (0);
	if (l->nvkeys == LEDGER_VKEYS)
		return (err_set(e, ERR_LIMIT, l->files, NULL,
		    "the ledger has %d signing keys, and no room for another",
		    LEDGER_VKEYS));
	note_key_print(fresh, &b);
	buf_putc(&b, '\n');
	for (size_t i = 0; i < l->nvkeys; i++) {
		note_key_print(&l->vkeys[i], &b);
		buf_putc(&b, '\n');
	}
	int r = file_write(arena_printf(&a, "%s/vkey", l->files), 0644, b.ptr,
	    b.len, e);
	if (r != 0)
		return (r);
	memmove(&l->vkeys[1], &l->vkeys[0], l->nvkeys * sizeof(l->vkeys[0]));
	l->vkeys[0] = *fresh;
	l->nvkeys++;
	return (0);
}

/* The rotation is an entry: from the checkpoint on, all the rest follows. */
static int
finish_signing(struct ledger *l, struct err *e)
{
	struct keys *k = l->keys;
	int r;

	l->sign_next = true;
	if (l->tree.size == l->size)
		r = ledger_sign(l, &l->tree, e);
	else
		r = ledger_sequence(l, e);
	l->sign_next = false;
	if (r == 0)
		r = write_vkey(l, &k->next, e);
	if (r != 0)
		return (r);
	k->note = l->key = k->next;
	memcpy(k->seed, k->next_seed, CRYPTO_SEED);
	crypto_wipe(k->next_seed, CRYPTO_SEED);
	k->has_next = false;
	return (save(k, e));
}

/* The old key hands over: its signature of all before, and of the new one. */
static void
hand_over(struct ledger *l, struct buf *b64)
{
	struct checkpoint before = { .size = l->tree.size };
	BUF_SCOPED text = BUF_INIT;
	uint8_t sig[CRYPTO_SIG];

	snprintf(before.origin, sizeof(before.origin), "%s",
	    l->keys->note.name);
	tree_root(&l->tree, &before.root);
	succession_text(&before, &l->keys->next, &text);
	crypto_ed25519_sign(l->keys->seed, text.ptr, text.len, sig);
	buf_putb64(b64, sig, sizeof(sig));
}

int
rotate_signing(struct ledger *l, struct str actor, struct err *e)
{
	BUF_SCOPED id = BUF_INIT, was = BUF_INIT, is = BUF_INIT, sig = BUF_INIT;
	struct keys *k = l->keys;
	uint8_t pub[CRYPTO_PUBLIC];
	int r;

	if (l->nvkeys == LEDGER_VKEYS)
		return (err_set(e, ERR_LIMIT, l->files, NULL,
		    "the ledger has %d signing keys, and no room for another",
		    LEDGER_VKEYS));
	/* So that what is signed stands just before the entry. */
	if ((r = ledger_sequence(l, e)) != 0)
		return (r);
	rng_bytes(k->next_seed, CRYPTO_SEED);
	crypto_ed25519_public(k->next_seed, pub);
	note_key_make(k->note.name, pub, &k->next);
	k->has_next = true;
	note_key_print(&k->note, &was);
	note_key_print(&k->next, &is);
	key_id(&k->next, &id);
	hand_over(l, &sig);
	struct entry_note notes[3] = { { STR("new"), buf_str(&is) },
		{ STR("old"), buf_str(&was) },
		{ STR(SUCCESSION_NOTE), buf_str(&sig) } };
	if ((r = save(k, e)) != 0 ||
	    (r = say(l, actor, ROTATE_LEDGER, buf_str(&id), notes, 3, e)) != 0) {
		/* In this process it never was; the next one drops it. */
		k->has_next = false;
		crypto_wipe(k->next_seed, CRYPTO_SEED);
		return (r);
	}
	return (finish_signing(l, e));
}

/* --- what was interrupted --------------------------------------------------- */

/* 1: the last entry is the rotation to the key that waits. */
static int
was_said(struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED id = BUF_INIT;
	struct entry x;

	if (l->size == 0)
		return (0);
	int r = ledger_entry(l, &a, l->size - 1, &x, e);
	if (r != 0)
		return (r);
	key_id(&l->keys->next, &id);
	return (str_is(x.action, ROTATE_ACTION) &&
	    str_is(x.type, ROTATE_LEDGER) && str_eq(x.id, buf_str(&id)));
}

static int
settle_signing(struct ledger *l, struct err *e)
{
	struct keys *k = l->keys;
	int r = was_said(l, e);

	if (r < 0)
		return (r);
	if (r == 1)
		return (finish_signing(l, e));
	k->has_next = false;
	crypto_wipe(k->next_seed, CRYPTO_SEED);
	return (save(k, e));
}

int
rotate_settle(struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct keys *k = l->keys;
	int r = 0;

	if (k->by_next)
		r = put_in_place(k, e);
	else if (file_exists(ring_path(&a, k, RING_NEXT)))
		r = file_remove(ring_path(&a, k, RING_NEXT), e);
	if (r == 0)
		r = drop_old_file(k, e);
	if (r == 0)
		r = finish_wrapping(k, e);
	if (r == 0 && k->has_next)
		r = settle_signing(l, e);
	return (r);
}

/* --- for people ------------------------------------------------------------- */

struct listing {
	VEC(struct rotate_key) at;
	struct arena *a;
};

static void
list(struct listing *x, const char *kind, struct str id, int64_t since,
    bool current, const char *note)
{
	struct rotate_key k = { kind, arena_str(x->a, id), since, current,
		note };

	vec_push(&x->at, k);
}

static int
list_subjects(struct ledger *l, struct listing *x, struct err *e)
{
	uint64_t live, gone;
	int r = subject_count(l->keys, &live, &gone, e);

	if (r == 0)
		list(x, "subjects", STR("-"), 0, true, arena_printf(x->a,
		    "%" PRIu64 " keys, %" PRIu64 " destroyed", live, gone));
	return (r);
}

int
rotate_list(struct ledger *l, struct arena *a, struct rotate_key **ret,
    size_t *ret_n, struct err *e)
{
	ARENA_SCOPED own = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct listing x = { .a = a };
	struct keys *k = l->keys;
	struct keys_set set;

	master_id(k->master, &b);
	list(&x, "master", buf_str(&b), 0, true, file_exists(ring_path(&own, k,
	    "master.key")) ? "master.key" : "a credential of systemd");
	for (size_t i = 0; i < l->nvkeys; i++) {
		bool current = l->vkeys[i].id == k->note.id;
		buf_reset(&b);
		note_key_print(&l->vkeys[i], &b);
		list(&x, "signing", buf_str(&b), 0, current, current ?
		    "signs checkpoints" : "checks older signatures");
	}
	for (size_t i = 0; i < k->nbodies; i++) {
		keys_body_set(k->bodies[i].key, &set);
		hex_of(&b, set.id, KEYS_ID);
		list(&x, "body", buf_str(&b), k->bodies[i].since, i == 0,
		    i == 0 ? "seals new bodies" : "opens older bodies");
	}
	crypto_wipe(&set, sizeof(set));
	int r = list_subjects(l, &x, e);
	if (r == 0) {
		*ret = arena_array(a, x.at.n, sizeof(**ret));
		memcpy(*ret, x.at.at, x.at.n * sizeof(**ret));
		*ret_n = x.at.n;
	}
	vec_free(&x.at);
	return (r);
}
