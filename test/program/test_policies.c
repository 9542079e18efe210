/* Facts, the templates of policies, and their way to publication. */
#include "fixture.h"

#include <ctype.h>

#include "base/content.h"
#include "ledger/ledger.h"
#include "program/campaign.h"
#include "program/policies.h"
#include "program/policytext.h"

static struct act
act_of(struct fixture *f)
{
	return ((struct act){ .a = &f->a, .ws = f->ws, .who = f->ws->actor });
}

static void
people(struct fixture *f)
{
	OK(f, put_at(f, "2026-01-05T09:00:00Z", "person",
	    "- {code: P1, name: Ann, kind: employee, start_on: 2025-01-01, state: active}\n"
	    "- {code: P2, name: Ben, kind: employee, start_on: 2025-01-01, state: active}\n"
	    "- {code: P3, name: Cem, kind: contractor, start_on: 2025-01-01, state: active}\n"
	    "- {code: P4, name: Dee, kind: employee, start_on: 2026-02-01}\n"));
}

/* --- the templates --------------------------------------------------------- */

/* A number in a policy is a fact: none stands in the template itself. */
static void
no_number(const char *path, struct str t)
{
	static const char *const words[] = { "two", "three", "four", "five", "six",
		"seven", "ten", "twelve", "fourteen", "thirty", "sixty", "ninety", NULL };
	static const char *const units[] = { " day", " hour", " month", " week",
		" minute", " percent", " business", NULL };

	for (size_t i = 0; i < t.len; i++) {
		bool list = isdigit((unsigned char)t.ptr[i]) && i + 2 < t.len &&
		    t.ptr[i + 1] == '.' && t.ptr[i + 2] == ' ' &&
		    (i == 0 || t.ptr[i - 1] == '\n');
		if (t.ptr[i] == '[' && i + 6 < t.len && t.ptr[i + 6] == ']')
			i += 6;
		else if (t.ptr[i] == '{')
			while (i + 1 < t.len && t.ptr[i] != '}')
				i++;
		else if (isdigit((unsigned char)t.ptr[i]) && !list)
			fail_msg("%s: \"%.40s\" is a number, and no fact", path, t.ptr + i);
	}
	for (size_t w = 0; words[w] != NULL; w++)
		for (size_t u = 0; units[u] != NULL; u++) {
			char both[40];
			snprintf(both, sizeof(both), " %s%s", words[w], units[u]);
			if (str_find(t, both) >= 0)
				fail_msg("%s: \"%s\" is a number, and no fact", path, both);
		}
}

static bool
named_in(struct str t, struct str name)
{
	char low[80], big[80];

	snprintf(low, sizeof(low), "{{" STR_FMT "}}", STR_ARG(name));
	snprintf(big, sizeof(big), "{{" STR_FMT "}}", STR_ARG(name));
	big[2] = (char)toupper((unsigned char)big[2]);
	char open[80], none[80];
	snprintf(open, sizeof(open), "{{#" STR_FMT "}}", STR_ARG(name));
	snprintf(none, sizeof(none), "{{^" STR_FMT "}}", STR_ARG(name));
	return (str_find(t, low) >= 0 || str_find(t, big) >= 0 ||
	    str_find(t, open) >= 0 || str_find(t, none) >= 0);
}

