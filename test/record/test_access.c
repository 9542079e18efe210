/* What users see of records and may do with them: one workspace for all. */
#include "fixture.h"

#include "base/clock.h"
#include "record/actor.h"
#include "record/reader.h"
#include "record/reads.h"
#include "schema/kind.h"

/* Users of the tests, by login. */
enum user { ADA, COM, ENG, EMP, PRI, LOOK, AUD, LATE, CUST, OTHER, NUSERS };
static const char *const logins[NUSERS] = { "ada", "com", "eng", "emp", "pri",
	"look", "aud", "late", "cust", "other" };

#define DAY "2026-06-15T10:00:00Z"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char programme[] =
    "person:\n"
    "  - {code: E1, name: Ann One, email: ann@example.com, kind: employee}\n"
    "  - {code: E2, name: Bob Two, email: bob@example.com, kind: employee, "
    "manager: E1}\n"
    "  - {code: E3, name: Cid Three, kind: employee}\n"
    "  - {code: A1, name: Dee Firm, kind: contractor}\n"
    "finding:\n"
    "  - {code: F-1, title: Mine, severity: low, owner: E2, due: 2026-07-01}\n"
    "  - {code: F-2, title: Not mine, severity: high, owner: E3, "
    "due: 2026-07-01}\n"
    "commitment:\n"
    "  - {code: SC-1, text: Secure., kind: commitment, category: security}\n"
    "  - {code: SC-2, text: Up., kind: commitment, category: availability}\n"
    "customer:\n"
    "  - {name: Buyer, contact_name: Eve Four}\n"
    "  - {name: Rival}\n"
    "engagement:\n"
    "  - {code: ENG-1, firm: Firm, kind: type_2, categories: security, "
    "access_from: 2026-01-01, access_until: 2026-12-31}\n"
    "  - {code: ENG-2, firm: Firm, kind: type_2, "
    "categories: [security, availability], "
    "access_from: 2026-01-01, access_until: 2026-12-31}\n"
    "  - {code: ENG-0, firm: Firm, kind: type_1, categories: security, "
    "access_from: 2025-01-01, access_until: 2025-12-31}\n"
    "concern:\n"
    "  - {code: CL-1, topic: fraud, text: Ann did it., "
    "received_at: 2026-06-01T00:00:00Z, anonymous: yes, about: E1}\n"
    "user:\n"
    "  - {login: ada, roles: [owner]}\n"
    "  - {login: com, roles: [compliance], person: E1}\n"
    "  - {login: eng, roles: [engineer], person: E3}\n"
    "  - {login: emp, roles: [employee], person: E2}\n"
    "  - {login: pri, roles: [privacy]}\n"
    "  - {login: look, roles: [read_only]}\n"
    "  - {login: aud, roles: [auditor], engagements: ENG-1}\n"
    "  - {login: late, roles: [auditor], engagements: ENG-0}\n"
    "  - {login: cust, roles: [customer], party: Buyer}\n"
    "  - {login: other, roles: [partner], party: Rival}\n";

static struct fixture *f;
static struct record_actor users[NUSERS];
static struct record_reader readers[NUSERS];

static int
begin(void **state)
{
	struct record_result res;
	int64_t now = 0;

	setup(state);
	f = *state;
	now = INT64_C(1781517600) * CLOCK_SECOND; /* DAY */
	clock_replace(now);
	NOERR(f, import_yaml(f, NULL, programme, &res));
	for (int i = 0; i < NUSERS; i++) {
		NOERR(f, record_actor_user(&f->ws->records, &f->a,
		    str_from(logins[i]), &users[i], &f->e));
		record_reader_init(&readers[i], f->dir, &users[i]);
	}
	return (0);
}

static int
end(void **state)
{
	for (int i = 0; i < NUSERS; i++)
		record_reader_free(&readers[i]);
	clock_replace(0);
	return (teardown(state));
}

static struct record_store
as(enum user u)
{
	struct record_store s = f->ws->records;

	s.reader = &readers[u];
	return (s);
}

static int
get(enum user u, int type, const char *name, struct record **ret)
{
	struct record_store s = as(u);

	return (record_find(&s, &f->a, schema_get((unsigned)type),
	    str_from(name), ret, &f->e));
}

