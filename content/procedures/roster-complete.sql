-- id: roster-complete
-- title: The roster has what it is needed for
-- control: PR-16
-- kind: state
-- mode: both
-- tests: Everybody on the roster.
-- passes: Address and login are filled.
-- fails: One of them is missing.
-- matters: What is missing is guessed, or the person is not reached.
-- remediation: Have the people department fill what is missing.
-- population
SELECT source || '/' || subject AS subject, employee_id AS label,
       from_us, to_us, source
  FROM hr_person_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN end_date IS NOT NULL THEN 'na'
            WHEN coalesce(email, '') = '' OR coalesce(login, '') = '' THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN end_date IS NOT NULL THEN 'the person has left'
            WHEN coalesce(email, '') = '' OR coalesce(login, '') = '' THEN 'address or login is missing'
            ELSE '' END AS reason,
       from_us, to_us, 'hr_person:' || subject AS evidence
  FROM hr_person_period
