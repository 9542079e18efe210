/* The linux collector: parsers on recorded bytes, and a planted machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "collect/host.h"
#include "helper/helper.h"
#include "helper/shadow.h"
#include "schema/schema.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "text/json.h"

static char dir[64];
static struct collect_result res;

/* --- parsers -------------------------------------------------------------- */

static void
test_shadow(void **state)
{
	static const struct {
		const char *line, *state, *scheme;
	} cases[] = {
		{ "a::19000:0:99999:7:::", "none", "none" },
		{ "a:*:19000:0:99999:7:::", "disabled", NULL },
		{ "a:!:19000::::::", "disabled", NULL },
		{ "a:!!:19000::::::", "disabled", NULL },
		{ "a:!*:19000::::::", "disabled", NULL },
		{ "a:x:19000::::::", "disabled", NULL },
		{ "a:$y$j9T$abc$def:19000:0:90:7:30:20000:", "set", "yescrypt" },
		{ "a:!$y$j9T$abc$def:19000::::::", "locked", "yescrypt" },
		{ "a:$6$salt$hash:1::::::", "set", "sha512" },
		{ "a:$5$salt$hash:1::::::", "set", "sha256" },
		{ "a:$1$salt$hash:1::::::", "set", "md5" },
		{ "a:$2b$05$abc:1::::::", "set", "bcrypt" },
		{ "a:$argon2id$x:1::::::", "set", "other" },
		{ "a:ab01./XYZabcd:1::::::", "set", "des" },
	};
	struct shadow_line s, back;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BUF_SCOPED b = BUF_INIT;
		assert_true(shadow_read(str_from(cases[i].line), &s));
		assert_string_equal(s.state, cases[i].state);
		if (cases[i].scheme == NULL)
			assert_null(s.scheme);
		else
			assert_string_equal(s.scheme, cases[i].scheme);
		shadow_put(&b, &s);
		/* What leaves the helper has nothing of the hash. */
		assert_null(strstr(b.ptr, "abc"));
		assert_null(strstr(b.ptr, "salt"));
		assert_true(shadow_get((struct str){ b.ptr, b.len - 1 },
		    &back));
		assert_string_equal(back.state, s.state);
		assert_int_equal(back.changed, s.changed);
	}
	assert_true(shadow_read(STR("a:$y$x:19000:0:90:7:30:20000:"), &s));
	assert_int_equal(s.changed, 19000);
	assert_int_equal(s.max_days, 90);
	assert_int_equal(s.expires, 20000);
	assert_true(shadow_read(STR("a:$y$x:0:::::"), &s));
	assert_true(s.must_change && s.changed == SHADOW_NONE);
	assert_true(shadow_read(STR("a:$y$x:1:0:99999:7:::"), &s));
	assert_int_equal(s.max_days, SHADOW_NONE);
	assert_false(shadow_read(STR("+::::::::"), &s));
	assert_false(shadow_read(STR(""), &s));
	assert_false(shadow_read(STR("alone"), &s));
}

static void
test_passwd(void **state)
{
	struct accounts_user u;
	struct accounts_group g;

	(void)state;
	assert_true(accounts_read_user(STR("a:x:1000:1001:A,,,:/home/a:"
	    "/bin/bash"), &u));
	assert_int_equal(u.uid, 1000);
	assert_true(accounts_read_user(STR("a::0:0:::"), &u));
	assert_true(str_is(u.shell, "/bin/sh") && str_is(u.home, "/"));
	assert_false(accounts_read_user(STR("a:x:-1:0:::"), &u));
	assert_false(accounts_read_user(STR("a:x:1:0::"), &u));
	assert_false(accounts_read_user(STR("a:x:y:0:::"), &u));
	assert_false(accounts_read_user(STR("+nis:x:1:1:::"), &u));
	assert_true(accounts_read_group(STR("adm:x:4:a,b"), &g));
	assert_true(accounts_interactive(STR("/bin/bash")));
	assert_false(accounts_interactive(STR("/usr/sbin/nologin")));
	assert_false(accounts_interactive(STR("/bin/false")));
	assert_false(accounts_interactive(STR("/bin/sync")));
}

