/*
 * The rules of records: X(name, type, what it says). A name begins with what it
 * is about and is unique; rules.h makes an enum of them, faces show the
 * sentences, and test/record/test_rules wants a case for each.
 */
#ifndef RECORD_RULES_LIST_H
#define RECORD_RULES_LIST_H

#define RECORD_RULES(X) \
	X(acting_other, ANY, \
	    "Who approves, reviews, accepts or signs is who acts: nobody does " \
	    "it in the name of another.") \
	X(acting_nobody, ANY, \
	    "A user who is linked to no person approves, reviews, accepts and " \
	    "signs nothing.") \
	X(acting_both, ANY, \
	    "Nobody approves what they asked for or wrote in the name of " \
	    "another.") \
	X(earned, ANY, \
	    "What follows from evidence is said by what looked at it, not by " \
	    "hand.") \
	X(review_future, ACCESS_REVIEW, \
	    "What was seen or done does not lie in the future.") \
	X(review_hash, ACCESS_REVIEW, "A SHA-256 has 64 hexadecimal digits.") \
	X(review_frozen, ACCESS_REVIEW, \
	    "What is reviewed is frozen when the review starts.") \
	X(review_undecided, ACCESS_REVIEW, \
	    "A review goes on when each row is decided.") \
	X(review_removing, ACCESS_REVIEW, \
	    "A review is closed when each access that is to go was seen " \
	    "gone.") \
	X(review_whole, ACCESS_REVIEW, \
	    "A review is closed with as many rows as its list had.") \
	X(auditor_named, ANY, \
	    "An auditor owns, operates and approves nothing of ours.") \
	X(assertion_order, ASSERTION, \
	    "What comes later is not dated before what comes first.") \
	X(assertion_future, ASSERTION, \
	    "What was seen or done does not lie in the future.") \
	X(assertion_stands, ASSERTION, "A signed letter is not changed.") \
	X(asset_order, ASSET_ITEM, \
	    "What comes later is not dated before what comes first.") \
	X(asset_disposal, ASSET_ITEM, \
	    "What held guarded data leaves a proof when it is disposed " \
	    "of.") \
	X(assignment_order, ASSIGNMENT, \
	    "What comes later is not dated before what comes first.") \
	X(assignment_deputy, ASSIGNMENT, "Nobody is their own deputy.") \
	X(assignment_conflict, ASSIGNMENT, \
	    "One person does not hold positions that exclude one another.") \
	X(check_order, BACKGROUND_CHECK, \
	    "What comes later is not dated before what comes first.") \
	X(check_consent, BACKGROUND_CHECK, \
	    "A person agrees before being screened.") \
	X(check_clear, BACKGROUND_CHECK, \
	    "What did not come back clear is decided by somebody.") \
	X(breach_due, BREACH_NOTICE, \
	    "The deadline of a notice is computed from awareness and " \
	    "jurisdiction.") \
	X(breach_clock, BREACH_NOTICE, \
	    "The time of awareness is not changed.") \
	X(breach_future, BREACH_NOTICE, \
	    "What was seen or done does not lie in the future.") \
	X(breach_order, BREACH_NOTICE, \
	    "What comes later is not dated before what comes first.") \
	X(breach_late, BREACH_NOTICE, "A late notice says why.") \
	X(breach_decided, BREACH_NOTICE, \
	    "A notice is required of a breach only.") \
	X(breach_stands, BREACH_NOTICE, "A sent notice is not changed.") \
	X(bridge_order, BRIDGE_LETTER, \
	    "What comes later is not dated before what comes first.") \
	X(bridge_length, BRIDGE_LETTER, \
	    "A bridge letter covers three months at most.") \
	X(bridge_stands, BRIDGE_LETTER, "A signed letter is not changed.") \
	X(bridge_start, BRIDGE_LETTER, \
	    "A bridge letter begins the day after the report ends.") \
	X(change_review_due, CHANGE, \
	    "An emergency change is to be reviewed two days after it came " \
	    "into use.") \
	X(change_emergency, CHANGE, "An emergency needs a reason.") \
	X(change_deployed, CHANGE, \
	    "A change is approved and tested before it is deployed, " \
	    "unless it is an emergency.") \
	X(change_order, CHANGE, \
	    "What comes later is not dated before what comes first.") \
	X(change_at_once, CHANGE, \
	    "Only an emergency is deployed before it is approved.") \
	X(change_stands, CHANGE, \
	    "A change that was approved keeps its author, and one that was " \
	    "deployed stays an emergency, or none.") \
	X(change_approver, CHANGE, \
	    "The author of a change does not approve it.") \
	X(change_alone, CHANGE, "The author of a change does not deploy it.") \
	X(change_reviewer, CHANGE, \
	    "The author of a change does not review it.") \
	X(change_reviewed, CHANGE, \
	    "An emergency change is reviewed before it is closed.") \
	X(change_risks, CHANGE, \
	    "A significant change leads to a new look at the risks.") \
	X(checklist_waits, CHECKLIST, \
	    "Somebody has come in when their background checks and " \
	    "declarations are there.") \
	X(checklist_open, CHECKLIST, \
	    "A list is done when each item is done or skipped.") \
	X(commitment_order, COMMITMENT, \
	    "What comes later is not dated before what comes first.") \
	X(complaint_due, COMPLAINT, \
	    "The deadline of a complaint is computed from receipt and " \
	    "jurisdiction.") \
	X(complaint_unknown, COMPLAINT, \
	    "The jurisdiction says how long a complaint may take.") \
	X(complaint_clock, COMPLAINT, "The time of receipt is not changed.") \
	X(complaint_extension, COMPLAINT, \
	    "An extension has a reason and is no longer than the " \
	    "jurisdiction allows.") \
	X(complaint_future, COMPLAINT, \
	    "What was seen or done does not lie in the future.") \
	X(complaint_order, COMPLAINT, \
	    "What comes later is not dated before what comes first.") \
	X(component_order, COMPONENT, \
	    "What comes later is not dated before what comes first.") \
	X(concern_future, CONCERN, \
	    "What was seen or done does not lie in the future.") \
	X(concern_anonymous, CONCERN, "Whoever stays unknown is not named.") \
	X(concern_about, CONCERN, \
	    "Nobody looks into a concern about themselves.") \
	X(concern_text, CONCERN, "What was reported is not changed.") \
	X(consent_hash, CONSENT, \
	    "The text that was shown is the one of the notice.") \
	X(consent_stands, CONSENT, "What was consented to is not changed.") \
	X(consent_future, CONSENT, \
	    "What was seen or done does not lie in the future.") \
	X(consent_order, CONSENT, \
	    "What comes later is not dated before what comes first.") \
	X(consent_over, CONSENT, "A consent that is over does not come back.") \
	X(consent_notice, CONSENT, \
	    "A consent names a notice that was published.") \
	X(consent_basis, CONSENT, \
	    "Consent is for activities whose basis it is.") \
	X(plan_year, CONTINUITY_PLAN, \
	    "A plan is looked at again within twelve months.") \
	X(plan_alternate, CONTINUITY_PLAN, \
	    "Owner and alternate are two persons.") \
	X(plan_stands, CONTINUITY_PLAN, "An approved plan is not changed.") \
	X(control_applied, CONTROL, \
	    "A control that is not applicable is not in use.") \
	X(control_order, CONTROL, \
	    "What comes later is not dated before what comes first.") \
	X(control_wording, CONTROL, \
	    "A control in use that is worded anew says from which day.") \
	X(control_history, CONTROL, \
	    "A new wording does not reach back behind the old one.") \
	X(mapping_order, CONTROL_MAPPING, \
	    "What comes later is not dated before what comes first.") \
	X(mapping_one, CONTROL_MAPPING, \
	    "A mapping is to one criterion, or to one policy.") \
	X(test_order, CONTROL_TEST, \
	    "What comes later is not dated before what comes first.") \
	X(test_future, CONTROL_TEST, \
	    "What was seen or done does not lie in the future.") \
	X(test_inquiry, CONTROL_TEST, \
	    "Asking alone does not show that a control is effective.") \
	X(test_own, CONTROL_TEST, \
	    "Nobody tests the control that they answer for.") \
	X(test_stands, CONTROL_TEST, "A reviewed test is not changed.") \
	X(customer_order, CUSTOMER, \
	    "What comes later is not dated before what comes first.") \
	X(customer_proof, CUSTOMER, \
	    "Destroyed data of a customer leaves a proof.") \
	X(category_personal, DATA_CATEGORY, \
	    "Data about people is handled as personal, or more strictly.") \
	X(category_sensitive, DATA_CATEGORY, \
	    "Sensitive data is about people.") \
	X(quality_wrong, DATA_CHECK, \
	    "No more items are wrong than were looked at.") \
	X(quality_corrected, DATA_CHECK, \
	    "No more items are put right than were wrong.") \
	X(decision_text, DECISION, "What was decided is not reworded.") \
	X(declaration_year, DECLARATION, \
	    "A declaration is for a year of ours.") \
	X(declaration_future, DECLARATION, \
	    "What was seen or done does not lie in the future.") \
	X(declaration_order, DECLARATION, \
	    "What comes later is not dated before what comes first.") \
	X(declaration_stands, DECLARATION, \
	    "A reviewed declaration is not changed.") \
	X(deviation_item, DEVIATION, \
	    "The item of a deviation is not exchanged.") \
	X(deviation_stands, DEVIATION, \
	    "A later fix does not take a deviation away.") \
	X(deviation_concluded, DEVIATION, \
	    "A concluded deviation is not changed.") \
	X(disclosure_consent, DISCLOSURE, "A disclosure by consent names it.") \
	X(disclosure_withdrawn, DISCLOSURE, \
	    "A withdrawn consent allows nothing more.") \
	X(disclosure_future, DISCLOSURE, \
	    "What was seen or done does not lie in the future.") \
	X(disclosure_stands, DISCLOSURE, "What was logged is not changed.") \
	X(disclosure_basis, DISCLOSURE, "A disclosure has a basis.") \
	X(disclosure_incident, DISCLOSURE, \
	    "A disclosure that was not meant to happen is an incident.") \
	X(disposal_future, DISPOSAL, \
	    "What was seen or done does not lie in the future.") \
	X(disposal_hash, DISPOSAL, "A SHA-256 has 64 hexadecimal digits.") \
	X(disposal_witness, DISPOSAL, "Who destroys is not the witness.") \
	X(disposal_stands, DISPOSAL, "A certificate is not changed.") \
	X(disposal_why, DISPOSAL, \
	    "A certificate says why something was destroyed.") \
	X(disposal_hold, DISPOSAL, "A legal hold beats a rule of retention.") \
	X(distribution_issued, DISTRIBUTION, \
	    "Only what was issued is given to others.") \
	X(distribution_reader, DISTRIBUTION, \
	    "A SOC 2 report goes to named readers.") \
	X(distribution_nda, DISTRIBUTION, \
	    "A SOC 2 report goes out under terms.") \
	X(distribution_knowledge, DISTRIBUTION, \
	    "A SOC 2 report goes to readers who know the system.") \
	X(badge_order, DOOR_BADGE, \
	    "What comes later is not dated before what comes first.") \
	X(badge_leaver, DOOR_BADGE, \
	    "A badge is not given out after the last day of the person.") \
	X(engagement_time, ENGAGEMENT, \
	    "A Type 1 is of a day, a Type 2 of a period.") \
	X(engagement_order, ENGAGEMENT, \
	    "What comes later is not dated before what comes first.") \
	X(engagement_sides, ENGAGEMENT, \
	    "Nobody is on both sides of an examination.") \
	X(engagement_security, ENGAGEMENT, \
	    "Security belongs to every examination.") \
	X(engagement_independence, ENGAGEMENT, \
	    "Fieldwork does not begin before the partner's independence " \
	    "is confirmed.") \
	X(entity_order, ENTITY, \
	    "What comes later is not dated before what comes first.") \
	X(evidence_hash, EVIDENCE, "A SHA-256 has 64 hexadecimal digits.") \
	X(evidence_future, EVIDENCE, \
	    "What was seen or done does not lie in the future.") \
	X(evidence_order, EVIDENCE, \
	    "What comes later is not dated before what comes first.") \
	X(evidence_digest, EVIDENCE, \
	    "Evidence that is handed in is known by its digest.") \
	X(evidence_stands, EVIDENCE, \
	    "Accepted evidence is not changed: a correction is another " \
	    "piece.") \
	X(evidence_replaces, EVIDENCE, \
	    "Only accepted, locked or rejected evidence is replaced by " \
	    "another piece.") \
	X(exception_stands, EXCEPTION, \
	    "An approved exception covers nothing more.") \
	X(exception_longer, EXCEPTION, \
	    "An approved exception is not prolonged.") \
	X(exception_order, EXCEPTION, \
	    "What comes later is not dated before what comes first.") \
	X(exception_year, EXCEPTION, \
	    "An exception ends within twelve months.") \
	X(exception_what, EXCEPTION, "An exception says what it is for.") \
	X(exception_table, EXCEPTION, "A subject is named with its table.") \
	X(exercise_future, EXERCISE, \
	    "What was seen or done does not lie in the future.") \
	X(exercise_measured, EXERCISE, \
	    "An exercise measures what it aimed at.") \
	X(exercise_result, EXERCISE, "Beyond the aim is missed.") \
	X(exercise_findings, EXERCISE, "A missed aim leaves a finding.") \
	X(finding_order, FINDING, \
	    "What comes later is not dated before what comes first.") \
	X(finding_year, FINDING, "An acceptance ends within twelve months.") \
	X(finding_over, FINDING, "An acceptance that is over counts no more.") \
	X(finding_stands, FINDING, \
	    "An acceptance is not changed: it is given anew.") \
	X(finding_verifier, FINDING, "Who fixed a finding does not close it.") \
	X(finding_remediation, FINDING, \
	    "A finding is closed when each of its remediations is " \
	    "verified.") \
	X(grant_order, GRANT, \
	    "What comes later is not dated before what comes first.") \
	X(grant_stands, GRANT, \
	    "What was approved is what is granted: more is asked for anew.") \
	X(grant_own, GRANT, "Nobody approves their own access.") \
	X(grant_leaver, GRANT, \
	    "Access does not begin after the last day of the person.") \
	X(grant_privileged, GRANT, \
	    "The rights of an administrator need a reason.") \
	X(grant_emergency, GRANT, \
	    "Access opened in an emergency ends by itself.") \
	X(grant_reviewed, GRANT, \
	    "Access opened in an emergency is looked at before it is " \
	    "over.") \
	X(holiday_past, HOLIDAY, "A holiday that has passed is not changed.") \
	X(identity_person, IDENTITY_DECISION, \
	    "A decision for a person names the person.") \
	X(impact_stands, IMPACT, "An approved analysis is not changed.") \
	X(impact_rto, IMPACT, \
	    "A process runs again before the harm cannot be borne.") \
	X(impact_year, IMPACT, \
	    "An analysis is looked at again within twelve months.") \
	X(incident_due, INCIDENT, \
	    "The time by which an incident is to be triaged follows from " \
	    "its severity.") \
	X(incident_said, INCIDENT, \
	    "A closed incident says whether a control failed, a " \
	    "commitment was broken, and personal data was touched.") \
	X(incident_breach, INCIDENT, \
	    "Whether an incident with personal data is a breach is " \
	    "decided before it is closed.") \
	X(incident_notices, INCIDENT, \
	    "A breach is closed when each of its notices is sent or not " \
	    "required.") \
	X(incident_future, INCIDENT, \
	    "What was seen or done does not lie in the future.") \
	X(incident_order, INCIDENT, \
	    "What comes later is not dated before what comes first.") \
	X(incident_clock, INCIDENT, \
	    "The time at which an incident became known is not changed.") \
	X(event_future, INCIDENT_EVENT, \
	    "What was seen or done does not lie in the future.") \
	X(event_stands, INCIDENT_EVENT, "The timeline is not reworded.") \
	X(jurisdiction_zone, JURISDICTION, \
	    "The time zone of a jurisdiction is one that there is.") \
	X(jurisdiction_one, JURISDICTION, \
	    "A law counts in days or in months, not in both.") \
	X(hold_scope, LEGAL_HOLD, "A legal hold names what it holds.") \
	X(hold_order, LEGAL_HOLD, \
	    "What comes later is not dated before what comes first.") \
	X(meeting_future, MEETING, "A meeting of the future was not held.") \
	X(meeting_hash, MEETING, "A SHA-256 has 64 hexadecimal digits.") \
	X(meeting_order, MEETING, \
	    "What comes later is not dated before what comes first.") \
	X(meeting_stands, MEETING, "Approved minutes are not changed.") \
	X(notice_stands, NOTICE, \
	    "A published notice is not changed: the next version takes " \
	    "its place.") \
	X(notice_order, NOTICE, \
	    "What comes later is not dated before what comes first.") \
	X(notice_changes, NOTICE, \
	    "A new version of a notice says what is new.") \
	X(notice_announced, NOTICE, "A new version of a notice is announced.") \
	X(opinion_criteria, OPINION, "A modified opinion names its criteria.") \
	X(opinion_stands, OPINION, "An approved opinion is not changed.") \
	X(performance_stands, PERFORMANCE, "A performance is not changed.") \
	X(performance_one, PERFORMANCE, \
	    "A performance is for one window, or for one trigger.") \
	X(performance_order, PERFORMANCE, \
	    "What comes later is not dated before what comes first.") \
	X(performance_early, PERFORMANCE, \
	    "A control is not carried out before its window begins.") \
	X(performance_future, PERFORMANCE, \
	    "What was seen or done does not lie in the future.") \
	X(person_order, PERSON, \
	    "What comes later is not dated before what comes first.") \
	X(person_manager, PERSON, "Nobody leads themselves.") \
	X(policy_order, POLICY, \
	    "What comes later is not dated before what comes first.") \
	X(policy_review, POLICY, \
	    "A policy is reviewed within twelve months of its approval.") \
	X(policy_stands, POLICY, \
	    "The text of an approved policy is not changed.") \
	X(version_order, POLICY_VERSION, \
	    "What comes later is not dated before what comes first.") \
	X(version_review, POLICY_VERSION, \
	    "A policy is reviewed within twelve months of its approval.") \
	X(version_stands, POLICY_VERSION, \
	    "An approved version is not changed.") \
	X(population_order, POPULATION, \
	    "What comes later is not dated before what comes first.") \
	X(population_hash, POPULATION, "A SHA-256 has 64 hexadecimal digits.") \
	X(population_frozen, POPULATION, \
	    "A frozen population is not changed.") \
	X(population_again, POPULATION, \
	    "A validated population that changes is validated anew.") \
	X(position_above, POSITION, "A position does not report to itself.") \
	X(processing_order, PROCESSING, \
	    "What comes later is not dated before what comes first.") \
	X(processing_basis, PROCESSING, \
	    "Law or interest behind the basis is named.") \
	X(processing_impact, PROCESSING, \
	    "An impact assessment that is needed comes first.") \
	X(recommendation_order, RECOMMENDATION, \
	    "What comes later is not dated before what comes first.") \
	X(recommendation_due, RECOMMENDATION, \
	    "What was promised to the auditor is not put off.") \
	X(recommendation_text, RECOMMENDATION, \
	    "What was recommended is not changed.") \
	X(remediation_order, REMEDIATION, \
	    "What comes later is not dated before what comes first.") \
	X(remediation_stands, REMEDIATION, \
	    "A verified remediation is not changed.") \
	X(report_hash, REPORT, "A SHA-256 has 64 hexadecimal digits.") \
	X(report_time, REPORT, \
	    "A Type 1 report is of a day, a Type 2 of a period.") \
	X(report_replaces, REPORT, "A report does not replace itself.") \
	X(report_reason, REPORT, "A report that replaces another says why.") \
	X(report_stands, REPORT, "An issued report is not changed.") \
	X(pbc_order, REQUEST, \
	    "What comes later is not dated before what comes first.") \
	X(pbc_text, REQUEST, "What the auditor asked for is not changed.") \
	X(pbc_answer, REQUEST, \
	    "A request is answered with evidence or in words.") \
	X(pbc_stands, REQUEST, "An accepted request is not changed.") \
	X(restore_future, RESTORE_TEST, \
	    "What was seen or done does not lie in the future.") \
	X(restore_stands, RESTORE_TEST, "A passed test is not changed.") \
	X(restore_measured, RESTORE_TEST, "A test measures what it aimed at.") \
	X(restore_beyond, RESTORE_TEST, "A test beyond its aim has failed.") \
	X(raw_days, RETENTION, "Raw bytes are kept a day at least.") \
	X(raw_code, RETENTION, \
	    "The code of a retention rule stands in the ledger as a word.") \
	X(retention_days, RETENTION_RULE, "Data is kept a day at least.") \
	X(retention_target, RETENTION_RULE, \
	    "The program lets go of records and evidence, but not of what " \
	    "shows that it did.") \
	X(retention_condition, RETENTION_RULE, \
	    "The condition of a rule is one that a list of records takes.") \
	X(retention_from, RETENTION_RULE, \
	    "The days of a rule count from a date or a time.") \
	X(retention_approved, RETENTION_RULE, \
	    "A rule that the program carries out is approved by somebody " \
	    "else than its owner.") \
	X(retention_token, RETENTION_RULE, \
	    "The decision behind a rule stands in the ledger as a word.") \
	X(retention_stands, RETENTION_RULE, \
	    "What an active rule destroys is not changed.") \
	X(review_item_late, REVIEW_ITEM, \
	    "Rows come with the start of their review, and none " \
	    "afterwards.") \
	X(review_item_when, REVIEW_ITEM, \
	    "Rows are decided while their review runs.") \
	X(review_item_frozen, REVIEW_ITEM, \
	    "What a row says of the access is not changed.") \
	X(review_item_own, REVIEW_ITEM, "Nobody decides on their own access.") \
	X(review_item_account, REVIEW_ITEM, \
	    "Nobody decides on an account that has their name.") \
	X(review_item_decision, REVIEW_ITEM, "Decision and state agree.") \
	X(review_item_order, REVIEW_ITEM, \
	    "What comes later is not dated before what comes first.") \
	X(risk_score, RISK, "A score is likelihood times impact.") \
	X(risk_scale, RISK, "Likelihood and impact are from 1 to 5.") \
	X(risk_residual, RISK, \
	    "A residual score above the inherent one has a reason.") \
	X(risk_response, RISK, "A risk that is borne was not treated.") \
	X(risk_year, RISK, "An acceptance ends within twelve months.") \
	X(risk_over, RISK, "An acceptance that is over counts no more.") \
	X(risk_stands, RISK, \
	    "An acceptance is not changed: it is given anew.") \
	X(risk_order, RISK, \
	    "What comes later is not dated before what comes first.") \
	X(sample_stands, SAMPLE, \
	    "A sample is not exchanged once it is drawn.") \
	X(sample_seed, SAMPLE, "A random draw has a seed.") \
	X(sample_reason, SAMPLE, "A sample that is enlarged says why.") \
	X(sample_frozen, SAMPLE, \
	    "Nothing is drawn from a population that is not frozen.") \
	X(sample_size, SAMPLE, "A sample is not larger than its population.") \
	X(sanction_own, SANCTION, "Nobody decides on their own sanction.") \
	X(sanction_order, SANCTION, \
	    "What comes later is not dated before what comes first.") \
	X(sanction_stands, SANCTION, "A decided sanction is not changed.") \
	X(scope_stands, SCOPE_DECISION, \
	    "An approved decision on the scope is not changed.") \
	X(scope_reason, SCOPE_DECISION, \
	    "A criterion that is not relevant has a reason (DC 8).") \
	X(deadline_hours, SEVERITY_DEADLINE, \
	    "A deadline leaves an hour at least.") \
	X(site_order, SITE, \
	    "What comes later is not dated before what comes first.") \
	X(source_zone, SOURCE, \
	    "The time zone of a source is one that there is.") \
	X(request_due, SUBJECT_REQUEST, \
	    "The deadline of a request is computed from receipt and " \
	    "jurisdiction.") \
	X(request_unknown, SUBJECT_REQUEST, \
	    "The jurisdiction says how long a request may take.") \
	X(request_acknowledge, SUBJECT_REQUEST, \
	    "The day by which receipt is confirmed is computed.") \
	X(request_confirmed, SUBJECT_REQUEST, \
	    "A request is confirmed after it came in.") \
	X(request_digest, SUBJECT_REQUEST, \
	    "A SHA-256 has 64 hexadecimal digits.") \
	X(request_told_late, SUBJECT_REQUEST, \
	    "An extension is told before the first deadline is over.") \
	X(request_clock, SUBJECT_REQUEST, \
	    "The time of receipt is not changed.") \
	X(request_extension, SUBJECT_REQUEST, \
	    "An extension has a reason and is no longer than the " \
	    "jurisdiction allows.") \
	X(request_future, SUBJECT_REQUEST, \
	    "What was seen or done does not lie in the future.") \
	X(request_order, SUBJECT_REQUEST, \
	    "What comes later is not dated before what comes first.") \
	X(request_identity, SUBJECT_REQUEST, \
	    "The identity is checked before anything is answered.") \
	X(request_stands, SUBJECT_REQUEST, \
	    "An answered request is not changed.") \
	X(request_told, SUBJECT_REQUEST, \
	    "Whoever received data that was corrected is told.") \
	X(request_hold, SUBJECT_REQUEST, \
	    "A legal hold beats a request for deletion.") \
	X(token_year, TOKEN, "A token works for twelve months at most.") \
	X(token_over, TOKEN, "A token ends on a day to come.") \
	X(token_hash, TOKEN, "A SHA-256 has 64 hexadecimal digits.") \
	X(token_user, TOKEN, "A token stays the token of its user.") \
	X(training_own, TRAINING, \
	    "Nobody records their own completion of a course that was held " \
	    "elsewhere.") \
	X(trigger_future, TRIGGER, \
	    "What was seen or done does not lie in the future.") \
	X(trigger_due, TRIGGER, "The deadline of a trigger is not put off.") \
	X(log_order, TRIGGER_LOG, \
	    "What comes later is not dated before what comes first.") \
	X(log_future, TRIGGER_LOG, "Nobody vouches for days to come.") \
	X(user_roles, USER, "Nobody is on both sides.") \
	X(user_party, USER, \
	    "A partner or a customer acts for one of the customers.") \
	X(user_engagements, USER, "Only an auditor works on an engagement.") \
	X(user_last, USER, "There is an owner always.") \
	X(user_auditor, USER, \
	    "An auditor owns, operates and approves nothing of ours.") \
	X(vendor_method, VENDOR, \
	    "A subservice organisation is carved out or included.") \
	X(vendor_assessed, VENDOR, \
	    "A vendor of tier high or critical is assessed before it is " \
	    "active.") \
	X(assessment_gap, VENDOR_ASSESSMENT, \
	    "The days that a report leaves open are computed.") \
	X(assessment_report, VENDOR_ASSESSMENT, \
	    "A review of an auditor's report says what it covers and " \
	    "concludes.") \
	X(assessment_exceptions, VENDOR_ASSESSMENT, \
	    "A modified opinion is dealt with.") \
	X(assessment_handling, VENDOR_ASSESSMENT, \
	    "Days that a report leaves open are dealt with.") \
	X(assessment_order, VENDOR_ASSESSMENT, \
	    "What comes later is not dated before what comes first.") \
	X(assessment_year, VENDOR_ASSESSMENT, \
	    "The next assessment is within twelve months.") \
	X(assessment_stands, VENDOR_ASSESSMENT, \
	    "A reviewed assessment is not changed.") \
	X(vendor_cuec_applies, VENDOR_CUEC, \
	    "What does not concern us does not apply.") \
	X(visit_future, VISIT, \
	    "What was seen or done does not lie in the future.") \
	X(visit_order, VISIT, \
	    "What comes later is not dated before what comes first.") \
	X(watch_order, WATCH_ITEM, \
	    "What comes later is not dated before what comes first.") \
	X(watch_risks, WATCH_ITEM, \
	    "A change that matters leads to a new look at the risks.") \
	X(watch_actions, WATCH_ITEM, \
	    "A change that matters leads to something.") \
	X(weakness_due, WEAKNESS, \
	    "The day by which a vulnerability is to be fixed follows from " \
	    "its severity.") \
	X(weakness_excepted, WEAKNESS, \
	    "Only an approved exception that is not over leaves a " \
	    "vulnerability as it is.") \
	X(weakness_future, WEAKNESS, \
	    "What was seen or done does not lie in the future.") \
	X(weakness_order, WEAKNESS, \
	    "What comes later is not dated before what comes first.") \
	X(weakness_place, WEAKNESS, \
	    "A vulnerability is of an asset, or of a place.") \
	X(weakness_deadline, WEAKNESS, \
	    "A vulnerability has a day by which it is to be fixed.") \
	X(weakness_later, WEAKNESS, \
	    "The day by which a vulnerability is to be fixed is not put " \
	    "off.") \
	X(workpaper_locked, WORKPAPER, "A locked workpaper is not changed.") \
	X(workpaper_reviewed, WORKPAPER, \
	    "A reviewed workpaper that changes is reviewed anew.") \
	X(workpaper_inquiry, WORKPAPER, \
	    "Asking alone does not show that a control is effective.") \
	X(workpaper_sample, WORKPAPER, \
	    "A control is not found effective before each item of the " \
	    "sample is concluded.") \
	X(workpaper_deviations, WORKPAPER, \
	    "A control is not found effective before each deviation is " \
	    "concluded.")

#endif
