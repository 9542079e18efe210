-- id: account-unique-number
-- title: No two accounts of a machine share a number
-- control: AC-09
-- kind: state
-- mode: instant
-- tests: Every account of every collected machine.
-- passes: No other account of the machine has the account's number.
-- fails: Another account of the machine has the same number, so that the two
--  are one to the system under two names.
-- matters: What a shared number does cannot be put down to one person, and a
--  second account with number 0 is a hidden root.
-- remediation: Give one of the accounts a number of its own (usermod -u), and hand
--  its files over.
-- population
SELECT source || '/' || subject AS subject, login || ' on ' || host AS label,
       from_us, to_us, source
  FROM account_period
-- verdicts
WITH shared AS MATERIALIZED (
  SELECT source, uid, count(*) AS n, group_concat(login, ', ') AS logins
    FROM (SELECT source, uid, login FROM account_period ORDER BY source, uid, login)
   GROUP BY source, uid)
SELECT a.source || '/' || a.subject AS subject,
       iif(s.n > 1, 'fail', 'ok') AS status,
       iif(s.n > 1, 'number ' || a.uid || ' belongs to ' || s.logins, '') AS reason,
       a.from_us, a.to_us, 'account:' || a.subject AS evidence
  FROM account_period a
  JOIN shared s ON s.source = a.source AND s.uid = a.uid
