/*
 * Structured log (one JSON object a line, to standard error by default) and
 * progress of long work. Values of fields whose class is confidential or above
 * never reach either; callers pass ids and counts.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/banned.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

/* log_level(l): what is below is dropped. The command line starts at OFF. */
void log_set_level(enum log_level l);
void log_set_fd(int fd);

/* log_event(level, event, k, v, k, v, ..., NULL): keys and text values. */
void log_event(enum log_level l, const char *event, ...)
    __attribute__((sentinel));

/*
 * Progress: a face installs a function; engines report. ${total} 0 means that
 * it is not known. With none installed, the calls cost a comparison.
 */
typedef void progress_fn(void *ctx, const char *what, int64_t done,
    int64_t total);
void progress_install(progress_fn *fn, void *ctx);
void progress(const char *what, int64_t done, int64_t total);

#endif
