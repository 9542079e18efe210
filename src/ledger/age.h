/*
 * Encrypted files in the age format, version 1 (age-encryption.org/v1), for
 * X25519 recipients: what is written here opens with the age tool and with any
 * other program that knows the format, and the other way round.
 *
 *     recipient   age1...              whom a file is for; public
 *     identity    AGE-SECRET-KEY-1...  what opens it; secret
 *
 * A file has a header that wraps the file's key for each recipient, and a
 * payload of chunks of 64 KiB that can be neither changed, reordered, left out
 * nor cut off. Every chunk is checked before a byte of it is handed on; that
 * the file is whole is known when age_read() has said the end.
 */
#ifndef LEDGER_AGE_H
#define LEDGER_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define AGE_CHUNK 65536      /* bytes of plaintext in a chunk */
#define AGE_HEADER_MAX 65536 /* bytes of a header */
#define AGE_STANZAS 128      /* stanzas of a header, known and unknown */
#define AGE_RECIPIENTS 32    /* that a file is written for */
#define AGE_IDENTITIES 64    /* that are tried on a file */

struct age_recipient {
	uint8_t public[CRYPTO_X25519];
};

struct age_identity {
	uint8_t secret[CRYPTO_X25519];
	uint8_t public[CRYPTO_X25519];
};

/* --- recipients and identities ------------------------------------------- */

/* age_recipient_parse(s, ret, e): "age1..."; ERR_INPUT. */
int age_recipient_parse(struct str s, struct age_recipient *ret,
    struct err *e);
/* age_recipient_print(r, out): append it. */
void age_recipient_print(const struct age_recipient *r, struct buf *out);

/* age_identity_parse(s, ret, e): "AGE-SECRET-KEY-1..."; the error never
 * repeats what was given. */
int age_identity_parse(struct str s, struct age_identity *ret, struct err *e);
/* age_identity_print(id, out): append it; the caller wipes ${out}. */
void age_identity_print(const struct age_identity *id, struct buf *out);
void age_identity_make(struct age_identity *ret);
void age_identity_recipient(const struct age_identity *id,
    struct age_recipient *ret);
void age_identity_wipe(struct age_identity *id);

/* Identities to open a file with; wiped at the end of their scope. */
struct age_identities {
	struct age_identity at[AGE_IDENTITIES];
	size_t n;
};
void age_identities_wipe(struct age_identities *ids);
#define AGE_IDENTITIES_SCOPED                                                  \
	__attribute__((cleanup(age_identities_wipe))) struct age_identities

/*
 * age_identities_read(path, ids, e): append the identities of a file as
 * age-keygen writes it: one a line, lines of "#" and empty lines left out.
 * ERR_DENIED if others may read the file, ERR_INPUT (file:line) if a line is
 * anything else.
 */
int age_identities_read(const char *path, struct age_identities *ids,
    struct err *e);

/*
 * age_identity_write(path, ret, e): make an identity and the file that holds
 * it, as age-keygen does, mode 0600. ERR_CONFLICT if something is there.
 */
int age_identity_write(const char *path, struct age_recipient *ret,
    struct err *e);

/* --- writing ------------------------------------------------------------- */

/* Takes all ${n} bytes, or fails. */
typedef int age_put_fn(void *ctx, const void *p, size_t n, struct err *e);

struct age_writer;

/*
 * age_write_open(to, n, put, ctx, ret, e): begin a file for ${n} recipients, 1
 * to AGE_RECIPIENTS; its header goes to ${put} at once. age_write adds
 * plaintext; age_write_end ends the file: without it what was written does not
 * open. age_write_close wipes and frees, also in the middle; NULL is allowed.
 */
int age_write_open(const struct age_recipient *to, size_t n, age_put_fn *put,
    void *ctx, struct age_writer **ret, struct err *e);
int age_write(struct age_writer *w, const void *p, size_t n, struct err *e);
int age_write_end(struct age_writer *w, struct err *e);
void age_write_close(struct age_writer *w);

/* age_sealed_size(header, n): bytes of a file with ${n} bytes of plaintext
 * behind a header of ${header} bytes; age_header_size(recipients): of ours. */
uint64_t age_sealed_size(uint64_t header, uint64_t n);
uint64_t age_header_size(size_t recipients);

/* --- reading ------------------------------------------------------------- */

/* Gives 1 to ${cap} bytes, or 0 at the end. */
typedef int age_get_fn(void *ctx, void *p, size_t cap, size_t *ret_n,
    struct err *e);

struct age_reader;

/*
 * age_read_open(ids, n, get, ctx, ret, e): read and check the header.
 * ERR_INPUT: not such a file, or not in the form that the format demands;
 * ERR_NEWER: of another version; ERR_DENIED: for none of the identities;
 * ERR_DAMAGED: its header was changed.
 */
int age_read_open(const struct age_identity *ids, size_t n, age_get_fn *get,
    void *ctx, struct age_reader **ret, struct err *e);

/*
 * age_read(r, ret_p, ret_n, e): the next chunk of plaintext, borrowed until the
 * next call; 0 bytes when the file has ended and was whole. ERR_DAMAGED if it
 * was changed or cut off: forget what was read.
 */
int age_read(struct age_reader *r, const uint8_t **ret_p, size_t *ret_n,
    struct err *e);
void age_read_close(struct age_reader *r); /* wipes; NULL is allowed */

/* --- files and memory ---------------------------------------------------- */

/* A place in an open file, as ctx of age_file_put and age_file_get. */
struct age_file {
	const struct file *f;
	uint64_t at;  /* advances */
	uint64_t end; /* reading: where it ends */
};
int age_file_put(void *ctx, const void *p, size_t n, struct err *e);
int age_file_get(void *ctx, void *p, size_t cap, size_t *ret_n, struct err *e);

/* The same with a struct buf to append to, and a struct str to take from. */
int age_buf_put(void *ctx, const void *p, size_t n, struct err *e);
int age_str_get(void *ctx, void *p, size_t cap, size_t *ret_n, struct err *e);

/* age_seal(to, n, plain, out, e), age_open(ids, n, sealed, out, e): of what
 * fits into memory; append. On failure ${out} is as it was, and wiped. */
int age_seal(const struct age_recipient *to, size_t n, struct str plain,
    struct buf *out, struct err *e);
int age_open(const struct age_identity *ids, size_t n, struct str sealed,
    struct buf *out, struct err *e);

#endif