struct said {
	struct arena a;
	struct buf out;
};

static void
say_rule(void *ctx, const struct sudoers_rule *r)
{
	struct said *s = ctx;

	buf_printf(&s->out, STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT
	    "|%d|%lld\n", STR_ARG(r->who), STR_ARG(r->hosts),
	    STR_ARG(r->runas), STR_ARG(r->commands), r->nopasswd,
	    (long long)r->line);
}

static void
sudoers(const char *text, const char *want)
{
	struct said s = { 0 };
	BUF_SCOPED b = BUF_INIT;
	struct err e = { 0 };

	helper_bundle_put(&b, &(struct helper_file){ STR("/etc/sudoers"),
	    str_from(text), 0, 0440 });
	assert_int_equal(sudoers_read(&s.a, buf_str(&b), say_rule, &s, &e), 0);
	if (strcmp(s.out.ptr != NULL ? s.out.ptr : "", want) != 0)
		fail_msg("%s\ngave\n%s", text, s.out.ptr);
	buf_free(&s.out);
	arena_free(&s.a);
}

static void
test_sudoers(void **state)
{
	(void)state;
	sudoers("# a comment\nDefaults env_reset\nroot ALL=(ALL:ALL) ALL\n"
	    "%sudo\tALL=(ALL:ALL) ALL\n",
	    "root|ALL|ALL:ALL|ALL|0|3\n%sudo|ALL|ALL:ALL|ALL|0|4\n");
	sudoers("a ALL = NOPASSWD: /bin/x, PASSWD: /bin/y, /bin/z\n",
	    "a|ALL|root|/bin/x|1|1\na|ALL|root|/bin/y, /bin/z|0|1\n");
	sudoers("a,b  , c h1,h2 = (op) NOPASSWD:SETENV: /bin/x --opt=1\n",
	    "a|h1, h2|op|/bin/x --opt=1|1|1\nb|h1, h2|op|/bin/x --opt=1|1|1\n"
	    "c|h1, h2|op|/bin/x --opt=1|1|1\n");
	sudoers("User_Alias ADMINS = ann, bob : OPS = ADMINS, %ops\n"
	    "Cmnd_Alias \\\n  RESTART = /bin/systemctl restart a, \\\n"
	    "  /bin/systemctl restart b\nRunas_Alias DB = pg\n"
	    "OPS ALL = (DB) RESTART, !/bin/su\n",
	    "ann|ALL|pg|/bin/systemctl restart a, /bin/systemctl restart b, "
	    "!/bin/su|0|6\nbob|ALL|pg|/bin/systemctl restart a, "
	    "/bin/systemctl restart b, !/bin/su|0|6\n%ops|ALL|pg|"
	    "/bin/systemctl restart a, /bin/systemctl restart b, !/bin/su|0|6"
	    "\n");
	sudoers("Defaults !authenticate\na ALL=ALL\n",
	    "a|ALL|root|ALL|1|2\n");
	sudoers("Defaults:a !authenticate\na ALL=ALL\nb ALL=ALL\n",
	    "a|ALL|root|ALL|1|2\nb|ALL|root|ALL|0|3\n");
	sudoers("a h1 = /bin/x : h2 = (b) NOPASSWD: /bin/y\n",
	    "a|h1|root|/bin/x|0|1\na|h2|b|/bin/y|1|1\n");
	sudoers("#1000 ALL=ALL # not this\n", "#1000|ALL|root|ALL|0|1\n");
	/* An alias of itself does not go on for ever. */
	sudoers("Cmnd_Alias A = B, A\nCmnd_Alias B = A\n", "");
	sudoers("nonsense\n====\n(\n\"\n\\\n", "");
}

