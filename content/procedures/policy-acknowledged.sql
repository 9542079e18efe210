-- id: policy-acknowledged
-- title: People acknowledge policies within 30 days
-- control: GV-12
-- kind: state
-- mode: both
-- tests: Every acknowledgement that somebody owes, from when it was first asked for.
-- passes: It was given, or its days are not over.
-- fails: The days are over and it was not given.
-- matters: Rules that nobody has read bind nobody.
-- remediation: Remind the person, then their manager.
-- param days int 30: Days in which a policy has to be acknowledged
-- population
SELECT source || '/' || subject AS subject,
       employee_id || ': ' || policy || ' ' || version AS label, from_us, to_us, source
  FROM policy_ack_period
-- verdicts
WITH owed AS MATERIALIZED (
  SELECT source || '/' || subject AS subject, subject AS ref, employee_id, policy,
         acknowledged_on, from_us, to_us,
         min(max(coalesce(changed_after, valid_from) + :days * 86400000000, from_us),
             to_us) AS due_us
    FROM policy_ack_period)
SELECT subject, 'ok' AS status,
       iif(acknowledged_on IS NULL, '', 'acknowledged on ' || acknowledged_on) AS reason,
       from_us, iif(acknowledged_on IS NULL, due_us, to_us) AS to_us,
       'policy_ack:' || ref AS evidence
  FROM owed WHERE acknowledged_on IS NOT NULL OR from_us < due_us
UNION ALL
SELECT subject, 'fail', 'not acknowledged within ' || :days || ' days', due_us, to_us,
       'policy_ack:' || ref
  FROM owed WHERE acknowledged_on IS NULL AND due_us < to_us
