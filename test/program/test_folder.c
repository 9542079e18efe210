/* The programme as a folder: out, looked at, and in again. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "program/folder.h"
#include "program/folder_part.h"
#include "sys/tree.h"
#include "whole.h"

static const char base[] =
    "person:\n"
    "  - {code: E1, name: Ada One, kind: employee, start_on: 2024-01-08, state: active}\n"
    "  - {code: E2, name: Bo Two, kind: employee, start_on: 2024-01-08, manager: E1}\n"
    "vendor:\n"
    "  - {name: Cloud host, tier: low, service: Servers, owner: E1}\n"
    "  - {name: Cloud-Host, tier: low, service: Servers, owner: E1}\n"
    "  - {name: ../../etc/passwd, tier: low, service: Servers}\n"
    "  - {name: aux, tier: low, service: Servers}\n"
    "  - {name: \"\\u00dc\\u00fc\", tier: low, service: Servers}\n"
    "  - {name: \".hidden\", tier: low, service: Servers, extra: {seats: 12, note: \"12\"}}\n"
    "component:\n"
    "  - {name: Database, kind: software, live_on: 2025-01-01, state: live}\n"
    "incident:\n"
    "  - {code: INC-1, title: Mail, severity: high, detected_at: 2026-05-01T08:00:00Z, owner: E1}\n"
    "incident_event:\n"
    "  - {incident: INC-1, happened_at: 2026-05-01T08:00:00Z, text: Somebody called}\n"
    "  - {incident: INC-1, happened_at: 2026-05-01T08:00:00Z, text: Somebody called}\n"
    "identity_decision:\n"
    "  - {source_name: host1, tbl: account, subject_id: ada, kind: person, person: E1, reason: It is hers}\n";

static struct act
act_of(struct fixture *f)
{
	return ((struct act){ .a = &f->a, .ws = f->ws, .who = f->ws->actor });
}

static const char *
folder(struct fixture *f, const char *name)
{
	return (arena_printf(&f->a, "%s-%s", f->dir, name));
}

static void
export_whole(struct fixture *f, const char *dir, struct folder_counts *ret)
{
	struct folder_options o = { 0 };
	struct act x = act_of(f);

	OK(f, folder_export(&x, dir, &o, ret, &f->e));
}

static const char *
text_of(struct fixture *f, const char *dir, const char *file)
{
	struct buf *b = arena_new(&f->a, struct buf);

	if (file_read(arena_printf(&f->a, "%s/%s", dir, file), 1 << 20, b,
	    NULL) != 0)
		return (NULL);
	const char *s = arena_strndup(&f->a, b->ptr != NULL ? b->ptr : "", b->len);
	buf_free(b);
	return (s);
}

static void
put_text(struct fixture *f, const char *dir, const char *file, const char *s)
{
	FILE *to = fopen(arena_printf(&f->a, "%s/%s", dir, file), "w");

	assert_non_null(to);
	assert_int_equal(fwrite(s, 1, strlen(s), to), strlen(s));
	assert_int_equal(fclose(to), 0);
}

/* Without most of the library, which is the same everywhere. */
static void
export(struct fixture *f, const char *dir, struct folder_counts *ret)
{
	const struct schema_type *most[] = { schema_get(T_CONTROL_MAPPING),
		schema_get(T_CONTROL), schema_get(T_POLICY) };
	struct folder_options o = { .without = most, .nwithout = 3 };
	struct act x = act_of(f);

	OK(f, folder_export(&x, dir, &o, ret, &f->e));
}

static int
setup_base(void **state)
{
	int r = setup(state);
	struct fixture *f = *state;

	if (r == 0)
		OK(f, put_at(f, "2026-06-30T12:00:00Z", NULL, base));
	return (r);
}

static int
teardown_folders(void **state)
{
	struct fixture *f = *state;

	for (char n = 'a'; n < 'f'; n++) {
		char name[2] = { n, '\0' };
		file_remove_tree(folder(f, name), NULL);
	}
	return (0);
}

static void
plan(struct fixture *f, const char *dir, const struct folder_how *how,
    struct folder_plan *ret)
{
	static const struct folder_how usual = { 0 };
	struct act x = act_of(f);

	OK(f, folder_plan(&x, dir, how != NULL ? how : &usual, ret, &f->e));
}

/* --- export --------------------------------------------------------------------- */

