/*
 * The first messages of TLS (RFC 5246, 8446, and 6101 for SSLv3) as bytes: a
 * ClientHello with exactly the version and ciphers that are to be tried, and
 * what the server says to it. Nothing secret is exchanged, so nothing here
 * depends on what a TLS library still supports.
 */
#ifndef COLLECT_TLSHELLO_H
#define COLLECT_TLSHELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define TLSHELLO_SSL3 0x0300
#define TLSHELLO_TLS10 0x0301
#define TLSHELLO_TLS11 0x0302
#define TLSHELLO_TLS12 0x0303
#define TLSHELLO_TLS13 0x0304

struct tlshello_cipher {
	uint16_t id;
	uint16_t bits;    /* strength as it is commonly counted; 0: none */
	const char *name; /* OpenSSL's */
	bool forward;     /* forward secrecy */
	bool aead;
};
extern const struct tlshello_cipher tlshello_ciphers[];
extern const size_t tlshello_nciphers;
const struct tlshello_cipher *tlshello_cipher(uint16_t id);
/* tlshello_usable(c, version): the cipher exists in that version. */
bool tlshello_usable(const struct tlshello_cipher *c, uint16_t version);

/* tlshello_write(out, version, ciphers, n, name): the record of a ClientHello
 * that offers that one version. ${name}: for SNI, NULL none. */
void tlshello_write(struct buf *out, uint16_t version,
    const uint16_t *ciphers, size_t n, const char *name);

enum tlshello_answer {
	TLSHELLO_MORE,    /* more bytes are needed */
	TLSHELLO_TAKEN,   /* a ServerHello: version and cipher are set */
	TLSHELLO_REFUSED, /* an alert */
	TLSHELLO_NONSENSE /* not TLS */
};
/* tlshello_read(bytes, version, cipher): all that the server sent so far. */
enum tlshello_answer tlshello_read(struct str bytes, uint16_t *ret_version,
    uint16_t *ret_cipher);

#endif
