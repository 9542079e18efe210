#include "sys/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <seccomp.h>
/* Its macros leave the last field of what they initialise to zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

/*
 * Landlock's interface to the kernel, as Documentation/userspace-api/landlock
 * has it. Debian 12's headers know ABI 2 only; what the running kernel knows
 * is asked at run time, so the numbers stand here.
 */
#define SYS_LANDLOCK_CREATE 444
#define SYS_LANDLOCK_ADD 445
#define SYS_LANDLOCK_RESTRICT 446
#define LL_CREATE_VERSION 1u
#define LL_RULE_PATH 1
#define LL_RULE_PORT 2
#define LL_FS_EXECUTE (UINT64_C(1) << 0)
#define LL_FS_WRITE_FILE (UINT64_C(1) << 1)
#define LL_FS_READ_FILE (UINT64_C(1) << 2)
#define LL_FS_READ_DIR (UINT64_C(1) << 3)
#define LL_FS_TRUNCATE (UINT64_C(1) << 14)
#define LL_NET_BIND (UINT64_C(1) << 0)
#define LL_NET_CONNECT (UINT64_C(1) << 1)
#define LL_SCOPE_ALL UINT64_C(3) /* abstract sockets, signals */

struct ll_ruleset {
	uint64_t fs;
	uint64_t net;   /* from ABI 4 */
	uint64_t scope; /* from ABI 6 */
};
struct ll_path {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));
struct ll_port {
	uint64_t access;
	uint64_t port;
};

/* The file rights that each version of the interface knows. */
static uint64_t
ll_fs_rights(int abi)
{
	unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

	return ((UINT64_C(1) << bits) - 1);
}

static int
ll_abi(void)
{
	long v = syscall(SYS_LANDLOCK_CREATE, NULL, 0, LL_CREATE_VERSION);

	return (v < 0 ? 0 : (int)v);
}

static int
fail(struct err *e, const char *what)
{
	return (err_set(e, ERR_ENV, "sandbox", "report this with the version of "
	    "the kernel", "%s: %s", what, strerror(errno)));
}

/* --- limits --------------------------------------------------------------- */

/* How many processes ${uid} has: RLIMIT_NPROC counts them all. */
static uint64_t
count_processes(uid_t uid)
{
	uint64_t n = 0;
	DIR *d = opendir("/proc");
	struct dirent *de;
	struct stat st;

	if (d == NULL)
		return (0);
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' &&
		    fstatat(dirfd(d), de->d_name, &st, 0) == 0 &&
		    st.st_uid == uid)
			n++;
	closedir(d);
	return (n);
}

/* What a forked child has of its parent's memory already, in bytes. */
static uint64_t
address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return (0);
	if (fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	(void)fclose(f);
	return ((uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE));
}

static int
limit(int what, uint64_t value, const char *name, struct err *e)
{
	struct rlimit now, rl = { value, value };

	/* A limit that is lower already stays. */
	if (getrlimit((__rlimit_resource_t)what, &now) == 0 &&
	    now.rlim_max < rl.rlim_max)
		rl.rlim_max = rl.rlim_cur = now.rlim_max;
	if (setrlimit((__rlimit_resource_t)what, &rl) != 0)
		return (fail(e, name));
	return (0);
}

static int
apply_limits(const struct sandbox *s, uid_t uid, struct err *e)
{
	int r;

	if ((r = limit(RLIMIT_CORE, 0, "limit on core files", e)) != 0)
		return (r);
	if ((r = limit(RLIMIT_FSIZE, s->fsize_bytes, "limit on file size",
	    e)) != 0)
		return (r);
	if (s->cpu_s != 0 &&
	    (r = limit(RLIMIT_CPU, s->cpu_s, "limit on CPU time", e)) != 0)
		return (r);
	/* AddressSanitizer reserves terabytes of addresses. */
	if (s->as_bytes != 0 && !UNDER_ASAN && (r = limit(RLIMIT_AS,
	    address_space() + s->as_bytes, "limit on memory", e)) != 0)
		return (r);
	if (s->nofile != 0 &&
	    (r = limit(RLIMIT_NOFILE, s->nofile, "limit on files", e)) != 0)
		return (r);
	if (s->nproc != 0 && (r = limit(RLIMIT_NPROC,
	    count_processes(uid) + s->nproc, "limit on processes", e)) != 0)
		return (r);
	return (0);
}

