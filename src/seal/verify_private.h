/*
 * What the steps of verifying share. Nothing but verify*.c includes it.
 */
#ifndef SEAL_VERIFY_PRIVATE_H
#define SEAL_VERIFY_PRIVATE_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "ledger/checkpoint.h"
#include "ledger/disclose.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "seal/manifest.h"
#include "seal/set.h"
#include "seal/verify.h"
#include "sys/zip.h"

/* A decision that something be erased: an entry of action erase. */
struct verify_erasure {
	uint64_t entry;
	struct str decision;
	uint64_t bodies, keys; /* that are gone because of it */
};

struct verify {
	const struct verify_spec *spec;
	verify_fn *fn;
	void *ctx;
	uint64_t problems;
	struct arena a;
	const char *dir;    /* scratch */
	const char *ws;     /* DIR/w: laid out as a workspace */
	const char *files;  /* DIR/w/ledger */
	struct zip zip;
	bool have_manifest;
	struct buf manifest;
	struct manifest m;
	struct buf note;    /* the checkpoint as it is */
	struct checkpoint head;
	bool have_head;
	bool tree_holds;    /* its entries, tiles and root */
	bool trusted;
	/* Bodies. */
	struct set here, bad;     /* commitments of packs; of those, damaged */
	struct set named;         /* by entries and bodies */
	struct map erased;        /* hex id of key or body: verify_erasure */
	struct map affected;      /* tables and types that lack something */
	struct set seals;         /* keys of cells that rows name */
	uint64_t lacking_keys;
	/* Rebuilt. */
	struct workspace work;
	struct evidence *ev;
};

/* verify_ok(v, topic, fmt, ...) and so on: tell one thing. */
void verify_ok(struct verify *v, const char *topic, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void verify_bad(struct verify *v, const char *topic, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void verify_not(struct verify *v, const char *topic, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void verify_note(struct verify *v, const char *topic, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* verify_err(v, topic, prefix, x): a problem from an error: what, where. */
void verify_err(struct verify *v, const char *topic, const char *prefix,
    const struct err *x);
/* verify_found(v, topic, r, x, e): what the bundle is to blame for is told (0);
 * what this machine is to blame for is an error. */
int verify_found(struct verify *v, const char *topic, int r,
    const struct err *x, struct err *e);

/* --- the steps, in their order -------------------------------------------- */

int verify_unpack(struct verify *v, struct err *e);  /* archive, manifest */
int verify_head(struct verify *v, struct err *e);    /* signatures */
void verify_tree(struct verify *v);                  /* entries, tiles, root */
int verify_trust(struct verify *v, struct err *e);   /* whose it is */
int verify_stamps(struct verify *v, struct err *e);  /* time stamps */
int verify_bodies(struct verify *v, struct err *e);  /* packs */
int verify_rebuild(struct verify *v, struct err *e); /* records.db */
int verify_named(struct verify *v, struct err *e);   /* what names what */
int verify_files(struct verify *v, struct err *e);   /* of performances */
int verify_evidence(struct verify *v, struct err *e); /* both digests */
int verify_results(struct verify *v, struct err *e);
int verify_report(struct verify *v, struct err *e);

/* verify_same_tree(v, c, topic, name): is the tree at the size of ${c} the one
 * that ${c}, a note called ${name}, signs? It is told. */
void verify_same_tree(struct verify *v, const struct checkpoint *c,
    const char *topic, const char *name);

/* verify_differ(a, b, ret_line): the first line in which two texts differ, from
 * 1; 0 if they are equal. ${la}, ${lb}: that line of each. */
size_t verify_differ(struct str a, struct str b, struct str *la,
    struct str *lb);

#endif
