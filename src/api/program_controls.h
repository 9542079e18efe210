/* Controls as they stand: readiness, tests and their results, occurrences. */
#ifndef API_PROGRAM_CONTROLS_H
#define API_PROGRAM_CONTROLS_H

#include "api/route.h"

extern const struct param program_controls_params[];
extern const struct shape program_controls_criterion_rows[],
    program_controls_control_rows[], program_controls_gap_rows[],
    program_controls_summary_form[], program_controls_procedure_rows[],
    program_controls_result_rows[], program_controls_result_form[],
    program_controls_member_rows[], program_controls_occurrence_rows[],
    program_controls_perform_body[];

typedef int program_controls_fn(struct context *x, struct call *c,
    struct err *e);
program_controls_fn program_controls_criteria, program_controls_controls,
    program_controls_gaps, program_controls_summary;
program_controls_fn program_controls_procedures, program_controls_results,
    program_controls_results_of, program_controls_result,
    program_controls_members;
program_controls_fn program_controls_occurrences,
    program_controls_read_perform, program_controls_perform;

#endif
