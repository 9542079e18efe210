#include "record/actor.h"

#include "base/clock.h"
#include "ledger/id.h"
#include "record/history.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "text/date.h"
#include "text/zone.h"

#define PREFIX "tm1"

/* The civil day in the workspace's zone. */
static int
today(struct record_store *s, struct arena *a, char out[DATE_SIZE],
    struct err *e)
{
	const struct zone *z;
	int r = record_zone(a, s->ledger, &z, e);

	if (r == 0)
		date_print(zone_day(z, clock_now()), out);
	return (r);
}

static bool
is_over(const struct record *r, size_t field, const char *day)
{
	struct str last = record_str(r, field);

	return (last.len != 0 && str_cmp(last, str_from(day)) < 0);
}

static unsigned
roles_of(struct arena *a, const struct record *user)
{
	struct str *words;
	size_t n = kind_items(a, &user->type->fields[F_USER_ROLES],
	    &user->cells[F_USER_ROLES], &words);
	unsigned roles = 0;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < ROLE_BIT_MAX; k++)
			if (str_is(words[i], schema_role_word(k)))
				roles |= 1u << k;
	return (roles);
}

/* --- engagements --------------------------------------------------------------- */

static unsigned
categories_of(struct arena *a, const struct record *g)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "security", RECORD_SECURITY },
		{ "availability", RECORD_AVAILABILITY },
		{ "confidentiality", RECORD_CONFIDENTIALITY },
		{ "processing_integrity", RECORD_INTEGRITY },
		{ "privacy", RECORD_PRIVACY } };
	struct str *items;
	size_t n = kind_items(a, &g->type->fields[F_ENGAGEMENT_CATEGORIES],
	    &g->cells[F_ENGAGEMENT_CATEGORIES], &items);
	/* Security is examined always. */
	unsigned bits = RECORD_SECURITY;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (str_is(items[i], words[k].word))
				bits |= words[k].bit;
	return (bits);
}

/* Within its days, and before it was issued. */
static bool
is_open(const struct record *g, const char *day)
{
	struct str from = record_str(g, F_ENGAGEMENT_ACCESS_FROM);
	struct str state = record_str(g, F_ENGAGEMENT_STATE);

	return (!g->retired && from.len != 0 &&
	    str_cmp(from, str_from(day)) <= 0 &&
	    !is_over(g, F_ENGAGEMENT_ACCESS_UNTIL, day) &&
	    !str_is(state, "issued") && !str_is(state, "archived"));
}

static int
take_engagements(struct record_store *s, struct arena *a,
    const struct record *user, const char *day, struct record_actor *ret,
    struct err *e)
{
	struct str *ids;
	size_t n = kind_items(a, &user->type->fields[F_USER_ENGAGEMENTS],
	    &user->cells[F_USER_ENGAGEMENTS], &ids), k = 0;
	struct record_engagement *at = arena_array(a, n + 1, sizeof(*at));

	for (size_t i = 0; i < n; i++) {
		struct record g;
		int r = store_load(s, a, schema_get(T_ENGAGEMENT), ids[i], &g, e);
		if (r != 0)
			return (r);
		if (is_open(&g, day))
			at[k++] = (struct record_engagement){ ids[i],
				categories_of(a, &g) };
	}
	ret->engagements = at;
	ret->nengagements = k;
	return (0);
}

/* --- users ------------------------------------------------------------------------ */

static int
from_user(struct record_store *s, struct arena *a, const struct record *u,
    const char *day, struct record_actor *ret, struct err *e)
{
	struct record_actor x = {
		.id = str_from(arena_printf(a, "user:" STR_FMT, STR_ARG(u->id))),
		.roles = roles_of(a, u), .person = record_str(u, F_USER_PERSON),
		.party = record_str(u, F_USER_PARTY) };
	int r = take_engagements(s, a, u, day, &x, e);

	if (r == 0)
		*ret = x;
	return (r);
}

static bool
may_sign_in(const struct record *u, const char *day)
{
	return (!u->retired && str_is(record_str(u, F_USER_STATE), "active") &&
	    !is_over(u, F_USER_LAST_ON, day));
}

int
record_actor_user(struct record_store *s, struct arena *a, struct str name,
    struct record_actor *ret, struct err *e)
{
	struct record_store own = { .db = s->db, .ledger = s->ledger };
	char day[DATE_SIZE];
	struct record *u;
	int r = record_find(&own, a, schema_get(T_USER), name, &u, e);

	if (r == 0)
		r = today(&own, a, day, e);
	if (r != 0)
		return (r);
	if (!may_sign_in(u, day))
		return (err_set(e, ERR_DENIED, "user", "let an owner look: tickmark "
		    "user DIR list", "the user is disabled, or its last day is over"));
	return (from_user(&own, a, u, day, ret, e));
}

/* --- tokens ----------------------------------------------------------------------- */