static int
count(enum user u, int type)
{
	struct record_store s = as(u);
	struct record_list l;
	int64_t n;

	int r = record_list(&s, &f->a, schema_get((unsigned)type), NULL, &l,
	    &f->e);
	if (r != 0)
		return (r);
	assert_int_equal(l.n, l.matched);
	NOERR(f, record_count(&s, schema_get((unsigned)type), &n, &f->e));
	assert_int_equal(n, l.n);
	return ((int)l.n);
}

static struct val *
map_of(const char *first, ...)
{
	struct val *m = val_map(&f->a);
	va_list ap;

	va_start(ap, first);
	for (const char *k = first; k != NULL; k = va_arg(ap, const char *)) {
		const char *v = va_arg(ap, const char *);
		val_put(&f->a, m, k, v != NULL ? val_text(&f->a, v) :
		    val_null(&f->a));
	}
	va_end(ap);
	return (m);
}

static int
put(enum user u, int type, const char *name, const struct val *v)
{
	return (record_put(&f->ws->records, &f->a, &users[u],
	    schema_get((unsigned)type), str_from(name), v, NULL, &f->e));
}

static void
said(const char *part)
{
	if (strstr(f->e.what, part) == NULL && strstr(f->e.fix, part) == NULL)
		fail_msg("\"%s\" is not in: %s: %s", part, f->e.what, f->e.fix);
}

/* --- reading --------------------------------------------------------------------- */

static void
test_own_things(void **state)
{
	struct record *r;

	(void)state;
	assert_int_equal(count(EMP, T_FINDING), 1);
	assert_int_equal(get(EMP, T_FINDING, "F-1", &r), 0);
	/* What is somebody else's is not there, and not told apart from that. */
	assert_int_equal(get(EMP, T_FINDING, "F-2", &r), -ERR_NOTFOUND);
	struct err other = f->e;
	assert_int_equal(get(EMP, T_FINDING, "F-9", &r), -ERR_NOTFOUND);
	assert_int_equal(strlen(other.what), strlen(f->e.what));
	assert_int_equal(get(EMP, T_USER, "emp", &r), -ERR_DENIED);
	said("as employee one may not read a user");
	assert_int_equal(count(LOOK, T_FINDING), 2);
	/* Oneself, and whom one leads. */
	assert_int_equal(count(EMP, T_PERSON), 1);
	assert_int_equal(get(EMP, T_PERSON, "E2", &r), 0);
	assert_true(str_is(record_str(r, F_PERSON_NAME), "Bob Two"));
}

static void
test_masked(void **state)
{
	struct record_store s = as(LOOK);
	const struct schema_type *t = schema_get(T_PERSON);
	struct record_filter filter;
	struct record_list l;
	struct record *r;
	BUF_SCOPED out = BUF_INIT;

	(void)state;
	assert_int_equal(get(LOOK, T_PERSON, "E1", &r), 0);
	assert_int_equal(r->cells[F_PERSON_NAME].state, CELL_MASKED);
	assert_int_equal(r->cells[F_PERSON_LOGIN].state, CELL_MASKED); /* absent */
	assert_true(str_is(record_text(&s, &f->a, r, F_PERSON_NAME), "(masked)"));
	assert_true(str_is(record_str(r, F_PERSON_CODE), "E1"));
	/* Nothing to filter or to sort by. */
	assert_int_equal(record_filter_parse(&s, &f->a, t, STR("name=Ann One"),
	    &filter, &f->e), -ERR_DENIED);
	filter = (struct record_filter){ F_PERSON_NAME, RECORD_EQ,
		CELL_STR(STR("Ann One")) };
	struct record_query q = { .filters = &filter, .nfilters = 1,
		.sort = RECORD_BY_HANDLE };
	assert_int_equal(record_list(&s, &f->a, t, &q, &l, &f->e), -ERR_DENIED);
	q = (struct record_query){ .sort = F_PERSON_NAME };
	assert_int_equal(record_list(&s, &f->a, t, &q, &l, &f->e), -ERR_DENIED);
	/* Where it hangs on the record, what is masked satisfies nothing. */
	struct record_store mine = as(ENG);
	filter.op = RECORD_NE;
	q = (struct record_query){ .filters = &filter, .nfilters = 1,
		.sort = RECORD_BY_HANDLE };
	NOERR(f, record_list(&mine, &f->a, t, &q, &l, &f->e));
	assert_int_equal(l.n, 1); /* itself alone */
	q = (struct record_query){ .sort = F_PERSON_NAME };
	assert_int_equal(record_list(&mine, &f->a, t, &q, &l, &f->e),
	    -ERR_DENIED);
	said("masked in some");
	/* A file, masked; put back by one who may, it changes nothing. */
	struct record_store com = as(AUD);
	NOERR(f, record_export(&com, t, NULL, RECORD_JSON, &out, &f->e));
	assert_true(str_find(buf_str(&out), "\"masked\": true") >= 0);
	assert_true(str_find(buf_str(&out), "Ann") < 0);
	struct record_result res;
	NOERR(f, record_import(&f->ws->records, &f->a, &f->ws->actor, t,
	    "in.json", buf_str(&out), RECORD_JSON, NULL, &res, &f->e));
	assert_int_equal(res.same, 4);
	buf_reset(&out);
	NOERR(f, record_export(&com, t, NULL, RECORD_CSV, &out, &f->e));
	assert_true(str_find(buf_str(&out), ",(masked),") >= 0);
	NOERR(f, record_import(&f->ws->records, &f->a, &f->ws->actor, t,
	    "in.csv", buf_str(&out), RECORD_CSV, NULL, &res, &f->e));
	assert_int_equal(res.same, 4);
}

