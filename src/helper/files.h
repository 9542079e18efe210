/* The files whose owner and mode guard a machine; NULL-terminated. */
#ifndef HELPER_FILES_H
#define HELPER_FILES_H

#include <sys/types.h>

#include "base/banned.h"

extern const char *const files_sensitive[];
const char *files_kind(mode_t mode); /* file, folder, link, other */

#endif
