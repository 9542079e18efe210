/* One connection: bytes in, requests to the handler, answers out. */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/httpd_private.h"

#define READ_SMALL 4096
#define READ_LARGE 65536
#define FILE_PIECE 65536
#define PROGRESS 4096 /* bytes that renew a deadline */
#define LINGER_BYTES ((size_t)4 << 20)
#define LINGER_TIME (2 * CLOCK_SECOND)
#define KEEP_BUFFER 16384 /* of an idle connection */

static void advance(struct httpd_conn *c);

/* --- the socket ----------------------------------------------------------- */

/* The only two places that touch its bytes: bytes, 0 at the end, -1 later,
 * -2 broken. */
static ssize_t
conn_recv(struct httpd_conn *c, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(c->item.fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	return (got >= 0 ? got : errno == EAGAIN ? -1 : -2);
}

static ssize_t
conn_send(struct httpd_conn *c, const void *p, size_t n)
{
	ssize_t put;

	do
		put = send(c->item.fd, p, n, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return (put >= 0 ? put : errno == EAGAIN ? -1 : -2);
}

/* --- waiting -------------------------------------------------------------- */

static void
wait_until(struct httpd_conn *c, int64_t us)
{
	c->since = c->h->now;
	c->deadline = c->h->now + us;
	c->window = 0;
}

static void
moved(struct httpd_conn *c, size_t n)
{
	c->window += n;
	if (c->window >= PROGRESS) {
		c->deadline = c->h->now + c->h->limits.slow;
		c->window = 0;
	}
}

/* Tell epoll what this state waits for, if it was told something else. */
static void
interest(struct httpd_conn *c)
{
	bool in = !c->eof && (c->state == CONN_HEAD || c->state == CONN_BODY ||
	    c->state == CONN_LINGER);
	bool out = c->out_at < c->out.len || c->state == CONN_WRITE;
	struct epoll_event ev = { .events = (in ? EPOLLIN : 0u) |
	    (out ? EPOLLOUT : 0u), .data.ptr = c };

	if (c->state == CONN_DEAD || (in == c->reading && out == c->want_write))
		return;
	c->reading = in;
	c->want_write = out;
	if (epoll_ctl(c->h->epoll, EPOLL_CTL_MOD, c->item.fd, &ev) != 0)
		httpd_conn_close(c);
}

/* --- beginning and end ---------------------------------------------------- */

void
httpd_conn_add(struct httpd *h, int fd, const unsigned char addr[16],
    const char *peer)
{
	struct httpd_conn *c = calloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	if (c == NULL)
		err_oom(sizeof(*c));
	c->item = (struct httpd_item){ KIND_CONN, fd };
	c->h = h;
	c->file = -1;
	c->reading = true;
	memcpy(c->addr, addr, sizeof(c->addr));
	snprintf(c->peer, sizeof(c->peer), "%s", peer);
	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
		close(fd);
		free(c);
		return;
	}
	c->next = h->conns;
	if (c->next != NULL)
		c->next->prev = c;
	h->conns = c;
	h->n.open++;
	h->n.accepted++;
	wait_until(c, h->limits.slow);
}

/* The call is over; its memory is given back. */
static void
end_call(struct httpd_conn *c)
{
	if (!c->in_call)
		return;
	c->in_call = false;
	if (c->h->face.done != NULL)
		c->h->face.done(c->h->face.ctx, &c->call);
	if (c->file >= 0)
		close(c->file);
	c->file = -1;
	c->file_left = 0;
	arena_free(&c->arena);
	buf_reset(&c->fields);
	buf_reset(&c->body);
	if (c->body.cap > KEEP_BUFFER)
		buf_free(&c->body);
}

/*
 * An answer that is given up is taken back: the kernel would else keep what it
 * holds of it for minutes, for a client that does not read, and the end of the
 * stream would not reach a client whose window is closed.
 */
static void
reset_if_unsent(struct httpd_conn *c)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (c->out_at < c->out.len || c->file_left > 0)
		(void)setsockopt(c->item.fd, SOL_SOCKET, SO_LINGER, &now,
		    sizeof(now));
}

