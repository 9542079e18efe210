#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"

static enum log_level level = LOG_OFF;
static int log_fd = STDERR_FILENO;
static progress_fn *prog;
static void *prog_ctx;

void
log_set_level(enum log_level l)
{
	level = l;
}

void
log_set_fd(int fd)
{
	log_fd = fd;
}

static void
put_json(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", c);
		else
			buf_putc(b, (char)c);
	}
	buf_putc(b, '"');
}

void
log_event(enum log_level l, const char *event, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	if (l < level || l >= LOG_OFF)
		return;
	BUF_SCOPED b = BUF_INIT;
	va_list ap;
	buf_printf(&b, "{\"time_us\":%lld,\"level\":\"%s\",\"event\":",
	    (long long)clock_now(), names[l]);
	put_json(&b, event);
	va_start(ap, event);
	for (const char *k; (k = va_arg(ap, const char *)) != NULL;) {
		const char *v = va_arg(ap, const char *);
		buf_putc(&b, ',');
		put_json(&b, k);
		buf_putc(&b, ':');
		put_json(&b, v != NULL ? v : "");
	}
	va_end(ap);
	buf_puts(&b, "}\n");
	/* A log that cannot be written must not stop the work. */
	if (write(log_fd, b.ptr, b.len) < 0)
		return;
}

void
progress_install(progress_fn *fn, void *ctx)
{
	prog = fn;
	prog_ctx = ctx;
}

void
progress(const char *what, int64_t done, int64_t total)
{
	if (prog != NULL)
		prog(prog_ctx, what, done, total);
}
