/*
 * Mounts and block devices. Whether storage is encrypted is told by the kernel
 * itself: a device-mapper device whose uuid begins with CRYPT-, somewhere
 * below what is mounted, on every path down to the disks.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "collect/host.h"

#define BLOCK "/sys/class/block"
#define DEPTH_MAX 16
#define DEVICES_MAX 4096

/* --- /proc/self/mountinfo: proc(5) ---------------------------------------- */

/* \040 and its like. */
static struct str
unescape(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		int v = 0, k = 0;
		while (s.ptr[i] == '\\' && k < 3 && i + 1 + (size_t)k < s.len &&
		    s.ptr[i + 1 + (size_t)k] >= '0' &&
		    s.ptr[i + 1 + (size_t)k] <= '7')
			v = v * 8 + (s.ptr[i + 1 + (size_t)k++] - '0');
		if (k == 3 && v > 0 && v < 256) {
			out[n++] = (char)v;
			i += 3;
		} else
			out[n++] = s.ptr[i];
	}
	return ((struct str){ out, n });
}

static int
by_text(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* Options of the mount and of its file system, sorted, each once. */
static struct str
merge_options(struct arena *a, struct str own, struct str super)
{
	struct str all[512], one;
	size_t n = 0;
	BUF_SCOPED b = BUF_INIT;

	while (n < 256 && str_split(&own, ',', &one) && one.len > 0)
		all[n++] = one;
	/* Of ro and rw the mount's own word counts. */
	while (n < 512 && str_split(&super, ',', &one) && one.len > 0)
		if (!str_is(one, "ro") && !str_is(one, "rw"))
			all[n++] = one;
	qsort(all, n, sizeof(all[0]), by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(all[i], all[i - 1]))
			buf_printf(&b, "%s" STR_FMT, b.len > 0 ? "," : "",
			    STR_ARG(all[i]));
	return (arena_str(a, buf_str(&b)));
}

bool
disks_read_mount(struct arena *a, struct str line, struct disks_mount *ret)
{
	struct disks_mount m = { 0 };
	struct str f[6], word, super = STR_NULL;
	int64_t major, minor;

	for (size_t i = 0; i < 6; i++)
		if (!str_split(&line, ' ', &f[i]))
			return (false);
	while (str_split(&line, ' ', &word) && !str_is(word, "-"))
		; /* optional fields */
	if (!str_split(&line, ' ', &m.fstype) ||
	    !str_split(&line, ' ', &m.device))
		return (false);
	(void)str_split(&line, ' ', &super);
	if (!str_split(&f[2], ':', &word) || !str_to_i64(word, &major) ||
	    !str_to_i64(f[2], &minor) || major < 0 || minor < 0 ||
	    major > UINT_MAX || minor > UINT_MAX || m.fstype.len == 0)
		return (false);
	m.major = (unsigned)major;
	m.minor = (unsigned)minor;
	m.target = unescape(a, f[4]);
	m.device = unescape(a, m.device);
	m.options = merge_options(a, f[5], super);
	*ret = m;
	return (true);
}

static bool
one_of(struct str s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (str_is(s, *list))
			return (true);
	return (false);
}

static bool
is_pseudo(struct str fstype)
{
	static const char *const kinds[] = { "proc", "sysfs", "devtmpfs",
		"tmpfs", "devpts", "cgroup", "cgroup2", "pstore", "bpf",
		"securityfs", "debugfs", "tracefs", "configfs", "mqueue",
		"hugetlbfs", "fusectl", "autofs", "binfmt_misc", "ramfs",
		"efivarfs", "rpc_pipefs", "nsfs", "selinuxfs", "fuse.gvfsd-fuse",
		"fuse.portal", "fuse.lxcfs", "nfsd", "rootfs", NULL };

	return (one_of(fstype, kinds));
}

static bool
is_network(struct str fstype)
{
	static const char *const kinds[] = { "nfs", "nfs4", "cifs", "smb3",
		"smbfs", "ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs",
		"9p", "afs", "fuse.sshfs", "fuse.s3fs", "lustre", "gfs2",
		"ocfs2", "virtiofs", "davfs", "fuse.davfs2", NULL };

	return (one_of(fstype, kinds));
}

/* --- the stack of block devices ------------------------------------------- */

struct device {
	struct str name;
	unsigned major, minor;
	struct str dm_uuid;
	struct str parents; /* names with commas between */
	struct str fstype, mountpoint;
	bool fstype_known;
	bool partition, removable;
	bool encrypted;
	int64_t size;
};

struct disks {
	struct host *h;
	struct device *at;
	size_t n;
	struct disks_mount *mounts;
	size_t nmounts;
	bool udev; /* what lies on devices is known to udev */
	bool blkid;
};

static struct str
sys_read(struct host *h, const char *fmt, const char *name)
{
	char path[PATH_MAX];
	struct str s;
	int n = snprintf(path, sizeof(path), "%s/%s/%s", BLOCK, name, fmt);

	if (n < 0 || (size_t)n >= sizeof(path) ||
	    host_read(h, path, 65536, &s, NULL) != 0)
		return (STR_NULL);
	return (str_trim(s));
}

static struct str
list_dir(struct host *h, const char *path)
{
	BUF_SCOPED b = BUF_INIT;
	struct dirent *de;
	DIR *d = opendir(path);

	while (d != NULL && (de = readdir(d)) != NULL)
		if (de->d_name[0] != '.')
			buf_printf(&b, "%s%s", b.len > 0 ? "," : "",
			    de->d_name);
	if (d != NULL)
		closedir(d);
	return (arena_str(h->a, buf_str(&b)));
}

/* The disk that a partition is part of: the folder above its own. */
static struct str
disk_of(struct host *h, const char *name)
{
	char link[PATH_MAX], real[PATH_MAX];
	char *slash;

	(void)snprintf(link, sizeof(link), "%s/%s", BLOCK, name);
	if (realpath(link, real) == NULL ||
	    (slash = strrchr(real, '/')) == NULL)
		return (STR_NULL);
	*slash = '\0';
	slash = strrchr(real, '/');
	return (slash == NULL ? STR_NULL :
	    str_from(arena_strdup(h->a, slash + 1)));
}

/* E:ID_FS_TYPE=ext4 of udev's own file. */
static void
ask_udev(struct disks *d, struct device *x)
{
	char path[64];
	struct str text, line;

	(void)snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", x->major,
	    x->minor);
	if (host_read(d->h, path, 1 << 20, &text, NULL) != 0)
		return;
	d->udev = x->fstype_known = true;
	while (str_split(&text, '\n', &line))
		if (str_starts(line, "E:ID_FS_TYPE="))
			x->fstype = (struct str){ line.ptr + 13,
				line.len - 13 };
}

