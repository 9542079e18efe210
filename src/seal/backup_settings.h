/*
 * Settings of the backups of a workspace, which a person writes:
 *
 *     DIR/backup.conf
 *         to = /mnt/backup/work      the depot
 *         recipient = age1...        who may open it; any number
 *         plain = yes                instead of that: do not encrypt
 *         keys = no                  leave out the keys
 *         keep = 30                  points
 *         every = 24h                make one so often: 30m, 24h, 7d
 *         test = 7d                  try a restore so often
 *
 * Empty lines and lines that begin with # are left out.
 */
#ifndef SEAL_BACKUP_SETTINGS_H
#define SEAL_BACKUP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/age.h"

struct backup_settings {
	const char *to;   /* absolute */
	struct age_recipient recipients[AGE_RECIPIENTS];
	size_t n;
	bool plain;
	bool without_keys;
	uint64_t keep;    /* 0: all */
	int64_t every;    /* microseconds; 0: only when asked */
	int64_t test;
};

/* backup_settings_load(dir, a, ret, e): ERR_NOTFOUND if there is no such file;
 * ERR_INPUT names the line. */
int backup_settings_load(const char *dir, struct arena *a,
    struct backup_settings *ret, struct err *e);
/* backup_settings_parse(text, where, a, ret, e): the same of a text. */
int backup_settings_parse(struct str text, const char *where, struct arena *a,
    struct backup_settings *ret, struct err *e);

#endif
