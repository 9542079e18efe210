-- id: courses-on-time
-- title: People complete the courses that are assigned to them, in time
-- control: TR-01
-- kind: state
-- mode: both
-- tests: Every course that is assigned to a person in this programme.
-- passes: It was completed with the marks that it asks for, or its day is not over.
-- fails: Its day is over, and it was not completed.
-- matters: People are asked to notice what is wrong; somebody has to have shown them
--  how.
-- remediation: Remind the person and their manager (tickmark training DIR --overdue),
--  and close access if that does not help.
-- population
SELECT t.subject, coalesce((SELECT p.code FROM person_period p
         WHERE p.subject = t.person ORDER BY p.from_us DESC LIMIT 1), t.person)
       || ' ' || t.course AS label, t.from_us, t.to_us
  FROM training_period t
-- verdicts
WITH t AS MATERIALIZED (
  SELECT subject, state, due_on, reason, score, pass_mark, from_us, to_us,
         min(max(day_end(due_on), from_us), to_us) AS due_us
    FROM training_period)
SELECT subject, iif(coalesce(score, 100) < coalesce(pass_mark, 0), 'fail', 'ok') AS status,
       iif(coalesce(score, 100) < coalesce(pass_mark, 0),
           'it counts as complete with ' || score || ' of ' || pass_mark || ' percent', '') AS reason,
       from_us, to_us, 'training:' || subject AS evidence
  FROM t WHERE state = 'complete'
UNION ALL
SELECT subject, 'na', 'excused: ' || coalesce(reason, ''), from_us, to_us,
       'training:' || subject
  FROM t WHERE state = 'excused'
UNION ALL
SELECT subject, 'ok', '', from_us, due_us, 'training:' || subject
  FROM t WHERE state = 'assigned' AND from_us < due_us
UNION ALL
SELECT subject, 'fail', 'it was due on ' || due_on, due_us, to_us,
       'training:' || subject
  FROM t WHERE state = 'assigned' AND due_us < to_us
