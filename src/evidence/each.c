/* Rows of one type or table at an instant, for lists. */
#include "evidence/evidence.h"

#include "evidence/store.h"
#include "evidence/views.h"

int
evidence_each(struct evidence *ev, struct record_store *s,
    const struct schema_type *t, const struct evidence_when *when,
    const struct record_query *q, record_each_fn *fn, void *ctx,
    struct err *e)
{
	BUF_SCOPED sql = BUF_INIT;

	buf_puts(&sql, "SELECT *, 0 AS rev, 0 AS retired");
	if (!schema_is_record(t))
		buf_puts(&sql, ", subject || ' ' || source AS id");
	if (t->mode == MODE_OPEN)
		buf_puts(&sql, ", NULL AS extra");
	buf_puts(&sql, " FROM (");
	views_sql(t, false, when, ev->upto, &sql);
	buf_puts(&sql, ")");
	return (record_each_from(s, ev->db, sql.ptr, t, q, fn, ctx, e));
}
