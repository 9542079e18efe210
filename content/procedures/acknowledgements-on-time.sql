-- id: acknowledgements-on-time
-- title: People acknowledge the versions of policies that they are asked for, in time
-- control: GV-12
-- kind: state
-- mode: both
-- tests: Every acknowledgement that a campaign asks of a person.
-- passes: It was given, or its day is not over.
-- fails: Its day is over, and it was not given.
-- matters: A rule binds those who know it; the acknowledgement shows that they do.
-- remediation: Remind the person and their manager (tickmark policy DIR campaign
--  show CODE --open), or excuse the person with a reason.
-- population
SELECT a.subject, coalesce((SELECT p.code FROM person_period p
         WHERE p.subject = a.person ORDER BY p.from_us DESC LIMIT 1), a.person)
       || ' ' || coalesce((SELECT v.code FROM policy_version_period v
         WHERE v.subject = a.version ORDER BY v.from_us DESC LIMIT 1), a.version) AS label,
       a.from_us, a.to_us
  FROM acknowledgement_period a
-- verdicts
WITH a AS MATERIALIZED (
  SELECT subject, state, due_on, reason, from_us, to_us,
         min(max(day_end(due_on), from_us), to_us) AS due_us
    FROM acknowledgement_period)
SELECT subject, 'ok' AS status, '' AS reason, from_us, to_us,
       'acknowledgement:' || subject AS evidence
  FROM a WHERE state = 'acknowledged'
UNION ALL
SELECT subject, 'na', 'excused: ' || coalesce(reason, ''), from_us, to_us,
       'acknowledgement:' || subject
  FROM a WHERE state = 'excused'
UNION ALL
SELECT subject, 'ok', '', from_us, due_us, 'acknowledgement:' || subject
  FROM a WHERE state = 'asked' AND from_us < due_us
UNION ALL
SELECT subject, 'fail', 'it was due on ' || due_on, due_us, to_us,
       'acknowledgement:' || subject
  FROM a WHERE state = 'asked' AND due_us < to_us
