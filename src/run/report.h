/* What a batch says to the person who runs it: the line of progress and the summary. */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "base/text.h"
#include "run/batch.h"

/* One line without a line feed, at most `width` columns: a bar, how many, how fast, how long yet. */
void report_progress(struct text *out, const struct progress *progress, int width);

struct report_options {
    const char *folder; /* of the results */
    bool whole; /* for a file: every place, no times, nothing about the folder */
    bool colour;
    bool timings; /* with the table of CPU by stage */
};

void report_summary(struct text *out, const struct batch_summary *summary,
                    const struct report_options *options);

#endif
