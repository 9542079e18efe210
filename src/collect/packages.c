/*
 * Installed packages from dpkg's status file, and what updates wait for them
 * from the lists that apt fetched last. The lists tell what is missing only
 * while they are fresh: old ones say nothing about today, and make the two
 * columns unknown.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "collect/host.h"
#include "helper/helper.h"
#include "sys/proc.h"

#define LISTS "/var/lib/apt/lists"
#define APT_HELPER "/usr/lib/apt/apt-helper"
#define STATUS_MAX ((size_t)256 << 20)
#define DAYS_USUAL 7

/* --- versions: deb-version(7), lib/dpkg/version.c ------------------------- */

static int
order(const char *p, const char *end)
{
	if (p >= end || isdigit((unsigned char)*p))
		return (0);
	if (isalpha((unsigned char)*p))
		return (*p);
	return (*p == '~' ? -1 : (unsigned char)*p + 256);
}

static int
compare_part(struct str x, struct str y)
{
	const char *a = x.len > 0 ? x.ptr : "", *ae = a + x.len;
	const char *b = y.len > 0 ? y.ptr : "", *be = b + y.len;

	while (a < ae || b < be) {
		int first = 0;
		while ((a < ae && !isdigit((unsigned char)*a)) ||
		    (b < be && !isdigit((unsigned char)*b))) {
			int oa = order(a, ae), ob = order(b, be);
			if (oa != ob)
				return (oa - ob);
			a += a < ae;
			b += b < be;
		}
		while (a < ae && *a == '0')
			a++;
		while (b < be && *b == '0')
			b++;
		while (a < ae && isdigit((unsigned char)*a) && b < be &&
		    isdigit((unsigned char)*b)) {
			if (first == 0)
				first = *a - *b;
			a++;
			b++;
		}
		if (a < ae && isdigit((unsigned char)*a))
			return (1);
		if (b < be && isdigit((unsigned char)*b))
			return (-1);
		if (first != 0)
			return (first);
	}
	return (0);
}

struct version {
	int64_t epoch;
	struct str upstream, revision;
};

static struct version
split_version(struct str s)
{
	struct version v = { .upstream = STR_NULL };
	ptrdiff_t colon = str_find(s, ":");
	size_t dash = s.len;

	if (colon >= 0) {
		(void)str_to_i64((struct str){ s.ptr, (size_t)colon },
		    &v.epoch);
		s.ptr += colon + 1;
		s.len -= (size_t)colon + 1;
		dash = s.len;
	}
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == '-') {
			dash = i - 1;
			break;
		}
	v.upstream = (struct str){ s.ptr, dash };
	if (dash < s.len)
		v.revision = (struct str){ s.ptr + dash + 1,
			s.len - dash - 1 };
	return (v);
}

int
packages_compare(struct str a, struct str b)
{
	struct version x = split_version(a), y = split_version(b);

	if (x.epoch != y.epoch)
		return (x.epoch < y.epoch ? -1 : 1);
	int r = compare_part(x.upstream, y.upstream);
	return (r != 0 ? r : compare_part(x.revision, y.revision));
}

/* --- control files -------------------------------------------------------- */

bool
packages_next(struct str *rest, struct str *stanza)
{
	struct str line;

	while (rest->len > 0 && rest->ptr[0] == '\n') {
		rest->ptr++;
		rest->len--;
	}
	*stanza = (struct str){ rest->ptr, 0 };
	while (str_split(rest, '\n', &line) && line.len > 0)
		stanza->len = (size_t)(line.ptr + line.len - stanza->ptr);
	return (stanza->len > 0);
}

struct str
packages_field(struct str stanza, const char *name)
{
	size_t n = strlen(name);
	struct str line;

	while (str_split(&stanza, '\n', &line))
		if (line.len > n && line.ptr[n] == ':' &&
		    memcmp(line.ptr, name, n) == 0)
			return (str_trim((struct str){ line.ptr + n + 1,
			    line.len - n - 1 }));
	return (STR_NULL);
}

/* --- what is installed ---------------------------------------------------- */

struct package {
	struct str name, arch, version;
	struct str security; /* newest of a security archive, if newer */
	struct str update;   /* newest of all, if newer */
	bool held;
};

struct packages {
	struct host *h;
	struct map by_name; /* "name:arch" to struct package */
	VEC(struct package *) all;
};

static const char *
name_arch(struct arena *a, struct str name, struct str arch)
{
	return (arena_printf(a, STR_FMT ":" STR_FMT, STR_ARG(name),
	    STR_ARG(arch)));
}