static void
test_same_bytes(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a"), *b = folder(f, "b");
	struct folder_counts n;

	export(f, a, &n);
	assert_int_equal(n.written, n.records);
	assert_int_equal(n.same, 0);
	size_t all = n.written;
	export(f, b, &n);
	assert_string_equal(whole(&f->a, a), whole(&f->a, b));
	assert_string_equal(text_of(f, a, "manifest.csv"), text_of(f, b,
	    "manifest.csv"));
	assert_string_equal(text_of(f, a, "programme.yaml"), text_of(f, b,
	    "programme.yaml"));
	export(f, a, &n);
	assert_int_equal(n.written, 0);
	assert_int_equal(n.same, all);
	/* One change is one file, and a name that is given up is a file less. */
	OK(f, put_at(f, NULL, "person", "- {code: E1, role: Boss}"));
	OK(f, put_at(f, NULL, "component", "- {name: Database, kind: software}"));
	struct val *m = val_map(&f->a);
	val_put(&f->a, m, "name", val_text(&f->a, "Store"));
	OK(f, record_put(&f->ws->records, &f->a, &f->ws->actor,
	    schema_get(T_COMPONENT), STR("Database"), m, NULL, &f->e));
	export(f, a, &n);
	assert_int_equal(n.written, 2);
	assert_int_equal(n.removed, 1);
	assert_null(text_of(f, a, "component/Database.yaml"));
	assert_non_null(text_of(f, a, "component/Store.yaml"));
}

static void
test_names(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct folder_counts n;
	struct folder_plan p;
	static const char *const odd[] = { "yes", "null", "~", "1.10", "007",
		"2026-01-31", "12:30", "- x", "#x", "a: b", "'x'", "\"x\"", "[x]", "{x}",
		"&x", "*x", "!x", "%x", "@x", "`x", "|", ">", "?", "=x", "<<", "x\\n",
		"\xf0\x9f\x98\x80", "\xe2\x80\xa8", "\xef\xbb\xbfx", "\xc2\x85",
		"(masked)x", "<<<<<<< x" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct val *m = val_map(&f->a);
		val_put(&f->a, m, "name", val_fmt(&f->a, "odd %zu", i));
		val_put(&f->a, m, "tier", val_text(&f->a, "low"));
		val_put(&f->a, m, "service", val_text(&f->a, odd[i]));
		OK(f, record_put(&f->ws->records, &f->a, &f->ws->actor,
		    schema_get(T_VENDOR), STR(""), m, NULL, &f->e));
	}

	export_whole(f, a, &n);
	assert_string_equal(text_of(f, a, "person/E2.yaml"), "code: E2\n"
	    "name: Bo Two\nmanager: E1\nstart_on: \"2024-01-08\"\nkind: employee\n"
	    "state: preboarding\n");
	/* Neither folder nor letter case lets one file stand for two. */
	const char *all = whole(&f->a, a);
	assert_null(strstr(all, "/Cloud-host.yaml"));
	assert_null(strstr(all, "/Cloud-Host.yaml"));
	assert_non_null(strstr(all, "/Cloud-host-"));
	assert_non_null(strstr(all, "/Cloud-Host-"));
	assert_non_null(text_of(f, a, "vendor/etc-passwd.yaml"));
	assert_non_null(text_of(f, a, "vendor/hidden.yaml"));
	assert_null(text_of(f, a, "vendor/aux.yaml"));
	assert_non_null(strstr(all, "/aux-"));
	/* A number stays one, and digits that are a text stay that. */
	assert_non_null(strstr(text_of(f, a, "vendor/hidden.yaml"),
	    "extra:\n  note: \"12\"\n  seats: 12\n"));
	/* No name of a file says whose it is, where the record tells few. */
	assert_null(strstr(all, "/host1.account.ada"));
	assert_non_null(text_of(f, a, "control_mapping/AC-03.CC6.2.yaml"));
	/* Whatever looks like something else in YAML comes back as it was. */
	OK(f, unlink(arena_printf(&f->a, "%s/manifest.csv", a)));
	plan(f, a, NULL, &p);
	assert_int_equal(p.n + p.nwrong, 0);
	/* Two of the same content are two files. */
	const char *one = strstr(all, "incident_event/INC-1-");
	assert_non_null(one);
	assert_non_null(strstr(one + 1, "incident_event/INC-1-"));
}

