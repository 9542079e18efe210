-- id: roster-addresses
-- title: Addresses of the roster are well-formed
-- control: PR-16
-- kind: state
-- mode: both
-- tests: Everybody on the roster who has an address.
-- passes: The address has a name, one @ and a domain.
-- fails: It has another form, so that nothing sent there arrives.
-- matters: What is wrong in the roster is wrong wherever it is copied to.
-- remediation: Correct the address in the roster.
-- population
SELECT source || '/' || subject AS subject, employee_id AS label,
       from_us, to_us, source
  FROM hr_person_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN end_date IS NOT NULL THEN 'na'
            WHEN email IS NOT NULL AND (email NOT GLOB '?*@?*.?*' OR email GLOB '*@*@*' OR email GLOB '* *') THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN end_date IS NOT NULL THEN 'the person has left'
            WHEN email IS NOT NULL AND (email NOT GLOB '?*@?*.?*' OR email GLOB '*@*@*' OR email GLOB '* *') THEN 'the address is not well-formed'
            ELSE '' END AS reason,
       from_us, to_us, 'hr_person:' || subject AS evidence
  FROM hr_person_period
