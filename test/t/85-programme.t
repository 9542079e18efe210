#!/bin/bash
# What people have to do, as commands: occurrences, tasks, the calendar, and
# messages to a mail server and a webhook that are not ours.
. "$(dirname "$0")/lib.sh"
PY=/usr/bin/python3
at() { export TICKMARK_CLOCK=$1; }
at_exit() { [ -z "${sink:-}" ] || kill "$sink" 2>/dev/null; }

at 2026-01-05T08:00:00Z
succeeds 'a workspace' init w --org 'Müller & Söhne' --demo --zone Europe/Berlin
cat >people.yaml <<-X
	- {code: E9, name: Lea Lead, kind: employee, start_on: 2025-01-01, email: lea@example.org, state: active}
	- {code: E1, name: Ada Example, kind: employee, manager: E9, start_on: 2025-01-01, email: ada@example.org, state: active}
	- {code: E2, name: Gone Person, kind: employee, start_on: 2025-01-01, email: gone@example.org, state: active}
X
succeeds 'people' record w person put --file people.yaml
succeeds 'a control is owned' record w control put AC-05 owner=E1 state=designed
succeeds 'and in force' record w control put AC-05 state=implemented effective_on=2026-01-01
succeeds 'a finding' record w finding put code=F-1 'title=ports; are, open – überall' severity=high owner=E1 due=2026-01-06
succeeds 'another' record w finding put code=F-2 'title=no backups' severity=high owner=E2 due=2026-01-06

# --- occurrences
exits 2 'no performance without evidence' perform w AC-05 --by E1
like "$err" 'shown by review, user list' 'which says what is wanted'
exits 2 'nor with a piece of it' perform w AC-05 --by E1 --evidence 'review in folder 7' --file people.yaml
like "$err" 'nothing is said of: user list IPE' 'which is named'
succeeds 'performed' perform w AC-05 --by E1 --evidence 'review in folder 7' --without 'user list: as last time' --file people.yaml
like "$out" 'AC-05 for 2026-01-01..2026-03-31: on time' 'and told how it stands'
exits 2 'not twice' perform w AC-05 --by E1 --evidence 'review, user list' --window 2026-02-01
succeeds 'where the file lies' occurrences w AC-05 --json
succeeds 'the file' occurrences w --take "$(jq -r '.list[0].performance' <<<"$out")" -o taken.yaml
cmp -s people.yaml taken.yaml
ok $? 'is the same'
at 2026-07-20T08:00:00Z
succeeds 'occurrences of a period' occurrences w AC-05 --period 2026-01-01..2026-12-31 --json
is "$(jq -c '[.occurrences, .counts.on_time, .counts.missed, .counts.expected, .counts.not_due]' <<<"$out")" '[4,1,0,2,1]' 'add up'
is "$(jq -r '.list[0].due_at' <<<"$out")" 2026-03-31T22:00:00Z 'in the zone of the workspace'
succeeds 'as CSV' occurrences w --csv
like "$out" '^AC-05,1,quarterly,2026-04-01,2026-06-30,.*,expected,yes' 'with what is overdue'
succeeds 'status says it' status w AC-05
like "$out" 'of 3 occurrences in a year 1 on time, 2 expected \(1 overdue\)' 'in words'

# --- tasks and the calendar
at 2026-01-07T08:00:00Z
succeeds 'an inbox' tasks w E1 --json
is "$(jq -r 'length, .[0].title, .[0].working_days_left' <<<"$out" | paste -sd'|')" '1|Deal with finding F-1: ports; are, open – überall|-1' 'of one person'
succeeds 'the calendar' tasks w --ical tasks.ics
cat >ics.py <<-'X'
	import datetime, sys
	from icalendar import Calendar
	raw = open(sys.argv[1], "rb").read()
	assert all(len(l) <= 75 for l in raw.split(b"\r\n")), "fold"
	cal = Calendar.from_ical(raw)
	events = list(cal.walk("VEVENT"))
	assert len(events) == 2 and not any(x.errors for x in cal.walk()), events
	assert len({str(x["UID"]) for x in events}) == 2
	assert events[0].decoded("DTSTART") == datetime.date(2026, 1, 6)
	assert str(cal["X-WR-CALNAME"]) == "Tasks at Müller & Söhne"
	print(sorted(str(x["SUMMARY"]) for x in events)[0])
X
run env PYTHONIOENCODING=utf-8 $PY ics.py tasks.ics
is "$rc$out" '0Deal with finding F-1: ports; are, open – überall' 'is read by a parser of others' || note "$err"

