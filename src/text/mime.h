/*
 * Writing a message of e-mail: RFC 5322 header fields, encoded words (RFC
 * 2047) where a name or subject is not ASCII, a text/plain body in UTF-8 as
 * quoted-printable (RFC 2045). All lines end with CRLF and have at most 76
 * octets; no text that is given can begin a header field or end the header.
 */
#ifndef TEXT_MIME_H
#define TEXT_MIME_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct mime_mail {
	struct str from_name; /* or empty */
	struct str from;      /* addresses as sys/smtp.h takes them */
	struct str to;
	struct str subject;
	int64_t date;         /* microseconds UTC */
	struct str id;        /* of Message-ID, without <>: printable, one @ */
	struct str text;      /* lines end with LF; not UTF-8 becomes U+FFFD */
};

/* mime_put(out, m, e): append the message. ERR_INPUT: an address or id that
 * could be more than one. */
int mime_put(struct buf *out, const struct mime_mail *m, struct err *e);

/* mime_phrase(out, s, col): ${s} as it may stand in a header field, from column
 * ${col} of its line: as it is, quoted, or in encoded words, folded. */
void mime_phrase(struct buf *out, struct str s, size_t col);
/* mime_unstructured(out, s, col): the same for a subject. */
void mime_unstructured(struct buf *out, struct str s, size_t col);

#endif
