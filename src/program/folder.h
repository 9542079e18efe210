/*
 * The programme as a folder of text, so that it can live in git: one YAML file a
 * record in a folder a type, long texts in Markdown files beside it.
 * doc/programme.md has the format.
 *
 * What is read of the workspace goes by its reader (act.ws->records.reader): what
 * it may not see or not take out is not in the folder.
 */
#ifndef PROGRAM_FOLDER_H
#define PROGRAM_FOLDER_H

#include "program/act.h"

#define FOLDER_FILES ((size_t)200000)    /* in one folder, at most */
#define FOLDER_FILE ((size_t)1 << 20)    /* bytes of one file */
#define FOLDER_BYTES ((size_t)1 << 30)   /* of all of them */

/* folder_out(t): why records of a type are not in a folder, or NULL: they are. */
const char *folder_out(const struct schema_type *t);

struct folder_options {
	bool impersonal; /* leave personal and restricted fields out */
	const struct schema_type *const *without; /* types to leave out */
	size_t nwithout;
	bool overwrite;  /* files that were changed by others, too */
};
struct folder_counts {
	size_t records;
	size_t written; /* files that are new or changed */
	size_t same;
	size_t removed; /* files of records that are gone */
};

/*
 * folder_export(x, path, o, ret, e): ${path} is made if it is not there; else it
 * must be empty or hold an export. Only what differs is written, and only files
 * that an export made are removed. ERR_CONFLICT names the first file that was
 * changed since, unless o->overwrite.
 */
int folder_export(const struct act *x, const char *path,
    const struct folder_options *o, struct folder_counts *ret, struct err *e);

#endif