static void
read_status(struct packages *p, struct str text)
{
	struct arena *a = p->h->a;
	struct str stanza;

	map_init(&p->by_name, a);
	while (packages_next(&text, &stanza)) {
		struct str status = packages_field(stanza, "Status");
		struct package k = { .name = packages_field(stanza, "Package"),
			.arch = packages_field(stanza, "Architecture"),
			.version = packages_field(stanza, "Version"),
			.held = str_starts(status, "hold ") };
		if (!str_ends(status, " installed") || k.name.len == 0 ||
		    k.version.len == 0)
			continue;
		if (k.arch.len == 0)
			k.arch = STR("all");
		struct str key = str_from(name_arch(a, k.name, k.arch));
		if (map_get(&p->by_name, key) != NULL)
			continue;
		struct package *keep = arena_new(a, struct package);
		*keep = k;
		(void)map_put(&p->by_name, key, keep);
		vec_push(&p->all, keep);
	}
}

/* --- the lists of apt ----------------------------------------------------- */

struct list {
	char *path;   /* on this machine, below the root */
	bool release;
	bool security; /* of an archive of security updates */
	bool used;
};
struct lists {
	VEC(struct list) at;
	int64_t fetched; /* the newest sign of an update of the lists */
};

static int64_t
newest(const struct host *h, const char *path, bool changed)
{
	struct stat st;
	char full[4096];

	(void)snprintf(full, sizeof(full), "%s%s", h->root, path);
	if (stat(full, &st) != 0)
		return (0);
	return ((int64_t)(changed ? st.st_ctim.tv_sec : st.st_mtim.tv_sec) *
	    CLOCK_SECOND);
}

static void
later(int64_t *when, int64_t other)
{
	if (other > *when)
		*when = other;
}

/* deb.debian.org_debian_dists_bookworm_ of a Release or a Packages file: what
 * the file names of one archive begin with. */
static size_t
archive_prefix(const char *name)
{
	const char *dists = strstr(name, "_dists_"), *end;

	if (dists == NULL)
		return (0);
	end = strstr(dists, "_InRelease");
	if (end == NULL)
		end = strstr(dists, "_Release");
	return (end != NULL ? (size_t)(end - name) + 1 : 0);
}

static bool
is_packages(const char *name)
{
	const char *p = strstr(name, "_Packages");

	return (p != NULL && strstr(name, ".gpg") == NULL &&
	    (p[9] == '\0' || p[9] == '.'));
}

/* A Release file that calls itself one of security updates. */
static bool
says_security(struct host *h, const char *path)
{
	struct str text, line;
	static const char *const fields[] = { "Label:", "Suite:",
		"Codename:" };

	if (host_read(h, path, 1 << 22, &text, NULL) != 0)
		return (false);
	while (str_split(&text, '\n', &line))
		for (size_t i = 0; i < 3; i++)
			if (str_starts(line, fields[i]) &&
			    (str_find(line, "ecurity") >= 0))
				return (true);
	return (false);
}

static void
find_lists(struct host *h, struct lists *ls)
{
	char full[4096];
	struct dirent *de;
	DIR *d;

	(void)snprintf(full, sizeof(full), "%s" LISTS, h->root);
	if ((d = opendir(full)) == NULL)
		return;
	while ((de = readdir(d)) != NULL && ls->at.n < 4096) {
		bool release = archive_prefix(de->d_name) > 0;
		if (release || is_packages(de->d_name))
			vec_push(&ls->at, (struct list){ .path = arena_printf(
			    h->a, LISTS "/%s", de->d_name),
			    .release = release });
	}
	closedir(d);
	/* An update that changed nothing leaves its mark elsewhere. */
	later(&ls->fetched, newest(h, LISTS "/partial", false));
	later(&ls->fetched, newest(h, LISTS, false));
	later(&ls->fetched, newest(h,
	    "/var/lib/apt/periodic/update-success-stamp", false));
	later(&ls->fetched, newest(h, "/var/cache/apt/pkgcache.bin", false));
	size_t skip = strlen(LISTS "/");
	for (size_t i = 0; i < ls->at.n; i++) {
		struct list *r = &ls->at.at[i];
		size_t n = r->release ? archive_prefix(r->path + skip) : 0;
		if (n == 0)
			continue;
		r->security = says_security(h, r->path);
		later(&ls->fetched, newest(h, r->path, true));
		for (size_t k = 0; k < ls->at.n; k++)
			if (!ls->at.at[k].release && strncmp(ls->at.at[k].path,
			    r->path, skip + n) == 0) {
				ls->at.at[k].security |= r->security;
				ls->at.at[k].used = true;
			}
	}
}

static void
offer(struct packages *p, struct str stanza, bool security)
{
	char key[512];
	struct str name = packages_field(stanza, "Package");
	struct str arch = packages_field(stanza, "Architecture");
	struct str version = packages_field(stanza, "Version");

	(void)snprintf(key, sizeof(key), STR_FMT ":" STR_FMT, STR_ARG(name),
	    STR_ARG(arch));
	struct package *k = map_get(&p->by_name, str_from(key));
	if (k == NULL || version.len == 0 ||
	    packages_compare(version, k->version) <= 0)
		return;
	if (k->update.len == 0 || packages_compare(version, k->update) > 0)
		k->update = arena_str(p->h->a, version);
	if (security && (k->security.len == 0 ||
	    packages_compare(version, k->security) > 0))
		k->security = arena_str(p->h->a, version);
}

