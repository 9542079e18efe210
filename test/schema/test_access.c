/*
 * Access, over every role, type, field and act: against a model of its own in
 * access_model.py, and against what must hold whatever the rules say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "schema/access.h"
#include "sys/file.h"

#define COUNT(...) +1
#define INSIDE (ROLE_OWNER | ROLE_COMPLIANCE | ROLE_ENGINEER | ROLE_EMPLOYEE | \
	ROLE_PRIVACY | ROLE_READ_ONLY)

static void
test_budget(void **state)
{
	int keywords = 0 ACCESS_KEYWORDS(COUNT);

	(void)state;
	assert_true(keywords <= 8);
	assert_true(ACCESS_FACT_MAX <= 4);
}

/* --- the model ------------------------------------------------------------------ */

/* As CASES of the model: none, each alone, all. */
static unsigned
facts_of(int i)
{
	return (i == 0 ? 0 : i <= ACCESS_FACT_MAX ? 1u << (i - 1) :
	    ACCESS_FACT_ALL);
}

static void
put_answers(const struct schema_type *t, int role, enum access_act act,
    struct buf *out)
{
	struct access_who who = { .roles = 1u << role };

	buf_printf(out, "%s %s %s ", t->name,
	    schema_role_word((enum schema_role_bit)role), access_act_word(act));
	for (int i = 0; i <= ACCESS_FACT_MAX + 1; i++)
		for (size_t s = 0; s <= t->nstates; s++) {
			struct access_facts f = { facts_of(i), (int)s };
			uint64_t masked;
			bool may = access_row(&who, t, &f, act, &masked);
			for (int k = -1; k < (int)t->nfields; k++) {
				struct access_decision d = access_decide(&who, t, k,
				    &f, act);
				assert_non_null(d.rule);
				buf_putc(out, "dma"[d.verdict]);
				/* Both ways of asking say the same. */
				if (k < 0)
					assert_int_equal(may, d.verdict == ACCESS_ALLOW);
				else
					assert_int_equal(may && (masked >> k & 1) == 0,
					    d.verdict == ACCESS_ALLOW);
				/* And so does asking before there is a record. */
				enum access_when w = access_when(&who, t, k, act);
				if (d.verdict == ACCESS_ALLOW)
					assert_int_not_equal(w, ACCESS_NEVER);
				else if (may)
					assert_int_not_equal(w, ACCESS_ALWAYS);
			}
		}
	buf_putc(out, '\n');
}

/* The status of a program, 127 if it is not there. */
static int
run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
test_model(void **state)
{
	char path[] = "/tmp/tm_access_XXXXXX";
	BUF_SCOPED out = BUF_INIT;
	struct err e = { 0 };
	int fd;

	(void)state;
	if (run((const char *const[]){ "python3", "-c", "", NULL }) == 127)
		skip();
	for (size_t i = 0; i < schema_ntypes; i++)
		for (int role = 0; role < ROLE_BIT_MAX; role++)
			for (int act = 0; act < ACCESS_ACT_MAX; act++)
				put_answers(&schema_types[i], role,
				    (enum access_act)act, &out);
	assert_true((fd = mkstemp(path)) >= 0);
	close(fd);
	assert_int_equal(file_write(path, 0600, out.ptr, out.len, &e), 0);
	int r = run((const char *const[]){ "python3",
	    "test/schema/access_model.py", path, NULL });
	unlink(path);
	assert_int_equal(r, 0);
}

/* --- what must hold ---------------------------------------------------------------- */

/* Every role, type, act, case of facts and state. */
typedef void case_fn(const struct access_who *who, const struct schema_type *t,
    const struct access_facts *f, enum access_act act, bool may,
    uint64_t masked);

static void
all_cases(case_fn *fn)
{
	for (size_t i = 0; i < schema_ntypes; i++)
		for (int role = 0; role < ROLE_BIT_MAX; role++)
			for (int n = 0; n <= ACCESS_FACT_MAX + 1; n++)
				for (size_t s = 0; s <= schema_types[i].nstates; s++)
					for (int act = 0; act < ACCESS_ACT_MAX; act++) {
						struct access_who who = {
							.roles = 1u << role };
						struct access_facts f = { facts_of(n),
							(int)s };
						uint64_t m;
						bool may = access_row(&who,
						    &schema_types[i], &f,
						    (enum access_act)act, &m);
						fn(&who, &schema_types[i], &f,
						    (enum access_act)act, may, m);
					}
}

/* The examination: where the firm works, too. */
static bool
is_theirs(const struct schema_type *t)
{
	const char *g = access_group_name((size_t)access_group(t));

	return (strcmp(g, "audit") == 0 || strcmp(g, "engagement") == 0);
}

