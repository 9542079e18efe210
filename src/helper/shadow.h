/*
 * /etc/shadow without its secrets. What leaves this file about a password is
 * its state and how it is hashed. shadow(5), crypt(5).
 */
#ifndef HELPER_SHADOW_H
#define HELPER_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define SHADOW_NONE INT64_C(-1)

struct shadow_line {
	struct str login;
	const char *state;  /* none, locked, set, disabled */
	const char *scheme; /* yescrypt ... des other none; NULL: no hash */
	int64_t changed;    /* day since 1970, SHADOW_NONE if not there */
	int64_t max_days;
	int64_t expires;
	bool must_change;   /* at the next sign-in (day 0) */
};

/* shadow_read(line, ret): one line of /etc/shadow; false if it is none. */
bool shadow_read(struct str line, struct shadow_line *ret);
/* The line of the helper's answer, and back. */
void shadow_put(struct buf *out, const struct shadow_line *s);
bool shadow_get(struct str line, struct shadow_line *ret);

#endif
