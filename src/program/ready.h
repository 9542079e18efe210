/*
 * Readiness with what people did: assess/readiness.h, and how the controls that
 * are shown by hand were carried out in the year before. Every face asks here.
 */
#ifndef PROGRAM_READY_H
#define PROGRAM_READY_H

#include "assess/readiness.h"

/* ready_read(a, as, at, ret, e): as readiness_read(). */
int ready_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness **ret, struct err *e);

#endif