static void
invariants(const struct access_who *who, const struct schema_type *t,
    const struct access_facts *f, enum access_act act, bool may,
    uint64_t masked)
{
	const char *group = access_group_name((size_t)access_group(t));
	uint64_t clear = may ? ~masked : 0;
	bool write = act >= ACCESS_WRITES;

	/* An auditor never writes the programme, and sees it while engaged. */
	if (who->roles == ROLE_AUDITOR && may && !is_theirs(t) && write)
		fail_msg("an auditor may %s %s", access_act_word(act), t->name);
	if (who->roles == ROLE_AUDITOR && may && (f->is & ACCESS_ENGAGED) == 0 &&
	    strcmp(group, "criteria") != 0)
		fail_msg("an auditor sees %s without an engagement", t->name);
	/* Management reads what the firm has released, and concludes nothing. */
	if ((who->roles & INSIDE) != 0 && strcmp(group, "audit") == 0 && may) {
		const char *s = f->state > 0 ? t->states[f->state - 1] : "none";
		assert_true(strcmp(s, "locked") == 0 || strcmp(s, "complete") == 0 ||
		    strcmp(s, "concluded") == 0 || strcmp(s, "approved") == 0);
		assert_true(act <= ACCESS_HISTORY || act == ACCESS_CHANGE);
	}
	/* Personal: for privacy, whom it names, and who handles the group's
	 * people. Whoever makes a record knows what is in it. */
	if ((clear & access_class(t, CLASS_PERSONAL)) != 0 &&
	    act != ACCESS_CREATE && (who->roles & ROLE_PRIVACY) == 0 &&
	    (f->is & ACCESS_ASSIGNED) == 0) {
		assert_int_not_equal(who->roles & (ROLE_OWNER | ROLE_COMPLIANCE), 0);
		assert_true(strcmp(group, "people") == 0 ||
		    strcmp(group, "conduct") == 0 || strcmp(group, "release") == 0 ||
		    strcmp(group, "system") == 0);
	}
	if ((who->roles & (ROLE_AUDITOR | ROLE_READ_ONLY)) != 0)
		assert_int_equal(clear & access_class(t, CLASS_PERSONAL) &
		    (act == ACCESS_CREATE ? 0 : UINT64_MAX), 0);
	/* Who is not of the organisation sees what is public or was released. */
	if ((who->roles & (ROLE_PARTNER | ROLE_CUSTOMER)) != 0 &&
	    (f->is & ACCESS_RELEASED) == 0) {
		assert_int_equal(clear & ~access_class(t, CLASS_PUBLIC) &
		    ((UINT64_C(1) << t->nfields) - 1), 0);
		assert_false(may && write);
	}
	/* Who only looks only looks. */
	if (who->roles == ROLE_READ_ONLY)
		assert_false(may && write);
	/* Nobody finds out what they do not see by writing it. */
	if (act == ACCESS_CHANGE && may) {
		uint64_t hidden;
		if (!access_row(who, t, f, ACCESS_READ, &hidden))
			hidden = UINT64_MAX;
		assert_int_equal(clear & hidden & ((UINT64_C(1) << t->nfields) - 1),
		    0);
	}
}

static void
test_invariants(void **state)
{
	(void)state;
	all_cases(invariants);
}

static void
test_default(void **state)
{
	static const struct schema_field f = { .name = "x", .title = "X" };
	const struct schema_type unknown = { .name = "unknown", .fields = &f,
		.nfields = 1, .mode = MODE_RECORD };
	const struct access_facts facts = { .is = ACCESS_FACT_ALL, .state = 0 };
	uint64_t masked;

	(void)state;
	for (int role = 0; role < ROLE_BIT_MAX; role++)
		for (int act = 0; act < ACCESS_ACT_MAX; act++) {
			struct access_who who = { .roles = 1u << role };
			assert_int_equal(access_decide(&who, &unknown, 0, &facts,
			    (enum access_act)act).verdict, ACCESS_DENY);
			assert_false(access_row(&who, &unknown, &facts,
			    (enum access_act)act, &masked));
			assert_int_equal(access_when(&who, &unknown, 0,
			    (enum access_act)act), ACCESS_NEVER);
			who.roles = 0;
			assert_false(access_row(&who, schema_get(T_CONTROL), &facts,
			    (enum access_act)act, &masked));
		}
}

