-- id: exceptions-approved
-- title: Exceptions are approved by somebody else and end
-- control: RK-06
-- kind: state
-- mode: both
-- tests: Every approved exception of the programme.
-- passes: Somebody other than who asked approved it, and it ends within the allowed
--  months.
-- fails: Who asked for it approved it, nobody is named, or it runs for longer.
-- matters: An exception that anybody can give themselves, or that never ends, is the
--  rule.
-- remediation: Have it approved anew by somebody who answers for the risk, with a
--  nearer end.
-- param months int 12: Months for which an exception may run
-- population
SELECT subject, code AS label, from_us, to_us FROM exception_period
-- verdicts
SELECT subject,
       CASE WHEN state <> 'approved' THEN 'na'
            WHEN approver IS NULL OR requester IS NULL OR approver = requester THEN 'fail'
            WHEN starts_on IS NULL THEN 'fail'
            WHEN expires > date(starts_on, '+' || :months || ' months') THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN state <> 'approved' THEN 'it is ' || state
            WHEN approver IS NULL OR requester IS NULL THEN 'nobody is named'
            WHEN approver = requester THEN 'who asked for it approved it'
            WHEN starts_on IS NULL THEN 'it has no first day'
            WHEN expires > date(starts_on, '+' || :months || ' months')
              THEN 'it runs for more than ' || :months || ' months'
            ELSE '' END AS reason,
       from_us, to_us, 'exception:' || code AS evidence
  FROM exception_period
