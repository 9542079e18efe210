/*
 * Bundles: the archive and its manifest. No crash, and whatever is accepted as
 * an archive of ours is, byte for byte, what the writer makes of its members.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "seal/manifest.h"
#include "sys/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
put(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_put(ctx, p, n);
	return (0);
}

static void
look(struct zip *z, struct str in)
{
	BUF_SCOPED out = BUF_INIT, content = BUF_INIT;
	struct zip_writer w;
	bool whole = z->form == ZIP_OURS;

	zip_begin(&w, put, &out);
	for (size_t i = 0; i < z->n; i++) {
		const struct zip_member *m = &z->members[i];
		ARENA_SCOPED a = ARENA_INIT;
		struct manifest x;
		if (!zip_name_ok(str_from(m->name)))
			abort();
		if (zip_get(z, m, 1 << 20, &content, NULL) != 0) {
			whole = false;
			continue;
		}
		if (content.len != m->size)
			abort();
		if (whole)
			zip_add(&w, m->name, buf_str(&content), NULL);
		if (strcmp(m->name, MANIFEST_NAME) == 0)
			manifest_parse(&a, buf_str(&content), &x, NULL);
	}
	zip_end(&w, NULL);
	if (whole && !str_eq(buf_str(&out), in))
		abort();
	zip_free(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char path[40];
	struct zip z;

	if (fd < 0)
		fd = memfd_create("bundle", 0);
	if (size > 1 << 18 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size)
		return (0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (zip_open(&z, path, 20, NULL) != 0)
		return (0);
	look(&z, (struct str){ (const char *)data, size });
	zip_close(&z);
	return (0);
}
