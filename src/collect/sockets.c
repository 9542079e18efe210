#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "collect/host.h"

/* --- parser: proc(5), /proc/net/tcp --------------------------------------- */

static bool
hex_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 16)
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		int c = tolower((unsigned char)s.ptr[i]);
		if (!isxdigit(c))
			return (false);
		v = v * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*ret = v;
	return (true);
}

/* "0100007F:0016": words of an address in the machine's order, and a port. */
static bool
read_end(struct str s, bool v6, unsigned char *addr, int64_t *port)
{
	size_t words = v6 ? 4 : 1;
	uint64_t v;

	if (s.len < words * 8 + 2 || s.ptr[words * 8] != ':' ||
	    !hex_u64((struct str){ s.ptr + words * 8 + 1,
	    s.len - words * 8 - 1 }, &v) || v > 65535)
		return (false);
	*port = (int64_t)v;
	for (size_t i = 0; i < words; i++) {
		if (!hex_u64((struct str){ s.ptr + i * 8, 8 }, &v))
			return (false);
		uint32_t w = (uint32_t)v;
		memcpy(addr + i * 4, &w, 4);
	}
	return (true);
}

/* The next field of a line, spaces before it passed over. */
static struct str
field(struct str *line)
{
	struct str f = STR_NULL;

	while (line->len > 0 && line->ptr[0] == ' ') {
		line->ptr++;
		line->len--;
	}
	(void)str_split(line, ' ', &f);
	return (f);
}

static bool
is_loopback(const unsigned char *a, bool v6)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };
	static const unsigned char one[16] = { [15] = 1 };

	if (!v6)
		return (a[0] == 127);
	return (memcmp(a, one, 16) == 0 ||
	    (memcmp(a, mapped, 12) == 0 && a[12] == 127));
}

bool
sockets_read(struct str line, bool tcp, bool v6, struct sockets_line *ret)
{
	unsigned char addr[16] = { 0 }, peer[16] = { 0 };
	struct sockets_line s = { 0 };
	int64_t peer_port;
	uint64_t state;

	(void)field(&line); /* its number */
	if (!read_end(field(&line), v6, addr, &s.port) ||
	    !read_end(field(&line), v6, peer, &peer_port) ||
	    !hex_u64(field(&line), &state))
		return (false);
	/* TCP_LISTEN; for UDP a socket that is bound and not connected. */
	if (tcp ? state != 10 : (state != 7 || peer_port != 0))
		return (false);
	for (int i = 0; i < 3; i++)
		(void)field(&line); /* queues, timer, retransmits */
	if (!str_to_i64(field(&line), &s.uid))
		return (false);
	(void)field(&line); /* timeout */
	if (!str_to_u64(field(&line), &s.inode))
		return (false);
	s.loopback = is_loopback(addr, v6);
	if (inet_ntop(v6 ? AF_INET6 : AF_INET, addr, s.address,
	    sizeof(s.address)) == NULL)
		return (false);
	*ret = s;
	return (true);
}

/* --- who holds them ------------------------------------------------------- */

/* A socket: several processes may share it, and several sockets a port. */
struct open_socket {
	struct sockets_line line;
	const char *proto;
	struct str programs; /* sorted, with commas between */
	int64_t uid;         /* of its processes; -1: none is known */
};

/* The processes that hold a socket. Of several accounts the lowest number
 * counts, so that root among them is seen. */
struct owner {
	struct str programs;
	int64_t uid;
};

struct reading {
	struct host *h;
	struct map owners;  /* inode as text to struct owner */
	bool owners_known;
	struct map sockets; /* "proto address port" */
};

/* Add ${name} to a sorted list that has commas between. */
static struct str
add_name(struct arena *a, struct str list, struct str name)
{
	BUF_SCOPED b = BUF_INIT;
	struct str one, rest = list;
	bool put = false;

	while (str_split(&rest, ',', &one) && one.len > 0) {
		if (!put && str_cmp(name, one) <= 0) {
			if (!str_eq(name, one))
				buf_printf(&b, STR_FMT ",", STR_ARG(name));
			put = true;
		}
		buf_printf(&b, STR_FMT ",", STR_ARG(one));
	}
	if (!put)
		buf_printf(&b, STR_FMT ",", STR_ARG(name));
	return (arena_str(a, (struct str){ b.ptr, b.len - 1 }));
}

