-- id: release-tags-signed
-- title: Releases are signed
-- control: CM-02, PI-08
-- kind: state
-- mode: both
-- tests: Every tag of a collected repository that names a release.
-- passes: The tag has a good signature.
-- fails: The tag has no signature, or a bad one.
-- matters: A signature shows who released what, and that it was not exchanged.
-- remediation: Sign releases (git tag -s). The git collector sees that there is a
--  signature, not whose it is: check it (git verify-tag), and bring what comes out as
--  a CSV of the table git_tag.
-- param pattern text v[0-9]*: Tags that name a release, as a GLOB pattern
-- population
SELECT source || '/' || subject AS subject, name || ' of ' || repo AS label,
       from_us, to_us, source
  FROM git_tag_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN name NOT GLOB :pattern THEN 'na'
            WHEN signature = 'good' THEN 'ok'
            WHEN signature IN ('unverified', 'unknown') THEN 'unknown'
            ELSE 'fail' END AS status,
       CASE WHEN name NOT GLOB :pattern THEN 'the tag names no release'
            WHEN signature = 'good' THEN ''
            WHEN signature IN ('unverified', 'unknown')
              THEN 'there is a signature, but no key to check it with'
            WHEN signature = 'bad' THEN 'the signature is bad'
            ELSE 'the tag is not signed' END AS reason,
       from_us, to_us, 'git_tag:' || name AS evidence
  FROM git_tag_period
