#include "cli/doctor_around.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "seal/backup_record.h"
#include "seal/backup_settings.h"
#include "sys/disk.h"
#include "sys/file.h"
#include "text/timefmt.h"
#include "web/jobs.h"

#define LITTLE (UINT64_C(256) << 20) /* bytes that are soon used up */

static void
say(struct doctor_around *d, bool good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void
say(struct doctor_around *d, bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->said(d->ctx, good, arena_vprintf(d->arena, fmt, ap));
	va_end(ap);
}

/* "3 hours" */
static const char *
age(struct doctor_around *d, int64_t us)
{
	int64_t n = us < 0 ? 0 : us;
	const char *unit = "day";

	if (n < 2 * CLOCK_HOUR) {
		n /= 60 * CLOCK_SECOND;
		unit = "minute";
	} else if (n < 2 * CLOCK_DAY) {
		n /= CLOCK_HOUR;
		unit = "hour";
	} else {
		n /= CLOCK_DAY;
	}
	return (arena_printf(d->arena, "%" PRId64 " %s%s", n, unit,
	    n == 1 ? "" : "s"));
}

/* --- backups -------------------------------------------------------------- */

static void
backup_kind(struct doctor_around *d, const char *dir, struct ledger *l,
    enum backup_kind kind, bool configured, int64_t every)
{
	const char *what = kind == BACKUP_POINT ? "backup" :
	    "restore that was tried";
	const char *fix = arena_printf(d->arena, "tickmark backup %s%s",
	    arena_shell(d->arena, str_from(dir)),
	    kind == BACKUP_POINT ? "" : " --check");
	struct backup_event good, last;
	bool had_good, had;
	struct err e;

	if (backup_record_last(l, kind, true, &good, &had_good, &e) != 0 ||
	    backup_record_last(l, kind, false, &last, &had, &e) != 0) {
		d->found(d->ctx, &e);
		return;
	}
	/* By hand to some place: whoever did it knows. */
	if (had && !last.good && !configured) {
		say(d, false, "the last %s failed %s ago (%s)", what,
		    age(d, clock_now() - last.time), err_name(last.reason));
	} else if (had && !last.good) {
		err_set(&e, ERR_NO, dir, fix, "the last %s failed %s ago (%s)",
		    what, age(d, clock_now() - last.time),
		    err_name(last.reason));
		d->found(d->ctx, &e);
	}
	if (had_good && every != 0 && clock_now() - good.time > 2 * every) {
		err_set(&e, ERR_NO, dir, fix, "the last %s that went well is "
		    "%s old", what, age(d, clock_now() - good.time));
		d->found(d->ctx, &e);
	} else if (had_good) {
		say(d, true, "%s: point %" PRIu64 ", %" PRIu64 " entries, %s "
		    "ago", what, good.point, good.entries,
		    age(d, clock_now() - good.time));
	} else if (!had) {
		say(d, false, "there was no %s so far: %s", what, fix);
	}
}

static void
backups(struct doctor_around *d, const char *dir)
{
	WORKSPACE_SCOPED *ws = NULL;
	struct backup_settings s = { .to = NULL };
	struct err e;
	int r = backup_settings_load(dir, d->arena, &s, &e);

	if (r != 0 && r != -ERR_NOTFOUND)
		d->found(d->ctx, &e);
	if (r == -ERR_NOTFOUND)
		say(d, false, "backups are not configured: %s/backup.conf, see "
		    "tickmark backup --help", dir);
	/* What is wrong with the ledger was said where it was checked. */
	if (workspace_open(dir, false, &ws, NULL) != 0)
		return;
	backup_kind(d, dir, ws->ledger, BACKUP_POINT, r == 0, s.every);
	backup_kind(d, dir, ws->ledger, BACKUP_TEST, r == 0, s.test);
}

/* --- the server ------------------------------------------------------------- */

static void
server(struct doctor_around *d, const char *dir)
{
	struct job_states *s = arena_new(d->arena, struct job_states);
	const char *fix = arena_printf(d->arena, "tickmark serve %s --status",
	    arena_shell(d->arena, str_from(dir)));
	size_t failed = 0;
	struct err e;

	if (jobs_states(d->arena, dir, s, &e) != 0) {
		d->found(d->ctx, &e);
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct job_state *j = &s->job[i];
		if (j->how != JOB_FAILED)
			continue;
		failed++;
		if (!s->running) {
			say(d, false, "the server does not run; its job %s had "
			    "failed: %s", j->name, j->said);
			continue;
		}
		err_set(&e, ERR_NO, dir, fix, "the server's job %s failed %"
		    PRId64 " %s in a row, the last %s ago: %s", j->name,
		    j->failures, j->failures == 1 ? "time" : "times",
		    age(d, clock_now() - j->ended), j->said);
		d->found(d->ctx, &e);
	}
	if (s->running && failed == 0)
		say(d, true, "the server runs on http://%s/ and none of its jobs "
		    "failed", s->listen);
}

/* --- keys, disk, clock ---------------------------------------------------- */

static size_t
open_to_others(struct doctor_around *d, const char *path, mode_t mode)
{
	struct err e;

	err_set(&e, ERR_DENIED, path, "chmod go= it",
	    "others have rights on a place of keys (mode %04o)",
	    (unsigned)mode & 07777);
	d->found(d->ctx, &e);
	return (1);
}

static void
key_modes(struct doctor_around *d, const char *keys)
{
	struct stat st;
	char **names;
	size_t n, bad = 0;
	struct err e;

	if (file_list(d->arena, keys, &names, &n, &e) != 0) {
		d->found(d->ctx, &e);
		return;
	}
	/* Nobody gets past a directory that is closed to others. */
	if (stat(keys, &st) != 0 || (st.st_mode & 077) == 0)
		n = 0;
	else
		bad = open_to_others(d, keys, st.st_mode);
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(d->arena, "%s/%s", keys,
		    names[i]);
		if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
			bad += open_to_others(d, path, st.st_mode);
	}
	if (bad == 0)
		say(d, true, "%s: keys are for their owner alone", keys);
}

