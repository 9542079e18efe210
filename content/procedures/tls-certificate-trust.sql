-- id: tls-certificate-trust
-- title: TLS servers prove who they are
-- control: EN-01
-- kind: state
-- mode: both
-- tests: Every collected TLS server.
-- passes: Its chain leads to a trusted root, and its certificate is for its name.
-- fails: The chain is not trusted, or the certificate is for another name.
-- matters: Without proof of identity, encryption protects the conversation with
--  whoever happens to answer.
-- remediation: Install a certificate for the name, from an authority that clients
--  trust, with the intermediate certificates.
-- population
SELECT source || '/' || subject AS subject, endpoint AS label, from_us, to_us, source
  FROM tls_endpoint_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN reachable = 0 THEN 'unknown'
            WHEN chain_trusted = 0 OR name_matches = 0 THEN 'fail'
            WHEN chain_trusted IS NULL OR name_matches IS NULL THEN 'unknown'
            ELSE 'ok' END AS status,
       CASE WHEN reachable = 0 THEN 'no TLS connection could be made'
            WHEN chain_trusted = 0 AND name_matches = 0
              THEN 'the chain is not trusted, and the certificate is for another name'
            WHEN chain_trusted = 0 THEN 'the chain is not trusted'
            WHEN name_matches = 0 THEN 'the certificate is for another name'
            WHEN chain_trusted IS NULL OR name_matches IS NULL
              THEN 'trust or name was not found out'
            ELSE '' END AS reason,
       from_us, to_us, 'tls_endpoint:' || endpoint AS evidence
  FROM tls_endpoint_period
