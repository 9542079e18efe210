-- id: sensitive-file-modes
-- title: Files that guard a machine belong to root and are closed to others
-- control: VM-04, MO-03
-- kind: state
-- mode: both
-- tests: Every file of the fixed list, and what lies in the folders of cron, sudo,
--  PAM and systemd, that is present on a collected machine.
-- passes: It belongs to root, nobody else may write to it, and what is secret
--  others may not read.
-- fails: It belongs to somebody else, can be written by others, or is secret and
--  can be read by others.
-- matters: Who can write these files owns the machine; who can read the secret ones
--  can become somebody else.
-- remediation: Put owner and mode back (chown root, chmod go-w; 0640 or 0600 for
--  secrets).
-- param secret text /etc/shadow,/etc/gshadow,/etc/shadow-,/etc/gshadow-,/etc/sudoers: Files that others may not read, separated by commas; SSH host keys always count
-- population
SELECT source || '/' || subject AS subject, path || ' on ' || host AS label,
       from_us, to_us, source
  FROM sensitive_file_period
-- verdicts
WITH f AS (
  SELECT source || '/' || subject AS subject, path, present, uid, owner, mode, kind,
         CAST(substr(mode, -1, 1) AS INTEGER) AS others,
         CAST(substr(mode, -2, 1) AS INTEGER) AS grp_bits,
         -- In a folder like /tmp nobody can remove what belongs to others.
         kind = 'folder' AND length(mode) = 4
           AND (CAST(substr(mode, 1, 1) AS INTEGER) & 1) <> 0 AS sticky,
         instr(',' || :secret || ',', ',' || path || ',') > 0
           OR path LIKE '/etc/ssh/ssh_host%key' AS secret,
         from_us, to_us
    FROM sensitive_file_period)
SELECT subject,
       CASE WHEN present = 0 THEN 'na'
            WHEN kind = 'link' THEN 'na'
            WHEN mode IS NULL OR uid IS NULL THEN 'unknown'
            WHEN uid <> 0 OR (secret AND others <> 0) THEN 'fail'
            WHEN sticky THEN 'ok'
            WHEN (others & 2) <> 0 OR (grp_bits & 2) <> 0 THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN present = 0 THEN 'it is not there'
            WHEN kind = 'link' THEN 'a link has no mode of its own'
            WHEN mode IS NULL OR uid IS NULL THEN 'owner and mode were not read'
            WHEN uid <> 0 THEN 'it belongs to ' || coalesce(owner, uid)
            WHEN secret AND others <> 0 THEN 'others may reach it (' || mode || ')'
            WHEN sticky THEN ''
            WHEN (others & 2) <> 0 THEN 'everybody may write to it (' || mode || ')'
            WHEN (grp_bits & 2) <> 0 THEN 'its group may write to it (' || mode || ')'
            ELSE '' END AS reason,
       from_us, to_us, 'sensitive_file:' || path AS evidence
  FROM f
