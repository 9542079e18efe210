/*
 * The two jobs of a workspace's backups, as the command line and the server run
 * them: each does its work without the workspace's lock and says what became of
 * it as an event, which whoever holds the lock records.
 */
#ifndef SEAL_BACKUP_JOB_H
#define SEAL_BACKUP_JOB_H

#include "seal/backup.h"
#include "seal/backup_record.h"
#include "seal/backup_settings.h"
#include "seal/restore.h"

/* backup_job_point(dir, s, ret, event, e): make a point. ${event} is filled
 * also if that fails; ${ret} only if it does not. */
int backup_job_point(const char *dir, const struct backup_settings *s,
    struct backup_result *ret, struct backup_event *event, struct err *e);

/*
 * backup_job_test(dir, s, at, ret, event, e): restore the point ${at} (as
 * seal_point_at() takes it) into DIR/restore-test.tmp, check all of it against
 * itself and against this workspace, and remove it again.
 */
int backup_job_test(const char *dir, const struct backup_settings *s,
    const char *at, struct seal_restore_result *ret,
    struct backup_event *event, struct err *e);

/*
 * backup_job_due(l, s, kind, now, ret, e): whether it is time: so long after
 * the last one that went well, in this depot. If the last one failed within
 * the hour, the error says so: it is tried again after that.
 */
int backup_job_due(struct ledger *l, const struct backup_settings *s,
    enum backup_kind kind, int64_t now, bool *ret, struct err *e);

#endif
