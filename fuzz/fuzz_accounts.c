/*
 * passwd, group, shadow and authorized_keys, line by line. What leaves the
 * helper about a password reads back, and has no "$" of a hash in it.
 */
#include "collect/host.h"
#include "helper/shadow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, line;

	while (str_split(&rest, '\n', &line)) {
		struct accounts_user u;
		struct accounts_group g;
		struct shadow_line s, back;
		struct keys_line k;
		BUF_SCOPED b = BUF_INIT;

		(void)accounts_read_user(line, &u);
		(void)accounts_read_group(line, &g);
		(void)keys_read(line, &k);
		if (!shadow_read(line, &s) || s.login.len > 60000)
			continue;
		shadow_put(&b, &s);
		if (!shadow_get((struct str){ b.ptr, b.len - 1 }, &back) ||
		    strcmp(back.state, s.state) != 0 ||
		    back.changed != s.changed || back.expires != s.expires)
			abort();
		if (memchr(b.ptr + s.login.len, '$', b.len - s.login.len) !=
		    NULL)
			abort();
	}
	return (0);
}
