/*
 * Declarations of record types and evidence tables, as written in
 * content/types and content/tables; doc/declarations.md is the language. This
 * is the build-time side: read, check, and say every mistake with its place.
 */
#ifndef TOOLS_DECL_H
#define TOOLS_DECL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "schema/kinds.h"

enum decl_kind {
#define X(name, word, sql, arg) DECL_##name,
	SCHEMA_KINDS(X)
#undef X
	DECL_KIND_MAX
};

enum decl_mode {
#define X(name, word) DECL_MODE_##name,
	SCHEMA_MODES(X)
#undef X
	DECL_MODE_MAX
};

struct decl_word {
	char *text;
	int line;
	bool quoted;
};
struct decl_words {
	struct decl_word *at;
	size_t n, cap;
};

struct decl_field {
	int line;
	int number;
	char *name;
	char *title;
	char *sentence;
	int kind;
	int cls; /* -1 until the class of the declaration is known */
	bool required;
	int64_t max;
	struct decl_words values; /* enum, set */
	struct decl_word target;  /* ref, refs */
	int target_number;
};

struct decl_step {
	int line;
	struct decl_word from, to;
	unsigned who;
	struct decl_words fill, apart;
};

struct decl_unique {
	struct decl_words cols;
};

struct decl {
	const char *file;
	int line;
	bool table;
	bool broken; /* a field could not be read: do not miss it later */
	int number;
	char *name;
	char *title;
	char *note;
	int mode;
	int cls;
	VEC(struct decl_field) fields;
	struct decl_words key, subject, owner, time, states;
	VEC(struct decl_unique) unique;
	VEC(struct decl_step) steps;
};

/* All declarations of a build, with what is wrong with them. */
struct decls {
	struct arena arena;
	VEC(struct decl) all;
	struct buf wrong; /* one "file:line: sentence" a line */
	int nwrong;
};

/* decls_read(d, file, text): one declaration. Mistakes go to ${d}->wrong. */
void decls_read(struct decls *d, const char *file, struct str text);
/* decls_check(d): what can be seen only when all are known; sorts them. */
void decls_check(struct decls *d);
void decls_free(struct decls *d);

/* decl_wrong(d, file, line, fmt, ...): keep a mistake. */
void decl_wrong(struct decls *d, const char *file, int line, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* The lexer, for the rules of access as well: words, "sentences", # comments. */
struct decl_lexer {
	struct decls *d;
	const char *file;
	struct str text;
	size_t at;
	int line; /* 1 to begin with */
};
/*
 * decl_statement(x, out): the next statement: the words of a line, and of those
 * after it that begin with a sentence. False at the end of the file.
 */
bool decl_statement(struct decl_lexer *x, struct decl_words *out);

/* Lists of words, ended by NULL: where one is (-1: nowhere), and all of them
 * for a sentence. */
extern const char *const decl_roles[];
extern const char *const decl_classes[];
int decl_word_index(const char *const *list, const char *s);
const char *decl_listed(struct decls *d, const char *const *list);

/* decl_field(t, name): index into its fields, or -1. */
int decl_field(const struct decl *t, const char *name);
const char *decl_kind_word(int kind);
const char *decl_class_word(int cls);
const char *decl_mode_word(int mode);

/* decl_put_c(s): a C string literal, or NULL, to standard output. */
void decl_put_c(const char *s);
/* decl_read(out, path): all of a file; false with errno. */
bool decl_read(struct buf *out, const char *path);

#endif
