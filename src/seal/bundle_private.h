/*
 * What the files that write a bundle share. Nothing but bundle*.c includes it.
 */
#ifndef SEAL_BUNDLE_PRIVATE_H
#define SEAL_BUNDLE_PRIVATE_H

#include "base/map.h"
#include "base/vec.h"
#include "ledger/checkpoint.h"
#include "ledger/disclose.h"
#include "ledger/ledger.h"
#include "seal/bundle.h"
#include "seal/manifest.h"
#include "seal/set.h"
#include "sys/zip.h"

#define BUNDLE_PACK ((size_t)8 << 20) /* bytes of a pack, if no body is larger */

/* A recorded result, and the entry that adopted its procedure. */
struct bundle_run {
	uint64_t entry, adopted;
	struct str procedure, tables;
	bool period;
	int64_t from, to;
};

struct bundle {
	const struct bundle_spec *spec;
	struct arena a;
	struct ledger *ledger;
	const char *files; /* DIR/ledger */
	struct checkpoint head;
	struct zip_writer zip;
	struct manifest m;
	VEC(struct manifest_file) listed;
	VEC(struct manifest_class) classes;
	VEC(struct manifest_erased) erased;
	VEC(struct bundle_run) runs; /* in scope, by entry */
	VEC(uint64_t) adopted; /* entries in scope that adopt, ascending */
	struct map needed;   /* tables and types that a scoped bundle needs */
	struct set bodies;   /* that were visited */
	struct set seals;    /* ids of keys of cells, filled up with zeros */
	VEC(struct disclose_key) keys;
	struct buf pack, record;
	unsigned npacks;
};

/* bundle_add(b, name, content, e): a member that the manifest lists. */
int bundle_add(struct bundle *b, const char *name, struct str content,
    struct err *e);

/* --- bundle_scope.c: what is in scope --------------------------------------- */

/* bundle_scope(b, e): the results, and what they need. */
int bundle_scope(struct bundle *b, struct err *e);
/* bundle_wants_type(b, name): revisions of a record type, rows of a table. */
bool bundle_wants_type(const struct bundle *b, struct str name);
bool bundle_wants_result(const struct bundle *b, uint64_t entry);
bool bundle_wants_adopted(const struct bundle *b, uint64_t entry);
/* bundle_withholds(b, what): is it among the --withhold? */
bool bundle_withholds(const struct bundle *b, const char *what);

/* --- bundle_bodies.c: packs ---------------------------------------------------- */

/* bundle_bodies(b, e): every body in scope; counts the others; keys of cells. */
int bundle_bodies(struct bundle *b, struct err *e);

/* --- bundle_parts.c: all other members ------------------------------------------ */

int bundle_front(struct bundle *b, struct err *e);  /* before the bodies */
int bundle_copies(struct bundle *b, struct err *e); /* procedures, results */
int bundle_report(struct bundle *b, struct bundle_result *ret, struct err *e);
int bundle_manifest(struct bundle *b, struct err *e);

#endif
