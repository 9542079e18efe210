/*
 * Settling: what a command that was killed left behind is finished or removed by
 * the next one that writes. What stands in entries has its own settlers
 * (rotate_settle(), record_forget(), policy_adopt_settle()); here are files.
 */
#ifndef RECORD_SETTLE_H
#define RECORD_SETTLE_H

#include <stdbool.h>

#include "base/err.h"

struct workspace;

/*
 * settle_files(ws, e): remove temporary files of writes under the workspace's
 * lock, "NAME.XXXXXX": some hold keys. Others' files are left alone.
 */
int settle_files(struct workspace *ws, struct err *e);

/*
 * An unfinished init is told by a file that is written first and removed when
 * the workspace is there; without it a directory that is not empty is somebody's.
 */
int settle_init_begin(const char *dir, struct err *e);
int settle_init_end(const char *dir, struct err *e);
bool settle_init_left(const char *dir);

#endif
