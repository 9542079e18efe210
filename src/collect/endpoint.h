/* Servers as sources name them: HOST:PORT, [ADDRESS]:PORT, HOST:PORT/NAME. */
#ifndef COLLECT_ENDPOINT_H
#define COLLECT_ENDPOINT_H

#include "collect/collect.h"

#define ENDPOINT_MAX 256 /* of one source */

struct endpoint {
	const char *host;
	int port;
	const char *name; /* to ask for: the host, or what was given */
	const char *text; /* "host:port", "[::1]:22" */
};

/* endpoint_list(a, s, port, ret, n, e): --host, --port and --sni, and all of
 * --endpoint, each once. ${port}: where none is given. */
int endpoint_list(struct arena *a, const struct collect_source *s, int port,
    struct endpoint **ret, size_t *ret_n, struct err *e);
/* endpoint_ports(a, list, n, ret_n): to connect to, with the resolver's. */
const uint16_t *endpoint_ports(struct arena *a, const struct endpoint *list,
    size_t n, size_t *ret_n);

#endif