static void
test_history(void **state)
{
	struct record_store s = as(LOOK), emp = as(EMP);
	struct record_history h;
	struct record_revision v;

	(void)state;
	assert_int_equal(record_history(&s, &f->a, schema_get(T_PERSON),
	    STR("E1"), &h, &f->e), -ERR_DENIED);
	NOERR(f, record_history(&emp, &f->a, schema_get(T_PERSON), STR("E2"), &h,
	    &f->e));
	assert_int_equal(h.n, 1);
	assert_true(str_is(record_str(&h.at[0].record, F_PERSON_NAME),
	    "Bob Two"));
	assert_int_equal(record_history(&emp, &f->a, schema_get(T_PERSON),
	    STR("E1"), &h, &f->e), -ERR_NOTFOUND);
	struct record_store aud = as(AUD);
	NOERR(f, record_history(&aud, &f->a, schema_get(T_PERSON), STR("E2"), &h,
	    &f->e));
	assert_int_equal(h.at[0].record.cells[F_PERSON_NAME].state, CELL_MASKED);
	NOERR(f, record_as_of(&aud, &f->a, schema_get(T_PERSON), STR("E2"),
	    UINT64_MAX, &v, &f->e));
	assert_int_equal(v.record.cells[F_PERSON_EMAIL].state, CELL_MASKED);
}

static void
test_auditor(void **state)
{
	struct record *r;
	struct val *wp = map_of("code", "WP-1", "engagement", "ENG-1", NULL);

	(void)state;
	/* An engagement that is over opens nothing. */
	assert_int_equal(users[LATE].nengagements, 0);
	assert_int_equal(count(LATE, T_CONTROL), 0);
	assert_int_equal(count(LATE, T_CRITERION), 61); /* anybody's */
	/* The categories of the one that is open, and what is of none. */
	assert_int_equal(get(AUD, T_COMMITMENT, "SC-1", &r), 0);
	assert_int_equal(get(AUD, T_COMMITMENT, "SC-2", &r), -ERR_NOTFOUND);
	assert_int_equal(get(AUD, T_CONTROL, "AC-01", &r), 0);
	assert_int_equal(get(AUD, T_CONTROL, "PR-02", &r), -ERR_NOTFOUND);
	assert_int_equal(get(AUD, T_ENGAGEMENT, "ENG-2", &r), -ERR_NOTFOUND);
	assert_int_equal(count(AUD, T_FINDING), 2);
	/* Never writes the programme. */
	assert_int_equal(put(AUD, T_CONTROL, "AC-01", map_of("evidence", "x",
	    NULL)), -ERR_DENIED);
	said("as auditor one may not change a control");
	assert_int_equal(put(AUD, T_FINDING, "", map_of("code", "F-3", "title",
	    "x", "severity", "low", NULL)), -ERR_DENIED);
	assert_int_equal(put(AUD, T_ENGAGEMENT, "ENG-1", map_of("access_until",
	    "2030-01-01", NULL)), -ERR_DENIED);
	/* The firm's papers: its own, within the engagement. */
	NOERR(f, put(AUD, T_WORKPAPER, "", wp));
	assert_int_equal(put(AUD, T_WORKPAPER, "", map_of("code", "WP-2",
	    "engagement", "ENG-2", NULL)), -ERR_DENIED);
	assert_int_equal(put(COM, T_WORKPAPER, "", map_of("code", "WP-3",
	    "engagement", "ENG-1", NULL)), -ERR_DENIED);
	assert_int_equal(get(COM, T_WORKPAPER, "WP-1", &r), -ERR_NOTFOUND);
	assert_int_equal(get(ADA, T_WORKPAPER, "WP-1", &r), -ERR_NOTFOUND);
	assert_int_equal(count(ADA, T_WORKPAPER), 0);
	assert_int_equal(put(ADA, T_WORKPAPER, "WP-1", map_of("conclusion",
	    "effective", NULL)), -ERR_DENIED);
	assert_int_equal(get(AUD, T_WORKPAPER, "WP-1", &r), 0);
	/* A deviation belongs where its workpaper does. */
	NOERR(f, put(AUD, T_DEVIATION, "", map_of("code", "D-1", "workpaper",
	    "WP-1", "item", "7", NULL)));
	assert_int_equal(count(AUD, T_DEVIATION), 1);
	assert_int_equal(count(COM, T_DEVIATION), 0);
}

