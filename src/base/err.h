/*
 * Errors that a person can act on.
 *
 * A function that can fail returns 0, or a negative enum err_code, and takes
 * a struct err * as its last parameter. On success the struct is untouched; on
 * failure it holds what is wrong, where, and what to do about it, and every
 * other output of the function is untouched. The struct err may be NULL.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/banned.h"

/* X(name, exit status of the command line, HTTP status, sentence) */
#define ERR_CODES(X)                                                           \
	X(NO, 1, 409, "the answer is no")                                      \
	X(USAGE, 2, 400, "the command was not understood")                     \
	X(INPUT, 2, 422, "the input is not acceptable")                        \
	X(NOTFOUND, 2, 404, "there is no such thing")                          \
	X(ERASED, 3, 410, "it was erased")                                     \
	X(CONFLICT, 2, 409, "somebody else changed it")                        \
	X(DENIED, 3, 403, "not allowed")                                       \
	X(LIMIT, 2, 413, "a limit was passed")                                 \
	X(ENV, 3, 503, "something needed is missing on this machine")          \
	X(IO, 3, 503, "reading or writing failed")                             \
	X(DAMAGED, 3, 500, "stored data is damaged")                           \
	X(BUSY, 3, 503, "another process owns the workspace")                  \
	X(NEWER, 3, 500, "written by a newer version")                         \
	X(TIMEOUT, 3, 504, "it took too long")                                 \
	X(BUG, 3, 500, "a fault of the program itself")

enum err_code {
	ERR_OK = 0,
#define X(name, exit, http, text) ERR_##name,
	ERR_CODES(X)
#undef X
	ERR_MAX
};

struct err {
	enum err_code code;
	char what[1024]; /* the sentence: what is wrong */
	char where[512]; /* file:line, id, or empty */
	char fix[512];   /* what to do, or empty */
};

/*
 * err_set(e, code, where, fix, fmt, ...):
 * Fill ${e} (if not NULL) and return -${code}. ${where} and ${fix} may be NULL.
 * Control characters in the parts are replaced, so that a printed error is
 * always one line.
 */
int err_set(struct err *e, enum err_code code, const char *where,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * err_at(e, where, fmt, ...): replace the place of an error that a lower floor
 * raised without knowing the file it was reading; returns -e->code.
 */
int err_at(struct err *e, const char *where_fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* err_exit(code): the exit status of the command line for ${code}. */
int err_exit(enum err_code code);

/* err_http(code): the HTTP status for ${code}. */
int err_http(enum err_code code);

/* err_name(code): the symbolic name ("input"), for JSON and logs. */
const char *err_name(enum err_code code);

/* err_format(e, out, cap): "tickmark: what: where: fix" without a newline. */
void err_format(const struct err *e, char *out, size_t cap);

/* err_print(f, e): the same with a newline to ${f}. */
void err_print(FILE *f, const struct err *e);

/*
 * bug(fmt, ...): a state that cannot be reached unless the program is wrong.
 * Prints and aborts; never for anything that input can cause.
 */
_Noreturn void err_bug(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)

/*
 * err_oom(wanted): memory could not be had. Prints the one-line error and ends
 * the process with exit status 3: everything durable is transactional, so
 * nothing is half done.
 */
_Noreturn void err_oom(size_t wanted);

#endif
