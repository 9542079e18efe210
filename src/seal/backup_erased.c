#include "seal/backup_erased.h"

#include "ledger/entry.h"
#include "ledger/erase.h"
#include "ledger/ledger.h"
#include "sys/db.h"

#define OBJECT "erased"
#define VERSION "tickmark-backup-erased/v1"
#define MAC "mac "
#define LIMIT (UINT64_C(256) << 20)

static int
add_line(struct str bytes, struct buf *out, const char *where, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct erase_item item;
	struct entry x;

	if (entry_decode(&a, bytes, &x, NULL) != 0)
		return (err_set(e, ERR_DAMAGED, where, "run doctor",
		    "an entry of an erasure is damaged"));
	if (erase_of_entry(&x, &item))
		buf_printf(out, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT
		    "\n", STR_ARG(x.type), STR_ARG(x.id),
		    STR_ARG(entry_note_get(&x, "decision")),
		    STR_ARG(entry_note_get(&x, "reason")));
	return (0);
}

/* An older version has no list of what was erased, and has erased nothing. */
static int
has_list(struct db *db, int64_t *ret, struct err *e)
{
	return (db_get_int(db, "SELECT count(*) FROM sqlite_schema WHERE "
	    "type = 'table' AND name = 'erased'", 0, ret, e));
}

int
backup_erased_save(const struct depot *d, struct db *db, struct err *e)
{
	STMT_SCOPED *st = NULL;
	BUF_SCOPED b = BUF_INIT;
	uint8_t mac[CRYPTO_HASH];
	int64_t any = 0;
	int r = has_list(db, &any, e);

	buf_puts(&b, VERSION "\n");
	if (r == 0 && any != 0) {
		r = db_prepare(db, &st, STR("SELECT n.bytes FROM erased x "
		    "JOIN entry n ON n.idx = x.entry ORDER BY x.body, x.id"),
		    e);
		while (r == 0 && (r = stmt_step(st, e)) == 1)
			r = add_line(stmt_str(st, 0), &b, db_path(db), e);
	}
	if (r != 0)
		return (r);
	crypto_hmac(d->mac, sizeof(d->mac), b.ptr, b.len, mac);
	buf_puts(&b, MAC);
	buf_puthex(&b, mac, sizeof(mac));
	buf_putc(&b, '\n');
	return (depot_put(d, OBJECT, buf_str(&b), e));
}

static int
bad(const struct depot *d, struct err *e, const char *what)
{
	char where[4200];

	snprintf(where, sizeof(where), "%s/" OBJECT, d->dir);
	return (err_set(e, ERR_DAMAGED, where,
	    "get the object from another copy of the backups",
	    "the list of what was erased %s", what));
}

static int
apply_line(struct ledger *l, struct str line, struct str actor,
    uint64_t *done, struct err *e)
{
	struct erase_item item = { .body = false };
	struct str type, id, decision;
	size_t n = 0;
	int r;

	if (!str_split(&line, ' ', &type) || !str_split(&line, ' ', &id) ||
	    !str_split(&line, ' ', &decision))
		return (-ERR_DAMAGED);
	item.body = str_is(type, ERASE_BODY);
	if ((!item.body && !str_is(type, ERASE_KEY)) ||
	    !str_unhex(id, item.id, item.body ? BODY_HASH : KEYS_ID))
		return (-ERR_DAMAGED);
	r = erase_append(l, actor, decision, line, &item, 1, &n, e);
	*done += n;
	return (r);
}

static int
apply(const struct depot *d, struct ledger *l, struct str text,
    struct str actor, uint64_t *ret, struct err *e)
{
	struct str line;
	int r = 0;

	if (!str_split(&text, '\n', &line) || !str_is(line, VERSION))
		return (bad(d, e, "is not one"));
	if ((r = ledger_begin(l, e)) != 0)
		return (r);
	while (r == 0 && str_split(&text, '\n', &line)) {
		if (str_starts(line, MAC))
			break;
		r = apply_line(l, line, actor, ret, e);
		if (r == -ERR_DAMAGED)
			r = bad(d, e, "is malformed");
	}
	if (r != 0) {
		ledger_rollback(l);
		return (r);
	}
	r = ledger_commit(l, e);
	return (r != 0 ? r : erase_replay(l, NULL, e));
}

int
backup_erased_apply(const struct depot *d, struct ledger *l, struct str actor,
    uint64_t *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t mac[CRYPTO_HASH], want[CRYPTO_HASH];
	size_t tail = strlen(MAC) + 2 * CRYPTO_HASH + 1;
	int r = depot_get(d, OBJECT, LIMIT, &b, e);

	*ret = 0;
	if (r == -ERR_NOTFOUND)
		return (bad(d, e, "is missing"));
	if (r != 0)
		return (r);
	if (b.len < tail || !str_starts((struct str){ b.ptr + b.len - tail,
	        tail }, MAC) || b.ptr[b.len - 1] != '\n' ||
	    !str_unhex((struct str){ b.ptr + b.len - tail + strlen(MAC),
	        2 * CRYPTO_HASH }, mac, sizeof(mac)))
		return (bad(d, e, "is cut off"));
	crypto_hmac(d->mac, sizeof(d->mac), b.ptr, b.len - tail, want);
	if (!crypto_same(mac, want, sizeof(mac)))
		return (bad(d, e, "was not written by this workspace, or was "
		    "changed"));
	return (apply(d, l, buf_str(&b), actor, ret, e));
}
