#include "sys/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void
free_ctx(SSL_CTX **p)
{
	SSL_CTX_free(*p);
}

static void
free_ssl(SSL **p)
{
	SSL_free(*p);
}

bool
tls_is_address(const char *name)
{
	unsigned char b[16];

	return (inet_pton(AF_INET, name, b) == 1 ||
	    inet_pton(AF_INET6, name, b) == 1);
}

/* --- certificates --------------------------------------------------------- */

static struct str
take_bio(struct arena *a, BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);

	return (arena_str(a, (struct str){ p, n > 0 ? (size_t)n : 0 }));
}

static struct str
name_text(struct arena *a, const X509_NAME *name)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct str s = STR_NULL;

	if (b != NULL && X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 &
	    ~ASN1_STRFLGS_ESC_MSB) >= 0)
		s = take_bio(a, b);
	BIO_free(b);
	return (s);
}

static struct str
hex(struct arena *a, const unsigned char *p, size_t n)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, p, n);
	return (arena_str(a, buf_str(&b)));
}

static struct str
serial_text(struct arena *a, X509 *x)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	unsigned char p[64] = { 0 };
	struct str s = STR("00");

	if (n != NULL && BN_num_bytes(n) > 0 &&
	    BN_num_bytes(n) <= (int)sizeof(p))
		s = hex(a, p, (size_t)BN_bn2bin(n, p));
	BN_free(n);
	return (s);
}

/* Year 1 to 9999, as ASN.1 has it; 0 if it is none. */
static int64_t
when(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return (0);
	return ((int64_t)timegm(&tm) * CLOCK_SECOND);
}

static int
by_text(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* One DNS name or address of a certificate; empty for other kinds. */
static struct str
alt_name(struct arena *a, const GENERAL_NAME *g)
{
	if (g->type == GEN_DNS || g->type == GEN_EMAIL || g->type == GEN_URI)
		return (arena_str(a, (struct str){
		    (const char *)ASN1_STRING_get0_data(g->d.ia5),
		    (size_t)ASN1_STRING_length(g->d.ia5) }));
	if (g->type == GEN_IPADD) {
		const unsigned char *p = ASN1_STRING_get0_data(g->d.ip);
		int n = ASN1_STRING_length(g->d.ip);
		char text[INET6_ADDRSTRLEN];
		if ((n == 4 || n == 16) && inet_ntop(n == 4 ? AF_INET :
		    AF_INET6, p, text, sizeof(text)) != NULL)
			return (str_from(arena_strdup(a, text)));
	}
	return (STR_NULL);
}

static struct str
alt_names(struct arena *a, X509 *x)
{
	GENERAL_NAMES *g = X509_get_ext_d2i(x, NID_subject_alt_name, NULL,
	    NULL);
	struct str list[256];
	BUF_SCOPED b = BUF_INIT;
	size_t n = 0;

	for (int i = 0; g != NULL && i < sk_GENERAL_NAME_num(g) && n < 256;
	    i++) {
		struct str s = alt_name(a, sk_GENERAL_NAME_value(g, i));
		bool plain = s.len > 0;
		for (size_t k = 0; plain && k < s.len; k++)
			plain = (unsigned char)s.ptr[k] > ' ' &&
			    (unsigned char)s.ptr[k] < 0x7f;
		if (plain)
			list[n++] = s;
	}
	GENERAL_NAMES_free(g);
	qsort(list, n, sizeof(list[0]), by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(list[i], list[i - 1]))
			buf_printf(&b, "%s" STR_FMT, b.len > 0 ? " " : "",
			    STR_ARG(list[i]));
	return (arena_str(a, buf_str(&b)));
}

static const char *
key_name(const EVP_PKEY *k)
{
	static const struct {
		int id;
		const char *name;
	} kinds[] = { { EVP_PKEY_RSA, "RSA" }, { EVP_PKEY_RSA_PSS, "RSA-PSS" },
		{ EVP_PKEY_EC, "EC" }, { EVP_PKEY_DSA, "DSA" },
		{ EVP_PKEY_ED25519, "ED25519" }, { EVP_PKEY_ED448, "ED448" } };

	for (size_t i = 0; k != NULL && i < sizeof(kinds) / sizeof(kinds[0]);
	    i++)
		if (EVP_PKEY_get_base_id(k) == kinds[i].id)
			return (kinds[i].name);
	return ("other");
}

static void
read_cert(struct arena *a, X509 *x, struct tls_cert *c)
{
	EVP_PKEY *k = X509_get0_pubkey(x);
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	c->subject = name_text(a, X509_get_subject_name(x));
	c->issuer = name_text(a, X509_get_issuer_name(x));
	c->serial = serial_text(a, x);
	c->not_before = when(X509_get0_notBefore(x));
	c->not_after = when(X509_get0_notAfter(x));
	c->key_type = str_from(key_name(k));
	c->key_bits = k != NULL ? EVP_PKEY_get_bits(k) : 0;
	int nid = X509_get_signature_nid(x);
	c->signature = str_from(arena_strdup(a, nid == NID_undef ? "unknown" :
	    OBJ_nid2ln(nid)));
	c->names = alt_names(a, x);
	c->self_signed = X509_self_signed(x, 1) == 1;
	if (X509_digest(x, EVP_sha256(), md, &n) == 1)
		c->sha256 = hex(a, md, n);
	ERR_clear_error();
}

int
tls_read_cert(struct arena *a, struct str der, struct tls_cert *ret,
    struct err *e)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);

	ERR_clear_error();
	if (x == NULL)
		return (err_set(e, ERR_INPUT, NULL, NULL, "a certificate "
		    "cannot be read"));
	memset(ret, 0, sizeof(*ret));
	read_cert(a, x, ret);
	X509_free(x);
	return (0);
}