static void
test_released(void **state)
{
	struct record *r;
	struct val *given = map_of("report", "SOC2", "recipient", "Buyer",
	    "customer", "Buyer", "basis", "customer", "reader", "Eve Four",
	    "nda_on", "2026-05-01", "knowledge", "yes", NULL);

	(void)state;
	for (unsigned i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		if (!schema_is_record(t) || t->number == T_CRITERION ||
		    t->number == T_CUSTOMER)
			continue;
		int n = count(CUST, t->number);
		if (n != 0 && n != -ERR_DENIED)
			fail_msg("a customer sees %d of %s", n, t->name);
	}
	assert_int_equal(count(CUST, T_CUSTOMER), 1);
	assert_int_equal(get(CUST, T_CUSTOMER, "Rival", &r), -ERR_NOTFOUND);
	assert_int_equal(get(CUST, T_CUSTOMER, "Buyer", &r), 0);
	assert_int_equal(r->cells[F_CUSTOMER_CONTACT_NAME].state, CELL_MASKED);
	/* A report: when it was issued, and given. */
	struct record_actor owner = f->ws->actor;
	NOERR(f, record_put(&f->ws->records, &f->a, &owner,
	    schema_get(T_REPORT), STR(""), map_of("code", "SOC2", "engagement",
	    "ENG-1", "kind", "type_2", "period_start", "2025-01-01", "period_end",
	    "2025-12-31", NULL), NULL, &f->e));
	assert_int_equal(record_put(&f->ws->records, &f->a, &owner,
	    schema_get(T_DISTRIBUTION), STR(""), given, NULL, &f->e),
	    -ERR_INPUT);
	NOERR(f, record_put(&f->ws->records, &f->a, &owner, schema_get(T_REPORT),
	    STR("SOC2"), map_of("state", "final", "hash", HASH, "file_name",
	    "soc2.pdf", NULL), NULL, &f->e));
	NOERR(f, record_put(&f->ws->records, &f->a, &owner, schema_get(T_REPORT),
	    STR("SOC2"), map_of("state", "issued", "issued_on", "2026-06-01",
	    NULL), NULL, &f->e));
	assert_int_equal(get(CUST, T_REPORT, "SOC2", &r), -ERR_NOTFOUND);
	NOERR(f, record_put(&f->ws->records, &f->a, &owner,
	    schema_get(T_DISTRIBUTION), STR(""), given, NULL, &f->e));
	assert_int_equal(get(CUST, T_REPORT, "SOC2", &r), 0);
	assert_true(str_is(record_str(r, F_REPORT_FILE_NAME), "soc2.pdf"));
	assert_int_equal(get(OTHER, T_REPORT, "SOC2", &r), -ERR_NOTFOUND);
	assert_int_equal(count(CUST, T_DISTRIBUTION), 1);
	assert_int_equal(count(OTHER, T_DISTRIBUTION), 0);
	/* Until it is taken back. */
	struct record_store all = f->ws->records;
	struct record_list l;
	NOERR(f, record_list(&all, &f->a, schema_get(T_DISTRIBUTION), NULL, &l,
	    &f->e));
	NOERR(f, record_put(&all, &f->a, &owner, schema_get(T_DISTRIBUTION),
	    l.at[0].id, map_of("state", "revoked", "revoked_at", DAY,
	    "revoke_reason", "left", NULL), NULL, &f->e));
	assert_int_equal(get(CUST, T_REPORT, "SOC2", &r), -ERR_NOTFOUND);
	assert_int_equal(count(CUST, T_DISTRIBUTION), 0);
}

