/*
 * What SQLite needs of the system in a sandbox: a layer (VFS) that keeps
 * temporary files in memory, where they count against the heap limit, and whose
 * clock stands still. A process that may not open files can so still sort in
 * pieces, which is faster than one large sort. Private to sys/db.c.
 */
#ifndef SYS_DB_TEMP_H
#define SYS_DB_TEMP_H

#include <stdint.h>

/* db_temp_vfs(): its name, registered when first asked for. */
const char *db_temp_vfs(void);
/* db_temp_pin(us): what its clock says. */
void db_temp_pin(int64_t us);

#endif