static void
disk(struct doctor_around *d, const char *path)
{
	char words[256];
	uint64_t space;

	switch (disk_sealed(path, words, sizeof(words))) {
	case DISK_YES:
		say(d, true, "%s: on an encrypted file system: %s", path,
		    words);
		break;
	case DISK_NO:
		say(d, false, "%s: the file system is not encrypted, as far as "
		    "this machine shows: %s; a drive or a host below may do it "
		    "unseen", path, words);
		break;
	case DISK_MEMORY:
		say(d, false, "%s: it lies in memory (%s) and is gone with it",
		    path, words);
		break;
	default:
		say(d, false, "%s: whether the file system is encrypted cannot "
		    "be seen: %s", path, words);
	}
	if (file_space(path, &space, NULL) == 0)
		say(d, space >= LITTLE, "%s: %" PRIu64 " MB are free", path,
		    space >> 20);
}

static void
clock_state(struct doctor_around *d)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (state < 0)
		say(d, false, "the clock: the system does not tell whether it "
		    "is synchronized");
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC) != 0)
		say(d, false, "the clock is not synchronized: times of entries "
		    "are those of this machine alone");
	else
		say(d, true, "the clock is synchronized");
}

void
doctor_around(struct doctor_around *d, const struct workspace *ws)
{
	const char *keys;
	struct err e;

	backups(d, ws->dir);
	server(d, ws->dir);
	if (workspace_keys_dir(d->arena, ws->dir, &keys, &e) == 0) {
		key_modes(d, keys);
		disk(d, ws->dir);
		struct stat a, b;
		if (stat(ws->dir, &a) == 0 && stat(keys, &b) == 0 &&
		    a.st_dev != b.st_dev)
			disk(d, keys);
	}
	clock_state(d);
}
