/* Recipients and identities: bech32 (BIP 173) and the files of age-keygen. */
#include "ledger/age.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "sys/file.h"

#define RECIPIENT "age"
#define SECRET "AGE-SECRET-KEY-"
#define FILE_MAX (256u << 10)

/* --- bech32 -------------------------------------------------------------- */

#define CHECK 6 /* characters of a checksum */

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t
step(uint32_t c, uint8_t v)
{
	static const uint32_t gen[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
		0x3d4233dd, 0x2a1462b3 };
	uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ v;
	for (int i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			c ^= gen[i];
	return (c);
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

/* The checksum's state after the part before the "1". */
static uint32_t
prefix_state(const char *hrp)
{
	uint32_t c = 1;

	for (const char *p = hrp; *p != '\0'; p++)
		c = step(c, (uint8_t)lower(*p) >> 5);
	c = step(c, 0);
	for (const char *p = hrp; *p != '\0'; p++)
		c = step(c, (uint8_t)lower(*p) & 31);
	return (c);
}

/* 32 bytes are 52 characters, of which the last holds one bit. */
#define DIGITS 52

static void
encode(const char *hrp, bool upper, const uint8_t key[32], struct buf *out)
{
	uint32_t c = prefix_state(hrp), acc = 0;
	int bits = 0, n = 0;
	char text[DIGITS + CHECK];

	for (int i = 0; i < DIGITS; i++) {
		if (bits < 5) {
			acc = acc << 8 | (n < 32 ? key[n] : 0);
			n++;
			bits += 8;
		}
		uint8_t v = acc >> (bits - 5) & 31;
		bits -= 5;
		c = step(c, v);
		text[i] = alphabet[v];
	}
	for (int i = 0; i < CHECK; i++)
		c = step(c, 0);
	c ^= 1;
	for (int i = 0; i < CHECK; i++)
		text[DIGITS + i] = alphabet[c >> 5 * (CHECK - 1 - i) & 31];
	if (upper)
		for (size_t i = 0; i < sizeof(text); i++)
			if (text[i] >= 'a' && text[i] <= 'z')
				text[i] = (char)(text[i] - 'a' + 'A');
	buf_puts(out, hrp);
	buf_putc(out, '1');
	buf_put(out, text, sizeof(text));
	crypto_wipe(text, sizeof(text));
	crypto_wipe(&acc, sizeof(acc));
}

/* Strict: this prefix, 32 bytes, one case, unused bits zero. NULL, or what is
 * wrong in words. */
static const char *
decode(const char *hrp, bool upper, struct str s, uint8_t key[32])
{
	uint32_t c = prefix_state(hrp), acc = 0;
	size_t at = strlen(hrp) + 1, n = 0;
	int bits = 0;

	if (!str_starts(s, hrp) || s.len < at || s.ptr[at - 1] != '1')
		return ("it does not begin as one");
	if (s.len != at + DIGITS + CHECK)
		return ("it has not the length of one");
	for (size_t i = at; i < s.len; i++) {
		char ch = s.ptr[i];
		const char *p;
		if (upper && ch >= 'a' && ch <= 'z')
			return ("it mixes upper and lower case");
		p = strchr(alphabet, upper ? lower(ch) : ch);
		if (ch == '\0' || p == NULL)
			return ("it holds a character that none of them has");
		uint8_t v = (uint8_t)(p - alphabet);
		c = step(c, v);
		if (i >= at + DIGITS)
			continue;
		acc = acc << 5 | v;
		bits += 5;
		if (bits >= 8) {
			key[n++] = (uint8_t)(acc >> (bits - 8));
			bits -= 8;
		}
	}
	if (c != 1)
		return ("its checksum does not hold: a character is wrong");
	if ((acc & ((1u << bits) - 1)) != 0)
		return ("bits that must be zero are not");
	crypto_wipe(&acc, sizeof(acc));
	return (NULL);
}

/* --- one key ------------------------------------------------------------- */

int
age_recipient_parse(struct str s, struct age_recipient *ret, struct err *e)
{
	uint8_t key[32];
	const char *bad;

	if (str_starts(s, SECRET))
		return (err_set(e, ERR_INPUT, NULL,
		    "give the public key of the file, age1..., and think of "
		    "replacing this one", "this is a secret key"));
	if (str_starts(s, "ssh-") || str_starts(s, "age1pq") ||
	    str_starts(s, "age1tag") || str_starts(s, "age1yubikey"))
		return (err_set(e, ERR_INPUT, NULL,
		    "make one with age-keygen",
		    "only X25519 recipients (age1...) are supported"));
	bad = decode(RECIPIENT, false, s, key);
	if (bad != NULL)
		return (err_set(e, ERR_INPUT, NULL,
		    "give the public key that age-keygen printed, age1...",
		    "\"" STR_FMT "\" is no recipient: %s", STR_ARG(s), bad));
	memcpy(ret->public, key, sizeof(key));
	return (0);
}

void
age_recipient_print(const struct age_recipient *r, struct buf *out)
{
	encode(RECIPIENT, false, r->public, out);
}

int
age_identity_parse(struct str s, struct age_identity *ret, struct err *e)
{
	uint8_t key[32];
	const char *bad = decode(SECRET, true, s, key);

	if (bad != NULL) {
		crypto_wipe(key, sizeof(key));
		return (err_set(e, ERR_INPUT, NULL,
		    "give a file as age-keygen writes it: " SECRET "1...",
		    "no identity: %s", bad));
	}
	memcpy(ret->secret, key, sizeof(key));
	crypto_x25519_public(ret->secret, ret->public);
	crypto_wipe(key, sizeof(key));
	return (0);
}

void
age_identity_print(const struct age_identity *id, struct buf *out)
{
	encode(SECRET, true, id->secret, out);
}

void
age_identity_make(struct age_identity *ret)
{
	rng_bytes(ret->secret, sizeof(ret->secret));
	crypto_x25519_public(ret->secret, ret->public);
}

void
age_identity_recipient(const struct age_identity *id,
    struct age_recipient *ret)
{
	memcpy(ret->public, id->public, sizeof(ret->public));
}

void
age_identity_wipe(struct age_identity *id)
{
	crypto_wipe(id, sizeof(*id));
}

void
age_identities_wipe(struct age_identities *ids)
{
	crypto_wipe(ids, sizeof(*ids));
}

/* --- files --------------------------------------------------------------- */

static int
parse_lines(struct str rest, const char *path, struct age_identities *ids,
    struct err *e)
{
	struct str line;
	size_t n = ids->n;

	for (size_t no = 1; str_split(&rest, '\n', &line); no++) {
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (n == AGE_IDENTITIES)
			return (err_set(e, ERR_LIMIT, path,
			    "leave out those that are not needed",
			    "more than %d identities", AGE_IDENTITIES));
		if (age_identity_parse(line, &ids->at[n], e) != 0)
			return (err_at(e, "%s:%zu", path, no));
		n++;
	}
	if (n == ids->n)
		return (err_set(e, ERR_INPUT, path,
		    "give a file as age-keygen writes it",
		    "there is no identity in this file"));
	ids->n = n;
	return (0);
}

int
age_identities_read(const char *path, struct age_identities *ids,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct stat st;
	int r;

	if (stat(path, &st) != 0)
		return (file_error(e, errno, "looking at the identity", path));
	if ((st.st_mode & 077) != 0)
		return (err_set(e, ERR_DENIED, path,
		    "chmod 0600 it, and think of replacing the identity",
		    "others may read this identity (mode %04o)",
		    (unsigned)st.st_mode & 07777));
	/* All at once: a buffer that grows leaves copies behind. */
	buf_reserve(&b, FILE_MAX + 1);
	r = file_read(path, FILE_MAX, &b, e);
	if (r == 0)
		r = parse_lines(buf_str(&b), path, ids, e);
	crypto_wipe(b.ptr, b.cap);
	return (r);
}

int
age_identity_write(const char *path, struct age_recipient *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct age_identity id;
	time_t now = (time_t)(clock_now() / CLOCK_SECOND);
	struct tm tm;
	char date[32] = "";
	int r;

	if (file_exists(path))
		return (err_set(e, ERR_CONFLICT, path,
		    "choose another name", "there is something already"));
	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	age_identity_make(&id);
	age_identity_recipient(&id, ret);
	buf_reserve(&b, 512);
	buf_printf(&b, "# created: %s\n# public key: ", date);
	age_recipient_print(ret, &b);
	buf_putc(&b, '\n');
	age_identity_print(&id, &b);
	buf_putc(&b, '\n');
	age_identity_wipe(&id);
	r = file_write(path, 0600, b.ptr, b.len, e);
	crypto_wipe(b.ptr, b.cap);
	return (r);
}
