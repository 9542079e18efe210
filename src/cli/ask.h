/* Questions to a person, one line each, from standard input. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

/*
 * ask_line(c, prompt, ret): the prompt to standard output, then a line without
 * its end, spaces trimmed, in the arena; false at the end of the input. A line
 * is at most 4,000 bytes; the rest of a longer one is passed over.
 */
bool ask_line(struct cli *c, const char *prompt, const char **ret);

#endif
