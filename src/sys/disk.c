#include "sys/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEPTH 8 /* devices one below the other */

#define MAGIC_ECRYPTFS 0xf15fu
#define MAGIC_ZFS 0x2fc12fc1u
#define MAGIC_TMPFS 0x01021994u
#define MAGIC_RAMFS 0x858458f6u
#define MAGIC_OVERLAY 0x794c7630u
#define MAGIC_NFS 0x6969u
#define MAGIC_FUSE 0x65735546u

static enum disk_sealed
say(enum disk_sealed how, char *words, size_t cap, const char *text)
{
	snprintf(words, cap, "%s", text);
	return (how);
}

/* --- block devices -------------------------------------------------------- */

/* "CRYPT-LUKS2-..." of a device of the device mapper; empty if it is none. */
static void
mapper_uuid(const char *dir, char *out, size_t cap)
{
	char path[4096];
	ssize_t n = -1;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/dm/uuid", dir) <
	    sizeof(path) && (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		n = read(fd, out, cap - 1);
		close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
}

static enum disk_sealed walk(const char *dir, int depth, char *words,
    size_t cap);

/* All of the devices that it is made of, or none: one that is open decides. */
static enum disk_sealed
below(const char *dir, int depth, char *words, size_t cap)
{
	enum disk_sealed all = DISK_YES;
	char path[4096];
	struct dirent *x;
	size_t n = 0;
	DIR *d;

	if ((size_t)snprintf(path, sizeof(path), "%s/slaves", dir) >=
	    sizeof(path))
		return (say(DISK_UNKNOWN, words, cap, "a path is too long"));
	d = opendir(path);
	while (d != NULL && (x = readdir(d)) != NULL) {
		char sub[4096];
		enum disk_sealed one;
		if (x->d_name[0] == '.')
			continue;
		n++;
		if ((size_t)snprintf(sub, sizeof(sub), "%s/%s", path,
		    x->d_name) >= sizeof(sub))
			one = DISK_UNKNOWN;
		else
			one = walk(sub, depth + 1, words, cap);
		if (one == DISK_NO || (one == DISK_UNKNOWN && all == DISK_YES))
			all = one;
	}
	if (d != NULL)
		closedir(d);
	if (n == 0 || all == DISK_NO)
		return (say(DISK_NO, words, cap, "no layer of its block "
		    "device encrypts"));
	return (all);
}

static enum disk_sealed
walk(const char *dir, int depth, char *words, size_t cap)
{
	char uuid[256];
	struct stat st;

	if (depth > DEPTH || stat(dir, &st) != 0)
		return (say(DISK_UNKNOWN, words, cap,
		    "the system does not tell of its block device"));
	mapper_uuid(dir, uuid, sizeof(uuid));
	if (strncmp(uuid, "CRYPT-", 6) == 0)
		return (say(DISK_YES, words, cap, strncmp(uuid + 6, "LUKS",
		    4) == 0 ? "dm-crypt (LUKS)" : "dm-crypt"));
	return (below(dir, depth, words, cap));
}

enum disk_sealed
disk_sealed_device(const char *sys, const char *name, char *words, size_t cap)
{
	char dir[4096];

	if ((size_t)snprintf(dir, sizeof(dir), "%s/%s", sys, name) >=
	    sizeof(dir))
		return (say(DISK_UNKNOWN, words, cap, "a path is too long"));
	return (walk(dir, 0, words, cap));
}

/* --- file systems --------------------------------------------------------- */

/* Has the directory a policy of fscrypt? */
static bool
fscrypt(const char *path)
{
	struct fscrypt_get_policy_ex_arg arg = {
		.policy_size = sizeof(arg.policy) };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool has;

	if (fd < 0)
		return (false);
	has = ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY_EX, &arg) == 0;
	close(fd);
	return (has);
}

enum disk_sealed
disk_sealed(const char *path, char *words, size_t cap)
{
	struct statfs fs;
	struct stat st;
	char name[32];

	if (statfs(path, &fs) != 0 || stat(path, &st) != 0)
		return (say(DISK_UNKNOWN, words, cap, strerror(errno)));
	if (fscrypt(path))
		return (say(DISK_YES, words, cap, "fscrypt"));
	switch ((unsigned)fs.f_type) {
	case MAGIC_ECRYPTFS:
		return (say(DISK_YES, words, cap, "eCryptfs"));
	case MAGIC_ZFS:
		return (say(DISK_UNKNOWN, words, cap,
		    "it is ZFS: zfs get encryption tells"));
	case MAGIC_TMPFS:
	case MAGIC_RAMFS:
		return (say(DISK_MEMORY, words, cap, "tmpfs"));
	case MAGIC_OVERLAY:
		return (say(DISK_UNKNOWN, words, cap,
		    "it is an overlay of file systems, as in a container"));
	case MAGIC_NFS:
	case MAGIC_FUSE:
		return (say(DISK_UNKNOWN, words, cap,
		    "it is a file system of the network or of a program"));
	}
	if (major(st.st_dev) == 0)
		return (say(DISK_UNKNOWN, words, cap,
		    "its file system does not name its block device"));
	snprintf(name, sizeof(name), "%u:%u", major(st.st_dev),
	    minor(st.st_dev));
	return (disk_sealed_device("/sys/dev/block", name, words, cap));
}
