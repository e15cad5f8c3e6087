/* The table of flags: everything that can be wrong with paper, each with a code for data files and
 * plain sentences for people. Bad paper is data, not an error. */
#ifndef BASE_FLAG_H
#define BASE_FLAG_H

/* X(NAME, "code", LEVEL, "what happened", "what to do").
 * Levels: FILE and IMAGE flags mean that nothing was read there (rejected); PAGE flags stand on a
 * page that was read; FIELD flags on one box, question or field; RETURN flags on the whole return.
 * A detail of the single case (which version, how many mm) is carried beside the flag. */
#define FLAG_TABLE(X)                                                                              \
    X(NONE, "none", IMAGE, "", "")                                                                 \
    /* files */                                                                                    \
    X(FILE_UNREADABLE, "file_unreadable", FILE, "the file cannot be opened",                       \
      "check the file's permissions and the disk, then read it again")                             \
    X(FILE_EMPTY, "file_empty", FILE, "the file is empty", "scan these sheets again")    \
    X(FILE_FOREIGN, "file_foreign", FILE, "this is not a PNG, JPEG, TIFF or PDF file",             \
      "if it should be a scan, export it as TIFF, JPEG, PNG or PDF")                               \
    X(FILE_TRUNCATED, "file_truncated", FILE, "the file is damaged or was cut short",              \
      "copy it again from the scanner, or scan these sheets again")                                \
    X(FILE_TOO_LARGE, "file_too_large", FILE, "the image is larger than any scan of a page",       \
      "scan at 600 dpi or less, one sheet an image")                                               \
    X(FILE_PASSWORD, "file_password", FILE, "the PDF is protected by a password",                  \
      "save it without a password and read it again")                                              \
    X(FILE_NO_PAGES, "file_no_pages", FILE, "the file holds no page", "scan these sheets again")   \
    X(WORKER_DIED, "worker_died", IMAGE, "reading this image crashed twice",                       \
      "scan the sheet again; if it happens again, report the image")                               \
    X(TIME_LIMIT, "time_limit", IMAGE, "reading this image took too long and was stopped twice",   \
      "scan the sheet again; if it happens again, report the image")                               \
    /* images */                                                                                   \
    X(RESOLUTION_LOW, "resolution_low", IMAGE, "the image is too coarse to read",                  \
      "scan at 200 dpi or more; 300 dpi is best")                                                  \
    X(BLANK_PAGE, "blank_page", IMAGE, "the page is blank", "nothing, if it is a blank back")      \
    X(SEPARATOR, "separator", IMAGE, "a separator sheet, or an image of one tone all over",        \
      "nothing, if you put one there")                                                             \
    X(NO_FORM, "no_form", IMAGE, "no page of these forms",                                         \
      "look at the sheet: is it another form, a letter, or badly scanned?")                        \
    X(OTHER_FORM, "other_form", IMAGE, "a page of another form",                                   \
      "put it with its own form, or name that form with -f")                                       \
    X(OTHER_VERSION, "other_version", IMAGE, "a page of another version of this form",             \
      "put it with its own version, or name that version with -f")                                 \
    X(NOT_REGISTERED, "not_registered", IMAGE,                                                     \
      "the form was recognised but cannot be laid over the image safely", "scan the sheet again")  \
    X(PAGE_CUT_OFF, "page_cut_off", IMAGE, "part of the page is outside the image",                \
      "scan the sheet again, straight and whole")                                                  \
    X(PAGE_STRETCHED, "page_stretched", IMAGE, "the page is stretched or torn out of shape",       \
      "flatten the sheet and scan it again")                                                       \
    X(REFERENCE_UNREADABLE, "reference_unreadable", IMAGE,                                         \
      "the page is of this form, but which return it belongs to cannot be read",                   \
      "scan the sheet again, or key the reference printed on it")                                  \
    X(REFERENCE_INVALID, "reference_invalid", IMAGE, "the reference's check digit is wrong",       \
      "key the reference printed on the sheet")                                                    \
    X(PAGE_TWICE, "page_twice", IMAGE, "this page of this return was read already",                \
      "check whether a sheet was scanned twice or two people got the same number")                 \
    X(PAGE_SPECKLED, "page_speckled", IMAGE,                                                       \
      "specks all over the page hide what is marked",                                              \
      "clean the scanner's glass or set it lighter, and scan the sheet again")                     \
    X(PEN_LOST, "pen_lost", IMAGE,                                                                 \
      "this person's marks are so faint that the scan lost most of them",                          \
      "scan the return's sheets again, darker or in grey; if it is no better, key the answers from paper") \
    /* pages that were read */                                                                     \
    X(REFERENCE_INFERRED, "reference_inferred", PAGE,                                              \
      "the reference was taken from the other side of the sheet", "compare the two sides")         \
    X(INK_OUTSIDE, "ink_outside", PAGE, "something is written where the form expects nothing",     \
      "look at the page")                                                                          \
    /* fields */                                                                                   \
    X(MARK_UNCERTAIN, "mark_uncertain", FIELD, "it is not certain how this box is marked",         \
      "look at the box")                                                                           \
    X(MARK_NEAR_BOX, "mark_near_box", FIELD, "there is ink beside this box",                       \
      "look whether the mark is meant for it")                                                     \
    X(BLANK_DOUBTFUL, "blank_doubtful", FIELD,                                                     \
      "no mark is seen here, where an answer is due, but one may be there", "look whether a mark was missed") \
    X(FIELD_MISPLACED, "field_misplaced", FIELD, "the form does not fit the image at this place",  \
      "read the answer from the image")                                                            \
    X(MULTIPLE_MARKS, "multiple_marks", FIELD, "more than one box is marked",                      \
      "decide by the study's rule")                                                                \
    X(WITHDRAWN_ONLY, "withdrawn_only", FIELD, "the only marked box is filled in",                 \
      "look whether it is an answer or a withdrawn one")                                           \
    X(EXCLUSIVE_WITH_OTHERS, "exclusive_with_others", FIELD,                                       \
      "an exclusive option is marked together with others", "decide by the study's rule")          \
    X(WRITTEN_ANSWER, "written_answer", FIELD, "there is handwriting here", "key what it says")    \
    X(OUT_OF_RANGE, "out_of_range", FIELD, "the number is outside the range allowed",              \
      "look at the field")                                                                         \
    X(CRITICAL_DOUBTFUL, "critical_doubtful", FIELD,                                               \
      "a critical question whose answer is not plain", "give it a second look")                    \
    /* returns */                                                                                  \
    X(RETURN_INCOMPLETE, "return_incomplete", RETURN, "pages of this return are missing",          \
      "look for the missing sheets and scan them")                                                 \
    X(RETURN_DOUBTFUL, "return_doubtful", RETURN,                                                  \
      "it is not certain that these pages belong together or count once", "compare the pages")     \
    X(PEN_FAINT, "pen_faint", RETURN,                                                              \
      "this person's marks are too faint on the scans: some may not show at all",                  \
      "scan the sheets again, darker or in grey, or key the answers from paper")                   \
    X(RETURN_BLANK, "return_blank", RETURN, "nothing is marked or written on any page",            \
      "treat it as an opt-out: stop the reminders")

enum flag {
#define X(name, code, level, what, todo) FLAG_##name,
    FLAG_TABLE(X)
#undef X
        FLAG_COUNT
};

enum flag_level { FLAG_LEVEL_FILE, FLAG_LEVEL_IMAGE, FLAG_LEVEL_PAGE, FLAG_LEVEL_FIELD, FLAG_LEVEL_RETURN };

const char *flag_code(enum flag flag);     /* "mark_uncertain" */
const char *flag_sentence(enum flag flag); /* what happened, in plain words, without a full stop */
const char *flag_advice(enum flag flag);   /* what to do about it */
enum flag_level flag_level(enum flag flag);

/* FLAG_COUNT where no flag has this code. */
enum flag flag_from_code(const char *code);

#endif
