/* Courses, the roster, checklists, access reviews. */
#ifndef API_PROGRAM_PEOPLE_H
#define API_PROGRAM_PEOPLE_H

#include "api/route.h"

extern const struct param program_people_import_params[];
extern const struct shape program_people_course_rows[],
    program_people_course_form[], program_people_completion_rows[],
    program_people_answers_body[], program_people_attempt_form[],
    program_people_assign_body[], program_people_excuse_body[],
    program_people_count_form[], program_people_import_form[],
    program_people_review_rows[], program_people_review_body[],
    program_people_started_form[], program_people_review_item_rows[],
    program_people_decide_body[], program_people_checked_form[];

typedef int program_people_fn(struct context *x, struct call *c,
    struct err *e);
program_people_fn program_people_courses, program_people_course,
    program_people_completion, program_people_read_answers,
    program_people_answers, program_people_assign, program_people_excuse;
program_people_fn program_people_read_import, program_people_import,
    program_people_checklists, program_people_read_move,
    program_people_move;
program_people_fn program_people_reviews, program_people_review_items,
    program_people_review_start, program_people_review_named,
    program_people_read_decide, program_people_decide, program_people_check;

#endif
