-- id: authorized-key-strength
-- title: Keys that open accounts by SSH are strong
-- control: AC-08, EN-03
-- kind: state
-- mode: both
-- tests: Every public key listed for an account of a collected machine.
-- passes: The key is of an accepted kind, and an RSA key is long enough.
-- fails: The key is of another kind, or too short.
-- matters: A key that can be computed from its public half is no lock.
-- remediation: Make a new key (ssh-keygen -t ed25519), hand it out, and take the old
--  one off the list.
-- param rsa_bits int 3072: Least length of an RSA key in bits
-- param accepted text ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,ssh-rsa: Accepted kinds, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       type || ' key of ' || login || ' on ' || host AS label, from_us, to_us, source
  FROM authorized_key_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN instr(',' || :accepted || ',', ',' || type || ',') = 0 THEN 'fail'
            WHEN type <> 'ssh-rsa' THEN 'ok'
            WHEN bits IS NULL THEN 'unknown'
            WHEN bits < :rsa_bits THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN instr(',' || :accepted || ',', ',' || type || ',') = 0
              THEN type || ' is not accepted'
            WHEN type <> 'ssh-rsa' THEN ''
            WHEN bits IS NULL THEN 'the length of the key is not known'
            WHEN bits < :rsa_bits THEN 'RSA key of ' || bits || ' bits'
            ELSE '' END AS reason,
       from_us, to_us, 'authorized_key:' || fingerprint AS evidence
  FROM authorized_key_period
