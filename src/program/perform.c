#include "program/perform.h"

#include <strings.h>

#include "ledger/ledger.h"
#include "program/said.h"
#include "record/attach.h"
#include "sys/crypto.h"
#include "text/date.h"
#include "text/timefmt.h"

#define BACK 800 /* days in which open windows are looked for */

static const char *
day_text(struct arena *a, int64_t day)
{
	char s[DATE_SIZE];

	return (arena_strdup(a, date_print(day, s)));
}

/* Which occurrence is meant: by a day in it, by its trigger, or the oldest that
 * waits. */
static const struct occurrence *
choose(const struct occurrences *l, int64_t on, struct str trigger)
{
	const struct occurrence *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct occurrence *o = &l->at[i];
		bool fits;
		if (trigger.len > 0)
			fits = o->trigger != NULL && (str_eq(o->trigger->id,
			    trigger) || str_eq(record_str(o->trigger,
			    F_TRIGGER_CODE), trigger));
		else if (on != INT64_MIN)
			fits = o->frequency != WINDOW_EVENT && o->first <= on &&
			    on <= o->last;
		else
			fits = o->state == OCCURRENCE_EXPECTED;
		/* Of two windows on one day that which waits is meant. */
		if (fits && (best == NULL || (best->performed != 0 &&
			o->performed == 0) || ((best->performed != 0) ==
			(o->performed != 0) && o->due < best->due)))
			best = o;
	}
	return (best);
}

static int
say_nothing_open(struct arena *a, const struct occurrences *l, struct str code,
    int64_t on, struct str trigger, struct err *e)
{
	const char *where = arena_strndup(a, code.ptr, code.len);

	if (trigger.len > 0)
		return (err_set(e, ERR_NOTFOUND, where, "see: tickmark occurrences "
		    "DIR CONTROL", "nothing of it was called for by \"" STR_FMT
		    "\"", STR_ARG(trigger)));

	if (on != INT64_MIN)
		return (err_set(e, ERR_INPUT, where, "see: tickmark occurrences "
		    "DIR CONTROL", "no window of it has the day %s",
		    day_text(a, on)));
	if (l->n == 0)
		return (err_set(e, ERR_INPUT, where, "set its state to implemented "
		    "or operating, with effective_on", "it is not in force, so "
		    "nothing is expected"));
	return (err_set(e, ERR_INPUT, where, "name a window by a day in it, or "
	    "record a trigger", "nothing of it is open now"));
}

/* Is one of the longer words of a piece, or how it begins, in the text? */
static bool
speaks_of(struct str text, struct str piece)
{
	struct str rest = piece, word;

	while (rest.len > 0 && str_split(&rest, ' ', &word)) {
		size_t n = word.len < 5 ? word.len : 5;
		if (word.len < 3)
			continue;
		for (size_t i = 0; i + n <= text.len; i++)
			if (strncasecmp(text.ptr + i, word.ptr, n) == 0)
				return (true);
	}
	return (false);
}

/* Of several pieces that the control names each is spoken of. */
static int
check_pieces(struct arena *a, struct str wants, const struct perform *p,
    const char *where, struct err *e)
{
	struct str given = str_from(arena_printf(a, STR_FMT " " STR_FMT " "
	    STR_FMT, STR_ARG(p->evidence), STR_ARG(p->file_name),
	    STR_ARG(p->without)));
	struct str rest = wants, piece;

	while (rest.len > 0 && str_split(&rest, ',', &piece)) {
		piece = str_trim(piece);
		if (piece.len == wants.len || speaks_of(given, piece))
			continue;
		return (err_set(e, ERR_INPUT, where, arena_printf(a, "name it in the "
		    "evidence, or say why it is missing: --without \"" STR_FMT
		    ": ...\"", STR_ARG(piece)), "it is shown by " STR_FMT "; nothing "
		    "is said of: " STR_FMT, STR_ARG(wants), STR_ARG(piece)));
	}
	return (0);
}

static int
check(struct arena *a, struct occurrence_book *b, const struct record *control,
    const struct perform *p, const struct occurrence *o, struct err *e)
{
	struct str code = record_str(control, F_CONTROL_CODE);
	struct str wants = record_str(control, F_CONTROL_EVIDENCE);
	const char *where = arena_strndup(a, code.ptr, code.len);

	if (str_trim(p->evidence).len == 0)
		return (err_set(e, ERR_INPUT, where, "say what shows it and where "
		    "that lies", wants.len > 0 ? "it is shown by %.*s; no evidence "
		    "was given" : "no evidence was given%.*s", STR_ARG(wants)));
	int r = check_pieces(a, wants, p, where, e);
	if (r != 0)
		return (r);
	if (o->performed != 0)
		return (err_set(e, ERR_CONFLICT, where, "if that one is wrong, "
		    "retire it: tickmark record DIR performance retire ID",
		    "the window from %s was carried out on %s already",
		    day_text(a, o->first),
		    day_text(a, zone_day(b->zone, o->performed))));
	if (o->from > said_now(b->s))
		return (err_set(e, ERR_INPUT, where, "wait until then",
		    "its window begins on %s", day_text(a, o->first)));
	if (o->trigger != NULL && o->trigger->retired)
		return (err_set(e, ERR_INPUT, where, "record a new one",
		    "the trigger was withdrawn"));
	return (0);
}

