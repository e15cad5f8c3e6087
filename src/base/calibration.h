/* The measured numbers of calibration/, as types. Built into the program; a study may override them
 * with files of its own. Each file carries date, sample size and the command that made it. */
#ifndef BASE_CALIBRATION_H
#define BASE_CALIBRATION_H

#include <stddef.h>

#include "base/error.h"

/* calibration/registration.json. Members are named as in the file, whose "why" explains them. */
#define REGISTRATION_NUMBERS(X)                                                                    \
    X(landmark_score_min)                                                                          \
    X(coarse_score_ease)                                                                           \
    X(faint_score_min)                                                                             \
    X(faint_within_min)                                                                            \
    X(faint_off_max_mm)                                                                            \
    X(contradicted_share_max)                                                                      \
    X(other_print_score_max)                                                                       \
    X(other_print_together_max)                                                                    \
    X(other_print_poor_found_min)                                                                  \
    X(other_print_poor_together_max)                                                               \
    X(other_print_tiles_max)                                                                       \
    X(rival_mm)                                                                                    \
    X(consensus_trials)                                                                            \
    X(bend_doubt_from)                                                                             \
    X(plane_left_mm)                                                                               \
    X(tile_ink_min)                                                                                \
    X(tile_reach_mm)                                                                               \
    X(hidden_landmarks_min)                                                                        \
    X(hidden_mm_min)                                                                               \
    X(hidden_rest_found_min)                                                                       \
    X(other_print_found_min)                                                                       \
    X(contradicted_max)                                                                            \
    X(found_share_coded_min)                                                                       \
    X(coverage_coded_min)                                                                          \
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
    X(third_stretch_max)                                                                           \
    X(stretch_max)                                                                                 \
    X(rival_margin_min)                                                                            \
    X(fiducial_size_tolerance)                                                                     \
    X(blank_ink_share_max)                                                                         \
    X(sheet_area_min)                                                                              \
    X(sheet_step_min)                                                                              \
    X(sheet_support_min)                                                                           \
    X(sheet_support_mean_min)                                                                      \
    X(sheet_whole_min)                                                                             \
    X(pale_print_levels)                                                                           \
    X(shortlist_each)                                                                              \
    X(hopeless_none)                                                                               \
    X(hopeless_few)                                                                                \
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
    X(bleed_share_max)                                                                         \
    X(rim_seen_min)                                                                            \
    X(rim_rough_mm)                                                                            \
    X(rim_beside_mm)                                                                           \
    X(rim_beside_max_mm2)                                                                      \
    X(rim_fatter_max_mm)                                                                       \
    X(bulge_window_mm)                                                                         \
    X(bulge_outside_min_mm2)                                                                       \
    X(bulge_ink_max)                                                                           \
    X(rule_apart_mm)                                                                           \
    X(rule_spreads)                                                                            \
    X(deep_mm)                                                                                 \
    X(deep_share)                                                                              \
    X(tail_core_max)                                                                           \
    X(tail_ink_max)                                                                            \
    X(tail_error_max)                                                                          \
    X(tail_faint_max)                                                                          \
    X(blot_core_max)                                                                           \
    X(hidden_min)                                                                              \
    X(hidden_share)                                                                            \
    X(fill_habit_doubt)                                                                        \
    X(fill_count_doubt)                                                                        \
    X(fill_habit_min)                                                                          \
    X(fill_count_min)                                                                          \
    X(fill_boxes_min)                                                                              \
    X(fill_beside_min)                                                                             \
    X(fill_beside_share)                                                                           \
    X(fill_core_min)                                                                           \
    X(fill_darker_by)                                                                          \
    X(fill_white_min)                                                                          \
    X(fill_spill_spreads)                                                                      \
    X(fill_spread_share)                                                                       \
    X(fill_spill_min_mm2)                                                                      \
    X(fill_beyond_max)                                                                         \
    X(refill_spill_min_mm2)                                                                    \
    X(refill_spill_times)                                                                      \
    X(refill_more_ink)                                                                         \
    X(bare_fill_of_usual)                                                                      \
    X(bare_fill_marks_min_mm2)                                                                 \
    X(scribble_spill_mm2)                                                                      \
    X(speck_max_mm2)                                                                           \
    X(through_min_mm)                                                                          \
    X(through_white_mm)                                                                        \
    X(through_band_mm)                                                                         \
    X(lost_specks_min)                                                                         \
    X(lost_runs_min)                                                                           \
    X(lost_specks_many)                                                                            \
    X(lost_runs_many)                                                                              \
    X(lost_specks_marks_min)                                                                       \
    X(lost_specks_most)                                                                            \
    X(lost_ink_of_usual)                                                                       \
    X(lost_ink_alone)                                                                          \
    X(lost_spilled_runs_min)                                                                   \
    X(lost_spill_min_mm2)                                                                      \
    X(quiet_boxes_min)                                                                         \
    X(quiet_share)                                                                             \
    X(unshaded_share)                                                                          \
    X(quiet_ink_max)                                                                           \
    X(quiet_faint_max)                                                                         \
    X(noisy_ink_min)                                                                           \
    X(pen_marks_min)                                                                           \
    X(pen_sure)                                                                                \
    X(faint_ink_max)                                                                           \
    X(faint_count_min)                                                                         \
    X(faint_doubt_min)                                                                         \
    X(grain_page_cm2)                                                                              \
    X(grain_long_mm)                                                                               \
    X(grain_stroke_mm)                                                                             \
    X(grain_apart_mm)                                                                              \
    X(grain_tile_mm)                                                                               \
    X(grain_here_cm2)                                                                              \
    X(thick_grain_cm2)                                                                             \
    X(thick_grain_share)                                                                           \
    X(speckled_page_cm2)                                                                           \
    X(lost_traced_min)                                                                             \
    X(lost_traced_share)                                                                           \
    X(lost_few_min)                                                                                \
    X(lost_few_max)                                                                                \
    X(lost_beside_max)                                                                             \
    X(faint_boxes_min)                                                                         \
    X(faint_empty_max)                                                                         \
    X(faint_haze_max)                                                                          \
    X(trace_faint_mm2)                                                                             \
    X(critical_doubt_times) \
    X(trace_specks_min) \
    X(trace_dot_min_mm2) \
    X(trace_shade_min)                                                                             \
    X(trace_shade_alone_min)                                                                       \
    X(trace_shade_blank_min)                                                                       \
    X(trace_bulge_min_mm2)                                                                         \
    X(trace_bulge_core_mm2)                                                                        \
    X(trace_thick_mm2)                                                                             \
    X(trace_thick_outside_mm2)                                                                     \
    X(trace_haze_min)                                                                              \
    X(trace_light_min_mm2)                                                                         \
    X(trace_light_beside_mm2)                                                                      \
    X(trace_light_row_mm2)                                                                         \
    X(trace_light_blank_mm2)                                                                       \
    X(trace_bit_mm2)                                                                               \
    X(trace_worn_print_found)                                                                      \
    X(trace_bit_row_mm2)                                                                           \
    X(trace_bit_faint)                                                                             \
    X(trace_along_row_mm2)                                                                     \
    X(trace_shade_around_mm2)                                                                  \
    X(trace_outside_mm2)                                                                           \
    X(streak_share_min)                                                                        \
    X(streak_whole_min)                                                                            \
    X(streak_whole_ink_max)                                                                        \
    X(streak_ink_max)                                                                          \
    X(streak_part_share_min)                                                                       \
    X(streak_part_ink_max)                                                                         \
    X(streak_part_runs_max)                                                                        \
    X(streak_line_share_min)                                                                   \
    X(streak_line_ink_max)                                                                     \
    X(grain_specks_min)                                                                            \
    X(grain_left_min)                                                                          \
    X(grain_ink_max)                                                                               \
    X(streak_soft_px)                                                                          \
    X(streak_spot_mm)                                                                          \
    X(streak_around_mm)                                                                        \
    X(streak_around_min)                                                                       \
    X(hair_width_max_mm)                                                                       \
    X(hair_own_mm)                                                                             \
    X(hair_reach_mm)                                                                           \
    X(hair_seen_mm)                                                                            \
    X(hair_aside_max)                                                                          \
    X(hair_aside_mm)                                                                           \
    X(near_ink_mm2)                                                                            \
    X(near_row_mm2)                                                                            \
    X(print_found_min)                                                                         \
    X(page_print_found_min)                                                                    \
    X(offset_max_mm)                                                                           \
    X(outline_as_good)                                                                         \
    X(outline_gap_mm)                                                                          \
    X(outline_beyond_max)                                                                      \
    X(outline_asked_mm)                                                                        \
    X(halves_found_min)                                                                        \
    X(halves_gain_min)                                                                         \
    X(field_ink_mm2)

