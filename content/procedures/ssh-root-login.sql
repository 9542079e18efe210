-- id: ssh-root-login
-- title: Nobody signs in as root through SSH with a password
-- control: AC-06, NS-04
-- kind: state
-- mode: both
-- tests: The effective setting PermitRootLogin of every SSH server whose
--  configuration is collected.
-- passes: The setting has one of the accepted values.
-- fails: Root may sign in through SSH in another way.
-- matters: The root account is known to every attacker, is nobody's in particular,
--  and leaves no trace of who used it.
-- remediation: Write "PermitRootLogin no" in /etc/ssh/sshd_config.d and reload the
--  server.
-- param accepted text no,prohibit-password,without-password,forced-commands-only: Accepted values, separated by commas
-- population
SELECT source AS subject, host AS label, from_us, to_us, source
  FROM sshd_config_period WHERE option = 'permitrootlogin'
UNION ALL
-- What a Match block sets counts for those whom it matches.
SELECT source || '/' || subject, host || ' for ' || substr(value, 1, instr(value, ': ') - 1),
       from_us, to_us, source
  FROM sshd_config_period
 WHERE option = 'match' AND instr(lower(value), ': permitrootlogin ') > 0
-- verdicts
SELECT source AS subject,
       iif(instr(',' || :accepted || ',', ',' || lower(value) || ',') > 0,
           'ok', 'fail') AS status,
       'PermitRootLogin is ' || value AS reason,
       from_us, to_us, 'sshd_config:' || subject AS evidence
  FROM sshd_config_period WHERE option = 'permitrootlogin'
UNION ALL
SELECT source || '/' || subject,
       iif(instr(',' || :accepted || ',', ',' || lower(set_to) || ',') > 0, 'ok', 'fail'),
       'PermitRootLogin is ' || set_to, from_us, to_us, 'sshd_config:' || subject
  FROM (SELECT *, substr(value, instr(lower(value), ': permitrootlogin ')
                   + length(': permitrootlogin ')) AS set_to
          FROM sshd_config_period
         WHERE option = 'match' AND instr(lower(value), ': permitrootlogin ') > 0)
