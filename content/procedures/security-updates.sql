-- id: security-updates
-- title: Security updates are installed within their deadline
-- control: VM-02, EP-02
-- kind: state
-- mode: both
-- tests: Every installed package of every collected machine, for as long as it was
--  installed.
-- passes: No security update waits, or it has waited no longer than the deadline.
-- fails: A security update has waited longer than the deadline. The days count
--  from the last collection that did not show it yet, and run on when a newer
--  update takes its place.
-- matters: An update that waits tells every attacker what is open.
-- remediation: Install it (apt-get update && apt-get upgrade) and restart what uses
--  the package; let unattended-upgrades do so daily.
-- param days int 14: Days in which a security update has to be installed
-- population
SELECT source || '/' || subject AS subject, name || ' on ' || host AS label,
       from_us, to_us, source
  FROM package_period
-- verdicts
WITH v AS MATERIALIZED (
  SELECT source, subject, name, security_update, from_us, to_us,
         coalesce(changed_after, valid_from) AS since_us,
         security_update IS NULL OR lag(security_update) OVER w IS NULL
           OR lag(to_us) OVER w <> from_us AS fresh
    FROM package_period
  WINDOW w AS (PARTITION BY source, subject ORDER BY from_us)),
waiting AS (
  SELECT *, sum(fresh) OVER (PARTITION BY source, subject ORDER BY from_us) AS turn
    FROM v),
due AS MATERIALIZED (
  SELECT *, min(max(min(since_us) OVER (PARTITION BY source, subject, turn)
                    + :days * 86400000000, from_us), to_us) AS due_us
    FROM waiting)
SELECT source || '/' || subject AS subject, 'ok' AS status,
       iif(security_update IS NULL, '', 'security update ' || security_update
           || ' waits, for no more than ' || :days || ' days yet') AS reason,
       from_us, iif(security_update IS NULL, to_us, due_us) AS to_us,
       'package:' || name AS evidence
  FROM due WHERE security_update IS NULL OR from_us < due_us
UNION ALL
SELECT source || '/' || subject, 'fail',
       'security update ' || security_update || ' waits for more than ' || :days || ' days',
       due_us, to_us, 'package:' || name
  FROM due WHERE security_update IS NOT NULL AND due_us < to_us
