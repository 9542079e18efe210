/*
 * Signed note (C2SP signed-note v1): text, a blank line, signature lines
 *     — NAME base64(key id, 4 bytes big-endian || signature)
 * Key id = the first 4 bytes of SHA-256(NAME || 0x0A || type || public key). A
 * verifier key is
 *     NAME+hex(key id)+base64(type || public key)
 * The type byte says what is signed, and how; the table of types in note.c
 * holds all that depends on it. Signatures by a type that is not there are
 * those of an unknown key, and ignored; its verifier key is refused by name.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/crypto.h"

#define NOTE_MAX (1u << 20) /* bytes of a note */
#define NOTE_SIGS 100       /* signature lines of a note */
#define NOTE_NAME 200       /* bytes of a key's name */

enum note_type {
	NOTE_ED25519 = 0x01,     /* the text: a ledger's own signature */
	NOTE_COSIGNATURE = 0x04, /* C2SP tlog-cosignature: a witness's, with the
				  * time at which it was given */
};

struct note_key {
	char name[NOTE_NAME + 1];
	uint32_t id;
	enum note_type type;
	uint8_t public[CRYPTO_PUBLIC];
};

/* note_name_ok(s): UTF-8 without spaces, control characters and "+". */
bool note_name_ok(struct str s);

/* note_key_make(name, public, ret): an Ed25519 key; BUG if the name is bad.
 * note_key_make_as: of another type. */
void note_key_make(const char *name, const uint8_t public[CRYPTO_PUBLIC],
    struct note_key *ret);
void note_key_make_as(enum note_type type, const char *name,
    const uint8_t public[CRYPTO_PUBLIC], struct note_key *ret);
/* note_key_parse(s, ret, e): a verifier key; ERR_INPUT says what is wrong, and
 * names a type that is not known here. */
int note_key_parse(struct str s, struct note_key *ret, struct err *e);
/* note_key_print(k, out): append the verifier key. */
void note_key_print(const struct note_key *k, struct buf *out);

/* note_key_same(a, b): name, id, type and key are the same. */
bool note_key_same(const struct note_key *a, const struct note_key *b);
/* note_type_name(type): "Ed25519 signature" ..., as people read it. */
const char *note_type_name(enum note_type type);

/*
 * note_text_ok(text): may be signed: UTF-8, no control character but LF, and
 * it ends in LF.
 */
bool note_text_ok(struct str text);

/*
 * note_put_signature(key, sig, out): append one signature line of an Ed25519
 * key. A signed note is the text, "\n", and such lines.
 */
void note_put_signature(const struct note_key *k,
    const uint8_t sig[CRYPTO_SIG], struct buf *out);

/*
 * Cosignatures: note_cosign_message() appends what a witness signs for ${text}
 * at ${time}, in seconds since 1970 UTC, >= 0; note_put_cosignature() its line.
 */
void note_cosign_message(struct str text, int64_t time, struct buf *out);
void note_put_cosignature(const struct note_key *k, int64_t time,
    const uint8_t sig[CRYPTO_SIG], struct buf *out);

/* Signatures that hold, in the order of their lines. */
struct note_signer {
	size_t key;      /* index into the keys that were given */
	int64_t time;    /* of a cosignature, seconds UTC; otherwise -1 */
	struct str line; /* with its LF; points into the note */
};
struct note_signers {
	struct note_signer at[NOTE_SIGS];
	size_t n;
};

/*
 * note_open(note, keys, n, ret_text, e): check the form of a note and its
 * signatures by ${n} keys. Signatures of other keys are ignored; a wrong one of
 * a known key is ERR_DAMAGED, none by a known key ERR_DENIED, a bad form
 * ERR_INPUT or ERR_LIMIT. ${ret_text} points into ${note}.
 * note_open_signers: and who signed.
 */
int note_open(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct err *e);
int note_open_signers(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct note_signers *ret, struct err *e);

/*
 * note_split(note, ret_text, ret_lines, e): only the form; nothing is verified.
 * To learn whose keys are needed; ${ret_lines} are the signature lines.
 */
int note_split(struct str note, struct str *ret_text, struct str *ret_lines,
    struct err *e);

#endif
