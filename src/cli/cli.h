/*
 * The command line: parsing of arguments, help, output. It holds no rule of
 * the programme; a command calls the floors below and prints what they say.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/val.h"

enum cli_opt_kind {
	OPT_FLAG,  /* --name */
	OPT_TEXT,  /* --name VALUE or --name=VALUE */
	OPT_MULTI, /* the same, any number of times */
	OPT_SHORT  /* -n VALUE, where name is one letter */
};

struct cli_opt {
	const char *name; /* without dashes; NULL ends the table */
	enum cli_opt_kind kind;
	const char *arg;  /* what stands for the value in the help */
	const char *help; /* a sentence */
};

struct cli_given {
	const struct cli_opt *opt;
	const char *value; /* "" for a flag */
};

struct cli {
	struct arena *arena;  /* of the whole command */
	const struct cli_command *command;
	const char **arg;     /* positional arguments after the command's name */
	size_t nargs;
	struct cli_given *given;
	size_t ngiven;
	bool json;  /* --json */
	bool color; /* a terminal that wants it */
	int width;  /* columns of the terminal, 80 if unknown */
};

struct cli_command {
	const char *name;
	const char *usage;   /* after the name */
	const char *summary; /* one line for the list of commands */
	const char *help;    /* paragraphs and examples */
	size_t min_args, max_args;
	const struct cli_opt *opts;
	/* Returns 0 (yes), -ERR_NO after having said why, or another error. */
	int (*run)(struct cli *c, struct err *e);
	/* The command parses its options itself: all but --json and --help come
	 * as positions, in their order. */
	bool raw;
};

/* The commands, in the order of the list; ends with NULL. */
extern const struct cli_command *const cli_commands[];

/* cli_main(argc, argv): the whole program; returns its exit status. */
int cli_main(int argc, char **argv);

/* cli_parse(c, argc, argv, e): positions and options of c->command. */
int cli_parse(struct cli *c, int argc, char **argv, struct err *e);
/* cli_opt(c, name): the last value given, or NULL; for a flag "" or NULL. */
const char *cli_opt(const struct cli *c, const char *name);
/* cli_opt_nth(c, name, i): the i-th value of an OPT_MULTI, or NULL. */
const char *cli_opt_nth(const struct cli *c, const char *name, size_t i);
/* cli_opt_int(c, name, otherwise, ret, e): a whole number >= 0. */
int cli_opt_int(const struct cli *c, const char *name, int64_t otherwise,
    int64_t *ret, struct err *e);
/* cli_verb(verb, names, n, what, e): its place among the names; else ERR_USAGE with
 * the nearest of them, or all: "this is not done to ${what}". */
int cli_verb(const char *verb, const char *const *names, size_t n,
    const char *what, struct err *e);
/* cli_nearest(word, list, n): the most similar of the words, or NULL. */
const char *cli_nearest(const char *word, const char *const *list, size_t n);

/* Help of all, or of one command, to standard output. */
void cli_help(const struct cli *c);
void cli_help_command(const struct cli_command *cmd);

/*
 * Output. A table measures its columns and wraps the last one that is marked;
 * to a pipe it does not wrap, so that lines can be cut by other programs.
 */
enum cli_tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_DIM,
	TONE_BOLD };
struct cli_table;
struct cli_table *cli_table(struct cli *c, size_t ncols, ...); /* titles */
void cli_row(struct cli_table *t, ...); /* ncols texts; NULL is empty */
/* The same from arrays of texts. */
struct cli_table *cli_table_of(struct cli *c, size_t ncols,
    const char *const *titles);
void cli_row_of(struct cli_table *t, const char *const *texts);
/* cli_tint(t, col, tone): of the row added last; one column of a table. */
void cli_tint(struct cli_table *t, size_t col, enum cli_tone tone);
/* cli_table_print(t): with --json as a list of maps, title to text. */
void cli_table_print(struct cli_table *t);
size_t cli_table_rows(const struct cli_table *t);

/* cli_wrap(c, indent, text): text to standard output, wrapped and indented. */
void cli_wrap(const struct cli *c, int indent, const char *text);
/* cli_text(c, s): with a NUL at its end, in the arena of the command; "" for one
 * that is not there. */
const char *cli_text(const struct cli *c, struct str s);
/* cli_word(c, s): as one word of a shell, in a command that is suggested. */
const char *cli_word(const struct cli *c, const char *s);
/* cli_tone(c, tone): the escape sequence, or "" without color. */
const char *cli_tone(const struct cli *c, enum cli_tone tone);
/* cli_print_json(c, v): the value and a newline to standard output. */
void cli_print_json(const struct cli *c, const struct val *v);
/* cli_progress_on(c): show progress of long work, on a terminal only. */
void cli_progress_on(struct cli *c);
void cli_progress_off(void);

#endif
