#include "seal/backup_job.h"

#include <inttypes.h>

#include "base/clock.h"
#include "ledger/copy.h"
#include "ledger/keys.h"
#include "record/workspace.h"
#include "sys/file.h"

int
backup_job_point(const char *dir, const struct backup_settings *s,
    struct backup_result *ret, struct backup_event *event, struct err *e)
{
	struct backup_spec spec = { .dir = dir, .to = s->to,
		.recipients = s->recipients, .nrecipients = s->n,
		.plain = s->plain, .without_keys = s->without_keys,
		.keep = s->keep };
	struct backup_result got;
	struct err own;
	int r = backup_run(&spec, &got, &own);

	*event = (struct backup_event){ .kind = BACKUP_POINT,
		.good = r == 0 };
	if (r != 0) {
		event->reason = own.code;
		if (e != NULL)
			*e = own;
		return (r);
	}
	memcpy(event->depot, got.depot, sizeof(event->depot));
	event->point = got.number;
	event->entries = got.entries;
	event->bytes = got.bytes;
	*ret = got;
	return (0);
}

/* What was restored is the beginning of what is here. */
static int
compare_here(const char *dir, struct depot *d, uint64_t number, struct err *e)
{
	POINT_SCOPED m = { .number = 0 };
	struct checkpoint here;
	struct tree_hash root;
	int r = depot_load(d, number, &m, NULL, e);

	if (r == 0)
		r = copy_checkpoint(dir, &here, e);
	if (r == 0 && here.size < m.size)
		return (err_set(e, ERR_DAMAGED, dir,
		    "find out who put an old copy back; tickmark restore "
		    "brings the point",
		    "the backup holds entries that this workspace lacks: it "
		    "has %" PRIu64 ", the backup %" PRIu64, here.size,
		    m.size));
	if (r == 0)
		r = copy_root_at(dir, &here, m.size, &root, e);
	if (r == 0 && memcmp(root.h, m.root, sizeof(root.h)) != 0)
		r = err_set(e, ERR_DAMAGED, dir,
		    "find out which of the two is the true one",
		    "the backup is of another history than this workspace");
	return (r);
}

static int
test(struct arena *a, const char *dir, const struct backup_settings *s,
    const char *at, struct depot *d, struct keys **keys,
    struct seal_restore_result *ret, struct err *e)
{
	struct seal_restore_spec spec = { .test = true,
		.to = arena_printf(a, "%s/restore-test.tmp", dir) };
	const char *keys_dir;
	struct workspace ws = { .dir = NULL };
	int r = workspace_look(dir, &ws, e);

	if (r == 0)
		r = depot_open(s->to, d, e);
	if (r == 0 && !depot_is_of(d, arena_strndup(a, ws.origin.ptr,
	    ws.origin.len)))
		r = err_set(e, ERR_DENIED, s->to, "give another directory",
		    "these are backups of another workspace");
	if (r == 0)
		r = workspace_keys_dir(a, dir, &keys_dir, e);
	if (r == 0)
		r = keys_open(keys_dir, keys, e);
	if (r == 0)
		r = depot_own(d, *keys, e);
	if (r == 0)
		r = seal_point_at(d, at, &spec.number, e);
	if (r == 0) {
		/* Keys that are not in the depot are tried with ours. */
		POINT_SCOPED m = { .number = 0 };
		r = depot_load(d, spec.number, &m, NULL, e);
		spec.keys = r == 0 && !m.keys ? keys_dir : NULL;
	}
	if (r == 0)
		r = compare_here(dir, d, spec.number, e);
	if (r == 0)
		r = seal_restore(d, &spec, ret, e);
	arena_free(&ws.arena);
	return (r);
}

int
backup_job_test(const char *dir, const struct backup_settings *s,
    const char *at, struct seal_restore_result *ret,
    struct backup_event *event, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	DEPOT_SCOPED d = { .lock = FILE_INIT };
	FILE_SCOPED lock = FILE_INIT;
	struct keys *keys = NULL;
	struct seal_restore_result got;
	struct err own;
	int r = file_lock(&lock, arena_printf(&a, "%s/restore-test.lock", dir),
	    &own);

	if (r == 0)
		r = test(&a, dir, s, at, &d, &keys, &got, &own);
	keys_close(keys);
	*event = (struct backup_event){ .kind = BACKUP_TEST, .good = r == 0 };
	memcpy(event->depot, d.id, sizeof(event->depot));
	if (r != 0) {
		event->reason = own.code;
		if (e != NULL)
			*e = own;
		return (r);
	}
	*ret = got;
	event->point = got.number;
	event->entries = got.entries;
	event->bytes = got.bytes;
	event->digest = ret->digest;
	return (0);
}

/* The id of the depot that the settings name; empty if there is none yet. */
static void
depot_id(const struct backup_settings *s, char out[ID_LEN + 1])
{
	DEPOT_SCOPED d = { .lock = FILE_INIT };

	if (depot_open(s->to, &d, NULL) == 0)
		memcpy(out, d.id, ID_LEN + 1);
	else
		out[0] = '\0';
}

int
backup_job_due(struct ledger *l, const struct backup_settings *s,
    enum backup_kind kind, int64_t now, bool *ret, struct err *e)
{
	int64_t every = kind == BACKUP_POINT ? s->every : s->test;
	struct backup_event good, last, point;
	bool had_good, had, had_point;
	char id[ID_LEN + 1];
	int r;

	*ret = false;
	if (every == 0)
		return (0);
	depot_id(s, id);
	r = backup_record_last(l, kind, true, &good, &had_good, e);
	if (r == 0)
		r = backup_record_last(l, kind, false, &last, &had, e);
	if (r == 0)
		r = backup_record_last(l, BACKUP_POINT, true, &point,
		    &had_point, e);
	if (r != 0)
		return (r);
	/* One that went elsewhere says nothing of this depot. */
	had_good = had_good && strcmp(good.depot, id) == 0;
	had_point = had_point && strcmp(point.depot, id) == 0;
	if (kind == BACKUP_TEST && !had_point)
		return (0);
	if (had && !last.good && now - last.time < CLOCK_HOUR)
		return (err_set(e, last.reason != ERR_OK ? last.reason :
		    ERR_IO, s->to, kind == BACKUP_POINT ?
		    "it is tried again after an hour; tickmark backup DIR "
		    "says what is wrong" : "it is tried again after an hour; "
		    "tickmark backup DIR --check says what is wrong",
		    "the last %s failed (%s)", kind == BACKUP_POINT ?
		    "backup" : "restore that was tried",
		    err_name(last.reason)));
	*ret = !had_good || now - good.time >= every;
	return (0);
}
