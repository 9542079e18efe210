/*
 * The files of content/ and ui/, embedded at build time by tools/embed. Paths
 * are relative to the root ("content/controls/controls.tsv"), sorted by bytes.
 */
#ifndef BASE_CONTENT_H
#define BASE_CONTENT_H

#include "base/str.h"

struct content_file {
	const char *path;
	const unsigned char *data;
	size_t len;
};

extern const struct content_file content_files[];
extern const size_t content_nfiles;

/* content_find(path): its bytes; ptr is NULL if there is no such file. */
struct str content_find(const char *path);
/* content_next(prefix, i): the i-th file whose path starts with ${prefix}. */
const struct content_file *content_next(const char *prefix, size_t i);

#endif
