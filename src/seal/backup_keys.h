/*
 * The keys of a workspace in its depot: one object, replaced by each backup and
 * never kept in history, so that a key that was destroyed does not come back.
 *
 *     tickmark-backup-keys/v1
 *     origin NAME
 *     number 7                    of the point that it was written with
 *     file MODE SIZE NAME         the bytes follow; any number
 *     end
 */
#ifndef SEAL_BACKUP_KEYS_H
#define SEAL_BACKUP_KEYS_H

#include "base/err.h"
#include "seal/depot.h"

#define BACKUP_KEYS "keys" /* name of the object */
#define BACKUP_KEYS_MAX (UINT64_C(1) << 30)

/*
 * backup_keys_save(d, dir, m, e): all files of the keys directory, subjects.db
 * as of one instant, and the master key also if systemd passes it.
 */
int backup_keys_save(const struct depot *d, const char *dir,
    const struct point *m, struct err *e);

/* backup_keys_load(d, dir, origin, e): write them into ${dir}, a new one. */
int backup_keys_load(const struct depot *d, const char *dir,
    const char *origin, struct err *e);

#endif
