/* What judge.c counts and judge_report.c writes down. */
#ifndef PROOF_JUDGE_INTERNAL_H
#define PROOF_JUDGE_INTERNAL_H

#include <glib.h>

#include "proof/judge.h"

/* By what the boxes are told apart. */
enum judge_group { BY_CASE, BY_MARK, BY_DAMAGE, BY_PEN, BY_SCAN, BY_QUESTION, BY_BOX, JUDGE_GROUPS };

/* Waves are judged in pieces: the pieces' counts of box centres can be put together. */
#define OFF_STEP_MM 0.005
#define OFF_BINS 401

struct judgement {
    const struct form *form;
    struct judge_counts counts;
    GHashTable *groups[JUDGE_GROUPS]; /* name -> struct tally */
    GHashTable *rejected;             /* reason -> size_t */
    GHashTable *damaged_pages;        /* damage -> struct tally: boxes = pages, flagged = rejected */
    GArray *errors;                   /* of struct judge_error */
    GArray *off_mm;                   /* doubles: how far off the box centres were */
    size_t off_counts[OFF_BINS];      /* the same, in steps of OFF_STEP_MM; the last: and more */
};

/* One accepted error, so that a person can look at it. */
struct judge_error {
    char *source, *question, *value, *how, *truth, *read;
    int image;
    double x_px, y_px;
};

#endif
