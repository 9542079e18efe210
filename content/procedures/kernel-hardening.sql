-- id: kernel-hardening
-- title: Kernels run with the hardened settings
-- control: VM-04
-- kind: state
-- mode: both
-- tests: Every collected kernel setting of every machine.
-- passes: The setting has one of the values that the baseline allows.
-- fails: The setting has another value.
-- matters: These settings make a break-in harder and its consequences smaller, at
--  no cost.
-- remediation: Write the value to a file in /etc/sysctl.d and load it (sysctl
--  --system).
-- param baseline text kernel.randomize_va_space=2,kernel.dmesg_restrict=1,kernel.kptr_restrict=1,kernel.kptr_restrict=2,kernel.yama.ptrace_scope=1,kernel.yama.ptrace_scope=2,kernel.yama.ptrace_scope=3,fs.protected_hardlinks=1,fs.protected_symlinks=1,fs.suid_dumpable=0,net.ipv4.conf.all.accept_redirects=0,net.ipv4.conf.default.accept_redirects=0,net.ipv6.conf.all.accept_redirects=0,net.ipv6.conf.default.accept_redirects=0,net.ipv4.conf.all.accept_source_route=0,net.ipv4.conf.default.accept_source_route=0,net.ipv4.tcp_syncookies=1,net.ipv4.icmp_echo_ignore_broadcasts=1: The baseline as NAME=VALUE, separated by commas; a name may have several values
-- population
SELECT source || '/' || subject AS subject, name || ' on ' || host AS label,
       from_us, to_us, source
  FROM kernel_setting_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN instr(',' || :baseline, ',' || name || '=') = 0 THEN 'na'
            WHEN value IS NULL THEN 'na'
            WHEN instr(',' || :baseline || ',', ',' || name || '=' || value || ',') > 0
              THEN 'ok'
            ELSE 'fail' END AS status,
       CASE WHEN instr(',' || :baseline, ',' || name || '=') = 0
              THEN 'not part of the baseline'
            WHEN value IS NULL THEN 'the kernel lacks the setting'
            WHEN instr(',' || :baseline || ',', ',' || name || '=' || value || ',') > 0
              THEN ''
            ELSE name || ' is ' || value END AS reason,
       from_us, to_us, 'kernel_setting:' || name AS evidence
  FROM kernel_setting_period
