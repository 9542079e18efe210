/*
 * A Linux machine, as Debian lays it out. The collector runs as nobody behind
 * its sandbox; what only root may read it asks the helper for. With --root it
 * reads the files of another machine below a folder instead.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/host.h"
#include "collect/works.h"
#include "helper/helper.h"

/* --- reading -------------------------------------------------------------- */

int
host_read(struct host *h, const char *path, size_t max, struct str *ret,
    struct err *e)
{
	char full[PATH_MAX];
	BUF_SCOPED b = BUF_INIT;
	int rc;

	(void)snprintf(full, sizeof(full), "%s%s", h->root, path);
	if ((rc = helper_read(full, true, max, &b, e)) != 0)
		return (rc);
	*ret = arena_str(h->a, buf_str(&b));
	return (0);
}

/* The same answers from the files of another machine. */
static int
ask_folder(struct host *h, const char *question, struct buf *out,
    struct err *e)
{
	switch (helper_find(str_from(question))) {
	case HELPER_SHADOW:
		return (helper_shadow(h->root, out, e));
	case HELPER_SUDOERS:
		return (helper_sudoers(h->root, out, e));
	case HELPER_KEYS:
		return (helper_keys(h->root, STR_NULL, out, e));
	case HELPER_FILES:
		return (helper_files(h->root, out, e));
	default:
		return (err_set(e, ERR_DENIED, NULL, NULL, "a folder of files "
		    "cannot answer this"));
	}
}

/* What anybody can see to be missing needs no privilege to say so. */
static bool
lacks(const char *question)
{
	static const struct {
		const char *question, *path;
	} needs[] = { { "sudoers", "/etc/sudoers" },
		{ "sshd", "/usr/sbin/sshd" }, { "nft", "/usr/sbin/nft" } };
	struct stat st;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (strcmp(question, needs[i].question) == 0)
			return (stat(needs[i].path, &st) != 0 &&
			    errno == ENOENT);
	return (false);
}

int
host_ask(struct host *h, const char *question, struct str *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct err own = { 0 };
	int rc;

	if (!h->other && lacks(question))
		return (err_set(e, ERR_NOTFOUND, question, NULL, "the machine "
		    "lacks it"));
	rc = h->other ? ask_folder(h, question, &b, &own) :
	    job_ask(h->job, question, &b, &own);
	if (rc == 0 || rc == -ERR_NOTFOUND)
		h->helped = true;
	if (rc == 0)
		*ret = arena_str(h->a, buf_str(&b));
	else if (e != NULL)
		*e = own;
	return (rc);
}

/* --- the table host ------------------------------------------------------- */

/* NAME=value or NAME="value" of /etc/os-release. */
static struct str
release_field(struct str text, const char *name)
{
	size_t n = strlen(name);
	struct str line;

	while (str_split(&text, '\n', &line)) {
		if (!str_starts(line, name) || line.len <= n ||
		    line.ptr[n] != '=')
			continue;
		struct str v = str_trim((struct str){ line.ptr + n + 1,
		    line.len - n - 1 });
		if (v.len >= 2 && (v.ptr[0] == '"' || v.ptr[0] == '\'') &&
		    v.ptr[v.len - 1] == v.ptr[0])
			v = (struct str){ v.ptr + 1, v.len - 2 };
		return (v);
	}
	return (STR_NULL);
}

static struct cell
boot_time(struct host *h)
{
	struct str text, line;
	int64_t sec;

	if (h->other || host_read(h, "/proc/stat", 1 << 22, &text, NULL) != 0)
		return (CELL_BLIND);
	while (str_split(&text, '\n', &line))
		if (str_starts(line, "btime ") && str_to_i64((struct str){
		    line.ptr + 6, line.len - 6 }, &sec))
			return (CELL_INT(sec * CLOCK_SECOND));
	return (CELL_BLIND);
}

