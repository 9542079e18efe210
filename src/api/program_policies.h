/* Policies from draft to publication, and their acknowledgement. */
#ifndef API_PROGRAM_POLICIES_H
#define API_PROGRAM_POLICIES_H

#include "api/route.h"

extern const struct param program_policies_version_params[],
    program_policies_diff_params[];
extern const struct shape program_policies_rows[], program_policies_form[],
    program_policies_version_rows[], program_policies_version_form[],
    program_policies_diff_form[], program_policies_step_form[],
    program_policies_draft_body[], program_policies_review_body[],
    program_policies_approve_body[], program_policies_publish_body[],
    program_policies_except_body[], program_policies_code_form[],
    program_policies_ack_body[], program_policies_excuse_body[],
    program_policies_count_form[], program_policies_campaign_rows[],
    program_policies_campaign_body[];

typedef int program_policies_fn(struct context *x, struct call *c,
    struct err *e);
program_policies_fn program_policies_list, program_policies_show,
    program_policies_versions, program_policies_version,
    program_policies_diff, program_policies_pdf;
program_policies_fn program_policies_named, program_policies_read_approve,
    program_policies_read_except, program_policies_draft,
    program_policies_review, program_policies_back, program_policies_approve,
    program_policies_publish, program_policies_drop, program_policies_except;
program_policies_fn program_policies_read_ack, program_policies_ack,
    program_policies_excuse, program_policies_campaigns,
    program_policies_campaign_new, program_policies_campaign_named,
    program_policies_campaign_refresh, program_policies_campaign_close;

#endif