static void
test_keys(void **state)
{
	static const char ed[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJLE5wyT"
	    "n0DqH0zZ9Ws5kkHRZgJ8Kl7nJJ6WlF4Kzqsp me@here";
	struct keys_line k;
	char text[512];

	(void)state;
	assert_true(keys_read(str_from(ed), &k));
	assert_int_equal(k.bits, 256);
	assert_int_equal(k.options.len, 0);
	(void)snprintf(text, sizeof(text), "from=\"10.0.0.*, b\",command=\"a "
	    "\\\"b c\\\"\" %s", ed);
	assert_true(keys_read(str_from(text), &k));
	assert_true(str_is(k.options, "from=\"10.0.0.*, b\",command=\"a "
	    "\\\"b c\\\"\""));
	assert_false(keys_read(STR("# ssh-ed25519 AAAA"), &k));
	assert_false(keys_read(STR("ssh-ed25519 AAAA"), &k));
	assert_false(keys_read(STR("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJLE5wyTn0"
	    "DqH0zZ9Ws5kkHRZgJ8Kl7nJJ6WlF4Kzqsp"), &k));
	assert_false(keys_read(STR("\"unclosed ssh-ed25519 AAAA"), &k));
}

static void
test_versions(void **state)
{
	/* In rising order; dpkg --compare-versions agrees (see below). */
	static const char *const rising[] = { "1.0~~", "1.0~~a", "1.0~",
		"1.0~rc1-1", "1.0", "1.0-0.1", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1",
		"1.0-1.1", "1.0-10", "1.0a", "1.0+dfsg", "1.0.1", "1.1", "1.10",
		"2", "10", "1:0.1", "1:1" };
	size_t n = sizeof(rising) / sizeof(rising[0]);
	struct proc_end end;
	struct err e;

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int r = packages_compare(str_from(rising[i]),
			    str_from(rising[k]));
			assert_true(i < k ? r < 0 : i > k ? r > 0 : r == 0);
		}
	for (size_t i = 0; i + 1 < n; i++) {
		struct proc_opts o = { .argv = (const char *[]){ "dpkg",
		    "--compare-versions", rising[i], "lt", rising[i + 1],
		    NULL } };
		assert_int_equal(proc_run(&o, STR_NULL, 10, NULL, NULL, &end,
		    &e), 0);
		if (!proc_ok(&end))
			fail_msg("dpkg: %s is not before %s", rising[i],
			    rising[i + 1]);
	}
}

static void
test_sockets(void **state)
{
	struct sockets_line s;

	(void)state;
	assert_true(sockets_read(STR("   0: 0100007F:0016 00000000:0000 0A "
	    "00000000:00000000 00:00000000 00000000  1000        0 4242 1 0"),
	    true, false, &s));
	assert_string_equal(s.address, "127.0.0.1");
	assert_int_equal(s.port, 22);
	assert_int_equal(s.uid, 1000);
	assert_int_equal(s.inode, 4242);
	assert_true(s.loopback);
	assert_true(sockets_read(STR("  1: 00000000000000000000000000000000:1F90"
	    " 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 7 1 0"),
	    true, true, &s));
	assert_string_equal(s.address, "::");
	assert_false(s.loopback);
	/* Connected, and of other states. */
	assert_false(sockets_read(STR("  1: 0100007F:0016 0100007F:A000 01 0:0 "
	    "00:0 0 0 0 7"), true, false, &s));
	assert_false(sockets_read(STR("  1: 0100007F:0016 0100007F:A000 07 0:0 "
	    "00:0 0 0 0 7"), false, false, &s));
	assert_false(sockets_read(STR("  sl  local_address"), true, false, &s));
	assert_false(sockets_read(STR("0: zz:0016"), true, false, &s));
}

