/* Drawn marks that are known, and what must not matter to how they are read: how the sheet lay on the
 * scanner, its resolution and tone, the order of the form's questions. An answer may become a flag, never
 * another answer; and more ink never makes a box emptier. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "form/plate.h"
#include "record/record.h"

#define SIDE_MM 90.0
#define QUESTIONS 8
#define OPTIONS 3
#define BOXES (QUESTIONS * OPTIONS)
#define BOX_MM 4.5
#define MASTER_PX_PER_MM 24.0 /* of the drawing that scans are taken from */
#define LANDMARKS 25

enum hand { NOTHING, CROSS, TICK, FILL };

/* What the respondent did, question by question. */
static const enum hand hands[QUESTIONS][OPTIONS] = {
    {CROSS}, {NOTHING, NOTHING, CROSS}, {NOTHING}, {NOTHING, TICK}, {FILL, CROSS}, {NOTHING, CROSS},
    {CROSS, NOTHING, CROSS}, {NOTHING, NOTHING, TICK}};
static const struct {
    enum answer_status status;
    const char *raw;
} truths[QUESTIONS] = {{ANSWER_ANSWERED, "1"}, {ANSWER_ANSWERED, "3"},  {ANSWER_BLANK, ""},
                       {ANSWER_ANSWERED, "2"}, {ANSWER_CORRECTED, "2"}, {ANSWER_ANSWERED, "2"},
                       {ANSWER_MULTIPLE, "1 3"}, {ANSWER_ANSWERED, "3"}};

struct sheet {
    struct arena *arena;
    struct form form;
    struct template_page page;
    PIX *plate, *master; /* print alone at PLATE_DPI; print and marks */
    struct mark_template *template;
};

/* A scan: how the sheet lies and what the scanner makes of it. */
struct scanner {
    double degrees, dpi;
    bool bitonal;
    double paper, ink, gamma; /* grey levels; 0: 250, 30 and 1 */
    double grain_cm2;         /* spots of one or two pixels that the threshold made of paper, of a bitonal scan */
};

static struct calibration calibration;

/* ---- drawing -------------------------------------------------------------------------------- */

static struct rect place_of(size_t question, size_t option)
{
    return (struct rect){12 + 26 * (double)option, 8 + 10 * (double)question, BOX_MM, BOX_MM};
}

static void line(PIX *pix, double px, struct point from, struct point to, double width_mm)
{
    pixRenderLine(pix, (int)lround(from.x * px), (int)lround(from.y * px), (int)lround(to.x * px),
                  (int)lround(to.y * px), (int)lround(width_mm * px), L_SET_PIXELS);
}

static void draw_print(PIX *pix, double px)
{
    for (size_t b = 0; b < BOXES; b++) {
        struct rect r = place_of(b / OPTIONS, b % OPTIONS);
        struct point a = {r.x, r.y}, c = {r.x + r.w, r.y + r.h};
        line(pix, px, a, (struct point){c.x, a.y}, 0.3);
        line(pix, px, a, (struct point){a.x, c.y}, 0.3);
        line(pix, px, (struct point){a.x, c.y}, c, 0.3);
        line(pix, px, (struct point){c.x, a.y}, c, 0.3);
        for (int k = 0; k < 4; k++) { /* a label */
            double x = c.x + 2 + 1.8 * k;
            line(pix, px, (struct point){x, r.y + 1}, (struct point){x + 0.3 * k, r.y + 3.5}, 0.35);
        }
    }
}

static void draw_mark(PIX *pix, struct rect r, enum hand hand)
{
    const double px = MASTER_PX_PER_MM, x = r.x, y = r.y;
    switch (hand) {
    case NOTHING:
        break;
    case CROSS:
        line(pix, px, (struct point){x + 0.7, y + 0.8}, (struct point){x + 3.9, y + 3.7}, 0.5);
        line(pix, px, (struct point){x + 3.8, y + 0.6}, (struct point){x + 0.6, y + 3.9}, 0.5);
        break;
    case TICK:
        line(pix, px, (struct point){x + 0.9, y + 2.2}, (struct point){x + 1.9, y + 3.7}, 0.5);
        line(pix, px, (struct point){x + 1.9, y + 3.7}, (struct point){x + 4.0, y + 0.5}, 0.5);
        break;
    case FILL:
        for (double at = 0.2; at < BOX_MM; at += 0.4)
            line(pix, px, (struct point){x + 0.1, y + at}, (struct point){x + BOX_MM - 0.1, y + at}, 0.5);
        break;
    }
}

