#include "record/settle.h"

#include "ledger/ledger.h"
#include "ledger/tile.h"
#include "record/workspace.h"
#include "sys/file.h"

#define UNFINISHED "init.unfinished"

/* --- temporary files -------------------------------------------------------- */

/* Names that are written under the lock, by file_write(). */
static const char *const in_dir[] = { "tickmark.workspace", "keys.path",
	UNFINISHED, NULL };
static const char *const in_ledger[] = { "checkpoint", "vkey", "witnessed",
	"policy", NULL };
static const char *const in_keys[] = { "master.key", "master.key.next",
	"ledger.key", "keyring", NULL };

/* "NAME.XXXXXX" of one of these; NULL: of a number, as tiles have. */
static bool
leftover(const char *const *names, const char *name)
{
	size_t n = strlen(name);

	if (n < 8 || name[n - 7] != '.' ||
	    strspn(name + n - 6, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != 6)
		return (false);
	if (names == NULL)
		return (strspn(name, "0123456789") == n - 7);
	for (; *names != NULL; names++)
		if (strlen(*names) == n - 7 &&
		    strncmp(*names, name, n - 7) == 0)
			return (true);
	return (false);
}

static int
tidy(const char *dir, const char *const *known, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n = 0;
	int r = file_exists(dir) ? file_list(&a, dir, &names, &n, e) : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (leftover(known, names[i]))
			r = file_remove(arena_printf(&a, "%s/%s", dir,
			    names[i]), e);
	return (r);
}

/* The directory of a file of the tree. */
static int
tidy_beside(struct arena *a, const char *files, int level, uint64_t n,
    unsigned width, struct err *e)
{
	char rel[TILE_PATH];

	tile_path(level, n, width, rel);
	*strrchr(rel, '/') = '\0';
	return (tidy(arena_printf(a, "%s/%s", files, rel), NULL, e));
}

/* Where the tree was growing when the writer was killed. */
static int
tidy_tiles(const char *files, uint64_t size, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	int r = 0;

	for (int level = TILE_ENTRIES; r == 0 && level < TILE_LEVELS; level++) {
		uint64_t n = (level > 0 ? size >> (TILE_BITS * level) : size) /
		    TILE_WIDTH;
		r = tidy_beside(&a, files, level, n, TILE_WIDTH, e);
		if (r == 0)
			r = tidy_beside(&a, files, level, n, 1, e);
	}
	return (r);
}

int
settle_files(struct workspace *ws, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *files = arena_printf(&a, "%s/ledger", ws->dir);
	struct ledger_head h;
	const char *keys;
	int r = settle_init_end(ws->dir, e);

	if (r == 0)
		r = workspace_keys_dir(&a, ws->dir, &keys, e);
	if (r == 0)
		r = tidy(ws->dir, in_dir, e);
	if (r == 0)
		r = tidy(files, in_ledger, e);
	if (r == 0)
		r = tidy(keys, in_keys, e);
	if (r == 0)
		r = ledger_head(ws->ledger, &h, e);
	/* A writer that ended well has sequenced all that it wrote. */
	if (r == 0 && h.size != h.sequenced)
		r = tidy_tiles(files, h.sequenced, e);
	if (r == 0 && h.size != h.sequenced)
		r = tidy_tiles(files, h.size, e);
	return (r);
}

/* --- init ------------------------------------------------------------------- */

static const char *
marker(struct arena *a, const char *dir)
{
	return (arena_printf(a, "%s/" UNFINISHED, dir));
}

int
settle_init_begin(const char *dir, struct err *e)
{
	static const char text[] = "tickmark init was not finished here; "
	    "the next one begins again.\n";
	ARENA_SCOPED a = ARENA_INIT;

	return (file_write(marker(&a, dir), 0644, text, sizeof(text) - 1, e));
}

int
settle_init_end(const char *dir, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = marker(&a, dir);

	if (!file_exists(path))
		return (0);
	int r = tidy(dir, in_dir, e);
	return (r != 0 ? r : file_remove(path, e));
}

bool
settle_init_left(const char *dir)
{
	ARENA_SCOPED a = ARENA_INIT;

	return (file_exists(marker(&a, dir)));
}
