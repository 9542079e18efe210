#include "base/content.h"

static size_t
lower_bound(const char *path)
{
	size_t lo = 0, hi = content_nfiles;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (strcmp(content_files[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct str
content_find(const char *path)
{
	size_t i = lower_bound(path);

	if (i == content_nfiles || strcmp(content_files[i].path, path) != 0)
		return (STR_NULL);
	return ((struct str){ (const char *)content_files[i].data,
	    content_files[i].len });
}

const struct content_file *
content_next(const char *prefix, size_t i)
{
	size_t at = lower_bound(prefix) + i;

	if (at >= content_nfiles ||
	    strncmp(content_files[at].path, prefix, strlen(prefix)) != 0)
		return (NULL);
	return (&content_files[at]);
}
