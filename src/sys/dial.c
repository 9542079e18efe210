#include "sys/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* 1 when ${fd} is ready, 0 after the deadline. */
static int
wait_fd(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd pf = { .fd = fd, .events = events };
		int64_t left = (deadline - clock_mono() + 999) / 1000;

		if (left <= 0)
			return (0);
		int r = poll(&pf, 1, (int)(left < 3600000 ? left : 3600000));
		if (r > 0 || (r < 0 && errno != EINTR))
			return (1);
	}
}

static int
connect_one(const struct addrinfo *ai, int64_t deadline)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	int no = 0;
	socklen_t n = sizeof(no);

	if (fd < 0)
		return (-1);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return (fd);
	no = errno;
	if (no == EINPROGRESS) {
		if (!wait_fd(fd, POLLOUT, deadline))
			no = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &n) != 0)
			no = errno;
	}
	if (no == 0)
		return (fd);
	close(fd);
	errno = no;
	return (-1);
}

int
dial_open(struct dial *d, const char *host, int port, int64_t timeout_us,
    struct err *e)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG }, *list;
	int64_t deadline = clock_mono() + timeout_us;
	char service[16], where[320];
	int fd = -1, no = 0;

	(void)snprintf(service, sizeof(service), "%d", port);
	(void)snprintf(where, sizeof(where), "%.250s:%d", host, port);
	int g = getaddrinfo(host, service, &hint, &list);
	if (g == EAI_ADDRFAMILY || g == EAI_NONAME || g == EAI_NODATA) {
		/* A machine with loopback alone has no configured address. */
		hint.ai_flags &= ~AI_ADDRCONFIG;
		g = getaddrinfo(host, service, &hint, &list);
	}
	if (g != 0)
		return (err_set(e, ERR_IO, where, "check the name and the "
		    "network", "the host is not found: %s", g == EAI_SYSTEM ?
		    strerror(errno) : gai_strerror(g)));
	for (const struct addrinfo *ai = list; ai != NULL && fd < 0;
	    ai = ai->ai_next)
		if ((fd = connect_one(ai, deadline)) < 0)
			no = errno;
	freeaddrinfo(list);
	if (fd < 0)
		return (err_set(e, no == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO,
		    where, "check that the server runs and that this machine "
		    "may reach it", "the server cannot be reached: %s",
		    strerror(no)));
	*d = (struct dial){ fd, deadline };
	return (0);
}

void
dial_close(struct dial *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static int
late(struct err *e)
{
	return (err_set(e, ERR_TIMEOUT, NULL, NULL, "the server did not answer "
	    "in time"));
}

int
dial_write(struct dial *d, const void *p, size_t n, struct err *e)
{
	const char *at = p;

	while (n > 0) {
		if (!wait_fd(d->fd, POLLOUT, d->deadline))
			return (late(e));
		ssize_t put = send(d->fd, at, n, MSG_NOSIGNAL);
		if (put < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (put < 0)
			return (err_set(e, ERR_IO, NULL, NULL, "the server "
			    "closed the connection: %s", strerror(errno)));
		at += put;
		n -= (size_t)put;
	}
	return (0);
}

int64_t
dial_read(struct dial *d, void *p, size_t n, struct err *e)
{
	for (;;) {
		if (!wait_fd(d->fd, POLLIN, d->deadline))
			return (late(e));
		ssize_t got = recv(d->fd, p, n, 0);
		if (got >= 0)
			return (got);
		if (errno != EINTR && errno != EAGAIN)
			return (err_set(e, ERR_IO, NULL, NULL, "the server "
			    "closed the connection: %s", strerror(errno)));
	}
}

int
dial_full(struct dial *d, void *p, size_t n, struct err *e)
{
	char *at = p;

	while (n > 0) {
		int64_t got = dial_read(d, at, n, e);
		if (got < 0)
			return ((int)got);
		if (got == 0)
			return (err_set(e, ERR_IO, NULL, NULL, "the server "
			    "closed the connection"));
		at += got;
		n -= (size_t)got;
	}
	return (0);
}