static void
test_concern(void **state)
{
	struct record *r;

	(void)state;
	assert_int_equal(get(COM, T_CONCERN, "CL-1", &r), -ERR_NOTFOUND);
	assert_int_equal(get(ADA, T_CONCERN, "CL-1", &r), 0);
	assert_true(str_is(record_str(r, F_CONCERN_TEXT), "Ann did it."));
	assert_int_equal(get(AUD, T_CONCERN, "CL-1", &r), -ERR_DENIED);
	/* Anybody of ours may report; to read it again is another thing. */
	NOERR(f, put(EMP, T_CONCERN, "", map_of("code", "CL-2", "topic", "safety",
	    "text", "The door.", "received_at", DAY, "anonymous", "no",
	    "reporter", "Bob", NULL)));
	assert_int_equal(get(EMP, T_CONCERN, "CL-2", &r), -ERR_DENIED);
	assert_int_equal(put(CUST, T_CONCERN, "", map_of("code", "CL-3", "topic",
	    "safety", "text", "x", "received_at", DAY, "anonymous", "no",
	    NULL)), -ERR_DENIED);
}

/* --- writing ---------------------------------------------------------------------- */

static void
test_writing(void **state)
{
	(void)state;
	/* What is theirs, in what is theirs to say. */
	NOERR(f, put(EMP, T_FINDING, "F-1", map_of("action", "Doing it.", NULL)));
	assert_int_equal(put(EMP, T_FINDING, "F-1", map_of("severity", "high",
	    NULL)), -ERR_DENIED);
	assert_int_equal(put(EMP, T_FINDING, "F-2", map_of("action", "x", NULL)),
	    -ERR_DENIED);
	said("only if it names them");
	assert_int_equal(put(EMP, T_PERSON, "E2", map_of("manager", "E3", NULL)),
	    -ERR_DENIED);
	/* To try whether a guess is right is to write. */
	assert_int_equal(put(COM, T_TOKEN, "", map_of("name", "x", NULL)),
	    -ERR_DENIED);
	/* A later state is a step, whoever was there before. */
	assert_int_equal(put(ENG, T_EXCEPTION, "", map_of("code", "EX-1", "reason",
	    "x", "expires", "2027-01-01", "control", "AC-01", "requester", "E3",
	    "approver", "E1", "starts_on", "2026-06-01", "state", "approved",
	    NULL)), -ERR_DENIED);
	said("may not make an exception approved");
	assert_int_equal(put(LOOK, T_FINDING, "F-1", map_of("action", "x", NULL)),
	    -ERR_DENIED);
	assert_int_equal(put(CUST, T_CUSTOMER, "Buyer", map_of("nda_on",
	    "2026-01-01", NULL)), -ERR_DENIED);
}

