-- id: incidents-triaged
-- title: Incidents are looked at in time
-- control: IR-02, MO-02
-- kind: event
-- mode: period
-- window: 90
-- tests: Every incident that was reported in the period.
-- passes: Somebody decided what it is within the allowed hours.
-- fails: Nobody did, or it took longer.
-- matters: The first hours decide how far an incident goes.
-- remediation: Name who is on call, and have tickets that nobody picked up raise an
--  alarm.
-- param hours int 24: Hours in which an incident has to be triaged
-- param urgent_hours int 4: The same for high and critical ones
-- population
SELECT source || '/' || subject AS subject, ticket_id || ': ' || title AS label,
       reported_at AS from_us, reported_at + 1 AS to_us, source
  FROM incident_ticket WHERE reported_at >= :from AND reported_at < :to
-- verdicts
WITH t AS (
  SELECT source || '/' || subject AS subject, ticket_id, severity, reported_at, triaged_at,
         reported_at + 3600000000 * iif(severity IN ('high', 'critical'),
                                        :urgent_hours, :hours) AS due_us
    FROM incident_ticket WHERE reported_at >= :from AND reported_at < :to)
SELECT subject,
       CASE WHEN triaged_at <= due_us THEN 'ok'
            WHEN triaged_at IS NULL AND due_us >= :to THEN 'na'
            ELSE 'fail' END AS status,
       CASE WHEN triaged_at <= due_us THEN ''
            WHEN triaged_at IS NULL AND due_us >= :to THEN 'there is still time'
            WHEN triaged_at IS NULL THEN severity || ', not triaged'
            ELSE severity || ', triaged after '
                 || ((triaged_at - reported_at) / 3600000000) || ' hours' END AS reason,
       reported_at AS from_us, reported_at + 1 AS to_us,
       'incident_ticket:' || ticket_id AS evidence
  FROM t
