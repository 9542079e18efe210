#include "cli/ask.h"

bool
ask_line(struct cli *c, const char *prompt, const char **ret)
{
	char line[4002];

	printf("%s", prompt);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL) {
		putchar('\n');
		return (false);
	}
	size_t n = strlen(line);
	if (n == sizeof(line) - 1 && line[n - 1] != '\n')
		for (int ch; (ch = getchar()) != EOF && ch != '\n';)
			;
	struct str s = str_trim((struct str){ line, n });
	*ret = arena_strndup(c->arena, s.ptr, s.len);
	return (true);
}
