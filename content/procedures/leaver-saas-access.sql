-- id: leaver-saas-access
-- title: Leavers lose their accounts in applications within one business day
-- control: AC-03
-- kind: state
-- mode: both
-- tests: Every account in an application that belongs to somebody with a last day
--  of work, for as long as the account existed.
-- passes: The account was gone, suspended or deleted when the allowed business
--  days after the last day of work were over.
-- fails: The account was active after that, until the export that first showed
--  otherwise.
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
  JOIN people p ON p.person = i.person
 WHERE p.end_date IS NOT NULL
-- verdicts
WITH leaver AS MATERIALIZED (
  SELECT person, end_date, day_end(date(end_date, printf('%+d days',
         :business_days + 2 * ((min(day, 4) + :business_days) / 5)
          - max(day - 4, 0)))) AS due_us
    FROM (SELECT person, end_date,
                 (CAST(strftime('%w', end_date) AS INTEGER) + 6) % 7 AS day
            FROM people WHERE end_date IS NOT NULL)),
held AS MATERIALIZED (
  SELECT a.source || '/' || a.subject AS subject, a.subject AS ref, l.end_date,
         a.status AS is_now, a.from_us, a.to_us,
         min(max(l.due_us, a.from_us), a.to_us) AS cut_us
    FROM saas_account_period a
    JOIN saas_account_person_period i ON i.source = a.source AND i.subject = a.subject
    JOIN leaver l ON l.person = i.person)
SELECT subject, 'ok' AS status, '' AS reason, from_us, cut_us AS to_us,
       'saas_account:' || ref AS evidence
  FROM held WHERE from_us < cut_us
UNION ALL
SELECT subject, iif(is_now = 'active', 'fail', 'ok'),
       iif(is_now = 'active', 'still active after the last day of work, ' || end_date,
           'the account is ' || is_now),
       cut_us, to_us, 'saas_account:' || ref
  FROM held WHERE cut_us < to_us
