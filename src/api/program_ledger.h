/* The ledger and its proofs, sources and their runs, who may do what. */
#ifndef API_PROGRAM_LEDGER_H
#define API_PROGRAM_LEDGER_H

#include "api/route.h"

extern const struct param program_ledger_entry_params[],
    program_ledger_size_params[], program_ledger_between_params[],
    program_ledger_run_params[];
extern const struct shape program_ledger_head_form[],
    program_ledger_entry_rows[], program_ledger_entry_form[],
    program_ledger_inclusion_form[], program_ledger_consistency_form[],
    program_ledger_source_rows[], program_ledger_run_rows[],
    program_ledger_group_rows[], program_ledger_rule_rows[];

typedef int program_ledger_fn(struct context *x, struct call *c,
    struct err *e);
program_ledger_fn program_ledger_head, program_ledger_entries,
    program_ledger_entry, program_ledger_inclusion,
    program_ledger_consistency, program_ledger_receipt;
program_ledger_fn program_ledger_sources, program_ledger_runs;
program_ledger_fn program_ledger_groups, program_ledger_rules;

#endif
