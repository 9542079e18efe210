-- id: vendor-reports
-- title: Vendors that matter have a current report
-- control: VN-03
-- kind: state
-- mode: both
-- tests: Every active vendor that is a subservice organisation or whose failure
--  would do much harm.
-- passes: A report of its controls is on file and has not expired.
-- fails: No report is on file, or it has expired.
-- matters: Part of the promises made to customers is kept by others; one has to know
--  that they keep it.
-- remediation: Ask the vendor for its current report, read it, and record its end
--  (tickmark record DIR vendor put).
-- param tiers text high,critical: Tiers that count, separated by commas
-- population
SELECT subject, name AS label, from_us, to_us FROM vendor_period
 WHERE state IN ('active', 'assessed', 'offboarding')
-- verdicts
WITH v AS MATERIALIZED (
  SELECT subject, name, from_us, to_us, report_expires,
         coalesce(subservice, 0) = 1
           OR instr(',' || :tiers || ',', ',' || coalesce(tier, '') || ',') > 0 AS counts,
         min(max(coalesce(day_end(report_expires), from_us),
                 from_us), to_us) AS due_us
    FROM vendor_period WHERE state IN ('active', 'assessed', 'offboarding'))
SELECT subject, 'na' AS status, 'its failure would do little harm' AS reason,
       from_us, to_us, 'vendor:' || name AS evidence
  FROM v WHERE NOT counts
UNION ALL
SELECT subject, 'ok', '', from_us, due_us, 'vendor:' || name
  FROM v WHERE counts AND from_us < due_us
UNION ALL
SELECT subject, 'fail', coalesce('its report expired on ' || report_expires,
                                 'no report is on file'),
       due_us, to_us, 'vendor:' || name
  FROM v WHERE counts AND due_us < to_us
