#include "web/tiles.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "web/answer.h"

struct tiles {
	char *files;
	/* The checkpoint as it was when its file was last seen changed. */
	struct buf note;
	struct checkpoint head;
	struct timespec mtime;
	ino_t ino;
	bool have;
};

struct tiles *
tiles_new(const char *files)
{
	struct tiles *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->files = strdup(files)) == NULL)
		err_oom(sizeof(*t));
	return (t);
}

void
tiles_free(struct tiles *t)
{
	if (t == NULL)
		return;
	buf_free(&t->note);
	free(t->files);
	free(t);
}

/* --- paths ---------------------------------------------------------------- */

/* Three digits. */
static bool
group(struct str s, uint64_t *n)
{
	if (s.len != 3)
		return (false);
	for (size_t i = 0; i < 3; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return (false);
		*n = *n * 10 + (uint64_t)(s.ptr[i] - '0');
	}
	return (true);
}

/* A number of one way to be written. */
static bool
small(struct str s, uint64_t most, uint64_t *ret)
{
	return (s.len > 0 && s.len <= 3 && s.ptr[0] >= '0' &&
	    s.ptr[0] <= '9' && (s.len == 1 || s.ptr[0] != '0') &&
	    str_to_u64(s, ret) && *ret <= most);
}

/* x001/x234/067, or x001/x234/067.p/8: made again, it must be the same. */
bool
tiles_path(struct str path, int *ret_level, uint64_t *ret_n,
    unsigned *ret_width)
{
	struct str rest = path, part;
	uint64_t level = 0, n = 0, width = TILE_WIDTH;
	char again[TILE_PATH];
	size_t groups = 0;

	if (path.len >= TILE_PATH || !str_split(&rest, '/', &part) ||
	    !str_is(part, "tile") || !str_split(&rest, '/', &part))
		return (false);
	bool entries = str_is(part, "entries");
	if (!entries && !small(part, TILE_LEVELS - 1, &level))
		return (false);
	for (;;) {
		if (!str_split(&rest, '/', &part) || ++groups > 6)
			return (false);
		if (part.len != 4 || part.ptr[0] != 'x')
			break;
		part.ptr++;
		part.len--;
		if (!group(part, &n))
			return (false);
	}
	if (str_ends(part, ".p")) {
		struct str w;
		part.len -= 2;
		if (!str_split(&rest, '/', &w) ||
		    !small(w, TILE_WIDTH - 1, &width) || width == 0)
			return (false);
	}
	if (!group(part, &n) || rest.ptr != NULL)
		return (false);
	*ret_level = entries ? TILE_ENTRIES : (int)level;
	*ret_n = n;
	*ret_width = (unsigned)width;
	tile_path(*ret_level, n, *ret_width, again);
	return (str_is(path, again));
}

/* --- answers -------------------------------------------------------------- */

/* The checkpoint, verified when its file has changed. */
static int
load_head(struct tiles *t, struct err *e)
{
	BUF_SCOPED path = BUF_INIT, note = BUF_INIT;
	struct checkpoint head;
	struct stat st;

	buf_printf(&path, "%s/checkpoint", t->files);
	if (stat(path.ptr, &st) == 0 && t->have && st.st_ino == t->ino &&
	    st.st_mtim.tv_sec == t->mtime.tv_sec &&
	    st.st_mtim.tv_nsec == t->mtime.tv_nsec)
		return (0);
	int r = proof_note(t->files, "checkpoint", &note, &head, e);
	if (r != 0)
		return (r);
	buf_free(&t->note);
	t->note = note;
	note = (struct buf)BUF_INIT;
	t->head = head;
	t->mtime = st.st_mtim;
	t->ino = st.st_ino;
	t->have = true;
	return (0);
}

static void
damaged(struct httpd_call *c, const struct err *e)
{
	log_event(LOG_ERROR, "ledger", "what", e->what, "where", e->where,
	    NULL);
	answer_error(c, 500, "the ledger cannot be read at the moment\n");
}

/* A full tile; its entries may be many megabytes. -1: it is not there. */
static int
open_full(struct tiles *t, int level, uint64_t n, uint64_t *ret_size)
{
	char name[TILE_PATH];
	BUF_SCOPED path = BUF_INIT;
	struct stat st;

	tile_path(level, n, TILE_WIDTH, name);
	buf_printf(&path, "%s/%s", t->files, name);
	int fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return (-1);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		close(fd);
		return (-1);
	}
	*ret_size = (uint64_t)st.st_size;
	return (fd);
}

static void
serve_tile(struct tiles *t, struct httpd_call *c, int level, uint64_t n,
    unsigned width)
{
	BUF_SCOPED bytes = BUF_INIT;
	uint64_t size = 0;
	int fd = -1, r;
	struct err e;

	if (width > tile_width(level, n, t->head.size)) {
		answer_error(c, 404, "the ledger has no such tile (yet)\n");
		return;
	}
	if (width == TILE_WIDTH &&
	    (fd = open_full(t, level, n, &size)) < 0)
		r = err_set(&e, ERR_DAMAGED, t->files, NULL,
		    "a tile is missing");
	else
		r = fd >= 0 ? 0 :
		    tile_read(t->files, level, n, width, &bytes, &e);
	if (r != 0) {
		damaged(c, &e);
		return;
	}
	answer_public(c);
	httpd_header(c, "Content-Type", "application/octet-stream");
	/* The hashes of a partial tile stay as they are too, but its address is
	 * not asked for once the full one is there. */
	httpd_header(c, "Cache-Control", width == TILE_WIDTH ?
	    "public, max-age=31536000, immutable" : "public, max-age=3600");
	if (fd >= 0)
		httpd_reply_file(c, fd, size);
	else
		httpd_reply(c, 200, buf_str(&bytes));
}

bool
tiles_serve(struct tiles *t, struct httpd_call *c)
{
	struct str path = c->head->path;
	int level = 0;
	uint64_t n = 0;
	unsigned width = 0;
	struct err e;

	if (path.len == 0)
		return (false);
	path.ptr++;
	path.len--;
	bool head = str_is(path, "checkpoint");
	if (!head && !tiles_path(path, &level, &n, &width))
		return (false);
	if (c->head->method != HTTPD_GET && c->head->method != HTTPD_HEAD) {
		httpd_header(c, "Allow", "GET, HEAD");
		answer_error(c, 405, "this can only be read\n");
	} else if (load_head(t, &e) != 0) {
		damaged(c, &e);
	} else if (head) {
		answer_public(c);
		httpd_header(c, "Content-Type", "text/plain; charset=utf-8");
		httpd_header(c, "Cache-Control", "no-store");
		httpd_reply(c, 200, buf_str(&t->note));
	} else {
		serve_tile(t, c, level, n, width);
	}
	return (true);
}