static void
test_personal(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct folder_options o = { .impersonal = true };
	struct act x = act_of(f);
	struct folder_counts n;

	OK(f, folder_export(&x, a, &o, &n, &f->e));
	const char *all = whole(&f->a, a);
	assert_null(strstr(all, "Ada One"));
	assert_null(strstr(all, "subject_id: ada"));
	assert_non_null(strstr(all, "person/E1.yaml: code: E1\nname:\n  masked: "
	    "true\n"));
}

static void
test_not_ours(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a"), *b = folder(f, "b");
	struct folder_options o = { 0 };
	struct act x = act_of(f);
	struct folder_counts n;

	/* A folder with something else in it is left alone. */
	assert_int_equal(mkdir(b, 0700), 0);
	put_text(f, b, "notes.txt", "mine");
	assert_int_equal(folder_export(&x, b, &o, &n, &f->e), -ERR_CONFLICT);
	export(f, a, &n);
	/* So is a file that was changed, or that somebody else made. */
	put_text(f, a, "person/E1.yaml", "code: E1\n");
	OK(f, put_at(f, NULL, "person", "- {code: E1, role: Clerk}"));
	assert_int_equal(folder_export(&x, a, &o, &n, &f->e), -ERR_CONFLICT);
	assert_string_equal(f->e.where, "person/E1.yaml");
	assert_string_equal(text_of(f, a, "person/E1.yaml"), "code: E1\n");
	o.overwrite = true;
	OK(f, folder_export(&x, a, &o, &n, &f->e));
	assert_int_equal(n.written, 1);
	o.overwrite = false;
	put_text(f, a, "person/E6.yaml", "code: E6\n");
	OK(f, put_at(f, NULL, "person", "- {code: E6, name: Fay, kind: employee}"));
	assert_int_equal(folder_export(&x, a, &o, &n, &f->e), -ERR_CONFLICT);
	assert_string_equal(f->e.where, "person/E6.yaml");
	assert_int_equal(unlink(arena_printf(&f->a, "%s/person/E6.yaml", a)), 0);
	/* Nothing is written by way of a link. */
	assert_int_equal(rename(arena_printf(&f->a, "%s/vendor", a),
	    arena_printf(&f->a, "%s/elsewhere", b)), 0);
	assert_int_equal(symlink(arena_printf(&f->a, "%s/elsewhere", b),
	    arena_printf(&f->a, "%s/vendor", a)), 0);
	assert_int_not_equal(folder_export(&x, a, &o, &n, &f->e), 0);
	assert_non_null(strstr(f->e.what, "link"));
}

/* --- import ---------------------------------------------------------------------- */

static void
import(struct fixture *f, const char *dir, const struct folder_how *how,
    struct record_result *ret)
{
	struct act x = act_of(f);
	struct folder_counts n;
	struct folder_plan p;

	plan(f, dir, how, &p);
	OK(f, folder_import(&x, &p, ret, &f->e));
	OK(f, folder_import_export(&x, dir, &p, &n, &f->e));
}

static const struct folder_change *
change_of(const struct folder_plan *p, const char *file)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->at[i].file, file) == 0)
			return (&p->at[i]);
	fail_msg("the plan has nothing of %s", file);
	return (NULL);
}

/* Put another text in the place of one; it must be there. */
static void
edit(struct fixture *f, const char *dir, const char *file, const char *from,
    const char *to)
{
	const char *was = text_of(f, dir, file), *at;

	assert_non_null(was);
	at = strstr(was, from);
	assert_non_null(at);
	put_text(f, dir, file, arena_printf(&f->a, "%.*s%s%s", (int)(at - was), was,
	    to, at + strlen(from)));
}

