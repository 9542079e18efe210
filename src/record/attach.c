#include "record/attach.h"

#include "ledger/body.h"
#include "ledger/id.h"
#include "ledger/ledger.h"
#include "ledger/subject.h"

int
attach_put(struct ledger *l, const struct record_actor *who,
    const struct schema_type *t, struct str class, struct str bytes,
    uint64_t *ret_entry, struct err *e)
{
	struct entry_body body = { .class = STR(ATTACH_CLASS) };
	struct entry_note notes[2] = { { STR("class"), class } };
	BUF_SCOPED name = BUF_INIT;
	struct keys_set key;
	char size[24], id[ID_LEN + 1];

	if (bytes.len == 0)
		return (err_set(e, ERR_INPUT, "file", "give the file that shows it",
		    "the file is empty, and shows nothing"));
	if (bytes.len > ATTACH_MAX)
		return (err_set(e, ERR_LIMIT, "file", "give the part that shows it, "
		    "or name where the whole lies", "the file has more than %zu MiB",
		    ATTACH_MAX >> 20));
	id_new(id);
	buf_printf(&name, ATTACH_CLASS "/%s", id);
	int r = subject_key(ledger_keys(l), buf_str(&name), &key, e);
	if (r == 0)
		r = body_put(l, &key, bytes, 0, body.commitment, e);
	if (r != 0)
		return (r);
	snprintf(size, sizeof(size), "%zu", bytes.len);
	notes[1] = (struct entry_note){ STR("size"), str_from(size) };
	struct entry x = { .actor = who->id, .action = STR(ATTACH_ACTION),
		.type = str_from(t->name), .id = str_from(id), .bodies = &body,
		.nbodies = 1, .notes = notes, .nnotes = 2 };
	return (ledger_append(l, &x, ret_entry, NULL, e));
}

int
attach_find(struct ledger *l, uint64_t entry, const struct schema_type *t,
    uint8_t ret[32], struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const uint8_t *body = NULL;
	struct entry x;
	char where[40];
	int r = ledger_entry(l, &a, entry, &x, e);

	if (r != 0)
		return (r);
	if (str_is(x.action, ATTACH_ACTION) && str_is(x.type, t->name))
		body = entry_body_get(&x, ATTACH_CLASS);
	snprintf(where, sizeof(where), "entry %llu", (unsigned long long)entry);
	if (body == NULL)
		return (err_set(e, ERR_DAMAGED, where, "run tickmark doctor",
		    "it attaches no file to a %s", t->name));
	memcpy(ret, body, 32);
	return (0);
}

int
attach_get(struct ledger *l, uint64_t entry, const struct schema_type *t,
    struct buf *out, struct err *e)
{
	uint8_t c[BODY_HASH];
	int r = attach_find(l, entry, t, c, e);

	return (r != 0 ? r : body_get(l, c, out, e));
}
