/*
 * What TLS servers offer and present. Each version, and each cipher of it, is
 * tried with a hello that offers nothing else; the certificates come from one
 * handshake that goes through.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "collect/endpoint.h"
#include "collect/tlshello.h"
#include "collect/works.h"
#include "sys/dial.h"
#include "sys/tls.h"

#define PATIENCE (10 * CLOCK_SECOND) /* of one connection */
#define ANSWER_MAX 65536

static const struct {
	uint16_t id;
	const char *name;
} versions[] = { { TLSHELLO_SSL3, "SSLv3" }, { TLSHELLO_TLS10, "TLS1.0" },
	{ TLSHELLO_TLS11, "TLS1.1" }, { TLSHELLO_TLS12, "TLS1.2" },
	{ TLSHELLO_TLS13, "TLS1.3" } };
#define NVERSIONS (sizeof(versions) / sizeof(versions[0]))
#define CIPHERS_MAX 160

/* What is known of one server. */
struct server {
	const struct endpoint *at;
	bool reachable; /* something there speaks TLS */
	struct err why;
	bool tried[NVERSIONS]; /* the answer is known */
	uint16_t offered[NVERSIONS][CIPHERS_MAX];
	size_t noffered[NVERSIONS];
	bool shaken; /* .seen holds */
	struct tls_seen seen;
};

/* --- asking --------------------------------------------------------------- */

/*
 * One hello. 1: taken, with a cipher; 0: refused (also by closing); <0: nobody
 * there, no answer, or no TLS.
 */
static int
ask(const struct endpoint *at, uint16_t version, const uint16_t *list,
    size_t n, uint16_t *cipher, struct err *e)
{
	DIAL_SCOPED d = DIAL_INIT;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED in = BUF_INIT;
	uint16_t got;
	int rc = dial_open(&d, at->host, at->port, PATIENCE, e);

	if (rc != 0)
		return (rc);
	tlshello_write(&out, version, list, n, tls_is_address(at->name) ?
	    NULL : at->name);
	if (dial_write(&d, out.ptr, out.len, NULL) != 0)
		return (0);
	while (in.len < ANSWER_MAX) {
		char tmp[4096];
		int64_t k = dial_read(&d, tmp, sizeof(tmp), e);
		if (k == -ERR_TIMEOUT)
			return (err_set(e, ERR_TIMEOUT, at->text, "check the port, "
			    "and the load of the server",
			    "the server did not answer in time"));
		if (k <= 0)
			return (0); /* some servers refuse without a word */
		buf_put(&in, tmp, (size_t)k);
		switch (tlshello_read(buf_str(&in), &got, cipher)) {
		case TLSHELLO_TAKEN:
			return (got == version);
		case TLSHELLO_REFUSED:
			return (0);
		case TLSHELLO_NONSENSE:
			return (err_set(e, ERR_IO, at->text, "check the port",
			    "the server does not speak TLS"));
		case TLSHELLO_MORE:
			break;
		}
	}
	return (err_set(e, ERR_IO, at->text, NULL, "the server's answer has "
	    "no end"));
}

/* Try the ciphers of a version until the server takes none of the rest. */
static int
try_version(struct server *s, size_t v, struct err *e)
{
	uint16_t list[CIPHERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < tlshello_nciphers && n < CIPHERS_MAX; i++)
		if (tlshello_usable(&tlshello_ciphers[i], versions[v].id))
			list[n++] = tlshello_ciphers[i].id;
	while (n > 0) {
		uint16_t took = 0;
		int r = ask(s->at, versions[v].id, list, n, &took, e);
		size_t k = 0;

		if (r < 0)
			return (r);
		if (r == 0)
			break;
		while (k < n && list[k] != took)
			k++;
		if (k == n)
			return (err_set(e, ERR_IO, s->at->text, NULL, "the "
			    "server chose a cipher that was not offered"));
		s->offered[v][s->noffered[v]++] = took;
		memmove(&list[k], &list[k + 1], (--n - k) * sizeof(list[0]));
	}
	s->tried[v] = true;
	return (0);
}

static void
try_server(struct arena *a, struct server *s, const char *ca)
{
	DIAL_SCOPED d = DIAL_INIT;
	struct err e = { 0 };
	bool any = false;

	/* The newest first: most servers answer it, and a host that is not
	 * there is found out at once. */
	for (size_t v = NVERSIONS; v-- > 0;) {
		if (try_version(s, v, &e) != 0 && s->why.code == ERR_OK)
			s->why = e;
		any |= s->noffered[v] > 0;
		if (s->why.code != ERR_OK && !any)
			break;
	}
	s->reachable = any;
	if (!any && s->why.code == ERR_OK)
		err_set(&s->why, ERR_IO, s->at->text, "check the port", "the "
		    "server takes no version of TLS");
	if (any && dial_open(&d, s->at->host, s->at->port, PATIENCE, &e) == 0)
		s->shaken = tls_look(a, d.fd, PATIENCE, s->at->name, ca,
		    &s->seen, &e) == 0;
}

