/* Risks with their matrix, vendors against our period, incidents with clocks. */
#ifndef API_PROGRAM_REGISTERS_H
#define API_PROGRAM_REGISTERS_H

#include "api/route.h"

extern const struct param program_registers_closed[],
    program_registers_vendor_params[];
extern const struct shape program_registers_risk_rows[],
    program_registers_matrix_rows[], program_registers_vendor_rows[],
    program_registers_incident_rows[], program_registers_moment_rows[];

typedef int program_registers_fn(struct context *x, struct call *c,
    struct err *e);
program_registers_fn program_registers_risks, program_registers_matrix,
    program_registers_vendors, program_registers_incidents,
    program_registers_timeline;

#endif
