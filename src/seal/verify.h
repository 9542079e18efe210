/*
 * Verify: check a bundle offline, with nothing but the file (doc/bundle.md). It
 * goes on after a difference as far as what comes later can still be checked,
 * and says of everything whether it was checked. Nothing is written outside of
 * the scratch directory.
 */
#ifndef SEAL_VERIFY_H
#define SEAL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum verify_kind {
	VERIFY_OK,   /* was checked and holds */
	VERIFY_BAD,  /* does not hold */
	VERIFY_NOT,  /* was not checked, and why */
	VERIFY_NOTE  /* what a reader should know */
};

/* One sentence about one topic ("archive", "tree", "bodies", "results" ...). */
typedef void verify_fn(void *ctx, enum verify_kind kind, const char *topic,
    const char *text);

struct verify_spec {
	const char *path;     /* of the bundle */
	const char *identity; /* file of age identities, or NULL */
	/* Whom to trust; all may be NULL: then it is only consistent in itself. */
	const char *vkey;     /* verifier key, or a file that holds some */
	const char *policy;   /* file: which ledgers, which witnesses */
	const char *against;  /* file: a checkpoint that was kept before */
	const char *tsa;      /* file: certificates of time stamp authorities */
	int workers;
};

struct verify_result {
	uint64_t problems;
	bool trusted;   /* somebody's outside knowledge was compared */
	char origin[256];
	uint64_t size;
	char root[48];  /* base64 */
};

/*
 * verify_bundle(spec, dir, fn, ctx, ret, e): ${dir} is an empty directory to
 * work in. 0 whether or not all holds: see ret->problems. ERR_INPUT: it is no
 * bundle, or one that is refused; ERR_NEWER: of a later format; ERR_DENIED: it
 * is encrypted for somebody else.
 */
int verify_bundle(const struct verify_spec *spec, const char *dir,
    verify_fn *fn, void *ctx, struct verify_result *ret, struct err *e);

#endif