/* --- rows ----------------------------------------------------------------- */

/* OpenSSL writes TLSv1.2 what the tables call TLS1.2. */
static struct cell
best_protocol(const struct server *s)
{
	for (size_t v = NVERSIONS; v-- > 0;)
		if (s->noffered[v] > 0)
			return (CELL_STR(str_from(versions[v].name)));
	return (CELL_BLIND);
}

static void
put_endpoint(struct job *j, const struct server *s)
{
	struct cell c[F_TLS_ENDPOINT_OCSP_STAPLED + 1] = { 0 };
	bool asked = !tls_is_address(s->at->name);

	c[F_TLS_ENDPOINT_ENDPOINT] = CELL_STR(str_from(s->at->text));
	c[F_TLS_ENDPOINT_REACHABLE] = CELL_INT(s->reachable);
	if (asked)
		c[F_TLS_ENDPOINT_SERVER_NAME] = job_ctext(j, s->at->name);
	c[F_TLS_ENDPOINT_PROTOCOL_BEST] = best_protocol(s);
	for (int i = F_TLS_ENDPOINT_CIPHER_BEST;
	    i <= F_TLS_ENDPOINT_OCSP_STAPLED; i++)
		c[i] = CELL_BLIND;
	if (s->shaken) {
		c[F_TLS_ENDPOINT_CIPHER_BEST] = job_text(j, s->seen.cipher);
		c[F_TLS_ENDPOINT_CHAIN_TRUSTED] = CELL_INT(s->seen.trusted);
		c[F_TLS_ENDPOINT_NAME_MATCHES] = CELL_INT(
		    s->seen.name_matches);
		c[F_TLS_ENDPOINT_OCSP_STAPLED] = CELL_INT(
		    s->seen.ocsp_stapled);
	}
	job_row(j, c);
}

static void
put_protocols(struct job *j, const struct server *s)
{
	for (size_t v = 0; v < NVERSIONS; v++) {
		struct cell c[F_TLS_PROTOCOL_OFFERED + 1] = { 0 };

		c[F_TLS_PROTOCOL_ENDPOINT] = CELL_STR(str_from(s->at->text));
		c[F_TLS_PROTOCOL_PROTOCOL] = CELL_STR(str_from(
		    versions[v].name));
		c[F_TLS_PROTOCOL_OFFERED] = s->tried[v] || s->noffered[v] > 0 ?
		    CELL_INT(s->noffered[v] > 0) : CELL_BLIND;
		job_row(j, c);
	}
}

static void
put_ciphers(struct job *j, const struct server *s)
{
	for (size_t v = 0; v < NVERSIONS; v++)
		for (size_t i = 0; i < s->noffered[v]; i++) {
			const struct tlshello_cipher *x = tlshello_cipher(
			    s->offered[v][i]);
			struct cell c[F_TLS_CIPHER_AEAD + 1] = { 0 };

			c[F_TLS_CIPHER_ENDPOINT] = CELL_STR(str_from(
			    s->at->text));
			c[F_TLS_CIPHER_PROTOCOL] = CELL_STR(str_from(
			    versions[v].name));
			c[F_TLS_CIPHER_CIPHER] = CELL_STR(str_from(x->name));
			c[F_TLS_CIPHER_BITS] = CELL_INT(x->bits);
			c[F_TLS_CIPHER_FORWARD_SECRECY] = CELL_INT(x->forward);
			c[F_TLS_CIPHER_AEAD] = CELL_INT(x->aead);
			job_row(j, c);
		}
}

/* Text that has to be there. */
static struct cell
needed(struct job *j, struct str s)
{
	struct cell c = job_text(j, s);

	return (c.state == CELL_ABSENT ? CELL_STR(STR("-")) : c);
}

