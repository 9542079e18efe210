-- id: leaver-badges
-- title: Leavers' badges stop opening doors
-- control: PH-01, AC-03
-- kind: state
-- mode: both
-- tests: Every badge that opens doors, for as long as it does.
-- passes: Its holder works here, or left no more than the allowed business days
--  ago.
-- fails: Its holder left longer ago than that.
-- matters: A badge that still works lets somebody walk in who has no business
--  there, and the door's log shows a name nobody asks about.
-- remediation: Bar the badge in the door system and have it handed in.
-- param business_days int 1: Business days after the last day of work in which a badge may still work
-- population
SELECT source || '/' || subject AS subject,
       'badge ' || badge_id || ' of ' || coalesce(holder_employee_id, 'nobody') AS label,
       from_us, to_us, source
  FROM badge_period
-- verdicts
WITH due AS MATERIALIZED (
  SELECT person, iif(said, 'the last day of work, ', 'the roster''s last word of them, ')
           || end_date AS last_day,
         day_end(date(end_date, printf('%+d days',
         :business_days + 2 * ((min(day, 4) + :business_days) / 5)
          - max(day - 4, 0)))) AS due_us
    FROM (SELECT *, (CAST(strftime('%w', end_date) AS INTEGER) + 6) % 7 AS day
            FROM leaver)),
known AS MATERIALIZED (SELECT DISTINCT employee_id FROM hr_person_period),
held AS MATERIALIZED (
  SELECT b.source || '/' || b.subject AS subject, b.subject AS ref, b.active,
         b.holder_employee_id AS holder, k.employee_id AS found, l.last_day,
         b.from_us, b.to_us,
         min(max(coalesce(l.due_us, b.to_us), b.from_us), b.to_us) AS cut_us
    FROM badge_period b
    LEFT JOIN known k ON k.employee_id = b.holder_employee_id
    LEFT JOIN due l ON l.person = k.employee_id)
SELECT subject,
       CASE WHEN active = 0 THEN 'na' WHEN found IS NULL THEN 'unknown'
            ELSE 'ok' END AS status,
       CASE WHEN active = 0 THEN 'the badge opens no doors'
            WHEN holder IS NULL THEN 'nobody is named as its holder'
            WHEN found IS NULL THEN 'its holder ' || holder || ' is not on the roster'
            ELSE '' END AS reason,
       from_us, cut_us AS to_us, 'badge:' || ref AS evidence
  FROM held WHERE from_us < cut_us
UNION ALL
SELECT subject, iif(active = 1, 'fail', 'na'),
       iif(active = 1, 'opens doors after ' || last_day || ' (' || holder || ')',
           'the badge opens no doors'),
       cut_us, to_us, 'badge:' || ref
  FROM held WHERE cut_us < to_us
