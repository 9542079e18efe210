/* tickmark api: what the API of the server is. */
#include "api/openapi.h"
#include "cli/commands.h"
#include "sys/file.h"

static int
run(struct cli *c, struct err *e)
{
	const char *to = cli_opt(c, "output");
	BUF_SCOPED b = BUF_INIT;

	if (strcmp(c->arg[0], "openapi") != 0)
		return (err_set(e, ERR_USAGE, c->arg[0], "write: tickmark api "
		    "openapi", "this is nothing of the API"));
	openapi_write(&b);
	buf_putc(&b, '\n');
	if (to != NULL)
		return (file_write(to, 0644, b.ptr, b.len, e));
	fwrite(b.ptr, 1, b.len, stdout);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "output", OPT_TEXT, "FILE", "write it there" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_api = {
	"api", "openapi [--output FILE]",
	"describe the HTTP API to programs",
	"Prints the OpenAPI 3.1 document of /api/v1, which a server answers with as\n"
	"/api/v1/openapi.json too. It is the same for every workspace.\n"
	"\n"
	"  tickmark api openapi --output openapi.json\n"
	"\n"
	"Requests carry a token (Authorization: Bearer ...). doc/api.md explains them.",
	1, 1, opts, run, false,
};