/* `order[k]`: which question of those above is the form's k-th; NULL: as above. */
static void sheet_init(struct sheet *s, const size_t *order)
{
    struct arena *arena = arena_new();
    struct form *form = &s->form;
    *s = (struct sheet){.arena = arena};
    s->form = (struct form){.arena = arena, .id = "drawn", .code = "DR", .version = "1", .page_count = 1,
                            .pages = &s->page, .question_count = QUESTIONS, .item_count = QUESTIONS};
    form->policy = (struct policy){.missing_code = "-99", .multiple_code = "88", .box_error = 1e-5,
                                   .critical_error = 1e-6};
    form->questions = ARENA_NEW(arena, struct question, QUESTIONS);
    form->items = ARENA_NEW(arena, struct item, QUESTIONS);
    s->page = (struct template_page){.number = 1, .width_mm = SIDE_MM, .height_mm = SIDE_MM,
                                     .boxes = ARENA_NEW(arena, struct template_box, BOXES),
                                     .box_count = BOXES};
    static struct option options[OPTIONS] = {{"1", "A", NULL, false}, {"2", "B", NULL, false},
                                             {"3", "C", NULL, false}};
    for (size_t k = 0; k < QUESTIONS; k++) {
        size_t q = order == NULL ? k : order[k];
        const char *name = arena_printf(arena, "Q%zu", q);
        form->questions[k] = (struct question){.name = name, .kind = QUESTION_SINGLE, .options = options,
                                               .option_count = OPTIONS};
        form->items[k] = (struct item){name, k, 0, false};
        for (size_t o = 0; o < OPTIONS; o++)
            s->page.boxes[k * OPTIONS + o] = (struct template_box){k, o, BOX_SQUARE, place_of(q, o)};
    }
    const double plate_px = PLATE_DPI / 25.4;
    s->plate = pixCreate((int)(SIDE_MM * plate_px), (int)(SIDE_MM * plate_px), 1);
    draw_print(s->plate, plate_px);
    s->master = pixCreate((int)(SIDE_MM * MASTER_PX_PER_MM), (int)(SIDE_MM * MASTER_PX_PER_MM), 1);
    draw_print(s->master, MASTER_PX_PER_MM);
    s->template = mark_template_new(&s->page, s->plate, &calibration);
}

static void sheet_answer(struct sheet *s)
{
    for (size_t q = 0; q < QUESTIONS; q++)
        for (size_t o = 0; o < OPTIONS; o++)
            draw_mark(s->master, place_of(q, o), hands[q][o]);
}

static void sheet_release(struct sheet *s)
{
    mark_template_free(s->template);
    pixDestroy(&s->plate);
    pixDestroy(&s->master);
    arena_free(s->arena);
}

/* ---- scanning and reading ------------------------------------------------------------------- */

#define FINE 3 /* samples a pixel each way */
#define INK_MAX (FINE * FINE)

/* Ink in a pixel of the scan; `back`: its pixels to those of the master. */
static int ink_at(const PIX *master, const struct transform *back, int x, int y)
{
    const double *m = back->m;
    int ink = 0;
    for (int k = 0; k < INK_MAX; k++) {
        double u = x + (k % FINE + 0.5) / FINE, v = y + ((double)(k / FINE) + 0.5) / FINE;
        int column = (int)(m[0] * u + m[1] * v + m[2]), row = (int)(m[3] * u + m[4] * v + m[5]);
        if (column >= 0 && row >= 0 && column < (int)master->w && row < (int)master->h)
            ink += GET_DATA_BIT(master->data + (size_t)row * master->wpl, column) != 0;
    }
    return ink;
}

