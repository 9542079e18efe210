/* What doctor looks at beside the workspace's content: its backups, its keys'
 * directory, and the disk below. */
#ifndef CLI_DOCTOR_AROUND_H
#define CLI_DOCTOR_AROUND_H

#include "base/err.h"
#include "record/workspace.h"

struct doctor_around {
	struct arena *arena;
	void *ctx;
	/* Something does not hold. */
	void (*found)(void *ctx, const struct err *problem);
	/* It was looked at: ${good} says whether that is as it should be. */
	void (*said)(void *ctx, bool good, const char *text);
};

/* doctor_around(d, ws): ${ws} as workspace_look() left it. */
void doctor_around(struct doctor_around *d, const struct workspace *ws);

#endif
