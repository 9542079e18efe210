/* The inside of folder.h, shared by its files. */
#ifndef PROGRAM_FOLDER_PART_H
#define PROGRAM_FOLDER_PART_H

#include "base/map.h"
#include "base/vec.h"
#include "program/folder.h"
#include "sys/tree.h"

#define FOLDER_FORMAT 1
#define FOLDER_ABOUT "programme.yaml" /* what the folder is an export of */
#define FOLDER_LIST "manifest.csv"    /* the files of it, and their revisions */
#define FOLDER_SHA 64

struct folder_item;

/* --- which record is called how (folder_index.c) ------------------------- */

struct folder_known {
	const struct schema_type *type;
	struct str id;
	struct str name; /* its handle, or its id */
	int64_t rev;
	struct folder_item *item; /* the file that says what it is to be */
};
/* Records in use: those that are in a folder, and those that they name. */
struct folder_index {
	struct arena *a;
	struct record_store *store;
	struct map ids;   /* id -> folder_known */
	struct map names; /* "NUMBER/name" -> folder_known */
	uint64_t entry;   /* of the last of them */
	bool lived;       /* something happened since it was made */
};
int folder_index_load(const struct act *x, struct folder_index *ret,
    struct err *e);
/* folder_index_name(ix, t, id): what a reference to it is written as. */
struct str folder_index_name(const struct folder_index *ix,
    const struct schema_type *t, struct str id);
/* folder_index_find(ix, t, name): by handle or id, or NULL. */
struct folder_known *folder_index_find(const struct folder_index *ix,
    const struct schema_type *t, struct str name);

/* --- records as text, and back (folder_text.c) ----------------------------- */

struct folder_prose {
	size_t field;
	struct str text;
};
struct folder_texts {
	struct str yaml;
	struct folder_prose *prose; /* fields that have files of their own */
	size_t nprose;
};
void folder_text_put(const struct folder_index *ix, struct arena *a,
    const struct record *r, struct folder_texts *ret);
/* folder_text_hides(r): fields of the organisation's own may be there, unseen: they
 * are of class internal. */
bool folder_text_hides(const struct record *r);
/* folder_text_mask(r): what is personal or restricted is as if masked. */
void folder_text_mask(struct arena *a, struct record *r);
/* folder_text_named(ix, a, f, c): handles instead of ids. */
struct cell folder_text_named(const struct folder_index *ix, struct arena *a,
    const struct schema_field *f, const struct cell *c);

/* --- names of files (folder_name.c) ------------------------------------------ */

struct folder_called {
	const char *name; /* without ending */
	struct str words; /* what it stands for */
	struct str id;
};
/* folder_name_first(ix, a, r, x, ret): the name without regard to others. */
void folder_name_first(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_texts *x,
    struct folder_called *ret);
/* folder_name_settle(a, at, n): those of one type, so that no two are alike
 * even where capital letters do not count. */
void folder_name_settle(struct arena *a, struct folder_called *at, size_t n);

/* --- what an export made (folder_list.c) --------------------------------------- */

struct folder_row {
	const char *file; /* "control/AC-01.yaml" */
	char sha[FOLDER_SHA + 1];
	struct str id; /* of the record; empty for a Markdown file */
	int64_t rev;
};
struct folder_listing {
	bool there;          /* there is an export */
	struct str ledger;   /* origin of the workspace */
	bool impersonal;
	const struct schema_type **without;
	size_t nwithout;
	struct folder_row *at; /* by file */
	size_t n;
	struct map files;    /* file -> folder_row */
};
/* folder_list_read(t, a, ret, e): ERR_INPUT with file:line. */
int folder_list_read(struct tree *t, struct arena *a,
    struct folder_listing *ret, struct err *e);
/* folder_list_about(x, l, out), folder_list_rows(l, out): the two files. */
void folder_list_about(const struct act *x, const struct folder_listing *l,
    struct buf *out);
void folder_list_rows(const struct folder_listing *l, struct buf *out);
/* folder_list_split(a, file, ret_sub, ret_name): of a file of a record. False
 * if it is none. */
bool folder_list_split(struct arena *a, struct str file, const char **ret_sub,
    const char **ret_name);
void folder_list_sha(struct str text, char out[FOLDER_SHA + 1]);
/* folder_list_marks(text): the line of a mark that a merge left, or 0. */
int folder_list_marks(struct str text);

/* folder_export_over(): folder_export() where others' work is whatever is not as
 * ${seen} says instead of the manifest. */
int folder_export_over(const struct act *x, const char *path,
    const struct folder_options *o, struct folder_listing *seen,
    struct folder_counts *ret, struct err *e);

/* --- what is in a folder (folder_read.c) ------------------------------------------ */

struct folder_item {
	const struct schema_type *type;
	const char *file;  /* "control/AC-01.yaml" */
	const char *base;  /* "AC-01" */
	struct str yaml;
	struct folder_prose *prose;
	size_t nprose;
	const struct folder_row *row; /* what the manifest says of it, or NULL */
	bool edited;       /* differs from that */
	struct val *fields; /* what it says, once it was parsed */
	struct folder_known *known; /* the record that it is, or NULL */
	bool taken;        /* a change was made of it, or none is needed */
	struct folder_item *twin; /* another one that says the same */
};
struct folder_reading {
	const struct act *x;
	struct tree tree;
	struct folder_listing list; /* what the export left */
	struct folder_listing seen; /* what is there */
	VEC(struct folder_item *) items; /* by type, then by file */
	VEC(struct folder_row) rows;
	VEC(struct err) wrong;
	VEC(const char *) passed;
	struct map bases; /* "control/AC-01" -> folder_item */
	size_t bytes;
};
/* folder_read_all(r, path, e): everything but the parsing. The caller calls
 * folder_read_free() in any case. */
int folder_read_all(struct folder_reading *r, const char *path, struct err *e);
void folder_read_free(struct folder_reading *r);
/* folder_read_parse(r, it): false, and r->wrong says why. */
bool folder_read_parse(struct folder_reading *r, struct folder_item *it);
void folder_read_wrong(struct folder_reading *r, const char *file, int line,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* --- what differs (folder_compare.c) -------------------------------------------------- */

/* folder_compare(ix, a, r, it, ret): false if nothing does. ${ret} gets fields,
 * give and steps. */
bool folder_compare(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_item *it,
    struct folder_change *ret);
/* folder_compare_unique(ix, a, r, it, set): the same values in a set without twins,
 * as one text; of a record, or of what a file says. Empty: it lacks one. */
struct str folder_compare_unique(const struct folder_index *ix, struct arena *a,
    const struct record *r, const struct folder_item *it,
    const struct schema_cols *set);

/* folder_plan_apply(): the batch of a plan that nothing stops. */
int folder_plan_apply(const struct act *x, const struct folder_plan *p,
    struct record_result *ret, struct err *e);

#endif
