/*
 * A ledger for everybody to read, as C2SP tlog-tiles says: GET /checkpoint,
 * /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>]. Nothing else of the
 * workspace is reachable: a path is read as numbers, and files are opened by
 * names made from these. What lies beyond the checkpoint is not there.
 */
#ifndef WEB_TILES_H
#define WEB_TILES_H

#include "base/err.h"
#include "sys/httpd.h"

struct tiles;

/* tiles_new(files, log): FILES is DIR/ledger. */
struct tiles *tiles_new(const char *files);
void tiles_free(struct tiles *t); /* NULL is allowed */

/* tiles_serve(t, c): answer if the path is one of a ledger's; otherwise false
 * and nothing is done. */
bool tiles_serve(struct tiles *t, struct httpd_call *c);

/* tiles_path(path, ret_level, ret_n, ret_width): the numbers of
 * "tile/..."; false if it is not how such a path is written. */
bool tiles_path(struct str path, int *ret_level, uint64_t *ret_n,
    unsigned *ret_width);

#endif