void
httpd_conn_close(struct httpd_conn *c)
{
	struct httpd *h = c->h;

	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	reset_if_unsent(c);
	end_call(c);
	close(c->item.fd); /* leaves epoll by itself */
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		h->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->next = h->dead;
	h->dead = c;
	h->n.open--;
}

void
httpd_conn_free(struct httpd_conn *c)
{
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->body);
	buf_free(&c->fields);
	arena_free(&c->arena);
	free(c);
}

void
httpd_conn_stop(struct httpd_conn *c)
{
	c->closing = true;
	if (c->state == CONN_HEAD && c->in_at == c->in.len)
		httpd_conn_close(c);
}

/* --- answers -------------------------------------------------------------- */

static struct httpd_conn *
conn_of(struct httpd_call *call)
{
	return ((struct httpd_conn *)(void *)((char *)call -
	    offsetof(struct httpd_conn, call)));
}

void
httpd_header(struct httpd_call *call, const char *name, const char *value)
{
	struct httpd_conn *c = conn_of(call);

	if (strpbrk(name, "\r\n: ") != NULL || strpbrk(value, "\r\n") != NULL)
		BUG("header %s", name);
	buf_puts(&c->fields, name);
	buf_put(&c->fields, ": ", 2);
	buf_puts(&c->fields, value);
	buf_put(&c->fields, "\r\n", 2);
}

static void
put_number(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	buf_put(b, digits + i, sizeof(digits) - i);
}

/* Status line and fields, up to the empty line. */
static void
put_head(struct httpd_conn *c, int status, uint64_t length)
{
	struct buf *b = &c->out;

	buf_put(b, "HTTP/1.1 ", 9);
	put_number(b, (uint64_t)status);
	buf_putc(b, ' ');
	buf_puts(b, httpd_reason(status));
	buf_puts(b, "\r\nDate: ");
	buf_puts(b, httpd_date(c->h));
	if (status != 204 && status != 304) {
		buf_puts(b, "\r\nContent-Length: ");
		put_number(b, length);
	}
	buf_puts(b, c->closing ? "\r\nConnection: close\r\n" : "\r\n");
	buf_put(b, c->fields.ptr, c->fields.len);
	buf_put(b, "\r\n", 2);
}

static bool
no_body(const struct httpd_conn *c, int status)
{
	return (status == 204 || status == 304 || (c->in_call &&
	    c->head.method == HTTPD_HEAD));
}

static void
answered(struct httpd_conn *c, int status)
{
	c->answered = true;
	c->call.status = status;
	if (c->state == CONN_CALL) {
		/* Later, from outside of the connection's own work. */
		c->h->now = clock_mono();
		c->state = CONN_WRITE;
		wait_until(c, c->h->limits.slow);
		advance(c);
	}
}

/* A body that was not read makes what follows it unreadable. */
static void
close_if_unread(struct httpd_conn *c)
{
	if (c->head.close || (c->state == CONN_HEAD || c->state == CONN_BODY ?
	    c->head.chunked || c->body_got < c->head.length : false))
		c->closing = true;
}

void
httpd_reply(struct httpd_call *call, int status, struct str body)
{
	struct httpd_conn *c = conn_of(call);

	if (c->answered || !c->in_call)
		BUG("a second answer to one request");
	close_if_unread(c);
	put_head(c, status, body.len);
	if (!no_body(c, status)) {
		buf_put(&c->out, body.ptr, body.len);
		call->sent = body.len;
	}
	answered(c, status);
}

