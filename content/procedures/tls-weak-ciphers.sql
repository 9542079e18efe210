-- id: tls-weak-ciphers
-- title: TLS servers accept strong ciphers only
-- control: EN-01
-- kind: state
-- mode: both
-- tests: Every cipher that a collected TLS server accepts.
-- passes: The cipher is long enough and keeps past traffic safe if the key leaks.
-- fails: The cipher is too short, or has no forward secrecy.
-- matters: What is recorded today can be read the day a weak cipher falls or the
--  server's key is stolen.
-- remediation: Limit the server to ECDHE suites with AES-GCM or ChaCha20.
-- param bits int 128: Least strength in bits
-- param forward_secrecy int 1: 1 if forward secrecy is asked for, 0 if not
-- population
SELECT source || '/' || subject AS subject,
       cipher || ' (' || protocol || ') at ' || endpoint AS label, from_us, to_us, source
  FROM tls_cipher_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN bits < :bits THEN 'fail'
            WHEN forward_secrecy = 0 AND :forward_secrecy = 1 THEN 'fail'
            WHEN bits IS NULL THEN 'unknown'
            ELSE 'ok' END AS status,
       CASE WHEN bits < :bits THEN cipher || ' has ' || bits || ' bits'
            WHEN forward_secrecy = 0 AND :forward_secrecy = 1
              THEN cipher || ' has no forward secrecy'
            WHEN bits IS NULL THEN 'the strength of ' || cipher || ' is not known'
            ELSE '' END AS reason,
       from_us, to_us, 'tls_cipher:' || subject AS evidence
  FROM tls_cipher_period
