/*
 * Workspace: the directory that holds one organisation's programme, opened as
 * a whole: its description, lock, records.db, keys and ledger.
 *
 *     DIR/tickmark.workspace   key = value lines: format, org, origin, zone,
 *                              demo, created; refused if the format is newer
 *     DIR/lock                 held by the one process that writes
 *     DIR/keys.path            (optional) where the keys are instead of DIR/keys
 */
#ifndef RECORD_WORKSPACE_H
#define RECORD_WORKSPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "record/record.h"
#include "sys/file.h"

struct keys;
struct zone;

#define WORKSPACE_FORMAT 1

struct workspace {
	struct arena arena;      /* of what is described here */
	const char *dir;
	struct str org;          /* the organisation's name */
	struct str origin;       /* name of the ledger */
	const struct zone *zone; /* civil dates are meant in it */
	bool demo;               /* made with --demo: the clock may be moved */
	int64_t created;         /* microseconds UTC */
	bool writable;
	struct db *db;           /* records.db */
	struct keys *keys;
	struct ledger *ledger;
	struct record_store records; /* db and ledger */
	struct record_actor actor;   /* uid:NUMBER of this process, as owner */
	struct file lock;
};

struct workspace_spec {
	const char *org;      /* required, 1 to 200 bytes of one line */
	const char *zone;     /* IANA name; NULL: UTC */
	const char *keys_dir; /* NULL: DIR/keys */
	bool demo;
};

/*
 * workspace_create(dir, spec, ret, e):
 * Make ${dir} (which must not exist, or be empty) and all in it, and open it
 * for writing, with the criteria, the control library, its mappings and the
 * list of policies as records. What was made is removed again if that fails. ERR_INPUT for a
 * bad name or zone, ERR_CONFLICT if there is something in ${dir} already.
 */
int workspace_create(const char *dir, const struct workspace_spec *spec,
    struct workspace **ret, struct err *e);

/*
 * workspace_open(dir, writable, ret, e):
 * ERR_NOTFOUND: no workspace there; ERR_NEWER: made by a newer version;
 * ERR_BUSY: ${writable}, and another process has the lock (named by its pid);
 * ERR_DAMAGED: as ledger_open() says. A database of an older version is
 * brought up to date when opened for writing; for reading it is ERR_BUSY with
 * the remedy. In a demo workspace the environment's TICKMARK_CLOCK (RFC 3339)
 * moves the clock of the process; elsewhere it is refused (ERR_DENIED).
 */
int workspace_open(const char *dir, bool writable, struct workspace **ret,
    struct err *e);

/* workspace_open_job(dir, ret, e): for writing, by a job of the server that has
 * the lock for a moment: others wait for it instead of being refused. */
int workspace_open_job(const char *dir, struct workspace **ret, struct err *e);

/*
 * workspace_unlock(ws), workspace_lock(ws, e): give the lock back for a while, and
 * take it again (ERR_BUSY as above), as a job does, with all that was opened kept. Whoever does
 * so looks whether somebody else wrote meanwhile; if so it is unlocked and closed,
 * which then writes nothing, and opened anew.
 */
void workspace_unlock(struct workspace *ws);
int workspace_lock(struct workspace *ws, struct err *e);

/*
 * workspace_look(dir, a, ret, e): only the description and the path of the
 * keys, without opening anything: for doctor, which looks at damaged ones.
 * Fills dir, org, origin, zone, demo, created of ${ret}.
 */
int workspace_look(const char *dir, struct workspace *ret, struct err *e);
/* workspace_clock(ws, e): move the process's clock as the environment says, for
 * who only looked; workspace_open() does it by itself. */
int workspace_clock(const struct workspace *ws, struct err *e);
/* workspace_keys_dir(a, dir, ret, e): where the keys are. */
int workspace_keys_dir(struct arena *a, const char *dir, const char **ret,
    struct err *e);

/* workspace_close(ws): sequences the ledger if writable. NULL is allowed. */
void workspace_close(struct workspace *ws);
static inline void
workspace_close_p(struct workspace **ws)
{
	workspace_close(*ws);
}
#define WORKSPACE_SCOPED __attribute__((cleanup(workspace_close_p))) \
	struct workspace

#endif
