/*
 * The parts of the linux collector. Each reads one subject of a machine and
 * gives its tables; parsers are apart from what reads the system, so that they
 * can be given any bytes. What cannot be read makes a table blind or a cell
 * unknown; what is not there, no row or an absent cell.
 */
#ifndef COLLECT_HOST_H
#define COLLECT_HOST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "collect/job.h"

struct host {
	struct job *job;
	struct arena *a;
	struct str name;  /* column host */
	const char *root; /* "" for this machine */
	bool other;       /* a folder with the files of another machine */
	bool helped;      /* the helper answered some question */
};

/* host_read(h, path, max, ret, e): the file of this machine, or below the
 * other's folder; in the arena. */
int host_read(struct host *h, const char *path, size_t max, struct str *ret,
    struct err *e);
/* host_ask(h, question, ret, e): what only root may read; of another's folder
 * it is read there. In the arena. See job_ask(). */
int host_ask(struct host *h, const char *question, struct str *ret,
    struct err *e);

/* The subjects. Each fills the tables that are in scope. */
void host_accounts(struct host *h); /* account, group_member */
void host_keys(struct host *h);     /* authorized_key */
void host_sudo(struct host *h);     /* sudo_rule */
void host_sshd(struct host *h);     /* sshd_config */
void host_packages(struct host *h); /* package */
void host_sockets(struct host *h);  /* listening_socket */
void host_firewall(struct host *h); /* firewall_chain, firewall_rule */
void host_disks(struct host *h);    /* mount, block_device */
void host_files(struct host *h);    /* sensitive_file */

/* --- /etc/passwd, /etc/group (accounts.c) --------------------------------- */

struct accounts_user {
	struct str login, password, gecos, home, shell;
	int64_t uid, gid;
};
struct accounts_group {
	struct str name, members; /* members with commas between */
	int64_t gid;
};
bool accounts_read_user(struct str line, struct accounts_user *ret);
bool accounts_read_group(struct str line, struct accounts_group *ret);
/* accounts_interactive(shell): one can work in it. */
bool accounts_interactive(struct str shell);

/* --- authorized_keys (keys.c) --------------------------------------------- */

struct keys_line {
	struct str options; /* empty: none */
	struct str type;
	char fingerprint[64]; /* SHA256:... */
	int64_t bits;         /* 0: not known */
};
/* keys_read(line, ret): false for blank lines, comments and nonsense. */
bool keys_read(struct str line, struct keys_line *ret);

/* --- sudoers (sudoers.c) -------------------------------------------------- */

struct sudoers_rule {
	struct str who, hosts, runas, commands;
	bool nopasswd;
	struct str file;
	int64_t line;
};
/* sudoers_read(a, bundle, each, ctx, e): all rules of the files, aliases
 * expanded. ${each} borrows. ERR_INPUT if the bundle is none. */
typedef void sudoers_each(void *ctx, const struct sudoers_rule *r);
int sudoers_read(struct arena *a, struct str bundle, sudoers_each *each,
    void *ctx, struct err *e);

/* --- sshd_config without sshd (sshd.c) ------------------------------------ */

/* sshd_read(a, text, include, ctx, each): the first value of each setting
 * outside Match blocks, as sshd takes it. ${include} gives the text of files
 * that match a pattern, or an empty string. */
typedef struct str sshd_include(void *ctx, struct str pattern);
typedef void sshd_each(void *ctx, struct str option, struct str value);
void sshd_read(struct arena *a, struct str text, sshd_include *include,
    sshd_each *each, void *ctx);

/* --- packages (packages.c) ------------------------------------------------ */

/* packages_compare(a, b): versions, as dpkg orders them (deb-version(7)). */
int packages_compare(struct str a, struct str b);
/* packages_next(rest, stanza): the next paragraph of a control file. */
bool packages_next(struct str *rest, struct str *stanza);
/* packages_field(stanza, name): the first line of a field; empty if none. */
struct str packages_field(struct str stanza, const char *name);

/* --- sockets (sockets.c) -------------------------------------------------- */

struct sockets_line {
	char address[64];
	int64_t port, uid;
	uint64_t inode;
	bool loopback;
};
/* sockets_read(line, tcp, v6, ret): a line of /proc/net/tcp and its like that
 * listens; false for all else. */
bool sockets_read(struct str line, bool tcp, bool v6,
    struct sockets_line *ret);

/* --- nftables (firewall.c) ------------------------------------------------ */

struct firewall_chain {
	struct str family, table, name, hook, policy;
	int64_t rules;
};
struct firewall_rule {
	struct str family, table, chain, text;
	int64_t handle;
};
struct firewall {
	struct firewall_chain *chains;
	struct firewall_rule *rules;
	size_t nchains, nrules;
};
/* firewall_read(a, json, ret, e): the output of nft -j list ruleset. */
int firewall_read(struct arena *a, struct str json, struct firewall *ret,
    struct err *e);

/* --- mounts (disks.c) ----------------------------------------------------- */

struct disks_mount {
	struct str target, device, fstype, options;
	unsigned major, minor;
};
/* disks_read_mount(a, line, ret): a line of /proc/self/mountinfo. */
bool disks_read_mount(struct arena *a, struct str line,
    struct disks_mount *ret);

#endif
