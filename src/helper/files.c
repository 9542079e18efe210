#include "helper/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

#include "helper/helper.h"

const char *const files_sensitive[] = { "/etc/passwd", "/etc/passwd-",
	"/etc/shadow", "/etc/shadow-", "/etc/group", "/etc/group-",
	"/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd",
	"/etc/sudoers", "/etc/sudoers.d", "/etc/ssh", "/etc/ssh/sshd_config",
	"/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key",
	"/etc/ssh/ssh_host_ed25519_key", "/etc/ssl/private", "/etc/crontab",
	"/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily",
	"/etc/cron.weekly", "/etc/cron.monthly", "/etc/pam.d",
	"/etc/login.defs", "/etc/fstab", "/etc/nftables.conf",
	"/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/systemd/system",
	"/boot/grub/grub.cfg", "/root", "/root/.ssh",
	"/root/.ssh/authorized_keys", "/tmp", "/var/tmp", "/var/log",
	"/var/log/auth.log", "/var/log/journal", "/etc/profile",
	"/etc/profile.d", "/etc/bash.bashrc", "/etc/environment", "/etc/hosts",
	"/etc/nsswitch.conf", "/etc/apt", "/etc/apt/sources.list",
	"/etc/apt/sources.list.d", "/etc/apt/trusted.gpg.d", "/etc/init.d",
	"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/local/bin",
	"/usr/local/sbin", NULL };

/* Folders of which everything that lies in them is looked at too. */
static const char *const folders[] = { "/etc/cron.d", "/etc/cron.hourly",
	"/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
	"/etc/sudoers.d", "/etc/ssh/sshd_config.d", "/etc/pam.d",
	"/etc/profile.d", "/etc/systemd/system", NULL };
#define MEMBERS_MAX 500 /* of one folder */

const char *
files_kind(mode_t mode)
{
	return (S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "folder" :
	    S_ISLNK(mode) ? "link" : "other");
}

/* ${name} as one word of text: two files never look the same. */
static void
put_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;
		if (c <= 0x20 || c >= 0x7f || c == '\\')
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, *name);
	}
}

static void
put_file(const char *root, const char *folder, const char *name,
    struct buf *out)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s%s%s%s", root, folder,
	    name[0] != '\0' ? "/" : "", name);
	bool fits = n > 0 && (size_t)n < sizeof(path);

	if (!fits)
		errno = ENAMETOOLONG;
	bool there = fits && lstat(path, &st) == 0;
	int why = errno;
	buf_puts(out, folder);
	if (name[0] != '\0')
		buf_putc(out, '/');
	put_name(out, name);
	if (there)
		buf_printf(out, "\t%u\t%u\t%04o\t%s\n", st.st_uid, st.st_gid,
		    st.st_mode & 07777u, files_kind(st.st_mode));
	else
		buf_puts(out, why == ENOENT || why == ENOTDIR ? "\t-\n" :
		    "\t?\n");
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

/* All that lies in a folder; one line of which nothing is known, if it
 * cannot be read or holds too much. */
static void
put_members(const char *root, const char *folder, struct buf *out)
{
	ARENA_SCOPED a = ARENA_INIT;
	char path[PATH_MAX], **names;
	struct dirent *d;
	size_t n = 0;
	int why;

	(void)snprintf(path, sizeof(path), "%s%s", root, folder);
	DIR *dir = opendir(path);
	if (dir == NULL && (errno == ENOENT || errno == ENOTDIR))
		return;
	names = arena_array(&a, MEMBERS_MAX, sizeof(*names));
	while (dir != NULL && n <= MEMBERS_MAX) {
		errno = 0;
		d = readdir(dir);
		why = errno;
		if (d == NULL && why != 0)
			n = MEMBERS_MAX + 1;
		if (d == NULL)
			break;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (n < MEMBERS_MAX)
			names[n] = arena_strdup(&a, d->d_name);
		n++;
	}
	if (dir == NULL || n > MEMBERS_MAX)
		buf_printf(out, "%s/*\t?\n", folder);
	if (dir == NULL)
		return;
	(void)closedir(dir);
	if (n > MEMBERS_MAX)
		return;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		put_file(root, folder, names[i], out);
}

int
helper_files(const char *root, struct buf *out, struct err *e)
{
	(void)e;
	for (size_t i = 0; files_sensitive[i] != NULL; i++)
		put_file(root, files_sensitive[i], "", out);
	for (size_t i = 0; folders[i] != NULL; i++)
		put_members(root, folders[i], out);
	return (0);
}
