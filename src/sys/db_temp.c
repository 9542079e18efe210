#include "sys/db_temp.h"

#include <sqlite3.h>
#include <string.h>

#include "base/banned.h"

static sqlite3_vfs *system_vfs;
static int64_t pinned_us;

/* --- a clock that stands still -------------------------------------------- */

void
db_temp_pin(int64_t us)
{
	pinned_us = us;
}

static int
now64(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	/* Milliseconds of the Julian day; 1970-01-01 is day 2440587.5. */
	*ret = pinned_us / 1000 + INT64_C(210866760000000);
	return (SQLITE_OK);
}

static int
now(sqlite3_vfs *vfs, double *ret)
{
	sqlite3_int64 ms;

	now64(vfs, &ms);
	*ret = (double)ms / 86400000.0;
	return (SQLITE_OK);
}

/* --- a file in memory ------------------------------------------------------ */

struct memfile {
	sqlite3_file base;
	unsigned char *p;
	sqlite3_int64 n;
	sqlite3_int64 cap;
};

static int
mem_close(sqlite3_file *file)
{
	struct memfile *f = (struct memfile *)file;

	sqlite3_free(f->p);
	f->p = NULL;
	return (SQLITE_OK);
}

static int
mem_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	struct memfile *f = (struct memfile *)file;
	sqlite3_int64 have = at < f->n ? f->n - at : 0;

	if (have >= n) {
		memcpy(out, f->p + at, (size_t)n);
		return (SQLITE_OK);
	}
	if (have > 0)
		memcpy(out, f->p + at, (size_t)have);
	memset((char *)out + have, 0, (size_t)(n - have));
	return (SQLITE_IOERR_SHORT_READ);
}

static int
mem_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct memfile *f = (struct memfile *)file;

	if (at + n > f->cap) {
		sqlite3_int64 cap = f->cap + f->cap / 2;
		if (cap < at + n)
			cap = at + n + 65536;
		unsigned char *grown = sqlite3_realloc64(f->p,
		    (sqlite3_uint64)cap);
		if (grown == NULL)
			return (SQLITE_IOERR_NOMEM);
		f->p = grown;
		f->cap = cap;
	}
	if (at > f->n)
		memset(f->p + f->n, 0, (size_t)(at - f->n));
	memcpy(f->p + at, p, (size_t)n);
	if (at + n > f->n)
		f->n = at + n;
	return (SQLITE_OK);
}

static int
mem_truncate(sqlite3_file *file, sqlite3_int64 n)
{
	struct memfile *f = (struct memfile *)file;

	if (n < f->n)
		f->n = n;
	return (SQLITE_OK);
}

static int
mem_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return (SQLITE_OK);
}

static int
mem_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	*ret = ((struct memfile *)file)->n;
	return (SQLITE_OK);
}

static int
mem_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return (SQLITE_OK);
}

static int
mem_reserved(sqlite3_file *file, int *ret)
{
	(void)file;
	*ret = 0;
	return (SQLITE_OK);
}

static int
mem_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return (SQLITE_NOTFOUND);
}

static int
mem_sector(sqlite3_file *file)
{
	(void)file;
	return (4096);
}

static int
mem_traits(sqlite3_file *file)
{
	(void)file;
	return (0);
}

static const sqlite3_io_methods mem_methods = {
	.iVersion = 1,
	.xClose = mem_close,
	.xRead = mem_read,
	.xWrite = mem_write,
	.xTruncate = mem_truncate,
	.xSync = mem_sync,
	.xFileSize = mem_size,
	.xLock = mem_lock,
	.xUnlock = mem_lock,
	.xCheckReservedLock = mem_reserved,
	.xFileControl = mem_control,
	.xSectorSize = mem_sector,
	.xDeviceCharacteristics = mem_traits,
};

static int
open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *ret_flags)
{
	struct memfile *f = (struct memfile *)file;

	(void)vfs;
	if (name != NULL)
		return (system_vfs->xOpen(system_vfs, name, file, flags,
		    ret_flags));
	memset(f, 0, sizeof(*f));
	f->base.pMethods = &mem_methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return (SQLITE_OK);
}

const char *
db_temp_vfs(void)
{
	static sqlite3_vfs vfs;

	if (system_vfs == NULL) {
		system_vfs = sqlite3_vfs_find(NULL);
		vfs = *system_vfs;
		vfs.pNext = NULL;
		vfs.zName = "tickmark-temp";
		vfs.xOpen = open_file;
		vfs.xCurrentTime = now;
		vfs.xCurrentTimeInt64 = now64;
		if (vfs.szOsFile < (int)sizeof(struct memfile))
			vfs.szOsFile = (int)sizeof(struct memfile);
		sqlite3_vfs_register(&vfs, 0);
	}
	return (vfs.zName);
}
