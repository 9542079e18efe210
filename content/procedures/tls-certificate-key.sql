-- id: tls-certificate-key
-- title: Certificates have strong keys and signatures
-- control: EN-01, EN-03
-- kind: state
-- mode: both
-- tests: Every certificate in the chains that collected TLS servers send.
-- passes: The key is long enough and the signature of an accepted kind.
-- fails: The key is too short, or the signature uses a broken hash.
-- matters: A certificate that can be forged proves nothing.
-- remediation: Have the certificate issued again with an EC or a longer RSA key.
-- param rsa_bits int 2048: Least length of an RSA key in bits
-- param ec_bits int 224: Least length of an elliptic curve key in bits
-- population
SELECT source || '/' || subject AS subject,
       endpoint || ' ' || position || ': ' || subject_dn AS label, from_us, to_us, source
  FROM tls_certificate_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN self_signed = 1 AND position > 0 THEN 'na'
            WHEN lower(signature_alg) LIKE '%md5%' OR lower(signature_alg) LIKE '%sha1%'
              THEN 'fail'
            WHEN upper(key_type) LIKE 'RSA%' AND key_bits < :rsa_bits THEN 'fail'
            WHEN upper(key_type) LIKE 'EC%' AND key_bits < :ec_bits THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN self_signed = 1 AND position > 0
              THEN 'a root is trusted for itself, not for its signature'
            WHEN lower(signature_alg) LIKE '%md5%' OR lower(signature_alg) LIKE '%sha1%'
              THEN 'signed with ' || signature_alg
            WHEN upper(key_type) LIKE 'RSA%' AND key_bits < :rsa_bits
              THEN 'RSA key of ' || key_bits || ' bits'
            WHEN upper(key_type) LIKE 'EC%' AND key_bits < :ec_bits
              THEN 'EC key of ' || key_bits || ' bits'
            ELSE '' END AS reason,
       from_us, to_us, 'tls_certificate:' || sha256 AS evidence
  FROM tls_certificate_period
