/*
 * The programme as a folder of text, so that it can live in git: one YAML file a
 * record in a folder a type, long texts in Markdown files beside it. Out with
 * folder_export(); back with folder_plan(), which says what would be done, and
 * folder_import(), which does it. doc/programme.md has the format.
 *
 * What is read of the workspace goes by its reader (act.ws->records.reader): what
 * it may not see or not take out is not in the folder, and what is not in a
 * folder because of that is not touched by an import.
 */
#ifndef PROGRAM_FOLDER_H
#define PROGRAM_FOLDER_H

#include "program/act.h"

struct folder_listing;

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
 * must be empty or hold an export, and what that left out stays out. Only what
 * differs is written, and only files
 * that an export made are removed. ERR_CONFLICT names the first file that was
 * changed since, unless o->overwrite.
 */
int folder_export(const struct act *x, const char *path,
    const struct folder_options *o, struct folder_counts *ret, struct err *e);

/* --- in again ----------------------------------------------------------------- */

enum folder_act {
	FOLDER_CREATE,
	FOLDER_CHANGE,
	FOLDER_RETIRE,
	FOLDER_GONE,    /* its file is: it stays, unless it is said to go */
	FOLDER_CONFLICT /* changed in the folder and in the workspace */
};
struct folder_field {
	const char *name;
	bool lines;      /* a text of many: show it as a difference of lines */
	struct str before, after; /* for people */
};
struct folder_change {
	enum folder_act act;
	const struct schema_type *type;
	const char *file;
	struct str name; /* of the record, for people */
	struct str id;   /* empty: a new one */
	int64_t rev;
	struct folder_field *fields; /* of a new record none */
	size_t nfields;
	/* The states on the way, where one step does not lead there; or NULL. */
	const char *steps;
	const struct err *problems; /* why it is refused */
	size_t nproblems;
	struct val *give; /* what differs, as record_apply() takes it */
	int line;
};

/* Which side counts where both were changed. */
enum folder_side { FOLDER_NEITHER, FOLDER_ITS, FOLDER_WORKSPACE };
struct folder_how {
	enum folder_side side;
	bool retire; /* records whose files are gone */
};
struct folder_plan {
	struct folder_change *at; /* by type, then by file */
	size_t n;
	struct err *wrong; /* files that cannot be read */
	size_t nwrong;
	const char **passed; /* files that are no records, and were passed over */
	size_t npassed;
	bool foreign;  /* exported from another workspace: compared by names */
	bool restores; /* into a workspace in which nothing has happened */
	size_t count[FOLDER_CONFLICT + 1]; /* by act */
	size_t refused; /* changes with problems */
	size_t behind;  /* the workspace went on, and the folder did not */
	size_t only;    /* records that the folder never had */
	struct folder_listing *listing; /* what is in it, for folder_import() */
	struct folder_listing *seen;
};

/*
 * folder_plan(x, path, how, ret, e): what an import would do; writes nothing.
 * ERR_INPUT: it is no exported folder. ERR_LIMIT: it is too large.
 */
int folder_plan(const struct act *x, const char *path,
    const struct folder_how *how, struct folder_plan *ret, struct err *e);
/* folder_plan_stops(p, e): ERR_INPUT or ERR_CONFLICT in words if it cannot be done. */
int folder_plan_stops(const struct folder_plan *p, struct err *e);

/*
 * folder_import(x, p, ret, e): do what the plan says, in one batch, as x->who.
 * ${p} was made while this process held the workspace's lock.
 */
int folder_import(const struct act *x, const struct folder_plan *p,
    struct record_result *ret, struct err *e);
/*
 * folder_import_export(x, path, p, ret, e): afterwards write into the folder what
 * the workspace says now; files that were changed after the plan was made are not
 * written over (ERR_CONFLICT).
 */
int folder_import_export(const struct act *x, const char *path,
    const struct folder_plan *p, struct folder_counts *ret, struct err *e);

#endif
