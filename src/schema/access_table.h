/* What tools/mkaccess compiles content/access into. Only access.c and the
 * generated file include it. */
#ifndef SCHEMA_ACCESS_TABLE_H
#define SCHEMA_ACCESS_TABLE_H

#include "schema/access.h"

struct access_list {
	const struct access_grant *at;
	size_t n;
};

struct access_type {
	int group;
	struct access_list allow;
	struct access_list show[CLASS_MAX];
	uint64_t fields[CLASS_MAX]; /* of each class, by bit */
};

struct access_group {
	const char *name;
	const char *note;
};

struct access_pair {
	unsigned a, b;
	const char *why;
};

extern const struct access_type access_types[]; /* as schema_types */
extern const size_t access_ntypes;
extern const struct access_group access_group_list[];
extern const size_t access_ngroups;
extern const struct access_pair access_pairs[]; /* ends with why NULL */

#endif
