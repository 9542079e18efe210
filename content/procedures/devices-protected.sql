-- id: devices-protected
-- title: Devices are encrypted, lock themselves and run malware protection
-- control: EP-02, EP-01
-- kind: state
-- mode: both
-- tests: Every device in the inventory, until it is disposed of.
-- passes: Its storage is encrypted, its screen locks, malware protection runs.
-- fails: One of the three is missing.
-- matters: Devices travel, and are left in trains.
-- remediation: Enrol the device in the management that enforces the three.
-- param kinds text laptop,desktop,phone,tablet: Kinds of asset that count, separated by commas
-- population
SELECT source || '/' || subject AS subject, name || ' (' || asset_id || ')' AS label,
       from_us, to_us, source
  FROM asset_period
-- verdicts
WITH d AS (
  SELECT source || '/' || subject AS subject, asset_id, kind, encrypted, screen_lock,
         malware_protection, disposed_on,
         instr(',' || :kinds || ',', ',' || lower(kind) || ',') > 0 AS counts,
         from_us, to_us
    FROM asset_period)
SELECT subject,
       CASE WHEN NOT counts OR disposed_on IS NOT NULL THEN 'na'
            WHEN encrypted = 0 OR screen_lock = 0 OR malware_protection = 0 THEN 'fail'
            WHEN encrypted IS NULL OR screen_lock IS NULL
              OR malware_protection IS NULL THEN 'unknown'
            ELSE 'ok' END AS status,
       CASE WHEN NOT counts THEN kind || ' is no device that people carry'
            WHEN disposed_on IS NOT NULL THEN 'disposed of on ' || disposed_on
            WHEN encrypted = 0 OR screen_lock = 0 OR malware_protection = 0
              THEN 'without' || substr(iif(encrypted = 0, ', encrypted storage', '')
                   || iif(screen_lock = 0, ', screen lock', '')
                   || iif(malware_protection = 0, ', malware protection', ''), 2)
            WHEN encrypted IS NULL OR screen_lock IS NULL
              OR malware_protection IS NULL THEN 'the inventory does not say all three'
            ELSE '' END AS reason,
       from_us, to_us, 'asset:' || asset_id AS evidence
  FROM d
