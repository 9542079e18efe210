#include "evidence/aged.h"

#include "evidence/store.h"
#include "record/history.h"
#include "schema/kind.h"
#include "text/date.h"
#include "text/zone.h"

static int
instant_of(struct evidence *ev, const struct schema_type *t, int field,
    struct stmt *st, int64_t *ret, struct err *e)
{
	int64_t day;
	int r = 0;

	if (field < 0 || kind_integer(&t->fields[field])) {
		*ret = stmt_int(st, 4);
		return (0);
	}
	if (ev->zone == NULL)
		r = record_zone(&ev->zone_mem, ev->ledger, &ev->zone, e);
	if (r == 0 && date_parse(stmt_str(st, 4), &day, NULL) != 0)
		return (1); /* it says none */
	if (r == 0)
		*ret = zone_day_start(ev->zone, day);
	return (r);
}

int
aged_each(struct evidence *ev, const struct schema_type *t, int field,
    aged_fn *fn, void *ctx, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED q = BUF_INIT;
	bool snapshot = field < 0 && t->mode != MODE_APPEND;
	int r;

	buf_printf(&q, "SELECT s.id, s.name, v._subject, %s, max(",
	    snapshot ? "max(v._to IS NULL AND v._known_to IS NULL)" : "0");
	if (field >= 0)
		buf_printf(&q, "v.\"%s\"", t->fields[field].name);
	else
		buf_puts(&q, snapshot ? "coalesce(v._to, v._from)" : "v._from");
	buf_printf(&q, ") FROM \"%s!v\" v JOIN \"!source\" s ON s.no = v._sid"
	    " GROUP BY s.id, s.name, v._subject ORDER BY s.name, v._subject",
	    t->name);
	r = db_prepare(ev->db, &st, buf_str(&q), e);
	while (r == 0 && (r = stmt_step(st, e)) > 0) {
		struct aged x = { .source_id = stmt_str(st, 0),
			.source = stmt_str(st, 1), .subject = stmt_str(st, 2),
			.open = stmt_int(st, 3) != 0 };
		if (stmt_isnull(st, 4)) {
			r = 0;
			continue;
		}
		r = instant_of(ev, t, field, st, &x.since, e);
		r = r == 1 ? 0 : r == 0 ? fn(ctx, &x, e) : r;
	}
	return (r);
}
