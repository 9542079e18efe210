#include "helper/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

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
	"/var/log/auth.log", "/var/log/journal", NULL };

const char *
files_kind(mode_t mode)
{
	return (S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "folder" :
	    S_ISLNK(mode) ? "link" : "other");
}

int
helper_files(const char *root, struct buf *out, struct err *e)
{
	(void)e;
	for (size_t i = 0; files_sensitive[i] != NULL; i++) {
		char path[PATH_MAX];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s%s", root,
		    files_sensitive[i]);
		if (lstat(path, &st) == 0)
			buf_printf(out, "%s\t%u\t%u\t%04o\t%s\n",
			    files_sensitive[i], st.st_uid, st.st_gid,
			    st.st_mode & 07777u, files_kind(st.st_mode));
		else if (errno == ENOENT || errno == ENOTDIR)
			buf_printf(out, "%s\t-\n", files_sensitive[i]);
		else
			buf_printf(out, "%s\t?\n", files_sensitive[i]);
	}
	return (0);
}