static void
test_import(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a"), *b = folder(f, "b");
	struct folder_how gone = { .retire = true };
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;

	export(f, a, &n);
	plan(f, a, NULL, &p);
	assert_int_equal(p.n + p.nwrong + p.only + p.behind, 0);
	/* A change, a new record that a new one names, and two that are gone, one of
	 * which names the other. */
	edit(f, a, "person/E2.yaml", "name: Bo Two", "name: Bo Three");
	put_text(f, a, "person/somebody.yaml", "Code: E7\nname: Gil\n"
	    "kind: employee\nmanager: E8\n");
	put_text(f, a, "person/e8.yaml", "code: E8\nname: Hal\nkind: employee\n");
	assert_int_equal(unlink(arena_printf(&f->a, "%s/component/Database.yaml",
	    a)), 0);
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 4);
	assert_int_equal(p.refused + p.nwrong, 0);
	const struct folder_change *c = change_of(&p, "person/E2.yaml");
	assert_int_equal(c->act, FOLDER_CHANGE);
	assert_int_equal(c->nfields, 1);
	assert_string_equal(c->fields[0].name, "name");
	assert_true(str_is(c->fields[0].before, "Bo Two"));
	assert_true(str_is(c->fields[0].after, "Bo Three"));
	assert_int_equal(change_of(&p, "person/e8.yaml")->act, FOLDER_CREATE);
	assert_int_equal(change_of(&p, "component/Database.yaml")->act,
	    FOLDER_GONE);
	import(f, a, NULL, &res);
	assert_int_equal(res.added, 2);
	assert_int_equal(res.changed, 1);
	assert_int_equal(res.retired, 0);
	/* What was made by hand has got its name; what was not retired is back. */
	assert_null(text_of(f, a, "person/somebody.yaml"));
	assert_null(text_of(f, a, "person/e8.yaml"));
	assert_non_null(strstr(text_of(f, a, "person/E7.yaml"), "manager: E8\n"));
	assert_non_null(text_of(f, a, "component/Database.yaml"));
	plan(f, a, NULL, &p);
	assert_int_equal(p.n + p.nwrong + p.only + p.behind, 0);
	/* The folder was brought up to date: a second change is no conflict. */
	edit(f, a, "person/E2.yaml", "name: Bo Three", "name: Bo Four");
	assert_int_equal(unlink(arena_printf(&f->a, "%s/person/E7.yaml", a)), 0);
	assert_int_equal(unlink(arena_printf(&f->a, "%s/person/E8.yaml", a)), 0);
	import(f, a, &gone, &res);
	assert_int_equal(res.changed, 1);
	assert_int_equal(res.retired, 2);
	export(f, b, &n);
	assert_string_equal(whole(&f->a, a), whole(&f->a, b));
	/* Its entry says where it came from. */
	struct record *r;
	OK(f, record_find(&f->ws->records, &f->a, schema_get(T_PERSON),
	    STR("E2"), &r, &f->e));
	struct entry x;
	OK(f, ledger_entry(f->ws->ledger, &f->a, r->entry, &x, &f->e));
	assert_true(str_is(entry_note_get(&x, "import"), "folder"));
}

static void
test_texts(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	const char *file = "control/AC-01.statement.md";
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;
	struct record *r;

	OK(f, put_at(f, NULL, "control", "- {code: AC-01, statement: \"One.\\n\\n"
	    "Two.\\n\\n\"}"));
	export_whole(f, a, &n);
	assert_string_equal(text_of(f, a, file), "One.\n\nTwo.\n");
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 0);
	put_text(f, a, file, "One.\nThree.\n");
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 1);
	assert_true(p.at[0].fields[0].lines);
	import(f, a, NULL, &res);
	OK(f, record_find(&f->ws->records, &f->a, schema_get(T_CONTROL),
	    STR("AC-01"), &r, &f->e));
	assert_true(str_is(record_str(r, F_CONTROL_STATEMENT), "One.\nThree."));
	/* A text that is taken away is a field that is cleared: here it may not. */
	assert_int_equal(unlink(arena_printf(&f->a, "%s/%s", a, file)), 0);
	plan(f, a, NULL, &p);
	assert_int_equal(p.refused, 1);
	assert_string_equal(p.at[0].problems[0].where, "control/AC-01.yaml:1");
	/* In the YAML as well as beside it. */
	put_text(f, a, file, "One.\n");
	edit(f, a, "control/AC-01.yaml", "code: AC-01", "code: AC-01\n"
	    "statement: One.");
	plan(f, a, NULL, &p);
	assert_int_equal(p.nwrong, 1);
	assert_string_equal(p.wrong[0].where, "control/AC-01.yaml:2");
}