static void
put_certificates(struct job *j, const struct server *s)
{
	for (size_t i = 0; s->shaken && i < s->seen.nchain; i++) {
		const struct tls_cert *x = &s->seen.chain[i];
		struct cell c[F_TLS_CERTIFICATE_SHA256 + 1] = { 0 };

		c[F_TLS_CERTIFICATE_ENDPOINT] = CELL_STR(str_from(
		    s->at->text));
		c[F_TLS_CERTIFICATE_POSITION] = CELL_INT((int64_t)i);
		c[F_TLS_CERTIFICATE_SUBJECT_DN] = needed(j, x->subject);
		c[F_TLS_CERTIFICATE_ISSUER_DN] = needed(j, x->issuer);
		c[F_TLS_CERTIFICATE_SERIAL] = needed(j, x->serial);
		c[F_TLS_CERTIFICATE_NOT_BEFORE] = CELL_INT(x->not_before);
		c[F_TLS_CERTIFICATE_NOT_AFTER] = CELL_INT(x->not_after);
		c[F_TLS_CERTIFICATE_KEY_TYPE] = needed(j, x->key_type);
		c[F_TLS_CERTIFICATE_KEY_BITS] = CELL_INT(x->key_bits);
		c[F_TLS_CERTIFICATE_SIGNATURE_ALG] = needed(j, x->signature);
		c[F_TLS_CERTIFICATE_NAMES] = job_text(j, x->names);
		c[F_TLS_CERTIFICATE_SELF_SIGNED] = CELL_INT(x->self_signed);
		c[F_TLS_CERTIFICATE_SHA256] = needed(j, x->sha256);
		job_row(j, c);
	}
}

/* --- the run -------------------------------------------------------------- */

static int
tls_prepare(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	const char **paths = arena_array(a, 12, sizeof(*paths));
	struct endpoint *list;
	struct stat st;
	size_t n, k = 0;
	int rc = endpoint_list(a, s, 443, &list, &n, e);

	if (rc != 0)
		return (rc);
	struct str ca = s->options != NULL ? val_get_str(s->options, "ca") :
	    STR_NULL;
	paths[k++] = "/etc";
	paths[k++] = "/usr";
	paths[k++] = "/lib";
	paths[k++] = "/lib64";
	paths[k++] = "/run/systemd/resolve";
	if (ca.len > 0) {
		paths[k++] = arena_str(a, ca).ptr;
		if (stat(paths[k - 1], &st) != 0)
			return (err_set(e, ERR_INPUT, paths[k - 1], "name a "
			    "file of certificates", "there is no such file"));
	}
	box->profile = SANDBOX_NET;
	box->read = paths;
	box->ports = endpoint_ports(a, list, n, &box->nports);
	lim->wall_us = (int64_t)(n < 20 ? n : 20) * 3 * 60 * CLOCK_SECOND;
	return (0);
}

static void
put_tables(struct job *j, struct server *list, size_t n, const char *lost)
{
	static const struct {
		unsigned table;
		void (*put)(struct job *j, const struct server *s);
	} parts[] = { { T_TLS_ENDPOINT, put_endpoint },
		{ T_TLS_PROTOCOL, put_protocols },
		{ T_TLS_CIPHER, put_ciphers },
		{ T_TLS_CERTIFICATE, put_certificates } };

	for (size_t p = 0; p < 4; p++) {
		if (!job_wants(j, parts[p].table))
			continue;
		/* Without one of the servers a set is not whole. */
		if (lost != NULL && p > 0) {
			job_blind(j, parts[p].table, "%s could not be "
			    "reached", lost);
			continue;
		}
		const char *unshaken = NULL;
		for (size_t i = 0; i < n; i++)
			if (!list[i].shaken)
				unshaken = list[i].at->text;
		if (parts[p].table == T_TLS_CERTIFICATE && unshaken != NULL) {
			job_blind(j, parts[p].table, "no handshake with %s "
			    "came about", unshaken);
			continue;
		}
		job_table(j, parts[p].table);
		for (size_t i = 0; i < n; i++)
			parts[p].put(j, &list[i]);
		job_end(j, NULL);
	}
}

static int
tls_run(struct job *j, struct err *e)
{
	struct arena *a = job_arena(j);
	struct collect_source s = { .name = job_source(j),
		.options = job_options(j) };
	struct str ca = job_option(j, "ca");
	const char *lost = NULL;
	struct endpoint *at;
	size_t n, reached = 0;
	int rc = endpoint_list(a, &s, 443, &at, &n, e);

	if (rc != 0)
		return (rc);
	struct server *list = arena_array(a, n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		list[i].at = &at[i];
		job_progress(j, "asking servers", (int64_t)i, (int64_t)n);
		try_server(a, &list[i], ca.len > 0 ? arena_str(a, ca).ptr :
		    NULL);
		reached += list[i].reachable;
		if (!list[i].reachable)
			lost = at[i].text;
	}
	if (reached == 0) {
		*e = list[0].why;
		return (-(int)e->code);
	}
	put_tables(j, list, n, lost);
	return (0);
}

const struct collect_work tls_work = { tls_prepare, tls_run };
