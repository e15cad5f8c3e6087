/* Compares what was read with what is true, box by box. */
#ifndef PROOF_JUDGE_H
#define PROOF_JUDGE_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "form/model.h"

/* A mark of which less than this share can be seen on the scan (seen.h) was lost before any reader
 * saw it, and so was one whose rest nobody would tell from dirt. It is counted apart, in plain
 * view. The rule is the same for all marks, also for those about which a person must decide: a mark
 * between two boxes, a ring or a tick beside the box of which nothing is left is an empty box for
 * everybody. Where the line through a label is lost and the mark under it is not, everybody sees a
 * marked box. What is lost in this way must have been read as what is left; any other reading is
 * wrong. A box whose paper is torn off, folded over or cut off is never lost: that it is missing
 * can be seen. */
#define LOST_SHARE (1.0 / 7)

/* Where one answer is asked for, whoever is asked about one of the boxes looks at the question and keys its answer:
 * what another of its boxes was taken for is then no answer that nobody looked at. Such boxes are counted apart
 * (beside); where several answers may be given each box stands for itself. */

/* Boxes of one kind. Each box of a page that was read is in exactly one of right, wrong, unseen, beside,
 * lost and flagged. */
struct tally {
    size_t boxes;
    size_t right;   /* accepted, and so it is */
    size_t wrong;   /* accepted as something that it is not: the worst thing */
    size_t unseen;  /* accepted, though a careful person would have asked: as bad */
    size_t beside;  /* read as something that it is not, in a question that a person answers */
    size_t lost;    /* accepted as what the scanner left: under a seventh of the strokes */
    size_t flagged; /* a person looks */
};

static inline size_t tally_errors(const struct tally *tally)
{
    return tally->wrong + tally->unseen;
}

struct judge_counts {
    struct tally boxes;
    struct tally doubtful;     /* those where a careful person would ask */
    size_t images, pages;      /* of the truth; pages of the form alone */
    size_t pages_rejected;
    size_t pages_repeated;     /* set aside because they had been read already; no rejections */
    /* Read as another form, version, page or return than it is: wrong all over. Filled-in pages of
     * another version of the form, read as this one, are among them and among others_read. */
    size_t pages_misplaced;
    size_t pages_off_070;      /* read as what they are, with some box centre off by over 0.7 mm */
    size_t others_read;        /* blank backs and foreign pages taken for pages of the form */
    size_t images_missing;     /* in the truth, not in the readings */
    size_t returns;
    size_t flags;              /* boxes and fields that a person must look at */
    size_t fields, fields_wrong, fields_flagged; /* written or not, and figures where they were read */
    size_t centres;            /* boxes whose place could be compared */
    size_t centres_off_025, centres_off_070; /* farther off than 0.25 and 0.7 mm */
    double centre_median_mm, centre_p999_mm, centre_worst_mm;
};

struct judgement;

/* Both files are JSON Lines: the truth of one or more waves, and the readings of the same scans, all of the one form.
 * Images are told apart by file name (without folder) and number. NULL: err. */
struct judgement *judge_wave(const char *truth_path, const char *readings_path, const struct form *form,
                             struct error *err);
void judgement_free(struct judgement *judgement);

const struct judge_counts *judgement_counts(const struct judgement *judgement);

/* The report for people, and for machines. */
void judgement_text(struct text *out, const struct judgement *judgement);
void judgement_json(struct text *out, const struct judgement *judgement);

#endif
