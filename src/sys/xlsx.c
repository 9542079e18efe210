#include "sys/xlsx.h"

#include <pthread.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "base/arena.h"
#include "sys/library.h"

/* Debian has no archive of it: it is opened when a sheet is asked for. */
#define FUNCTIONS(X)                                                           \
	X(workbook_new_opt)                                                    \
	X(workbook_add_worksheet)                                              \
	X(workbook_close)                                                      \
	X(worksheet_write_string)                                              \
	X(worksheet_write_number)                                              \
	X(lxw_strerror)
static struct {
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
	bool loaded;
	pthread_mutex_t lock;
} lxw = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int
load(struct err *e)
{
	static const struct library lib = { "libxlsxwriter.so.4",
		"libxlsxwriter4", "an XLSX file needs libxlsxwriter" };
	static const struct library_function fns[] = {
#define X(name) { #name, &lxw.name },
		FUNCTIONS(X)
#undef X
	};
	int r = 0;

	pthread_mutex_lock(&lxw.lock);
	if (!lxw.loaded)
		r = library_open(&lib, fns, sizeof(fns) / sizeof(fns[0]), e);
	lxw.loaded = r == 0;
	pthread_mutex_unlock(&lxw.lock);
	return (r);
}

struct xlsx {
	lxw_workbook *book;
	lxw_worksheet *sheet;
	char *path;
	uint32_t row;
	uint16_t col;
	struct arena scratch;
};

int
xlsx_new(const char *path, const char *sheet, struct xlsx **ret, struct err *e)
{
	struct xlsx *x;
	char *slash;
	int r = load(e);

	if (r != 0)
		return (r);
	x = calloc(1, sizeof(*x));
	if (x == NULL || (x->path = strdup(path)) == NULL)
		err_oom(sizeof(*x));
	char *dir = arena_strdup(&x->scratch, path);
	if ((slash = strrchr(dir, '/')) != NULL)
		*slash = '\0';
	else
		dir = arena_strdup(&x->scratch, ".");
	lxw_workbook_options o = { .constant_memory = LXW_TRUE,
		.tmpdir = dir };
	x->book = lxw.workbook_new_opt(path, &o);
	x->sheet = x->book != NULL ? lxw.workbook_add_worksheet(x->book, sheet) :
	    NULL;
	if (x->sheet == NULL) {
		xlsx_free(x);
		return (err_set(e, ERR_ENV, NULL, "free some space",
		    "a workbook could not be begun"));
	}
	*ret = x;
	return (0);
}

static int
too_much(struct err *e, const char *what)
{
	return (err_set(e, ERR_LIMIT, NULL, "take it as CSV, or fewer of it",
	    "a sheet of XLSX does not hold %s", what));
}

static int
done(struct xlsx *x, lxw_error k, struct err *e)
{
	if (k == LXW_NO_ERROR) {
		x->col++;
		return (0);
	}
	if (k == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE)
		return (too_much(e, "so many rows"));
	if (k == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
		return (too_much(e, "a text of over 32,767 characters"));
	return (err_set(e, ERR_IO, NULL, "free some space",
	    "a cell could not be written: %s", lxw.lxw_strerror(k)));
}

int
xlsx_text(struct xlsx *x, struct str s, struct err *e)
{
	struct arena_mark m = arena_mark(&x->scratch);
	lxw_error k = LXW_NO_ERROR;

	/* An empty cell takes no place. */
	if (s.len != 0)
		k = lxw.worksheet_write_string(x->sheet, x->row, x->col,
		    arena_strndup(&x->scratch, s.ptr, s.len), NULL);
	arena_rewind(&x->scratch, m);
	return (done(x, k, e));
}

int
xlsx_number(struct xlsx *x, int64_t n, struct err *e)
{
	char text[24];

	/* Beyond what a double holds it would become another number. */
	if (n > (INT64_C(1) << 53) || n < -(INT64_C(1) << 53)) {
		snprintf(text, sizeof(text), "%lld", (long long)n);
		return (xlsx_text(x, str_from(text), e));
	}
	return (done(x, lxw.worksheet_write_number(x->sheet, x->row, x->col,
	    (double)n, NULL), e));
}

void
xlsx_endrow(struct xlsx *x)
{
	x->row++;
	x->col = 0;
}

int
xlsx_close(struct xlsx *x, struct err *e)
{
	lxw_error k = lxw.workbook_close(x->book);

	x->book = NULL;
	xlsx_free(x);
	if (k != LXW_NO_ERROR)
		return (err_set(e, ERR_IO, NULL, "free some space",
		    "the workbook could not be written: %s", lxw.lxw_strerror(k)));
	return (0);
}

void
xlsx_free(struct xlsx *x)
{
	if (x == NULL)
		return;
	if (x->book != NULL) {
		/* It knows no other way to give back what it has. */
		lxw.workbook_close(x->book);
		unlink(x->path);
	}
	arena_free(&x->scratch);
	free(x->path);
	free(x);
}
