/* What is different between two texts, for people and as JSON. */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include "cli/cli.h"

/* The two texts, and what they are called. */
struct changes {
	struct str old, new;
	const char *old_name, *new_name;
};

/* changes_print(c, p, words): by line, or by word. */
void changes_print(struct cli *c, const struct changes *p, bool words);

#endif
