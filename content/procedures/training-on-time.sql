-- id: training-on-time
-- title: People complete security training within 30 days of joining and every year
-- control: TR-01
-- kind: state
-- mode: both
-- tests: Everybody on the roster, from the first to the last day of work.
-- passes: The person is within the first days after joining, or completed the
--  course within the year before.
-- fails: The days after joining, or the year since the last completion, are over.
-- matters: People are asked to notice what is wrong; somebody has to have shown them
--  how.
-- remediation: Assign the course, remind the person and their manager, and close
--  access if that does not help.
-- param days int 30: Days after joining in which the course has to be completed
-- param valid_days int 365: Days for which a completion counts
-- param course text -: Name of the course; - for any
-- population
WITH last AS (
  SELECT source, subject, employee_id, start_date, end_date, from_us, to_us,
         row_number() OVER (PARTITION BY source, subject ORDER BY from_us DESC) AS place
    FROM hr_person_period)
SELECT source || '/' || subject AS subject, employee_id AS label,
       max(:from, day_start(start_date)) AS from_us,
       min(to_us, coalesce(day_end(end_date), to_us)) AS to_us,
       source
  FROM last
 WHERE place = 1
   AND max(:from, day_start(start_date))
       < min(to_us, coalesce(day_end(end_date), to_us))
-- verdicts
WITH last AS (
  SELECT source, subject, employee_id, start_date, end_date, from_us, to_us,
         row_number() OVER (PARTITION BY source, subject ORDER BY from_us DESC) AS place
    FROM hr_person_period),
member AS MATERIALIZED (
  SELECT source || '/' || subject AS subject, employee_id, start_date,
         max(:from, day_start(start_date)) AS from_us,
         min(to_us, coalesce(day_end(end_date), to_us)) AS to_us
    FROM last
   WHERE place = 1
     AND max(:from, day_start(start_date))
         < min(to_us, coalesce(day_end(end_date), to_us))),
-- From each of these days on the person is well for some days.
good AS MATERIALIZED (
  SELECT subject, day_start(start_date) AS at,
         day_end(date(start_date, '+' || :days || ' days')) AS well_us,
         'joined on ' || start_date AS why
    FROM member
  UNION
  SELECT DISTINCT m.subject, day_start(t.completed_on),
         day_end(date(t.completed_on, '+' || :valid_days || ' days')),
         'completed on ' || t.completed_on
    FROM training_completion_period t
    JOIN member m ON m.employee_id = t.employee_id
   WHERE t.completed_on IS NOT NULL AND (:course = '' OR t.course = :course)
     AND t.completed_on >= m.start_date),
step AS MATERIALIZED (
  -- Until the next such day, or the end; the best of those before counts on.
  SELECT subject, at, why, max(well_us) OVER (PARTITION BY subject ORDER BY at, well_us) AS until_us,
         lead(at) OVER (PARTITION BY subject ORDER BY at, well_us) AS next_us
    FROM good),
part AS (
  SELECT m.subject, m.employee_id, s.why,
         max(s.at, m.from_us) AS from_us,
         min(coalesce(s.next_us, m.to_us), m.to_us) AS to_us, s.until_us
    FROM step s JOIN member m ON m.subject = s.subject
   WHERE max(s.at, m.from_us) < min(coalesce(s.next_us, m.to_us), m.to_us))
SELECT subject, 'ok' AS status, '' AS reason, from_us, min(until_us, to_us) AS to_us,
       'hr_person:' || employee_id AS evidence
  FROM part WHERE from_us < min(until_us, to_us)
UNION ALL
SELECT subject, 'fail', why || ', and no course completed since', max(from_us, until_us), to_us,
       'hr_person:' || employee_id
  FROM part WHERE max(from_us, until_us) < to_us