static void scan(struct raw_page *out, struct transform *to_image, const PIX *master,
                 const struct scanner *scanner)
{
    double px = scanner->dpi / 25.4, a = scanner->degrees * M_PI / 180;
    double c = cos(a) * px, s = sin(a) * px, half = SIDE_MM / 2;
    int side = (int)(SIDE_MM * px * 1.06);
    *to_image = (struct transform){{c, -s, side / 2.0 - c * half + s * half, s, c,
                                    side / 2.0 - s * half - c * half, 0, 0}};
    struct transform back;
    assert_true(transform_invert(&back, to_image));
    double paper = scanner->paper > 0 ? scanner->paper : 250, black = scanner->ink > 0 ? scanner->ink : 30;
    double gamma = scanner->gamma > 0 ? scanner->gamma : 1;
    unsigned char levels[INK_MAX + 1];
    for (int k = 0; k < 6; k++)
        back.m[k] *= MASTER_PX_PER_MM;
    for (int k = 0; k <= INK_MAX; k++)
        levels[k] = (unsigned char)lround(255 * pow((paper + (black - paper) * k / INK_MAX) / 255, gamma));
    PIX *pix = pixCreate(side, side, scanner->bitonal ? 1 : 8);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            l_uint32 *row = pix->data + (size_t)y * pix->wpl;
            int ink = ink_at(master, &back, x, y);
            if (!scanner->bitonal)
                SET_DATA_BYTE(row, x, levels[ink]);
            else if (2 * ink > INK_MAX)
                SET_DATA_BIT(row, x);
        }
    *out = (struct raw_page){.bits = scanner->bitonal ? pix : NULL, .grey = scanner->bitonal ? NULL : pix,
                             .width_px = side, .height_px = side, .x_dpi = scanner->dpi,
                             .y_dpi = scanner->dpi};
}

static void strew_grain(PIX *bits, double dpi, double grain_cm2)
{
    uint32_t chance = 7;
    double side_cm = bits->w / dpi * 2.54;
    for (int k = 0; k < (int)(grain_cm2 * side_cm * side_cm); k++) {
        chance = chance * 1664525u + 1013904223u;
        l_int32 x = (l_int32)(1 + (chance >> 8) % (bits->w - 2));
        chance = chance * 1664525u + 1013904223u;
        l_int32 y = (l_int32)(1 + (chance >> 8) % (bits->h - 2));
        pixSetPixel(bits, x, y, 1);
        pixSetPixel(bits, x + k % 2, y + k / 2 % 2, 1);
    }
}

/* The sheet as it was read; the place of the form is known here, not found. */
static struct page_result read_sheet(struct arena *arena, const struct sheet *s,
                                     const struct scanner *scanner)
{
    struct page_result out = {.source = "drawn.png", .hash = "h", .detail = "", .identified = true};
    struct raw_page raw;
    struct placed_page *placed = &out.placed;
    scan(&raw, &placed->placement.form_to_image, s->master, scanner);
    if (scanner->bitonal)
        strew_grain(raw.bits, scanner->dpi, scanner->grain_cm2);
    placed->placement.width_mm = placed->placement.height_mm = SIDE_MM;
    placed->known.form_to_image = placed->placement.form_to_image;
    placed->residuals = (struct residuals){0.02, 0.05, 1, 1};
    placed->health = (struct scan_health){
        .x_dpi = scanner->dpi, .y_dpi = scanner->dpi, .specks_cm2 = (float)scanner->grain_cm2};
    placed->landmark_count = LANDMARKS;
    placed->landmarks = ARENA_NEW(arena, struct landmark_residual, LANDMARKS);
    for (int k = 0; k < LANDMARKS; k++)
        placed->landmarks[k] = (struct landmark_residual){.x_mm = (float)(10 + 17 * (k % 5)),
                                                          .y_mm = (float)(10 + 17 * (k / 5)),
                                                          .found = true};
    read_marks(&out.reading, arena, s->template, &raw, placed);
    raw_page_release(&raw);
    return out;
}

static struct return_record decide(struct arena *arena, const struct sheet *s, struct page_result *page)
{
    const struct form *forms[] = {&s->form};
    struct batch_record record = record_assemble(arena, page, 1, forms, 1, &calibration);
    assert_int_equal(record.return_count, 1);
    return record.returns[0];
}

