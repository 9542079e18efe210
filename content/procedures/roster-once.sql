-- id: roster-once
-- title: Nobody is on the roster twice
-- control: PR-16
-- kind: state
-- mode: both
-- tests: Everybody on the roster.
-- passes: No other person has the same address at the same time.
-- fails: Two persons have one address: one is double, or one address is wrong.
-- matters: Of two copies one grows old, and what is asked for is done to one of them.
-- remediation: Merge the two, or correct the address.
-- population
SELECT source || '/' || subject AS subject, employee_id AS label,
       from_us, to_us, source
  FROM hr_person_period
-- verdicts
WITH p AS (
  SELECT p.*, EXISTS (SELECT 1 FROM hr_person_period o
                       WHERE o.source = p.source AND o.subject <> p.subject
                         AND o.end_date IS NULL AND lower(o.email) = lower(p.email)
                         AND o.from_us < p.to_us AND o.to_us > p.from_us) AS double
    FROM hr_person_period p)
SELECT source || '/' || subject AS subject,
       CASE WHEN end_date IS NOT NULL THEN 'na'
            WHEN double THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN end_date IS NOT NULL THEN 'the person has left'
            WHEN double THEN 'somebody else has the same address'
            ELSE '' END AS reason,
       from_us, to_us, 'hr_person:' || subject AS evidence
  FROM p
