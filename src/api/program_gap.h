/* The gap analysis: questions, what is missing, the plan, progress. */
#ifndef API_PROGRAM_GAP_H
#define API_PROGRAM_GAP_H

#include "api/route.h"

extern const struct param program_gap_progress_params[];
extern const struct shape program_gap_question_rows[],
    program_gap_answers_body[], program_gap_answered_form[],
    program_gap_criterion_rows[], program_gap_item_rows[],
    program_gap_plan_body[], program_gap_planned_form[],
    program_gap_progress_rows[];

typedef int program_gap_fn(struct context *x, struct call *c, struct err *e);
program_gap_fn program_gap_questions, program_gap_answer,
    program_gap_criteria, program_gap_items, program_gap_plan,
    program_gap_progress;

#endif
