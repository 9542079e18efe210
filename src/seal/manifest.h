/*
 * Manifest: what a bundle says that it holds and what it leaves out
 * (doc/bundle.md). It is canonical: manifest_parse() accepts only what
 * manifest_print() writes. Its hash is signed by the ledger's key, in a note
 * of the form
 *     tickmark-bundle/v1 LF origin LF hex(SHA-256 of manifest.json) LF
 * whose first line keeps it apart from a checkpoint.
 */
#ifndef SEAL_MANIFEST_H
#define SEAL_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define MANIFEST_FORMAT 1
#define MANIFEST_NAME "manifest.json"
#define MANIFEST_NOTE "manifest.note"
#define MANIFEST_NOTE_MAGIC "tickmark-bundle/v1"

struct manifest_file {
	struct str name;
	uint64_t size;
	uint8_t sha256[32];
};

/* A recorded result in scope: it is to be performed again. */
struct manifest_result {
	uint64_t entry;
	struct str procedure;
};

/* Bodies of one class: how many are here, and how many are named and absent. */
struct manifest_class {
	struct str name;
	uint64_t here;
	uint64_t withheld; /* left out by whoever made the bundle */
	uint64_t erased;   /* there was no key left to open them with */
};

/* A body that could not be given, since its key or itself was erased. */
struct manifest_erased {
	uint8_t body[32];
	uint8_t key[16]; /* zeros: not known */
};

struct manifest {
	struct str origin;
	uint64_t size;     /* of the tree */
	uint8_t root[32];
	int64_t time;      /* of the last entry; microseconds */
	/* What results are a function of, besides the evidence. */
	int64_t engine;
	struct str program, sqlite, sqlite_source, declarations, rules;
	/* Scope, in words of the command line. */
	struct str *scope;    size_t nscope;    /* ids; none: all procedures */
	struct str period, as_of;               /* or empty */
	struct str *withheld; size_t nwithheld; /* "raw", "personal", types */
	struct manifest_result *results; size_t nresults;
	struct manifest_class *classes;  size_t nclasses; /* by name */
	struct manifest_erased *erased;  size_t nerased;  /* by body */
	uint64_t keys_here, keys_withheld, keys_erased;   /* of cells */
	bool whole;           /* records and evidence come out the same */
	uint8_t records[32];  /* digests, if whole */
	uint8_t evidence[32];
	/* The report that is in it. */
	bool report;
	int64_t report_as_of;
	bool report_assertion_first;
	/* All members but the manifest and its note, in their order. */
	struct manifest_file *files; size_t nfiles;
};

void manifest_print(const struct manifest *m, struct buf *out);

/* manifest_parse(a, text, ret, e): ERR_NEWER if it is of a later format,
 * ERR_INPUT names the place. */
int manifest_parse(struct arena *a, struct str text, struct manifest *ret,
    struct err *e);

/* manifest_text(origin, manifest, out): the text that is signed. */
void manifest_text(struct str origin, struct str manifest, struct buf *out);

#endif