static void
test_templates(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct policies_item *items;
	struct record_list controls;
	struct facts facts;
	BUF_SCOPED all = BUF_INIT;
	size_t n;

	OK(f, policies_read(&x, &items, &n, &f->e));
	OK(f, facts_read(&f->a, NULL, &facts, &f->e));
	assert_int_equal(n, 28);
	for (size_t i = 0; i < n; i++) {
		struct str code = record_str(items[i].policy, F_POLICY_CODE), text;
		char path[80];
		snprintf(path, sizeof(path), "content/policies/" STR_FMT ".md",
		    STR_ARG(code));
		struct str source = content_find(path);
		assert_non_null(source.ptr);
		assert_true(policytext_exists(code));
		no_number(path, source);
		buf_putstr(&all, source);
		OK(f, policies_template(&x, &items[i], &text, &f->e));
		assert_true(str_find(text, "{{") < 0);
		static const char *const parts[] = { "## Purpose", "## Scope",
			"## Roles", "## Exceptions", "## Breaches", "## Review",
			"## Controls and criteria", "- CC", NULL };
		for (size_t k = 0; parts[k] != NULL; k++)
			if (str_find(text, parts[k]) < 0 && !str_is(code, "POL-22") &&
			    !str_is(code, "POL-10") && !str_is(code, "POL-21") &&
			    !str_is(code, "POL-27"))
				fail_msg("%s: no %s", path, parts[k]);
		/* At least two of the criteria's controls carry it out. */
		struct str *marks;
		assert_true(policytext_markers(&f->a, source, &marks) >= 2);
	}
	no_number("content/policies/end.md", content_find(
	    "content/policies/end.md"));
	buf_putstr(&all, content_find("content/policies/end.md"));
	/* Every control finds its rule, and every fact its place. */
	OK(f, act_list(&x, T_CONTROL, -1, STR_NULL, &controls, &f->e));
	assert_int_equal(controls.n, 129);
	for (size_t i = 0; i < controls.n; i++) {
		char mark[20];
		snprintf(mark, sizeof(mark), "[" STR_FMT "]", STR_ARG(record_str(
		    &controls.at[i], F_CONTROL_CODE)));
		if (str_find(buf_str(&all), mark) < 0)
			fail_msg("no policy has the rule of %s", mark);
	}
	for (size_t i = 0; i < facts.n; i++)
		if (!named_in(buf_str(&all), facts.at[i].name))
			fail_msg("no policy uses the fact " STR_FMT,
			    STR_ARG(facts.at[i].name));
}

static struct str
rendered(struct fixture *f, const char *code)
{
	struct act x = act_of(f);
	struct policies_item it;
	struct str text = STR("");

	OK(f, policies_one(&x, str_from(code), &it, &f->e));
	OK(f, policies_template(&x, &it, &text, &f->e));
	return (text);
}

static void
set_fact(struct fixture *f, const char *name, const char *value)
{
	struct act x = act_of(f);
	struct act_changes c = { 0 };
	struct facts facts;
	const struct fact *one;
	struct record_change ch;

	OK(f, facts_read(&f->a, NULL, &facts, &f->e));
	OK(f, facts_find(&facts, str_from(name), &one, &f->e));
	OK(f, facts_change(&f->a, one, str_from(value), false, &ch, &f->e));
	vec_push(&c.all, ch);
	OK(f, act_apply(&x, &c, NULL, &f->e));
}

static void
test_facts(void **state)
{
	static const struct {
		const char *name, *value, *words;
	} good[] = { { "leaver_days", "1", "1 business day" },
		{ "leaver_days", "3", "3 business days" },
		{ "policy_review", "12", "every year" },
		{ "policy_review", "1", "every month" },
		{ "access_review", "3", "every 3 months" },
		{ "threat_review", "7", "every week" },
		{ "training_pass", "80", "80 percent" }, { "offices", "no", "no" },
		{ "systems", " Parcel Hub ", "Parcel Hub" } };
	static const struct {
		const char *name, *value;
	} bad[] = { { "leaver_days", "0" }, { "leaver_days", "6" },
		{ "leaver_days", "one" }, { "leaver_days", "" },
		{ "leaver_days", "99999999999999999999" }, { "offices", "maybe" },
		{ "systems", "" }, { "systems", "a\nb" }, { "systems", "\xff" } };
	struct fixture *f = *state;
	struct facts facts;
	const struct fact *one;
	struct str kept;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		set_fact(f, good[i].name, good[i].value);
		OK(f, facts_read(&f->a, &f->ws->records, &facts, &f->e));
		OK(f, facts_find(&facts, str_from(good[i].name), &one, &f->e));
		assert_string_equal(arena_strndup(&f->a, one->words.ptr,
		    one->words.len), good[i].words);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OK(f, facts_find(&facts, str_from(bad[i].name), &one, &f->e));
		assert_int_equal(facts_check(&f->a, one, str_from(bad[i].value), &kept,
		    &f->e), -ERR_INPUT);
		assert_true(f->e.fix[0] != '\0');
	}
	assert_int_equal(facts_find(&facts, STR("nonsense"), &one, &f->e),
	    -ERR_NOTFOUND);
	/* What is written raw and is wrong is named, not printed into a policy. */
	OK(f, put_at(f, NULL, "fact", "{code: leaver_days, value: soon}\n"));
	assert_int_equal(facts_read(&f->a, &f->ws->records, &facts, &f->e),
	    -ERR_INPUT);
	assert_non_null(strstr(f->e.where, "leaver_days"));
	set_fact(f, "leaver_days", "1");
}