/* --- the handshake -------------------------------------------------------- */

static int
fail(struct err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code != 0 ? ERR_reason_error_string(code) : NULL;

	err_set(e, ERR_IO, NULL, NULL, "%s%s%s", what,
	    why != NULL ? ": " : "", why != NULL ? why : "");
	ERR_clear_error();
	return (-ERR_IO);
}

static SSL_CTX *
new_ctx(const char *ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return (NULL);
	/* Level 0: also what is too weak to be used. */
	SSL_CTX_set_security_level(ctx, 0);
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	(void)SSL_CTX_set_cipher_list(ctx, "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
	(void)SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT |
	    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	/* Whether a date has passed is another question than whose it is. */
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
	    X509_V_FLAG_NO_CHECK_TIME);
	if (ca != NULL ? SSL_CTX_load_verify_file(ctx, ca) != 1 :
	    SSL_CTX_set_default_verify_paths(ctx) != 1) {
		SSL_CTX_free(ctx);
		return (NULL);
	}
	return (ctx);
}

static int
shake(SSL *ssl, int fd, int64_t deadline, struct err *e)
{
	for (;;) {
		int r = SSL_connect(ssl), why = SSL_get_error(ssl, r);
		int64_t left = (deadline - clock_mono() + 999) / 1000;
		struct pollfd pf = { .fd = fd };

		if (r == 1)
			return (0);
		if (why == SSL_ERROR_WANT_READ)
			pf.events = POLLIN;
		else if (why == SSL_ERROR_WANT_WRITE)
			pf.events = POLLOUT;
		else
			return (fail(e, "the server does not speak TLS with "
			    "us"));
		if (left <= 0)
			return (err_set(e, ERR_TIMEOUT, NULL, NULL,
			    "the server did not answer in time"));
		(void)poll(&pf, 1, (int)(left < 60000 ? left : 60000));
	}
}

static bool
name_matches(X509 *leaf, const char *name)
{
	if (tls_is_address(name))
		return (X509_check_ip_asc(leaf, name, 0) == 1);
	return (X509_check_host(leaf, name, 0, 0, NULL) == 1);
}

static void
read_seen(struct arena *a, SSL *ssl, const char *name, struct tls_seen *ret)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	const unsigned char *ocsp = NULL;
	long v = SSL_get_verify_result(ssl);

	memset(ret, 0, sizeof(*ret));
	ret->protocol = str_from(arena_strdup(a, SSL_get_version(ssl)));
	ret->cipher = str_from(arena_strdup(a, SSL_get_cipher_name(ssl)));
	ret->trusted = v == X509_V_OK;
	if (!ret->trusted)
		ret->distrust = str_from(arena_strdup(a,
		    X509_verify_cert_error_string(v)));
	ret->ocsp_stapled = SSL_get_tlsext_status_ocsp_resp(ssl, &ocsp) > 0;
	for (int i = 0; chain != NULL && i < sk_X509_num(chain) &&
	    ret->nchain < TLS_CHAIN_MAX; i++) {
		X509 *x = sk_X509_value(chain, i);
		if (i == 0)
			ret->name_matches = name_matches(x, name);
		read_cert(a, x, &ret->chain[ret->nchain++]);
	}
	/* Without a certificate there is nothing to trust. */
	if (ret->nchain == 0)
		ret->trusted = false;
	ERR_clear_error();
}

int
tls_look(struct arena *a, int fd, int64_t timeout_us, const char *name,
    const char *ca, struct tls_seen *ret, struct err *e)
{
	__attribute__((cleanup(free_ctx))) SSL_CTX *ctx = new_ctx(ca);
	__attribute__((cleanup(free_ssl))) SSL *ssl = NULL;
	int rc;

	if (ctx == NULL) {
		fail(e, "the roots to trust cannot be read");
		return (err_at(e, "%s", ca != NULL ? ca : "/etc/ssl/certs"));
	}
	ssl = SSL_new(ctx);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		return (fail(e, "TLS cannot be used"));
	if (!tls_is_address(name))
		(void)SSL_set_tlsext_host_name(ssl, name);
	(void)SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if ((rc = shake(ssl, fd, clock_mono() + timeout_us, e)) != 0)
		return (rc);
	read_seen(a, ssl, name, ret);
	return (0);
}
