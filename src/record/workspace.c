#include "record/workspace.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/id.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "ledger/policy_adopt.h"
#include "ledger/rotate.h"
#include "record/forget.h"
#include "record/history.h"
#include "record/install.h"
#include "record/migrate.h"
#include "record/reads.h"
#include "record/settle.h"
#include "sys/db.h"
#include "text/timefmt.h"
#include "text/zone.h"

#define DESCRIPTION "tickmark.workspace"
#define DESCRIPTION_MAX 4096

static const char *
in(struct arena *a, const char *dir, const char *name)
{
	return (arena_printf(a, "%s/%s", dir, name));
}

static int
check_org(const char *org, struct err *e)
{
	struct str s = str_trim(str_from(org));

	if (s.len == 0 || s.len > 200 || !str_utf8_ok(s))
		return (err_set(e, ERR_INPUT, "--org",
		    "give a name of 1 to 200 bytes", "the organisation needs a name"));
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return (err_set(e, ERR_INPUT, "--org", "give one line of text",
			    "the name has a control character"));
	return (0);
}

/* One line of the description. */
static int
take_line(struct workspace *ws, struct str key, struct str value,
    const char *where, struct err *e)
{
	struct arena *a = &ws->arena;
	int64_t n;

	if (str_is(key, "format")) {
		if (!str_to_i64(value, &n) || n < 1)
			return (err_set(e, ERR_DAMAGED, where,
			    "restore the file from a backup", "format is not a number"));
		if (n > WORKSPACE_FORMAT)
			return (err_set(e, ERR_NEWER, where,
			    "use the newer version of tickmark",
			    "the workspace has format %lld, this program knows %d",
			    (long long)n, WORKSPACE_FORMAT));
	} else if (str_is(key, "org")) {
		ws->org = arena_str(a, value);
	} else if (str_is(key, "origin")) {
		ws->origin = arena_str(a, value);
	} else if (str_is(key, "zone")) {
		int r = zone_load(a, arena_strndup(a, value.ptr, value.len),
		    &ws->zone, e);
		return (r == -ERR_INPUT ? err_at(e, "%s", where) : r);
	} else if (str_is(key, "demo")) {
		ws->demo = str_is(value, "yes");
	} else if (str_is(key, "created")) {
		return (time_parse(value, &ws->created, e));
	} else {
		return (err_set(e, ERR_DAMAGED, where,
		    "restore the file from a backup", "unknown key " STR_FMT,
		    STR_ARG(key)));
	}
	return (0);
}

int
workspace_look(const char *dir, struct workspace *ws, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct arena *a = &ws->arena;
	struct str line;

	ws->dir = arena_strdup(a, dir);
	ws->zone = zone_utc();
	const char *path = in(a, dir, DESCRIPTION);
	int r = file_read(path, DESCRIPTION_MAX, &text, e);
	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_NOTFOUND, dir,
		    arena_printf(a, "create one: tickmark init %s --org NAME",
		    arena_shell(a, str_from(dir))),
		    "there is no workspace here"));
	if (r != 0)
		return (r);
	struct str rest = buf_str(&text);
	for (int n = 1; str_split(&rest, '\n', &line); n++) {
		const char *where = arena_printf(a, "%s:%d", path, n);
		const char *eq = line.len ? memchr(line.ptr, '=', line.len) : NULL;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (eq == NULL)
			return (err_set(e, ERR_DAMAGED, where,
			    "restore the file from a backup", "expected key = value"));
		struct str key = { line.ptr, (size_t)(eq - line.ptr) };
		struct str value = { eq + 1, line.len - key.len - 1 };
		r = take_line(ws, str_trim(key), str_trim(value), where, e);
		if (r != 0)
			return (r);
	}
	if (ws->org.len == 0 || ws->origin.len == 0)
		return (err_set(e, ERR_DAMAGED, path,
		    "restore the file from a backup", "org or origin is missing"));
	return (0);
}

