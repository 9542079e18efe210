#include "record/forget.h"

#include "ledger/erase.h"
#include "record/dialect.h"
#include "record/history.h"
#include "sys/db.h"
#include "sys/file.h"

/* Copies of the tables that are not needed, or made again. */
static int
remove_copies(struct workspace *ws, struct err *e)
{
	static const char *const names[] = { "evidence.db", "evidence.db.new",
		"records.db.before", "records.db.next" };
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	ARENA_SCOPED a = ARENA_INIT;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t k = 0; k < sizeof(ends) / sizeof(*ends); k++) {
			int r = file_remove(arena_printf(&a, "%s/%s%s", ws->dir,
			    names[i], ends[k]), e);
			if (r != 0)
				return (r);
		}
	/* Or a power cut brings them back after erase_clean(). */
	return (file_sync_dir(ws->dir, e));
}

static int
make_again(struct workspace *ws, struct err *e)
{
	int r = dialect_wipe(ws->db, e);

	if (r == 0)
		r = record_rebuild(&ws->records, e);
	if (r == 0)
		r = remove_copies(ws, e);
	if (r == 0)
		r = dialect_compact(ws->db, e);
	return (r != 0 ? r : db_checkpoint(ws->db, e));
}

int
record_forget_late(struct workspace *ws, struct err *e)
{
	int r = erase_unsaid(ws->ledger, e);

	return (r != 1 ? r : make_again(ws, e));
}

int
record_forget(struct workspace *ws, bool *ret, struct err *e)
{
	int r = erase_settle(ws->ledger, NULL, e);

	if (r == 0)
		r = erase_pending(ws->ledger, e);
	if (ret != NULL)
		*ret = r == 1;
	if (r != 1)
		return (r);
	r = make_again(ws, e);
	if (r == 0)
		r = erase_clean(ws->ledger, e);
	return (r);
}
