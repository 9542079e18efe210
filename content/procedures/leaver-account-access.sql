-- id: leaver-account-access
-- title: Leavers lose their accounts on machines within one business day
-- control: AC-03
-- kind: state
-- mode: both
-- tests: Every machine account that belongs to somebody who has a last day of work
--  or is gone from the roster, for as long as the account existed.
-- passes: The account was gone or closed when the allowed business days after the
--  last day of work were over.
-- fails: The account could still be used after that. An account counts as open
--  until the collection that first saw it closed.
-- matters: A former colleague, or whoever has their password or key, is still
--  inside.
-- remediation: Remove the account, or expire it and take its keys off the list
--  (usermod -L -e 1 NAME). Ask why the people department's notice did not lead to
--  it.
-- param business_days int 1: Business days after the last day of work in which access may remain
-- population
SELECT a.source || '/' || a.subject AS subject,
       a.login || ' on ' || a.host || ' of ' || p.person AS label,
       a.from_us, a.to_us, a.source
  FROM account_period a
  JOIN account_person_period i ON i.source = a.source AND i.subject = a.subject
  JOIN leaver p ON p.person = i.person
-- verdicts
WITH due AS MATERIALIZED (
  -- The end of the last business day in which access may remain. Saturday and
  -- Sunday count as the Friday before them.
  SELECT person, iif(said, 'the last day of work, ', 'the roster''s last word of them, ')
           || end_date AS last_day,
         day_end(date(end_date, printf('%+d days',
         :business_days + 2 * ((min(day, 4) + :business_days) / 5)
          - max(day - 4, 0)))) AS due_us
    FROM (SELECT *, (CAST(strftime('%w', end_date) AS INTEGER) + 6) % 7 AS day
            FROM leaver)),
held AS MATERIALIZED (
  -- A key that was taken off the list in time opens nothing that counts.
  SELECT a.source || '/' || a.subject AS subject, a.subject AS ref, l.last_day,
         a.from_us, a.to_us, min(max(l.due_us, a.from_us), a.to_us) AS cut_us,
         a.interactive = 1 AND (a.locked = 0 OR EXISTS (
           SELECT 1 FROM authorized_key_period k
            WHERE k.source = a.source AND k.login = a.login
              AND k.from_us < a.to_us AND k.to_us > max(l.due_us, a.from_us))) AS open
    FROM account_period a
    JOIN account_person_period i ON i.source = a.source AND i.subject = a.subject
    JOIN due l ON l.person = i.person)
SELECT subject, 'ok' AS status, '' AS reason, from_us, cut_us AS to_us,
       'account:' || ref AS evidence
  FROM held WHERE from_us < cut_us
UNION ALL
SELECT subject, iif(open, 'fail', 'ok'),
       iif(open, 'still open after ' || last_day,
           'nobody can sign in'),
       cut_us, to_us, 'account:' || ref
  FROM held WHERE cut_us < to_us