int
workspace_keys_dir(struct arena *a, const char *dir, const char **ret,
    struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct err own;
	int r = file_read(in(a, dir, "keys.path"), DESCRIPTION_MAX, &text, &own);

	if (r == -ERR_NOTFOUND) {
		*ret = in(a, dir, "keys");
		return (0);
	}
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	struct str s = str_trim(buf_str(&text));
	*ret = arena_strndup(a, s.ptr, s.len);
	return (0);
}

int
workspace_clock(const struct workspace *ws, struct err *e)
{
	const char *s = getenv("TICKMARK_CLOCK");
	int64_t us;

	if (s == NULL || *s == '\0')
		return (0);
	if (!ws->demo)
		return (err_set(e, ERR_DENIED, "TICKMARK_CLOCK",
		    "unset it; only workspaces made with --demo allow it",
		    "the clock of this workspace cannot be moved"));
	int r = time_parse(str_from(s), &us, e);
	if (r != 0)
		return (err_at(e, "TICKMARK_CLOCK"));
	clock_replace(us);
	return (0);
}

void
workspace_close(struct workspace *ws)
{
	if (ws == NULL)
		return;
	/* What was appended gets its tiles and checkpoint. If that fails, nothing
	 * is lost: the next writer catches up. */
	if (ws->writable && ws->lock.fd >= 0 && ws->ledger != NULL &&
	    !ledger_in_transaction(ws->ledger))
		ledger_sequence(ws->ledger, NULL);
	ledger_close(ws->ledger);
	keys_close(ws->keys);
	db_close(ws->db);
	file_close(&ws->lock);
	arena_free(&ws->arena);
	free(ws);
}

static struct workspace *
fresh(void)
{
	struct workspace *ws = calloc(1, sizeof(*ws));

	if (ws == NULL)
		err_oom(sizeof(*ws));
	ws->lock = (struct file)FILE_INIT;
	return (ws);
}

/* What a lost or damaged one can be made from lies beside it. */
static int
open_records(struct workspace *ws, unsigned create, struct err *e)
{
	struct arena *a = &ws->arena;
	const char *path = in(a, ws->dir, "records.db");
	int r = db_open(&ws->db, path, create | (ws->writable ?
	    DB_WRITER | DB_WAL | DB_FULL : 0), e);

	if (r == -ERR_NOTFOUND && file_exists(path))
		return (err_set(e, ERR_IO, path, "check the permissions",
		    "the database of the workspace cannot be opened"));
	if (r != -ERR_NOTFOUND && r != -ERR_DAMAGED)
		return (r);
	return (err_set(e, ERR_DAMAGED, path,
	    arena_printf(a, "make it again: tickmark rebuild %s --records",
	    arena_shell(a, str_from(ws->dir))), r == -ERR_NOTFOUND ? "the database of the workspace is not "
	    "there" : "the database of the workspace is damaged"));
}

static int
open_parts(struct workspace *ws, unsigned create, struct err *e)
{
	struct arena *a = &ws->arena;
	const char *keys;
	int r = workspace_keys_dir(a, ws->dir, &keys, e);

	if (r == 0)
		r = keys_open(keys, &ws->keys, e);
	if (r == 0)
		r = open_records(ws, create, e);
	if (r == 0 && create)
		r = ledger_create(ws->dir, ws->db, ws->keys, e);
	if (r == 0)
		r = migrate_run(ws->db, ws->writable, e);
	if (r == 0)
		r = ledger_open(ws->dir, ws->db, ws->keys, ws->writable,
		    &ws->ledger, e);
	ws->records = (struct record_store){ .db = ws->db,
	    .ledger = ws->ledger };
	ws->actor = (struct record_actor){ .id = str_from(arena_printf(a,
	    "uid:%u", (unsigned)getuid())), .roles = ROLE_OWNER | ROLE_PRIVACY };
	if (r == 0 && ws->writable && !create)
		r = settle_files(ws, e);
	if (r == 0 && ws->writable)
		r = policy_adopt_settle(ws->ledger, e);
	if (r == 0 && ws->writable)
		r = reads_settle(ws->dir, ws->ledger, e);
	if (r == 0 && ws->writable)
		r = rotate_settle(ws->ledger, e);
	if (r == 0)
		r = record_adopt(&ws->records, ws->writable, e);
	if (r == 0 && ws->writable && (r = record_forget(ws, NULL, e)) ==
	    -ERR_BUSY)
		r = 0; /* somebody reads: the next writer finishes */
	return (r);
}