static void
hex_digest(struct str secret, char out[65])
{
	uint8_t sum[CRYPTO_HASH];

	crypto_sha256(secret.ptr, secret.len, sum);
	for (int i = 0; i < CRYPTO_HASH; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

void
record_token_new(char out[RECORD_SECRET], char ret_digest[65])
{
	uint8_t bits[32];
	char half[2][ID_LEN + 1];

	/* What to ask for by, and what to know. */
	rng_bytes(bits, sizeof(bits));
	id_from(bits, half[0]);
	id_from(bits + 16, half[1]);
	snprintf(out, RECORD_SECRET, PREFIX "_%s%s", half[0], half[1]);
	hex_digest(str_from(out), ret_digest);
	crypto_wipe(bits, sizeof(bits));
	crypto_wipe(half, sizeof(half));
}

static bool
well_formed(struct str s)
{
	size_t n = strlen(PREFIX) + 1;

	return (s.len == n + 2 * ID_LEN && str_starts(s, PREFIX "_") &&
	    id_ok((struct str){ s.ptr + n, ID_LEN }) &&
	    id_ok((struct str){ s.ptr + n + ID_LEN, ID_LEN }));
}

static int
refused(struct err *e)
{
	return (err_set(e, ERR_DENIED, "token", "let an owner make another one: "
	    "tickmark token DIR add", "there is no such token, or it is revoked "
	    "or expired"));
}

/*
 * The id of the token with a digest. The index compares digests, not secrets:
 * how far two of them agree tells nothing about a secret. All of it is
 * compared again in constant time.
 */
static int
find_token(struct record_store *s, struct arena *a, const char digest[65],
    struct record *ret, struct err *e)
{
	struct stmt *st;
	int r = tables_has(s, schema_get(T_TOKEN), e);

	if (r <= 0)
		return (r == 0 ? -ERR_NOTFOUND : r);
	r = db_cached(s->db, &st, "SELECT id FROM r_token WHERE retired=0 "
	    "AND digest=?", e);
	if (r != 0)
		return (r);
	stmt_bind_text(st, 1, digest);
	r = stmt_step(st, e);
	struct str id = r > 0 ? arena_str(a, stmt_str(st, 0)) : STR_NULL;
	stmt_reset(st);
	if (r <= 0)
		return (r == 0 ? -ERR_NOTFOUND : r);
	r = store_load(s, a, schema_get(T_TOKEN), id, ret, e);
	struct str d = r == 0 ? record_str(ret, F_TOKEN_DIGEST) : STR_NULL;
	if (r == 0 && (d.len != 64 || !crypto_same(d.ptr, digest, 64)))
		r = -ERR_NOTFOUND;
	return (r);
}

static struct access_scope
scope_of(struct arena *a, const struct record *t)
{
	struct str *words;
	size_t n = kind_items(a, &t->type->fields[F_TOKEN_SCOPES],
	    &t->cells[F_TOKEN_SCOPES], &words);
	struct access_scope x = { 0 };
	uint32_t reads = (1u << ACCESS_WRITES) - 1;

	for (size_t i = 0; i < n; i++) {
		int g = access_group_find(words[i]);
		if (str_is(words[i], "read"))
			x.acts |= reads;
		else if (str_is(words[i], "write"))
			x.acts |= ((1u << ACCESS_ACT_MAX) - 1) & ~reads;
		else if (str_is(words[i], "consents"))
			x.doors |= ACCESS_CONSENTS;
		else if (str_is(words[i], "requests"))
			x.doors |= ACCESS_REQUESTS;
		else if (g >= 0)
			x.groups |= UINT64_C(1) << g;
		else
			BUG("a scope that is no group: " STR_FMT, STR_ARG(words[i]));
	}
	/* Zero would be no limit. */
	if (x.acts == 0)
		x.acts = x.doors != 0 && x.groups == 0 ? ACCESS_NO_ACT : reads;
	return (x);
}

int
record_actor_token(struct record_store *s, struct arena *a,
    struct str secret, struct record_actor *ret, struct err *e)
{
	struct record_store own = { .db = s->db, .ledger = s->ledger };
	struct record t, u;
	struct record_actor x;
	char digest[65], day[DATE_SIZE];

	if (!well_formed(secret))
		return (refused(e));
	hex_digest(secret, digest);
	int r = find_token(&own, a, digest, &t, e);
	if (r == 0)
		r = store_load(&own, a, schema_get(T_USER),
		    record_str(&t, F_TOKEN_USER), &u, e);
	if (r == -ERR_NOTFOUND)
		return (refused(e));
	if (r == 0)
		r = today(&own, a, day, e);
	if (r != 0)
		return (r);
	if (!str_is(record_str(&t, F_TOKEN_STATE), "active") ||
	    is_over(&t, F_TOKEN_EXPIRES_ON, day) || !may_sign_in(&u, day))
		return (refused(e));
	r = from_user(&own, a, &u, day, &x, e);
	if (r != 0)
		return (r);
	x.id = str_from(arena_printf(a, STR_FMT "/token:" STR_FMT,
	    STR_ARG(x.id), STR_ARG(t.id)));
	x.scope = scope_of(a, &t);
	*ret = x;
	return (0);
}
