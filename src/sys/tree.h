/*
 * A folder that others may have written in, two levels deep: files lie in it or
 * in a folder of it. Nothing outside is read or written, whatever the names and
 * links in it say: every step is taken from the open folder, symbolic links are
 * never followed, and what is no regular file is not opened for reading.
 *
 * ${sub} is the name of a folder in it, or "" for itself; names are one
 * component each, and a name with a slash, "." and ".." are refused.
 */
#ifndef SYS_TREE_H
#define SYS_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/banned.h"
#include "base/err.h"
#include "base/str.h"

struct tree {
	int fd;
	char *path; /* owned; for messages */
	int in;     /* the folder of it that was used last, or -1 */
	char *sub;  /* its name, owned */
};
#define TREE_INIT { -1, NULL, -1, NULL }
#define TREE_SCOPED __attribute__((cleanup(tree_close))) struct tree

/* tree_open(t, path, make, e): ${make} makes it if it is not there; its parent
 * must be. ERR_NOTFOUND. */
int tree_open(struct tree *t, const char *path, bool make, struct err *e);
void tree_close(struct tree *t); /* NULL and a closed one are allowed */

enum tree_kind { TREE_FILE, TREE_FOLDER, TREE_OTHER }; /* links, devices ... */
struct tree_entry {
	const char *name;
	enum tree_kind kind;
};
/*
 * tree_list(t, sub, a, most, ret, ret_n, e): what is in it, sorted by bytes,
 * without what begins with a dot. ERR_LIMIT if there are over ${most};
 * ERR_NOTFOUND if there is no such folder.
 */
int tree_list(struct tree *t, const char *sub, struct arena *a,
    size_t most, struct tree_entry **ret, size_t *ret_n, struct err *e);

/* tree_empty(t, ret, e): has it nothing but what begins with a dot? */
int tree_empty(struct tree *t, bool *ret, struct err *e);

/*
 * tree_read(t, sub, name, limit, out, e): replace ${out} by the file.
 * ERR_NOTFOUND; ERR_LIMIT over ${limit} bytes; ERR_INPUT if it is no regular
 * file. A pipe or a device is not waited for.
 */
int tree_read(struct tree *t, const char *sub, const char *name,
    size_t limit, struct buf *out, struct err *e);

/*
 * tree_write(t, sub, name, text, e): the file holds exactly these bytes, or what
 * it held before; makes ${sub} if it is not there. It is not synced: what is
 * written here can be written again.
 */
int tree_write(struct tree *t, const char *sub, const char *name,
    struct str text, struct err *e);
/* tree_remove(t, sub, name, e): not an error if it is not there; ${sub} goes
 * with the last of it. */
int tree_remove(struct tree *t, const char *sub, const char *name,
    struct err *e);

#endif