static void
put(struct arena *a, struct val *m, const char *key, struct str s)
{
	if (s.len > 0)
		val_put(a, m, key, val_str(a, s));
}

/* The file as a body of its own, and what is known of it. */
static int
keep_file(struct occurrence_book *b, struct arena *a,
    const struct record_actor *who, const struct perform *p, struct val *m,
    struct err *e)
{
	struct str class = p->file_class.len > 0 ? p->file_class :
	    STR("internal");
	BUF_SCOPED hex = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];
	uint64_t entry;
	int c = 0;

	while (c < CLASS_MAX && !str_is(class, schema_class_word(c)))
		c++;
	if (c == CLASS_MAX)
		return (err_set(e, ERR_INPUT, "file", "write public, internal, "
		    "confidential, restricted or personal", "there is no class "
		    STR_FMT, STR_ARG(class)));
	int r = attach_put(b->s->ledger, who, schema_get(T_PERFORMANCE), class,
	    p->file, &entry, e);
	if (r != 0)
		return (r);
	crypto_sha256(p->file.ptr, p->file.len, hash);
	buf_puthex(&hex, hash, sizeof(hash));
	put(a, m, "file_name", p->file_name);
	val_put(a, m, "file_hash", val_str(a, buf_str(&hex)));
	val_put(a, m, "file_class", val_str(a, class));
	val_put(a, m, "file_size", val_int(a, (int64_t)p->file.len));
	val_put(a, m, "file_entry", val_int(a, (int64_t)entry));
	return (0);
}

static struct val *
fields_of(struct arena *a, const struct perform *p, const struct occurrence *o,
    struct str trigger)
{
	struct val *m = val_map(a);

	val_put(a, m, "control", val_str(a, o->control->id));
	val_put(a, m, "frequency", val_text(a, window_frequency_name(
	    o->frequency)));
	if (o->trigger != NULL) {
		val_put(a, m, "trigger", val_str(a, trigger));
	} else {
		val_put(a, m, "window_from", val_text(a, day_text(a, o->first)));
		val_put(a, m, "window_to", val_text(a, day_text(a, o->last)));
	}
	val_put(a, m, "performer", val_str(a, p->performer));
	val_put(a, m, "outcome", val_text(a, p->found ? "exceptions" : "done"));
	put(a, m, "evidence", str_trim(p->evidence));
	put(a, m, "note", p->without.len == 0 ? p->note : str_from(
	    arena_printf(a, STR_FMT "%sWithout " STR_FMT, STR_ARG(p->note),
	    p->note.len > 0 ? "\n\n" : "", STR_ARG(p->without))));
	return (m);
}

/* A computed trigger becomes a record, by the programme in the name of who
 * carries the control out: who may do that need not be one who records triggers. */
static int
keep_trigger(struct occurrence_book *b, struct arena *a,
    const struct record_actor *who, const struct record *t, struct str *ret,
    struct err *e)
{
	struct record_actor own = { .id = who->id, .roles = ROLE_OWNER };
	struct val *m = val_map(a);
	char at[TIME_SIZE];

	*ret = t->id;
	if (t->id.len > 0)
		return (0);
	val_put(a, m, "code", val_str(a, record_str(t, F_TRIGGER_CODE)));
	val_put(a, m, "control", val_str(a, record_str(t, F_TRIGGER_CONTROL)));
	val_put(a, m, "what", val_str(a, record_str(t, F_TRIGGER_WHAT)));
	val_put(a, m, "happened_at", val_text(a, time_print(record_int(t,
	    F_TRIGGER_HAPPENED_AT, 0), at)));
	return (record_put(b->s, a, &own, schema_get(T_TRIGGER), STR(""), m, ret,
	    e));
}