struct mark_calibration {
#define X(name) double name;
    MARK_NUMBERS(X)
#undef X
};

/* calibration/learned.json */
#define LEARNED_NUMBERS(X)                                                                     \
    X(outline_min)                                                                             \
    X(page_outline_min)                                                                        \
    X(low_share)                                                                               \
    X(loose_share_max)                                                                         \
    X(witnesses_min)                                                                           \
    X(alone_witnesses_min)                                                                     \
    X(sure_witnesses_min)                                                                      \
    X(beside_agree_mm2)                                                                        \
    X(plain_share_min)                                                                         \
    X(dense_max)                                                                               \
    X(white_min)                                                                               \
    X(lacking_max)                                                                             \
    X(lacking_boxes_max)                                                                       \
    X(contrast_min)                                                                            \
    X(sheet_ink_min)                                                                           \
    X(black_min)                                                                               \
    X(hidden_max)                                                                              \
    X(alone_max)                                                                               \
    X(alike_min)                                                                               \
    X(empty_share_max)                                                                         \
    X(empty_faint_max)                                                                         \
    X(filled_share_min)

struct learned_calibration {
#define X(name) double name;
    LEARNED_NUMBERS(X)
#undef X
};

/* calibration/mark_model.json: what record/mark_model.h weighs evidence by; fitted by 'marksense
 * calibrate marks'. */
