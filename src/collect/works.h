/* The collectors, one file each, as source.c lists them. */
#ifndef COLLECT_WORKS_H
#define COLLECT_WORKS_H

#include "collect/job.h"

extern const struct collect_work csv_work;
extern const struct collect_work git_work;
extern const struct collect_work linux_work;
extern const struct collect_work ssh_work;
extern const struct collect_work tls_work;

/* collect_use(c): more collectors, ended by a NULL name; for tests. */
void collect_use(const struct collector *c);

#endif
