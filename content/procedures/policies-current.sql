-- id: policies-current
-- title: Policies are in force and reviewed every year
-- control: GV-11
-- kind: state
-- mode: both
-- tests: Every policy of the programme that is not retired.
-- passes: It is approved or published, its next review is not overdue, and its
--  approval not older than the allowed months. One that is said, with a reason, not
--  to be needed is not applicable.
-- fails: It is a draft, or its review is overdue.
-- matters: A policy that nobody approved binds nobody; one that nobody reads again
--  describes a company of years ago.
-- remediation: Finish, approve and publish the policy (tickmark record DIR policy
--  put), and set the day of its next review.
-- param months int 12: Months after the approval by which it is reviewed at the latest
-- population
SELECT subject, code || ' ' || title AS label, from_us, to_us
  FROM policy_period WHERE state <> 'retired'
-- verdicts
WITH p AS MATERIALIZED (
  SELECT *, min(max(coalesce(day_end(review), from_us), from_us),
                to_us) AS due_us
    FROM (SELECT subject, code, state, from_us, to_us,
                 -- A day that was set too late is not the one that counts.
                 min(coalesce(review_on, latest), coalesce(latest, review_on)) AS review
            FROM (SELECT *, date(approved_on, '+' || :months || ' months') AS latest
                    FROM policy_period
                   WHERE state <> 'retired' AND not_applicable IS NULL)))
SELECT subject, 'fail' AS status, 'it is ' || iif(state = 'draft', 'a draft', 'in review') AS reason,
       from_us, to_us, 'policy:' || code AS evidence
  FROM p WHERE state NOT IN ('approved', 'published')
UNION ALL
SELECT subject, 'ok', '', from_us, due_us, 'policy:' || code
  FROM p WHERE state IN ('approved', 'published') AND from_us < due_us
UNION ALL
SELECT subject, 'fail', coalesce('its review was due on ' || review, 'no day of review is set'),
       due_us, to_us, 'policy:' || code
  FROM p WHERE state IN ('approved', 'published') AND due_us < to_us
UNION ALL
SELECT subject, 'na', not_applicable, from_us, to_us, 'policy:' || code
  FROM policy_period WHERE state <> 'retired' AND not_applicable IS NOT NULL
