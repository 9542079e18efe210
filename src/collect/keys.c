#include <string.h>

#include "collect/host.h"
#include "helper/helper.h"
#include "sys/crypto.h"

/* --- parser: sshd(8), AUTHORIZED_KEYS FILE FORMAT ------------------------- */

static bool
is_type(struct str s)
{
	return (str_starts(s, "ssh-") || str_starts(s, "ecdsa-sha2-") ||
	    str_starts(s, "sk-ssh-") || str_starts(s, "sk-ecdsa-"));
}

/* Up to the first space outside quotes. */
static struct str
word(struct str *rest)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < rest->len; i++) {
		char c = rest->ptr[i];
		if (c == '\\' && quoted && i + 1 < rest->len)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ' ' || c == '\t'))
			break;
	}
	struct str w = { rest->ptr, i < rest->len ? i : rest->len };
	*rest = str_trim((struct str){ rest->ptr + w.len,
	    rest->len - w.len });
	return (w);
}

/* A part of the key's bytes: u32 big-endian length, then as many bytes. */
static bool
part(struct str *b, struct str *ret)
{
	const unsigned char *p = (const unsigned char *)b->ptr;

	if (b->len < 4)
		return (false);
	size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 |
	    (size_t)p[2] << 8 | p[3];
	if (n > b->len - 4)
		return (false);
	*ret = (struct str){ b->ptr + 4, n };
	b->ptr += 4 + n;
	b->len -= 4 + n;
	return (true);
}

static int64_t
number_bits(struct str n)
{
	while (n.len > 0 && n.ptr[0] == '\0') {
		n.ptr++;
		n.len--;
	}
	if (n.len == 0)
		return (0);
	int64_t bits = (int64_t)n.len * 8;
	for (unsigned top = (unsigned char)n.ptr[0]; top < 0x80; top <<= 1)
		bits--;
	return (bits);
}

static int64_t
key_bits(struct str type, struct str blob)
{
	struct str skip, n;

	if (str_find(type, "ed25519") >= 0)
		return (256);
	if (str_find(type, "nistp256") >= 0)
		return (256);
	if (str_find(type, "nistp384") >= 0)
		return (384);
	if (str_find(type, "nistp521") >= 0)
		return (521);
	if (!part(&blob, &skip))
		return (0);
	if (str_is(type, "ssh-rsa") && part(&blob, &skip) && part(&blob, &n))
		return (number_bits(n)); /* after the exponent, the modulus */
	if (str_is(type, "ssh-dss") && part(&blob, &n))
		return (number_bits(n));
	return (0);
}

bool
keys_read(struct str line, struct keys_line *ret)
{
	struct keys_line k = { 0 };
	struct str rest = str_trim(line), b64, blob, inner;
	BUF_SCOPED raw = BUF_INIT;
	BUF_SCOPED print = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];

	if (rest.len == 0 || rest.ptr[0] == '#')
		return (false);
	k.type = word(&rest);
	if (!is_type(k.type)) {
		k.options = k.type;
		k.type = word(&rest);
	}
	b64 = word(&rest);
	if (!is_type(k.type) || !str_unb64(b64, &raw))
		return (false);
	blob = buf_str(&raw);
	inner = blob;
	struct str name;
	if (!part(&inner, &name) || !str_eq(name, k.type))
		return (false); /* the line says another type than the key */
	k.bits = key_bits(k.type, blob);
	crypto_sha256(blob.ptr, blob.len, hash);
	buf_putb64(&print, hash, sizeof(hash));
	while (print.len > 0 && print.ptr[print.len - 1] == '=')
		print.len--;
	memcpy(k.fingerprint, "SHA256:", 7);
	memcpy(k.fingerprint + 7, print.ptr, print.len);
	*ret = k;
	return (true);
}

/* --- the table ------------------------------------------------------------ */

static void
put_key(struct host *h, struct map *seen, struct str login, struct str file,
    const struct keys_line *k)
{
	struct cell c[F_AUTHORIZED_KEY_FILE + 1] = { 0 };
	struct str key = str_from(arena_printf(h->a, STR_FMT " %s " STR_FMT,
	    STR_ARG(login), k->fingerprint, STR_ARG(file)));

	if (map_put(seen, key, h) != NULL)
		return;
	c[F_AUTHORIZED_KEY_HOST] = CELL_STR(h->name);
	c[F_AUTHORIZED_KEY_LOGIN] = job_text(h->job, login);
	c[F_AUTHORIZED_KEY_FINGERPRINT] = CELL_STR(str_from(k->fingerprint));
	c[F_AUTHORIZED_KEY_TYPE] = job_text(h->job, k->type);
	c[F_AUTHORIZED_KEY_BITS] = k->bits > 0 ? CELL_INT(k->bits) :
	    CELL_BLIND;
	c[F_AUTHORIZED_KEY_OPTIONS] = job_text(h->job, k->options);
	c[F_AUTHORIZED_KEY_FILE] = job_text(h->job, file);
	job_row(h->job, c);
}

/* "login:path" and, before both, "!" for what could not be read. */
static int
put_file(struct host *h, struct map *seen, const struct helper_file *f)
{
	struct str rest = f->bytes, line, login = STR_NULL, path = f->path;
	struct keys_line k;

	if (f->path.len > 0 && f->path.ptr[0] == '!')
		return (-1);
	if (!str_split(&path, ':', &login))
		return (0);
	while (str_split(&rest, '\n', &line))
		if (keys_read(line, &k))
			put_key(h, seen, login, path, &k);
	return (0);
}

void
host_keys(struct host *h)
{
	struct helper_file f;
	struct map seen;
	struct str bundle;
	struct err e = { 0 };
	int rc;

	if (host_ask(h, "keys", &bundle, &e) != 0) {
		job_blind(h->job, T_AUTHORIZED_KEY, "%s", e.what);
		return;
	}
	map_init(&seen, h->a);
	job_table(h->job, T_AUTHORIZED_KEY);
	while ((rc = helper_bundle_next(&bundle, &f, &e)) == 1)
		if (put_file(h, &seen, &f) != 0) {
			job_blind(h->job, T_AUTHORIZED_KEY, STR_FMT " could "
			    "not be read", STR_ARG(f.path));
			return;
		}
	if (rc < 0)
		job_blind(h->job, T_AUTHORIZED_KEY, "%s", e.what);
	else
		job_end(h->job, NULL);
}
