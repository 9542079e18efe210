/*
 * Manifests and settings of backups: no crash, and a manifest
 * that is accepted prints as it was. The first byte chooses which.
 */
#include "seal/backup_settings.h"
#include "seal/point.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
manifest(struct str in)
{
	static const uint8_t key[CRYPTO_KEY] = { 1 };
	POINT_SCOPED m = { .number = 0 };
	BUF_SCOPED b = BUF_INIT, again = BUF_INIT;
	uint8_t mac[CRYPTO_HASH];
	bool own = false;

	buf_putstr(&b, in);
	crypto_hmac(key, sizeof(key), in.ptr, in.len, mac);
	buf_puts(&b, "mac ");
	buf_puthex(&b, mac, sizeof(mac));
	buf_putc(&b, '\n');
	if (point_parse(buf_str(&b), key, &m, &own, NULL) != 0)
		return;
	for (size_t i = 0; i < m.files.n; i++)
		if (!point_path_ok(str_from(m.files.at[i].path)) ||
		    point_file(&m, m.files.at[i].path) != &m.files.at[i])
			abort();
	point_print(&m, key, &again);
	if (!own || !str_eq(buf_str(&b), buf_str(&again)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct backup_settings s;

	if (size == 0)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	if (data[0] % 4 != 0) {
		manifest(in);
	} else if (backup_settings_parse(in, "fuzz", &a, &s, NULL) == 0 &&
	    (s.to[0] != '/' || s.plain == (s.n > 0))) {
		abort();
	}
	return (0);
}