static void
test_guess(void **state)
{
	struct record_list l;
	struct record_store s = as(COM);
	char why[1024];

	(void)state;
	NOERR(f, put(PRI, T_PROCESSING, "", map_of("code", "PA-1", "name",
	    "News", "purpose", "News", "basis", "consent", NULL)));
	NOERR(f, record_put(&f->ws->records, &f->a, &f->ws->actor,
	    schema_get(T_NOTICE), STR(""), map_of("code", "PN-1", "audience", "All",
	    "version", "1", "text", "We use data.", "effective_on", "2026-01-01",
	    "author", "E1", "approver", "E2", "processing", "PA-1", "state",
	    "published", NULL), NULL, &f->e));
	NOERR(f, put(PRI, T_CONSENT, "", map_of("subject_name", "Flo Five",
	    "processing", "PA-1", "notice", "PN-1", "explicit", "yes", "given_at",
	    DAY, NULL)));
	NOERR(f, record_list(&s, &f->a, schema_get(T_CONSENT), NULL, &l, &f->e));
	assert_int_equal(l.n, 1);
	assert_int_equal(l.at[0].cells[F_CONSENT_SUBJECT_NAME].state,
	    CELL_MASKED);
	/* The right name and a wrong one are refused alike. */
	const char *id = arena_strdup(&f->a, l.at[0].id.ptr);
	assert_int_equal(put(COM, T_CONSENT, id, map_of("subject_name",
	    "Flo Five", NULL)), -ERR_DENIED);
	memcpy(why, f->e.what, sizeof(why));
	assert_int_equal(put(COM, T_CONSENT, id, map_of("subject_name",
	    "Gus Six", NULL)), -ERR_DENIED);
	assert_string_equal(why, f->e.what);
	/* What it does see, it may change, and the rest stays. */
	NOERR(f, put(COM, T_CONSENT, id, map_of("channel", "web", "subject_name",
	    "(masked)", NULL)));
	struct record *r = find(f, T_CONSENT, id);
	assert_true(str_is(record_str(r, F_CONSENT_SUBJECT_NAME), "Flo Five"));
}

/* --- users -------------------------------------------------------------------------- */

static int
put_user(const char *name, const struct val *v)
{
	return (record_put(&f->ws->records, &f->a, &f->ws->actor,
	    schema_get(T_USER), str_from(name), v, NULL, &f->e));
}

static void
test_users(void **state)
{
	struct record_actor x;

	(void)state;
	assert_int_equal(put_user("", map_of("login", "two", "roles",
	    "auditor|owner", NULL)), -ERR_INPUT);
	assert_int_equal(put_user("aud", map_of("roles", "auditor;compliance",
	    NULL)), -ERR_INPUT);
	said("nobody is these together");
	assert_int_equal(put_user("cust", map_of("roles", "customer;employee",
	    NULL)), -ERR_INPUT);
	assert_int_equal(put_user("cust", map_of("party", NULL, NULL)),
	    -ERR_INPUT);
	assert_int_equal(put_user("emp", map_of("engagements", "ENG-1", NULL)),
	    -ERR_INPUT);
	/* An auditor is nobody who has to do with what is audited. */
	assert_int_equal(put_user("aud", map_of("person", "E2", NULL)),
	    -ERR_INPUT);
	said("Person: an auditor owns, operates and approves nothing");
	NOERR(f, put_user("aud", map_of("person", "A1", NULL)));
	assert_int_equal(put(ADA, T_FINDING, "F-1", map_of("owner", "A1", NULL)),
	    -ERR_INPUT);
	said("Owner: an auditor owns");
	NOERR(f, put_user("aud", map_of("person", NULL, NULL)));
	/* The last owner stays one. */
	assert_int_equal(put_user("ada", map_of("state", "disabled", NULL)),
	    -ERR_INPUT);
	said("the last owner");
	assert_int_equal(put_user("ada", map_of("roles", "compliance", NULL)),
	    -ERR_INPUT);
	struct record_change away = { .type = schema_get(T_USER),
		.name = STR("ada"), .retire = true };
	struct record_result res;
	assert_int_equal(record_apply(&f->ws->records, &f->a, &f->ws->actor,
	    &away, 1, NULL, &res, &f->e), -ERR_INPUT);
	NOERR(f, put_user("", map_of("login", "bea", "roles", "owner", NULL)));
	/* Nor do both go at once. */
	struct record_change both[2] = { { .type = schema_get(T_USER),
		.name = STR("ada"), .fields = map_of("state", "disabled", NULL) },
		{ .type = schema_get(T_USER), .name = STR("bea"),
		.fields = map_of("state", "disabled", NULL) } };
	assert_int_equal(record_apply(&f->ws->records, &f->a, &f->ws->actor, both,
	    2, NULL, &res, &f->e), -ERR_INPUT);
	NOERR(f, put_user("bea", map_of("state", "disabled", NULL)));
	assert_int_equal(record_actor_user(&f->ws->records, &f->a, STR("bea"),
	    &x, &f->e), -ERR_DENIED);
	assert_int_equal(record_actor_user(&f->ws->records, &f->a, STR("nobody"),
	    &x, &f->e), -ERR_NOTFOUND);
}

