-- id: firewall-default-deny
-- title: Packet filters refuse what is not allowed
-- control: NS-01
-- kind: state
-- mode: both
-- tests: Every collected machine.
-- passes: A chain on the input hook drops what no rule decides.
-- fails: There is no chain on the input hook, or what no rule decides is let in.
-- matters: With the door open by default, every forgotten service is on the
--  network.
-- remediation: Give the input chain "policy drop" and allow what is needed by rules
--  (nft add chain inet filter input '{ policy drop; }').
-- population
SELECT source AS subject, host AS label, from_us, to_us, source FROM host_period
-- verdicts
WITH chain AS MATERIALIZED (
  SELECT source, policy, from_us, to_us FROM firewall_chain_period
   WHERE hook = 'input'),
cut AS MATERIALIZED (
  SELECT source, from_us AS start_us, to_us AS end_us, from_us AS at FROM host_period
  UNION
  SELECT h.source, h.from_us, h.to_us, b.at
    FROM host_period h
    JOIN (SELECT source, from_us AS at FROM chain UNION SELECT source, to_us FROM chain) b
      ON b.source = h.source AND b.at > h.from_us AND b.at < h.to_us),
part AS MATERIALIZED (
  SELECT source, at AS from_us,
         lead(at, 1, end_us) OVER (PARTITION BY source, start_us ORDER BY at) AS to_us
    FROM cut),
judged AS (
  SELECT p.source, p.from_us, p.to_us,
         (SELECT count(*) FROM chain c WHERE c.source = p.source
             AND c.from_us < p.to_us AND c.to_us > p.from_us) AS chains,
         (SELECT count(*) FROM chain c WHERE c.source = p.source AND c.policy = 'drop'
             AND c.from_us < p.to_us AND c.to_us > p.from_us) AS dropping
    FROM part p)
SELECT source AS subject, iif(dropping > 0, 'ok', 'fail') AS status,
       CASE WHEN dropping > 0 THEN ''
            WHEN chains = 0 THEN 'nothing filters what comes in'
            ELSE 'what no rule decides is let in' END AS reason,
       from_us, to_us, 'host:' || source AS evidence
  FROM judged
