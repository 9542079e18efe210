#include "text/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "text/date.h"
#include "text/zone_rule.h"

#define FOLDER "/usr/share/zoneinfo"
#define DAY_S 86400
#define OFFSET_MAX 93599 /* RFC 8536, 3.2: below 26 h */

/* A little beyond the years that are printed, so that sums do not overflow. */
#define SECOND_MIN ((DATE_MIN - 400) * DAY_S)
#define SECOND_MAX ((DATE_MAX + 400) * DAY_S)

struct zone {
	const char *name;
	size_t n;              /* transitions */
	const int64_t *at;     /* seconds UTC, ascending */
	const uint8_t *begins; /* index of the type that begins there */
	size_t ntypes;
	const struct zone_type *type;
	struct zone_rule rule; /* after the last transition */
};

static const struct zone_type utc_type = { 0, false, "UTC" };
static const struct zone utc = { .name = "UTC", .ntypes = 1, .type = &utc_type };

const struct zone *
zone_utc(void)
{
	return (&utc);
}

const char *
zone_name(const struct zone *z)
{
	return (z->name);
}

/* ---- reading TZif ---- */

struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t
be32(const unsigned char *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static int64_t
be_time(const unsigned char *p, size_t width)
{
	if (width == 4)
		return ((int32_t)be32(p));
	return ((int64_t)((uint64_t)be32(p) << 32 | be32(p + 4)));
}

/* A header at the start of ${b}; false if it is none. */
static bool
header(struct str b, char *version, struct counts *c)
{
	const unsigned char *p = (const unsigned char *)b.ptr;

	if (b.len < 44 || memcmp(p, "TZif", 4) != 0)
		return (false);
	*version = (char)p[4];
	*c = (struct counts){ be32(p + 20), be32(p + 24), be32(p + 28),
		be32(p + 32), be32(p + 36), be32(p + 40) };
	/* What no zone comes near; sums of it cannot overflow. */
	return (c->isut <= 256 && c->isstd <= 256 && c->leap <= 65536 &&
	    c->time <= 65536 && c->type >= 1 && c->type <= 256 &&
	    c->chars >= 1 && c->chars <= 65536);
}

static size_t
block_size(const struct counts *c, size_t width)
{
	return (c->time * (width + 1) + c->type * 6 + c->chars +
	    c->leap * (width + 4) + c->isstd + c->isut);
}

static bool
read_types(struct zone_type *type, const struct counts *c,
    const unsigned char *p)
{
	const char *chars = (const char *)p + c->type * 6;

	for (uint32_t i = 0; i < c->type; i++, p += 6) {
		int32_t off = (int32_t)be32(p);
		if (off < -OFFSET_MAX || off > OFFSET_MAX || p[4] > 1 ||
		    p[5] >= c->chars)
			return (false);
		size_t n = strnlen(chars + p[5], c->chars - p[5]);
		if (n == c->chars - p[5] || n >= sizeof(type[i].abbr))
			return (false);
		type[i].offset_s = off;
		type[i].dst = p[4] != 0;
		for (size_t k = 0; k < n; k++)
			if (chars[p[5] + k] < 0x21 || chars[p[5] + k] > 0x7e)
				return (false);
		memcpy(type[i].abbr, chars + p[5], n);
	}
	return (true);
}

static bool
read_block(struct arena *a, struct zone *z, const struct counts *c,
    const unsigned char *p, size_t width)
{
	int64_t *at = arena_array(a, c->time, sizeof(*at));
	uint8_t *begins = arena_array(a, c->time, 1);
	struct zone_type *type = arena_array(a, c->type, sizeof(*type));

	for (uint32_t i = 0; i < c->time; i++) {
		at[i] = be_time(p + i * width, width);
		begins[i] = p[c->time * width + i];
		if ((i > 0 && at[i] <= at[i - 1]) || begins[i] >= c->type)
			return (false);
	}
	z->n = c->time;
	z->at = at;
	z->begins = begins;
	z->ntypes = c->type;
	z->type = type;
	return (read_types(type, c, p + c->time * (width + 1)));
}

/* NULL, or what is wrong. */
static const char *
read_all(struct arena *a, struct str b, struct zone *z)
{
	const unsigned char *p = (const unsigned char *)b.ptr;
	struct counts c;
	char version, again;
	size_t width = 4, at = 44;

	if (!header(b, &version, &c))
		return ("its header is wrong");
	if (version != 0) {
		size_t skip = 44 + block_size(&c, 4);
		if (skip > b.len || !header((struct str){ b.ptr + skip,
			b.len - skip }, &again, &c))
			return ("its second header is wrong");
		width = 8;
		at = skip + 44;
	}
	if (c.leap != 0)
		return ("it counts leap seconds");
	if (block_size(&c, width) > b.len - at)
		return ("it ends too early");
	if (!read_block(a, z, &c, p + at, width))
		return ("its transitions or types are wrong");
	if (version == 0)
		return (NULL);
	at += block_size(&c, width);
	struct str footer = { b.ptr + at, b.len - at };
	if (footer.len < 2 || footer.ptr[0] != '\n' ||
	    footer.ptr[footer.len - 1] != '\n' ||
	    !zone_rule_parse((struct str){ footer.ptr + 1, footer.len - 2 },
		&z->rule))
		return ("its rule for later years is wrong");
	return (NULL);
}

int
zone_parse(struct arena *a, const char *name, struct str bytes,
    const struct zone **ret, struct err *e)
{
	struct zone *z = arena_new(a, struct zone);

	const char *wrong = bytes.len > ZONE_MAX_BYTES
	    ? "it is too large"
	    : read_all(a, bytes, z);
	if (wrong != NULL)
		return (err_set(e, ERR_INPUT, name, "reinstall tzdata",
		    "the time zone file is not acceptable, %s", wrong));
	z->name = arena_strdup(a, name);
	*ret = z;
	return (0);
}

static bool
name_ok(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+-/");

	return (n != 0 && n < 64 && name[n] == '\0' && name[0] != '/' &&
	    name[n - 1] != '/' && strstr(name, "//") == NULL);
}

static int
no_zone(const char *name, struct err *e)
{
	return (err_set(e, ERR_INPUT, NULL,
	    "give a name like Europe/Berlin or UTC",
	    "there is no time zone \"%s\"", name));
}

static bool
is_utc(const char *name)
{
	return (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0);
}

int
zone_read(const char *name, struct buf *out, struct err *e)
{
	char path[128];
	ssize_t n;

	buf_reset(out);
	if (is_utc(name))
		return (0);
	if (!name_ok(name))
		return (no_zone(name, e));
	snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && access(FOLDER "/Europe", F_OK) != 0)
		return (err_set(e, ERR_ENV, FOLDER,
		    "install the package tzdata",
		    "the time zone files are missing"));
	if (fd < 0)
		return (no_zone(name, e));
	do {
		buf_reserve(out, 16384);
		n = read(fd, out->ptr + out->len, 16384);
		out->len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && out->len <= ZONE_MAX_BYTES) ||
	    (n < 0 && errno == EINTR));
	int error = n < 0 ? errno : 0;
	close(fd);
	if (error == EISDIR)
		return (no_zone(name, e));
	if (error != 0)
		return (err_set(e, ERR_IO, path, "see whether it can be read",
		    "the time zone file cannot be read, %s", strerror(error)));
	return (0);
}