/* Stanzas of a stream; the rest of one that is not whole stays in ${b}. */
static void
offer_all(struct packages *p, struct buf *b, bool last, bool security)
{
	struct str rest = buf_str(b), stanza;
	size_t whole = b->len;

	while (!last && whole > 1 && !(b->ptr[whole - 1] == '\n' &&
	    b->ptr[whole - 2] == '\n'))
		whole--;
	if (!last && whole <= 1)
		return;
	rest.len = whole;
	while (packages_next(&rest, &stanza))
		offer(p, stanza, security);
	memmove(b->ptr, b->ptr + whole, b->len - whole);
	b->len -= whole;
}

/* Lists may be compressed in any of apt's ways: let apt read those. */
static int
read_list(struct packages *p, const struct list *l, struct err *e)
{
	PROC_SCOPED child = PROC_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct proc_end end;
	const char *full = arena_printf(p->h->a, "%s%s", p->h->root, l->path);
	bool plain = strcmp(full + strlen(full) - 9, "_Packages") == 0;
	int64_t n;

	struct proc_opts o = { .argv = (const char *[]){ plain ? "cat" :
	    APT_HELPER, plain ? "--" : "cat-file", full, NULL } };
	int rc = proc_spawn(&child, &o, e);
	if (rc != 0)
		return (rc);
	do {
		buf_reserve(&b, 262144);
		n = proc_read(&child, b.ptr + b.len, 262144, e);
		if (n < 0 || b.len > STATUS_MAX)
			return (n < 0 ? (int)n : err_set(e, ERR_LIMIT, full,
			    NULL, "the list is too long"));
		b.len += (size_t)n;
		offer_all(p, &b, n == 0, l->security);
	} while (n > 0);
	proc_wait(&child, &end);
	return (proc_ok(&end) ? 0 : err_set(e, ERR_IO, full, NULL, "the list "
	    "cannot be read: apt %s", end.words));
}

/* Why the lists do not tell what is missing; NULL if they do. */
static const char *
read_offers(struct packages *p)
{
	struct host *h = p->h;
	struct lists ls = { 0 };
	struct str days = job_option(h->job, "apt-days");
	int64_t most = DAYS_USUAL, age;
	bool security = false;
	const char *why = NULL;
	struct err e = { 0 };

	(void)str_to_i64(days, &most);
	find_lists(h, &ls);
	for (size_t i = 0; i < ls.at.n; i++)
		security |= ls.at.at[i].security && !ls.at.at[i].release;
	age = (clock_now() - ls.fetched) / CLOCK_DAY;
	if (ls.at.n == 0)
		why = "apt has no package lists";
	else if (!security)
		why = "no package list is of an archive of security updates";
	else if (age > most)
		why = arena_printf(h->a, "the package lists are %lld days "
		    "old: run apt-get update", (long long)age);
	for (size_t i = 0; why == NULL && i < ls.at.n; i++)
		if (!ls.at.at[i].release && ls.at.at[i].used &&
		    read_list(p, &ls.at.at[i], &e) != 0)
			why = arena_strdup(h->a, e.what);
	vec_free(&ls.at);
	return (why);
}

/* --- the table ------------------------------------------------------------ */

static void
put_package(struct host *h, const struct package *k, bool known)
{
	struct cell c[F_PACKAGE_HELD + 1] = { 0 };

	c[F_PACKAGE_HOST] = CELL_STR(h->name);
	c[F_PACKAGE_NAME] = job_text(h->job, k->name);
	c[F_PACKAGE_ARCH] = job_text(h->job, k->arch);
	c[F_PACKAGE_VERSION] = job_text(h->job, k->version);
	c[F_PACKAGE_SECURITY_UPDATE] = known ? job_text(h->job, k->security) :
	    CELL_BLIND;
	c[F_PACKAGE_UPDATE_AVAILABLE] = known ? job_text(h->job, k->update) :
	    CELL_BLIND;
	c[F_PACKAGE_HELD] = CELL_INT(k->held);
	job_row(h->job, c);
}

void
host_packages(struct host *h)
{
	struct packages p = { .h = h };
	struct str text;
	struct err e = { 0 };
	const char *why;
	int rc = host_read(h, "/var/lib/dpkg/status", STATUS_MAX, &text, &e);

	if (rc != 0) {
		job_blind(h->job, T_PACKAGE, "%s", rc == -ERR_NOTFOUND ?
		    "the machine has no dpkg: other package managers are not "
		    "read" : e.what);
		return;
	}
	read_status(&p, text);
	why = read_offers(&p);
	job_table(h->job, T_PACKAGE);
	for (size_t i = 0; i < p.all.n; i++)
		put_package(h, p.all.at[i], why == NULL);
	job_end(h->job, why == NULL ? NULL : arena_printf(h->a, "what updates "
	    "are missing is unknown: %s", why));
	vec_free(&p.all);
}