static void
test_facts_in_text(void **state)
{
	struct fixture *f = *state;

	set_fact(f, "leaver_days", "2");
	set_fact(f, "systems", "*Hub* [x](http://e) <b>");
	struct str t = rendered(f, "POL-04");
	assert_true(str_find(t, "at the latest 2 business days after it") > 0);
	t = rendered(f, "POL-01");
	assert_true(str_find(t, "\\*Hub\\* \\[x\\](http://e) \\<b\\>") > 0);
	/* A fact of yes or no chooses paragraphs. */
	set_fact(f, "offices", "yes");
	assert_true(str_find(rendered(f, "POL-26"), "## Visitors") > 0);
	set_fact(f, "offices", "no");
	t = rendered(f, "POL-26");
	assert_true(str_find(t, "## Visitors") < 0);
	assert_true(str_find(t, "## Shared offices and homes") > 0);
	set_fact(f, "systems", "Hub");
	/* A control that is not applicable leaves the text and the list. */
	assert_true(str_find(rendered(f, "POL-07"), "NS-02") > 0);
	OK(f, put_at(f, NULL, "control", "{code: NS-02, not_applicable: no public "
	    "service}\n"));
	assert_true(str_find(rendered(f, "POL-07"), "NS-02") < 0);
	assert_true(str_find(rendered(f, "POL-07"), "NS-01") > 0);
}

/* --- the way of a policy --------------------------------------------------- */

static struct policies_item
item(struct fixture *f, const char *code)
{
	struct act x = act_of(f);
	struct policies_item it = { 0 };

	OK(f, policies_one(&x, str_from(code), &it, &f->e));
	return (it);
}

static int
draft(struct fixture *f, const char *code, const char *author, const char *text,
    bool replace, bool minor)
{
	struct act x = act_of(f);
	struct policies_item it = item(f, code);
	struct policies_draft d = { .author = str_from(author), .owner = STR("P2"),
		.text = str_from(text), .replace = replace, .minor = minor };

	return (policies_write(&x, &it, 1, &d, NULL, &f->e));
}

static void
publish(struct fixture *f, const char *code, const char *approver)
{
	struct act x = act_of(f);
	struct policies_item it = item(f, code);

	OK(f, policies_review(&x, &it, 1, STR("P3"), &f->e));
	it = item(f, code);
	OK(f, policies_approve(&x, &it, 1, str_from(approver), &f->e));
	it = item(f, code);
	OK(f, policies_publish(&x, &it, STR_NULL, STR_NULL, &f->e));
}

static const char *
state_of(struct fixture *f, const char *code)
{
	struct str s = record_str(item(f, code).policy, F_POLICY_STATE);

	return (arena_strndup(&f->a, s.ptr, s.len));
}