/* --- Landlock ------------------------------------------------------------- */

static int
ll_allow(int rules, const char *const *paths, uint64_t rights, struct err *e)
{
	for (; rights != 0 && paths != NULL && *paths != NULL; paths++) {
		struct stat st;
		struct ll_path p = { .access = rights };

		p.fd = open(*paths, O_PATH | O_CLOEXEC);
		if (p.fd < 0)
			continue;
		if (fstat(p.fd, &st) == 0 && !S_ISDIR(st.st_mode))
			p.access &= ~LL_FS_READ_DIR;
		long r = p.access == 0 ? 0 :
		    syscall(SYS_LANDLOCK_ADD, rules, LL_RULE_PATH, &p, 0);
		close(p.fd);
		if (r != 0)
			return (fail(e, "Landlock rule"));
	}
	return (0);
}

/* A rule may only speak of rights that the set handles. */
static int
ll_fill(int rules, const struct sandbox *s, const struct ll_ruleset *set,
    struct err *e)
{
	const uint64_t rd = LL_FS_READ_FILE | LL_FS_READ_DIR;
	const uint64_t wr = rd | LL_FS_WRITE_FILE | LL_FS_TRUNCATE;
	/* Programs open it to have something in the place of 0, 1 and 2. */
	const char *const null[] = { "/dev/null", NULL };
	int r;

	if ((r = ll_allow(rules, null, wr & set->fs, e)) != 0 ||
	    (r = ll_allow(rules, s->read, rd & set->fs, e)) != 0 ||
	    (r = ll_allow(rules, s->exec, (rd | LL_FS_EXECUTE) & set->fs,
	    e)) != 0 || (r = ll_allow(rules, s->write, wr & set->fs, e)) != 0)
		return (r);
	for (size_t i = 0; set->net != 0 && i < s->nports; i++) {
		struct ll_port p = { LL_NET_CONNECT, s->ports[i] };

		if (syscall(SYS_LANDLOCK_ADD, rules, LL_RULE_PORT, &p, 0) != 0)
			return (fail(e, "Landlock rule for a port"));
	}
	return (0);
}

static int
apply_landlock(const struct sandbox *s, struct sandbox_report *rep,
    struct err *e)
{
	int abi = rep->landlock_abi = ll_abi();
	struct ll_ruleset set = { .fs = ll_fs_rights(abi) };
	size_t size = abi >= 6 ? sizeof(set) : abi >= 4 ? 16 : 8;
	int rules, r;

	if (abi == 0)
		return (0);
	if (s->read == NULL)
		set.fs &= ~(LL_FS_READ_FILE | LL_FS_READ_DIR);
	if (abi >= 4 && (s->profile != SANDBOX_NET || s->ports != NULL))
		set.net = LL_NET_BIND | LL_NET_CONNECT;
	if (abi >= 6)
		set.scope = LL_SCOPE_ALL;
	rules = (int)syscall(SYS_LANDLOCK_CREATE, &set, size, 0);
	if (rules < 0)
		return (fail(e, "Landlock"));
	r = ll_fill(rules, s, &set, e);
	if (r == 0 && syscall(SYS_LANDLOCK_RESTRICT, rules, 0) != 0)
		r = fail(e, "Landlock");
	close(rules);
	if (r != 0)
		return (r);
	rep->landlock = true;
	rep->landlock_net = set.net != 0;
	return (0);
}

/* --- ids and capabilities ------------------------------------------------- */

static int
set_caps(uint64_t caps, struct err *e)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	for (int i = 0; i < 2; i++)
		d[i].effective = d[i].permitted = d[i].inheritable =
		    (uint32_t)(caps >> (32 * i));
	if (syscall(SYS_capset, &h, d) != 0)
		return (fail(e, "giving up capabilities"));
	return (0);
}

