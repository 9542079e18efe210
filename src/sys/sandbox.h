/*
 * The sandbox of a child process: what it may still do after sandbox_apply().
 * To be called in a forked child, before it looks at anything that others
 * wrote. Nothing in it needs root; what the kernel lacks (Landlock before
 * 5.13, its network rules before 6.7) is left out and said in the report, and
 * the rest still holds.
 *
 *	no_new_privs            always
 *	ids and capabilities    when it is started by root: the ids given, no
 *	                        groups, no capabilities but what keep_read says
 *	limits                  CPU, address space, file size, files, processes;
 *	                        never a core file
 *	Landlock                reading, running and TCP connections only where
 *	                        the lists say; writing only in the write list
 *	                        and to /dev/null
 *	seccomp                 by profile
 *
 * Descriptors that are open already stay usable: open what is needed before.
 */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/banned.h"
#include "base/err.h"

enum sandbox_profile {
	/*
	 * Compute, and read descriptors: no exec, no fork (threads are
	 * allowed), no sockets, no file opened for writing, made, renamed or
	 * removed, no signals to others. A list of what is allowed; any other
	 * call fails with EPERM. SQLite: begin the read transaction first, so
	 * that -wal and -shm are open, and set temp_store=MEMORY.
	 */
	SANDBOX_SQL,
	/*
	 * Read files and run the programs of the exec list: no sockets but
	 * AF_UNIX and netlink, no new namespaces, mounts, modules, keys, bpf,
	 * ptrace, no leaving of the process group, no making, renaming or removing
	 * of files. What may be written says Landlock's write list.
	 */
	SANDBOX_READER,
	/* The same with TCP and UDP sockets, and without exec and fork. */
	SANDBOX_NET
};

struct sandbox {
	enum sandbox_profile profile;

	/*
	 * Landlock. NULL-terminated lists of paths; one that does not exist is
	 * passed over. A path covers all below it. ${read} NULL: reading is
	 * not limited by Landlock. exec implies read.
	 */
	const char *const *read;
	const char *const *exec;
	const char *const *write; /* reading, and writing to files that exist */
	const uint16_t *ports;    /* TCP ports to connect to; NULL: see profile */
	size_t nports;

	/* Limits; 0: as it is. as_bytes is ignored under AddressSanitizer. */
	uint64_t cpu_s;
	uint64_t as_bytes; /* beside what the process has when it is applied */
	uint64_t fsize_bytes; /* here 0 means it: no file may grow */
	uint64_t nofile;
	uint64_t nproc; /* beside what the user runs already */

	/* When root: become these (65534 = nobody). 0 is taken as 65534. */
	uid_t uid;
	gid_t gid;
	/* When root: may still read every file that Landlock lets through
	 * (CAP_DAC_READ_SEARCH), and nothing else. */
	bool keep_read;
};

struct sandbox_report {
	bool no_new_privs;
	bool dropped;     /* was root, is not any more */
	bool seccomp;
	int landlock_abi; /* 0: the kernel has none */
	bool landlock;    /* file rules hold */
	bool landlock_net; /* TCP rules hold */
	char text[256];   /* one line for logs: "no_new_privs seccomp ..." */
};

/*
 * sandbox_apply(s, ret, e):
 * Cannot be undone. ERR_ENV if a part that the kernel has could not be applied;
 * the caller then ends the process. ${ret} may be NULL.
 */
int sandbox_apply(const struct sandbox *s, struct sandbox_report *ret,
    struct err *e);

/* sandbox_probe(ret): what this kernel offers, without applying anything. */
void sandbox_probe(struct sandbox_report *ret);

#endif
