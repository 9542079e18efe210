#include "sys/directory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ldap.h>

#include "sys/library.h"

#define FUNCTIONS(X)                                                           \
	X(ldap_initialize) X(ldap_set_option) X(ldap_start_tls_s)              \
	X(ldap_sasl_bind_s) X(ldap_search_ext_s) X(ldap_parse_result)          \
	X(ldap_create_page_control) X(ldap_parse_pageresponse_control)         \
	X(ldap_control_find) X(ldap_control_free) X(ldap_controls_free)        \
	X(ldap_first_entry) X(ldap_next_entry) X(ldap_get_dn)                  \
	X(ldap_get_values_len) X(ldap_value_free_len) X(ldap_memfree)          \
	X(ldap_msgfree) X(ldap_unbind_ext_s) X(ldap_err2string)

static struct {
#define X(name) __typeof__(&name) name;
	FUNCTIONS(X)
#undef X
} lib;

static int
load(struct err *e)
{
	static const struct library l = { "libldap-2.5.so.0", "libldap-2.5-0",
		"reading a directory needs libldap" };
	static const struct library_function fns[] = {
#define X(name) { #name, &lib.name },
		FUNCTIONS(X)
#undef X
	};
	static bool loaded;

	if (loaded)
		return (0);
	/* Its own files and variables have no say. */
	setenv("LDAPNOINIT", "1", 1);
	int r = library_open(&l, fns, sizeof(fns) / sizeof(fns[0]), e);
	loaded = r == 0;
	return (r);
}

struct search {
	const struct directory *d;
	LDAP *ld;
	directory_fn *fn;
	void *ctx;
	size_t n;
};

static int
refuse(const struct search *s, int rc, const char *what, struct err *e)
{
	const char *why = lib.ldap_err2string(rc);

	switch (rc) {
	case LDAP_INVALID_CREDENTIALS:
	case LDAP_INSUFFICIENT_ACCESS:
	case LDAP_INAPPROPRIATE_AUTH:
	case LDAP_STRONG_AUTH_REQUIRED:
	case LDAP_CONFIDENTIALITY_REQUIRED:
		return (err_set(e, ERR_DENIED, s->d->url, "look at the name and the "
		    "password, and at what they may read", "%s: %s", what, why));
	case LDAP_NO_SUCH_OBJECT:
	case LDAP_FILTER_ERROR:
	case LDAP_INVALID_DN_SYNTAX:
	case LDAP_PARAM_ERROR:
		return (err_set(e, ERR_INPUT, s->d->url, "look at the base and the "
		    "filter", "%s: %s", what, why));
	default:
		return (err_set(e, ERR_IO, s->d->url, "see that the server answers, "
		    "and whose certificate it shows", "%s: %s", what, why));
	}
}

/* --- opening ---------------------------------------------------------------------- */

static bool
is_near(const char *url)
{
	const char *host = url + strlen("ldap://");
	static const char *const near[] = { "127.0.0.1", "[::1]", "localhost" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(near[i]);
		if (strncmp(host, near[i], n) == 0 && (host[n] == '\0' ||
		    host[n] == ':' || host[n] == '/'))
			return (true);
	}
	return (false);
}

static int
check_url(const struct directory *d, struct err *e)
{
	bool tls = strncmp(d->url, "ldaps://", 8) == 0;

	if (!tls && strncmp(d->url, "ldap://", 7) != 0)
		return (err_set(e, ERR_INPUT, d->url, "write ldaps://HOST or "
		    "ldap://HOST", "this is no address of a directory"));
	if (strchr(d->url, ' ') != NULL || strlen(d->url) > 300)
		return (err_set(e, ERR_INPUT, d->url, "give one server",
		    "this is no address of one directory"));
	if (!tls && !d->starttls && !is_near(d->url))
		return (err_set(e, ERR_INPUT, d->url, "write ldaps://, or give "
		    "--starttls", "over a network a directory is read with TLS only"));
	return (0);
}

static int
set_options(struct search *s, struct err *e)
{
	const struct directory *d = s->d;
	struct timeval t = { .tv_sec = d->timeout_us / 1000000,
		.tv_usec = d->timeout_us % 1000000 };
	int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, fresh = 0;
	int rc = lib.ldap_set_option(s->ld, LDAP_OPT_PROTOCOL_VERSION, &version);

	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_NETWORK_TIMEOUT, &t);
	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_TIMEOUT, &t);
	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_X_TLS_REQUIRE_CERT,
		    &demand);
	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_X_TLS_CACERTFILE,
		    d->ca != NULL ? d->ca : "/etc/ssl/certs/ca-certificates.crt");
	if (rc == 0)
		rc = lib.ldap_set_option(s->ld, LDAP_OPT_X_TLS_NEWCTX, &fresh);
	return (rc == 0 ? 0 : err_set(e, ERR_IO, d->ca != NULL ? d->ca : d->url,
	    "give a file of certificates in PEM", "TLS cannot be set up"));
}

static int
connect_to(struct search *s, struct err *e)
{
	const struct directory *d = s->d;
	struct berval password = { .bv_len = d->password.len,
		.bv_val = (char *)(uintptr_t)d->password.ptr };
	int rc = lib.ldap_initialize(&s->ld, d->url);

	if (rc != LDAP_SUCCESS)
		return (err_set(e, ERR_INPUT, d->url, "write ldaps://HOST",
		    "this is no address of a directory"));
	int r = set_options(s, e);
	if (r != 0)
		return (r);
	if (d->starttls && (rc = lib.ldap_start_tls_s(s->ld, NULL, NULL)) !=
	    LDAP_SUCCESS)
		return (refuse(s, rc, "TLS does not begin", e));
	/* An empty password would be an anonymous bind that succeeds. */
	if (d->bind_dn != NULL && password.bv_len == 0)
		return (err_set(e, ERR_INPUT, d->url, "give a file with the password",
		    "a name needs a password"));
	rc = lib.ldap_sasl_bind_s(s->ld, d->bind_dn, LDAP_SASL_SIMPLE, &password,
	    NULL, NULL, NULL);
	return (rc == LDAP_SUCCESS ? 0 : refuse(s, rc, "it does not let us in",
	    e));
}

