/*
 * What the files of this folder know of each other. Nothing outside of ledger/
 * includes this.
 */
#ifndef LEDGER_PRIVATE_H
#define LEDGER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/keys.h"
#include "ledger/note.h"
#include "ledger/pack.h"
#include "ledger/tree.h"

struct db;
struct disclose_key;
struct subject_cache;

#define KEYS_BODIES 256
#define KEYS_WRAPS 2

struct keys {
	char *dir;
	uint8_t master[CRYPTO_KEY];
	uint8_t seed[CRYPTO_SEED];
	struct note_key note;
	struct keys_set body; /* of bodies[0]: what is new */
	/* What the ring holds (ring.h), or what follows from the master key. */
	bool ring;            /* there is one */
	bool by_next;         /* master.key.next opened it: a rotation began */
	bool has_next;        /* a signing key that is on its way */
	struct note_key next;
	uint8_t next_seed[CRYPTO_SEED];
	struct keys_body {
		uint8_t key[CRYPTO_KEY];
		int64_t since; /* 0: the ledger's beginning */
	} bodies[KEYS_BODIES]; /* newest first */
	size_t nbodies;
	uint8_t wraps[KEYS_WRAPS][CRYPTO_KEY]; /* of subjects; newest first */
	size_t nwraps;
	uint8_t root[CRYPTO_KEY]; /* what keys_derive() derives from */
	/* Of subject.c; opened when first needed. */
	uint8_t subject_tag[CRYPTO_KEY];
	struct db *subjects;
	bool subjects_writable;
	bool subjects_begun; /* subject_begin() */
	struct subject_cache *cache;
	size_t returned; /* subjects that got a new key after an erased one */
	/* Of disclose.c: keys of cells that were given away, sorted; then there
	 * is neither a master key nor subjects.db. */
	struct disclose_key *disclosed;
	size_t ndisclosed;
};

/* keys_expand(key, set): the four keys that follow from one; not the id. */
void keys_expand(const uint8_t key[CRYPTO_KEY], struct keys_set *set);

/* keys_body_set(key, set): the same of a key for bodies, with its id.
 * keys_use_bodies(k): k->body follows k->bodies[0]. */
void keys_body_set(const uint8_t key[CRYPTO_KEY], struct keys_set *set);
void keys_use_bodies(struct keys *k);
/* keys_find_body(k, id, ret): one of the keys for bodies; false: none. */
bool keys_find_body(const struct keys *k, const uint8_t id[KEYS_ID],
    struct keys_set *ret);
/* keys_private(path, e): ERR_DENIED if others may read the file. */
int keys_private(const char *path, struct err *e);

/* subject_rewrap(k, e): all wrapped keys under k->wraps[0], durably.
 * subject_count(k, ret_live, ret_gone, e): how many there are. */
int subject_rewrap(struct keys *k, struct err *e);
int subject_count(struct keys *k, uint64_t *ret_live, uint64_t *ret_gone,
    struct err *e);

/* keys_master(dir, make, out, e): what other keys of a directory are sealed and
 * derived from: its first master key, made if ${make} and there is none. */
int keys_master(const char *dir, bool make, uint8_t out[CRYPTO_KEY],
    struct err *e);

/*
 * The file of a signing key's seed: "tickmark-USE/v1", the verifier key, and
 * the seed sealed under the master key; see doc/ledger.md.
 */
#define KEYS_LEDGER "ledger-key"
#define KEYS_WITNESS "witness-key"
int keys_write_seed(const uint8_t master[CRYPTO_KEY], const char *use,
    const struct note_key *n, const uint8_t seed[CRYPTO_SEED],
    const char *path, struct err *e);
int keys_read_seed(const uint8_t master[CRYPTO_KEY], const char *use,
    const char *path, struct note_key *n, uint8_t seed[CRYPTO_SEED],
    struct err *e);

/*
 * The names of the rows of body_inline, as the one who writes remembers them: an
 * index of that table would be pages in random order, and more to write in a
 * commit than all else. Readers look through the table, which is short
 * (INLINED_MAX). inlined_load() reads it if what is remembered is not ${known};
 * inlined_back(s, n): rows after the first ${n} were undone.
 */
#define INLINED_MAX 4096
struct inlined_name {
	uint8_t c[32];
};
struct inlined {
	VEC(struct inlined_name) names;
	uint32_t *slot; /* number + 1 of a name, 0 empty; ${slots} of them */
	size_t slots;
	bool known;
};
int inlined_load(struct inlined *s, struct db *db, struct err *e);
void inlined_add(struct inlined *s, const uint8_t c[32]);
bool inlined_has(const struct inlined *s, const uint8_t c[32]);
void inlined_back(struct inlined *s, size_t n);
/* inlined_clear(s, known): no names; ${known}: because there are no rows. */
void inlined_clear(struct inlined *s, bool known);
void inlined_free(struct inlined *s);