static void
test_apart(void **state)
{
	struct access_facts facts = { .is = ACCESS_FACT_ALL };
	struct err e;

	(void)state;
	assert_int_equal(access_apart(0, &e), -ERR_INPUT);
	for (int a = 0; a < ROLE_BIT_MAX; a++)
		for (int b = 0; b < ROLE_BIT_MAX; b++) {
			unsigned roles = 1u << a | 1u << b;
			bool out = (roles & INSIDE) != 0 && (roles & ~INSIDE) != 0;
			bool firm = (roles & ROLE_AUDITOR) != 0 && roles !=
			    ROLE_AUDITOR;
			assert_int_equal(access_apart(roles, &e) != 0, out || firm);
			/* Who has them all the same may nothing. */
			struct access_who who = { .roles = roles };
			assert_int_equal(access_decide(&who,
			    schema_get(T_CRITERION), ACCESS_RECORD, &facts,
			    ACCESS_READ).verdict == ACCESS_DENY, out || firm);
		}
}

static void
test_words(void **state)
{
	struct access_who who = { .roles = ROLE_EMPLOYEE };
	struct err e;

	(void)state;
	assert_int_equal(access_explain(&who, schema_get(T_FINDING),
	    ACCESS_RECORD, ACCESS_CHANGE, &e), -ERR_DENIED);
	assert_string_equal(e.what, "as employee one may not change a finding: "
	    "only if it names them");
	access_explain(&who, schema_get(T_FINDING), ACCESS_RECORD, ACCESS_RETIRE,
	    &e);
	assert_string_equal(e.what, "as employee one may not retire a finding: no "
	    "rule of content/access grants it");
	who = (struct access_who){ .roles = ROLE_OWNER };
	access_explain(&who, schema_get(T_WORKPAPER), ACCESS_RECORD, ACCESS_READ,
	    &e);
	assert_string_equal(e.what, "as owner one may not read a workpaper: only "
	    "if it is locked");
	who.scope.acts = 1 << ACCESS_LIST;
	access_explain(&who, schema_get(T_WORKPAPER), ACCESS_RECORD, ACCESS_READ,
	    &e);
	assert_non_null(strstr(e.what, "scopes of the token"));
}

/* What is said beforehand: who is to do it, by when; or by the other side. */
static bool
said_before(const struct schema_type *t, size_t i, int role)
{
	const struct schema_field *f = &t->fields[i];

	return (f->required || f->target == T_PERSON ||
	    strncmp(f->name, "due", 3) == 0 || strcmp(f->name, "sites") == 0 ||
	    (role == ROLE_BIT_AUDITOR && (t->number == T_POPULATION ||
	    t->number == T_ENGAGEMENT)));
}

/* Whoever may take a step when it is theirs may fill in what it needs. */
static void
test_steps(void **state)
{
	size_t wrong = 0, n = 0;

	(void)state;
	for (size_t i = 0; i < schema_ntypes; i++)
		for (size_t k = 0; k < schema_types[i].nsteps; k++) {
			const struct schema_type *t = &schema_types[i];
			const struct schema_step *s = &t->steps[k];
			for (int r = 0; r < ROLE_BIT_MAX; r++) {
				struct access_who w = { .roles = 1u << r };
				struct access_facts f = { .is = ACCESS_FACT_ALL,
					.state = s->from + 1 };
				uint64_t barred, bad = 0;
				if ((s->who & w.roles) == 0)
					continue;
				bool may = access_decide(&w, t, ACCESS_RECORD, &f,
				    ACCESS_STEP).verdict == ACCESS_ALLOW;
				bool change = access_row(&w, t, &f, ACCESS_CHANGE,
				    &barred);
				for (size_t j = 0; j < s->fill.n; j++)
					if (!said_before(t, s->fill.at[j], r) &&
					    (!change || (barred >> s->fill.at[j] & 1) != 0))
						bad |= UINT64_C(1) << s->fill.at[j];
				n++;
				if (may && bad == 0)
					continue;
				print_error("%s %s > %s as %s: %llx\n", t->name,
				    t->states[s->from], t->states[s->to],
				    schema_role_word(r), (unsigned long long)bad);
				wrong++;
			}
		}
	print_message("%zu steps by role\n", n);
	assert_int_equal(wrong, 0);
}

/* A page of 50 rows takes less than a millisecond, by far. */
static void
test_quick(void **state)
{
	struct access_who who = { .roles = ROLE_EMPLOYEE | ROLE_ENGINEER };
	uint64_t masked, sum = 0;

	(void)state;
	int64_t from = clock_mono();
	for (int page = 0; page < 100; page++)
		for (int row = 0; row < 50; row++) {
			struct access_facts f = { .is = ACCESS_ASSIGNED };
			access_row(&who, schema_get(T_PERSON), &f, ACCESS_LIST,
			    &masked);
			sum += masked;
		}
	int64_t us = (clock_mono() - from) / 100;
	print_message("a page of 50 rows: %lld us\n", (long long)us);
	assert_true(sum != 1 && us < 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_invariants),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_quick),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