static void
test_tokens(void **state)
{
	char secret[RECORD_SECRET], digest[65], wrong[RECORD_SECRET];
	struct record_actor x;
	struct record *r;
	struct val *v;

	(void)state;
	record_token_new(secret, digest);
	v = map_of("name", "nightly", "user", "com", "scopes", "read;programme",
	    "expires_on", "2027-06-16", "digest", digest, NULL);
	assert_int_equal(put(ADA, T_TOKEN, "", v), -ERR_INPUT);
	said("twelve months");
	val_put(&f->a, v, "expires_on", val_text(&f->a, "2027-06-15"));
	NOERR(f, put(ADA, T_TOKEN, "", v));
	NOERR(f, record_actor_token(&f->ws->records, &f->a, str_from(secret), &x,
	    &f->e));
	assert_true(str_starts(x.id, "user:"));
	assert_true(str_find(x.id, "/token:") > 0);
	assert_int_equal(x.roles, ROLE_COMPLIANCE);
	assert_true(str_eq(x.person, users[COM].person));
	/* Its scopes are a wall around what its user may do. */
	struct access_who who = record_as(&x);
	struct access_facts none = { 0 };
	assert_int_equal(access_decide(&who, schema_get(T_CONTROL), ACCESS_RECORD,
	    &none, ACCESS_READ).verdict, ACCESS_ALLOW);
	assert_int_equal(access_decide(&who, schema_get(T_CONTROL), ACCESS_RECORD,
	    &none, ACCESS_CHANGE).verdict, ACCESS_DENY);
	assert_int_equal(access_decide(&who, schema_get(T_FINDING), ACCESS_RECORD,
	    &none, ACCESS_READ).verdict, ACCESS_DENY);
	/* Its digest is nobody's to see, nor to change. */
	assert_int_equal(get(ADA, T_TOKEN, "nightly", &r), 0);
	assert_int_equal(r->cells[F_TOKEN_DIGEST].state, CELL_MASKED);
	assert_int_equal(put(ADA, T_TOKEN, "nightly", map_of("digest", digest,
	    NULL)), -ERR_DENIED);
	/* No other secret does. */
	for (size_t i = 0; i < strlen(secret); i++) {
		memcpy(wrong, secret, sizeof(wrong));
		wrong[i] = wrong[i] == '0' ? '1' : '0';
		assert_int_equal(record_actor_token(&f->ws->records, &f->a,
		    str_from(wrong), &x, &f->e), -ERR_DENIED);
		said("there is no such token");
	}
	assert_int_equal(record_actor_token(&f->ws->records, &f->a, STR(""), &x,
	    &f->e), -ERR_DENIED);
	assert_int_equal(record_actor_token(&f->ws->records, &f->a,
	    str_from(digest), &x, &f->e), -ERR_DENIED);
	/* Until it expires, is revoked, or its user goes. */
	clock_replace(INT64_C(1812967200) * CLOCK_SECOND); /* 2027-06-14 */
	NOERR(f, record_actor_token(&f->ws->records, &f->a, str_from(secret), &x,
	    &f->e));
	clock_replace(INT64_C(1813140000) * CLOCK_SECOND); /* 2027-06-16 */
	assert_int_equal(record_actor_token(&f->ws->records, &f->a,
	    str_from(secret), &x, &f->e), -ERR_DENIED);
	clock_replace(INT64_C(1781517600) * CLOCK_SECOND);
	NOERR(f, put_user("com", map_of("state", "disabled", NULL)));
	assert_int_equal(record_actor_token(&f->ws->records, &f->a,
	    str_from(secret), &x, &f->e), -ERR_DENIED);
	NOERR(f, put_user("com", map_of("state", "active", NULL)));
	NOERR(f, put(ADA, T_TOKEN, "nightly", map_of("state", "revoked", NULL)));
	assert_int_equal(record_actor_token(&f->ws->records, &f->a,
	    str_from(secret), &x, &f->e), -ERR_DENIED);
}

/* Names of scopes are acts, doors of their own, or names of groups, so that a new
 * group gets a scope. */
