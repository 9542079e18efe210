#include "text/diff.h"

#include "base/map.h"

#define EDITS_MAX 2000 /* script length up to which the shortest is looked for */

struct lines {
	struct str *at;
	uint32_t *id; /* equal lines have equal numbers */
	int n;
};

static struct lines
split(struct arena *a, struct map *ids, struct str s)
{
	struct lines l = { 0 };
	struct str rest = s, line;
	size_t count = 0;

	while (s.len != 0 && str_split(&rest, '\n', &line))
		count++;
	l.at = arena_array(a, count + 1, sizeof(*l.at));
	l.id = arena_array(a, count + 1, sizeof(*l.id));
	rest = s;
	while (s.len != 0 && str_split(&rest, '\n', &line)) {
		/* What follows the last newline is a line only if it has bytes. */
		if (rest.ptr == NULL && line.len == 0)
			break;
		void *known = map_get(ids, line);
		uint32_t id = known != NULL ? (uint32_t)(uintptr_t)known
					    : (uint32_t)ids->n + 1;
		if (known == NULL)
			map_put(ids, line, (void *)(uintptr_t)id);
		l.at[l.n] = line;
		l.id[l.n++] = id;
	}
	return (l);
}

static void
put(struct diff *d, char op, const struct lines *from, int at, int old_line,
    int new_line)
{
	d->at[d->n++] = (struct diff_line){ op, old_line, new_line, from->at[at] };
	d->added += op == '+';
	d->removed += op == '-';
}

/*
 * Myers, "An O(ND) Difference Algorithm" (1986): trace[d][k] is the furthest
 * old line that d edits reach on diagonal k = x - y. Returns the number of
 * edits, or -1 if it is over the limit. The rows of ${trace} have 2d + 1.
 */
static int
search(struct arena *a, const struct lines *o, const struct lines *n, int ***ret)
{
	int max = o->n + n->n < EDITS_MAX ? o->n + n->n : EDITS_MAX;
	int **trace = arena_array(a, (size_t)max + 1, sizeof(*trace));
	int *v = arena_array(a, 2 * (size_t)max + 3, sizeof(*v));

	v += max + 1;
	for (int d = 0; d <= max; d++) {
		for (int k = -d; k <= d; k += 2) {
			int x = k == -d || (k != d && v[k - 1] < v[k + 1])
			    ? v[k + 1]
			    : v[k - 1] + 1;
			while (x < o->n && x - k < n->n && x - k >= 0 &&
			    o->id[x] == n->id[x - k])
				x++;
			v[k] = x;
			if (x >= o->n && x - k >= n->n) {
				*ret = trace;
				return (d);
			}
		}
		trace[d] = arena_array(a, 2 * (size_t)d + 1, sizeof(int));
		memcpy(trace[d], v - d, (2 * (size_t)d + 1) * sizeof(int));
	}
	return (-1);
}

static int
reached(int **trace, int d, int k)
{
	return (k < -d || k > d ? -1 : trace[d][k + d]);
}

/* Walk back from the end, marking which lines only one side has. */
static void
trace_back(int **trace, int d, const struct lines *o, const struct lines *n,
    bool *removed, bool *added)
{
	int x = o->n, y = n->n;

	for (; d > 0; d--) {
		int k = x - y;
		bool down = k == -d ||
		    (k != d && reached(trace, d - 1, k - 1) <
			reached(trace, d - 1, k + 1));
		int from_k = down ? k + 1 : k - 1;
		int from_x = reached(trace, d - 1, from_k);
		int from_y = from_x - from_k;
		if (down)
			added[from_y] = true;
		else
			removed[from_x] = true;
		x = from_x;
		y = from_y;
	}
}

/* The lines between the common beginning and end. */
static void
middle(struct arena *a, struct lines o, struct lines n, bool *removed,
    bool *added)
{
	int **trace;
	int d = search(a, &o, &n, &trace);

	if (d >= 0) {
		trace_back(trace, d, &o, &n, removed, added);
		return;
	}
	for (int i = 0; i < o.n; i++)
		removed[i] = true;
	for (int i = 0; i < n.n; i++)
		added[i] = true;
}

void
diff_lines(struct arena *a, struct str old, struct str new, struct diff *ret)
{
	struct diff d = { 0 };
	struct map ids;
	int head = 0, tail = 0, x = 0, y = 0;

	map_init(&ids, a);
	struct lines o = split(a, &ids, old), n = split(a, &ids, new);
	bool *removed = arena_array(a, (size_t)o.n + 1, sizeof(bool));
	bool *added = arena_array(a, (size_t)n.n + 1, sizeof(bool));
	while (head < o.n && head < n.n && o.id[head] == n.id[head])
		head++;
	while (tail < o.n - head && tail < n.n - head &&
	    o.id[o.n - 1 - tail] == n.id[n.n - 1 - tail])
		tail++;
	middle(a, (struct lines){ o.at + head, o.id + head, o.n - head - tail },
	    (struct lines){ n.at + head, n.id + head, n.n - head - tail },
	    removed + head, added + head);
	d.at = arena_array(a, (size_t)o.n + (size_t)n.n, sizeof(*d.at));
	while (x < o.n || y < n.n) {
		if (x < o.n && removed[x]) {
			put(&d, '-', &o, x, x + 1, 0);
			x++;
		} else if (y < n.n && added[y]) {
			put(&d, '+', &n, y, 0, y + 1);
			y++;
		} else {
			put(&d, ' ', &o, x, x + 1, y + 1);
			x++;
			y++;
		}
	}
	*ret = d;
}

/* ---- printing ---- */

static void
hunk(const struct diff *d, size_t from, size_t to, struct buf *out)
{
	int old_count = 0, new_count = 0, old_first = 0, new_first = 0;

	for (size_t i = 0; i < from; i++) {
		old_first += d->at[i].op != '+';
		new_first += d->at[i].op != '-';
	}
	for (size_t i = from; i < to; i++) {
		old_count += d->at[i].op != '+';
		new_count += d->at[i].op != '-';
	}
	buf_printf(out, "@@ -%d,%d +%d,%d @@\n",
	    old_first + (old_count > 0), old_count, new_first + (new_count > 0),
	    new_count);
	for (size_t i = from; i < to; i++) {
		buf_putc(out, d->at[i].op);
		buf_putstr(out, d->at[i].text);
		buf_putc(out, '\n');
	}
}

void
diff_unified(const struct diff *d, int context, struct buf *out)
{
	size_t i = 0, c = (size_t)context;

	while (i < d->n) {
		while (i < d->n && d->at[i].op == ' ')
			i++;
		if (i == d->n)
			return;
		size_t from = i > c ? i - c : 0, last = i;
		/* Changes with at most 2 * context lines between share a hunk. */
		while (i < d->n && i <= last + 2 * c + 1) {
			if (d->at[i].op != ' ')
				last = i;
			i++;
		}
		size_t to = last + 1 + c < d->n ? last + 1 + c : d->n;
		hunk(d, from, to, out);
		i = to;
	}
}