/* --- reading ---------------------------------------------------------------------- */

static int
take_entry(struct search *s, LDAPMessage *m, struct err *e)
{
	const struct directory *d = s->d;
	struct berval **held[DIRECTORY_ATTRIBUTES] = { 0 };
	struct str values[DIRECTORY_ATTRIBUTES] = { 0 };
	char *dn = lib.ldap_get_dn(s->ld, m);
	int r = 0;

	for (size_t i = 0; i < d->nattributes; i++) {
		held[i] = lib.ldap_get_values_len(s->ld, m, d->attributes[i]);
		if (held[i] != NULL && held[i][0] != NULL)
			values[i] = (struct str){ held[i][0]->bv_val,
				held[i][0]->bv_len };
		if (values[i].len > DIRECTORY_VALUE)
			r = err_set(e, ERR_LIMIT, dn != NULL ? dn : d->url,
			    "leave that attribute out", "%s is longer than %zu "
			    "bytes", d->attributes[i], DIRECTORY_VALUE);
	}
	if (r == 0 && s->n++ >= DIRECTORY_MOST)
		r = err_set(e, ERR_LIMIT, d->url, "give a narrower filter",
		    "there are more than %d entries", DIRECTORY_MOST);
	if (r == 0)
		r = s->fn(s->ctx, dn != NULL ? dn : "", values, e);
	for (size_t i = 0; i < d->nattributes; i++)
		lib.ldap_value_free_len(held[i]);
	lib.ldap_memfree(dn);
	return (r);
}

/* Where the next page begins; an empty cookie: there is none. */
static int
next_page(struct search *s, LDAPMessage *res, struct berval *cookie,
    struct err *e)
{
	LDAPControl **controls = NULL, *page;
	ber_int_t count;
	int code = LDAP_SUCCESS;
	int rc = lib.ldap_parse_result(s->ld, res, &code, NULL, NULL, NULL,
	    &controls, 0);

	if (rc == LDAP_SUCCESS)
		rc = code;
	lib.ldap_memfree(cookie->bv_val);
	*cookie = (struct berval){ 0 };
	page = rc == LDAP_SUCCESS && controls != NULL ? lib.ldap_control_find(
	    LDAP_CONTROL_PAGEDRESULTS, controls, NULL) : NULL;
	if (page != NULL)
		rc = lib.ldap_parse_pageresponse_control(s->ld, page, &count,
		    cookie);
	lib.ldap_controls_free(controls);
	return (rc == LDAP_SUCCESS ? 0 : refuse(s, rc, "it does not answer to the "
	    "end", e));
}

static int
read_page(struct search *s, struct berval *cookie, struct err *e)
{
	const struct directory *d = s->d;
	struct timeval t = { .tv_sec = d->timeout_us / 1000000,
		.tv_usec = d->timeout_us % 1000000 };
	char *wanted[DIRECTORY_ATTRIBUTES + 1] = { 0 };
	LDAPControl *page = NULL, *controls[2] = { 0 };
	LDAPMessage *res = NULL;
	int r = 0;

	for (size_t i = 0; i < d->nattributes; i++)
		wanted[i] = (char *)(uintptr_t)d->attributes[i];
	int rc = lib.ldap_create_page_control(s->ld, DIRECTORY_PAGE, cookie, 0,
	    &page);
	if (rc != LDAP_SUCCESS)
		return (refuse(s, rc, "it cannot be asked", e));
	controls[0] = page;
	rc = lib.ldap_search_ext_s(s->ld, d->base, LDAP_SCOPE_SUBTREE, d->filter,
	    wanted, 0, controls, NULL, &t, LDAP_NO_LIMIT, &res);
	lib.ldap_control_free(page);
	if (rc != LDAP_SUCCESS)
		r = refuse(s, rc, "it does not find anything", e);
	for (LDAPMessage *m = r == 0 ? lib.ldap_first_entry(s->ld, res) : NULL;
	    r == 0 && m != NULL; m = lib.ldap_next_entry(s->ld, m))
		r = take_entry(s, m, e);
	if (r == 0)
		r = next_page(s, res, cookie, e);
	lib.ldap_msgfree(res);
	return (r);
}

int
directory_search(const struct directory *d, directory_fn *fn, void *ctx,
    size_t *ret_n, struct err *e)
{
	struct search s = { .d = d, .fn = fn, .ctx = ctx };
	struct berval cookie = { 0 };
	int r = check_url(d, e);

	if (r == 0 && d->nattributes > DIRECTORY_ATTRIBUTES)
		r = err_set(e, ERR_LIMIT, d->url, "ask for fewer", "there are more "
		    "than %d attributes", DIRECTORY_ATTRIBUTES);
	if (r == 0)
		r = load(e);
	if (r != 0)
		return (r);
	r = connect_to(&s, e);
	do {
		if (r == 0)
			r = read_page(&s, &cookie, e);
	} while (r == 0 && cookie.bv_len != 0);
	lib.ldap_memfree(cookie.bv_val);
	if (s.ld != NULL)
		lib.ldap_unbind_ext_s(s.ld, NULL, NULL);
	if (r == 0)
		*ret_n = s.n;
	return (r);
}
