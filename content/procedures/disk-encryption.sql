-- id: disk-encryption
-- title: Storage that holds data is encrypted
-- control: EN-02
-- kind: state
-- mode: both
-- tests: Every mounted file system of every collected machine.
-- passes: The storage below it is encrypted.
-- fails: The storage below it is not encrypted.
-- matters: A disk that is stolen, sent in for repair or thrown away takes the data
--  with it.
-- remediation: Move the data to an encrypted volume (LUKS, or the provider's
--  encrypted disks).
-- param exempt text /boot,/boot/efi: Folders that hold no data, separated by commas
-- population
SELECT source || '/' || subject AS subject, target || ' on ' || host AS label,
       from_us, to_us, source
  FROM mount_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN pseudo = 1 OR network = 1
              OR instr(',' || :exempt || ',', ',' || target || ',') > 0 THEN 'na'
            WHEN encrypted IS NULL THEN 'unknown'
            WHEN encrypted = 1 THEN 'ok' ELSE 'fail' END AS status,
       CASE WHEN pseudo = 1 THEN 'nothing is stored there'
            WHEN network = 1 THEN 'the storage is on another machine'
            WHEN instr(',' || :exempt || ',', ',' || target || ',') > 0
              THEN 'it holds no data'
            WHEN encrypted IS NULL THEN 'whether ' || device || ' is encrypted cannot be told'
            WHEN encrypted = 1 THEN '' ELSE device || ' is not encrypted' END AS reason,
       from_us, to_us, 'mount:' || target AS evidence
  FROM mount_period
