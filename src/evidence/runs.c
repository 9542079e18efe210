/* Runs of collectors, as they are recorded. */
#include "base/vec.h"
#include "evidence/evidence.h"
#include "sys/db.h"

int
evidence_runs(struct arena *a, struct db *db, struct str source, int64_t at,
    uint64_t known, size_t most, struct evidence_ran **ret, size_t *ret_n,
    struct err *e)
{
	VEC(struct evidence_ran) list = { 0 };
	struct stmt *st;
	int r = db_cached(db, &st, "SELECT r.id, s.name, t.name, r.at, r.status,"
	    " r.expected, r.received, r.message FROM \"!run\" r"
	    " JOIN \"!source\" s ON s.no=r.sid"
	    " LEFT JOIN \"!table\" t ON t.tab=r.tab"
	    " WHERE (?1='' OR s.name=?1) AND r.at<=?2 AND r.id<?3"
	    " ORDER BY r.id DESC, r.tab LIMIT ?4", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, source.ptr != NULL ? source : STR(""));
	stmt_bind_int(st, 2, at);
	stmt_bind_int(st, 3, known > INT64_MAX ? INT64_MAX : (int64_t)known);
	stmt_bind_int(st, 4, (int64_t)most);
	while ((r = stmt_step(st, e)) == 1) {
		struct evidence_ran x = { .entry = (uint64_t)stmt_int(st, 0),
			.source = arena_str(a, stmt_str(st, 1)),
			.table = arena_str(a, stmt_str(st, 2)),
			.at = stmt_int(st, 3),
			.status = arena_str(a, stmt_str(st, 4)),
			.expected = stmt_isnull(st, 5) ? -1 : stmt_int(st, 5),
			.received = stmt_int(st, 6),
			.message = arena_str(a, stmt_str(st, 7)) };
		vec_push(&list, x);
	}
	stmt_reset(st);
	if (r == 0) {
		*ret = arena_array(a, list.n + 1, sizeof(**ret));
		if (list.n != 0)
			memcpy(*ret, list.at, list.n * sizeof(**ret));
		*ret_n = list.n;
	}
	vec_free(&list);
	return (r);
}
