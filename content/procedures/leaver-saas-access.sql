-- id: leaver-saas-access
-- title: Leavers lose their accounts in applications within one business day
-- control: AC-03
-- kind: state
-- mode: both
-- tests: Every account in an application that belongs to somebody who has a last
--  day of work or is gone from the roster, for as long as the account existed.
-- passes: The account was gone, suspended or deleted when the allowed business
--  days after the last day of work were over.
-- fails: The account was active after that, until the export that first showed
--  otherwise. Who is gone from the roster without a last day left when it last
--  named them.
-- matters: Applications on the internet are reached from anywhere, with no badge
--  and no office.
-- remediation: Suspend the account in the application and end its sessions. Better:
--  tie the application to the identity provider, so that one switch closes all.
-- param business_days int 1: Business days after the last day of work in which access may remain
-- population
SELECT a.source || '/' || a.subject AS subject,
       a.app || ': ' || coalesce(a.login, a.email, a.account_id) || ' of ' || p.person AS label,
       a.from_us, a.to_us, a.source
  FROM saas_account_period a
  JOIN saas_account_person_period i ON i.source = a.source AND i.subject = a.subject
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
  SELECT a.source || '/' || a.subject AS subject, a.subject AS ref, l.last_day,
         a.status AS is_now, a.from_us, a.to_us,
         min(max(l.due_us, a.from_us), a.to_us) AS cut_us
    FROM saas_account_period a
    JOIN saas_account_person_period i ON i.source = a.source AND i.subject = a.subject
    JOIN due l ON l.person = i.person)
SELECT subject, 'ok' AS status, '' AS reason, from_us, cut_us AS to_us,
       'saas_account:' || ref AS evidence
  FROM held WHERE from_us < cut_us
UNION ALL
SELECT subject, iif(is_now = 'active', 'fail', 'ok'),
       iif(is_now = 'active', 'still active after ' || last_day,
           'the account is ' || is_now),
       cut_us, to_us, 'saas_account:' || ref
  FROM held WHERE cut_us < to_us
