/*
 * TCP connections to a host and port, with one deadline for all that happens
 * on them. Used by what looks at servers from outside; nothing here trusts
 * what it receives.
 */
#ifndef SYS_DIAL_H
#define SYS_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"
#include "base/err.h"

struct dial {
	int fd;
	int64_t deadline; /* clock_mono() */
};
#define DIAL_INIT { -1, 0 }
#define DIAL_SCOPED __attribute__((cleanup(dial_close))) struct dial

/* dial_open(d, host, port, timeout_us, e): the first address that answers.
 * ERR_IO: nobody answers, with the reason; ERR_TIMEOUT. */
int dial_open(struct dial *d, const char *host, int port, int64_t timeout_us,
    struct err *e);
void dial_close(struct dial *d);

/* dial_write: all of it. dial_read: at most ${n} bytes, 0 at the end.
 * dial_full: exactly ${n} bytes, ERR_IO if the other side ends before. */
int dial_write(struct dial *d, const void *p, size_t n, struct err *e);
int64_t dial_read(struct dial *d, void *p, size_t n, struct err *e);
int dial_full(struct dial *d, void *p, size_t n, struct err *e);

#endif