static int
apply_ids(const struct sandbox *s, struct sandbox_report *rep, struct err *e)
{
	uid_t uid = s->uid != 0 ? s->uid : NOBODY;
	gid_t gid = s->gid != 0 ? s->gid : NOBODY;
	uint64_t keep = s->keep_read ? UINT64_C(1) << CAP_DAC_READ_SEARCH : 0;
	int sig = 0, r;

	if (geteuid() != 0)
		return (set_caps(0, e));
	(void)prctl(PR_GET_PDEATHSIG, &sig);
	for (int c = 0; c <= 63; c++)
		if (!(keep >> c & 1))
			(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	/*
	 * access(2) asks for the real user and leaves capabilities out, unless
	 * this bit says that ids and capabilities are two things. Programs that
	 * we run (git) ask so. Where it may not be set they read less.
	 */
	if (keep != 0)
		(void)prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP |
		    SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return (fail(e, "keeping a capability"));
	if (setgroups(0, NULL) != 0 && getgroups(0, NULL) > 0)
		return (fail(e, "giving up groups"));
	/*
	 * In a user namespace that maps root alone there is nobody to become;
	 * then root without capabilities it is, and the report says so.
	 */
	if (setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0)
		rep->dropped = true;
	else if (errno != EINVAL)
		return (fail(e, "giving up root"));
	if ((r = set_caps(keep, e)) != 0)
		return (r);
	if (keep != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
	    CAP_DAC_READ_SEARCH, 0, 0) != 0)
		return (fail(e, "keeping the right to read"));
	/* A change of ids takes the signal away that ends us with our parent. */
	if (sig != 0 && prctl(PR_SET_PDEATHSIG, sig) != 0)
		return (fail(e, "following the parent"));
	return (0);
}

/* --- seccomp -------------------------------------------------------------- */

/* What computing and reading of descriptors needs; the rest is refused. */
static const int sql_allowed[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(preadv),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek),
	SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(fcntl),
	SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(mmap),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(getpid),
	SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(getrandom), SCMP_SYS(getrlimit), SCMP_SYS(getrusage),
	SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(set_robust_list),
	SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(fadvise64),
	SCMP_SYS(flock),
};

/* What no collector needs, whatever it reads. */
static const int never[] = {
	SCMP_SYS(setsid), SCMP_SYS(setpgid), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(kcmp), SCMP_SYS(pidfd_getfd), SCMP_SYS(unshare),
	SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount),
	SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount),
	SCMP_SYS(mount_setattr), SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(io_uring_setup), SCMP_SYS(swapon), SCMP_SYS(swapoff),
	SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime), SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname), SCMP_SYS(syslog), SCMP_SYS(iopl),
	SCMP_SYS(ioperm), SCMP_SYS(personality), SCMP_SYS(mknod),
	SCMP_SYS(mknodat), SCMP_SYS(name_to_handle_at),
	SCMP_SYS(open_by_handle_at), SCMP_SYS(setxattr),
	SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr), SCMP_SYS(chmod),
	SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(chown),
	SCMP_SYS(fchown), SCMP_SYS(lchown), SCMP_SYS(fchownat),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(truncate), SCMP_SYS(memfd_create),
};

static const int no_children[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal),
};

#define FORK_FLAG 0x00010000u /* CLONE_THREAD: absent when a process is made */

/* Threads yes, processes no. clone3 hides its flags: the C library falls back
 * to clone when there is none. */
static int
rules_no_fork(scmp_filter_ctx f, bool allow_list)
{
	int r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
	    0);

	if (allow_list)
		return (r != 0 ? r : seccomp_rule_add(f, SCMP_ACT_ALLOW,
		    SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, FORK_FLAG,
		    FORK_FLAG)));
	return (r != 0 ? r : seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, FORK_FLAG, 0)));
}