static void
say_job(struct workspace *ws)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "%ld job\n", (long)getpid());

	(void)!pwrite(ws->lock.fd, text, (size_t)n, 0);
}

/* What the server's jobs have for a moment is waited for. Who has just taken it
 * may not have said yet that it is one. */
#define JOB_WAIT (30 * CLOCK_SECOND)
#define UNSAID 5 /* looks */
static int
take_lock(struct workspace *ws, bool job, const char *path, struct err *e)
{
	int64_t deadline = clock_mono() + JOB_WAIT;
	BUF_SCOPED text = BUF_INIT;
	int unsaid = 0;

	for (;;) {
		int r = file_lock(&ws->lock, path, e);
		if (r == 0 && job)
			say_job(ws);
		if (r != -ERR_BUSY || clock_mono() >= deadline ||
		    file_read(path, 64, &text, NULL) != 0 ||
		    (!str_ends(buf_str(&text), " job\n") && ++unsaid > UNSAID))
			return (r);
		usleep(10000);
	}
}

void
workspace_unlock(struct workspace *ws)
{
	file_close(&ws->lock);
	ws->lock = (struct file)FILE_INIT;
}

int
workspace_lock(struct workspace *ws, struct err *e)
{
	int r = file_lock(&ws->lock, in(&ws->arena, ws->dir, "lock"), e);

	if (r == 0)
		say_job(ws);
	return (r);
}

static int
open_it(const char *dir, bool writable, bool job, struct workspace **ret,
    struct err *e)
{
	struct workspace *ws = fresh();

	ws->writable = writable;
	int r = workspace_look(dir, ws, e);
	if (r == 0)
		r = workspace_clock(ws, e);
	if (r == 0 && writable)
		r = take_lock(ws, job, in(&ws->arena, dir, "lock"), e);
	if (r == 0)
		r = open_parts(ws, 0, e);
	if (r != 0) {
		workspace_close(ws);
		return (r);
	}
	*ret = ws;
	return (0);
}

int
workspace_open(const char *dir, bool writable, struct workspace **ret,
    struct err *e)
{
	return (open_it(dir, writable, false, ret, e));
}

int
workspace_open_job(const char *dir, struct workspace **ret, struct err *e)
{
	return (open_it(dir, true, true, ret, e));
}

/* The name of the ledger: nobody else's, and says nothing about the company. */
static int
describe(struct workspace *ws, const struct workspace_spec *spec,
    const char **ret_text, struct err *e)
{
	char id[ID_LEN + 1], t[TIME_SIZE];
	struct str org = str_trim(str_from(spec->org));

	id_new(id);
	ws->origin = str_from(arena_printf(&ws->arena, "tickmark.local/%s", id));
	ws->org = arena_str(&ws->arena, org);
	ws->demo = spec->demo;
	int r = workspace_clock(ws, e);
	if (r == 0)
		r = zone_load(&ws->arena, spec->zone != NULL ? spec->zone : "UTC",
		    &ws->zone, e);
	if (r != 0)
		return (r);
	ws->created = clock_now();
	*ret_text = arena_printf(&ws->arena, "# A Tickmark workspace. Do not edit.\nformat = %d\n"
	    "org = " STR_FMT "\norigin = " STR_FMT "\nzone = %s\ndemo = %s\n"
	    "created = %s\n", WORKSPACE_FORMAT, STR_ARG(org),
	    STR_ARG(ws->origin), zone_name(ws->zone), ws->demo ? "yes" : "no",
	    time_print(ws->created, t));
	return (0);
}