/* File, trigger and performance together, or none of them. */
static int
record_it(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    const struct occurrence *o, struct str *ret_id, struct err *e)
{
	bool own = !ledger_in_transaction(b->s->ledger);
	struct str trigger = STR("");
	int r = own ? ledger_begin(b->s->ledger, e) : 0;

	if (r != 0)
		return (r);
	if (o->trigger != NULL)
		r = keep_trigger(b, a, who, o->trigger, &trigger, e);
	struct val *m = fields_of(a, p, o, trigger);
	if (r == 0 && p->file_name.len > 0)
		r = keep_file(b, a, who, p, m, e);
	if (r == 0)
		r = record_put_earned(b->s, a, who, schema_get(T_PERFORMANCE),
		    STR(""), m, ret_id, e);
	if (!own)
		return (r);
	if (r == 0)
		return (ledger_commit(b->s->ledger, e));
	ledger_rollback(b->s->ledger);
	return (r);
}

/* The control's occurrences, as known now. */
static int
look(struct arena *a, struct occurrence_book *b, const struct record *control,
    struct occurrences *ret, struct err *e)
{
	struct occurrence_book now;
	struct occurrence_range range;
	int r = occurrence_book_read(a, b->s, b->zone, b->procedures, said_now(b->s),
	    &now, e);

	if (r != 0)
		return (r);
	range = (struct occurrence_range){ .first = now.day - BACK,
		.end = now.day + 1 };
	*ret = (struct occurrences){ 0 };
	return (occurrence_of(&now, control, &range, ret, e));
}

int
perform_control(struct arena *a, struct occurrence_book *b,
    const struct record_actor *who, const struct perform *p,
    struct str *ret_id, struct occurrence *ret, struct err *e)
{
	struct occurrences list;
	struct record *control;
	int64_t on = INT64_MIN;
	struct str id;
	int r = record_find(b->s, a, schema_get(T_CONTROL), p->control, &control,
	    e);

	if (r == 0 && p->on.len > 0)
		r = date_parse(p->on, &on, e);
	if (r == 0)
		r = look(a, b, control, &list, e);
	if (r != 0)
		return (r);
	const struct occurrence *o = choose(&list, on, p->trigger);
	if (o == NULL)
		return (say_nothing_open(a, &list, record_str(control,
		    F_CONTROL_CODE), on, p->trigger, e));
	const struct occurrence chosen = *o;
	r = check(a, b, control, p, &chosen, e);
	if (r == 0)
		r = record_it(a, b, who, p, &chosen, &id, e);
	if (r == 0)
		r = look(a, b, control, &list, e);
	if (r != 0)
		return (r);
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.at[i].performance, id))
			*ret = list.at[i];
	*ret_id = id;
	return (0);
}

/* --- the file -------------------------------------------------------------------- */

/* By the class of what is in it, as of a field of this class. */
static bool
may_read(const struct record_reader *reader, struct str class)
{
	const struct schema_type *t = schema_get(T_PERFORMANCE);
	const struct access_grant *g;
	int c = 0;

	while (c < CLASS_MAX && !str_is(class, schema_class_word(c)))
		c++;
	if (reader == NULL)
		return (true);
	size_t n = c < CLASS_MAX ? access_shows(t, c, &g) : 0;
	for (size_t i = 0; i < n; i++)
		if ((g[i].roles & reader->as.roles) != 0 && g[i].need == 0 &&
		    g[i].states == 0)
			return (true);
	return (false);
}

int
perform_file(struct record_store *s, struct arena *a,
    const struct record_reader *reader, struct str performance,
    struct buf *out, struct str *ret_name, struct err *e)
{
	const struct schema_type *t = schema_get(T_PERFORMANCE);
	BUF_SCOPED hex = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];
	struct record *p;
	int r = record_find(s, a, t, performance, &p, e);

	if (r != 0)
		return (r);
	int64_t entry = record_int(p, F_PERFORMANCE_FILE_ENTRY, -1);
	if (entry < 0)
		return (err_set(e, ERR_NOTFOUND, "performance", "see its evidence: "
		    "tickmark record DIR performance show ID", "no file was kept "
		    "with it"));
	if (!may_read(reader, record_str(p, F_PERFORMANCE_FILE_CLASS)))
		return (err_set(e, ERR_DENIED, "performance", "ask who may read it: "
		    "tickmark who-can performance", "what is in the file is "
		    STR_FMT, STR_ARG(record_str(p, F_PERFORMANCE_FILE_CLASS))));
	r = attach_get(s->ledger, (uint64_t)entry, t, out, e);
	if (r != 0)
		return (r);
	crypto_sha256(out->ptr, out->len, hash);
	buf_puthex(&hex, hash, sizeof(hash));
	if (!str_eq(buf_str(&hex), record_str(p, F_PERFORMANCE_FILE_HASH)))
		return (err_set(e, ERR_DAMAGED, "performance", "restore a backup",
		    "the file is not the one that was recorded"));
	*ret_name = record_str(p, F_PERFORMANCE_FILE_NAME);
	return (0);
}