void
httpd_reply_file(struct httpd_call *call, int fd, uint64_t size)
{
	struct httpd_conn *c = conn_of(call);

	if (c->answered || !c->in_call)
		BUG("a second answer to one request");
	close_if_unread(c);
	put_head(c, 200, size);
	c->file = fd;
	c->file_at = 0;
	c->file_left = no_body(c, 200) ? 0 : size;
	call->sent = c->file_left;
	answered(c, 200);
}

/* --- receiving ------------------------------------------------------------ */

static struct str
unread(const struct httpd_conn *c)
{
	return ((struct str){ c->in.ptr + c->in_at, c->in.len - c->in_at });
}

/* What a request asks for: the second word of its first line, if it has one. */
static struct str
target_of(const struct httpd_conn *c)
{
	struct str rest = unread(c), line, word = STR("");

	if (c->in_call)
		return (c->head.target);
	if (!str_split(&rest, '\n', &line) || !str_split(&line, ' ', &word) ||
	    !str_split(&line, ' ', &word))
		return (STR(""));
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] <= 0x20 || word.ptr[i] >= 0x7f)
			return (STR(""));
	return (word);
}

/* Not a request, or none that is taken: say so and hang up. False: nobody has
 * anything to say. */
static bool
refuse(struct httpd_conn *c, int status)
{
	BUF_SCOPED body = BUF_INIT;
	const struct httpd_face *f = &c->h->face;
	const char *media = f->refuse == NULL ? NULL :
	    f->refuse(f->ctx, status, target_of(c), &body);

	if (media == NULL && status == 408)
		return (false);
	if (media == NULL)
		buf_printf(&body, "%d %s\n", status, httpd_reason(status));
	c->closing = true;
	buf_reset(&c->fields);
	buf_puts(&c->fields, "Content-Type: ");
	buf_puts(&c->fields, media != NULL ? media :
	    "text/plain; charset=utf-8");
	buf_puts(&c->fields, "\r\nX-Content-Type-Options: nosniff\r\n"
	    "Cache-Control: no-store\r\n");
	put_head(c, status, body.len);
	if (!no_body(c, status))
		buf_put(&c->out, body.ptr, body.len);
	buf_reset(&c->fields);
	c->h->n.refused++;
	c->call.status = status;
	c->answered = true;
	c->state = CONN_WRITE;
	wait_until(c, c->h->limits.slow);
	return (true);
}

/* --- sending -------------------------------------------------------------- */

/* More of the file; false if it is shorter than it was said to be. */
static bool
fill_from_file(struct httpd_conn *c)
{
	size_t n = c->file_left < FILE_PIECE ? (size_t)c->file_left :
	    FILE_PIECE;
	ssize_t got;

	buf_reserve(&c->out, n);
	do
		got = pread(c->file, c->out.ptr + c->out.len, n,
		    (off_t)c->file_at);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return (false);
	c->out.len += (size_t)got;
	c->file_at += (uint64_t)got;
	c->file_left -= (uint64_t)got;
	return (true);
}

/* 1: all is sent; 0: later; -1: the connection is closed. */
static int
flush(struct httpd_conn *c)
{
	for (;;) {
		if (c->out_at == c->out.len && c->out_at > 0) {
			buf_reset(&c->out);
			c->out_at = 0;
		}
		if (c->file_left > 0 && c->out.len < FILE_PIECE &&
		    !fill_from_file(c)) {
			httpd_conn_close(c);
			return (-1);
		}
		if (c->out_at == c->out.len)
			return (1);
		ssize_t put = conn_send(c, c->out.ptr + c->out_at,
		    c->out.len - c->out_at);
		if (put == -1)
			return (0);
		if (put < 0) {
			httpd_conn_close(c);
			return (-1);
		}
		c->out_at += (size_t)put;
		moved(c, (size_t)put);
	}
}