/* Take back what workspace_create() made, and only that. */
static void
undo(const char *dir, bool made)
{
	static const char *const parts[] = { "keys", "ledger", "bodies",
		"records.db", "records.db-journal", "records.db-wal",
		"records.db-shm", "lock",
		"keys.path", DESCRIPTION };
	ARENA_SCOPED a = ARENA_INIT;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *p = in(&a, dir, parts[i]);
		struct stat st;
		if (lstat(p, &st) == 0 && S_ISDIR(st.st_mode))
			file_remove_tree(p, NULL);
		else
			file_remove(p, NULL);
	}
	/* The last: as long as it is there, the rest is known as ours. */
	settle_init_end(dir, NULL);
	if (made)
		rmdir(dir);
}

static int
must_be_free(struct workspace *ws, const char *dir, bool *ret_made,
    struct err *e)
{
	char **names;
	size_t n;
	struct stat st;

	if (stat(dir, &st) != 0) {
		*ret_made = true;
		return (file_mkdirs(dir, 0700, e));
	}
	int r = file_list(&ws->arena, dir, &names, &n, e);
	if (r != 0)
		return (r);
	if (n == 0)
		return (0);
	bool is_ws = file_exists(in(&ws->arena, dir, DESCRIPTION));
	if (!is_ws && settle_init_left(dir)) {
		/* Somebody may be at it just now. */
		if ((r = file_lock(&ws->lock, in(&ws->arena, dir, "lock"),
		    e)) != 0)
			return (r);
		undo(dir, false);
		file_close(&ws->lock);
		r = file_list(&ws->arena, dir, &names, &n, e);
		if (r != 0 || n == 0)
			return (r);
	}
	return (err_set(e, ERR_CONFLICT, dir, "give another directory",
	    is_ws ? "there is a workspace here already" :
	    "the directory is not empty"));
}

static int
fill(struct workspace *ws, const struct workspace_spec *spec,
    const char *text, struct err *e)
{
	struct arena *a = &ws->arena;
	const char *keys = in(a, ws->dir, "keys");

	int r = settle_init_begin(ws->dir, e);
	if (r == 0)
		r = file_lock(&ws->lock, in(a, ws->dir, "lock"), e);
	if (r == 0 && spec->keys_dir != NULL) {
		char *line = arena_printf(a, "%s\n", spec->keys_dir);
		keys = spec->keys_dir;
		r = file_write(in(a, ws->dir, "keys.path"), 0644, line,
		    strlen(line), e);
	}
	if (r == 0)
		r = keys_create(keys, ws->origin.ptr, e);
	if (r == 0)
		r = open_parts(ws, DB_CREATE, e);
	if (r == 0)
		r = install_content(ws, str_from(text), e);
	if (r == 0)
		r = ledger_sequence(ws->ledger, e);
	return (r);
}

int
workspace_create(const char *dir, const struct workspace_spec *spec,
    struct workspace **ret, struct err *e)
{
	struct workspace *ws = fresh();
	bool made = false;

	ws->writable = true;
	ws->dir = arena_strdup(&ws->arena, dir);
	int r = check_org(spec->org, e);
	if (r == 0)
		r = must_be_free(ws, dir, &made, e);
	if (r != 0) {
		workspace_close(ws);
		return (r);
	}
	/* The description comes last: without it there is no workspace. */
	const char *text;
	r = describe(ws, spec, &text, e);
	if (r == 0)
		r = fill(ws, spec, text, e);
	if (r == 0)
		r = file_write(in(&ws->arena, dir, DESCRIPTION), 0644, text,
		    strlen(text), e);
	if (r != 0) {
		workspace_close(ws);
		undo(dir, made);
		return (r);
	}
	settle_init_end(dir, NULL); /* or the next writer does it */
	*ret = ws;
	return (0);
}
