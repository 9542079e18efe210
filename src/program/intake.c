#include "program/intake.h"

#include "base/clock.h"
#include "ledger/id.h"
#include "sys/crypto.h"
#include "text/timefmt.h"

#define LEAST 2  /* of the letters of a group that are not the last */
#define GROUP 5  /* letters between two dashes */

static const struct {
	const char *kind, *words;
} kinds[] = {
	{ "access", "A copy of the data that you have about me" },
	{ "correction", "Correct data that is wrong" },
	{ "deletion", "Delete my data" },
	{ "portability", "My data in a form that I can take along" },
	{ "restriction", "Stop using my data for now" },
	{ "objection", "I object to a use of my data" },
	{ "withdrawal", "I take back a consent" },
	{ "accounting", "Tell me whom my data was given to" },
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *
intake_kind(struct str kind)
{
	for (size_t i = 0; i < NKINDS; i++)
		if (str_is(kind, kinds[i].kind))
			return (kinds[i].words);
	return (NULL);
}

const char *
intake_kinds(size_t i)
{
	return (i < NKINDS ? kinds[i].kind : NULL);
}

bool
intake_open(const struct record *r)
{
	return (record_int(r, F_JURISDICTION_REQUEST_DAYS, 0) +
	    record_int(r, F_JURISDICTION_REQUEST_MONTHS, 0) > 0);
}

/* --- the number ------------------------------------------------------------- */

static void
put_part(struct buf *b, struct str s)
{
	buf_printf(b, "%zu:" STR_FMT ",", s.len, STR_ARG(s));
}

/* From what was sent and its random part, or at random. */
static void
make_id(const struct intake *in, char out[ID_LEN + 1])
{
	uint8_t h[CRYPTO_HASH];
	BUF_SCOPED b = BUF_INIT;

	if (!id_ok(in->once)) {
		id_new(out);
		return;
	}
	buf_puts(&b, "tickmark-intake/v1,");
	put_part(&b, in->once);
	put_part(&b, in->kind);
	put_part(&b, in->name);
	put_part(&b, in->contact);
	put_part(&b, in->details);
	put_part(&b, in->jurisdiction);
	crypto_sha256(b.ptr, b.len, h);
	id_from(h, out);
	crypto_wipe(b.ptr, b.len);
	crypto_wipe(h, sizeof(h));
}

static void
print_number(const char *id, char out[INTAKE_NUMBER])
{
	size_t n = 0;

	for (size_t i = 0; i < ID_LEN; i++) {
		if (i != 0 && i % GROUP == 0 && ID_LEN - i >= LEAST)
			out[n++] = '-';
		out[n++] = id[i];
	}
	out[n] = '\0';
}

static void
digest_of(const char *id, char out[2 * CRYPTO_HASH + 1])
{
	uint8_t h[CRYPTO_HASH];

	crypto_sha256(id, ID_LEN, h);
	for (size_t i = 0; i < CRYPTO_HASH; i++)
		snprintf(out + 2 * i, 3, "%02x", h[i]);
}

/* As people type it: with dashes and spaces, in capitals. */
static bool
read_number(struct str s, char out[ID_LEN + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '-' || c == ' ')
			continue;
		if (n == ID_LEN)
			return (false);
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	out[n] = '\0';
	return (id_ok((struct str){ out, n }));
}

static int
find(const struct act *x, const char *id, const struct record **ret,
    struct err *e)
{
	char digest[2 * CRYPTO_HASH + 1];
	struct record_list list;

	digest_of(id, digest);
	int r = act_list(x, T_SUBJECT_REQUEST, F_SUBJECT_REQUEST_STATUS_DIGEST,
	    str_from(digest), &list, e);
	*ret = r == 0 && list.n != 0 ? &list.at[0] : NULL;
	return (r);
}

/* --- requests ---------------------------------------------------------------- */

static void
put(const struct act *x, struct val *m, const char *key, struct str s)
{
	s = str_trim(s);
	if (s.len != 0)
		val_put(x->a, m, key, val_str(x->a, s));
}

static int
record_it(const struct act *x, const struct intake *in, const char *id,
    struct str *ret_code, struct err *e)
{
	char digest[2 * CRYPTO_HASH + 1], at[TIME_SIZE], name[ID_LEN + 1];
	struct val *m = val_map(x->a);

	id_new(name);
	digest_of(id, digest);
	*ret_code = str_from(arena_printf(x->a, "DSR-%.8s", name));
	val_put(x->a, m, "code", val_str(x->a, *ret_code));
	put(x, m, "kind", in->kind);
	put(x, m, "subject_name", in->name);
	put(x, m, "subject_contact", in->contact);
	put(x, m, "details", in->details);
	put(x, m, "jurisdiction", in->jurisdiction);
	put(x, m, "channel", in->channel);
	val_put(x->a, m, "status_digest", val_text(x->a, digest));
	val_put(x->a, m, "received_at", val_text(x->a, time_print(clock_now() /
	    CLOCK_SECOND * CLOCK_SECOND, at)));
	return (record_put(&x->ws->records, x->a, &x->who,
	    schema_get(T_SUBJECT_REQUEST), STR(""), m, NULL, e));
}

int
intake_take(const struct act *x, const struct intake *in,
    struct str *ret_code, char ret_number[INTAKE_NUMBER], struct err *e)
{
	const struct record *have;
	char id[ID_LEN + 1];

	if (intake_kind(in->kind) == NULL)
		return (err_set(e, ERR_INPUT, "kind", "choose one of those that "
		    "there are", "there is no such request"));
	make_id(in, id);
	int r = find(x, id, &have, e);
	if (r == 0 && have != NULL)
		*ret_code = record_str(have, F_SUBJECT_REQUEST_CODE);
	else if (r == 0)
		r = record_it(x, in, id, ret_code, e);
	if (r == 0)
		print_number(id, ret_number);
	crypto_wipe(id, sizeof(id));
	return (r);
}

int
intake_status(const struct act *x, struct str number,
    struct intake_status *ret, struct err *e)
{
	static const char *const words[][2] = {
		{ "received", "We have received it." },
		{ "verifying", "We are checking who asks." },
		{ "working", "We are working on it." },
		{ "fulfilled", "It is answered." },
		{ "denied", "It is answered: we could not do what was asked. The "
		    "answer says why." } };
	const struct record *r = NULL;
	char id[ID_LEN + 1];
	int k = read_number(number, id) ? find(x, id, &r, e) : 0;

	if (k != 0)
		return (k);
	if (r == NULL)
		return (err_set(e, ERR_NOTFOUND, "number", "look at the number again",
		    "there is no request with this number"));
	*ret = (struct intake_status){
		.code = record_str(r, F_SUBJECT_REQUEST_CODE),
		.kind = record_str(r, F_SUBJECT_REQUEST_KIND),
		.state = record_str(r, F_SUBJECT_REQUEST_STATE), .words = "",
		.received = record_int(r, F_SUBJECT_REQUEST_RECEIVED_AT, 0),
		.due = record_int(r, F_SUBJECT_REQUEST_DUE_AT, 0),
		.answered = record_int(r, F_SUBJECT_REQUEST_ANSWERED_AT, 0) };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(ret->state, words[i][0]))
			ret->words = words[i][1];
	return (0);
}
