/*
 * TLS as a client that looks and does not trust: OpenSSL with every protocol
 * and cipher that it still has switched on, to learn what a server presents.
 * What OpenSSL cannot speak any more is asked with bytes of our own, in
 * collect/tlshello.h.
 */
#ifndef SYS_TLS_H
#define SYS_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define TLS_CHAIN_MAX 16

struct tls_cert {
	struct str subject, issuer; /* RFC 2253 */
	struct str serial;          /* hex */
	int64_t not_before, not_after; /* microseconds UTC */
	struct str key_type;        /* RSA, EC, ED25519 ... */
	int64_t key_bits;
	struct str signature;       /* sha256WithRSAEncryption */
	struct str names;           /* DNS names and addresses, sorted, spaces */
	bool self_signed;
	struct str sha256;          /* hex, of the whole certificate */
};

struct tls_seen {
	struct str protocol; /* TLSv1.3 */
	struct str cipher;   /* OpenSSL's name */
	bool trusted;        /* leads to a root; dates are not looked at */
	struct str distrust; /* why not */
	bool name_matches;
	bool ocsp_stapled;
	struct tls_cert chain[TLS_CHAIN_MAX]; /* as sent, the leaf first */
	size_t nchain;
};

/*
 * tls_look(a, fd, timeout_us, name, ca, ret, e): shake hands on the connected
 * ${fd} (not closed). ${name}: the name to ask for and to check, or an address.
 * ${ca}: file of roots, NULL for the machine's. ERR_IO: no TLS came about.
 */
int tls_look(struct arena *a, int fd, int64_t timeout_us, const char *name,
    const char *ca, struct tls_seen *ret, struct err *e);

/* tls_is_address(name): a literal IP address. */
bool tls_is_address(const char *name);

/* tls_read_cert(a, der, ret, e): one certificate; for tests and fuzzing. */
int tls_read_cert(struct arena *a, struct str der, struct tls_cert *ret,
    struct err *e);

#endif
