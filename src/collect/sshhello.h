/*
 * The first messages of SSH in clear (RFC 4253, 4.2 and 7.1): the server's
 * greeting and the algorithms that it offers.
 */
#ifndef COLLECT_SSHHELLO_H
#define COLLECT_SSHHELLO_H

#include <stdbool.h>

#include "base/str.h"

enum sshhello_kind {
	SSHHELLO_KEX,
	SSHHELLO_HOSTKEY,
	SSHHELLO_CIPHER,
	SSHHELLO_MAC,
	SSHHELLO_COMPRESSION,
	SSHHELLO_KIND_MAX
};

struct sshhello {
	struct str banner; /* "SSH-2.0-OpenSSH_9.2p1 Debian-2" */
	struct str lists[SSHHELLO_KIND_MAX][2]; /* to the server, from it */
};

enum sshhello_answer { SSHHELLO_MORE, SSHHELLO_DONE, SSHHELLO_NONSENSE };
/* sshhello_read(bytes, ret): all that the server sent so far; ret borrows. */
enum sshhello_answer sshhello_read(struct str bytes, struct sshhello *ret);

const char *sshhello_kind(enum sshhello_kind k);
/* sshhello_weak(k, name): known to be weak; doc/collectors.md says why. */
bool sshhello_weak(enum sshhello_kind k, struct str name);
/* sshhello_signal(name): no algorithm, but a sign of an extension. */
bool sshhello_signal(struct str name);

#endif
