/*
 * Signed note (C2SP signed-note v1): text, a blank line, signature lines
 *     — NAME base64(key id, 4 bytes big-endian || signature)
 * Signatures here are Ed25519 over the text (type 0x01). Key id = the first 4
 * bytes of SHA-256(NAME || 0x0A || type || public key). A verifier key is
 *     NAME+hex(key id)+base64(type || public key)
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

enum note_type { NOTE_ED25519 = 0x01 };

struct note_key {
	char name[NOTE_NAME + 1];
	uint32_t id;
	enum note_type type;
	uint8_t public[CRYPTO_PUBLIC];
};

/* note_name_ok(s): UTF-8 without spaces, control characters and "+". */
bool note_name_ok(struct str s);

/* note_key_make(name, public, ret): an Ed25519 key; BUG if the name is bad. */
void note_key_make(const char *name, const uint8_t public[CRYPTO_PUBLIC],
    struct note_key *ret);
/* note_key_parse(s, ret, e): a verifier key; ERR_INPUT says what is wrong. */
int note_key_parse(struct str s, struct note_key *ret, struct err *e);
/* note_key_print(k, out): append the verifier key. */
void note_key_print(const struct note_key *k, struct buf *out);

/*
 * note_text_ok(text): may be signed: UTF-8, no control character but LF, and
 * it ends in LF.
 */
bool note_text_ok(struct str text);

/*
 * note_put_signature(key, sig, out): append one signature line. A signed note
 * is the text, "\n", and such lines.
 */
void note_put_signature(const struct note_key *k,
    const uint8_t sig[CRYPTO_SIG], struct buf *out);

/*
 * note_open(note, keys, n, ret_text, e): check the form of a note and its
 * signatures by ${n} keys. Signatures of other keys are ignored; a wrong one of
 * a known key is ERR_DAMAGED, none by a known key ERR_DENIED, a bad form
 * ERR_INPUT. ${ret_text} points into ${note}.
 */
int note_open(struct str note, const struct note_key *keys, size_t n,
    struct str *ret_text, struct err *e);

#endif
