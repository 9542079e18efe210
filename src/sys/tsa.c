#include "sys/tsa.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define SCOPED(type, name)                                                     \
	static void free_##name(type **p) { type##_free(*p); }
SCOPED(TS_REQ, req)
SCOPED(TS_RESP, resp)
SCOPED(TS_MSG_IMPRINT, imprint)
SCOPED(X509_ALGOR, algor)
SCOPED(ASN1_INTEGER, integer)

SCOPED(TS_VERIFY_CTX, verify)
SCOPED(X509_STORE, store)
SCOPED(BIO, bio)
#undef SCOPED

static void
free_number(BIGNUM **p)
{
	BN_free(*p);
}

#define OWNED(type, name) __attribute__((cleanup(free_##name))) type

static void
free_certs(STACK_OF(X509) **p)
{
	sk_X509_pop_free(*p, X509_free);
}
#define OWNED_CERTS __attribute__((cleanup(free_certs))) STACK_OF(X509)

/* --- asking --------------------------------------------------------------- */

static TS_MSG_IMPRINT *
make_imprint(const uint8_t digest[TSA_DIGEST])
{
	OWNED(X509_ALGOR, algor) *alg = X509_ALGOR_new();
	TS_MSG_IMPRINT *m = TS_MSG_IMPRINT_new();
	uint8_t copy[TSA_DIGEST];

	memcpy(copy, digest, sizeof(copy));
	if (alg != NULL && m != NULL && X509_ALGOR_set0(alg,
	    OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
	    TS_MSG_IMPRINT_set_algo(m, alg) == 1 &&
	    TS_MSG_IMPRINT_set_msg(m, copy, sizeof(copy)) == 1)
		return (m);
	TS_MSG_IMPRINT_free(m);
	return (NULL);
}

static ASN1_INTEGER *
make_nonce(const uint8_t nonce[TSA_NONCE])
{
	OWNED(BIGNUM, number) *n = BN_bin2bn(nonce, TSA_NONCE, NULL);

	return (n != NULL ? BN_to_ASN1_INTEGER(n, NULL) : NULL);
}

int
tsa_request(const uint8_t digest[TSA_DIGEST], const uint8_t nonce[TSA_NONCE],
    struct buf *out, struct err *e)
{
	OWNED(TS_REQ, req) *req = TS_REQ_new();
	OWNED(TS_MSG_IMPRINT, imprint) *m = make_imprint(digest);
	OWNED(ASN1_INTEGER, integer) *n = make_nonce(nonce);
	unsigned char *der = NULL;
	int len;

	if (req == NULL || m == NULL || n == NULL ||
	    TS_REQ_set_version(req, 1) != 1 ||
	    TS_REQ_set_msg_imprint(req, m) != 1 ||
	    TS_REQ_set_nonce(req, n) != 1 ||
	    TS_REQ_set_cert_req(req, 1) != 1 ||
	    (len = i2d_TS_REQ(req, &der)) <= 0)
		return (err_set(e, ERR_ENV, NULL, NULL,
		    "OpenSSL made no request for a time stamp"));
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return (0);
}

/* --- reading -------------------------------------------------------------- */

static int
not_one(struct err *e, const char *why)
{
	ERR_clear_error();
	return (err_set(e, ERR_INPUT, NULL, "ask who runs the authority",
	    "not a time stamp: %s", why));
}

static TS_RESP *
parse(struct str der, struct err *e)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	TS_RESP *r;

	if (der.len > TSA_MAX) {
		not_one(e, "it is too long");
		return (NULL);
	}
	r = d2i_TS_RESP(NULL, &p, (long)der.len);
	if (r == NULL || p != (const unsigned char *)der.ptr + der.len) {
		TS_RESP_free(r);
		not_one(e, "it is not the DER of an answer (RFC 3161)");
		return (NULL);
	}
	return (r);
}

/* The authority's refusal, in its words. */
static int
refused(TS_RESP *r, long status, struct err *e)
{
	const STACK_OF(ASN1_UTF8STRING) *text =
	    TS_STATUS_INFO_get0_text(TS_RESP_get_status_info(r));
	const ASN1_UTF8STRING *first = text != NULL &&
	    sk_ASN1_UTF8STRING_num(text) > 0 ?
	    sk_ASN1_UTF8STRING_value(text, 0) : NULL;

	ERR_clear_error();
	return (err_set(e, ERR_INPUT, NULL, "ask who runs the authority",
	    "the authority refused (status %ld): %.*s", status,
	    first != NULL ? (first->length < 200 ? first->length : 200) : 13,
	    first != NULL ? (const char *)first->data : "without words"));
}

