#!/bin/bash
# The roster from a directory: a real slapd on loopback, over TLS, with paging,
# a password, and what is refused.
. "$(dirname "$0")/lib.sh"

command -v slapd >/dev/null || PATH=$PATH:/usr/sbin
mkdir db
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=directory -addext subjectAltName=IP:127.0.0.1 2>/dev/null
cat >slapd.conf <<-X
	include /etc/ldap/schema/core.schema
	include /etc/ldap/schema/cosine.schema
	include /etc/ldap/schema/inetorgperson.schema
	modulepath /usr/lib/ldap
	moduleload back_mdb
	pidfile $PWD/pid
	TLSCertificateFile $PWD/cert.pem
	TLSCertificateKeyFile $PWD/key.pem
	sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited
	database mdb
	suffix dc=example,dc=org
	rootdn cn=admin,dc=example,dc=org
	rootpw right
	directory $PWD/db
	access to * by dn.exact=cn=admin,dc=example,dc=org write by anonymous auth
X
# More than two pages of people.
awk 'BEGIN {
	print "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"
	print "dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n"
	for (i = 1; i <= 1100; i++)
		printf "dn: uid=u%d,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: u%d\ncn: Person %d\nsn: P\ndisplayName: Person, No \"%d\"\nmail: p%d@example.org\nemployeeNumber: E%d\n\n", i, i, i, i, i, i
}' >people.ldif
slapadd -q -f slapd.conf -l people.ldif >slapd.log 2>&1 || note "$(cat slapd.log)"
read -r one two < <(python3 -c 'import socket
s=[socket.socket() for _ in "ab"]
[x.bind(("127.0.0.1",0)) for x in s]
print(*(x.getsockname()[1] for x in s))')
slapd -f slapd.conf -h "ldap://127.0.0.1:$one ldaps://127.0.0.1:$two" -d 0 2>>slapd.log &
slapd=$!
trap 'kill $slapd 2>/dev/null; wait $slapd 2>/dev/null' EXIT
for _ in $(seq 100); do
	(: </dev/tcp/127.0.0.1/$two) 2>/dev/null && break
	sleep 0.05
done

succeeds 'a workspace' init w --org Example --demo
echo right >secret
echo wrong >bad
: >empty
people="people w import --base ou=people,dc=example,dc=org --bind-dn cn=admin,dc=example,dc=org"
map="--map code=employeeNumber --map name=displayName --map email=mail"
succeeds 'over TLS' $people --password-file secret --ca cert.pem --ldap ldaps://127.0.0.1:$two $map
like "$out" '^1100 join, 0 change' 'page by page'
succeeds 'a name with a comma' record w person show E7
like "$out" 'Person, No "7"' 'stays one name'
succeeds 'after STARTTLS' $people --password-file secret --ca cert.pem --starttls --ldap ldap://127.0.0.1:$one $map --whole --dry-run
like "$out" '0 join, 0 change, 0 return, 0 leave, 1100 stay' 'nothing is new'
exits 2 'many would leave' $people --password-file secret --ldap ldap://127.0.0.1:$one $map --whole --filter '(employeeNumber=E1)'
like "$err" 'may be cut off' 'which is refused'
exits 3 'a certificate that nobody vouches for' $people --password-file secret --ldap ldaps://127.0.0.1:$two $map
exits 3 'a certificate of another name' $people --password-file secret --ca cert.pem --ldap ldaps://localhost:$two $map
exits 2 'nothing in the clear' $people --password-file secret --ldap ldap://ldap.example.org $map
exits 3 'a wrong password' $people --password-file bad --ldap ldap://127.0.0.1:$one $map
exits 2 'no password' $people --password-file empty --ldap ldap://127.0.0.1:$one $map
like "$err" 'a name needs a password' 'is no anonymous one'
exits 2 'a wrong filter' $people --password-file secret --ldap ldap://127.0.0.1:$one $map --filter '(uid='
exits 2 'a password in no file' people w import --base dc=x --bind-dn cn=x --ldap ldap://127.0.0.1:$one
done_testing