#define MARK_MODEL_NUMBERS(X)                                                                      \
    X(inked_bias)                                                                                  \
    X(inked_ink)                                                                                   \
    X(inked_faint)                                                                                 \
    X(inked_core)                                                                                  \
    X(inked_over_pen)                                                                            \
    X(withdrawn_bias)                                                                              \
    X(withdrawn_ink)                                                                               \
    X(withdrawn_white)                                                                             \
    X(withdrawn_runs)                                                                              \
    X(withdrawn_over_pen)                                                                          \
    X(empty_doubt_bias) \
    X(empty_doubt_slope) \
    X(marked_doubt_bias) \
    X(marked_doubt_slope) \
    X(withdrawn_doubt_bias) \
    X(withdrawn_doubt_slope) \
    X(empty_wrong_0) \
    X(empty_wrong_1) \
    X(empty_wrong_2) \
    X(empty_wrong_3) \
    X(empty_wrong_4) \
    X(empty_wrong_5) \
    X(empty_wrong_6) \
    X(empty_wrong_7) \
    X(marked_wrong_0) \
    X(marked_wrong_1) \
    X(marked_wrong_2) \
    X(marked_wrong_3) \
    X(marked_wrong_4) \
    X(marked_wrong_5) \
    X(marked_wrong_6) \
    X(marked_wrong_7) \
    X(withdrawn_wrong_0) \
    X(withdrawn_wrong_1) \
    X(withdrawn_wrong_2) \
    X(withdrawn_wrong_3) \
    X(withdrawn_wrong_4) \
    X(withdrawn_wrong_5) \
    X(withdrawn_wrong_6) \
    X(withdrawn_wrong_7) \
    X(proved_error) \
    X(limit_3) \
    X(limit_4) \
    X(limit_5) \
    X(limit_6) \
    X(limit_7) \
    X(critical_3) \
    X(critical_4) \
    X(critical_5) \
    X(critical_6) \
    X(critical_7) \
    X(empty_doubt_min) \
    X(empty_doubt_max) \
    X(withdrawn_doubt_max) \
    X(empty_core_max)                                                                              \
    X(empty_faint_core_max)                                                                        \
    X(marked_ink_min)                                                                              \
    X(marked_ink_max)                                                                              \
    X(marked_core_min)                                                                             \
    X(marked_white_min)                                                                            \
    X(marked_runs_max)                                                                             \
    X(marked_haze_max)                                                                             \
    X(withdrawn_ink_min)                                                                           \
    X(withdrawn_core_min)                                                                          \
    X(withdrawn_white_max)

struct mark_model {
#define X(name) double name;
    MARK_MODEL_NUMBERS(X)
#undef X
};

