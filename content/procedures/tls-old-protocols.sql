-- id: tls-old-protocols
-- title: TLS servers refuse old protocol versions
-- control: EN-01
-- kind: state
-- mode: both
-- tests: Every protocol version that is tried at every collected TLS server.
-- passes: A version that is out of date is refused.
-- fails: A version that is out of date is accepted.
-- matters: Old versions have known breaks, and a client can be talked down to them.
-- remediation: Allow TLS 1.2 and 1.3 only in the server's configuration.
-- param old text SSLv3,TLS1.0,TLS1.1: Versions that are out of date, separated by commas
-- population
SELECT source || '/' || subject AS subject, protocol || ' at ' || endpoint AS label,
       from_us, to_us, source
  FROM tls_protocol_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN instr(',' || :old || ',', ',' || protocol || ',') = 0 THEN 'na'
            WHEN offered IS NULL THEN 'unknown'
            WHEN offered = 1 THEN 'fail' ELSE 'ok' END AS status,
       CASE WHEN instr(',' || :old || ',', ',' || protocol || ',') = 0
              THEN protocol || ' may be offered'
            WHEN offered IS NULL THEN 'it could not be tried'
            WHEN offered = 1 THEN protocol || ' is accepted' ELSE '' END AS reason,
       from_us, to_us, 'tls_protocol:' || subject AS evidence
  FROM tls_protocol_period
