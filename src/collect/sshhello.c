#include "collect/sshhello.h"

#include <stdint.h>
#include <string.h>

#define LINES_MAX 50      /* before the greeting */
#define LINE_MAX_SSH 8192
#define PACKET_MAX 262144 /* OpenSSH's own limit */

const char *
sshhello_kind(enum sshhello_kind k)
{
	static const char *const names[] = { "kex", "hostkey", "cipher", "mac",
		"compression" };

	return (names[k]);
}

/*
 * kex: SHA-1 or 1024 bits (RFC 9142 says SHOULD NOT or worse). hostkey: DSA,
 * and RSA signatures with SHA-1. cipher: RC4 (RFC 8758), 64-bit blocks, CBC
 * (plaintext recovery, CVE-2008-5161). mac: MD5, and tags cut to 96 bits.
 */
bool
sshhello_weak(enum sshhello_kind k, struct str name)
{
	static const char *const kex[] = { "diffie-hellman-group1-sha1",
		"diffie-hellman-group-exchange-sha1", "rsa1024-sha1", NULL };
	static const char *const hostkey[] = { "ssh-dss", "ssh-rsa",
		"ssh-dss-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com",
		"ssh-dss-cert-v00@openssh.com", "ssh-rsa-cert-v00@openssh.com",
		NULL };
	const char *const *list = k == SSHHELLO_KEX ? kex : hostkey;

	if (str_is(name, "none"))
		return (k != SSHHELLO_COMPRESSION);
	switch (k) {
	case SSHHELLO_KEX:
	case SSHHELLO_HOSTKEY:
		if (str_starts(name, "gss-group1-sha1-") ||
		    str_starts(name, "gss-gex-sha1-"))
			return (true);
		for (; *list != NULL; list++)
			if (str_is(name, *list))
				return (true);
		return (false);
	case SSHHELLO_CIPHER:
		return (str_starts(name, "arcfour") ||
		    str_starts(name, "3des") || str_starts(name, "des") ||
		    str_starts(name, "blowfish") ||
		    str_starts(name, "cast128") || str_find(name, "cbc") >= 0);
	case SSHHELLO_MAC:
		return (str_find(name, "md5") >= 0 ||
		    str_find(name, "-96") >= 0);
	default:
		return (false);
	}
}

bool
sshhello_signal(struct str name)
{
	return (str_is(name, "ext-info-s") || str_is(name, "ext-info-c") ||
	    str_starts(name, "kex-strict-"));
}

/* --- reading -------------------------------------------------------------- */

static uint32_t
get32(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

/* Lines may stand before the greeting; it is the first with "SSH-". */
static enum sshhello_answer
read_banner(struct str *s, struct str *ret)
{
	for (int i = 0; i < LINES_MAX; i++) {
		const char *nl = s->len > 0 ? memchr(s->ptr, '\n', s->len) :
		    NULL;
		if (nl == NULL)
			return (s->len > LINE_MAX_SSH ? SSHHELLO_NONSENSE :
			    SSHHELLO_MORE);
		struct str line = { s->ptr, (size_t)(nl - s->ptr) };
		s->ptr += line.len + 1;
		s->len -= line.len + 1;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (str_starts(line, "SSH-")) {
			*ret = line;
			return (SSHHELLO_DONE);
		}
	}
	return (SSHHELLO_NONSENSE);
}

static bool
take_list(struct str *p, struct str *ret)
{
	if (p->len < 4)
		return (false);
	uint32_t n = get32(p->ptr);
	if (n > p->len - 4)
		return (false);
	*ret = (struct str){ p->ptr + 4, n };
	p->ptr += 4 + n;
	p->len -= 4 + n;
	return (true);
}

static bool
read_lists(struct str p, struct sshhello *h)
{
	static const enum sshhello_kind order[][2] = { { SSHHELLO_KEX, 0 },
		{ SSHHELLO_HOSTKEY, 0 }, { SSHHELLO_CIPHER, 0 },
		{ SSHHELLO_CIPHER, 1 }, { SSHHELLO_MAC, 0 },
		{ SSHHELLO_MAC, 1 }, { SSHHELLO_COMPRESSION, 0 },
		{ SSHHELLO_COMPRESSION, 1 } };

	for (size_t i = 0; i < 8; i++)
		if (!take_list(&p, &h->lists[order[i][0]][order[i][1]]))
			return (false);
	return (true);
}

enum sshhello_answer
sshhello_read(struct str s, struct sshhello *ret)
{
	struct sshhello h = { .banner = STR_NULL };
	enum sshhello_answer r = read_banner(&s, &h.banner);

	if (r != SSHHELLO_DONE)
		return (r);
	ret->banner = h.banner;
	/* A server that only knows SSH 1 says nothing that we understand. */
	if (!str_starts(h.banner, "SSH-2.0-") &&
	    !str_starts(h.banner, "SSH-1.99-")) {
		*ret = h;
		return (SSHHELLO_DONE);
	}
	if (s.len < 6)
		return (SSHHELLO_MORE);
	uint32_t n = get32(s.ptr);
	unsigned pad = (unsigned char)s.ptr[4];
	if (n > PACKET_MAX || n < 18 || pad + 1 > n - 17 || s.ptr[5] != 20)
		return (SSHHELLO_NONSENSE);
	if (s.len < 4 + (size_t)n)
		return (SSHHELLO_MORE);
	/* length, padding, type, cookie; the padding at its end. */
	struct str p = { s.ptr + 6 + 16, n - 2 - 16 - pad };
	if (!read_lists(p, &h))
		return (SSHHELLO_NONSENSE);
	*ret = h;
	return (SSHHELLO_DONE);
}
