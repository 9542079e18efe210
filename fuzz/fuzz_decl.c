/* Declarations: whatever the bytes, a mistake is said with its place. */
#include "base/arena.h"

#include "../tools/decl.c"
#include "../tools/decl_check.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decls d = { 0 };
	struct str text = { (const char *)data, size };

	decls_read(&d, "content/types/thing.type", text);
	decls_check(&d);
	/* Told, each on one line that begins with the file. */
	struct str rest = buf_str(&d.wrong), line;
	while (rest.len != 0 && str_split(&rest, '\n', &line))
		if (line.len != 0 && !str_starts(line, "content/types/thing.type:"))
			abort();
	if ((d.nwrong != 0) != (d.wrong.len != 0))
		abort();
	decls_free(&d);
	return (0);
}