static void
test_firewall(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct firewall f;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(firewall_read(&a, STR("{\"nftables\":[{\"metainfo\":{}"
	    "},{\"table\":{\"family\":\"inet\",\"name\":\"filter\"}},{\"chain\""
	    ":{\"family\":\"inet\",\"table\":\"filter\",\"name\":\"input\","
	    "\"handle\":1,\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,"
	    "\"policy\":\"drop\"}},{\"rule\":{\"family\":\"inet\",\"table\":"
	    "\"filter\",\"chain\":\"input\",\"handle\":4,\"expr\":[{\"accept\""
	    ":null}]}}]}"), &f, &e), 0);
	assert_int_equal(f.nchains, 1);
	assert_int_equal(f.nrules, 1);
	assert_int_equal(f.chains[0].rules, 1);
	assert_true(str_is(f.chains[0].policy, "drop"));
	assert_true(str_is(f.rules[0].text, "[{\"accept\":null}]"));
	assert_int_not_equal(firewall_read(&a, STR("{}"), &f, &e), 0);
	assert_int_not_equal(firewall_read(&a, STR("nft: no"), &f, &e), 0);
	assert_int_equal(firewall_read(&a, STR("{\"nftables\":[1,null,{\"rule\""
	    ":7},{\"chain\":{}}]}"), &f, &e), 0);
	assert_int_equal(f.nchains + f.nrules, 0);
}

static void
test_mounts(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct disks_mount m;

	(void)state;
	assert_true(disks_read_mount(&a, STR("36 35 98:0 /mnt1 /mnt/a\\040b rw,"
	    "noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue"),
	    &m));
	assert_true(str_is(m.target, "/mnt/a b"));
	assert_true(str_is(m.options, "errors=continue,noatime,rw"));
	assert_int_equal(m.major, 98);
	assert_true(disks_read_mount(&a, STR("1 2 0:5 / / ro - ext4 /dev/x "
	    "rw,discard"), &m));
	assert_true(str_is(m.options, "discard,ro"));
	assert_false(disks_read_mount(&a, STR("1 2 0:5 / /"), &m));
	assert_false(disks_read_mount(&a, STR("1 2 x:y / / ro - ext4 d o"),
	    &m));
	assert_false(disks_read_mount(&a, STR(""), &m));
}

/* --- a planted machine ---------------------------------------------------- */

static const char planted[] =
    "mkdir -p etc/ssh/sshd_config.d etc/sudoers.d root/.ssh home/eve/.ssh "
    "var/lib/dpkg var/lib/apt/lists/partial var/log\n"
    "printf 'root:x:0:0:root:/root:/bin/bash\\n"
    "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\\n"
    "eve:x:1000:1000:Eve:/home/eve:/bin/bash\\n"
    "nopass::1001:100::/home/nopass:/bin/sh\\n"
    "eve:x:1000:1000:again:/:/bin/sh\\nbroken line\\n' > etc/passwd\n"
    "printf 'root:$6$a$b:19000:0:99999:7:::\\ndaemon:*:19000::::::\\n"
    "eve::19000:0:90:7::10000:\\n' > etc/shadow\n"
    "printf 'root:x:0:\\nsudo:x:27:eve,eve\\neve:x:1000:\\n' > etc/group\n"
    "printf 'Defaults env_reset\\nroot ALL=(ALL:ALL) ALL\\n"
    "@includedir /etc/sudoers.d\\n#include /etc/extra\\n' > etc/sudoers\n"
    "echo 'eve ALL=(ALL) NOPASSWD: ALL' > etc/sudoers.d/eve\n"
    "echo 'no ALL=ALL' > etc/sudoers.d/skipped.conf\n"
    "echo '%ops ALL=/bin/x' > etc/extra\n"
    "printf 'Include /etc/ssh/sshd_config.d/*.conf\\n"
    "PermitRootLogin no\\nX11Forwarding=yes\\nMatch User eve\\n"
    "PasswordAuthentication no\\n' > etc/ssh/sshd_config\n"
    "printf 'permitrootlogin yes\\nMatch Group x\\nMaxAuthTries 1\\n' > "
    "etc/ssh/sshd_config.d/a.conf\n"
    "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJLE5wyTn0DqH0zZ9Ws5kkHRZgJ8Kl7"
    "nJJ6WlF4Kzqsp k' > root/.ssh/authorized_keys\n"
    "ln -s /etc/shadow home/eve/.ssh/authorized_keys\n"
    "printf 'Package: a\\nStatus: install ok installed\\nArchitecture: amd64\\n"
    "Version: 1.0-1\\n\\nPackage: gone\\nStatus: deinstall ok config-files\\n"
    "Version: 1\\n\\nPackage: b\\nStatus: hold ok installed\\n"
    "Architecture: all\\nVersion: 2.0\\n' > var/lib/dpkg/status\n"
    "printf 'Label: Debian-Security\\n' > "
    "var/lib/apt/lists/x_dists_s_InRelease\n"
    "printf 'Package: a\\nArchitecture: amd64\\nVersion: 1.0-1+deb12u1\\n\\n"
    "Package: a\\nArchitecture: arm64\\nVersion: 9\\n' > "
    "var/lib/apt/lists/x_dists_s_main_binary-amd64_Packages\n"
    "printf 'ID=debian\\nVERSION_ID=\"12\"\\n' > etc/os-release\n"
    "chmod 0640 etc/shadow; chmod 0666 etc/passwd\n"
    "mkdir etc/cron.daily; : > 'etc/cron.daily/a b'; "
    "chmod 0777 'etc/cron.daily/a b'\n";

