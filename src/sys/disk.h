/*
 * What lies below a directory: whether it is encrypted, as far as the system
 * tells. It never claims more than it saw: a drive may encrypt by itself, and a
 * virtual machine's host may, unseen from here.
 */
#ifndef SYS_DISK_H
#define SYS_DISK_H

#include <stdbool.h>

#include "base/banned.h"

enum disk_sealed {
	DISK_YES,     /* seen */
	DISK_NO,      /* every layer was seen, and none encrypts */
	DISK_UNKNOWN, /* a layer does not tell */
	DISK_MEMORY   /* it is in memory, which is not a disk */
};

/* disk_sealed(path, words, cap): and how that is known, a part of a sentence
 * such as "dm-crypt (LUKS)". */
enum disk_sealed disk_sealed(const char *path, char *words, size_t cap);

/*
 * disk_sealed_device(sys, name, words, cap): of a block device by the folder
 * that is /sys/dev/block, for tests; ${name} is "MAJOR:MINOR".
 */
enum disk_sealed disk_sealed_device(const char *sys, const char *name,
    char *words, size_t cap);

#endif