static bool
read_device(struct disks *d, const char *name, struct device *ret)
{
	struct host *h = d->h;
	struct device x = { .name = str_from(arena_strdup(h->a, name)) };
	struct str dev = sys_read(h, "dev", name), major;
	int64_t v;

	if (!str_split(&dev, ':', &major) || !str_to_i64(major, &v))
		return (false);
	x.major = (unsigned)v;
	if (!str_to_i64(dev, &v))
		return (false);
	x.minor = (unsigned)v;
	if (str_to_i64(sys_read(h, "size", name), &v))
		x.size = v * 512; /* sectors, whatever the disk's are */
	x.partition = sys_read(h, "partition", name).len > 0;
	x.removable = str_is(sys_read(h, "removable", name), "1");
	x.dm_uuid = sys_read(h, "dm/uuid", name);
	x.parents = x.partition ? disk_of(h, name) : list_dir(h,
	    arena_printf(h->a, "%s/%s/slaves", BLOCK, name));
	ask_udev(d, &x);
	*ret = x;
	return (true);
}

static int
by_name(const void *a, const void *b)
{
	return (str_cmp(((const struct device *)a)->name,
	    ((const struct device *)b)->name));
}

static int
read_devices(struct disks *d)
{
	struct dirent *de;
	DIR *dir = opendir(BLOCK);

	if (dir == NULL)
		return (-1);
	d->at = arena_array(d->h->a, DEVICES_MAX, sizeof(*d->at));
	while ((de = readdir(dir)) != NULL && d->n < DEVICES_MAX) {
		struct device x;
		/* Loop devices and memory disks that nothing uses. */
		if (de->d_name[0] == '.' || !read_device(d, de->d_name, &x) ||
		    (x.size == 0 && !x.removable) || str_starts(x.name, "ram"))
			continue;
		d->at[d->n++] = x;
	}
	closedir(dir);
	qsort(d->at, d->n, sizeof(*d->at), by_name);
	return (0);
}

static struct device *
device_named(struct disks *d, struct str name)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->at[i].name, name))
			return (&d->at[i]);
	return (NULL);
}

