-- id: ssh-password-sign-in
-- title: SSH servers do not take passwords
-- control: AC-07, NS-04
-- kind: state
-- mode: both
-- tests: The effective settings PasswordAuthentication and
--  KbdInteractiveAuthentication of every SSH server whose configuration is
--  collected, and whether it asks for a second method.
-- passes: Neither is on, or AuthenticationMethods asks for a public key as well.
-- fails: A password alone opens the server.
-- matters: Passwords are guessed, reused and phished; servers that face a network
--  are tried around the clock.
-- remediation: Hand out keys, then write "PasswordAuthentication no" and
--  "KbdInteractiveAuthentication no", or "AuthenticationMethods
--  publickey,password", and reload the server.
-- population
SELECT source || '/' || option AS subject, option || ' on ' || host AS label,
       from_us, to_us, source
  FROM sshd_config_period
 WHERE option IN ('passwordauthentication', 'kbdinteractiveauthentication')
UNION ALL
-- What a Match block sets counts for those whom it matches.
SELECT source || '/' || subject, value || ' on ' || host, from_us, to_us, source
  FROM sshd_config_period
 WHERE option = 'match' AND (instr(lower(value), ': passwordauthentication ') > 0
    OR instr(lower(value), ': kbdinteractiveauthentication ') > 0)
-- verdicts
WITH asked AS MATERIALIZED (
  -- When every accepted way in needs a key besides.
  SELECT source, from_us, to_us FROM sshd_config_period
   WHERE option = 'authenticationmethods' AND instr(lower(value), 'publickey') > 0
     AND instr(value, ' ') = 0),
cut AS MATERIALIZED (
  SELECT c.source, c.option, c.value, c.subject, c.from_us, c.to_us, c.from_us AS at
    FROM sshd_config_period c
   WHERE c.option IN ('passwordauthentication', 'kbdinteractiveauthentication')
  UNION
  SELECT c.source, c.option, c.value, c.subject, c.from_us, c.to_us, b.at
    FROM sshd_config_period c
    JOIN (SELECT source, from_us AS at FROM asked UNION SELECT source, to_us FROM asked) b
      ON b.source = c.source AND b.at > c.from_us AND b.at < c.to_us
   WHERE c.option IN ('passwordauthentication', 'kbdinteractiveauthentication')),
part AS (
  SELECT source, option, value, subject, at AS from_us,
         lead(at, 1, to_us) OVER (PARTITION BY source, option, value, from_us
                                  ORDER BY at) AS to_us
    FROM cut)
SELECT p.source || '/' || p.option AS subject,
       iif(p.value = 'no' OR EXISTS (SELECT 1 FROM asked a WHERE a.source = p.source
             AND a.from_us <= p.from_us AND a.to_us >= p.to_us), 'ok', 'fail') AS status,
       iif(p.value = 'no', '', p.option || ' is ' || p.value) AS reason,
       p.from_us, p.to_us, 'sshd_config:' || p.subject AS evidence
  FROM part p
UNION ALL
SELECT source || '/' || subject, iif(lower(value) LIKE '% no', 'ok', 'fail'),
       iif(lower(value) LIKE '% no', '', 'for ' || value), from_us, to_us,
       'sshd_config:' || subject
  FROM sshd_config_period
 WHERE option = 'match' AND (instr(lower(value), ': passwordauthentication ') > 0
    OR instr(lower(value), ': kbdinteractiveauthentication ') > 0)