struct ledger {
	char *dir;    /* of the workspace */
	char *files;  /* DIR/ledger */
	struct db *db;
	struct keys *keys; /* may be NULL */
	bool writable;
	bool in_tx;
	struct note_key key; /* that checkpoints are signed with */
	bool sign_next;      /* and with keys->next as well: see rotate.c */
	struct note_key *vkeys; /* that they are checked with; malloc */
	size_t nvkeys;
	struct pack pack;
	struct inlined inlined;
	size_t tx_inlined;   /* of its names when the transaction began */
	struct tree tree;    /* as far as it is under the checkpoint */
	/* Acknowledged so far, and so far in the open transaction. */
	uint64_t size, tx_size;
	int64_t time, tx_time;
	struct buf scratch, record;
	bool partial; /* bodies may have been left out */
};

/* ledger_tables(db, e): make the tables of records.db that are the ledger's. */
int ledger_tables(struct db *db, struct err *e);

/* ledger_checkpoint(files, keys, n, ret, e): read FILES/checkpoint, and check
 * it with the ${n} keys of ledger_vkeys(). */
struct checkpoint;
int ledger_checkpoint(const char *files, const struct note_key *keys, size_t n,
    struct checkpoint *ret, struct err *e);
/* ledger_sign(l, t, e): write the checkpoint of ${t}. */
int ledger_sign(struct ledger *l, const struct tree *t, struct err *e);
/* ledger_load_head(l, e): size and time of what is acknowledged. */
int ledger_load_head(struct ledger *l, struct err *e);
/*
 * ledger_vkeys(files, keys, cap, ret_n, e): the keys that it is checked with:
 * the lines of FILES/vkey, the newest first, all of one origin. ERR_DAMAGED
 * names the file and the line.
 */
#define LEDGER_VKEYS 64
int ledger_vkeys(const char *files, struct note_key *keys, size_t cap,
    size_t *ret_n, struct err *e);

/*
 * sequence_entries(l, t, e): entries from t->size up to l->size into bundles
 * and tiles; ${t} becomes the new tree. The checkpoint is the caller's.
 * sequence_tidy(l, before): remove the partial files that a full one
 * replaced since size ${before}.
 */
int sequence_entries(struct ledger *l, struct tree *t, struct err *e);
void sequence_tidy(struct ledger *l, uint64_t before);

/* check_key_known(k, of, n): is it one of these? */
bool check_key_known(const struct note_key *k, const struct note_key *of,
    size_t n);

/* body_index(db, c, no, off, len, e): a row of the table body. */
int body_index(struct db *db, const uint8_t c[32], int64_t no, uint64_t off,
    uint64_t len, struct err *e);

/*
 * body_unseal(k, record, commitment, where, out, e): open a stored record and
 * compare; the errors of body_get().
 */
int body_unseal(struct keys *k, struct str record, const uint8_t commitment[32],
    const char *where, struct buf *out, struct err *e);

/*
 * body_overwrite(l, commitment, e): the stored body becomes one that was
 * erased: its record stays, with the key id ERASED and zeros. 1: done now, 0:
 * it was so before, or is not stored.
 */
#define BODY_ERASED "erased\0\0\0\0\0\0\0\0\0" /* and its NUL: KEYS_ID */
int body_overwrite(struct ledger *l, const uint8_t commitment[32],
    struct err *e);

/* erase_tables(db, e): the table of erase.c, if it is not there.
 * erase_note(db, index, x, e): a row of it, if the entry erases something. */
struct entry;
int erase_tables(struct db *db, struct err *e);
int erase_note(struct db *db, uint64_t index, const struct entry *x,
    struct err *e);
/* The key id of a body that is not sealed. */
extern const uint8_t body_open_key[KEYS_ID];
/*
 * body_inner(l, commitment, inner, plain, ret_key, e): a stored body opened and
 * checked, as body_get(), with what its payload holds inside: salt, length and
 * zstd frame. ERR_ERASED: ${ret_key} is the key that is gone, or zeros.
 */
int body_inner(struct ledger *l, const uint8_t commitment[32],
    struct buf *inner, struct buf *plain, uint8_t ret_key[KEYS_ID],
    struct err *e);

/* disclose_find(k, id, ret, e): subject_find() of disclosed keys. */
int disclose_find(const struct keys *k, const uint8_t id[KEYS_ID],
    struct keys_set *ret, struct err *e);

/* subject_close(k): the part of keys_close() that is subject.c's. */
void subject_close(struct keys *k);

#endif