/* It is a dm-crypt device, or all that it lies on is. */
static bool
lies_encrypted(struct disks *d, const struct device *x, int depth)
{
	struct str rest = x->parents, name;
	bool any = false;

	if (str_starts(x->dm_uuid, "CRYPT-"))
		return (true);
	if (depth > DEPTH_MAX)
		return (false);
	while (str_split(&rest, ',', &name) && name.len > 0) {
		const struct device *p = device_named(d, name);
		if (p == NULL || !lies_encrypted(d, p, depth + 1))
			return (false);
		any = true;
	}
	return (any);
}

/* DEVNAME=/dev/sda1 ... TYPE=ext4, an empty line between devices. */
static void
ask_blkid(struct disks *d)
{
	struct str text, line;
	struct device *x = NULL;

	if (host_ask(d->h, "block", &text, NULL) != 0)
		return;
	d->blkid = true;
	while (str_split(&text, '\n', &line)) {
		if (str_starts(line, "DEVNAME=/dev/"))
			x = device_named(d, (struct str){ line.ptr + 13,
			    line.len - 13 });
		else if (x != NULL && str_starts(line, "TYPE="))
			x->fstype = (struct str){ line.ptr + 5, line.len - 5 };
	}
}

/* What the mounts and swaps say of the devices. */
static void
join_mounts(struct disks *d)
{
	struct str text, line, name;

	for (size_t i = 0; i < d->nmounts; i++) {
		const struct disks_mount *m = &d->mounts[i];
		for (size_t k = 0; k < d->n; k++) {
			struct device *x = &d->at[k];
			bool same = (x->major == m->major &&
			    x->minor == m->minor) ||
			    (str_starts(m->device, "/dev/") && str_eq(x->name,
			    (struct str){ m->device.ptr + 5,
			    m->device.len - 5 }));
			if (!same || x->mountpoint.len > 0)
				continue;
			x->mountpoint = m->target;
			if (x->fstype.len == 0)
				x->fstype = m->fstype;
			x->fstype_known = true;
		}
	}
	if (host_read(d->h, "/proc/swaps", 65536, &text, NULL) != 0)
		return;
	while (str_split(&text, '\n', &line))
		if (str_starts(line, "/dev/") && str_split(&line, ' ', &name)) {
			struct device *x = device_named(d, (struct str){
			    name.ptr + 5, name.len - 5 });
			if (x == NULL)
				continue;
			x->mountpoint = STR("[SWAP]");
			x->fstype = STR("swap");
			x->fstype_known = true;
		}
}

static const char *
kind_of(const struct device *x)
{
	if (x->partition)
		return ("part");
	if (str_starts(x->dm_uuid, "CRYPT-"))
		return ("crypt");
	if (str_starts(x->dm_uuid, "LVM-"))
		return ("lvm");
	if (x->dm_uuid.len > 0 || str_starts(x->name, "dm-"))
		return ("dm");
	if (str_starts(x->name, "md"))
		return ("raid");
	if (str_starts(x->name, "loop"))
		return ("loop");
	if (str_starts(x->name, "zram"))
		return ("zram");
	return (str_starts(x->name, "sr") ? "rom" : "disk");
}

/* --- the tables ----------------------------------------------------------- */

static void
put_devices(struct disks *d)
{
	struct host *h = d->h;

	job_table(h->job, T_BLOCK_DEVICE);
	for (size_t i = 0; i < d->n; i++) {
		const struct device *x = &d->at[i];
		struct cell c[F_BLOCK_DEVICE_MOUNTPOINT + 1] = { 0 };
		bool luks = str_is(x->fstype, "crypto_LUKS") ||
		    str_is(x->fstype, "BitLocker");

		c[F_BLOCK_DEVICE_HOST] = CELL_STR(h->name);
		c[F_BLOCK_DEVICE_NAME] = job_text(h->job, x->name);
		c[F_BLOCK_DEVICE_KIND] = job_ctext(h->job, kind_of(x));
		c[F_BLOCK_DEVICE_PARENT] = job_text(h->job, x->parents);
		c[F_BLOCK_DEVICE_FSTYPE] = x->fstype.len > 0 ?
		    job_text(h->job, x->fstype) : x->fstype_known ||
		    d->blkid ? CELL_NONE : CELL_BLIND;
		/* A disk of which nobody could say what is on it may be
		 * encrypted as a whole. */
		bool enc = luks || lies_encrypted(d, x, 0);
		c[F_BLOCK_DEVICE_ENCRYPTED] = enc || x->fstype.len > 0 ||
		    x->fstype_known || d->blkid ? CELL_INT(enc) : CELL_BLIND;
		c[F_BLOCK_DEVICE_REMOVABLE] = CELL_INT(x->removable);
		c[F_BLOCK_DEVICE_SIZE_BYTES] = CELL_INT(x->size);
		c[F_BLOCK_DEVICE_MOUNTPOINT] = job_text(h->job, x->mountpoint);
		job_row(h->job, c);
	}
	job_end(h->job, NULL);
}

