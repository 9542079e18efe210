-- id: access-approved-first
-- title: Access is approved before it is given
-- control: AC-01
-- kind: event
-- mode: period
-- window: 90
-- tests: Every access that was given in the period, from the record of requests.
-- passes: Somebody other than the person approved it, on the day it was given or
--  earlier.
-- fails: It was given without approval, before the approval, or approved by the
--  person who received it.
-- matters: Access that nobody weighed is access that nobody knows of.
-- remediation: Have the access approved or taken back now, and make the approval a
--  condition of the ticket that hands it out.
-- population
SELECT source || '/' || subject AS subject,
       grant_id || ': ' || employee_id || ' to ' || system AS label,
       day_start(granted_on) AS from_us,
       day_start(granted_on) + 1 AS to_us, source
  FROM access_grant
 WHERE day_start(granted_on) >= :from
   AND day_start(granted_on) < :to
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN approved_on IS NULL OR approved_on > granted_on THEN 'fail'
            WHEN approver_id IS NULL THEN 'unknown'
            WHEN approver_id = employee_id THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN approved_on IS NULL THEN 'given without approval'
            WHEN approved_on > granted_on
              THEN 'given on ' || granted_on || ', approved only on ' || approved_on
            WHEN approver_id IS NULL THEN 'the record does not say who approved it'
            WHEN approver_id = employee_id THEN 'approved by the person who received it'
            ELSE '' END AS reason,
       day_start(granted_on) AS from_us,
       day_start(granted_on) + 1 AS to_us,
       'access_grant:' || grant_id AS evidence
  FROM access_grant
 WHERE day_start(granted_on) >= :from
   AND day_start(granted_on) < :to
