-- id: tls-certificate-expiry
-- title: Certificates are renewed before they run out
-- control: EN-01, EN-03
-- kind: state
-- mode: both
-- tests: The own certificate of every collected TLS server, for as long as it was
--  in use.
-- passes: It counts for longer than the days of notice.
-- fails: It runs out within the days of notice, has run out, or does not count
--  yet. The violation begins when the days of notice begin.
-- matters: A certificate that ran out stops the service, and teaches people to
--  click warnings away.
-- remediation: Renew the certificate and install it; let the renewal run by itself.
-- param days int 14: Days of notice before a certificate runs out
-- population
SELECT source || '/' || subject AS subject, endpoint || ' ' || subject_dn AS label,
       from_us, to_us, source
  FROM tls_certificate_period WHERE position = 0
-- verdicts
WITH c AS (
  SELECT source || '/' || subject AS subject, sha256, from_us, to_us, not_after,
         not_before,
         min(max(not_before, from_us), to_us) AS begin_us,
         min(max(not_after - :days * 86400000000, not_before, from_us), to_us) AS cut_us,
         min(max(not_after, not_before, from_us), to_us) AS end_us
    FROM tls_certificate_period WHERE position = 0)
SELECT subject, 'fail' AS status, 'it does not count yet' AS reason,
       from_us, begin_us AS to_us, 'tls_certificate:' || sha256 AS evidence
  FROM c WHERE from_us < begin_us
UNION ALL
SELECT subject, 'ok', '', begin_us, cut_us, 'tls_certificate:' || sha256
  FROM c WHERE begin_us < cut_us
UNION ALL
SELECT subject, 'fail', 'it runs out on ' || day_of(not_after),
       cut_us, end_us, 'tls_certificate:' || sha256
  FROM c WHERE cut_us < end_us
UNION ALL
SELECT subject, 'fail', 'it ran out on ' || day_of(not_after),
       end_us, to_us, 'tls_certificate:' || sha256
  FROM c WHERE end_us < to_us