static void
test_both_sides(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct folder_how its = { .side = FOLDER_ITS };
	struct folder_how ours = { .side = FOLDER_WORKSPACE };
	struct act x = act_of(f);
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;
	struct record *r;

	export(f, a, &n);
	OK(f, put_at(f, NULL, "person", "- {code: E1, department: Ops}\n"
	    "- {code: E2, department: Kitchen}\n- {code: E5, name: Ed, kind: employee}"));
	edit(f, a, "person/E1.yaml", "name: Ada One", "name: Ada Zero");
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.behind, 1);
	assert_int_equal(p.only, 1);
	assert_int_equal(p.at[0].act, FOLDER_CONFLICT);
	assert_int_equal(p.at[0].nfields, 2);
	assert_int_equal(folder_import(&x, &p, &res, &f->e), -ERR_CONFLICT);
	/* By whatever name the file goes. */
	assert_int_equal(rename(arena_printf(&f->a, "%s/person/E1.yaml", a),
	    arena_printf(&f->a, "%s/person/ada.yaml", a)), 0);
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.at[0].act, FOLDER_CONFLICT);
	assert_string_equal(p.at[0].file, "person/ada.yaml");
	assert_int_equal(rename(arena_printf(&f->a, "%s/person/ada.yaml", a),
	    arena_printf(&f->a, "%s/person/E1.yaml", a)), 0);
	/* The workspace's side, then the folder's, which means all of the folder. */
	plan(f, a, &ours, &p);
	assert_int_equal(p.n, 0);
	plan(f, a, &its, &p);
	assert_int_equal(p.n, 2);
	import(f, a, &its, &res);
	assert_int_equal(res.changed, 2);
	OK(f, record_find(&f->ws->records, &f->a, schema_get(T_PERSON),
	    STR("E1"), &r, &f->e));
	assert_true(str_is(record_str(r, F_PERSON_NAME), "Ada Zero"));
	assert_int_equal(record_str(r, F_PERSON_DEPARTMENT).len, 0);
	/* Both say the same: nothing to do. One is gone there, and changed here. */
	OK(f, put_at(f, NULL, "person", "- {code: E1, department: Ops}"));
	edit(f, a, "person/E1.yaml", "start_on", "department: Ops\nstart_on");
	struct record_change retire = { .type = schema_get(T_PERSON),
		.name = STR("E5"), .retire = true };
	OK(f, record_apply(&f->ws->records, &f->a, &f->ws->actor, &retire, 1, NULL,
	    &res, &f->e));
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 0);
	assert_int_equal(p.behind, 1);
	edit(f, a, "person/E5.yaml", "name: Ed", "name: Edda");
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.at[0].act, FOLDER_CONFLICT);
}

static void
test_refused(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct act x = act_of(f);
	struct folder_how gone = { .retire = true };
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;
	struct ledger_head before, after;

	export_whole(f, a, &n);
	edit(f, a, "person/E2.yaml", "kind: employee", "kind: contractor");
	/* A step that is none, on a way of several; one who is still named. */
	OK(f, put_at(f, NULL, "policy", "- {code: POL-99, title: T, owner: E1, "
	    "text: Words, author: E1}"));
	export_whole(f, folder(f, "b"), &n);
	const char *b = folder(f, "b");
	edit(f, b, "policy/POL-99.yaml", "state: draft", "state: published");
	edit(f, b, "person/E2.yaml", "kind: employee", "kind: contractor");
	assert_int_equal(unlink(arena_printf(&f->a, "%s/person/E1.yaml", b)), 0);
	OK(f, ledger_head(f->ws->ledger, &before, &f->e));
	plan(f, b, &gone, &p);
	assert_int_equal(p.refused, 2);
	const struct folder_change *c = change_of(&p, "policy/POL-99.yaml");
	assert_string_equal(c->steps, "draft -> review -> approved -> published");
	assert_non_null(strstr(c->problems[0].what, "does not go from draft"));
	assert_non_null(strstr(c->problems[0].where, "policy/POL-99.yaml:"));
	c = change_of(&p, "person/E1.yaml");
	assert_non_null(strstr(c->problems[0].what, "it is still the"));
	assert_int_equal(change_of(&p, "person/E2.yaml")->nproblems, 0);
	assert_true(folder_import(&x, &p, &res, &f->e) < 0);
	/* Nothing was done, and plans write nothing. */
	OK(f, ledger_head(f->ws->ledger, &after, &f->e));
	assert_int_equal(before.size, after.size);
	/* A manifest that says less changes nothing about who is who. */
	assert_int_equal(unlink(arena_printf(&f->a, "%s/manifest.csv", a)), 0);
	plan(f, a, NULL, &p);
	assert_int_equal(p.count[FOLDER_CREATE], 0);
	assert_int_equal(p.count[FOLDER_CHANGE], 1);
}

