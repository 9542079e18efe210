/*
 * Records from files, checked but not written; revisions, which must come out
 * as they went in. The first byte chooses the format, the second the type.
 */
#include "record/exchange.h"

#include "record/migrate.h"
#include "record/revision.h"
#include "record/store.h"
#include "sys/db.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct record_store store;

static void
open_store(void)
{
	struct cell cells[N_PERSON] = { [F_PERSON_CODE] = CELL_STR(STR("E1")),
		[F_PERSON_NAME] = CELL_STR(STR("One")),
		[F_PERSON_KIND] = CELL_STR(STR("employee")),
		[F_PERSON_STATE] = CELL_STR(STR("active")) };
	struct record one = { .type = schema_get(T_PERSON), .rev = 1,
		.id = STR("00000000000000000000000001"), .cells = cells };

	if (db_open(&store.db, ":memory:", DB_CREATE | DB_WRITER, NULL) != 0 ||
	    migrate_run(store.db, true, NULL) != 0 ||
	    store_put(&store, &one, true, NULL) != 0)
		abort();
}

static void
try_revision(struct str text)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED once = BUF_INIT;
	BUF_SCOPED twice = BUF_INIT;
	struct record r;
	struct err e;

	if (revision_decode(&a, text, &r, &e) != 0)
		return;
	revision_encode(&r, &once);
	if (revision_decode(&a, buf_str(&once), &r, &e) != 0)
		abort();
	revision_encode(&r, &twice);
	if (!str_eq(buf_str(&once), buf_str(&twice)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct record_actor who = {
		.id = { "uid:1", 5 }, .roles = ROLE_OWNER | ROLE_PRIVACY };
	struct record_options dry = { .dry_run = true };
	struct record_result res;
	struct err e = { 0 };
	ARENA_SCOPED a = ARENA_INIT;

	if (store.db == NULL)
		open_store();
	if (size < 2)
		return (0);
	struct str text = { (const char *)data + 2, size - 2 };
	unsigned format = data[0] % (RECORD_FORMAT_MAX + 1);
	if (format == RECORD_FORMAT_MAX) {
		try_revision(text);
		return (0);
	}
	const struct schema_type *t = &schema_types[data[1] % 17];
	if (!schema_is_record(t))
		t = NULL;
	int r = record_import(&store, &a, &who, t, "in", text, format, &dry, &res,
	    &e);
	if (r < 0 && (e.code == ERR_OK || e.what[0] == '\0' ||
	    e.where[0] == '\0'))
		abort();
	if (r == 0 && res.nwrong != 0)
		abort();
	return (0);
}