/* Every answer is the truth's, or flagged; gives how many are flagged. `blanks`: NULL, or flagged blanks are counted
 * there. */
static int check_answers(const struct sheet *s, const struct scanner *scanner, int *blanks)
{
    struct arena *arena = arena_new();
    struct page_result page = read_sheet(arena, s, scanner);
    struct return_record r = decide(arena, s, &page);
    int flagged = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        size_t q = (size_t)(s->form.items[i].name[1] - '0');
        const struct answer *a = &r.answers[i];
        bool right = a->status == truths[q].status && strcmp(a->raw, truths[q].raw) == 0;
        bool asked = a->flagged && truths[q].status != ANSWER_MULTIPLE;
        *(blanks != NULL && truths[q].status == ANSWER_BLANK ? blanks : &flagged) += asked;
        if (!right && !a->flagged)
            fail_msg("turned by %.1f, %.0f dpi, %s, paper %.0f, ink %.0f, gamma %.2f: Q%zu is %s '%s'",
                     scanner->degrees, scanner->dpi, scanner->bitonal ? "bits" : "grey", scanner->paper,
                     scanner->ink, scanner->gamma, q, answer_status_name(a->status), a->raw);
    }
    arena_free(arena);
    return flagged;
}

/* ---- the properties ------------------------------------------------------------------------- */

static void turning_and_scaling_change_no_answer(void **state)
{
    (void)state;
    static const double turns[] = {0, 90, 180, 270, -2.5, 0.7, 3, 91.5}, dpis[] = {200, 240, 300, 400};
    struct sheet s;
    int flagged = 0;
    sheet_init(&s, NULL);
    sheet_answer(&s);
    for (size_t t = 0; t < sizeof turns / sizeof *turns; t++)
        for (size_t d = t % 2; d < sizeof dpis / sizeof *dpis; d += 2)
            for (int bitonal = 0; bitonal < 2; bitonal++)
                flagged += check_answers(&s, &(struct scanner){turns[t], dpis[d], bitonal, 0, 0, 0, 0}, NULL);
    assert_true(flagged <= 8); /* of 256: else the test shows nothing */
    sheet_release(&s);
}

static void brightening_changes_no_answer(void **state)
{
    (void)state;
    static const struct scanner tones[] = {
        {0, 300, false, 255, 0, 1, 0},    {0, 300, false, 215, 60, 1, 0},   {0, 200, false, 235, 90, 1, 0},
        {0, 300, false, 250, 30, 0.6, 0}, {0, 300, false, 250, 30, 1.6, 0}, {0, 200, false, 180, 20, 1, 0},
        {0, 200, false, 240, 60, 0.5, 0}};
    struct sheet s;
    int flagged = 0;
    sheet_init(&s, NULL);
    sheet_answer(&s);
    for (size_t k = 0; k < sizeof tones / sizeof *tones; k++)
        flagged += check_answers(&s, &tones[k], NULL);
    assert_true(flagged <= 4); /* of 56 */
    sheet_release(&s);
}

static void grain_changes_no_answer(void **state)
{
    (void)state;
    static const double dpis[] = {200, 300, 400}, grains_cm2[] = {13, 25, 40, 60};
    struct sheet s;
    int flagged = 0, blanks = 0;
    sheet_init(&s, NULL);
    sheet_answer(&s);
    for (size_t d = 0; d < sizeof dpis / sizeof *dpis; d++)
        for (size_t g = 0; g < sizeof grains_cm2 / sizeof *grains_cm2; g++)
            flagged += check_answers(&s, &(struct scanner){0.7, dpis[d], true, 0, 0, 0, grains_cm2[g]},
                                     &blanks);
    assert_true(flagged <= 4); /* of 84 */
    assert_true(blanks <= 4);  /* of 12: a grain beside a box may be what is left of a mark */
    sheet_release(&s);
}