static int
rules_sql(scmp_filter_ctx f)
{
	int r = rules_no_fork(f, true);

	for (size_t i = 0; r == 0 && i < sizeof(sql_allowed) /
	    sizeof(sql_allowed[0]); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, sql_allowed[i], 0);
	/* open for reading: no access mode, O_CREAT or O_TRUNC beside it. */
	const uint64_t mask = O_ACCMODE | O_CREAT | O_TRUNC;
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));
	/* prctl(PR_SET_VMA) names memory: the C library's and sanitizers'. */
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, 0x53564d41));
	if (r == 0) /* abort() */
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		    SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid()));
	if (r == 0) /* reading limits only */
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
		    SCMP_A2(SCMP_CMP_EQ, 0));
	return (r);
}

static int
rules_refuse(scmp_filter_ctx f, enum sandbox_profile profile)
{
	static const unsigned local[] = { AF_UNIX, AF_NETLINK };
	static const unsigned net[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	const unsigned *fam = profile == SANDBOX_NET ? net : local;
	size_t n = profile == SANDBOX_NET ? 4 : 2;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(never) / sizeof(never[0]); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), never[i], 0);
	/* Every family but those; families are small numbers, and what is
	 * greater than the last of them is refused in one rule. */
	for (unsigned d = 0; r == 0 && d < 64; d++) {
		bool ok = false;
		for (size_t i = 0; i < n; i++)
			ok |= fam[i] == d;
		if (!ok)
			r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT),
			    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, d));
	}
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, 64));
	if (profile != SANDBOX_NET)
		return (r);
	for (size_t i = 0; r == 0 && i < sizeof(no_children) /
	    sizeof(no_children[0]); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), no_children[i],
		    0);
	return (r != 0 ? r : rules_no_fork(f, false));
}

static int
apply_seccomp(const struct sandbox *s, struct sandbox_report *rep,
    struct err *e)
{
	scmp_filter_ctx f = seccomp_init(s->profile == SANDBOX_SQL ?
	    SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	int r;

	if (f == NULL) {
		errno = ENOMEM;
		return (fail(e, "seccomp"));
	}
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = s->profile == SANDBOX_SQL ? rules_sql(f) :
	    rules_refuse(f, s->profile);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r != 0) {
		errno = -r;
		return (fail(e, "seccomp"));
	}
	rep->seccomp = true;
	return (0);
}

/* ------------------------------------------------------------------------ */

static void
report_text(struct sandbox_report *r, bool was_root)
{
	char ll[64] = "landlock: none in this kernel";

	if (r->landlock)
		(void)snprintf(ll, sizeof(ll), "landlock %d%s", r->landlock_abi,
		    r->landlock_net ? " with network rules" : "");
	(void)snprintf(r->text, sizeof(r->text), "%s%s%s; %s; %s",
	    r->no_new_privs ? "no_new_privs" : "",
	    r->seccomp ? " seccomp" : "", " limits", ll,
	    !was_root ? "own user" : r->dropped ? "root given up" :
	    "root without capabilities");
}

int
sandbox_apply(const struct sandbox *s, struct sandbox_report *ret,
    struct err *e)
{
	struct sandbox_report rep = { 0 };
	bool root = geteuid() == 0;
	uid_t uid = !root ? getuid() : s->uid != 0 ? s->uid : NOBODY;
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return (fail(e, "no_new_privs"));
	rep.no_new_privs = true;
	/* The limits count what /proc tells, so they come before Landlock takes
	 * it away; Landlock opens paths, so it comes before the ids change. */
	if ((r = apply_limits(s, uid, e)) != 0 ||
	    (r = apply_landlock(s, &rep, e)) != 0 ||
	    (r = apply_ids(s, &rep, e)) != 0 ||
	    (r = apply_seccomp(s, &rep, e)) != 0)
		return (r);
	report_text(&rep, root);
	if (ret != NULL)
		*ret = rep;
	return (0);
}

void
sandbox_probe(struct sandbox_report *ret)
{
	struct sandbox_report rep = { 0 };

	rep.landlock_abi = ll_abi();
	rep.landlock = rep.landlock_abi > 0;
	rep.landlock_net = rep.landlock_abi >= 4;
	rep.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0;
	rep.seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
	report_text(&rep, false);
	*ret = rep;
}