static void
test_life(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct policies_item it = item(f, "POL-04");
	struct record *v;

	set_fact(f, "policy_review", "12");
	/* Nothing to review, approve or publish yet. */
	assert_int_equal(policies_review(&x, &it, 1, STR_NULL, &f->e), -ERR_INPUT);
	assert_int_equal(policies_publish(&x, &it, STR_NULL, STR_NULL, &f->e),
	    -ERR_INPUT);
	assert_int_equal(draft(f, "POL-04", "NOBODY", "", false, false),
	    -ERR_INPUT);
	OK(f, draft(f, "POL-04", "P2", "", false, false));
	/* A second draft does not replace the first by accident. */
	assert_int_equal(draft(f, "POL-04", "P2", "", false, false),
	    -ERR_CONFLICT);
	OK(f, draft(f, "POL-04", "P2", "# Ours\n\nWords.", true, false));
	it = item(f, "POL-04");
	assert_true(str_is(record_str(it.work, F_POLICY_VERSION_VERSION), "1.0"));
	assert_int_equal(policies_approve(&x, &it, 1, STR("P1"), &f->e),
	    -ERR_INPUT);
	OK(f, policies_review(&x, &it, 1, STR("P3"), &f->e));
	it = item(f, "POL-04");
	/* The author does not approve. */
	assert_int_equal(policies_approve(&x, &it, 1, STR("P2"), &f->e),
	    -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "two persons"));
	assert_string_equal(state_of(f, "POL-04"), "draft");
	OK(f, policies_approve(&x, &it, 1, STR("P1"), &f->e));
	/* What was approved is not changed. */
	assert_int_equal(draft(f, "POL-04", "P2", "other", true, false),
	    -ERR_CONFLICT);
	assert_int_equal(put_at(f, NULL, "policy_version",
	    "{code: POL-04 v1.0, text: other}\n"), -ERR_INPUT);
	it = item(f, "POL-04");
	assert_int_equal(policies_publish(&x, &it, STR("2026-01-10"),
	    STR("2027-02-01"), &f->e), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "twelve months"));
	/* What failed left nothing behind. */
	it = item(f, "POL-04");
	assert_non_null(it.work);
	assert_null(it.current);
	OK(f, policies_publish(&x, &it, STR("2026-01-10"), STR_NULL, &f->e));
	it = item(f, "POL-04");
	assert_null(it.work);
	assert_string_equal(state_of(f, "POL-04"), "published");
	assert_true(str_is(record_str(it.policy, F_POLICY_TEXT),
	    "# Ours\n\nWords."));
	assert_true(str_is(record_str(it.policy, F_POLICY_REVIEW_ON),
	    "2027-01-05"));
	/* The next one: the old stays in force until it is published. */
	clock_replace(instant("2026-03-02T09:00:00Z"));
	OK(f, draft(f, "POL-04", "P1", "# Ours\n\nOther words.", false, true));
	assert_string_equal(state_of(f, "POL-04"), "published");
	publish(f, "POL-04", "P2");
	it = item(f, "POL-04");
	assert_int_equal(it.versions.n, 2);
	assert_true(str_is(record_str(it.policy, F_POLICY_VERSION), "1.1"));
	assert_true(str_is(record_str(it.current, F_POLICY_VERSION_EFFECTIVE_ON),
	    "2026-03-02"));
	OK(f, policies_version(&it, STR("1.0"), &v, &f->e));
	assert_true(str_is(record_str(v, F_POLICY_VERSION_STATE), "superseded"));
	assert_true(str_is(record_str(v, F_POLICY_VERSION_REPLACED_ON),
	    "2026-03-02"));
	assert_int_equal(policies_version(&it, STR("7"), &v, &f->e),
	    -ERR_NOTFOUND);
	OK(f, draft(f, "POL-04", "P1", "", false, false));
	it = item(f, "POL-04");
	assert_true(str_is(record_str(it.work, F_POLICY_VERSION_VERSION), "2.0"));
	OK(f, policies_drop(&x, &it, &f->e));
	/* Raw fields keep the rule as well. */
	assert_int_equal(put_at(f, NULL, "policy",
	    "{code: POL-04, text: sneaked in}\n"), -ERR_INPUT);
	assert_int_equal(put_at(f, NULL, "policy", "{code: POL-04, text: new, "
	    "version: '3.0', author: P1, approver: P1, approved_on: 2026-03-02, "
	    "effective_on: 2026-03-03}\n"), -ERR_INPUT);
}

static void
test_review_due(void **state)
{
	struct fixture *f = *state;

	assert_false(item(f, "POL-04").review_due);
	clock_replace(instant("2027-03-02T09:00:00Z"));
	assert_true(item(f, "POL-04").review_due);
	assert_true(str_find(item(f, "POL-04").next, "review was due") > 0);
	clock_replace(instant("2026-03-03T09:00:00Z"));
}

