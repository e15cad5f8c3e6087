/* What was measured in every box of a batch, by name, and what was decided: for refitting the model of
 * marks without forms or scans. */
#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include "record/decision.h"
#include "store/store.h"

struct stored_box {
    const char *source;         /* the scan file, as the user named it */
    int image;                  /* number in the file, from 1 */
    const char *reference;      /* of the return */
    const char *question, *value;
    struct box_evidence evidence;
    struct rect rect_px;
    enum box_state state; /* as decided when it was read */
    double confidence;
    bool flagged;         /* a person was asked to look at the box */
    bool critical;        /* its question is */
    bool asked;           /* at the box, at another of its question or at ink on its page */
};

/* All boxes of the newest batch that stand in a return: by return, page and box. They and all they
 * name belong to the arena. */
bool store_load_boxes(struct stored_box **out, size_t *out_count, struct arena *arena,
                      struct store *store, struct error *err);

#endif
