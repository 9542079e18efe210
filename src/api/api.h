/*
 * The HTTP API, /api/v1: records by their declarations, their history, search,
 * batches, files; and what modules add to the table of routes (route.h).
 *
 * A call goes from the server's loop to a reader: a thread that has the
 * workspace open for reading, finds out who asks, and answers. What writes is
 * handed on to the writer, one thread that has the workspace's lock while there
 * is work, and lends it to others when there is none (writer.h). doc/api.md.
 */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct api;
struct httpd;
struct httpd_call;
struct httpd_plan;

/* What is set in serve.conf. */
struct api_conf {
	const char *dir;
	int64_t rate;  /* requests a second of one token, in the long run */
	int64_t burst; /* and at once */
	bool form;     /* the public form is there (form.h) */
	bool forwarded; /* a proxy on this machine says who asks it */
};

/*
 * api_new(conf, h, ret, e): begin; answers go through ${h}, whose loop is to
 * run. The process must not fork from now on. api_free(): when it has ended;
 * NULL is allowed.
 */
int api_new(const struct api_conf *conf, struct httpd *h, struct api **ret,
    struct err *e);
void api_free(struct api *a);

/* The three of struct httpd_face; those of other paths are left alone:
 * api_serve() answers false. */
void api_head(struct api *a, struct httpd_call *c, struct httpd_plan *plan);
bool api_serve(struct api *a, struct httpd_call *c);
void api_done(struct api *a, struct httpd_call *c);
/* api_logged(path): as much of a path as may be written down. */
struct str api_logged(struct str path);
/* The fourth: what the server's core refuses is a problem too. */
const char *api_refuse(int status, struct str target, struct buf *body);

#endif
