/* What crops of the same print have in common. Print is in every one of them, and marks only add to
 * it: what is dark in all can hold a mark only where all are marked alike. So the common part is taken
 * for print only where enough crops, of other boxes or sheets, show it and nothing else: hands do not
 * make the same mark to an eighth of a millimetre. The method is this project's own. */
#ifndef RECORD_CONSENSUS_H
#define RECORD_CONSENSUS_H

#include "base/arena.h"
#include "base/calibration.h"
#include "read/unprinted.h"
#include "record/record.h"

enum crop_role {
    CROP_MARKED,  /* all of the print, and more */
    CROP_PLAIN,   /* the print, and nothing else */
    CROP_LACKING, /* not all of the print: it was not proved for this one */
    CROP_DOUBTFUL, /* more than the print, and that may be print too */
};

/* One box on one scan. */
struct crop_sample {
    const struct page_result *page;
    const struct box_crop *crop;
    size_t image;  /* the caller's number of the page */
    size_t box;    /* on its page */
    int sx, sy;    /* cells: how much farther off the outline lies than the worker saw */
    enum crop_role role; /* by the last consensus that it took part in */
};

enum proof {
    PROOF_NONE,
    PROOF_NOT_FILLED, /* what is common may hold a mark, but a box that is filled is marked */
    PROOF_PRINT,      /* what is common is print */
};

/* What is common to all, whatever comes of it. */
struct consensus {
    enum proof proof;
    const unsigned char *print; /* a cell of the frame: 1 = print, spread as far as it varies */
    double share;               /* of the inside that the print covers, 0-1 */
};

/* The arrays belong to the arena. Sets the samples' roles. `strict`: the samples may well be of several
 * prints, so that most must be plain. Give the samples in an order that does not depend on that of the
 * input. */
struct consensus consensus_make(struct arena *arena, const struct crop_frame *frame,
                                struct crop_sample *const *samples, size_t count, bool strict,
                                const struct calibration *calibration);

/* Brings the outlines of samples of one shape and size over each other; `whole`: of one print, what is
 * inside too. */
void consensus_align(const struct crop_frame *frame, struct crop_sample *const *samples,
                     size_t count, bool whole);

/* Print beside a box, mm2: around it and in its row. */
struct printed_beside {
    double around_mm2, row_mm2;
};

/* Where the blank lacks a box it lacks the lines beside it too: of these samples of one box, what
 * every sheet shows beside it, and some that are independent of each other to about the same
 * extent. */
struct printed_beside consensus_beside(struct crop_sample *const *samples, size_t count,
                                       const struct learned_calibration *calibration);

/* The boxes of the sample's page, as the worker saw them. */
const struct box_reading *consensus_measured(const struct crop_sample *sample);

/* The sample's darkness in its own frame, 0-255, where its outline was aligned. */
void consensus_cells(unsigned char *out, const struct crop_sample *sample);

/* Whether two samples are two witnesses: other boxes, or proved to be of two sheets. */
bool consensus_independent(const struct crop_sample *a, const struct crop_sample *b,
                           const struct learned_calibration *calibration);

/* Whether two samples may show one and the same print beside the `print` that is known; false where
 * the ink differs as hands do. */
bool consensus_alike(const struct crop_frame *frame, const struct crop_sample *a,
                     const struct crop_sample *b, const unsigned char *print,
                     const struct calibration *calibration);

/* Whether so much of the inside is dark that it is no print. */
bool consensus_filled(const struct crop_frame *frame, const struct crop_sample *sample,
                      const unsigned char *print, const struct calibration *calibration);

#endif
