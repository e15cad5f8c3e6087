/* Page results for the tests of run/: every member set to something of its own. */
#ifndef UNIT_RUN_RESULTS_H
#define UNIT_RUN_RESULTS_H

#include <stdio.h>
#include <string.h>

#include "run/message.h"

static inline struct page_result sample_result(struct arena *arena, size_t boxes, size_t fields)
{
    struct page_result r = {.source = "scans/page ü.tif",
                            .hash = "00ff",
                            .image = 41,
                            .reason = FLAG_NONE,
                            .detail = "a detail",
                            .identified = true};
    r.placed.known = (struct known_page){
        .form = 1, .page = 2, .by = IDENTIFIED_BY_CONTENT, .has_reference = true};
    snprintf(r.placed.known.reference, sizeof r.placed.known.reference, "00000001W");
    for (int i = 0; i < 8; i++) {
        r.placed.known.form_to_image.m[i] = i + 0.5;
        r.placed.placement.form_to_image.m[i] = -i - 0.25;
    }
    r.placed.placement.width_mm = 210;
    r.placed.placement.height_mm = 297;
    for (int y = 0; y < PLACEMENT_GRID_Y; y++)
        for (int x = 0; x < PLACEMENT_GRID_X; x++) {
            r.placed.placement.dx_mm[y][x] = (float)(x - y) / 8;
            r.placed.placement.dy_mm[y][x] = (float)(x + y) / 8;
        }
    r.placed.residuals = (struct residuals){0.1, 0.9, 0.75, 0.5};
    r.placed.health = (struct scan_health){.x_dpi = 300,
                                             .y_dpi = 299,
                                             .skew_deg = -179.5,
                                             .ink_share = 0.04,
                                             .width_mm = 210,
                                             .specks_cm2 = 0.5f,
                                             .cut_bottom_mm = 3,
                                             .streak_count = 2};
    r.placed.health.streaks[0] = (struct streak){731, 62.5f, 2, 0.9f, false};
    r.placed.health.streaks[1] = (struct streak){1000, 84, 3, 0.6f, true};
    r.placed.landmark_count = 3;
    for (int i = 0; i < 3; i++)
        r.placed.landmarks[i] =
            (struct landmark_residual){(float)i, (float)i + 1, 0.5f, -0.5f, i == 1};
    r.reading = (struct page_reading){.paper = 240, .print = 20, .ink_outside_mm2 = 1.5f};
    r.reading.box_count = boxes;
    r.reading.boxes = ARENA_NEW(arena, struct box_reading, boxes);
    for (size_t i = 0; i < boxes; i++) {
        float values[BOX_EVIDENCE_COUNT];
        for (size_t k = 0; k < BOX_EVIDENCE_COUNT; k++)
            values[k] = (float)(i * 100 + k);
        memcpy(&r.reading.boxes[i].evidence, values, sizeof values);
        r.reading.boxes[i].rect_px = (struct rect){(double)i, 2, 3, 4};
    }
    r.reading.field_count = fields;
    r.reading.fields = ARENA_NEW(arena, struct field_reading, fields);
    for (size_t i = 0; i < fields; i++)
        r.reading.fields[i] = (struct field_reading){.has_ink = i % 2 == 0,
                                                     .ink_mm2 = 4,
                                                     .misfit_mm = 0.25f,
                                                     .text = i % 2 == 0 ? "draft" : NULL,
                                                     .confidence = 0.5f,
                                                     .rect_px = {5, 6, 7, (double)i}};
    return r;
}

#endif