static struct val *rows;

static const struct val *
row(const char *table, const char *key, const char *value)
{
	const struct val *found = NULL;

	for (size_t i = 0; i < val_count(rows); i++) {
		const struct val *v = rows->u.list.at[i];
		const struct val *r = val_get(v, "row");
		if (str_is(val_get_str(v, "table"), table) &&
		    str_is(val_get_str(r, key), value)) {
			assert_null(found);
			found = r;
		}
	}
	if (found == NULL)
		fail_msg("no %s with %s = %s", table, key, value);
	return (found);
}

#define IS(r, key, value)                                                      \
	do {                                                                   \
		if (!str_is(val_get_str(r, key), value))                       \
			fail_msg("%s is \"" STR_FMT "\", not \"%s\"", key,     \
			    STR_ARG(val_get_str(r, key)), value);              \
	} while (0)

static void
collect(struct arena *a, const char *root)
{
	struct val *o = val_map(a), *v;
	BUF_SCOPED out = BUF_INIT;
	struct str rest, line;
	struct err e = { 0 };

	if (root != NULL)
		val_put(a, o, "root", val_text(a, root));
	struct collect_source s = { .id = STR("s"), .name = STR("box"),
		.collector = STR("linux"), .options = o };
	if (collect_dump(&s, 0, NULL, &out, &res, &e) != 0)
		fail_msg("%s", e.what);
	if (res.failed)
		fail_msg("%s", res.why.what);
	rows = val_list(a);
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		if (json_parse(a, "row", line, &v, &e) != 0)
			fail_msg("%s", e.what);
		val_push(a, rows, v);
	}
}

static const struct collect_table *
table(const char *name)
{
	for (size_t i = 0; i < res.ntables; i++)
		if (strcmp(res.tables[i].table->name, name) == 0)
			return (&res.tables[i]);
	fail_msg("no table %s", name);
	return (NULL);
}

