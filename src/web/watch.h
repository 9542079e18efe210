/*
 * A witness over HTTP, as C2SP tlog-witness says: POST /add-checkpoint, and
 * GET /HASH/checkpoint for the newest head of a ledger that it cosigned.
 */
#ifndef WEB_WATCH_H
#define WEB_WATCH_H

#include "base/err.h"
#include "ledger/witness.h"
#include "sys/httpd.h"

#define WATCH_BODY WITNESS_BODY

struct watch;
/* watch_new(dir, keys_dir, ret, e): ERR_NOTFOUND if there is no witness. */
int watch_new(const char *dir, const char *keys_dir, struct watch **ret,
    struct err *e);
void watch_free(struct watch *w); /* NULL is allowed */

/* watch_serve(w, c): answer if the path is a witness's; otherwise false. */
bool watch_serve(struct watch *w, struct httpd_call *c);

#endif
