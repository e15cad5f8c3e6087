/* The measured numbers of calibration/, as types. Built into the program; a study may override them
 * with files of its own. Each file carries date, sample size and the command that made it. */
#ifndef BASE_CALIBRATION_H
#define BASE_CALIBRATION_H

#include "base/error.h"

/* calibration/registration.json. Members are named as in the file, whose "why" explains them. */
#define REGISTRATION_NUMBERS(X)                                                                    \
    X(landmark_score_min)                                                                          \
    X(coarse_score_ease)                                                                           \
    X(landmark_rival_share)                                                                        \
    X(consensus_mm)                                                                                \
    X(outlier_mm)                                                                                  \
    X(sighting_mm)                                                                                 \
    X(bend_little_mm)                                                                              \
    X(bend_much_mm)                                                                                \
    X(bend_feed_reach_mm)                                                                          \
    X(bend_sheet_reach_mm)                                                                         \
    X(hopeless_share)                                                                              \
    X(alike_share)                                                                                 \
    X(found_share_min)                                                                             \
    X(coverage_min)                                                                                \
    X(median_residual_max_mm)                                                                      \
    X(field_residual_max_mm)                                                                       \
    X(stretch_max)                                                                                 \
    X(rival_margin_min)                                                                            \
    X(fiducial_size_tolerance)                                                                     \
    X(blank_ink_share_max)                                                                         \
    X(dpi_min)

struct registration_calibration {
#define X(name) double name;
    REGISTRATION_NUMBERS(X)
#undef X
};

/* calibration/marks.json */
#define MARK_NUMBERS(X)                                                                        \
    X(ink_level)                                                                               \
    X(faint_level)                                                                             \
    X(empty_share_max)                                                                         \
    X(empty_faint_max)                                                                         \
    X(marked_share_min)                                                                        \
    X(cross_share_max)                                                                         \
    X(cross_white_min)                                                                         \
    X(cross_runs_max)                                                                          \
    X(mark_core_min)                                                                           \
    X(bleed_share_max)                                                                         \
    X(tail_core_max)                                                                           \
    X(haze_max)                                                                                \
    X(filled_share_min)                                                                        \
    X(filled_white_max)                                                                        \
    X(streak_share_min)                                                                        \
    X(streak_ink_max)                                                                          \
    X(near_ink_mm2)                                                                            \
    X(critical_margin)                                                                         \
    X(print_found_min)                                                                         \
    X(page_print_found_min)                                                                    \
    X(offset_max_mm)                                                                           \
    X(field_ink_mm2)

struct mark_calibration {
#define X(name) double name;
    MARK_NUMBERS(X)
#undef X
};

/* calibration/outside.json */
#define OUTSIDE_NUMBERS(X) \
    X(edge_mm) \
    X(rim_mm) \
    X(line_long_min_mm) \
    X(line_wide_max) \
    X(broken_off_max_mm) \
    X(broken_span_min_mm) \
    X(broken_share_min) \
    X(hole_mm) \
    X(hole_fill_min) \
    X(hole_stroke_min_mm) \
    X(hole_reach_mm) \
    X(shade_min_mm2) \
    X(shade_stroke_max_mm) \
    X(shade_density_min) \
    X(field_share_min) \
    X(mark_inside_min_mm2) \
    X(mark_share_min) \
    X(mark_share_plain) \
    X(mark_off_max) \
    X(tail_share_min) \
    X(stray_mm2) \
    X(stray_blank_mm2) \
    X(nearest_ratio) \
    X(nearest_side_max) \
    X(note_piece_mm2) \
    X(note_mm2)

struct outside_calibration {
#define X(name) double name;
    OUTSIDE_NUMBERS(X)
#undef X
};

/* calibration/health.json */
#define HEALTH_NUMBERS(X)                                                                          \
    X(nominal_dpi_tolerance)                                                                       \
    X(streak_contrast)                                                                             \
    X(streak_levels_min)                                                                           \
    X(streak_candidate_min)                                                                        \
    X(streak_share_min)                                                                            \
    X(streak_share_sure_min)                                                                       \
    X(streak_seen_min)                                                                             \
    X(streak_margin_mm)                                                                            \
    X(streak_edge_mm)                                                                              \
    X(blank_margin_mm)                                                                             \
    X(blank_share_max)                                                                             \
    X(blank_part_max_mm)                                                                           \
    X(one_tone_level_max)                                                                          \
    X(one_tone_ink_min)                                                                        \
    X(streak_together_mm)                                                                      \
    X(long_note)                                                                               \
    X(faint_print_found)                                                                       \
    X(faint_contrast)                                                                          \
    X(dark_stray_share)                                                                        \
    X(dark_paper)                                                                              \
    X(skew_note_deg)                                                                           \
    X(specks_note_cm2)                                                                         \
    X(cut_note_mm)                                                                             \
    X(dpi_note)                                                                                \
    X(scale_note)                                                                              \
    X(scale_spread_max)                                                                        \
    X(shift_note_mm)                                                                           \
    X(shift_spread_max_mm)                                                                     \
    X(drift_note)

struct health_calibration {
#define X(name) double name;
    HEALTH_NUMBERS(X)
#undef X
};

struct calibration {
    struct registration_calibration registration;
    struct mark_calibration marks;
    struct outside_calibration outside;
    struct health_calibration health;
};

/* From the JSON files built into the program. An error means a broken build. */
bool calibration_load(struct calibration *out, struct error *err);

#endif
