/* TLS and SSH: first messages as bytes, and servers on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "collect/sshhello.h"
#include "collect/tlshello.h"
#include "sys/file.h"
#include "sys/proc.h"

static char dir[64];
static struct collect_result res;
static struct buf out;

/* --- bytes ---------------------------------------------------------------- */

static void
test_tls_bytes(void **state)
{
	static const char taken[] = "\x16\3\3\0\x2a\2\0\0\x26\3\3"
	    "12345678901234567890123456789012\0\xc0\x2f\0";
	static const char alert[] = "\x15\3\1\0\2\2\x28";
	uint16_t v = 0, c = 0;
	BUF_SCOPED b = BUF_INIT;
	struct str s = { taken, sizeof(taken) - 1 };

	(void)state;
	assert_int_equal(tlshello_read(s, &v, &c), TLSHELLO_TAKEN);
	assert_int_equal(v, TLSHELLO_TLS12);
	assert_int_equal(c, 0xc02f);
	for (size_t i = 0; i < s.len; i++)
		assert_int_equal(tlshello_read((struct str){ taken, i }, &v,
		    &c), TLSHELLO_MORE);
	assert_int_equal(tlshello_read((struct str){ alert, 7 }, &v, &c),
	    TLSHELLO_REFUSED);
	assert_int_equal(tlshello_read(STR("HTTP/1.1 400 Bad"), &v, &c),
	    TLSHELLO_NONSENSE);
	assert_int_equal(tlshello_read(STR("SSH-2.0-x\r\n"), &v, &c),
	    TLSHELLO_NONSENSE);
	/* In two records, the second of which a warning comes before. */
	buf_put(&b, "\x16\3\3\0\3\2\0\0\x15\3\3\0\2\1\x70\x16\3\3\0\x27", 20);
	buf_put(&b, taken + 8, sizeof(taken) - 1 - 8);
	assert_int_equal(tlshello_read(buf_str(&b), &v, &c), TLSHELLO_TAKEN);
	/* Lengths that point beyond. */
	for (size_t i = 5; i < s.len; i++) {
		char bad[64];
		memcpy(bad, taken, s.len);
		bad[i] = (char)0xff;
		(void)tlshello_read((struct str){ bad, s.len }, &v, &c);
	}
	/* The table: each number once. */
	for (size_t i = 0; i < tlshello_nciphers; i++)
		assert_ptr_equal(tlshello_cipher(tlshello_ciphers[i].id),
		    &tlshello_ciphers[i]);
}

static void
put_list(struct buf *b, const char *list)
{
	size_t n = strlen(list);

	buf_put(b, "\0\0", 2);
	buf_putc(b, (char)(n >> 8));
	buf_putc(b, (char)n);
	buf_puts(b, list);
}

static void
test_ssh_bytes(void **state)
{
	static const char *const lists[] = { "curve25519-sha256,"
	    "diffie-hellman-group1-sha1", "ssh-ed25519", "aes128-ctr",
	    "aes128-cbc", "hmac-md5", "hmac-sha2-256", "none", "none", "", "" };
	BUF_SCOPED p = BUF_INIT;
	BUF_SCOPED b = BUF_INIT;
	struct sshhello h;

	(void)state;
	buf_put(&p, "\4\x14" "0123456789abcdef", 18);
	for (size_t i = 0; i < 10; i++)
		put_list(&p, lists[i]);
	buf_put(&p, "\0\0\0\0\0pppp", 9);
	buf_puts(&b, "a line before\r\nSSH-2.0-Test_1 x\r\n");
	buf_put(&b, "\0\0", 2);
	buf_putc(&b, (char)(p.len >> 8));
	buf_putc(&b, (char)p.len);
	buf_putstr(&b, buf_str(&p));
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(sshhello_read((struct str){ b.ptr, i }, &h),
		    SSHHELLO_MORE);
	assert_int_equal(sshhello_read(buf_str(&b), &h), SSHHELLO_DONE);
	assert_true(str_is(h.banner, "SSH-2.0-Test_1 x"));
	assert_true(str_is(h.lists[SSHHELLO_KEX][0], lists[0]));
	assert_true(str_is(h.lists[SSHHELLO_CIPHER][1], "aes128-cbc"));
	assert_true(sshhello_weak(SSHHELLO_CIPHER, STR("aes128-cbc")));
	assert_false(sshhello_weak(SSHHELLO_CIPHER, STR("aes128-ctr")));
	assert_true(sshhello_weak(SSHHELLO_MAC, STR("hmac-md5")));
	assert_true(sshhello_weak(SSHHELLO_HOSTKEY, STR("ssh-rsa")));
	assert_false(sshhello_weak(SSHHELLO_HOSTKEY, STR("rsa-sha2-256")));
	assert_true(sshhello_weak(SSHHELLO_CIPHER, STR("none")));
	assert_false(sshhello_weak(SSHHELLO_COMPRESSION, STR("none")));
	for (size_t i = 33; i < b.len; i++) {
		char was = b.ptr[i];
		b.ptr[i] = (char)0xff;
		(void)sshhello_read(buf_str(&b), &h);
		b.ptr[i] = was;
	}
	assert_int_equal(sshhello_read(STR("SSH-1.5-old\n"), &h),
	    SSHHELLO_DONE);
}

