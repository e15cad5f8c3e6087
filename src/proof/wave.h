/* A whole simulated wave: returns, stacks of sheets, scan files and the truth about them. */
#ifndef PROOF_WAVE_H
#define PROOF_WAVE_H

#include "form/model.h"
#include "proof/picture.h"
#include "proof/profile.h"

struct wave_options {
    const struct form *form;
    page_drawer *draw; /* of all forms here; NULL: each form's own artwork */
    const struct form *const *foreign; /* other forms, pages of which lie between; may be none */
    size_t foreign_count;
    const struct profile *profile;
    uint64_t seed;
    size_t returns;
    size_t workers;     /* processes; the same files come out whatever their number */
    const char *folder; /* DIR: scans go to DIR/scans, the truth to DIR/truth.jsonl */
};

/* What all chance of the wave comes from: the seed and the profile's name (without folder and
 * ending), so that the same seed gives other persons and other paper in each profile. */
uint64_t wave_streams(const struct wave_options *options);

struct wave_report {
    size_t returns, stacks, images, boxes, marks;
};

bool wave_generate(struct wave_report *report, const struct wave_options *options,
                   struct error *err);

#endif
