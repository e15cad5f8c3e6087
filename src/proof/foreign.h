/* Sheets that lie among the returns and are none of them: letters, blank and separator sheets, pages
 * of handwriting, pictures, filled-in pages of another version of the form and of other forms. */
#ifndef PROOF_FOREIGN_H
#define PROOF_FOREIGN_H

#include "proof/ink.h"
#include "proof/wave.h"

#define FOREIGN_KINDS(X)                                                                           \
    X(letter) X(blank) X(separator) X(handwriting) X(photo) X(other_version) X(other_form)

enum foreign_kind {
#define X(name) FOREIGN_##name,
    FOREIGN_KINDS(X)
#undef X
        FOREIGN_KIND_COUNT
};
extern const char *const foreign_names[FOREIGN_KIND_COUNT];

/* One side of such a sheet. */
struct foreign {
    enum foreign_kind kind;
    struct plane print;     /* data may be NULL: nothing is printed */
    struct drawing drawing; /* what somebody wrote on it */
    struct pen_tool pen;
};

/* Sheet `number` of its kind, front or back: the same for the same seed. An earlier version of the
 * form carries another version in its code, where there is one, and part of its page is moved; as
 * much of it as can be had without the office's archive. Release it in any case. */
bool foreign_make(struct foreign *out, const struct wave_options *options, uint64_t number,
                  bool back, double dpi, struct error *err);
void foreign_release(struct foreign *foreign);

#endif