/* --- servers -------------------------------------------------------------- */

static int
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	close(fd);
	return (ntohs(in.sin_port));
}

/* A server that is up: it takes connections. */
static void
serve(struct proc *p, int port, const char *const *argv)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	struct proc_opts o = { .argv = argv, .cwd = dir };
	struct err e = { 0 };

	if (proc_spawn(p, &o, &e) != 0)
		fail_msg("%s", e.what);
	for (int i = 0; i < 200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		int r = connect(fd, (struct sockaddr *)&in, sizeof(in));
		close(fd);
		if (r == 0)
			return;
		usleep(25000);
	}
	fail_msg("%s does not listen", argv[0]);
}

static void
sh(const char *script)
{
	struct proc_opts o = { .argv = (const char *[]){ "sh", "-euc", script,
	    NULL }, .cwd = dir };
	BUF_SCOPED say = BUF_INIT;
	struct proc_end end;
	struct err e = { 0 };

	if (proc_run(&o, STR_NULL, 1 << 20, NULL, &say, &end, &e) != 0)
		fail_msg("%s", e.what);
	if (!proc_ok(&end))
		fail_msg("%s: %s", script, say.ptr);
}

static void
collect(const char *collector, const char *const *argv)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct val *o;
	struct err e = { 0 };
	int n = 0;

	while (argv[n] != NULL)
		n++;
	if (collect_options(&a, collect_find(str_from(collector)), n,
	    (char *const *)(uintptr_t)argv, &o, &e) != 0)
		fail_msg("%s %s", e.where, e.what);
	struct collect_source s = { .id = STR("s"), .name = STR("web"),
		.collector = str_from(collector), .options = o };
	buf_reset(&out);
	if (collect_dump(&s, 0, NULL, &out, &res, &e) != 0)
		fail_msg("%s", e.what);
}

static void
has(const char *part)
{
	if (res.failed)
		fail_msg("%s: %s", res.why.where, res.why.what);
	if (out.ptr == NULL || strstr(out.ptr, part) == NULL)
		fail_msg("no %s in\n%s", part, out.ptr);
}