static void
test_masked(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct folder_options o = { .impersonal = true };
	struct act x = act_of(f);
	struct folder_counts n;
	struct folder_plan p;
	struct record_result res;
	struct record *r;

	OK(f, folder_export(&x, a, &o, &n, &f->e));
	plan(f, a, NULL, &p);
	assert_int_equal(p.n, 0);
	edit(f, a, "person/E1.yaml", "start_on", "role: Lead\nstart_on");
	import(f, a, NULL, &res);
	OK(f, record_find(&f->ws->records, &f->a, schema_get(T_PERSON),
	    STR("E1"), &r, &f->e));
	assert_true(str_is(record_str(r, F_PERSON_NAME), "Ada One"));
	assert_true(str_is(record_str(r, F_PERSON_ROLE), "Lead"));
	/* Fields of our own that may be there, unseen, are not cleared. */
	struct folder_index ix;
	struct folder_texts t;
	struct record seen = *r;
	seen.cells = arena_array(&f->a, r->type->nfields, sizeof(*seen.cells));
	memcpy(seen.cells, r->cells, r->type->nfields * sizeof(*seen.cells));
	seen.cells[F_PERSON_ROLE] = CELL_HIDDEN;
	OK(f, folder_index_load(&x, &ix, &f->e));
	folder_text_put(&ix, &f->a, &seen, &t);
	assert_true(str_find(t.yaml, "extra: \"(masked)\"") >= 0);
	OK(f, put_at(f, NULL, "person", "- {code: E1, extra: {desk: 4}}"));
	OK(f, folder_export(&x, a, &o, &n, &f->e));
	edit(f, a, "person/E1.yaml", "extra:\n  desk: 4\n", "extra: (masked)\n");
	plan(f, a, NULL, &p);
	assert_int_equal(p.n + p.nwrong, 0);
	edit(f, a, "person/E1.yaml", "extra: (masked)\n", "extra:\n  desk: 5\n"
	    "  floor: 2\n");
	plan(f, a, NULL, &p);
	assert_int_equal(p.at[0].nfields, 2);
	assert_string_equal(p.at[0].fields[0].name, "extra.desk");
	assert_true(str_is(p.at[0].fields[0].after, "5"));
	/* The export after it left out again what was left out. */
	assert_null(strstr(whole(&f->a, a), "Ada One"));
}

/* --- folders that others made --------------------------------------------------- */

static void
wrong(struct fixture *f, const char *dir, const char *where, const char *what)
{
	struct folder_plan p;
	struct record_result res;
	struct act x = act_of(f);

	plan(f, dir, NULL, &p);
	for (size_t i = 0; i < p.nwrong; i++)
		if (strcmp(p.wrong[i].where, where) == 0 &&
		    strstr(p.wrong[i].what, what) != NULL) {
			assert_true(folder_import(&x, &p, &res, &f->e) < 0);
			return;
		}
	for (size_t i = 0; i < p.nwrong; i++)
		print_error("%s: %s\n", p.wrong[i].where, p.wrong[i].what);
	fail_msg("%s: %s was not said", where, what);
}