static void
test_exception(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct policies_item it = item(f, "POL-04");
	struct policies_exception p = { .reason = STR("old scanner"),
		.requester = STR("P3"), .until = STR("2026-06-30") };
	struct str code;

	OK(f, policies_except(&x, &it, &p, &code, &f->e));
	assert_true(str_is(code, "EX-01"));
	assert_int_equal(item(f, "POL-04").exceptions, 0);
	assert_int_equal(put_at(f, NULL, "exception", "{code: EX-01, approver: P3, "
	    "starts_on: 2026-03-03, state: approved}\n"), -ERR_INPUT);
	OK(f, put_at(f, NULL, "exception", "{code: EX-01, approver: P1, "
	    "starts_on: 2026-03-03, state: approved}\n"));
	assert_int_equal(item(f, "POL-04").exceptions, 1);
	clock_replace(instant("2026-07-01T09:00:00Z"));
	assert_int_equal(item(f, "POL-04").exceptions, 0);
	clock_replace(instant("2026-03-03T09:00:00Z"));
}

static void
test_campaign(void **state)
{
	struct fixture *f = *state;
	struct act x = act_of(f);
	struct str one[] = { STR("POL-04") }, none[] = { STR("POL-02") };
	struct campaign_spec spec = { .policies = none, .npolicies = 1 };
	struct campaign_count n;
	struct record_list rows;
	struct record *c;
	size_t done;

	clock_replace(instant("2026-03-03T09:00:00Z"));
	assert_int_equal(campaign_open(&x, &spec, &c, &n, &f->e), -ERR_INPUT);
	spec.policies = one;
	OK(f, campaign_open(&x, &spec, &c, &n, &f->e));
	assert_true(str_is(record_str(c, F_CAMPAIGN_CODE), "ACK-2026-01"));
	assert_true(str_is(record_str(c, F_CAMPAIGN_DUE_ON), "2026-03-17"));
	assert_int_equal(n.people, 3); /* Dee has not begun */
	assert_int_equal(n.asked, 3);
	/* Nobody is asked twice. */
	assert_int_equal(campaign_open(&x, &spec, &c, &n, &f->e), -ERR_INPUT);
	assert_int_equal(campaign_acknowledge(&x, STR("P1"), NULL, 0,
	    STR("2026-03-04"), &done, &f->e), -ERR_INPUT);
	assert_int_equal(campaign_acknowledge(&x, STR("P1"), NULL, 0,
	    STR("soon"), &done, &f->e), -ERR_INPUT);
	OK(f, campaign_acknowledge(&x, STR("P1"), one, 1, STR_NULL, &done, &f->e));
	assert_int_equal(done, 1);
	assert_int_equal(campaign_acknowledge(&x, STR("P1"), NULL, 0, STR_NULL,
	    &done, &f->e), -ERR_NOTFOUND);
	OK(f, campaign_excuse(&x, STR("P3"), STR("on leave"), &done, &f->e));
	/* Who joins is asked, and has as many days as the others had. */
	OK(f, put_at(f, "2026-03-20T09:00:00Z", "person",
	    "{code: P4, state: active}\n"));
	c = find(f, T_CAMPAIGN, "ACK-2026-01");
	OK(f, campaign_refresh(&x, c, &done, &f->e));
	assert_int_equal(done, 1);
	OK(f, campaign_rows(&x, c, &rows, &n, &f->e));
	assert_int_equal(n.asked, 4);
	assert_int_equal(n.acknowledged, 1);
	assert_int_equal(n.excused, 1);
	assert_int_equal(n.overdue, 1); /* Ben, not Dee */
	assert_int_equal(item(f, "POL-04").overdue, 1);
	OK(f, campaign_refresh(&x, c, &done, &f->e));
	assert_int_equal(done, 0);
	OK(f, campaign_close(&x, c, &f->e));
	c = find(f, T_CAMPAIGN, "ACK-2026-01");
	assert_int_equal(campaign_refresh(&x, c, &done, &f->e), -ERR_INPUT);
}

static int
setup_people(void **state)
{
	int r = setup(state);

	people(*state);
	return (r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_facts_in_text),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_review_due),
		cmocka_unit_test(test_exception),
		cmocka_unit_test(test_campaign),
	};
	return (cmocka_run_group_tests(tests, setup_people, teardown));
}
