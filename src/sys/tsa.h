/*
 * Time stamps (RFC 3161): an authority signs that it saw a SHA-256 digest at a
 * time. The request is made here and sent by somebody else; the answer is
 * checked against the digest, the nonce and a file of certificates, without a
 * network. What is kept is the whole answer in DER, which `openssl ts -verify`
 * checks as well.
 */
#ifndef SYS_TSA_H
#define SYS_TSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define TSA_DIGEST 32
#define TSA_NONCE 8
#define TSA_MAX 65536 /* bytes of an answer */
#define TSA_TYPE_QUERY "application/timestamp-query"
#define TSA_TYPE_REPLY "application/timestamp-reply"

/* tsa_request(digest, nonce, out, e): append the DER of a request that asks for
 * the authority's certificate too. */
int tsa_request(const uint8_t digest[TSA_DIGEST],
    const uint8_t nonce[TSA_NONCE], struct buf *out, struct err *e);

struct tsa_stamp {
	int64_t time;     /* microseconds UTC */
	char name[256];   /* of the authority: its certificate's subject */
	char serial[64];  /* of the stamp, hex */
	char policy[128]; /* dotted */
};

/*
 * tsa_check(der, digest, nonce, trust, ret, e): does the answer hold? ${nonce}
 * may be NULL: one that was kept. ${trust} is a file of certificates in PEM:
 * roots, and intermediates that the answer does not bring. They must have been
 * valid at the time that is stamped. ERR_INPUT: not an answer with a stamp (the
 * authority's own words if it refused); ERR_DAMAGED: a stamp for something
 * else, or a signature that does not hold; ERR_DENIED: signed by nobody that is
 * trusted; ERR_NOTFOUND: no such file.
 */
int tsa_check(struct str der, const uint8_t digest[TSA_DIGEST],
    const uint8_t *nonce, const char *trust, struct tsa_stamp *ret,
    struct err *e);

/* tsa_of(der, digest, ret, e): is it a stamp for this digest? Who signed it is
 * not looked at. ERR_INPUT, ERR_DAMAGED. */
int tsa_of(struct str der, const uint8_t digest[TSA_DIGEST],
    struct tsa_stamp *ret, struct err *e);

/* tsa_read(der, ret, e): what it says, checked by nobody; for fuzzing, and for
 * words about a stamp that cannot be checked. ERR_INPUT. */
int tsa_read(struct str der, struct tsa_stamp *ret, struct err *e);

#endif
