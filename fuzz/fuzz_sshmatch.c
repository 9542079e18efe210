/* Match blocks of sshd_config: whatever the file says, each line of the answer
 * is one setting under one condition. */
#include <sys/mman.h>
#include <unistd.h>

#include "helper/helper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, rest, line;
	BUF_SCOPED out = BUF_INIT;
	char path[64];

	/* Patterns of Include would walk the whole disk. */
	for (size_t i = 0; i + 7 <= size; i++)
		if (strncasecmp(in.ptr + i, "include", 7) == 0)
			return (0);
	int fd = memfd_create("sshd_config", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	helper_sshd_matches(path, &out);
	close(fd);
	rest = buf_str(&out);
	while (str_split(&rest, '\n', &line))
		if (line.len != 0 && (!str_starts(line, "match ") ||
		    str_find(line, ": ") < 0))
			abort();
	return (0);
}
