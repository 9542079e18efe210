/*
 * Reading a directory by LDAP, over libldap, which is opened by need. A search is
 * read page by page (RFC 2696), and whole or not at all. Certificates are
 * verified; over a network nothing is read, and no password sent, without TLS.
 * Settings of the machine (ldap.conf, LDAPRC) are not looked at, and referrals
 * not followed.
 */
#ifndef SYS_DIRECTORY_H
#define SYS_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define DIRECTORY_ATTRIBUTES 64
#define DIRECTORY_PAGE 500           /* entries in an answer */
#define DIRECTORY_MOST 200000        /* entries of a search */
#define DIRECTORY_VALUE ((size_t)16384) /* bytes of a value */

struct directory {
	const char *url;      /* ldap://HOST[:PORT] or ldaps://HOST[:PORT] */
	bool starttls;        /* TLS after the beginning; of ldap:// */
	const char *ca;       /* file of roots; NULL: the machine's */
	const char *bind_dn;  /* NULL: anonymous */
	struct str password;
	const char *base;
	const char *filter;
	const char *const *attributes;
	size_t nattributes;
	int64_t timeout_us;   /* of each answer */
};

/*
 * directory_search(d, fn, ctx, ret_n, e): each entry below the base that the filter
 * matches. values[i] is the first value of attribute i, or empty; they live during
 * the call. ERR_ENV: no libldap; ERR_INPUT: the URL, the base or the filter;
 * ERR_DENIED: the name or password is refused; ERR_LIMIT: too many or too long;
 * ERR_IO: all else that the server or the way to it is to blame for.
 */
typedef int directory_fn(void *ctx, const char *dn, const struct str *values,
    struct err *e);
int directory_search(const struct directory *d, directory_fn *fn, void *ctx,
    size_t *ret_n, struct err *e);

#endif