# --- messages
mkdir in
coproc $PY "$TOP/test/program/sink.py" in 2>sink.err
sink=$COPROC_PID
read -r -t 20 smtp https <&"${COPROC[0]}"
[ -n "${https:-}" ]; ok $? 'servers' || { note "$(cat sink.err)"; done_testing; }
echo 'correct horse' >mail.secret
echo 'hook key' >hook.secret
chmod 0400 mail.secret hook.secret
cat >w/program.conf <<-X
	mail.server = 127.0.0.1:$smtp
	mail.from = tickmark@example.org
	mail.name = Müller: Aufgaben
	mail.user = tickmark
	mail.password = $TMP/mail.secret
	mail.ca = $TMP/in/ca.pem
	webhook.chat.url = https://127.0.0.1:$https/T0KEN
	webhook.chat.secret = $TMP/hook.secret
	webhook.chat.ca = $TMP/in/ca.pem
	webhook.chat.events = overdue
	escalate.after = 0
	message.attempts = 5
X
exits 1 'an address of this machine is not used unless it is meant' messages w send
like "$err" "address 127\.0\.0\.1 is not one that may be" 'and that is said'
printf 'mail.network = loopback\nwebhook.chat.network = loopback\n' >>w/program.conf
chmod 0644 mail.secret hook.secret
at 2026-01-07T09:00:00Z
exits 1 'a secret that others may read is not used' messages w send
like "$err" 'others than its owner may read' 'and that is said'
chmod 0400 mail.secret hook.secret
at 2026-01-07T12:00:00Z
exits 1 'servers that refuse at first' messages w send
succeeds 'are shown' messages w list
like "$out" 'digest +E2 +dead +3 .*refused it with reply 550' 'one refused for good is dead'
like "$out" 'digest +E1 +waiting' 'one that may work later waits'
unlike "$out" 'T0KEN|example\.org' 'without addresses'
at 2026-01-07T18:00:00Z
run "$TICKMARK" messages w send
succeeds 'in the end all went out' messages w --json
is "$(jq -r '.counts | "\(.waiting) \(.dead)"' <<<"$out")" '0 1' 'or is dead' || note "$out"
is "$(ls in/mail-*.eml | wc -l) $(ls in/hook-*.json | wc -l)" '2 2' 'each once'
cat >came.py <<-'X'
	import email, email.policy, glob, hashlib, hmac, json, sys
	for name in sorted(glob.glob(sys.argv[1] + "/mail-*.eml")):
	    raw = open(name, "rb").read()
	    assert all(len(l) <= 78 for l in raw.split(b"\r\n")), "line"
	    m = email.message_from_bytes(raw, policy=email.policy.default)
	    env = json.load(open(name[:-4] + ".json"))
	    assert not m.defects and env["tls"] and env["to"] == [m["To"].addresses[0].addr_spec]
	    assert m["From"].addresses[0].display_name == "Müller: Aufgaben"
	    assert m["Message-ID"] and m["Auto-Submitted"] == "auto-generated"
	    if "ada" in env["to"][0]:
	        print(m["Subject"])
	        assert "F-1: ports; are, open – überall" in m.get_content()
	    else:
	        assert "Of others" in m.get_content() and "of E1" in m.get_content()
	for name in glob.glob(sys.argv[1] + "/hook-*.json"):
	    h = json.load(open(name))
	    t, v = (x.split("=")[1] for x in h["signature"].split(","))
	    want = hmac.new(sys.argv[2].encode(), (t + "." + h["body"]).encode(), hashlib.sha256)
	    assert hmac.compare_digest(want.hexdigest(), v)
	    body = json.loads(h["body"])
	    assert body["id"] == h["id"] and "overdue since 2026-01-06" in body["text"]
X
run env PYTHONIOENCODING=utf-8 $PY came.py in 'hook key'
is "$rc$out" '01 task, 1 overdue: Müller & Söhne' 'and a parser of others reads them' || note "$err"
hook=$(ls in/hook-*.json | head -n 1)
sent=$(jq -r .signature "$hook")
is "$({ printf '%s.' "$(sed 's/t=\([0-9]*\),.*/\1/' <<<"$sent")"; jq -j .body "$hook"; } | openssl dgst -sha256 -hmac 'hook key' | awk '{ print $NF }')" "${sent##*=}" 'openssl makes the same signature of a webhook'
succeeds 'a dead one is tried again when asked to' messages w retry all
exits 1 'and refused again' messages w send
is "$(ls in/mail-*.eml | wc -l) $(ls in/hook-*.json | wc -l)" '2 2' 'nothing is told twice'
! grep -q 'correct horse\|hook key\|example.org' w/messages.db; ok $? 'the outbox holds no secret and no address'
succeeds 'the workspace is whole' doctor w
done_testing