/* What zone_provide() was given. */
static char provided[64];
static struct buf provided_bytes;

int
zone_provide(const char *name, struct str bytes, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct zone *z;

	if (!name_ok(name))
		return (no_zone(name, e));
	int r = zone_parse(&a, name, bytes, &z, e);
	if (r != 0)
		return (r);
	snprintf(provided, sizeof(provided), "%s", name);
	buf_reset(&provided_bytes);
	buf_putstr(&provided_bytes, bytes);
	return (0);
}

int
zone_load(struct arena *a, const char *name, const struct zone **ret,
    struct err *e)
{
	BUF_SCOPED bytes = BUF_INIT;

	if (is_utc(name)) {
		*ret = &utc;
		return (0);
	}
	if (provided[0] != '\0' && strcmp(name, provided) == 0)
		return (zone_parse(a, name, buf_str(&provided_bytes), ret, e));
	int r = zone_read(name, &bytes, e);
	if (r != 0)
		return (r);
	r = zone_parse(a, name, buf_str(&bytes), ret, e);
	return (r == 0 ? 0 : err_at(e, "%s/%s", FOLDER, name));
}

/* ---- using it ---- */

static int64_t
clamp(int64_t t)
{
	return (t < SECOND_MIN ? SECOND_MIN : t > SECOND_MAX ? SECOND_MAX : t);
}