/* What the firmware calls itself, for the hypervisors that say so there. */
static const char *
hypervisor(struct str vendor)
{
	static const struct {
		const char *says, *name;
	} known[] = { { "QEMU", "kvm" }, { "KVM", "kvm" },
		{ "Amazon EC2", "amazon" }, { "Google", "google" },
		{ "VMware", "vmware" }, { "innotek", "oracle" },
		{ "VirtualBox", "oracle" }, { "Microsoft", "microsoft" },
		{ "Xen", "xen" }, { "Bochs", "bochs" },
		{ "Parallels", "parallels" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_find(vendor, known[i].says) >= 0)
			return (known[i].name);
	return (NULL);
}

static struct cell
virtual_kind(struct host *h)
{
	struct str text;
	struct stat st;
	const char *name;

	if (h->other)
		return (CELL_BLIND);
	if (stat("/.dockerenv", &st) == 0)
		return (CELL_STR(STR("docker")));
	if (stat("/run/.containerenv", &st) == 0)
		return (CELL_STR(STR("podman")));
	if (host_read(h, "/run/systemd/container", 256, &text, NULL) == 0 &&
	    str_trim(text).len > 0)
		return (job_text(h->job, str_trim(text)));
	if (host_read(h, "/sys/class/dmi/id/sys_vendor", 256, &text, NULL) ==
	    0 && (name = hypervisor(text)) != NULL)
		return (CELL_STR(str_from(name)));
	if (host_read(h, "/proc/cpuinfo", 1 << 22, &text, NULL) != 0)
		return (CELL_BLIND);
	return (CELL_STR(str_find(text, " hypervisor") >= 0 ? STR("vm") :
	    STR("none")));
}

/* The file is laid there by the hooks of two packages; without them nobody
 * would, and that it is missing says nothing. */
static struct cell
reboot_required(struct host *h)
{
	static const char *const hooks[] = {
		"/usr/share/unattended-upgrades", "/usr/lib/update-notifier",
		"/usr/share/update-notifier" };
	char path[PATH_MAX];
	struct stat st;

	if (h->other)
		return (CELL_BLIND);
	if (stat("/run/reboot-required", &st) == 0)
		return (CELL_INT(1));
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s", hooks[i]);
		if (stat(path, &st) == 0)
			return (CELL_INT(0));
	}
	return (CELL_BLIND);
}

static struct cell
time_synchronised(const struct host *h)
{
	struct timex t = { 0 };

	if (h->other || adjtimex(&t) < 0)
		return (CELL_BLIND);
	return (CELL_INT((t.status & STA_UNSYNC) == 0));
}

static void
put_host(struct host *h)
{
	struct job *j = h->job;
	struct cell c[F_HOST_TIME_SYNCHRONISED + 1] = { 0 };
	struct str text = STR_NULL, name = STR_NULL;
	struct utsname u;

	if (host_read(h, "/etc/os-release", 65536, &text, NULL) != 0)
		(void)host_read(h, "/usr/lib/os-release", 65536, &text, NULL);
	(void)host_read(h, "/etc/hostname", 4096, &name, NULL);
	job_table(j, T_HOST);
	c[F_HOST_HOST] = CELL_STR(h->name);
	c[F_HOST_OS_ID] = job_text(j, release_field(text, "ID"));
	c[F_HOST_OS_VERSION] = job_text(j, release_field(text, "VERSION_ID"));
	if (h->other) {
		c[F_HOST_KERNEL] = CELL_BLIND;
		c[F_HOST_HOSTNAME] = job_text(j, str_trim(name));
	} else if (uname(&u) == 0) {
		c[F_HOST_KERNEL] = job_ctext(j, u.release);
		c[F_HOST_HOSTNAME] = job_ctext(j, u.nodename);
	}
	c[F_HOST_VIRTUAL] = virtual_kind(h);
	c[F_HOST_BOOT_AT] = boot_time(h);
	c[F_HOST_REBOOT_REQUIRED] = reboot_required(h);
	c[F_HOST_ROOT_READ] = CELL_INT(h->helped);
	c[F_HOST_TIME_SYNCHRONISED] = time_synchronised(h);
	job_row(j, c);
	job_end(j, NULL);
}

/* --- the table kernel_setting --------------------------------------------- */

static const char *const settings[] = { "fs.protected_fifos",
	"fs.protected_hardlinks", "fs.protected_regular",
	"fs.protected_symlinks", "fs.suid_dumpable", "kernel.dmesg_restrict",
	"kernel.kexec_load_disabled", "kernel.kptr_restrict",
	"kernel.modules_disabled", "kernel.perf_event_paranoid",
	"kernel.randomize_va_space", "kernel.sysrq",
	"kernel.unprivileged_bpf_disabled", "kernel.unprivileged_userns_clone",
	"kernel.yama.ptrace_scope", "net.core.bpf_jit_harden",
	"net.ipv4.conf.all.accept_redirects",
	"net.ipv4.conf.all.accept_source_route",
	"net.ipv4.conf.all.log_martians", "net.ipv4.conf.all.rp_filter",
	"net.ipv4.conf.all.secure_redirects",
	"net.ipv4.conf.all.send_redirects",
	"net.ipv4.conf.default.accept_redirects",
	"net.ipv4.conf.default.accept_source_route",
	"net.ipv4.conf.default.rp_filter",
	"net.ipv4.icmp_echo_ignore_broadcasts",
	"net.ipv4.icmp_ignore_bogus_error_responses", "net.ipv4.ip_forward",
	"net.ipv4.tcp_syncookies", "net.ipv6.conf.all.accept_ra",
	"net.ipv6.conf.all.accept_redirects", "net.ipv6.conf.all.forwarding",
	"vm.mmap_min_addr", "vm.unprivileged_userfaultfd", NULL };