/* The answer is sent: the next request, or good-bye. */
static void
after_answer(struct httpd_conn *c)
{
	end_call(c);
	c->answered = false;
	if (c->out.cap > KEEP_BUFFER)
		buf_free(&c->out);
	if (!c->closing) {
		bool more = c->in_at < c->in.len;
		c->state = CONN_HEAD;
		c->scanned = 0;
		wait_until(c, more ? c->h->limits.slow : c->h->limits.idle);
		return;
	}
	if (c->eof || shutdown(c->item.fd, SHUT_WR) != 0) {
		httpd_conn_close(c);
		return;
	}
	/* Closing at once could take back what the client has not read yet. */
	c->state = CONN_LINGER;
	c->body_got = 0;
	wait_until(c, LINGER_TIME);
}

/* The head is complete: what is to become of the body? */
static void
begin_call(struct httpd_conn *c)
{
	struct httpd *h = c->h;

	h->n.requests++;
	c->in_call = true;
	c->plan = (struct httpd_plan){ .limit = 65536 };
	c->call = (struct httpd_call){ .head = &c->head, .arena = &c->arena,
		.peer = c->peer, .began = h->now };
	c->chunks = (struct httpd_chunks)HTTPD_CHUNKS_INIT;
	c->body_got = 0;
	c->body_left = c->head.length;
	if (c->head.close || h->stopping)
		c->closing = true;
	if (h->face.head != NULL)
		h->face.head(h->face.ctx, &c->call, &c->plan);
	if (c->answered) {
		c->state = CONN_WRITE;
		wait_until(c, h->limits.slow);
		return;
	}
	if (c->head.length > c->plan.limit) {
		(void)refuse(c, 413);
		return;
	}
	c->state = CONN_BODY;
	if (!c->head.chunked && c->head.length == 0)
		return;
	wait_until(c, h->limits.slow);
	if (c->head.expect && c->head.minor == 1 && c->in_at == c->in.len)
		buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void
run_call(struct httpd_conn *c)
{
	/* Its answer, if it comes at once, is sent by our caller. */
	c->state = CONN_WRITE;
	c->h->face.run(c->h->face.ctx, &c->call);
	if (c->answered)
		wait_until(c, c->h->limits.slow);
	else
		c->state = CONN_CALL;
}

static int
take_piece(struct httpd_conn *c, struct str piece)
{
	c->body_got += piece.len;
	if (c->body_got > c->plan.limit)
		return (413);
	moved(c, piece.len);
	if (c->plan.piece != NULL && piece.len > 0)
		return (c->plan.piece(c->h->face.ctx, &c->call, piece));
	buf_put(&c->body, piece.ptr, piece.len);
	return (0);
}

/* The body as far as it is here: 1 complete, 0 more is needed, or a status. */
static int
take_body(struct httpd_conn *c)
{
	struct str in = unread(c), piece;
	size_t used;
	int r = 0;

	if (!c->head.chunked) {
		if (in.len > c->body_left)
			in.len = (size_t)c->body_left;
		c->in_at += in.len;
		c->body_left -= in.len;
		/* All of it came with the head: no copy. */
		if (c->body_left == 0 && c->body_got == 0 &&
		    c->plan.piece == NULL) {
			c->body_got = in.len;
			c->call.body = in;
			return (1);
		}
		if (in.len > 0)
			r = take_piece(c, in);
		c->call.body = buf_str(&c->body);
		return (r != 0 ? r : c->body_left == 0);
	}
	while (r == 0) {
		in = unread(c);
		r = httpd_parse_chunks(&c->chunks, in, &used, &piece);
		c->in_at += used;
		if (r == 0 && used == 0)
			return (0);
		if (r == 0)
			r = take_piece(c, piece);
	}
	c->call.body = buf_str(&c->body);
	return (r);
}

static void
step_head(struct httpd_conn *c)
{
	size_t used;
	int r = httpd_parse_head(&c->arena, unread(c), &c->scanned, &c->head,
	    &used);

	if (r == 0)
		return;
	if (r != 1) {
		arena_free(&c->arena);
		(void)refuse(c, r);
		return;
	}
	c->in_at += used;
	c->scanned = 0;
	begin_call(c);
}

static void
step_body(struct httpd_conn *c)
{
	int r = take_body(c);

	if (r == 1)
		run_call(c);
	else if (r != 0 && !c->answered)
		(void)refuse(c, r);
	else if (r == 0 && c->out_at < c->out.len)
		(void)flush(c); /* 100 Continue */
}

/* As far as it goes without waiting. */
static void
advance(struct httpd_conn *c)
{
	for (;;) {
		enum httpd_state was = c->state;
		size_t at = c->in_at;

		switch (c->state) {
		case CONN_HEAD:
			if (c->in_at < c->in.len)
				step_head(c);
			break;
		case CONN_BODY:
			step_body(c);
			break;
		case CONN_WRITE:
			if (flush(c) == 1)
				after_answer(c);
			break;
		default:
			break;
		}
		if (c->state == CONN_DEAD)
			return;
		if (c->state == was && c->in_at == at)
			break;
	}
	/* No more will come, and what came is no whole request. */
	if (c->eof && (c->state == CONN_HEAD || c->state == CONN_BODY))
		httpd_conn_close(c);
	else
		interest(c);
}

/* What lies before ${in_at} is done with. */
static void
make_room(struct httpd_conn *c)
{
	if (c->in_at == 0)
		return;
	memmove(c->in.ptr, c->in.ptr + c->in_at, c->in.len - c->in_at);
	c->in.len -= c->in_at;
	c->in_at = 0;
}

static void
read_some(struct httpd_conn *c)
{
	bool first = c->state == CONN_HEAD && c->in_at == c->in.len;
	size_t n = c->state == CONN_HEAD ? READ_SMALL : READ_LARGE;

	if (c->state == CONN_LINGER)
		buf_reset(&c->in), c->in_at = 0;
	make_room(c);
	buf_reserve(&c->in, n + 1);
	ssize_t got = conn_recv(c, c->in.ptr + c->in.len, n);
	if (got == -1)
		return;
	if (got < -1) {
		httpd_conn_close(c);
		return;
	}
	if (got == 0) {
		c->eof = true;
		if (c->state == CONN_LINGER)
			httpd_conn_close(c);
		return;
	}
	c->in.len += (size_t)got;
	if (c->state == CONN_LINGER) {
		c->body_got += (uint64_t)got;
		if (c->body_got > LINGER_BYTES)
			httpd_conn_close(c);
	} else if (first && c->h->limits.slow < c->h->limits.idle) {
		/* The clock of the whole head begins with its first byte. */
		if (c->deadline > c->h->now + c->h->limits.slow)
			wait_until(c, c->h->limits.slow);
	}
}

void
httpd_conn_event(struct httpd_conn *c, uint32_t events)
{
	if (c->state == CONN_DEAD)
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		httpd_conn_close(c);
		return;
	}
	if ((events & EPOLLIN) && c->reading)
		read_some(c);
	if (c->state != CONN_DEAD)
		advance(c);
	if (c->state == CONN_HEAD && c->in_at == c->in.len &&
	    c->in.cap > KEEP_BUFFER) {
		buf_free(&c->in);
		c->in_at = 0;
	}
}

/* A request that has begun is told why it ends, if somebody has words for it. */
static bool
say_slow(struct httpd_conn *c)
{
	bool begun = c->state == CONN_BODY || (c->state == CONN_HEAD &&
	    c->in_at < c->in.len);

	if (!begun || c->answered || !refuse(c, 408))
		return (false);
	advance(c);
	return (true);
}

void
httpd_conn_check(struct httpd_conn *c)
{
	if (c->state == CONN_DEAD || c->state == CONN_CALL ||
	    c->h->now < c->deadline)
		return;
	if (c->state != CONN_LINGER &&
	    !(c->state == CONN_HEAD && c->in_at == c->in.len))
		c->h->n.slow++;
	if (!say_slow(c))
		httpd_conn_close(c);
}