/* Whether what is mounted lies on encrypted storage; not known for what has no
 * device of this machine below it. */
static struct cell
mount_encrypted(struct disks *d, const struct disks_mount *m)
{
	if (is_pseudo(m->fstype))
		return (CELL_NONE);
	if (str_is(m->fstype, "ecryptfs") || str_is(m->fstype,
	    "fuse.gocryptfs") || str_is(m->fstype, "fuse.encfs"))
		return (CELL_INT(1));
	for (size_t i = 0; i < d->n; i++) {
		const struct device *x = &d->at[i];
		if (x->major == m->major && x->minor == m->minor)
			return (CELL_INT(lies_encrypted(d, x, 0)));
	}
	/* btrfs and its like have numbers of their own: by the name, which may
	 * be a link such as /dev/mapper/root. */
	if (str_starts(m->device, "/dev/")) {
		struct stat st;
		if (stat(arena_str(d->h->a, m->device).ptr, &st) == 0)
			for (size_t i = 0; i < d->n; i++)
				if (d->at[i].major == major(st.st_rdev) &&
				    d->at[i].minor == minor(st.st_rdev))
					return (CELL_INT(lies_encrypted(d,
					    &d->at[i], 0)));
	}
	return (CELL_BLIND);
}

static void
put_mounts(struct disks *d)
{
	struct host *h = d->h;
	struct map seen;

	map_init(&seen, h->a);
	job_table(h->job, T_MOUNT);
	/* Of mounts over each other the last one is seen. */
	for (size_t i = d->nmounts; i-- > 0;) {
		const struct disks_mount *m = &d->mounts[i];
		struct cell c[F_MOUNT_PSEUDO + 1] = { 0 };

		if (map_put(&seen, m->target, h) != NULL)
			continue;
		c[F_MOUNT_HOST] = CELL_STR(h->name);
		c[F_MOUNT_TARGET] = job_text(h->job, m->target);
		c[F_MOUNT_DEVICE] = m->device.len > 0 ?
		    job_text(h->job, m->device) : CELL_STR(STR("none"));
		c[F_MOUNT_FSTYPE] = job_text(h->job, m->fstype);
		c[F_MOUNT_OPTIONS] = m->options.len > 0 ?
		    job_text(h->job, m->options) : CELL_STR(STR("none"));
		c[F_MOUNT_ENCRYPTED] = mount_encrypted(d, m);
		c[F_MOUNT_NETWORK] = CELL_INT(is_network(m->fstype));
		c[F_MOUNT_PSEUDO] = CELL_INT(is_pseudo(m->fstype));
		job_row(h->job, c);
	}
	job_end(h->job, NULL);
}

static void
blind(struct host *h, const char *why)
{
	if (job_wants(h->job, T_MOUNT))
		job_blind(h->job, T_MOUNT, "%s", why);
	if (job_wants(h->job, T_BLOCK_DEVICE))
		job_blind(h->job, T_BLOCK_DEVICE, "%s", why);
}

void
host_disks(struct host *h)
{
	struct disks d = { .h = h };
	struct str text, line;
	struct err e = { 0 };
	size_t cap = 1;

	if (h->other) {
		blind(h, "a folder of files has no disks");
		return;
	}
	if (host_read(h, "/proc/self/mountinfo", (size_t)16 << 20, &text,
	    &e) != 0 || read_devices(&d) != 0) {
		blind(h, e.what[0] != '\0' ? e.what : BLOCK " cannot be read");
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		cap += text.ptr[i] == '\n';
	d.mounts = arena_array(h->a, cap, sizeof(*d.mounts));
	while (str_split(&text, '\n', &line))
		if (disks_read_mount(h->a, line, &d.mounts[d.nmounts]))
			d.nmounts++;
	if (!d.udev)
		ask_blkid(&d);
	join_mounts(&d);
	if (job_wants(h->job, T_MOUNT))
		put_mounts(&d);
	if (job_wants(h->job, T_BLOCK_DEVICE))
		put_devices(&d);
}
