/*
 * The server of a workspace: the public files of its ledger over HTTP, and its
 * jobs (jobs.h). It does not hold the workspace's lock, so the command line
 * works beside it. One server for a workspace: DIR/serve.lock.
 */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include "base/arena.h"
#include "base/err.h"

/* Told once it listens: "127.0.0.1:8420". */
typedef void serve_ready_fn(void *ctx, const char *at);

/*
 * serve_workspace(dir, listen, ready, ctx, e): until SIGTERM or SIGINT, then 0
 * when what was running has ended. SIGHUP reads serve.conf again. ${listen} NULL: that of
 * serve.conf. ERR_BUSY: another server has this workspace.
 */
int serve_workspace(const char *dir, const char *listen,
    serve_ready_fn *ready, void *ctx, struct err *e);

/* serve_witness(dir, keys_dir, listen, ready, ctx, e): a witness alone. */
int serve_witness(const char *dir, const char *keys_dir, const char *listen,
    serve_ready_fn *ready, void *ctx, struct err *e);

#endif
