/*
 * Files: what durable storage needs from the system. Every error names the
 * path and what to do about it (a full disk says that it is full). A file that
 * was written atomically is there completely, or as it was before.
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/banned.h"
#include "base/err.h"
#include "base/str.h"

/* file_error(e, errno, doing, path): the sentence for a failed call. */
int file_error(struct err *e, int err, const char *doing, const char *path);

/* file_exists(path): something is there (a broken link is not). */
bool file_exists(const char *path);

/*
 * file_read(path, limit, out, e): replace the content of ${out} by the file.
 * ERR_NOTFOUND if there is none, ERR_LIMIT if it has over ${limit} bytes.
 */
int file_read(const char *path, size_t limit, struct buf *out, struct err *e);

/*
 * file_write(path, mode, p, n, e): the file holds exactly these bytes, durably:
 * a temporary file beside it, fsync, rename, fsync of the directory.
 */
int file_write(const char *path, mode_t mode, const void *p, size_t n,
    struct err *e);

/*
 * file_write_later(path, mode, p, n, e): the same without the last step; the
 * caller makes many of them durable with one file_sync_dir() per directory.
 */
int file_write_later(const char *path, mode_t mode, const void *p, size_t n,
    struct err *e);

/* file_mkdirs(path, mode, e): like mkdir -p; new parents are made durable. */
int file_mkdirs(const char *path, mode_t mode, struct err *e);

int file_sync_dir(const char *path, struct err *e);

/* file_remove(path, e): unlink; not an error if it is not there. */
int file_remove(const char *path, struct err *e);

/*
 * file_remove_tree(path, e): remove a directory with all that is in it. Does
 * not follow symbolic links and does not leave the directory.
 */
int file_remove_tree(const char *path, struct err *e);

/*
 * file_list(a, path, ret_names, ret_n, e): names in a directory, sorted by
 * bytes, without "." and "..".
 */
int file_list(struct arena *a, const char *path, char ***ret_names,
    size_t *ret_n, struct err *e);

/* file_space(path, ret_bytes, e): bytes that this user may still write. */
int file_space(const char *path, uint64_t *ret_bytes, struct err *e);

/* --- an open file -------------------------------------------------------- */

struct file {
	int fd;
	char *path; /* owned */
};
#define FILE_INIT { -1, NULL }
#define FILE_SCOPED __attribute__((cleanup(file_close))) struct file

enum file_mode {
	FILE_READ,   /* must exist */
	FILE_APPEND, /* made if it is not there; reading is allowed as well */
};

int file_open(struct file *f, const char *path, enum file_mode mode,
    mode_t perm, struct err *e);
void file_close(struct file *f); /* NULL and a closed file are allowed */
int file_size(const struct file *f, uint64_t *ret_bytes, struct err *e);
/* file_pread: exactly ${n} bytes from ${off}, or ERR_DAMAGED: it is shorter. */
int file_pread(const struct file *f, void *p, size_t n, uint64_t off,
    struct err *e);
/* file_pwrite: all of the bytes at ${off}; may leave a part on an error. */
int file_pwrite(const struct file *f, const void *p, size_t n, uint64_t off,
    struct err *e);
int file_truncate(const struct file *f, uint64_t size, struct err *e);
int file_sync(const struct file *f, struct err *e); /* fdatasync */

/* --- the lock ------------------------------------------------------------ */

/*
 * file_lock(f, path, e): take the exclusive lock of ${path} (made if it is not
 * there; a lock of the open file, F_OFD_SETLK) and write our pid into it.
 * ERR_BUSY names the holder's pid. The lock lasts until file_close(f) or the
 * end of the process, however it ends.
 */
int file_lock(struct file *f, const char *path, struct err *e);

/* --- faults -------------------------------------------------------------- */

enum file_op {
	FILE_OP_OPEN,
	FILE_OP_READ,
	FILE_OP_WRITE,
	FILE_OP_SYNC,
	FILE_OP_RENAME,
	FILE_OP_REMOVE,
	FILE_OP_MKDIR,
	FILE_OP_TRUNCATE,
};

/*
 * file_fault_install(fn, ctx): before each of these calls ask ${fn}; if it
 * answers an errno, the call fails with it (a write first writes the half).
 * For tests; NULL takes it out again.
 */
typedef int file_fault_fn(void *ctx, enum file_op op, const char *path);
void file_fault_install(file_fault_fn *fn, void *ctx);

#endif