static void
test_tls(void **state)
{
	PROC_SCOPED good = PROC_INIT;
	PROC_SCOPED old = PROC_INIT;
	char p1[8], p2[8], ca[96], both[64];
	int port1 = free_port(), port2;

	(void)state;
	sh("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem "
	    "-days 30 -subj '/CN=Test CA' 2>/dev/null\n"
	    "openssl req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj "
	    "/CN=good.example 2>/dev/null\n"
	    "printf 'subjectAltName=DNS:good.example,DNS:a.example,"
	    "IP:127.0.0.1' > ext\n"
	    "openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key "
	    "-set_serial 0x0abc -days 20 -extfile ext -out s.pem 2>/dev/null\n"
	    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	    "-nodes -keyout o.key -out o.pem -days -1 -subj /CN=old "
	    "2>/dev/null || { openssl ecparam -name prime256v1 -genkey -noout "
	    "-out o.key; openssl req -new -key o.key -subj /CN=old -out o.csr; "
	    "openssl x509 -req -in o.csr -signkey o.key -days -1 -out o.pem "
	    "2>/dev/null; }\n");
	(void)snprintf(p1, sizeof(p1), "%d", port1);
	serve(&good, port1, (const char *[]){ "openssl", "s_server", "-accept",
	    p1, "-cert", "s.pem", "-key", "s.key", "-CAfile", "ca.pem",
	    "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA", "-quiet",
	    NULL });
	port2 = free_port();
	(void)snprintf(p2, sizeof(p2), "%d", port2);
	serve(&old, port2, (const char *[]){ "openssl", "s_server", "-accept",
	    p2, "-cert", "o.pem", "-key", "o.key", "-tls1", "-cipher",
	    "ALL:@SECLEVEL=0", "-quiet", NULL });
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", dir);

	collect("tls", (const char *[]){ "--host", "127.0.0.1", "--port", p1,
	    "--sni", "good.example", "--ca", ca, NULL });
	has("\"chain_trusted\":true,\"name_matches\":true,"
	    "\"ocsp_stapled\":false");
	has("\"protocol\":\"TLS1.1\",\"offered\":false");
	has("\"protocol\":\"TLS1.2\",\"offered\":true");
	has("\"protocol\":\"TLS1.3\",\"offered\":true");
	has("\"protocol\":\"TLS1.2\",\"cipher\":\"AES256-SHA\",\"bits\":256,"
	    "\"forward_secrecy\":false,\"aead\":false");
	has("\"cipher\":\"ECDHE-RSA-AES128-GCM-SHA256\"");
	has("\"names\":\"127.0.0.1 a.example good.example\"");
	has("\"serial\":\"0abc\"");
	has("\"key_type\":\"RSA\",\"key_bits\":2048");
	assert_int_equal(res.tables[2].rows, 2 + 3);

	collect("tls", (const char *[]){ "--host", "127.0.0.1", "--port", p1,
	    "--sni", "other.example", NULL });
	has("\"chain_trusted\":false,\"name_matches\":false");

	collect("tls", (const char *[]){ "--host", "localhost", "--port", p2,
	    NULL });
	has("\"protocol_best\":\"TLS1.0\"");
	has("\"protocol\":\"TLS1.2\",\"offered\":false");
	has("\"self_signed\":true");
	has("\"key_type\":\"EC\",\"key_bits\":256");

	/* One of two that is gone leaves the sets of both unknown. */
	(void)snprintf(both, sizeof(both), "127.0.0.1:%d", free_port());
	collect("tls", (const char *[]){ "--endpoint", both, "--host",
	    "127.0.0.1", "--port", p1, NULL });
	has("\"reachable\":false");
	assert_true(res.tables[1].failed && res.tables[3].failed);
	collect("tls", (const char *[]){ "--endpoint", both, NULL });
	assert_true(res.failed);
	assert_non_null(strstr(res.why.what, "refused"));
	collect("ssh", (const char *[]){ "--host", "127.0.0.1", "--port", p1,
	    NULL });
	assert_true(res.failed);
}

static void
test_ssh(void **state)
{
	PROC_SCOPED d = PROC_INIT;
	char port[8], opt[32], key[96];
	int p = free_port();

	(void)state;
	sh("ssh-keygen -q -t ed25519 -N '' -f host; mkdir -p /run/sshd; "
	    ": > empty");
	(void)snprintf(port, sizeof(port), "%d", p);
	(void)snprintf(opt, sizeof(opt), "-oPort=%d", p);
	(void)snprintf(key, sizeof(key), "-oHostKey=%s/host", dir);
	serve(&d, p, (const char *[]){ "/usr/sbin/sshd", "-D", "-f",
	    "/dev/null", opt, key, "-oListenAddress=127.0.0.1",
	    "-oPidFile=none", "-oCiphers=aes256-ctr,aes128-cbc",
	    "-oKexAlgorithms=curve25519-sha256,diffie-hellman-group1-sha1",
	    "-oMACs=hmac-sha2-256,hmac-md5", NULL });
	collect("ssh", (const char *[]){ "--host", "127.0.0.1", "--port", port,
	    NULL });
	has("\"banner\":\"SSH-2.0-OpenSSH");
	has("\"protocol\":\"2.0\"");
	has("\"kind\":\"kex\",\"name\":\"diffie-hellman-group1-sha1\","
	    "\"weak\":true");
	has("\"kind\":\"kex\",\"name\":\"curve25519-sha256\",\"weak\":false");
	has("\"kind\":\"cipher\",\"name\":\"aes128-cbc\",\"weak\":true");
	has("\"kind\":\"mac\",\"name\":\"hmac-md5\",\"weak\":true");
	has("\"kind\":\"hostkey\",\"name\":\"ssh-ed25519\",\"weak\":false");
	assert_null(strstr(out.ptr, "kex-strict"));
	collect("tls", (const char *[]){ "--host", "127.0.0.1", "--port", port,
	    NULL });
	assert_true(res.failed);
	assert_non_null(strstr(res.why.what, "does not speak TLS"));
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/tickmark-servers-XXXXXX");
	return (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0);
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return (file_remove_tree(dir, NULL) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls_bytes),
		cmocka_unit_test(test_ssh_bytes),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_ssh),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
