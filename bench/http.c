/*
 * A server that answers every request with the same bytes, for bench/http: our
 * core, or with -DPEER libmicrohttpd as bare as it can be (epoll, one thread).
 * Prints its port, and answers until its input ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BODY                                                                   \
	"{\"id\":\"0k2n4p6r8t0v2x4z6b8d0f2h4j\",\"type\":\"control\",\"name\":"  \
	"\"Access is reviewed\",\"state\":\"operating\",\"owner\":\"ann\","     \
	"\"criteria\":[\"CC6.1\",\"CC6.2\"],\"results\":12,\"exceptions\":0}\n"

#ifdef PEER
#include <arpa/inet.h>
#include <microhttpd.h>
#include <string.h>

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	static int seen;

	/* As its manual wants it: the first call is for the head alone. */
	if (*state == NULL) {
		*state = &seen;
		return (MHD_YES);
	}
	struct MHD_Response *r = MHD_create_response_from_buffer(
	    sizeof(BODY) - 1, (void *)(unsigned long)BODY,
	    MHD_RESPMEM_PERSISTENT);

	(void)ctx, (void)url, (void)method, (void)version, (void)data;
	if (*n > 0) { /* a body is read and dropped */
		*n = 0;
		MHD_destroy_response(r);
		return (MHD_YES);
	}
	MHD_add_response_header(r, "Content-Type", "application/json");
	enum MHD_Result ok = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return (ok);
}

int
main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char b;

	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD,
	    0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &a,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_TIMEOUT,
	    10u, MHD_OPTION_END);
	if (d == NULL)
		return (3);
	printf("%d\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (read(0, &b, 1) > 0)
		;
	MHD_stop_daemon(d);
	return (0);
}
#else
#include "base/clock.h"
#include "sys/httpd.h"

static void
answer(void *ctx, struct httpd_call *c)
{
	(void)ctx;
	httpd_header(c, "Content-Type", "application/json");
	httpd_reply(c, 200, STR(BODY));
}

static void
hear(void *ctx, int fd)
{
	char b;

	if (read(fd, &b, 1) <= 0)
		httpd_stop(ctx);
}

int
main(void)
{
	struct httpd_face face = { .run = answer };
	struct httpd_limits limits = HTTPD_LIMITS;
	ARENA_SCOPED a = ARENA_INIT;
	struct httpd *h;
	const char *at;
	struct err e;

	limits.grace = 0;
	if (httpd_new(&face, &limits, &h, &e) != 0 ||
	    httpd_listen(h, "127.0.0.1:0", &a, &at, &e) != 0 ||
	    httpd_watch(h, 0, hear, h, &e) != 0)
		return (3);
	printf("%s\n", strrchr(at, ':') + 1);
	fflush(stdout);
	int r = httpd_run(h, &e);
	httpd_free(h);
	return (r != 0);
}
#endif