static void
test_scopes(void **state)
{
	const struct schema_type *t = schema_get(T_TOKEN);
	const char *const *v = t->fields[F_TOKEN_SCOPES].values;
	static const char *const others[] = { "read", "write", "consents",
		"requests" };

	(void)state;
	for (size_t i = 0; v[i] != NULL; i++) {
		bool other = false;
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			other |= strcmp(v[i], others[k]) == 0;
		if (!other && access_group_find(str_from(v[i])) < 0)
			fail_msg("the scope %s is no group", v[i]);
	}
	for (size_t i = 0; i < access_groups(); i++) {
		bool there = false;
		for (size_t k = 0; v[k] != NULL; k++)
			there |= strcmp(v[k], access_group_name(i)) == 0;
		if (!there)
			fail_msg("the group %s is no scope of a token",
			    access_group_name(i));
	}
}

/* --- the note of reads ------------------------------------------------------------- */

static uint64_t
waiting(void)
{
	uint64_t n = 0;

	NOERR(f, reads_waiting(f->dir, &n, &f->e));
	return (n);
}

struct seen {
	size_t reads, lost;
	char last[256];
};

static int
see_entry(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct seen *s = ctx;

	(void)index;
	(void)e;
	s->lost += str_is(x->action, "reads-lost");
	if (!str_is(x->action, "read"))
		return (0);
	s->reads++;
	snprintf(s->last, sizeof(s->last), STR_FMT " " STR_FMT " %s " STR_FMT,
	    STR_ARG(x->type), STR_ARG(entry_note_get(x, "by")),
	    str_is(x->id, "*") ? "many" : "one",
	    STR_ARG(entry_note_get(x, "count")));
	assert_true(str_starts(x->actor, "user:"));
	return (0);
}

static struct seen
ledger_reads(void)
{
	struct seen s = { 0 };

	NOERR(f, ledger_each(f->ws->ledger, 0, UINT64_MAX, see_entry, &s, &f->e));
	return (s);
}

static void
test_reads(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED kept = BUF_INIT;
	const char *path = arena_printf(&a, "%s/reads", f->dir);
	struct record *r;

	(void)state;
	NOERR(f, reads_settle(f->dir, f->ws->ledger, &f->e));
	size_t before = ledger_reads().reads;
	assert_int_equal(waiting(), 0);
	/* What is masked, or neither personal nor restricted, leaves none. */
	assert_int_equal(count(LOOK, T_PERSON), 4);
	assert_int_equal(count(COM, T_FINDING), 2);
	assert_int_equal(waiting(), 0);
	/* One for a list, whatever its length. */
	assert_int_equal(count(COM, T_PERSON), 4);
	assert_int_equal(waiting(), 1);
	assert_int_equal(get(EMP, T_PERSON, "E2", &r), 0);
	assert_int_equal(waiting(), 2);
	NOERR(f, file_read(path, 4096, &kept, &f->e));
	assert_true(str_find(buf_str(&kept), "Bob") < 0);
	NOERR(f, reads_settle(f->dir, f->ws->ledger, &f->e));
	assert_int_equal(waiting(), 0);
	struct seen s = ledger_reads();
	assert_int_equal(s.reads, before + 2);
	assert_string_equal(s.last, "person read one 1");
	/* As if the file had not been emptied: they come once. With a line that
	 * a power cut tore, and one that is none. */
	buf_puts(&kept, "read/1 12 nonsense\nread/1 178151");
	NOERR(f, file_write(path, 0600, kept.ptr, kept.len, &f->e));
	assert_int_equal(count(COM, T_PERSON), 4);
	NOERR(f, reads_settle(f->dir, f->ws->ledger, &f->e));
	s = ledger_reads();
	assert_int_equal(s.reads, before + 3);
	assert_int_equal(s.lost, 1);
	assert_string_equal(s.last, "person list many 4");
}

static int
no_write(void *ctx, enum file_op op, const char *path)
{
	(void)ctx;
	return (op == FILE_OP_WRITE && str_ends(str_from(path), "/reads") ?
	    28 /* ENOSPC */ : 0);
}

static void
test_reads_fail(void **state)
{
	struct record *r = NULL;

	(void)state;
	file_fault_install(no_write, NULL);
	int rc = get(EMP, T_PERSON, "E2", &r);
	assert_int_equal(count(LOOK, T_PERSON), 4);
	file_fault_install(NULL, NULL);
	assert_int_equal(rc, -ERR_IO);
	assert_null(r);
	said("shown only when the read can be recorded");
	assert_int_equal(waiting(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_things),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_auditor),
		cmocka_unit_test(test_released),
		cmocka_unit_test(test_concern),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_reads_fail),
	};

	return (cmocka_run_group_tests(tests, begin, end));
}
