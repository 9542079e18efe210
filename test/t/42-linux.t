#!/bin/bash
# This machine, and this machine with weaknesses planted in a copy of /etc that
# only the test sees.
. "$(dirname "$0")/lib.sh"
new_workspace w
succeeds 'source add linux' source w add linux --name here
succeeds 'collect' collect w here
of() { sqlv w "$@"; }
is "$(of 'SELECT count(*) FROM account')" "$(getent -s files passwd | wc -l)" 'as many accounts as in passwd'
is "$(of "SELECT login FROM account WHERE uid = 0")" "$(awk -F: '$3 == 0 { print $1 }' /etc/passwd)" 'root among them'
is "$(of 'SELECT count(*) FROM package')" "$(dpkg-query -f '${db:Status-Abbrev}\n' -W | grep -c '^.i')" 'as many packages as dpkg has'
is "$(of "SELECT version FROM package WHERE name = 'dpkg'")" "$(dpkg-query -f '${Version}' -W dpkg)" 'in the same version'
is "$(of "SELECT kernel FROM host")" "$(uname -r)" 'the kernel'
is "$(of "SELECT mode FROM sensitive_file WHERE path = '/etc/passwd'")" "0$(stat -c %a /etc/passwd)" 'the mode of passwd'
is "$(of "SELECT count(*) FROM group_member WHERE NOT primary_group")" "$(awk -F: '{ n += split($4, a, ",") } END { print n + 0 }' /etc/group)" 'members of groups'
is "$(of "SELECT value FROM kernel_setting WHERE name = 'kernel.randomize_va_space'")" "$(cat /proc/sys/kernel/randomize_va_space)" 'a kernel setting'
if [ "$(id -u)" != 0 ]; then
	is "$(of "SELECT status FROM run ORDER BY id DESC LIMIT 1")" complete 'without root too'
	done_testing
fi
is "$(of "SELECT root_read FROM host")" 1 'as root the helper answers'
is "$(of "SELECT count(*) FROM account WHERE password_state = 'set'")" "$(awk -F: '$2 ~ /^[^!*]/ { n++ } END { print n + 0 }' /etc/shadow)" 'password states'

if ! unshare -m true 2>/dev/null; then done_testing; fi
cp -a /etc etc
echo 'weak:x:4242:4242:Demo Employee 42:/home/weak:/bin/bash' >>etc/passwd
echo 'weak::19000:0:99999:7:::' >>etc/shadow
echo 'old:x:4243:4243::/home/old:/bin/bash' >>etc/passwd
# shellcheck disable=SC2016
echo 'old:$1$abcdefgh$0123456789abcdefghijkl:18000:0:99999:7:::' >>etc/shadow
mkdir -p etc/sudoers.d
[ -f etc/sudoers ] || { echo '@includedir /etc/sudoers.d' >etc/sudoers; chmod 440 etc/sudoers; }
echo 'weak ALL=(ALL) NOPASSWD: ALL' >etc/sudoers.d/weak; chmod 440 etc/sudoers.d/weak
[ -f etc/ssh/sshd_config ] && sed -i '1i PermitRootLogin yes' etc/ssh/sshd_config
[ -f etc/ssh/sshd_config ] && printf 'Match User weak\n\tPermitRootLogin no\n\tPasswordAuthentication yes\n' >>etc/ssh/sshd_config
chmod 644 etc/shadow
# Files of keys that no server would take them from.
mkdir -p home/weak/.ssh home/old/.ssh
mkfifo home/old/.ssh/authorized_keys
printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKkA4k4d8hX4Zp8xM0oY6L0m7Hq2xw0n3b1H8T2y9Q1Z demo\n' >home/weak/.ssh/authorized_keys
chown -R 4242 home/weak
# A port whose program has given up root since it took it.
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1") or die;
	$| = 1; $> = $< = 4242; print $s->sockport, "\n"; sleep 60' >port & listener=$!
at_exit() { kill "$listener" 2>/dev/null; }
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s port ] && break; sleep 0.2; done
run unshare -m bash -c 'mount --make-rprivate / && mount --bind "$0/etc" /etc && mount --bind "$0/home" /home && exec "$@"' "$TMP" \
    "$TICKMARK" collect w here
is $rc 0 'collect with weaknesses planted' || note "$out$err"
is "$(of "SELECT password_state FROM account WHERE login = 'weak'")" none 'an account without a password'
is "$(of "SELECT password_hash FROM account WHERE login = 'old'")" md5 'a password hashed the old way'
is "$(of "SELECT password_changed FROM account WHERE login = 'old'")" 2019-04-14 'and when it was changed'
is "$(of "SELECT nopasswd FROM sudo_rule WHERE who = 'weak'")" 1 'sudo without a password'
is "$(of "SELECT mode FROM sensitive_file WHERE path = '/etc/shadow'")" 0644 'a shadow file that all can read'
if [ -x /usr/sbin/sshd ]; then
	is "$(of "SELECT value FROM sshd_config WHERE option = 'permitrootlogin'")" yes 'root may come in by SSH'
	like "$(of "SELECT value FROM sshd_config WHERE option = 'match'")" 'User weak: passwordauthentication yes' 'and what holds for one account only is seen'
fi
is "$(of "SELECT count(*) FROM authorized_key WHERE login = 'weak'")" 1 'a key, though a pipe lies where another has his'
is "$(of "SELECT uid FROM listening_socket WHERE port = $(cat port)")" 4242 'a port is of the account that its program runs as'
tm test w --json
like "$out" '"weak|:weak|weak ' 'tests find them' || note "$(head -c 400 <<<"$out")"
tm collect w here
is "$(of "SELECT count(*) FROM account WHERE login = 'weak'")" 0 'and when mended they are gone'
exits 0 'the workspace is whole' doctor w
done_testing
