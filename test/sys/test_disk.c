/* Block devices as /sys shows them, made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "sys/disk.h"
#include "sys/file.h"

static void
device(struct arena *a, const char *dir, const char *path, const char *uuid)
{
	const char *d = arena_printf(a, "%s/%s", dir, path);

	assert_int_equal(file_mkdirs(d, 0755, NULL), 0);
	if (uuid == NULL)
		return;
	assert_int_equal(file_mkdirs(arena_printf(a, "%s/dm", d), 0755, NULL),
	    0);
	assert_int_equal(file_write(arena_printf(a, "%s/dm/uuid", d), 0644,
	    uuid, strlen(uuid), NULL), 0);
}

static void
test_devices(void **state)
{
	char dir[] = "/tmp/test_disk.XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	char w[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	device(&a, dir, "8:1", NULL);
	device(&a, dir, "253:0", "CRYPT-LUKS2-0123-name\n");
	device(&a, dir, "253:0/slaves/sda1", NULL);
	device(&a, dir, "253:1", "CRYPT-PLAIN-name\n");
	/* A volume on an encrypted disk; on two of which one is open. */
	device(&a, dir, "253:2", "LVM-abc\n");
	device(&a, dir, "253:2/slaves/dm-0", "CRYPT-LUKS1-x\n");
	device(&a, dir, "253:3", "LVM-abc\n");
	device(&a, dir, "253:3/slaves/dm-0", "CRYPT-LUKS1-x\n");
	device(&a, dir, "253:3/slaves/sdb1", NULL);
	/* A name that only looks like it. */
	device(&a, dir, "253:4", "LVM-CRYPT-LUKS2\n");
	assert_int_equal(disk_sealed_device(dir, "8:1", w, sizeof(w)),
	    DISK_NO);
	assert_int_equal(disk_sealed_device(dir, "253:0", w, sizeof(w)),
	    DISK_YES);
	assert_string_equal(w, "dm-crypt (LUKS)");
	assert_int_equal(disk_sealed_device(dir, "253:1", w, sizeof(w)),
	    DISK_YES);
	assert_string_equal(w, "dm-crypt");
	assert_int_equal(disk_sealed_device(dir, "253:2", w, sizeof(w)),
	    DISK_YES);
	assert_int_equal(disk_sealed_device(dir, "253:3", w, sizeof(w)),
	    DISK_NO);
	assert_int_equal(disk_sealed_device(dir, "253:4", w, sizeof(w)),
	    DISK_NO);
	assert_int_equal(disk_sealed_device(dir, "9:9", w, sizeof(w)),
	    DISK_UNKNOWN);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

static void
test_paths(void **state)
{
	char w[256];

	(void)state;
	/* In memory, by its name on every Linux. */
	if (file_exists("/dev/shm"))
		assert_int_equal(disk_sealed("/dev/shm", w, sizeof(w)),
		    DISK_MEMORY);
	assert_int_equal(disk_sealed("/nonexistent", w, sizeof(w)),
	    DISK_UNKNOWN);
	assert_true(w[0] != '\0');
	disk_sealed("/", w, sizeof(w));
	assert_true(w[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_paths),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
