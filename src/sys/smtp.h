/*
 * Handing a message to a mail server, over libcurl. The server is one that a
 * settings file names; its address is looked at as http.h does, certificates
 * are verified, and a password is sent only over TLS.
 */
#ifndef SYS_SMTP_H
#define SYS_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/http.h"

enum smtp_tls {
	SMTP_TLS,      /* from the first byte: port 465 */
	SMTP_STARTTLS, /* after STARTTLS, and not without it: port 587 */
	SMTP_PLAIN     /* none: a server on this machine; no password */
};

struct smtp_mail {
	const char *host;
	int port;
	enum smtp_tls tls;
	enum http_net net;
	const char *allow;      /* what to do if it lies elsewhere, or NULL */
	const char *helo;       /* name that we give ourselves */
	const char *user;       /* NULL: none is given */
	const char *password;
	const char *ca;         /* file of roots; NULL: the machine's */
	const char *from;       /* address alone: "tickmark@example.org" */
	const char *const *to;  /* addresses, NULL at the end */
	struct str message;     /* header and body, lines end with CRLF */
	int64_t timeout_us;
};

/*
 * smtp_send(m, ret_refused, e): 0 once the server has taken it. *ret_refused,
 * on an error: the server says that it never will (its reply was 5xx to the
 * sender, a recipient or the message), so that trying again is of no use.
 * ERR_ENV, ERR_DENIED, ERR_TIMEOUT, ERR_IO; ERR_INPUT for an address that could
 * be taken for more than an address, or a password without TLS.
 */
int smtp_send(const struct smtp_mail *m, bool *ret_refused, struct err *e);

/* smtp_address_ok(s): "local@host" of printable ASCII that needs no quoting,
 * at most 320 bytes. */
bool smtp_address_ok(struct str s);

#endif
