/* The programme as a folder: out, looked at, and in again. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "program/folder.h"
#include "program/folder_part.h"
#include "sys/tree.h"

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
	OK(f, file_write_later(arena_printf(&f->a, "%s/%s", dir, file), 0600, s,
	    strlen(s), &f->e));
}

static void
export(struct fixture *f, const char *dir, struct folder_counts *ret)
{
	struct folder_options o = { 0 };
	struct act x = act_of(f);

	OK(f, folder_export(&x, dir, &o, ret, &f->e));
}

/* All files of a folder with their bytes, as one text. */
static const char *
whole(struct fixture *f, const char *dir)
{
	TREE_SCOPED t = TREE_INIT;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED one = BUF_INIT;
	struct tree_entry *top, *in;
	size_t n, m;

	OK(f, tree_open(&t, dir, false, &f->e));
	OK(f, tree_list(&t, "", &f->a, 1000, &top, &n, &f->e));
	for (size_t i = 0; i < n; i++) {
		if (top[i].kind != TREE_FOLDER)
			continue;
		OK(f, tree_list(&t, top[i].name, &f->a, 10000, &in, &m, &f->e));
		for (size_t k = 0; k < m; k++) {
			OK(f, tree_read(&t, top[i].name, in[k].name, 1 << 20, &one,
			    &f->e));
			buf_printf(&out, "%s/%s: ", top[i].name, in[k].name);
			buf_putstr(&out, buf_str(&one));
		}
	}
	return (arena_strndup(&f->a, out.ptr, out.len));
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
teardown_all(void **state)
{
	struct fixture *f = *state;

	for (char n = 'a'; n < 'f'; n++) {
		char name[2] = { n, '\0' };
		file_remove_tree(folder(f, name), NULL);
	}
	return (teardown(state));
}

/* --- export --------------------------------------------------------------------- */

static void
test_same_bytes(void **state)
{
	struct fixture *f = *state;
	const char *a = folder(f, "a"), *b = folder(f, "b");
	struct folder_counts n;

	export(f, a, &n);
	assert_true(n.written > n.records);
	assert_int_equal(n.same, 0);
	size_t all = n.written;
	export(f, b, &n);
	assert_string_equal(whole(f, a), whole(f, b));
	assert_string_equal(text_of(f, a, "manifest.csv"), text_of(f, b,
	    "manifest.csv"));
	assert_string_equal(text_of(f, a, "programme.yaml"), text_of(f, b,
	    "programme.yaml"));
	export(f, a, &n);
	assert_int_equal(n.written, 0);
	assert_int_equal(n.same, all);
	/* One change is one file, and a name that is given up is a file less. */
	OK(f, put_at(f, NULL, "person", "- {code: E1, role: Lead}"));
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

	export(f, a, &n);
	assert_string_equal(text_of(f, a, "person/E2.yaml"), "code: E2\n"
	    "name: Bo Two\nmanager: E1\nstart_on: \"2024-01-08\"\nkind: employee\n"
	    "state: preboarding\n");
	/* Neither folder nor letter case lets one file stand for two. */
	const char *all = whole(f, a);
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
	const char *all = whole(f, a);
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
	OK(f, put_at(f, NULL, "person", "- {code: E1, role: Lead}"));
	assert_int_equal(folder_export(&x, a, &o, &n, &f->e), -ERR_CONFLICT);
	assert_string_equal(f->e.where, "person/E1.yaml");
	assert_string_equal(text_of(f, a, "person/E1.yaml"), "code: E1\n");
	o.overwrite = true;
	OK(f, folder_export(&x, a, &o, &n, &f->e));
	assert_int_equal(n.written, 1);
	o.overwrite = false;
	put_text(f, a, "person/E3.yaml", "code: E3\n");
	OK(f, put_at(f, NULL, "person", "- {code: E3, name: Cy, kind: employee}"));
	assert_int_equal(folder_export(&x, a, &o, &n, &f->e), -ERR_CONFLICT);
	assert_string_equal(f->e.where, "person/E3.yaml");
	assert_int_equal(unlink(arena_printf(&f->a, "%s/person/E3.yaml", a)), 0);
	/* Nothing is written by way of a link. */
	assert_int_equal(rename(arena_printf(&f->a, "%s/vendor", a),
	    arena_printf(&f->a, "%s/elsewhere", b)), 0);
	assert_int_equal(symlink(arena_printf(&f->a, "%s/elsewhere", b),
	    arena_printf(&f->a, "%s/vendor", a)), 0);
	assert_int_not_equal(folder_export(&x, a, &o, &n, &f->e), 0);
	assert_non_null(strstr(f->e.what, "link"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_bytes, setup_base,
		    teardown_all),
		cmocka_unit_test_setup_teardown(test_names, setup_base,
		    teardown_all),
		cmocka_unit_test_setup_teardown(test_personal, setup_base,
		    teardown_all),
		cmocka_unit_test_setup_teardown(test_not_ours, setup_base,
		    teardown_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