static void
test_hostile(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a");
	struct folder_how usual = { 0 };
	struct act x = act_of(f);
	struct folder_counts n;
	struct folder_plan p;

	export(f, a, &n);
	const char *big = arena_printf(&f->a, "%s/vendor/big.yaml", a);
	assert_int_equal(symlink("/etc/passwd", arena_printf(&f->a,
	    "%s/vendor/link.yaml", a)), 0);
	assert_int_equal(mkfifo(arena_printf(&f->a, "%s/vendor/pipe.yaml", a),
	    0600), 0);
	put_text(f, a, "vendor/big.yaml", "");
	assert_int_equal(truncate(big, (off_t)10 << 30), 0);
	put_text(f, a, "vendor/a\nb.yaml", "name: x: y\n");
	put_text(f, a, "vendor/bomb.yaml", "a: &a [x, x]\nb: &b [*a, *a]\n");
	put_text(f, a, "vendor/merge.yaml", "name: M\n<<<<<<< ours\ntier: low\n"
	    "=======\ntier: high\n>>>>>>> theirs\n");
	put_text(f, a, "vendor/list.yaml", "- name: L\n");
	put_text(f, a, "vendor/id.yaml", "name: I\nid: 00000000000000000000000000\n");
	put_text(f, a, "vendor/twin.yaml", text_of(f, a, "vendor/hidden.yaml"));
	put_text(f, a, "vendor/other.yml", "name: O\n");
	put_text(f, a, "vendor/lost.note.md", "text\n");
	put_text(f, a, "vendor/hidden.name.md", "text\n");
	put_text(f, a, "vendor/notes.txt", "mine\n");
	assert_int_equal(mkdir(arena_printf(&f->a, "%s/token", a), 0700), 0);
	assert_int_equal(symlink("/etc", arena_printf(&f->a, "%s/site", a)), 0);
	wrong(f, a, "vendor/link.yaml", "a link");
	wrong(f, a, "vendor/pipe.yaml", "no file");
	wrong(f, a, "vendor/big.yaml", "more than");
	wrong(f, a, "vendor/a b.yaml:1:8", "");
	wrong(f, a, "vendor/bomb.yaml:1:4", "");
	wrong(f, a, "vendor/merge.yaml:2", "a merge left its marks");
	wrong(f, a, "vendor/list.yaml:1", "no record");
	wrong(f, a, "vendor/id.yaml:2", "the manifest does");
	wrong(f, a, "vendor/twin.yaml", "the same record as vendor/hidden.yaml");
	wrong(f, a, "vendor/other.yml", "passed over");
	wrong(f, a, "vendor/lost.note.md", "no record to which");
	wrong(f, a, "vendor/hidden.name.md", "no long text");
	wrong(f, a, "token", "not brought in");
	wrong(f, a, "site", "link");
	plan(f, a, NULL, &p);
	assert_int_equal(p.npassed, 1);
	assert_string_equal(p.passed[0], "vendor/notes.txt");
	/* What the export says of itself is believed no more than the rest. */
	static const struct {
		const char *file, *text, *where;
	} bad[] = {
		{ "manifest.csv", "file,sha256,id,rev\n../x.yaml,00,,\n",
		    "manifest.csv:2" },
		{ "manifest.csv", "file,sha256,id,rev\nvendor/../x.yaml,00,,\n",
		    "manifest.csv:2" },
		{ "manifest.csv", "file,sha256,id,rev\nvendor/x.yaml,00,,\n",
		    "manifest.csv:2" },
		{ "manifest.csv", "file\n", "manifest.csv:1" },
		{ "manifest.csv", "<<<<<<< a\n=======\n>>>>>>> b\n",
		    "manifest.csv:1" },
		{ "programme.yaml", "format: 2\n", "programme.yaml" },
		{ "programme.yaml", "format: 1\n", "programme.yaml:1" },
		{ "programme.yaml", "format: 1\nledger: x\npersonal: true\n"
		    "without: [nothing]\n", "programme.yaml:4" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *was = text_of(f, a, bad[i].file);
		put_text(f, a, bad[i].file, bad[i].text);
		assert_true(folder_plan(&x, a, &usual, &p, &f->e) < 0);
		assert_string_equal(f->e.where, bad[i].where);
		put_text(f, a, bad[i].file, was);
	}
	TREE_SCOPED t = TREE_INIT;
	struct tree_entry *in;
	size_t m;
	OK(f, tree_open(&t, a, false, &f->e));
	assert_int_equal(tree_list(&t, "vendor", &f->a, 3, &in, &m, &f->e),
	    -ERR_LIMIT);
	assert_int_equal(tree_list(&t, "..", &f->a, 3, &in, &m, &f->e),
	    -ERR_INPUT);
	assert_int_equal(tree_write(&t, "vendor", "../x", STR("x"), &f->e),
	    -ERR_INPUT);
	assert_int_equal(tree_write(&t, "site", "x", STR("x"), &f->e), -ERR_INPUT);
	assert_int_equal(tree_remove(&t, "vendor/..", "x", &f->e), -ERR_INPUT);
}

/* They share a workspace, and each makes its folders anew. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_names, teardown_folders),
		cmocka_unit_test_teardown(test_personal, teardown_folders),
		cmocka_unit_test_teardown(test_masked, teardown_folders),
		cmocka_unit_test_teardown(test_hostile, teardown_folders),
		cmocka_unit_test_teardown(test_texts, teardown_folders),
		cmocka_unit_test_teardown(test_not_ours, teardown_folders),
		cmocka_unit_test_teardown(test_import, teardown_folders),
		cmocka_unit_test_teardown(test_both_sides, teardown_folders),
		cmocka_unit_test_teardown(test_refused, teardown_folders),
		cmocka_unit_test_teardown(test_same_bytes, teardown_folders),
	};

	return (cmocka_run_group_tests(tests, setup_base, teardown));
}