static bool
read_time(const ASN1_GENERALIZEDTIME *t, int64_t *ret)
{
	struct tm tm = { 0 };

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return (false);
	*ret = (int64_t)timegm(&tm) * CLOCK_SECOND;
	/* "20260101120000.25Z": what OpenSSL leaves out. */
	const char *dot = memchr(t->data, '.', (size_t)t->length);
	int64_t unit = CLOCK_SECOND / 10;
	for (const char *p = dot; dot != NULL && ++p < (const char *)t->data +
	    t->length && *p >= '0' && *p <= '9'; unit /= 10)
		*ret += (*p - '0') * unit;
	return (true);
}

/* The signer as the signature names it, out of the certificates sent along. */
static void
read_name(TS_RESP *r, char *out, size_t cap)
{
	PKCS7 *token = TS_RESP_get_token(r);
	STACK_OF(PKCS7_SIGNER_INFO) *infos = PKCS7_get_signer_info(token);
	STACK_OF(X509) *certs = token->d.sign != NULL ? token->d.sign->cert :
	    NULL;
	X509 *x = NULL;
	OWNED(BIO, bio) *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (infos != NULL && sk_PKCS7_SIGNER_INFO_num(infos) == 1 &&
	    certs != NULL) {
		PKCS7_SIGNER_INFO *si = sk_PKCS7_SIGNER_INFO_value(infos, 0);
		if (si->issuer_and_serial != NULL)
			x = X509_find_by_issuer_and_serial(certs,
			    si->issuer_and_serial->issuer,
			    si->issuer_and_serial->serial);
	}
	out[0] = '\0';
	if (x == NULL || b == NULL || X509_NAME_print_ex(b,
	    X509_get_subject_name(x), 0, XN_FLAG_RFC2253 &
	    ~ASN1_STRFLGS_ESC_MSB) < 0)
		return;
	n = BIO_get_mem_data(b, &p);
	snprintf(out, cap, "%.*s", (int)(n > 0 ? n : 0), p);
}

static int
read_stamp(TS_RESP *r, struct tsa_stamp *ret, struct err *e)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(r);
	long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(
	    TS_RESP_get_status_info(r)));
	struct tsa_stamp s = { 0 };

	if (status != TS_STATUS_GRANTED &&
	    status != TS_STATUS_GRANTED_WITH_MODS)
		return (refused(r, status, e));
	if (info == NULL || TS_RESP_get_token(r) == NULL ||
	    !PKCS7_type_is_signed(TS_RESP_get_token(r)))
		return (not_one(e, "it holds no signed stamp"));
	if (!read_time(TS_TST_INFO_get_time(info), &s.time))
		return (not_one(e, "it has no time"));
	OWNED(BIGNUM, number) *n = ASN1_INTEGER_to_BN(
	    TS_TST_INFO_get_serial(info), NULL);
	char *hex = n != NULL ? BN_bn2hex(n) : NULL;
	snprintf(s.serial, sizeof(s.serial), "%s", hex != NULL ? hex : "");
	OPENSSL_free(hex);
	if (TS_TST_INFO_get_policy_id(info) != NULL)
		OBJ_obj2txt(s.policy, sizeof(s.policy),
		    TS_TST_INFO_get_policy_id(info), 1);
	read_name(r, s.name, sizeof(s.name));
	*ret = s;
	return (0);
}

int
tsa_read(struct str der, struct tsa_stamp *ret, struct err *e)
{
	OWNED(TS_RESP, resp) *r = parse(der, e);

	return (r != NULL ? read_stamp(r, ret, e) : -ERR_INPUT);
}

/* --- checking ------------------------------------------------------------- */

/* Certificates of a PEM file: those that sign themselves are trusted, the
 * others may be links of a chain. */
static int
load_trust(const char *path, X509_STORE *store, STACK_OF(X509) *others,
    struct err *e)
{
	OWNED(BIO, bio) *b = BIO_new_file(path, "r");
	int roots = 0, n = 0;
	X509 *x;

	if (b == NULL) {
		ERR_clear_error();
		return (err_set(e, access(path, F_OK) == 0 ? ERR_IO :
		    ERR_NOTFOUND, path, "give the file of the authority's "
		    "certificates (PEM)", "the certificates to trust cannot be "
		    "read"));
	}
	while (n < 256 && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
		n++;
		if (X509_self_signed(x, 1) == 1) {
			roots += X509_STORE_add_cert(store, x) == 1;
			X509_free(x);
		} else if (sk_X509_push(others, x) == 0) {
			X509_free(x);
		}
	}
	ERR_clear_error();
	if (roots == 0)
		return (err_set(e, ERR_INPUT, path, "put the authority's root "
		    "into it (PEM)", "the file has no certificate that signs "
		    "itself"));
	return (0);
}

