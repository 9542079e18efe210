/* From argv to one command, and from its result to an exit status. */
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/content.h"
#include "base/log.h"
#include "cli/cli.h"
#include "text/json.h"

#define VERSION "0.1"

static const struct cli_command *
find_command(const char *name)
{
	for (size_t i = 0; cli_commands[i] != NULL; i++)
		if (strcmp(cli_commands[i]->name, name) == 0)
			return (cli_commands[i]);
	return (NULL);
}

static int
unknown_command(struct arena *a, const char *name, struct err *e)
{
	const char *names[64];
	size_t n = 0;

	for (; cli_commands[n] != NULL && n < 64; n++)
		names[n] = cli_commands[n]->name;
	const char *near = cli_nearest(name, names, n);
	return (err_set(e, ERR_USAGE, name,
	    near != NULL ? arena_printf(a, "did you mean %s?", near) :
	    "see tickmark --help", "there is no such command"));
}

static void
look_at_terminal(struct cli *c)
{
	struct winsize ws;
	const char *term = getenv("TERM"), *columns = getenv("COLUMNS");
	int64_t n;

	c->width = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 40)
		c->width = ws.ws_col;
	else if (columns != NULL && str_to_i64(str_from(columns), &n) &&
	    n >= 40 && n <= 500)
		c->width = (int)n;
	/* https://no-color.org */
	const char *no = getenv("NO_COLOR");
	c->color = isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
cli_print_json(const struct cli *c, const struct val *v)
{
	struct json_writer w;

	(void)c;
	json_begin_file(&w, stdout, true);
	json_put_val(&w, v);
	json_end(&w, NULL);
}

static int
run(struct cli *c, int argc, char **argv, struct err *e)
{
	if (argc < 2) {
		cli_help(c);
		return (err_set(e, ERR_USAGE, NULL, "see the list above",
		    "no command was given"));
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0) {
		const struct cli_command *k = argc > 2 ? find_command(argv[2]) : NULL;
		if (argc > 2 && k == NULL)
			return (unknown_command(c->arena, argv[2], e));
		if (k != NULL)
			cli_help_command(k);
		else
			cli_help(c);
		return (0);
	}
	if (strcmp(name, "--version") == 0) {
		printf("tickmark %s\n", VERSION);
		return (0);
	}
	c->command = find_command(name);
	if (c->command == NULL)
		return (unknown_command(c->arena, name, e));
	int r = cli_parse(c, argc - 2, argv + 2, e);
	if (r != 0)
		return (r);
	if (cli_opt(c, "help") != NULL) {
		cli_help_command(c->command);
		return (0);
	}
	cli_progress_on(c);
	r = c->command->run(c, e);
	cli_progress_off();
	return (r);
}

/* The reader of a pipe had enough: no error of ours. */
static bool
reader_left(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return (ferror(stdout) && poll(&p, 1, 0) > 0 && (p.revents & POLLERR));
}

int
cli_main(int argc, char **argv)
{
	ARENA_SCOPED arena = ARENA_INIT;
	struct cli c = { .arena = &arena };
	struct err e = { 0 };

	/* A reader that went away, or a full quota, is an error of writing. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	const char *log = getenv("TICKMARK_LOG");
	if (log != NULL)
		log_set_level(strcmp(log, "debug") == 0 ? LOG_DEBUG :
		    strcmp(log, "info") == 0 ? LOG_INFO :
		    strcmp(log, "warn") == 0 ? LOG_WARN : LOG_OFF);
	look_at_terminal(&c);
	int r = run(&c, argc, argv, &e);
	bool wrote = fflush(stdout) == 0 && !ferror(stdout);
	if (!wrote && reader_left())
		return (r == -ERR_NO ? 1 : 0);
	if (r == 0 && !wrote)
		r = err_set(&e, ERR_IO, "standard output",
		    "free space or give another file", "the output was not written");
	if (r == 0)
		return (0);
	/* A command that has said the answer leaves the error empty. */
	if (e.what[0] != '\0') {
		cli_progress_off();
		err_print(stderr, &e);
	}
	return (err_exit((enum err_code)-r));
}