static void
put_setting(struct host *h, const char *name)
{
	struct cell c[F_KERNEL_SETTING_VALUE + 1] = { 0 };
	char path[256];
	struct str text;

	(void)snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *p = path + 10; *p != '\0'; p++)
		if (*p == '.')
			*p = '/';
	int rc = host_read(h, path, 65536, &text, NULL);
	c[F_KERNEL_SETTING_HOST] = CELL_STR(h->name);
	c[F_KERNEL_SETTING_NAME] = CELL_STR(str_from(name));
	c[F_KERNEL_SETTING_VALUE] = rc == 0 ?
	    job_text(h->job, str_trim(text)) : rc == -ERR_NOTFOUND ?
	    CELL_NONE : CELL_BLIND;
	job_row(h->job, c);
}

static void
put_settings(struct host *h)
{
	if (h->other) {
		job_blind(h->job, T_KERNEL_SETTING, "a folder of files has no "
		    "running kernel");
		return;
	}
	job_table(h->job, T_KERNEL_SETTING);
	for (size_t i = 0; settings[i] != NULL; i++)
		put_setting(h, settings[i]);
	job_end(h->job, NULL);
}

/* --- the run -------------------------------------------------------------- */

static int
linux_prepare(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	static const char *const machine[] = { "/etc", "/proc", "/sys", "/run",
		"/var/lib/dpkg", "/var/lib/apt", "/var/cache/apt",
		"/var/log/lastlog", "/.dockerenv", NULL };
	static const char *const programs[] = { "/usr", "/bin", "/lib",
		"/lib64", NULL };
	struct str root = s->options != NULL ? val_get_str(s->options, "root") :
	    STR_NULL;
	struct str days = s->options != NULL ? val_get_str(s->options,
	    "apt-days") : STR_NULL;
	int64_t n;

	if (days.len > 0 && (!str_to_i64(days, &n) || n < 1 || n > 3650))
		return (err_set(e, ERR_USAGE, "--apt-days", "write a number "
		    "of days", "\"" STR_FMT "\" is not one", STR_ARG(days)));
	box->exec = programs;
	box->read = machine;
	lim->wall_us = 10 * 60 * CLOCK_SECOND;
	if (root.len == 0)
		return (0);
	const char **paths = arena_array(a, 4, sizeof(*paths));
	struct stat st;
	paths[0] = arena_str(a, root).ptr;
	paths[1] = "/etc/ld.so.cache";
	if (stat(paths[0], &st) != 0 || !S_ISDIR(st.st_mode))
		return (err_set(e, ERR_INPUT, paths[0], "give a folder that "
		    "has etc/passwd", "there is no such folder"));
	box->read = paths;
	box->keep_read = true;
	return (0);
}

static int
linux_run(struct job *j, struct err *e)
{
	static const struct {
		unsigned a, b; /* tables, either of which wants it */
		void (*put)(struct host *h);
	} parts[] = { { T_ACCOUNT, T_GROUP_MEMBER, host_accounts },
		{ T_SUDO_RULE, 0, host_sudo }, { T_SSHD_CONFIG, 0, host_sshd },
		{ T_AUTHORIZED_KEY, 0, host_keys },
		{ T_PACKAGE, 0, host_packages },
		{ T_LISTENING_SOCKET, 0, host_sockets },
		{ T_FIREWALL_CHAIN, T_FIREWALL_RULE, host_firewall },
		{ T_MOUNT, T_BLOCK_DEVICE, host_disks },
		{ T_KERNEL_SETTING, 0, put_settings },
		{ T_SENSITIVE_FILE, 0, host_files },
		/* The last one says whether the helper answered the others. */
		{ T_HOST, 0, put_host } };
	size_t n = sizeof(parts) / sizeof(parts[0]);
	struct host h = { .job = j, .a = job_arena(j), .root = "" };
	struct str root = job_option(j, "root"), name = job_option(j, "host");

	(void)e;
	h.name = name.len > 0 ? name : job_source(j);
	if (root.len > 0) {
		h.root = arena_str(h.a, root).ptr;
		h.other = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (!job_wants(j, parts[i].a) && (parts[i].b == 0 ||
		    !job_wants(j, parts[i].b)))
			continue;
		job_progress(j, "reading the machine", (int64_t)i, (int64_t)n);
		parts[i].put(&h);
	}
	return (0);
}

const struct collect_work linux_work = { linux_prepare, linux_run };
