/*
 * What the server of a workspace is told: DIR/serve.conf, lines "key = value",
 * "#" before a comment. A missing file means the defaults. doc/operating.md
 * lists the keys.
 */
#ifndef WEB_CONF_H
#define WEB_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/http.h"

#define CONF_MAX 65536
#define CONF_TARGETS 32 /* witnesses; authorities */

/* A server that is asked: a witness of the policy, or a time stamp authority. */
struct conf_target {
	const char *name;
	const char *url;
	const char *trust;    /* of an authority: file of certificates */
	enum http_net net;    /* where its address may be */
	int line;             /* of its first mention */
};

struct conf {
	const char *dir;
	const char *path;   /* of the file, for errors */
	const char *listen;
	bool form, form_forwarded; /* the public form; who asks, by a proxy */
	int64_t api_rate, api_burst; /* requests of a token: a second, at once */
	int64_t witness_every, timestamp_every; /* microseconds */
	struct conf_target witness[CONF_TARGETS], tsa[CONF_TARGETS];
	size_t nwitness, ntsa;
};

#define CONF_LISTEN "127.0.0.1:8420"

/* conf_load(a, dir, ret, e): ERR_INPUT names "DIR/serve.conf:LINE". */
int conf_load(struct arena *a, const char *dir, struct conf *ret,
    struct err *e);
/* conf_parse(a, dir, text, ret, e): the same from its text. */
int conf_parse(struct arena *a, const char *dir, struct str text,
    struct conf *ret, struct err *e);

/*
 * conf_allow(a, kind, name): what to write, in ${a}, so that a server may lie in
 * a private network or on this machine; ${kind} is "witness" or "timestamp".
 */
const char *conf_allow(struct arena *a, const char *kind, const char *name);

/* conf_span(s, ret_us): "90s", "10m", "24h", "7d". */
bool conf_span(struct str s, int64_t *ret_us);

#endif