/* "INODE PID UID NAME" */
static void
read_owners(struct reading *r)
{
	struct str text, line, f[4];
	struct arena *a = r->h->a;

	map_init(&r->owners, a);
	if (host_ask(r->h, "sockets", &text, NULL) != 0)
		return;
	r->owners_known = true;
	while (str_split(&text, '\n', &line)) {
		size_t n = 0;
		while (n < 4 && str_split(&line, ' ', &f[n]))
			n++;
		if (n != 4)
			continue;
		struct owner *had = map_get(&r->owners, f[0]);
		int64_t uid;
		if (!str_to_i64(f[2], &uid))
			continue;
		if (had == NULL) {
			had = arena_new(a, struct owner);
			had->uid = uid;
			(void)map_put(&r->owners, f[0], had);
		}
		had->uid = uid < had->uid ? uid : had->uid;
		had->programs = add_name(a, had->programs, f[3]);
	}
}

static void
note_socket(struct reading *r, const char *proto,
    const struct sockets_line *line)
{
	struct arena *a = r->h->a;
	struct str key = str_from(arena_printf(a, "%s %s %lld", proto,
	    line->address, (long long)line->port));
	struct str inode = str_from(arena_printf(a, "%llu",
	    (unsigned long long)line->inode));
	struct open_socket *s = map_get(&r->sockets, key);
	struct owner *own = map_get(&r->owners, inode);
	struct str one, rest;

	if (s == NULL) {
		s = arena_new(a, struct open_socket);
		s->line = *line;
		s->proto = proto;
		s->uid = -1;
		(void)map_put(&r->sockets, key, s);
	}
	if (own == NULL)
		return;
	if (s->uid < 0 || own->uid < s->uid)
		s->uid = own->uid;
	rest = own->programs;
	while (str_split(&rest, ',', &one))
		s->programs = add_name(a, s->programs, one);
}

static int
read_file(struct reading *r, const char *name, bool tcp, bool v6,
    struct err *e)
{
	struct sockets_line s;
	struct str text, line;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/net/%s", name);
	int rc = host_read(r->h, path, (size_t)64 << 20, &text, e);
	if (rc != 0) /* a kernel without IPv6 has no such file */
		return (v6 && rc == -ERR_NOTFOUND ? 0 : rc);
	while (str_split(&text, '\n', &line))
		if (sockets_read(line, tcp, v6, &s))
			note_socket(r, tcp ? "tcp" : "udp", &s);
	return (0);
}

static void
put_socket(struct reading *r, const struct open_socket *s)
{
	struct job *j = r->h->job;
	struct cell c[F_LISTENING_SOCKET_LOOPBACK + 1] = { 0 };

	c[F_LISTENING_SOCKET_HOST] = CELL_STR(r->h->name);
	c[F_LISTENING_SOCKET_PROTO] = CELL_STR(str_from(s->proto));
	c[F_LISTENING_SOCKET_ADDRESS] = CELL_STR(str_from(s->line.address));
	c[F_LISTENING_SOCKET_PORT] = CELL_INT(s->line.port);
	/* With an answer and no process, it is the kernel's own. */
	c[F_LISTENING_SOCKET_PROGRAM] = s->programs.len > 0 ?
	    job_text(j, s->programs) : r->owners_known ? CELL_NONE :
	    CELL_BLIND;
	c[F_LISTENING_SOCKET_UID] = CELL_INT(s->uid >= 0 ? s->uid :
	    s->line.uid); /* who made the socket, if nobody shows */
	c[F_LISTENING_SOCKET_LOOPBACK] = CELL_INT(s->line.loopback);
	job_row(j, c);
}

void
host_sockets(struct host *h)
{
	static const struct {
		const char *name;
		bool tcp, v6;
	} files[] = { { "tcp", true, false }, { "tcp6", true, true },
		{ "udp", false, false }, { "udp6", false, true } };
	struct reading r = { .h = h };
	struct err e = { 0 };

	if (h->other) {
		job_blind(h->job, T_LISTENING_SOCKET, "a folder of files does "
		    "not listen");
		return;
	}
	read_owners(&r);
	map_init(&r.sockets, h->a);
	for (size_t i = 0; i < 4; i++)
		if (read_file(&r, files[i].name, files[i].tcp, files[i].v6,
		    &e) != 0) {
			job_blind(h->job, T_LISTENING_SOCKET, "%s", e.what);
			return;
		}
	job_table(h->job, T_LISTENING_SOCKET);
	for (size_t i = 0; i < r.sockets.n; i++)
		put_socket(&r, r.sockets.items[i].value);
	job_end(h->job, r.owners_known ? NULL : "the programs behind the "
	    "ports are unknown: only root may see them");
}
