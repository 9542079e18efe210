/*
 * The numbers of a report as JSON: what is counted and listed in it, without
 * its prose, so that a reader's program can compare two of them line by line.
 */
#ifndef REPORT_SOC2_NUMBERS_H
#define REPORT_SOC2_NUMBERS_H

#include "report/soc2.h"

/* soc2_numbers(v, gaps, out): append it; equal views give equal bytes. */
void soc2_numbers(const struct soc2_view *v, const struct soc2_gaps *gaps,
    struct buf *out);

#endif