/* How much of it was taken off is told of boxes with ink; of a page with ordinary dirt nothing is. */
static void grain_in_a_marked_box_is_told(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s, NULL);
    sheet_answer(&s);
    for (int full = 0; full < 2; full++) {
        struct arena *arena = arena_new();
        struct page_result page = read_sheet(arena, &s, &(struct scanner){0.7, 300, true, 0, 0, 0, full ? 60 : 8});
        double grain = 0;
        for (size_t b = 0; b < BOXES; b++) {
            const struct box_evidence *e = &page.reading.boxes[b].evidence;
            assert_true(e->grain >= 0 && (e->ink_share > 0 || e->grain <= 0));
            grain += (double)e->grain;
        }
        assert_true(full ? grain > 10 : grain <= 0);
        arena_free(arena);
    }
    sheet_release(&s);
}

static void order_of_questions_changes_no_answer(void **state)
{
    (void)state;
    static const size_t orders[][QUESTIONS] = {
        {0, 1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1, 0}, {3, 0, 6, 1, 7, 2, 5, 4}};
    const struct scanner scanner = {0.4, 300, false, 0, 0, 0, 0};
    struct box_evidence first[QUESTIONS][OPTIONS];
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        struct sheet s;
        struct arena *arena = arena_new();
        sheet_init(&s, orders[k]);
        sheet_answer(&s);
        assert_int_equal(check_answers(&s, &scanner, NULL), 0);
        struct page_result page = read_sheet(arena, &s, &scanner);
        for (size_t b = 0; b < BOXES; b++) {
            struct box_evidence *kept = &first[orders[k][b / OPTIONS]][b % OPTIONS];
            if (k == 0)
                *kept = page.reading.boxes[b].evidence;
            assert_memory_equal(kept, &page.reading.boxes[b].evidence, sizeof *kept);
        }
        arena_free(arena);
        sheet_release(&s);
    }
}

/* Stroke by stroke into one box. */
static void more_ink_never_makes_a_box_emptier(void **state)
{
    (void)state;
    uint32_t chance = 5;
    for (int round = 0; round < 4; round++) {
        struct sheet s;
        const struct scanner scanner = {round, 220, round % 2, 0, 0, 0, 0};
        size_t question = (size_t)round, at = question * OPTIONS + 1;
        struct rect r = place_of(question, 1);
        float before = 0, core_before = 0;
        bool was_marked = false;
        sheet_init(&s, NULL);
        draw_mark(s.master, place_of(6, 0), CROSS); /* somebody's pen */
        draw_mark(s.master, place_of(7, 2), CROSS);
        for (int stroke = 0; stroke < 7; stroke++) {
            struct arena *arena = arena_new();
            struct point ends[2];
            for (int e = 0; e < 2; e++) {
                chance = chance * 1664525u + 1013904223u;
                ends[e] = (struct point){r.x + 0.4 + (chance >> 8) % 1000 * 0.0037,
                                         r.y + 0.4 + (chance >> 18) % 1000 * 0.0037};
            }
            line(s.master, MASTER_PX_PER_MM, ends[0], ends[1], 0.45);
            struct page_result page = read_sheet(arena, &s, &scanner);
            struct return_record record = decide(arena, &s, &page);
            const struct box_evidence *e = &page.reading.boxes[at].evidence;
            enum box_state found = record.boxes[0][at].state;
            /* the box's own place, found anew, may differ by a cell */
            assert_true(e->ink_share >= before - 0.01f && e->core_share >= core_before - 0.02f);
            assert_false(was_marked && found == BOX_EMPTY);
            was_marked = was_marked || found == BOX_MARKED || found == BOX_WITHDRAWN;
            before = e->ink_share;
            core_before = e->core_share;
            arena_free(arena);
        }
        assert_true(was_marked && before > 0.1f);
        sheet_release(&s);
    }
}

static int load(void **state)
{
    struct error err;
    (void)state;
    return calibration_load(&calibration, &err) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(turning_and_scaling_change_no_answer),
                                       cmocka_unit_test(brightening_changes_no_answer),
                                       cmocka_unit_test(grain_changes_no_answer),
                                       cmocka_unit_test(grain_in_a_marked_box_is_told),
                                       cmocka_unit_test(order_of_questions_changes_no_answer),
                                       cmocka_unit_test(more_ink_never_makes_a_box_emptier)};
    return cmocka_run_group_tests(tests, load, NULL);
}