static bool
same_imprint(TS_RESP *r, const uint8_t digest[TSA_DIGEST])
{
	TS_MSG_IMPRINT *m = TS_TST_INFO_get_msg_imprint(
	    TS_RESP_get_tst_info(r));
	const ASN1_OBJECT *alg;
	ASN1_OCTET_STRING *h;

	X509_ALGOR_get0(&alg, NULL, NULL, TS_MSG_IMPRINT_get_algo(m));
	h = TS_MSG_IMPRINT_get_msg(m);
	return (OBJ_obj2nid(alg) == NID_sha256 && h->length == TSA_DIGEST &&
	    memcmp(h->data, digest, TSA_DIGEST) == 0);
}

static bool
same_nonce(TS_RESP *r, const uint8_t nonce[TSA_NONCE])
{
	OWNED(ASN1_INTEGER, integer) *want = make_nonce(nonce);
	const ASN1_INTEGER *is = TS_TST_INFO_get_nonce(
	    TS_RESP_get_tst_info(r));

	return (want != NULL && is != NULL && ASN1_INTEGER_cmp(want, is) == 0);
}

static int
does_not_hold(const char *trust, struct err *e)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *why = ERR_reason_error_string(code);
	bool chain = ERR_GET_LIB(code) == ERR_LIB_TS &&
	    reason == TS_R_CERTIFICATE_VERIFY_ERROR;

	if (chain)
		err_set(e, ERR_DENIED, trust, "put the authority's root into "
		    "that file if you trust it", "the time stamp is signed by "
		    "nobody who is trusted there");
	else
		err_set(e, ERR_DAMAGED, NULL, "ask for another one",
		    "the time stamp does not hold: %s",
		    why != NULL ? why : "unknown reason");
	ERR_clear_error();
	return (chain ? -ERR_DENIED : -ERR_DAMAGED);
}

static int
verify(TS_RESP *r, int64_t time, const char *trust, X509_STORE *store,
    STACK_OF(X509) *others, struct err *e)
{
	X509_VERIFY_PARAM *p = X509_STORE_get0_param(store);
	OWNED(TS_VERIFY_CTX, verify) *v = TS_VERIFY_CTX_new();

	if (v == NULL)
		err_oom(1);
	/* The certificates of then, not of now. */
	X509_VERIFY_PARAM_set_time(p, (time_t)(time / CLOCK_SECOND));
	X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_TIMESTAMP_SIGN);
	TS_VERIFY_CTX_set_flags(v, TS_VFY_VERSION | TS_VFY_SIGNER |
	    TS_VFY_SIGNATURE);
	/* Both belong to the context now, and are given back with it. */
	X509_STORE_up_ref(store);
	TS_VERIFY_CTX_set_store(v, store);
	TS_VERIFY_CTX_set_certs(v, X509_chain_up_ref(others));
	ERR_clear_error();
	if (TS_RESP_verify_response(v, r) == 1)
		return (0);
	return (does_not_hold(trust, e));
}

int
tsa_of(struct str der, const uint8_t digest[TSA_DIGEST], struct tsa_stamp *ret,
    struct err *e)
{
	OWNED(TS_RESP, resp) *r = parse(der, e);
	struct tsa_stamp s;
	int rc;

	if (r == NULL)
		return (-ERR_INPUT);
	if ((rc = read_stamp(r, &s, e)) != 0)
		return (rc);
	if (!same_imprint(r, digest))
		return (err_set(e, ERR_DAMAGED, NULL, "ask for another one",
		    "the time stamp is of something else"));
	*ret = s;
	return (0);
}

int
tsa_check(struct str der, const uint8_t digest[TSA_DIGEST],
    const uint8_t *nonce, const char *trust, struct tsa_stamp *ret,
    struct err *e)
{
	OWNED(TS_RESP, resp) *r = parse(der, e);
	OWNED(X509_STORE, store) *store = X509_STORE_new();
	OWNED_CERTS *others = sk_X509_new_null();
	struct tsa_stamp s;
	int rc;

	if (store == NULL || others == NULL)
		err_oom(1);
	if (r == NULL)
		return (-ERR_INPUT);
	if ((rc = read_stamp(r, &s, e)) != 0)
		return (rc);
	if (!same_imprint(r, digest))
		return (err_set(e, ERR_DAMAGED, NULL, "ask for another one",
		    "the time stamp is of something else"));
	if (nonce != NULL && !same_nonce(r, nonce))
		return (err_set(e, ERR_DAMAGED, NULL, "ask for another one",
		    "the time stamp is not the answer to this request"));
	if ((rc = load_trust(trust, store, others, e)) != 0 ||
	    (rc = verify(r, s.time, trust, store, others, e)) != 0)
		return (rc);
	*ret = s;
	return (0);
}