static void
test_planted(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct proc_opts o = { .argv = (const char *[]){ "sh", "-euc", planted,
	    NULL }, .cwd = dir };
	struct proc_end end;
	struct err e = { 0 };
	const struct val *r;

	(void)state;
	assert_int_equal(proc_run(&o, STR_NULL, 10, NULL, NULL, &end, &e), 0);
	assert_true(proc_ok(&end));
	collect(&a, dir);

	IS(row("account", "login", "root"), "password_state", "set");
	IS(row("account", "login", "daemon"), "password_state", "disabled");
	IS(row("account", "login", "nopass"), "password_state", "none");
	r = row("account", "login", "eve");
	IS(r, "password_state", "none");
	IS(r, "gecos", "Eve");
	IS(r, "expires", "1997-05-19");
	assert_int_equal(val_get_int(r, "password_max_days", 0), 90);
	assert_true(val_get_bool(r, "locked", false)); /* it is expired */
	assert_false(val_get_bool(row("account", "login", "nopass"), "locked",
	    true));
	assert_int_equal(table("account")->rows, 4);
	assert_int_equal(table("group_member")->rows, 5);
	r = row("group_member", "grp", "sudo");
	IS(r, "login", "eve");

	r = row("sudo_rule", "who", "eve");
	assert_true(val_get_bool(r, "nopasswd", false));
	IS(r, "file", "/etc/sudoers.d/eve");
	(void)row("sudo_rule", "who", "%ops");
	assert_int_equal(table("sudo_rule")->rows, 3);

	IS(row("sshd_config", "option", "permitrootlogin"), "value", "yes");
	IS(row("sshd_config", "option", "x11forwarding"), "value", "yes");
	IS(row("sshd_config", "option", "passwordauthentication"), "value",
	    "yes");
	IS(row("sshd_config", "option", "maxauthtries"), "value", "6");

	/* A link to what only root may read is not followed. */
	assert_true(table("authorized_key")->failed);
	assert_non_null(strstr(table("authorized_key")->message, "eve"));

	r = row("package", "name", "a");
	IS(r, "security_update", "1.0-1+deb12u1");
	assert_true(val_get_bool(row("package", "name", "b"), "held", false));
	assert_int_equal(table("package")->rows, 2);
	IS(row("sensitive_file", "path", "/etc/passwd"), "mode", "0666");
	IS(row("sensitive_file", "path", "/etc/cron.daily/a\\x20b"), "mode",
	    "0777");
	assert_false(val_get_bool(row("sensitive_file", "path",
	    "/etc/gshadow"), "present", true));
	assert_true(table("mount")->failed);
	assert_true(table("listening_socket")->failed);
	IS(row("host", "os_id", "debian"), "os_version", "12");
}

static void
test_old_lists(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct val *r;

	(void)state;
	assert_int_equal(unlink(arena_printf(&a, "%s/home/eve/.ssh/"
	    "authorized_keys", dir)), 0);
	assert_int_equal(unlink(arena_printf(&a, "%s/var/lib/apt/lists/"
	    "x_dists_s_InRelease", dir)), 0);
	collect(&a, dir);
	r = row("package", "name", "a");
	assert_true(val_get_bool(val_get(r, "security_update"), "unknown",
	    false));
	assert_non_null(strstr(table("package")->message, "security"));
	r = row("authorized_key", "login", "root");
	IS(r, "type", "ssh-ed25519");
	IS(r, "file", "/root/.ssh/authorized_keys");
}

/* This machine, whatever it is: all tables come, and agree with the tools. */
static void
test_here(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct proc_opts o = { .argv = (const char *[]){ "sh", "-c",
	    "getent passwd | wc -l; dpkg-query -f '${db:Status-Status}\\n' -W "
	    "| grep -c '^installed$'", NULL } };
	struct proc_end end;
	struct err e = { 0 };
	char want[64];

	(void)state;
	collect(&a, NULL);
	assert_int_equal(proc_run(&o, STR_NULL, 4096, &out, NULL, &end, &e), 0);
	(void)snprintf(want, sizeof(want), "%lld\n%lld\n",
	    (long long)table("account")->rows,
	    (long long)table("package")->rows);
	assert_string_equal(out.ptr, want);
	assert_true(table("kernel_setting")->rows > 20);
	assert_true(table("mount")->rows > 0);
	(void)row("mount", "target", "/");
	assert_int_equal(res.ntables, 14);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/tickmark-linux-XXXXXX");
	return (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (file_remove_tree(dir, NULL) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_passwd),
		cmocka_unit_test(test_sudoers),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_firewall),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_old_lists),
		cmocka_unit_test(test_here),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