static const struct zone_type *
type_at(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->n;

	if (z->n == 0)
		return (z->rule.present ? zone_rule_at(&z->rule, t) : z->type);
	if (t >= z->at[z->n - 1] && z->rule.present)
		return (zone_rule_at(&z->rule, t));
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (z->at[mid] <= t)
			low = mid + 1;
		else
			high = mid;
	}
	return (low == 0 ? z->type : &z->type[z->begins[low - 1]]);
}

/* The first transition after ${t}; INT64_MAX if there is none. */
static int64_t
next_transition(const struct zone *z, int64_t t)
{
	for (size_t i = 0; i < z->n; i++)
		if (z->at[i] > t)
			return (z->at[i]);
	return (zone_rule_next(&z->rule, t));
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return (a / b - (a % b < 0));
}

void
zone_fields(const struct zone *z, int64_t us, struct civil *c)
{
	int64_t t = clamp(floor_div(us, CLOCK_SECOND));
	const struct zone_type *type = type_at(z, t);
	int64_t local = t + type->offset_s, day = floor_div(local, DAY_S);
	int of_day = (int)(local - day * DAY_S);

	date_civil(day, &c->year, &c->month, &c->day);
	c->hour = of_day / 3600;
	c->minute = of_day / 60 % 60;
	c->second = of_day % 60;
	c->micro = (int)((us % CLOCK_SECOND + CLOCK_SECOND) % CLOCK_SECOND);
	c->offset_s = type->offset_s;
	c->dst = type->dst;
	memcpy(c->abbr, type->abbr, sizeof(c->abbr));
}

int
zone_offset(const struct zone *z, int64_t us)
{
	return (type_at(z, clamp(floor_div(us, CLOCK_SECOND)))->offset_s);
}

int64_t
zone_day(const struct zone *z, int64_t us)
{
	int64_t t = clamp(floor_div(us, CLOCK_SECOND));

	return (floor_div(t + type_at(z, t)->offset_s, DAY_S));
}

static void
try_offset(const struct zone *z, int64_t local, int32_t offset, int64_t *best)
{
	int64_t t = local - offset;

	if (t < *best && type_at(z, t)->offset_s == offset)
		*best = t;
}

/*
 * The first second at which clocks show ${local}. If none does, *gap is the
 * transition that skips it and the result is counted by the offset before.
 */
static int64_t
resolve(const struct zone *z, int64_t local, int64_t *gap)
{
	int64_t best = INT64_MAX, t = local - 2 * OFFSET_MAX;

	*gap = INT64_MAX;
	for (size_t i = 0; i < z->ntypes; i++)
		try_offset(z, local, z->type[i].offset_s, &best);
	if (z->rule.present)
		try_offset(z, local, z->rule.std.offset_s, &best);
	if (z->rule.changes)
		try_offset(z, local, z->rule.dst.offset_s, &best);
	if (best != INT64_MAX)
		return (best);
	while ((t = next_transition(z, t)) <= local + 2 * OFFSET_MAX) {
		int32_t before = type_at(z, t - 1)->offset_s;
		if (t + before <= local && local < t + type_at(z, t)->offset_s) {
			*gap = t;
			return (local - before);
		}
	}
	BUG("no instant of %lld in %s", (long long)local, z->name);
}

int64_t
zone_day_start(const struct zone *z, int64_t day)
{
	int64_t gap, t = resolve(z, clamp(day * DAY_S), &gap);

	return ((gap != INT64_MAX ? gap : t) * CLOCK_SECOND);
}

int64_t
zone_instant(const struct zone *z, int64_t day, int64_t of_day_us)
{
	int64_t gap, s = floor_div(of_day_us, CLOCK_SECOND);
	int64_t t = resolve(z, clamp(day * DAY_S + s), &gap);

	return (t * CLOCK_SECOND + (of_day_us - s * CLOCK_SECOND));
}