/* calibration/outside.json */
#define OUTSIDE_NUMBERS(X) \
    X(edge_mm) \
    X(rim_mm) \
    X(line_long_min_mm) \
    X(line_wide_max) \
    X(broken_off_max_mm) \
    X(feed_off_max_mm) \
    X(feed_slant_max) \
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
    X(row_band_mm) \
    X(row_between_mm) \
    X(row_left_mm) \
    X(row_right_mm) \
    X(row_before_next_mm) \
    X(label_gap_mm) \
    X(label_stroke_mm) \
    X(label_dots_mm) \
    X(label_around_mm) \
    X(label_max_mm) \
    X(light_min) \
    X(light_noise_share) \
    X(light_noise_times) \
    X(light_part_min_mm) \
    X(light_beside_print) \
    X(light_length_min_mm) \
    X(speck_share_max) \
    X(speck_side_min_mm) \
    X(dotted_around_mm) \
    X(dotted_aside_mm) \
    X(dotted_short_mm) \
    X(dotted_long_mm) \
    X(dotted_slope_min) \
    X(dotted_hits_min) \
    X(dotted_share_min) \
    X(dotted_share_max) \
    X(dotted_near_mm) \
    X(dotted_level_near_mm) \
    X(dotted_reach_mm) \
    X(dotted_ink_min) \
    X(dotted_least) \
    X(dotted_fold_mm) \
    X(dotted_fold_max) \
    X(light_darkness_max) \
    X(light_bend_min) \
    X(light_thin_mm) \
    X(light_margin_min) \
    X(look_ink_max) \
    X(look_print_px) \
    X(look_around_mm) \
    X(look_line_wide_mm) \
    X(look_upright_mm) \
    X(look_level_mm) \
    X(look_line_full) \
    X(look_link_mm) \
    X(look_long_min_mm) \
    X(look_short_min_mm) \
    X(look_box_mm) \
    X(look_rule_min) \
    X(mark_inside_min_mm2) \
    X(mark_share_min) \
    X(mark_side_mm) \
    X(mark_share_plain) \
    X(mark_off_max) \
    X(tail_flat_max)                                                                               \
    X(tail_share_min) \
    X(told_share_min) \
    X(stray_of_fill_min_mm2)                                                                       \
    X(stray_of_fill_core_min)                                                                      \
    X(stray_of_mark_min_mm2)                                                                      \
    X(tail_end_below_min) \
    X(tail_end_gap_mm) \
    X(tail_end_share_max) \
    X(between_share_max) \
    X(between_reach_min) \
    X(straddle_share_max) \
    X(straddle_reach_min) \
    X(straddle_into_max) \
    X(straddle_point_max) \
    X(straddle_off_min) \
    X(straddle_rim_share)                                                                          \
    X(straddle_rim_into_max)                                                                       \
    X(straddle_rim_off_min)                                                                        \
    X(straddle_rim_reach_min)                                                                      \
    X(straddle_half_share) \
    X(straddle_half_into_max) \
    X(straddle_half_point_max) \
    X(straddle_half_off_min) \
    X(straddle_less_share) \
    X(straddle_less_into_max) \
    X(straddle_less_off_min) \
    X(point_share_max) \
    X(point_tail_off_min) \
    X(point_reach_min) \
    X(strike_beyond_mm) \
    X(strike_flat_min) \
    X(light_mark_length_min_mm) \
    X(light_mark_wide_min_mm) \
    X(light_mark_share_min) \
    X(light_mark_other_max_mm2) \
    X(light_tick_share_min) \
    X(light_tick_point_min) \
    X(light_tick_point_max) \
    X(light_tick_length_min_mm) \
    X(light_mark_outside_max_mm2) \
    X(light_mark_error) \
    X(tail_long_min_mm)\
    X(tail_long_max_mm)\
    X(tail_bend_max)  \
    X(tail_straight_mm) \
    X(tail_thin_mm)   \
    X(tail_slope_min) \
    X(tail_slope_max) \
    X(tail_stroke_max)\
    X(tail_gap_mm)    \
    X(tail_miss_mm)   \
    X(dust_wide_mm) \
    X(dust_slim_min) \
    X(dust_off_max_mm) \
    X(dust_scale_off_max) \
    X(dust_images_apart_max) \
    X(dust_images_min) \
    X(stray_mm2) \
    X(stray_blank_mm2) \
    X(stray_specks_mm2) \
    X(stray_faint_mm2) \
    X(stray_close_mm2) \
    X(stray_dotted)                                                                                \
    X(stray_dotted_blank)                                                                          \
    X(stray_dotted_several)                                                                        \
    X(struck_dotted_min)                                                                           \
    X(stray_beside_mark_mm2) \
    X(stray_neighbour_share) \
    X(struck_beside_mm) \
    X(struck_min_mm) \
    X(struck_empty_min_mm) \
    X(struck_answer_min_mm) \
    X(struck_answer_row_mm2) \
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
    X(streak_broken_min)                                                                           \
    X(streak_broken_aside_max)                                                                     \
    X(streak_broken_aside_mm)                                                                      \
    X(streak_broken_width_max_mm)                                                                  \
    X(streak_broken_around_mm)                                                                     \
    X(streak_broken_between_min)                                                                   \
    X(streak_share_sure_min)                                                                       \
    X(streak_seen_min)                                                                             \
    X(streak_margin_mm)                                                                            \
    X(streak_edge_mm)                                                                              \
    X(blank_margin_mm)                                                                             \
    X(blank_share_max)                                                                             \
    X(blank_dots_min)                                                                              \
    X(blank_clumps_max)                                                                            \
    X(blank_clumps_sure)                                                                           \
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
    struct learned_calibration learned;
    struct mark_model mark_model;
    struct outside_calibration outside;
    struct health_calibration health;
};

/* From the JSON files built into the program. An error means a broken build. */
bool calibration_load(struct calibration *out, struct error *err);

/* A model of marks from the text of a file like calibration/mark_model.json; `file` names it. */
bool mark_model_parse(struct mark_model *out, const char *file, const char *text, size_t length,
                      struct error *err);

/* The text of the file that is built in. */
const char *mark_model_text(size_t *length);

#endif
