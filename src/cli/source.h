/* Source records as the collectors want them. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "collect/collect.h"
#include "record/record.h"

/* source_of(a, r, ret, e): ${r} is a record of type source; in ${a}. */
int source_of(struct arena *a, const struct record *r,
    struct collect_source *ret, struct err *e);

#endif
