/* Pages to returns: every status, policy rule and routing case; shuffled and damaged batches. */
#include "unit/record_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct batch {
    struct arena *arena;
    struct form *form;
    struct page_result pages[3];
    struct calibration calibration;
};

/* One return of three empty pages. */
static struct batch batch_of_one(void)
{
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    b.form = fixture_form(b.arena, true);
    for (size_t p = 0; p < 3; p++)
        b.pages[p] = fixture_page(b.arena, b.form, 0, p, "0001A", "in/a.tif", (int)p);
    return b;
}

static const struct return_record *assemble(struct batch *b)
{
    const struct form *forms[] = {b->form};
    struct batch_record record = record_assemble(b->arena, b->pages, 3, forms, 1, &b->calibration);
    assert_int_equal(record.return_count, 1);
    assert_int_equal(record.flag_count, 0);
    struct return_record *copy = ARENA_NEW(b->arena, struct return_record, 1);
    *copy = record.returns[0];
    return copy;
}

static void mark(struct batch *b, const char *item, const char *code, enum fixture_mark kind)
{
    for (size_t p = 0; p < 3; p++)
        fixture_mark(&b->pages[p], b->form, item, code, kind);
}

static size_t item_index(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->item_count; i++)
        if (strcmp(form->items[i].name, name) == 0)
            return i;
    fail_msg("no item %s", name);
    return 0;
}

static const struct answer *answer_of(const struct batch *b, const struct return_record *r,
                                      const char *name)
{
    return &r->answers[item_index(b->form, name)];
}

static size_t flags_of(const struct return_record *r, enum flag flag)
{
    size_t count = 0;
    for (size_t f = 0; f < r->flag_count; f++)
        count += r->flags[f].flag == flag;
    return count;
}

static void expect(const struct batch *b, const struct return_record *r, const char *item,
                   enum answer_status status, const char *raw, const char *coded, bool flagged)
{
    const struct answer *a = answer_of(b, r, item);
    if (a->status != status || strcmp(a->raw, raw) != 0 || strcmp(a->coded, coded) != 0 ||
        a->flagged != flagged)
        fail_msg("%s: %s raw '%s' coded '%s' flagged %d; expected %s '%s' '%s' %d", item,
                 answer_status_name(a->status), a->raw, a->coded, a->flagged,
                 answer_status_name(status), raw, coded, flagged);
}

static void every_status_of_a_single_choice(void **state)
{
    (void)state;
    struct {
        enum fixture_mark one, two;
        enum answer_status status;
        const char *raw, *coded;
        enum flag flag;
    } cases[] = {
        {CROSS, EMPTY, ANSWER_ANSWERED, "1", "1", FLAG_NONE},
        {EMPTY, EMPTY, ANSWER_BLANK, "", "-99", FLAG_NONE},
        {CROSS, CROSS, ANSWER_MULTIPLE, "1 2", "", FLAG_MULTIPLE_MARKS},
        {CROSS, FILLED, ANSWER_CORRECTED, "1", "1", FLAG_NONE},
        {FILLED, EMPTY, ANSWER_WITHDRAWN_ONLY, "", "", FLAG_WITHDRAWN_ONLY},
        {FAINT, EMPTY, ANSWER_UNCERTAIN, "", "", FLAG_MARK_UNCERTAIN},
        {FAINT, CROSS, ANSWER_UNCERTAIN, "2", "", FLAG_MARK_UNCERTAIN},
        {TAIL, EMPTY, ANSWER_UNCERTAIN, "", "", FLAG_MARK_UNCERTAIN},
        {TAIL, CROSS, ANSWER_ANSWERED, "2", "2", FLAG_NONE},
        {MISPLACED, EMPTY, ANSWER_UNREADABLE, "", "", FLAG_FIELD_MISPLACED},
        {MISPLACED, CROSS, ANSWER_UNREADABLE, "2", "", FLAG_FIELD_MISPLACED},
        {BESIDE, EMPTY, ANSWER_UNCERTAIN, "", "", FLAG_MARK_NEAR_BOX},
        {CROSS, OVERSHOOT, ANSWER_ANSWERED, "1", "1", FLAG_NONE},
        {CROSS, BESIDE, ANSWER_ANSWERED, "1", "1", FLAG_MARK_NEAR_BOX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q2", "a", CROSS); /* enough to know the pen by */
        mark(&b, "Q2", "b", CROSS);
        mark(&b, "Q3a", "1", cases[i].one);
        mark(&b, "Q3a", "2", cases[i].two);
        const struct return_record *r = assemble(&b);
        expect(&b, r, "Q3a", cases[i].status, cases[i].raw, cases[i].coded,
               cases[i].flag != FLAG_NONE);
        if (cases[i].flag != FLAG_NONE)
            assert_int_equal(flags_of(r, cases[i].flag), 1);
        assert_int_equal(r->outcome, OUTCOME_COMPLETE);
        assert_int_equal(r->flag_count, cases[i].flag != FLAG_NONE);
        arena_free(b.arena);
    }
}

static void every_rule_for_multiple_marks(void **state)
{
    (void)state;
    struct {
        enum case_rule rule;
        const char *coded;
        bool flagged;
    } cases[] = {{RULE_REVIEW, "", true},  {RULE_MISSING, "-97", false}, {RULE_DARKEST, "2", false},
                 {RULE_FIRST, "1", false}, {RULE_NEAREST, "", true},     {RULE_CODE, "88", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        b.form->policy.multiple = cases[i].rule;
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q3b", "1", CROSS);
        mark(&b, "Q3b", "2", DARK_CROSS);
        const struct return_record *r = assemble(&b);
        expect(&b, r, "Q3b", ANSWER_MULTIPLE, "1 2", cases[i].coded, cases[i].flagged);
        /* The boxes in question are flagged with their item. */
        assert_int_equal(r->boxes[1][2].flag, cases[i].flagged ? FLAG_MULTIPLE_MARKS : FLAG_NONE);
        arena_free(b.arena);
    }
    struct batch b = batch_of_one(); /* equally dark: never guess */
    b.form->policy.multiple = RULE_DARKEST;
    mark(&b, "Q3b", "1", CROSS);
    mark(&b, "Q3b", "2", CROSS);
    expect(&b, assemble(&b), "Q3b", ANSWER_MULTIPLE, "1 2", "", true);
    arena_free(b.arena);
}

static void every_rule_for_withdrawn_only(void **state)
{
    (void)state;
    struct {
        enum case_rule rule;
        const char *coded;
        bool flagged;
    } cases[] = {{RULE_REVIEW, "", true}, {RULE_MISSING, "-99", false}, {RULE_DARKEST, "2", false},
                 {RULE_FIRST, "", true},  {RULE_NEAREST, "", true},     {RULE_CODE, "", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        b.form->policy.withdrawn_only = cases[i].rule;
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q2", "a", CROSS); /* enough to know the pen by */
        mark(&b, "Q2", "b", CROSS);
        mark(&b, "Q3b", "2", FILLED);
        const struct return_record *r = assemble(&b);
        expect(&b, r, "Q3b", ANSWER_WITHDRAWN_ONLY, "", cases[i].coded, cases[i].flagged);
        assert_int_equal(r->boxes[1][3].flag, cases[i].flagged ? FLAG_WITHDRAWN_ONLY : FLAG_NONE);
        arena_free(b.arena);
    }
}

static void rules_for_a_mark_between(void **state)
{
    (void)state;
    struct {
        enum case_rule rule;
        const char *coded;
    } cases[] = {{RULE_REVIEW, ""}, {RULE_MISSING, "-99"}, {RULE_NEAREST, "1"}};
    for (size_t i = 0; i < 3; i++) {
        struct batch b = batch_of_one();
        b.form->policy.between = cases[i].rule;
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q3b", "1", BESIDE);
        expect(&b, assemble(&b), "Q3b", ANSWER_UNCERTAIN, "", cases[i].coded, true);
        mark(&b, "Q3b", "2", BESIDE); /* beside both: nearest to neither */
        expect(&b, assemble(&b), "Q3b", ANSWER_UNCERTAIN, "",
               cases[i].rule == RULE_MISSING ? "-99" : "", true);
        arena_free(b.arena);
    }
}

/* Ink that lies in no box speaks of its question, whatever else is marked there. */
static void strays_are_seen_beside_a_mark(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q1", "3", BESIDE);
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q1", ANSWER_ANSWERED, "1", "1", true);
    assert_int_equal(r->boxes[0][0].flag, FLAG_NONE);
    assert_int_equal(r->boxes[0][2].flag, FLAG_MARK_NEAR_BOX);
    arena_free(b.arena);
}

/* What only a closer look found is asked about where nothing is marked; beside a mark it is dirt. */
static void traces_are_seen_where_nothing_is_marked(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct ink_piece *p = fixture_piece(&b.pages[0], (struct rect){60, 40, 2, 2}, 1, 0, 0.06f);
    p->clear_mm2 = PIECE_CLOSE;
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q1", ANSWER_UNCERTAIN, "", "", true);
    assert_int_equal(r->boxes[0][1].flag, FLAG_MARK_NEAR_BOX);
    p->touches[0].row_mm2 = 0.008f;
    expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "-99", false);
    p->touches[0].row_mm2 = 2;
    mark(&b, "Q1", "1", CROSS);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

/* The ring round one box lies around the next one too, but not in its row. */
static void a_ring_is_told_of_the_box_it_is_round(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", BESIDE);
    struct box_evidence *next = &b.pages[0].reading.boxes[1].evidence;
    next->outside_mm2 = 1;
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][0].flag, FLAG_MARK_NEAR_BOX);
    assert_int_equal(r->boxes[0][1].flag, FLAG_NONE);
    next->row_mm2 = 3.5f;
    assert_int_equal(assemble(&b)->boxes[0][1].flag, FLAG_MARK_NEAR_BOX);
    next->row_mm2 = 0;
    mark(&b, "Q1", "1", EMPTY); /* alone it is what a mark beside the box left */
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    arena_free(b.arena);
}

/* Whoever looks at the box that the ink is beside sees the next one too. */
static void a_little_ink_beside_much_is_not_told_of(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", BESIDE);
    mark(&b, "Q1", "2", BESIDE);
    struct box_evidence *boxes[2];
    for (int k = 0; k < 2; k++)
        boxes[k] = &b.pages[0].reading.boxes[k].evidence;
    for (int less = 0; less < 2; less++) {
        boxes[less]->row_mm2 = 2.4f; /* the other has 4 */
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->boxes[0][less].flag, FLAG_NONE);
        assert_int_equal(r->boxes[0][!less].flag, FLAG_MARK_NEAR_BOX);
        expect(&b, r, "Q1", ANSWER_UNCERTAIN, "", "", true);
        boxes[less]->row_mm2 = 3.2f;
        assert_int_equal(assemble(&b)->boxes[0][less].flag, FLAG_MARK_NEAR_BOX);
        boxes[less]->row_mm2 = 4;
    }
    arena_free(b.arena);
}

/* Or who looks at a box that is doubtful itself; where several answers may be given each speaks for itself. */
static void ink_beside_a_doubtful_box_is_not_told_of(void **state)
{
    (void)state;
    static const struct {
        const char *item, *doubtful, *beside;
        size_t box;
        enum flag flag;
    } cases[] = {{"Q1", "1", "2", 1, FLAG_NONE}, {"Q2", "a", "b", 4, FLAG_MARK_NEAR_BOX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, cases[i].item, cases[i].beside, BESIDE);
        assert_int_equal(assemble(&b)->boxes[0][cases[i].box].flag, FLAG_MARK_NEAR_BOX);
        mark(&b, cases[i].item, cases[i].doubtful, FAINT);
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->boxes[0][cases[i].box - 1].flag, FLAG_MARK_UNCERTAIN);
        assert_int_equal(r->boxes[0][cases[i].box].flag, cases[i].flag);
        arena_free(b.arena);
    }
}

/* The tail of a tick beside one box runs through the row of the next one of its question: the mark is
 * told of that one too only where a good part of it lies there. Of another question it always is. */
static void a_tail_beside_the_next_box_is_told_of_the_first(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", BESIDE);
    struct ink_piece *p = &b.pages[0].reading.pieces[0];
    p->touches[0].row_mm2 = 4;
    p->touches[p->touch_count++] = (struct piece_touch){1, 0, 0.7f};
    p->area_mm2 = p->clear_mm2 = 4.7f;
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][0].flag, FLAG_MARK_NEAR_BOX);
    assert_int_equal(r->boxes[0][1].flag, FLAG_NONE);
    p->touches[1].row_mm2 = 1.5f;
    b.pages[0].reading.boxes[1].evidence.row_mm2 = 4;
    assert_int_equal(assemble(&b)->boxes[0][1].flag, FLAG_MARK_NEAR_BOX);
    p->touches[1] = (struct piece_touch){3, 0, 0.7f};
    r = assemble(&b);
    assert_int_equal(r->boxes[0][0].flag, FLAG_MARK_NEAR_BOX);
    assert_int_equal(r->boxes[0][3].flag, FLAG_MARK_NEAR_BOX);
    arena_free(b.arena);
}

/* A small mark half way between two boxes, of which each has too little to tell of it, where the one of
 * them seems marked. */
static void ink_between_two_boxes_is_told_whole(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    struct ink_piece *p = fixture_piece(&b.pages[0], (struct rect){31, 56, 2, 2}, 0, 0, 0.44f);
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][0].flag, FLAG_NONE);
    assert_int_equal(r->boxes[0][1].flag, FLAG_NONE);
    p->touches[p->touch_count++] = (struct piece_touch){1, 0, 0.44f};
    r = assemble(&b);
    assert_int_equal(r->boxes[0][0].flag, FLAG_MARK_NEAR_BOX); /* who looks at it sees the other, too */
    assert_int_equal(r->boxes[0][1].flag, FLAG_NONE);
    arena_free(b.arena);
}

/* Beside an empty box a little ink tells nothing where another is plainly marked; a tick or a ring has more, and
 * without a mark, of several answers, or where the question is critical any may be the answer. */
static void a_little_ink_beside_is_dirt_where_a_box_is_marked(void **state)
{
    (void)state;
    static const struct {
        const char *item, *marked;
        size_t page, box;
        float row_mm2;
        bool flagged;
    } cases[] = {{"Q1", "1", 0, 1, 0.9f, false}, {"Q1", "1", 0, 1, 1.1f, true},  {"Q1", NULL, 0, 1, 0.9f, true},
                 {"Q2", "a", 0, 4, 0.9f, true},  {"Q3a", "1", 1, 1, 0.9f, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int critical = 0; critical < 2; critical++) {
            struct batch b = batch_of_one();
            if (cases[i].marked != NULL)
                mark(&b, cases[i].item, cases[i].marked, CROSS);
            struct page_result *page = &b.pages[cases[i].page];
            struct rect box = b.form->pages[cases[i].page].boxes[cases[i].box].rect_mm;
            fixture_piece(page, (struct rect){box.x + 8, box.y, 1, 1}, cases[i].box, 0, 0.9f);
            page->reading.boxes[cases[i].box].evidence.row_mm2 = cases[i].row_mm2;
            if (i == 0 && !critical) { /* or where the mark's own label may be struck through */
                struct box_evidence *marked = &page->reading.boxes[0].evidence;
                marked->struck_mm = 0.25f;
                assert_int_equal(assemble(&b)->boxes[0][1].flag, FLAG_MARK_NEAR_BOX);
                marked->struck_mm = 0;
                marked->row_mm2 = 1.1f;
                assert_int_equal(assemble(&b)->boxes[0][1].flag, FLAG_MARK_NEAR_BOX);
                marked->row_mm2 = 0;
            }
            b.form->questions[b.form->items[item_index(b.form, cases[i].item)].question].critical = critical;
            const struct return_record *r = assemble(&b);
            if ((r->boxes[cases[i].page][cases[i].box].flag != FLAG_NONE) != (cases[i].flagged || critical))
                fail_msg("case %zu, critical %d", i, critical);
            arena_free(b.arena);
        }
}

/* Of a light line a threshold leaves a piece or two among specks: beside a plain mark less of it tells than else. */
static void a_little_ink_among_specks_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float area_mm2, specks_mm2;
        bool bitonal, flagged;
    } cases[] = {{0.3f, 0.6f, true, true},   {0.3f, 0.4f, true, false}, {0.15f, 0.6f, true, false},
                 {0.3f, 0.6f, false, false}, {0.9f, 0.6f, true, true},  {0.9f, 0.4f, true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        struct page_result *page = &b.pages[0];
        page->reading.paper = cases[i].bitonal ? 255 : page->reading.paper;
        page->reading.print = cases[i].bitonal ? 0 : page->reading.print;
        struct rect box = b.form->pages[0].boxes[1].rect_mm;
        fixture_piece(page, (struct rect){box.x + 8, box.y, 1, 1}, 1, 0, cases[i].area_mm2);
        struct box_evidence *beside = &page->reading.boxes[1].evidence;
        beside->row_mm2 = cases[i].area_mm2;
        beside->light_row_mm2 = cases[i].specks_mm2;
        if ((assemble(&b)->boxes[0][1].flag == FLAG_MARK_NEAR_BOX) != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* A row of specks is no dirt, whatever else is marked; of a box that is marked it is the rest of its mark. */
static void specks_in_a_row_are_looked_at_beside_a_mark(void **state)
{
    (void)state;
    static const struct {
        const char *item, *code;
        size_t box;
        bool sure, flagged;
    } cases[] = {{"Q1", "1", 1, true, true},   {"Q1", "1", 1, false, false}, {"Q2", "a", 4, true, true},
                 {"Q2", "a", 4, false, false}, {"Q1", "1", 0, true, false},  {"Q2", "a", 3, true, false},
                 {"Q2", "a", 1, true, true},   {"Q2", "a", 1, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        const struct outside_calibration *c = &b.calibration.outside;
        mark(&b, cases[i].item, cases[i].code, CROSS);
        b.pages[0].reading.boxes[cases[i].box].evidence.dotted =
            (float)(cases[i].item[1] == '1' ? c->stray_dotted
                    : cases[i].box > 2      ? c->stray_dotted_several
                                            : c->stray_dotted_blank) + /* of Q1 nothing is marked */
            (cases[i].sure ? 0.1f : -0.1f);
        if ((assemble(&b)->boxes[0][cases[i].box].flag == FLAG_MARK_NEAR_BOX) != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* Of a filled box a threshold may leave what looks like a mark, but has more ink than this person's others. */
static void a_mark_of_much_more_ink_than_usual_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float times, specks; /* those between its strokes are what is left of the filling */
        bool bitonal, flagged;
    } cases[] = {{2.2f, 0, true, true}, {1.9f, 0, true, false}, {2.2f, 0, false, false},
                 {1.8f, 8, true, true}, {1.5f, 8, true, false}, {1.8f, 0, true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q2", "a", CROSS);
        mark(&b, "Q2", "b", CROSS);
        mark(&b, "Q3a", "1", CROSS);
        mark(&b, "Q3b", "1", CROSS);
        for (size_t page = 0; page < 2 && cases[i].bitonal; page++) {
            b.pages[page].reading.paper = 255;
            b.pages[page].reading.print = 0;
        }
        for (size_t page = 0; page < 2; page++) /* a thin pen */
            for (size_t k = 0; k < b.pages[page].reading.box_count; k++) {
                struct box_evidence *e = &b.pages[page].reading.boxes[k].evidence;
                e->ink_share = e->faint_share = e->ink_share / 2;
            }
        struct box_evidence *e = &b.pages[0].reading.boxes[0].evidence;
        e->ink_share *= cases[i].times;
        e->faint_share = e->ink_share;
        e->specks = cases[i].specks;
        if ((assemble(&b)->boxes[0][0].flag == FLAG_MARK_UNCERTAIN) != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* A dot on the outline of an empty box, of which hardly any lies inside: of several answers, and beside a plain mark
 * where a speck lies in its middle. */
static void a_bulge_of_the_outline_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float bulge_mm2, streak, core;
        bool outside; /* no ink is inside */
        bool beside, several;
    } cases[] = {
        {0.17f, 0, 0, false, false, false},   {0.25f, 0, 0, false, false, true},
        {0.25f, 0.9f, 0, false, false, false}, /* dust beside it is no dot */
        {0.17f, 0, 0.001f, false, true, true}, /* a cross's ends, and a speck of its middle */
        {0.1f, 0, 0.001f, false, false, false}, {0.25f, 0, 0, true, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q2", "a", CROSS);
        for (size_t k = 1; k <= 4; k += 3) { /* Q1 = 2, Q2 = b */
            struct box_evidence *e = &b.pages[0].reading.boxes[k].evidence;
            e->ink_share = e->faint_share = cases[i].outside ? 0 : 0.001f;
            e->core_share = cases[i].core;
            e->bulge_mm2 = cases[i].bulge_mm2;
            e->streak_share = cases[i].streak;
        }
        const struct return_record *r = assemble(&b);
        if ((r->boxes[0][1].state == BOX_UNCERTAIN) != cases[i].beside ||
            (r->boxes[0][4].state == BOX_UNCERTAIN) != cases[i].several)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* Somebody whose crosses run out of their boxes filled one out of which hardly anything stands: there may be no
 * cross below, and it may be an answer. */
static void a_fill_without_a_mark_below_is_looked_at(void **state)
{
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        float usual = turn == 2 ? 0.1f : 0.5f, filled = turn == 0 ? 0.9f : turn == 1 ? 1.1f : 0;
        struct batch b = batch_of_one();
        struct page_reading *reading = &b.pages[0].reading;
        mark(&b, "Q1", "1", FILLED);
        mark(&b, "Q1", "2", CROSS);
        mark(&b, "Q3a", "1", CROSS);
        mark(&b, "Q3b", "1", CROSS);
        for (int p = 0; p < 2; p++)
            for (size_t k = 0; k < b.pages[p].reading.box_count; k++)
                b.pages[p].reading.boxes[k].evidence.outside_mm2 =
                    b.pages[p].reading.boxes[k].evidence.ink_share > 0 ? usual : 0;
        reading->boxes[0].evidence.outside_mm2 = filled;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->boxes[0][0].state, BOX_WITHDRAWN);
        expect(&b, r, "Q1", ANSWER_CORRECTED, "2", "2", turn == 0);
        assert_int_equal(r->boxes[0][1].flag, FLAG_NONE);
        arena_free(b.arena);
    }
}

/* A light cross beside a plain one on a grey page whose other boxes show no shade at all; where they do, it
 * may be haze. */
static void a_shade_alone_is_looked_at_beside_a_mark(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_reading *reading = &b.pages[0].reading;
    reading->paper = 250;
    reading->print = 30;
    mark(&b, "Q1", "1", CROSS);
    struct box_evidence *light = &reading->boxes[1].evidence;
    light->faint_share = 0.012f;
    light->faint_core_share = 0.025f;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false); /* without a line it is a blot */
    light->light_mm2 = 0.1f;
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "1", "", true);
    light->faint_core_share = 0.015f;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct pen pen = {0};
    for (int shaded = 0; shaded < 12; shaded++) {
        struct box_reading boxes[12];
        for (int k = 0; k < 12; k++) {
            boxes[k] = (struct box_reading){.evidence = fixture_evidence(EMPTY)};
            boxes[k].evidence.faint_core_share = k == 0 ? 0.025f : k <= shaded ? 0.01f : 0;
        }
        boxes[0].evidence.light_mm2 = 0.1f;
        struct quiet quiet = quiet_estimate(boxes, 12, &c.marks);
        enum trace trace = decide_box(&boxes[0].evidence, &quiet, &pen, &policy, false, &c).trace;
        assert_int_equal(trace == TRACE_SPECKS, shaded < 3);
    }
}

/* What a stain or a fold leaves in a box of a grey page: a shade without a line in it is no mark beside a plain one. */
static void a_blot_beside_a_mark_is_no_mark(void **state)
{
    (void)state;
    static const struct {
        const char *item, *marked;
        float core, ink_share, pixels_mm2, light_mm2;
        bool critical, flagged;
    } cases[] = {{"Q1", "1", 0.15f, 0, 0, 0, false, false},     {"Q1", "1", 0.25f, 0, 0, 0, false, true},
                 {"Q1", "1", 0.15f, 0.002f, 0, 0, false, true}, {"Q1", "1", 0.15f, 0, 0.02f, 0, false, true},
                 {"Q1", "1", 0.15f, 0, 0, 0.05f, false, true},  {"Q1", "1", 0.15f, 0, 0, 0, true, true},
                 {"Q1", NULL, 0.15f, 0, 0, 0, false, true},     {"Q2", "a", 0.15f, 0, 0, 0, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        struct page_reading *reading = &b.pages[0].reading;
        reading->paper = 250;
        reading->print = 30;
        if (cases[i].marked != NULL)
            mark(&b, cases[i].item, cases[i].marked, CROSS);
        b.form->questions[b.form->items[item_index(b.form, cases[i].item)].question].critical = cases[i].critical;
        struct box_evidence *e = &reading->boxes[strcmp(cases[i].item, "Q1") == 0 ? 1 : 4].evidence;
        e->faint_share = 0.12f;
        e->faint_core_share = cases[i].core;
        e->ink_share = cases[i].ink_share;
        e->pixels_mm2 = cases[i].pixels_mm2;
        e->light_mm2 = cases[i].light_mm2;
        e->streak_share = 1; /* where a trace would tell of it by itself */
        const struct return_record *r = assemble(&b);
        if (answer_of(&b, r, cases[i].item)->flagged != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* On black and white a dot may be all that a threshold left of a light mark, beside a plain one too. */
static void a_dot_is_looked_at_beside_a_mark(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    struct box_evidence *dot = &b.pages[0].reading.boxes[1].evidence;
    dot->ink_share = dot->faint_share = 0.01f;
    dot->pixels_mm2 = 0.08f;
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "1", "", true);
    dot->pixels_mm2 = 0.06f;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

/* Of doubtful marks it is not known whether they are fills: a filled box may be an answer as they may. */
static void fills_beside_many_doubtful_marks_are_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", FILLED);
    mark(&b, "Q1", "2", CROSS);
    mark(&b, "Q3a", "1", CROSS);
    mark(&b, "Q3b", "1", CROSS);
    expect(&b, assemble(&b), "Q1", ANSWER_CORRECTED, "2", "2", false);
    mark(&b, "Q2", "a", FAINT);
    mark(&b, "Q2", "b", FAINT);
    mark(&b, "Q2", "c", FAINT);
    expect(&b, assemble(&b), "Q1", ANSWER_CORRECTED, "2", "2", false);
    mark(&b, "Q5", "1", FAINT);
    assert_int_equal(flags_of(assemble(&b), FLAG_PEN_FAINT), 0);
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "2", "", true);
    arena_free(b.arena);
}

/* A cross half in one box and half below it: its own evidence calls the box marked. */
static void a_mark_between_two_boxes_is_given_to_neither(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "2", CROSS);
    struct page_reading *reading = &b.pages[0].reading;
    reading->pieces[0].touches[0] = (struct piece_touch){1, 1.2f, 1.8f};
    reading->pieces[0].area_mm2 = 3;
    reading->pieces[0].y_mm += 2.2f;
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][1].state, BOX_UNCERTAIN);
    expect(&b, r, "Q1", ANSWER_UNCERTAIN, "", "", true);
    b.form->policy.between = RULE_NEAREST; /* the next boxes are 18 mm off */
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "2", true);
    b.form->pages[0].boxes[2].rect_mm.x = 50;
    b.form->pages[0].boxes[2].rect_mm.y = 54.6; /* now nearly as near as the other */
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    arena_free(b.arena);
}

/* Writing on the line of a box says nothing against the box where it is marked; where it is not, it may
 * mean the box, or be a mark that missed it. */
static void writing_beside_a_box_goes_with_its_mark(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct template_field *line = &b.form->pages[1].fields[0];
    line->has_box = true;
    line->box_item = item_index(b.form, "Q3a");
    line->box_option = 1;
    b.pages[1].reading.fields[0].ink_mm2 = 20;
    mark(&b, "Q3a", "2", CROSS);
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "2", "2", false);
    assert_true(answer_of(&b, assemble(&b), "Q4")->flagged); /* what is written a person reads */
    mark(&b, "Q3a", "2", EMPTY);
    expect(&b, assemble(&b), "Q3a", ANSWER_UNCERTAIN, "", "", true);
    mark(&b, "Q3a", "1", CROSS); /* another answer than the one written beside */
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", true);
    line->has_box = false;
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

static void what_ink_outside_is_taken_for(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    struct calibration *c = &b.calibration;
    struct {
        struct rect mm;
        size_t box;
        float inside, row, stroke, field;
        enum ink_class class;
    } cases[] = {
        {{30, 50, 4, 4}, 0, 3, 0.5f, 0.4f, 0, INK_MARK},
        {{36, 49, 20, 6}, 0, 0, 12, 0.4f, 0, INK_STRAY},   /* a ring round its label */
        {{28, 49, 30, 6}, 0, 0.4f, 12, 0.4f, 0, INK_STRAY}, /* that cuts the box */
        {{100, 200, 20, 5}, SIZE_MAX, 0, 0, 0.4f, 0, INK_NOTE},
        {{100, 200, 0.4, 0.4}, SIZE_MAX, 0, 0, 0.4f, 0, INK_SPECK},
        {{100, 100, 0.5, 60}, SIZE_MAX, 0, 0, 0.4f, 0, INK_DAMAGE}, /* a streak */
        {{0, 100, 8, 30}, SIZE_MAX, 0, 0, 2, 0, INK_DAMAGE},        /* beside the sheet */
        {{9, 100, 5.5, 5.5}, SIZE_MAX, 0, 0, 2.7f, 0, INK_DAMAGE},  /* a punch hole */
        {{100, 200, 20, 5}, SIZE_MAX, 0, 0, 0.4f, 4, INK_WRITING},  /* overflows a field */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        page->reading.piece_count = 0;
        struct ink_piece *p =
            fixture_piece(page, cases[i].mm, cases[i].box, cases[i].inside, cases[i].row);
        p->stroke_mm = cases[i].stroke;
        p->field_mm2 = cases[i].field;
        if (p->stroke_mm > 2.5f)
            p->area_mm2 = 24;
        enum ink_class class;
        outside_classify(&class, &page->reading, &b.form->pages[0], &c->outside);
        assert_int_equal(class, cases[i].class);
    }
    arena_free(b.arena);
}

/* Of a mark of the usual size less lies in a small box, and its centre may lie farther off. */
static void a_mark_in_a_small_box_may_reach_farther(void **state)
{
    (void)state;
    const struct {
        double off; /* sides of the box, to the right and down */
        float inside, row;
    } cases[] = {{0.1, 0.7f, 3.3f}, {0.57, 1, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int small = 0; small < 2; small++) {
            struct batch b = batch_of_one();
            struct page_result *page = &b.pages[0];
            struct rect *box = &b.form->pages[0].boxes[0].rect_mm;
            box->w = box->h = small ? 2.8 : 5.2;
            struct point at = rect_centre(*box);
            struct ink_piece *p = fixture_piece(page, (struct rect){at.x - 2.5, at.y - 3.5, 5.5, 5.5}, 0,
                                                cases[i].inside, cases[i].row);
            p->x_mm = (float)(at.x + cases[i].off * box->w);
            p->y_mm = (float)(at.y + cases[i].off * box->w);
            enum ink_class class;
            outside_classify(&class, &page->reading, &b.form->pages[0], &b.calibration.outside);
            if ((class == INK_MARK) != small)
                fail_msg("case %zu in a box of %.1f mm: %s", i, box->w, ink_class_name(class));
            arena_free(b.arena);
        }
}

/* A tick from near the box below into this one, and a line through a box and the tick in it; a tick that
 * stops half way down, and a flat dash in its box, are marks. */
static void marks_between_and_struck_are_no_marks(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    struct template_box *boxes = b.form->pages[0].boxes;
    struct rect box = boxes[0].rect_mm;
    double side = box.w;
    boxes[1].rect_mm = (struct rect){box.x, box.y + side + 2.5, side, side};
    const struct {
        struct rect mm; /* from the box's top left */
        float inside, row;
        enum ink_class class;
    } cases[] = {
        {{1, 1, 3, side + 1.3}, 0.8f, 2.2f, INK_STRAY},
        {{1, 1, 3, side}, 0.8f, 2.2f, INK_MARK},
        {{1, 1, 3, side + 1.3}, 1.5f, 1.5f, INK_MARK}, /* half of it in the box */
        {{-1.2, 1.4, side + 2.2, 1.2}, 2, 1.2f, INK_STRAY},
        {{-0.5, 1.4, side + 1, 1.2}, 2, 0.5f, INK_MARK},
        {{-1.2, -1.2, side + 2.4, side + 2.4}, 4, 1, INK_MARK}, /* a large cross */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rect mm = {box.x + cases[i].mm.x, box.y + cases[i].mm.y, cases[i].mm.w, cases[i].mm.h};
        enum ink_class class;
        page->reading.piece_count = 0;
        struct ink_piece *p = fixture_piece(page, mm, 0, cases[i].inside, cases[i].row);
        p->y_mm = (float)(box.y + side / 2); /* where most of its ink is: too near to tell by */
        outside_classify(&class, &page->reading, &b.form->pages[0], &b.calibration.outside);
        assert_int_equal(class, cases[i].class);
    }
    arena_free(b.arena);
}

/* A mark across the side of its box half way to the next one is that one's as well, even if more than half
 * of it lies in the box; one that goes on as far but lies well in the box, or that stops short, is not. */
static void marks_across_a_side_are_between(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    struct template_box *boxes = b.form->pages[0].boxes;
    struct rect box = boxes[0].rect_mm;
    double side = box.w;
    const struct {
        struct rect next, mm; /* from the box's top left */
        struct point centre;  /* of its ink, in half sides from the box's */
        float inside;         /* of 3 mm2 */
        enum ink_class class;
    } cases[] = {
        {{0, side + 2.5, side, side}, {1, 2.4, 3, 3.2}, {0, 0.8}, 1.8f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, 2.4, 3, 3.2}, {0, 0.5}, 1.8f, INK_MARK}, /* its centre in the box */
        {{0, side + 2.5, side, side}, {1, 1.5, 3, 3.5}, {0, 0.8}, 1.8f, INK_MARK}, /* stops short */
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.8}, 1.8f, INK_MARK}, /* well in the box */
        {{0, side + 2.5, side, side}, {1, 1.5, 3, 4.1}, {0, 0.8}, 2.4f, INK_MARK}, /* most in the box */
        /* most in the box, but all of that at its rim, of which less needs to reach out; nearly all in the box,
         * farther in, nearer to the middle, and one that hardly leaves it */
        {{0, side + 2.5, side, side}, {1, 3.0, 3, 2.0}, {0, 0.7}, 2.4f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, 3.0, 3, 2.0}, {0, 0.7}, 2.7f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, 1.3, 3, 3.7}, {0, 0.8}, 2.4f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, 3.0, 3, 2.0}, {0, 0.5}, 2.4f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, 3.0, 3, 1.6}, {0, 0.7}, 2.4f, INK_MARK},
        /* of one that lies in the box by half less is asked */
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.7}, 1.5f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.7}, 1.8f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.5}, 1.5f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, -0.4, 3, 6}, {0, 0.7}, 1.5f, INK_MARK},
        /* and less still of one that lies in it by less than half */
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.5}, 1.4f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, 0.8, 3, 4.8}, {0, 0.4}, 1.4f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, -0.4, 3, 6}, {0, 0.7}, 1.4f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, -1.2, 3, 6.8}, {0, 0.7}, 1.4f, INK_MARK},
        {{0, -side - 2.5, side, side}, {1, -1.6, 3, 3.2}, {0, -0.8}, 1.8f, INK_STRAY},
        {{-side - 2.5, 0, side, side}, {-1.6, 1, 3.2, 3}, {-0.8, 0}, 1.8f, INK_STRAY},
        {{side + 2.5, 0, side, side}, {2.4, 1, 3.2, 3}, {0.8, 0}, 1.8f, INK_STRAY},
        /* the point of a tick in the upper half of the box, and well in it */
        {{0, -side - 2.5, side, side}, {1, -3, 4, 4.8}, {0.4, -0.9}, 1.8f, INK_STRAY},
        {{0, -side - 2.5, side, side}, {1, -3, 4, 5.3}, {0.4, -0.9}, 1.8f, INK_MARK},
        {{0, -side - 2.5, side, side}, {1, -3, 4, 5.6}, {0.4, -0.9}, 1.5f, INK_STRAY},
        {{0, -side - 2.5, side, side}, {1, -3, 4, 5.8}, {0.4, -0.9}, 1.5f, INK_MARK},
        /* the point of a tick half way to the box below, its tail through this one; a cross, and a point
         * that stops short */
        {{0, side + 2.5, side, side}, {1, -0.5, 6.2, side + 1.9}, {0.5, 0.3}, 1.2f, INK_STRAY},
        {{0, side + 2.5, side, side}, {1, -0.5, 6.2, side + 1.9}, {0.5, 0.3}, 1.6f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, -0.5, 6.2, side + 1.9}, {0.1, 0.3}, 1.2f, INK_MARK},
        {{0, side + 2.5, side, side}, {1, -0.5, 6.2, side + 1.6}, {0.5, 0.3}, 1.2f, INK_MARK},
        {{20, side + 2.5, side, side}, {1, 2.4, 3, 3.2}, {0, 0.8}, 1.8f, INK_MARK}, /* no box there */
        /* the tail of a tick goes past the box above; of a cross as long nobody knows for which it is */
        {{0, -side - 2.5, side, side}, {1, -3.3, 6, 6.9}, {0.5, -0.76}, 1.1f, INK_MARK},
        {{0, -side - 2.5, side, side}, {1, -3.3, 6, 6.9}, {0.5, -0.76}, 1.1f, INK_STRAY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rect n = cases[i].next, q = cases[i].mm;
        struct rect mm = {box.x + q.x, box.y + q.y, q.w, q.h};
        enum ink_class class;
        boxes[1].rect_mm = (struct rect){box.x + n.x, box.y + n.y, n.w, n.h};
        page->reading.piece_count = 0;
        struct ink_piece *p = fixture_piece(page, mm, 0, cases[i].inside, 3 - cases[i].inside);
        p->area_mm2 = 3;
        p->long_mm = 6;
        p->wide_mm = i + 1 == sizeof cases / sizeof *cases ? 5 : 1;
        p->x_mm = (float)(box.x + side / 2 * (1 + cases[i].centre.x));
        p->y_mm = (float)(box.y + side / 2 * (1 + cases[i].centre.y));
        outside_classify(&class, &page->reading, &b.form->pages[0], &b.calibration.outside);
        assert_int_equal(class, cases[i].class);
    }
    arena_free(b.arena);
}

/* What touches a box's row by too little to speak of the box, and lies in the margin, is a note. */
static void ink_that_hardly_touches_a_row_is_a_note(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    struct ink_piece *p = fixture_piece(page, (struct rect){30, 80, 6, 6}, 0, 0, 0.1f);
    p->area_mm2 = 7;
    p->margin_mm2 = 6.9f;
    enum ink_class class = INK_STRAY;
    struct rect bounds;
    double note = outside_notes(&bounds, &class, &page->reading, &b.calibration.outside);
    assert_true(note > b.calibration.outside.note_mm2 && bounds.w > 0);
    p->touches[0].row_mm2 = 1; /* it speaks of the box: no note beside that */
    assert_true(outside_notes(&bounds, &class, &page->reading, &b.calibration.outside) <= 0);
    arena_free(b.arena);
}

/* A light line that bends speaks of its row; one that follows the page, and one mostly in the margin, do
 * not. */
static void light_lines_must_bend(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    const struct {
        struct rect mm;
        float margin;
        enum ink_class class;
    } cases[] = {
        {{36, 49, 20, 6}, 0, INK_STRAY},      /* a ring round the label */
        {{22, 50, 4, 4}, 0, INK_STRAY},       /* a tick before the box */
        {{36, 50, 0.6f, 9}, 0, INK_DAMAGE},   /* a streak between print */
        {{36, 52, 14, 0.7f}, 0, INK_DAMAGE},  /* a fold's shade */
        {{36, 52, 20, 20}, 10, INK_DAMAGE},   /* the rim of a stain */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        page->reading.piece_count = 0;
        struct ink_piece *p = fixture_piece(page, cases[i].mm, 0, 0, 6);
        p->margin_mm2 = cases[i].margin;
        p->area_mm2 = 6 + cases[i].margin;
        p->darkness = 0.15f;
        enum ink_class class;
        outside_classify(&class, &page->reading, &b.form->pages[0], &b.calibration.outside);
        assert_int_equal(class, cases[i].class);
    }
    arena_free(b.arena);
}

/* A rule too faint for the plate shows as strokes one behind the other; a struck label is shorter. */
static void broken_lines_are_damage(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result *page = &b.pages[0];
    enum ink_class classes[FIXTURE_PIECES];
    for (int i = 0; i < 8; i++)
        fixture_piece(page, (struct rect){105, 40 + 25.0 * i, 0.3, 9}, SIZE_MAX, 0, 0);
    outside_classify(classes, &page->reading, &b.form->pages[0], &b.calibration.outside);
    for (int i = 0; i < 8; i++)
        assert_int_equal(classes[i], INK_DAMAGE);
    page->reading.piece_count = 0;
    for (int i = 0; i < 3; i++)
        fixture_piece(page, (struct rect){38 + 8.0 * i, 52, 4, 0.4}, 0, 0, 1.5f);
    outside_classify(classes, &page->reading, &b.form->pages[0], &b.calibration.outside);
    for (int i = 0; i < 3; i++)
        assert_int_equal(classes[i], INK_STRAY);
    arena_free(b.arena);
}

static void several_choices(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q2", "c", CROSS);
    mark(&b, "Q2", "a", CROSS);
    expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, "a c", "a c", false);
    mark(&b, "Q2", "b", FILLED);
    /* withdrawn, or marked in another way: a person looks */
    expect(&b, assemble(&b), "Q2", ANSWER_CORRECTED, "a c", "a c", true);
    mark(&b, "Q2", "b", FAINT);
    expect(&b, assemble(&b), "Q2", ANSWER_UNCERTAIN, "a c", "", true);
    mark(&b, "Q2", "b", EMPTY);
    mark(&b, "Q2", "none", CROSS);
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q2", ANSWER_MULTIPLE, "a c none", "", true);
    assert_int_equal(flags_of(r, FLAG_EXCLUSIVE_WITH_OTHERS), 1);
    b.form->policy.exclusive = RULE_FIRST;
    expect(&b, assemble(&b), "Q2", ANSWER_MULTIPLE, "a c none", "a c", false);
    b.form->policy.exclusive = RULE_MISSING;
    expect(&b, assemble(&b), "Q2", ANSWER_MULTIPLE, "a c none", "-97", false);
    mark(&b, "Q2", "a", EMPTY);
    mark(&b, "Q2", "c", EMPTY);
    expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, "none", "none", false);
    mark(&b, "Q2", "none", EMPTY);
    expect(&b, assemble(&b), "Q2", ANSWER_BLANK, "", "-99", false);
    arena_free(b.arena);
}

static void marks_that_the_scans_lose_are_told(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    assert_int_equal(flags_of(assemble(&b), FLAG_PEN_FAINT), 0);
    static const char *const several[] = {"a", "b", "c", "none"};
    mark(&b, "Q1", "1", FAINT);
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(flags_of(assemble(&b), FLAG_PEN_FAINT), 0);
        mark(&b, "Q2", several[k], FAINT);
    }
    assert_int_equal(flags_of(assemble(&b), FLAG_PEN_FAINT), 1);
    arena_free(b.arena);
}

/* Of marks that the scans lose a cell or two is left, and of a filling specks. */
static void what_is_left_of_a_faint_mark_is_looked_at(void **state)
{
    (void)state;
    static const char *const several[] = {"a", "b", "c", "none"};
    for (int faint = 0; faint < 2; faint++) {
        struct batch b = batch_of_one();
        if (faint == 1)
            mark(&b, "Q1", "1", FAINT);
        for (size_t k = 0; k < 4 && faint == 1; k++)
            mark(&b, "Q2", several[k], FAINT);
        assert_int_equal(flags_of(assemble(&b), FLAG_PEN_FAINT), faint);
        struct box_evidence *left = &b.pages[1].reading.boxes[0].evidence;
        left->ink_share = left->faint_share = 0.001f;
        assert_int_equal(answer_of(&b, assemble(&b), "Q3a")->flagged, faint);
        left->ink_share = left->faint_share = 0;
        assert_false(answer_of(&b, assemble(&b), "Q3a")->flagged);
        left->outside_mm2 = 0.016f;
        assert_int_equal(answer_of(&b, assemble(&b), "Q3a")->flagged, faint);
        arena_free(b.arena);
    }
}

/* Specks between the strokes of a mark may be left of a filling that took it back, where something else may be the
 * answer; alone in a question with one answer it is that, but of a critical one a person looks. */
static void a_mark_among_specks_is_looked_at_beside_another(void **state)
{
    (void)state;
    static const struct {
        const char *item, *code, *other;
        enum fixture_mark beside;
        size_t page, box; /* of the marked one */
        bool flagged;
    } cases[] = {{"Q1", "1", "2", EMPTY, 0, 0, false},
                 {"Q1", "1", "2", FAINT, 0, 0, true},
                 {"Q1", "1", "2", FILLED, 0, 0, true},
                 {"Q2", "a", "b", EMPTY, 0, 3, true},
                 {"Q5", "1", "2", EMPTY, 2, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        for (size_t k = 0; k < 2; k++) /* so that the pen is known */
            mark(&b, k == 0 ? "Q3a" : "Q3b", "1", CROSS);
        mark(&b, "Q2", "c", CROSS);
        mark(&b, cases[i].item, cases[i].code, CROSS);
        mark(&b, cases[i].item, cases[i].other, cases[i].beside);
        struct box_evidence *e = &b.pages[cases[i].page].reading.boxes[cases[i].box].evidence;
        e->ink_share = e->faint_share = 0.1f;
        e->specks = 8;
        e->runs = 1.8f;
        const struct return_record *r = assemble(&b);
        assert_int_equal(answer_of(&b, r, cases[i].item)->flagged, cases[i].flagged);
        if (!cases[i].flagged)
            expect(&b, r, cases[i].item, ANSWER_ANSWERED, cases[i].code, cases[i].code, false);
        arena_free(b.arena);
    }
}

/* A mark between two boxes is none, whatever specks there are between its strokes. */
static void a_mark_among_specks_may_lie_between_boxes(void **state)
{
    (void)state;
    for (int between = 0; between < 2; between++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "2", CROSS);
        struct page_reading *reading = &b.pages[0].reading;
        reading->boxes[1].evidence.specks = 8;
        reading->boxes[1].evidence.runs = 1.8f;
        if (between) {
            reading->pieces[0].touches[0] = (struct piece_touch){1, 1.2f, 1.8f};
            reading->pieces[0].area_mm2 = 3;
            reading->pieces[0].y_mm += 2.2f;
        }
        expect(&b, assemble(&b), "Q1", between ? ANSWER_UNCERTAIN : ANSWER_ANSWERED, between ? "" : "2",
               between ? "" : "2", between);
        arena_free(b.arena);
    }
}

/* Of a faint pen little ink beside a box may be a mark, but not beside the mark that it belongs to. */
static void ink_beside_a_faint_mark_is_its_own(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    static const char *const several[] = {"a", "b", "c", "none"};
    mark(&b, "Q1", "1", FAINT);
    for (size_t k = 0; k < 4; k++)
        mark(&b, "Q2", several[k], FAINT);
    mark(&b, "Q3a", "1", CROSS);
    for (size_t p = 0; p < 3; p++)
        for (size_t k = 0; k < b.pages[p].reading.box_count; k++) {
            struct box_evidence *e = &b.pages[p].reading.boxes[k].evidence;
            e->ink_share = fminf(e->ink_share, 0.1f);
        }
    const struct return_record *r = assemble(&b);
    assert_int_equal(flags_of(r, FLAG_PEN_FAINT), 1);
    expect(&b, r, "Q3a", ANSWER_ANSWERED, "1", "1", false);
    struct rect box = b.form->pages[1].boxes[0].rect_mm, at = {box.x + 8, box.y, 0.9, 0.9};
    struct ink_piece *p = fixture_piece(&b.pages[1], at, 0, 0, 0.3f);
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", false);
    p->touches[0].box = 1;
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", true);
    p->touches[0].row_mm2 = p->area_mm2 = 0.16f; /* that little only where nothing is marked */
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", false);
    mark(&b, "Q3a", "1", EMPTY);
    assert_int_equal(assemble(&b)->boxes[1][1].flag, FLAG_MARK_NEAR_BOX);
    mark(&b, "Q3a", "1", CROSS);
    p->touches[0] = (struct piece_touch){0, 0, 0.7f};
    p->area_mm2 = 0.7f;
    expect(&b, assemble(&b), "Q3a", ANSWER_ANSWERED, "1", "1", true);
    arena_free(b.arena);
}

static void bubbles_are_answers_where_nothing_is_withdrawn(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.form->policy.correction = CORRECTION_NONE;
    mark(&b, "Q1", "1", FILLED);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

static void someone_who_fills_boxes_is_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.form->policy.withdrawn_only = RULE_MISSING;
    mark(&b, "Q1", "1", FILLED);
    mark(&b, "Q3a", "1", FILLED);
    mark(&b, "Q3b", "1", FILLED);
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    arena_free(b.arena);
}

/* Q1, Q3a, Q3b and two of Q2 filled in: a person who fills boxes. */
static struct batch batch_of_a_filler(void)
{
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", FILLED);
    mark(&b, "Q2", "a", FILLED);
    mark(&b, "Q2", "b", FILLED);
    mark(&b, "Q3a", "1", FILLED);
    mark(&b, "Q3b", "1", FILLED);
    return b;
}

static void a_lone_dark_box_of_someone_who_fills_boxes_is_an_answer(void **state)
{
    (void)state;
    struct batch b = batch_of_a_filler();
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q1", ANSWER_ANSWERED, "1", "1", false);
    expect(&b, r, "Q3a", ANSWER_ANSWERED, "1", "1", false);
    expect(&b, r, "Q2", ANSWER_ANSWERED, "a b", "a b", false); /* of several answers each stands for itself */
    mark(&b, "Q2", "c", CROSS); /* both readings stand */
    expect(&b, assemble(&b), "Q2", ANSWER_UNCERTAIN, "c", "", true);
    mark(&b, "Q3a", "2", CROSS);
    expect(&b, assemble(&b), "Q3a", ANSWER_UNCERTAIN, "2", "", true);
    mark(&b, "Q3a", "2", FILLED);
    expect(&b, assemble(&b), "Q3a", ANSWER_UNCERTAIN, "", "", true);
    mark(&b, "Q5", "1", FILLED); /* critical: a person looks */
    assert_true(answer_of(&b, assemble(&b), "Q5")->flagged);
    arena_free(b.arena);
}

static void spill(struct batch *b, size_t page, size_t box, double outside_mm2)
{
    b->pages[page].reading.boxes[box].evidence.outside_mm2 = (float)outside_mm2;
}

/* Of several filled boxes one may have been filled again to take it back. */
static void a_box_filled_again_among_answers_is_looked_at(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++)
        for (int spills = 0; spills < 4; spills++) {
            struct batch b = batch_of_a_filler();
            const double far[] = {1, 1.6, 1.7, 0.9}, others[] = {1, 1.45, 1.4, 0.6};
            b.calibration.marks.fill_beyond_max = 9; /* told by the other boxes, not by this person's */
            spill(&b, 0, 3, others[spills]);
            spill(&b, 0, 4, far[spills]);
            b.pages[0].reading.boxes[4].evidence.ink_share = 0.945f;
            b.pages[0].reading.boxes[3].evidence.ink_share = more ? 0.99f : 1;
            bool again = more && spills == 2;
            expect(&b, assemble(&b), "Q2", again ? ANSWER_UNCERTAIN : ANSWER_ANSWERED, again ? "a" : "a b",
                   again ? "" : "a b", again);
            arena_free(b.arena);
        }
    for (int far = 0; far < 2; far++) { /* farther than this person's fills go, if not so far */
        struct batch b = batch_of_a_filler();
        spill(&b, 0, 3, far ? 0.9 : 0.7);
        expect(&b, assemble(&b), "Q2", far ? ANSWER_UNCERTAIN : ANSWER_ANSWERED, far ? "b" : "a b",
               far ? "" : "a b", far);
        assert_int_equal(assemble(&b)->boxes[0][3].state, far ? BOX_UNCERTAIN : BOX_MARKED);
        arena_free(b.arena);
    }
}

/* Somebody whose answers are hard to see may have given one that nobody saw; of somebody else a blank is a
 * blank, and what the route leads past is no blank at all. */
static void blanks_beside_doubtful_answers_are_looked_at(void **state)
{
    (void)state;
    for (int doubtful = 1; doubtful <= 2; doubtful++)
        for (int plain = 1; plain <= 2; plain++) {
            struct batch b = batch_of_one();
            b.calibration.marks.hidden_min = 2;
            b.calibration.marks.hidden_share = 0.6;
            mark(&b, "Q3a", "1", BESIDE);
            mark(&b, "Q3b", "1", doubtful > 1 ? BESIDE : EMPTY);
            mark(&b, "Q1", "1", CROSS);
            mark(&b, "Q2", "a", plain > 1 ? CROSS : EMPTY);
            const struct return_record *r = assemble(&b);
            bool looked = doubtful > 1 && plain == 1;
            assert_int_equal(flags_of(r, FLAG_BLANK_DOUBTFUL), looked ? 2 : 0); /* Q2 and Q5 */
            expect(&b, r, "Q5", ANSWER_BLANK, "", looked ? "" : "-99", looked);
            assert_false(answer_of(&b, r, "Q6")->flagged); /* nobody owes a comment */
            mark(&b, "Q1", "1", EMPTY);
            mark(&b, "Q1", "2", CROSS); /* leads past Q2 and Q3 */
            assert_int_equal(flags_of(assemble(&b), FLAG_BLANK_DOUBTFUL), looked ? 1 : 0);
            arena_free(b.arena);
        }
}

/* There an answer is taken back by scribbling over it: of someone unknown beside another one, of someone whose
 * fills are known anywhere, and of someone whose fills all spill nowhere. */
static void a_scribble_beside_an_answer_is_looked_at(void **state)
{
    (void)state;
    for (int other = 0; other < 2; other++)
        for (int far = 0; far < 2; far++) {
            struct batch b = batch_of_one();
            b.form->policy.correction = CORRECTION_NONE;
            mark(&b, "Q2", "a", other ? FILLED : EMPTY);
            mark(&b, "Q2", "b", FILLED);
            spill(&b, 0, 4, far ? 3.5 : 2.5);
            expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, other ? "a b" : "b", other ? "a b" : "b",
                   other && far);
            arena_free(b.arena);
        }
    for (int all = 0; all < 2; all++) {
        struct batch b = batch_of_a_filler();
        b.form->policy.correction = CORRECTION_NONE;
        for (size_t p = 0; all && p < 3; p++)
            for (size_t k = 0; k < b.pages[p].reading.box_count; k++)
                spill(&b, p, k, b.pages[p].reading.boxes[k].evidence.ink_share > 0 ? 3.5 : 0);
        spill(&b, 0, 0, 3.5);
        expect(&b, assemble(&b), "Q1", all ? ANSWER_ANSWERED : ANSWER_UNCERTAIN, all ? "1" : "", all ? "1" : "",
               !all);
        if (all)
            expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, "a b", "a b", false);
        arena_free(b.arena);
    }
    struct batch b = batch_of_one(); /* a thick cross where filling withdraws */
    mark(&b, "Q2", "a", CROSS);
    mark(&b, "Q2", "b", DARK_CROSS);
    b.pages[0].reading.boxes[4].evidence.core_share = 0.55f;
    spill(&b, 0, 4, 3.5);
    expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, "a b", "a b", false);
    arena_free(b.arena);
}

/* Of someone whose answers lie beside the boxes the few that are filled in are withdrawn. */
static void a_filled_box_of_someone_who_marks_beside_boxes_is_none(void **state)
{
    (void)state;
    struct batch b = batch_of_a_filler();
    b.calibration.marks.fill_beside_min = 3; /* the form is small */
    mark(&b, "Q5", "1", BESIDE);
    mark(&b, "Q5", "2", BESIDE);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    mark(&b, "Q2", "none", BESIDE);
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    b.calibration.marks.fill_beside_share = 0.9; /* three beside five fills are few then */
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

static void make_ragged(struct box_evidence *e)
{
    e->ink_share = e->faint_share = 0.72f;
    e->core_share = e->faint_core_share = 0.85f;
    e->largest_white_share = 0.04f;
    e->runs = 1.7f;
}

/* A pale or ragged fill that the model leaves between a fill and a mark: where nearly all marks are so,
 * it is the answer. */
static void a_lone_ragged_box_of_someone_whose_marks_are_all_so_is_an_answer(void **state)
{
    (void)state;
    struct batch b = batch_of_a_filler();
    for (size_t p = 0; p < 3; p++)
        for (size_t k = 0; k < b.pages[p].reading.box_count; k++)
            if (b.pages[p].reading.boxes[k].evidence.ink_share > 0)
                make_ragged(&b.pages[p].reading.boxes[k].evidence);
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q1", ANSWER_ANSWERED, "1", "1", false);
    expect(&b, r, "Q2", ANSWER_ANSWERED, "a b", "a b", false);
    arena_free(b.arena);
    /* of someone who also makes crosses they are not */
    struct calibration c = fixture_calibration();
    struct box_reading boxes[10];
    const struct box_reading *borrowed[10];
    const struct quiet quiet = {0}, *quiets[10];
    for (int k = 0; k < 10; k++) {
        boxes[k] = (struct box_reading){.evidence = fixture_evidence(CROSS)};
        if (k < 7)
            make_ragged(&boxes[k].evidence);
        borrowed[k] = &boxes[k];
        quiets[k] = &quiet;
    }
    struct pen some = pen_estimate(borrowed, quiets, 10, &c), all = pen_estimate(borrowed, quiets, 7, &c);
    assert_true(pen_answers_darkly(&all, &c.marks));
    assert_false(pen_answers_darkly(&some, &c.marks));
    struct pen few = pen_estimate(borrowed, quiets, 4, &c);
    assert_false(pen_answers_darkly(&few, &c.marks));
    all.boxes = 281; /* on so many there would be more answers: the scans lost them */
    assert_false(pen_answers_darkly(&all, &c.marks));
    all.boxes = 279;
    assert_true(pen_answers_darkly(&all, &c.marks));
}

/* Those who answer by filling boxes withdraw by filling one a second time. */
static void a_box_filled_twice_is_no_answer(void **state)
{
    (void)state;
    struct {
        double darkness, ink, outside_mm2; /* beyond the usual */
        bool is_usual;
    } cases[] = {{0.2, 0, 0, true},      {0, 0.1, 0, true},        {0, 0, 0.7, true},      {0, 0.03, 0.2, true},
                 {-0.2, 0, -0.5, true},  {-0.2, 0.08, 0.2, true},  {0.37, 0, 0, false},    {0, 0, 0.9, false},
                 {0, 0.08, 0.4, false},  {0.18, 0.08, 0, false},   {0.18, 0, 0.5, false},  {-0.2, 0.08, 0.4, false},
                 {0.2, -0.1, 0.5, false}, {0.2, 0.06, -0.4, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_a_filler();
        for (size_t p = 0; p < 3; p++)
            for (size_t k = 0; k < b.pages[p].reading.box_count; k++) {
                struct box_evidence *e = &b.pages[p].reading.boxes[k].evidence;
                e->ink_share = e->faint_share = fminf(e->ink_share, 0.87f);
                e->darkness = fminf(e->darkness, 0.6f);
                e->outside_mm2 = e->ink_share > 0 ? 0.6f : 0;
            }
        mark(&b, "Q1", "1", EMPTY);
        mark(&b, "Q1", "2", FILLED);
        struct box_evidence *e = &b.pages[0].reading.boxes[1].evidence;
        e->darkness = (float)(0.6 + cases[i].darkness);
        e->ink_share = e->faint_share = (float)(0.87 + cases[i].ink);
        e->outside_mm2 = (float)(0.6 + cases[i].outside_mm2);
        if (cases[i].is_usual)
            expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "2", "2", false);
        else
            expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
        arena_free(b.arena);
    }
}

static void a_trace_in_a_box_of_several_is_never_forgiven(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q2", "a", CROSS);
    mark(&b, "Q2", "b", TAIL);
    expect(&b, assemble(&b), "Q2", ANSWER_UNCERTAIN, "a", "", true);
    arena_free(b.arena);
}

/* What the scanner left of a mark is no blank; beside a plain mark it is dirt. */
static void a_trace_is_looked_at_where_nothing_is_marked(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *trace = &b.pages[0].reading.boxes[0].evidence;
    trace->outside_mm2 = 0.5f;
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    mark(&b, "Q1", "2", CROSS);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "2", "2", false);
    arena_free(b.arena);
}

/* Beside a plain mark one speck is dust, but where the scans lose this person's marks; two are a light mark. */
static void several_specks_beside_a_mark_are_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *left = &b.pages[0].reading.boxes[0].evidence;
    mark(&b, "Q1", "2", CROSS);
    left->pixels_mm2 = 0.022f;
    left->specks = 1;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "2", "2", false);
    left->specks = 2;
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][0].state, BOX_UNCERTAIN);
    assert_int_equal(r->boxes[0][1].flag, FLAG_NONE); /* one flag is enough: the answer is open */
    expect(&b, r, "Q1", ANSWER_UNCERTAIN, "2", "", true);
    left->specks = 1;
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct quiet quiet = {.bitonal = true};
    for (int faint = 0; faint < 2; faint++) {
        struct pen pen = {.faint = faint};
        enum trace trace = decide_box(left, &quiet, &pen, &policy, false, &b.calibration).trace;
        assert_int_equal(trace, faint ? TRACE_SPECKS : TRACE_INSIDE);
    }
    arena_free(b.arena);
}

/* A line through a label is told of beside a plain mark too, and nobody's return is blank that has one. */
static void a_struck_label_is_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *struck = &b.pages[0].reading.boxes[0].evidence;
    assert_int_equal(assemble(&b)->outcome, OUTCOME_BLANK);
    struck->struck_mm = 3;
    assert_int_equal(assemble(&b)->outcome, OUTCOME_COMPLETE);
    mark(&b, "Q1", "1", CROSS);
    struck->struck_mm = 0.75f;
    struck->row_mm2 = 0.1f; /* the letters hide the line: else the mark runs into its label */
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", true);
    struck->struck_mm = 0.5f;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    struck->struck_mm = 0.75f;
    struck->row_mm2 = 0.4f;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    /* its end shows before the label, which alone would be too little, too */
    fixture_piece(&b.pages[0], (struct rect){35, 51.5, 1, 0.5}, 0, 0, 0.15f);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", true);
    struck->struck_mm = 0;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    struck->struck_mm = 3;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", true);
    arena_free(b.arena);
}

/* Beside another mark the label of an empty box has to be struck through far: a crease or the letters bridge as much as
 * a short line. Not of a pen that the scans lose. */
static void a_short_line_through_the_label_of_an_empty_box_tells_little(void **state)
{
    (void)state;
    enum { NONE_BOX = 6 }; /* of Q2 */
    static const char *const others[][2] = {{"Q1", "1"}, {"Q2", "a"}, {"Q2", "b"}, {"Q2", "c"}, {"Q3a", "1"}};
    static const struct {
        bool marked, faint;
        float struck_mm;
        bool flagged;
    } cases[] = {{false, false, 0.75f, false}, {false, false, 1, true}, {true, false, 1.75f, false},
                 {true, false, 2, true},       {true, true, 1, true},   {true, true, 0.75f, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        if (cases[i].marked && !cases[i].faint)
            mark(&b, "Q2", "a", CROSS);
        for (size_t k = 0; k < 5 && cases[i].faint; k++)
            mark(&b, others[k][0], others[k][1], FAINT);
        b.pages[0].reading.boxes[NONE_BOX].evidence.struck_mm = cases[i].struck_mm;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->pen_faint, cases[i].faint);
        if ((r->boxes[0][NONE_BOX].flag == FLAG_MARK_NEAR_BOX) != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

/* A light line through a label, of which specks are left, tells of an empty box and of a marked one. */
static void specks_along_a_label_are_looked_at(void **state)
{
    (void)state;
    for (size_t box = 0; box < 2; box++)
        for (int sure = 0; sure < 2; sure++) {
            struct batch b = batch_of_one();
            struct box_evidence *e = &b.pages[0].reading.boxes[box].evidence;
            mark(&b, "Q1", "1", CROSS);
            e->struck_dotted = (float)b.calibration.outside.struck_dotted_min + (sure ? 0.1f : -0.1f);
            if ((assemble(&b)->boxes[0][box].flag == FLAG_MARK_NEAR_BOX) != sure)
                fail_msg("box %zu, sure %d", box, sure);
            arena_free(b.arena);
        }
}

/* A dash along the outline: too little inside the rim and too little beyond its end, but both. */
static void a_trace_on_both_sides_of_the_outline_is_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *trace = &b.pages[0].reading.boxes[0].evidence;
    trace->ink_share = trace->faint_share = 0.003f;
    expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "-99", false);
    trace->outside_mm2 = 0.17f;
    expect(&b, assemble(&b), "Q1", ANSWER_UNCERTAIN, "", "", true);
    trace->ink_share = trace->faint_share = 0;
    expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "-99", false);
    arena_free(b.arena);
}

/* Where the scan lost all but specks of the print the box's place is known, and a plain mark is one; but a
 * light mark may have gone with the print. */
static void a_faded_box_is_read_but_no_blank(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *faded = &b.pages[0].reading.boxes[0].evidence;
    faded->print_found = 0.3f;
    faded->specks_found = 0.4f;
    expect(&b, assemble(&b), "Q1", ANSWER_UNREADABLE, "", "", true);
    faded->specks_found = 0.8f;
    expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "", true);
    mark(&b, "Q1", "2", CROSS);
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "2", "2", false);
    arena_free(b.arena);
}

/* A light ring close round a box of a grid: a shade around it, no line and no ink. */
static void a_shade_around_a_box_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *item, *marked;
        size_t page, box;
        float shade_mm2;
        bool grey, flagged;
    } cases[] = {{"Q1", NULL, 0, 0, 3, true, true},  {"Q1", NULL, 0, 0, 2.5f, true, false},
                 {"Q1", NULL, 0, 0, 3, false, false}, {"Q1", "2", 0, 0, 3, true, false},
                 {"Q2", "a", 0, 4, 3, true, true},    {"Q3a", NULL, 1, 0, 3, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        if (cases[i].marked != NULL)
            mark(&b, cases[i].item, cases[i].marked, CROSS);
        struct page_reading *reading = &b.pages[cases[i].page].reading;
        reading->paper = cases[i].grey ? 250 : 255;
        reading->print = cases[i].grey ? 30 : 0;
        reading->boxes[cases[i].box].evidence.shade_mm2 = cases[i].shade_mm2;
        if (answer_of(&b, assemble(&b), cases[i].item)->flagged != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
    /* where all outlines are blurred that is more */
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct pen pen = {0};
    for (int blurred = 0; blurred < 2; blurred++) {
        struct box_reading boxes[12];
        for (int k = 0; k < 12; k++) {
            boxes[k] = (struct box_reading){.evidence = fixture_evidence(EMPTY)};
            boxes[k].evidence.shade_mm2 = k == 0 ? 4 : blurred ? 1.5f : 0.5f;
        }
        struct quiet quiet = quiet_estimate(boxes, 12, &c.marks);
        enum trace trace = decide_box(&boxes[0].evidence, &quiet, &pen, &policy, false, &c).trace;
        assert_int_equal(trace, blurred ? TRACE_NONE : TRACE_ACROSS);
    }
}

/* Where a threshold lost half of a box's outline a bit of ink tells even where no answer is due. */
static void a_bit_of_ink_tells_more_where_print_is_lost(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct pen pen = {0};
    static const struct {
        bool bitonal;
        float print_found, outside_mm2;
        enum trace trace;
    } cases[] = {{true, 0.65f, 0.04f, TRACE_BESIDE},
                 {true, 0.75f, 0.04f, TRACE_HINT},
                 {true, 0.65f, 0.02f, TRACE_NONE},
                 {false, 0.65f, 0.04f, TRACE_NONE},
                 {true, PRINT_NONE, 0.04f, TRACE_HINT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quiet quiet = {.bitonal = cases[i].bitonal};
        struct box_evidence e = fixture_evidence(EMPTY);
        e.print_found = cases[i].print_found;
        e.specks_found = 1; /* the box is where it should be */
        e.outside_mm2 = cases[i].outside_mm2;
        if (decide_box(&e, &quiet, &pen, &policy, false, &c).trace != cases[i].trace)
            fail_msg("case %zu", i);
    }
}

/* A threshold leaves single pixels of a light mark, which cells may miss. Of several answers each stands for
 * itself; beside the plain answer of a single choice they are dirt, unless another box is doubtful too. */
static void lone_pixels_are_looked_at(void **state)
{
    (void)state;
    static const struct {
        enum fixture_mark first, second, of_several;
        enum answer_status single, several;
    } cases[] = {{EMPTY, EMPTY, EMPTY, ANSWER_UNCERTAIN, ANSWER_UNCERTAIN},
                 {EMPTY, CROSS, CROSS, ANSWER_ANSWERED, ANSWER_UNCERTAIN},
                 {EMPTY, FAINT, FAINT, ANSWER_UNCERTAIN, ANSWER_UNCERTAIN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", cases[i].first);
        mark(&b, "Q1", "2", cases[i].second);
        mark(&b, "Q2", "a", cases[i].of_several);
        b.pages[0].reading.boxes[0].evidence.pixels_mm2 = 0.007f;
        b.pages[0].reading.boxes[4].evidence.pixels_mm2 = 0.007f; /* Q2 = b */
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->answers[0].status, cases[i].single);
        assert_int_equal(r->answers[1].status, cases[i].several);
        assert_int_equal(r->boxes[0][0].state, cases[i].second == EMPTY ? BOX_UNCERTAIN : BOX_EMPTY);
        assert_int_equal(r->boxes[0][4].state, BOX_UNCERTAIN);
        arena_free(b.arena);
    }
}

/* A page full of specks: they tell nothing. Pale ink does, of whatever pen. */
static void pixels_tell_nothing_where_all_boxes_have_them(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct pen pen = {0};
    struct box_reading boxes[12];
    for (int k = 0; k < 12; k++) {
        boxes[k] = (struct box_reading){.evidence = fixture_evidence(EMPTY)};
        boxes[k].evidence.pixels_mm2 = k < 4 ? 0.007f : 0;
    }
    struct box_evidence *e = &boxes[0].evidence;
    struct quiet quiet = quiet_estimate(boxes, 12, &c.marks);
    assert_int_equal(decide_box(e, &quiet, &pen, &policy, false, &c).trace, TRACE_INSIDE);
    e->streak_share = 0.9f;
    assert_int_equal(decide_box(e, &quiet, &pen, &policy, false, &c).trace, TRACE_BESIDE);
    e->streak_share = 0;
    for (int k = 0; k < 12; k++)
        boxes[k].evidence.pixels_mm2 = 0.007f;
    quiet = quiet_estimate(boxes, 12, &c.marks);
    assert_int_equal(decide_box(e, &quiet, &pen, &policy, false, &c).trace, TRACE_NONE);
    e->faint_share += 0.03f;
    assert_int_equal(decide_box(e, &quiet, &pen, &policy, false, &c).trace, TRACE_HINT);
}

/* Ink beside a box that is too little to tell where print blurs tells on black and white: a dot on its outline. */
static void a_dot_on_an_outline_tells_on_black_and_white(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.pages[0].reading.boxes[2].evidence.outside_mm2 = 0.15f;
    assert_int_equal(assemble(&b)->boxes[0][2].state, BOX_EMPTY);
    b.pages[0].reading.paper = 255;
    b.pages[0].reading.print = 0;
    expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "", true);
    arena_free(b.arena);
}

enum hint { CELL, SPOT, ASTRIDE, HAZE, FADED, RING, HINTS };

static void hint_at(struct box_evidence *e, enum hint hint, bool enough)
{
    switch (hint) {
    case CELL:
        e->ink_share = e->faint_share = enough ? 0.001f : 0;
        break;
    case SPOT:
        e->outside_mm2 = enough ? 0.035f : 0.025f;
        break;
    case ASTRIDE:
        e->light_row_mm2 = 0.6f;
        e->faint_share = enough ? 0.006f : 0.004f;
        break;
    case HAZE:
        e->faint_share = enough ? 0.02f : 0.01f;
        break;
    case FADED:
        e->print_found = enough ? 0.4f : 0.6f;
        e->specks_found = 1;
        break;
    case RING:
    case HINTS:
        e->light_row_mm2 = enough ? 1.1f : 0.9f;
        break;
    }
}

/* Where an answer is due and none is seen any bit of ink tells, and what may have hidden one; where none is due they
 * do not, nor beside an answer. */
static void a_hint_tells_where_an_answer_is_due(void **state)
{
    (void)state;
    for (enum hint hint = CELL; hint < HINTS; hint++)
        for (int enough = 0; enough < 2; enough++) {
            struct batch b = batch_of_one();
            struct page_reading *reading = &b.pages[0].reading;
            b.calibration.marks.quiet_boxes_min = 4;
            reading->paper = hint <= SPOT ? 255 : 250;
            reading->print = hint <= SPOT ? 0 : 10;
            hint_at(&reading->boxes[1].evidence, hint, enough); /* Q1 = 2 */
            const struct return_record *r = assemble(&b);
            expect(&b, r, "Q1", ANSWER_BLANK, "", enough ? "" : "-99", enough);
            assert_int_equal(flags_of(r, FLAG_BLANK_DOUBTFUL), enough);
            for (size_t k = 0; k < reading->box_count && hint == ASTRIDE; k++) /* nothing on a page full of that */
                reading->boxes[k].evidence.light_row_mm2 = 0.6f;
            if (hint == ASTRIDE)
                expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "-99", false);
            for (size_t k = 0; k < reading->box_count && hint == ASTRIDE; k++)
                reading->boxes[k].evidence.light_row_mm2 = 0;
            mark(&b, "Q1", "3", CROSS);
            expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "3", "3", false);
            reading->boxes[1].evidence = fixture_evidence(EMPTY);
            hint_at(&reading->boxes[4].evidence, hint, enough); /* Q2 = b */
            expect(&b, assemble(&b), "Q2", ANSWER_BLANK, "", "-98", false); /* led past */
            mark(&b, "Q1", "3", EMPTY);
            expect(&b, assemble(&b), "Q2", ANSWER_BLANK, "", "", false); /* perhaps */
            mark(&b, "Q1", "1", CROSS);
            expect(&b, assemble(&b), "Q2", ANSWER_BLANK, "", enough ? "" : "-99", enough);
            mark(&b, "Q2", "a", CROSS);
            expect(&b, assemble(&b), "Q2", ANSWER_ANSWERED, "a", "a", false);
            arena_free(b.arena);
        }
}

/* What a light dash along the outline leaves tells wherever nothing is marked, due or not: a blur inside, or little of one
 * and a thicker outline, or that and a bit outside. */
static void a_dash_along_the_outline_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float faint, bulge, outside;
        bool told;
    } cases[] = {{0.05f, 0, 0, true},      {0.03f, 0, 0, false},      {0.02f, 0.12f, 0, true},  {0.01f, 0.12f, 0, false},
                 {0.02f, 0.08f, 0, false}, {0, 0.12f, 0.17f, true}, {0, 0.12f, 0.13f, false}, {0, 0.08f, 0.17f, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        b.pages[0].reading.paper = 250;
        b.pages[0].reading.print = 10;
        struct box_evidence *e = &b.pages[0].reading.boxes[4].evidence; /* Q2 = b */
        e->faint_share = cases[i].faint;
        e->ink_share = cases[i].faint > 0 ? 0.0005f : 0;
        e->bulge_mm2 = cases[i].bulge;
        e->outside_mm2 = cases[i].outside;
        mark(&b, "Q1", "3", CROSS); /* leads past it */
        if ((assemble(&b)->boxes[0][4].state == BOX_UNCERTAIN) != cases[i].told)
            fail_msg("case %zu", i);
        mark(&b, "Q2", "a", CROSS);
        assert_int_equal(assemble(&b)->boxes[0][4].state, BOX_EMPTY);
        arena_free(b.arena);
    }
}

/* A bit of a dash on both sides of the outline tells where several answers may be given, beside another. */
static void a_bit_across_the_outline_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float ink, outside, light_row;
        bool told;
    } cases[] = {{0.003f, 0.13f, 0, true}, {0.003f, 0.11f, 0, false},   {0.0015f, 0.13f, 0, false},
                 {0, 0.04f, 0.9f, true},   {0, 0.02f, 0.9f, false},     {0, 0.04f, 0.7f, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        b.calibration.marks.quiet_boxes_min = 4;
        b.pages[0].reading.paper = 250;
        b.pages[0].reading.print = 10;
        for (int page_full = 0; page_full < 2; page_full++) {
            mark(&b, "Q1", "1", CROSS);
            mark(&b, "Q2", "a", CROSS);
            for (size_t k = 1; k < 7; k++)
                if (k != 3)
                    b.pages[0].reading.boxes[k].evidence.light_row_mm2 = page_full ? 0.1f : 0;
            for (size_t k = 2; k < 6; k += 3) { /* Q1 = 3, Q2 = c */
                struct box_evidence *e = &b.pages[0].reading.boxes[k].evidence;
                e->ink_share = e->faint_share = cases[i].ink;
                e->outside_mm2 = cases[i].outside;
            }
            b.pages[0].reading.boxes[5].evidence.light_row_mm2 += cases[i].light_row;
            const struct return_record *r = assemble(&b);
            bool told = cases[i].told && !(page_full && cases[i].light_row > 0);
            assert_int_equal(r->boxes[0][5].state, told ? BOX_UNCERTAIN : BOX_EMPTY);
            assert_int_equal(r->boxes[0][2].state, BOX_EMPTY); /* one answer, and it is given */
        }
        arena_free(b.arena);
    }
}

/* Where a doubtful answer hides the path, an answer is due between two that were given. */
static void a_hint_tells_between_answers_of_a_hidden_path(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++)
        for (int after = 0; after < 2; after++)
            for (int hidden = 0; hidden < 2; hidden++) {
                struct batch b = batch_of_one();
                b.calibration.marks.quiet_boxes_min = 4;
                b.pages[1].reading.paper = 255;
                b.pages[1].reading.print = 0;
                mark(&b, "Q1", hidden ? "1" : "3", CROSS); /* yes, or stop */
                mark(&b, "Q1", "2", hidden ? CROSS : EMPTY);
                mark(&b, "Q2", "a", before ? CROSS : EMPTY);
                mark(&b, "Q3b", "1", after ? CROSS : EMPTY);
                hint_at(&b.pages[1].reading.boxes[1].evidence, CELL, true); /* Q3a = 2 */
                const struct return_record *r = assemble(&b);
                bool due = before && after && hidden;
                expect(&b, r, "Q3a", ANSWER_BLANK, "", hidden ? "" : "-98", due);
                assert_int_equal(flags_of(r, FLAG_BLANK_DOUBTFUL), due);
                arena_free(b.arena);
            }
}

/* A broad light pencil is no ink, but a shade across the middle of one box of a page whose others have none. */
static void a_shade_across_a_box_is_looked_at(void **state)
{
    (void)state;
    for (int hazy = 0; hazy < 2; hazy++) {
        struct batch b = batch_of_one();
        mark(&b, "Q2", "a", CROSS);
        b.calibration.marks.quiet_boxes_min = 4;
        struct page_reading *reading = &b.pages[0].reading;
        for (size_t k = 0; k < reading->box_count && hazy; k++)
            reading->boxes[k].evidence.faint_core_share += 0.03f;
        struct box_evidence *shaded = &reading->boxes[5].evidence; /* Q2 = c */
        shaded->faint_share += 0.08f;
        shaded->faint_core_share += 0.05f;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->boxes[0][5].state, hazy ? BOX_EMPTY : BOX_UNCERTAIN);
        assert_int_equal(r->boxes[0][4].state, BOX_EMPTY);
        arena_free(b.arena);
    }
}

/* Of a question without a mark so little of a shade tells, on a page that has none elsewhere. */
static void a_tinge_of_a_blank_question_is_looked_at(void **state)
{
    (void)state;
    for (int tinged = 0; tinged < 2; tinged++) {
        struct batch b = batch_of_one();
        struct page_reading *reading = &b.pages[0].reading;
        b.calibration.marks.quiet_boxes_min = 4;
        reading->paper = 250;
        reading->print = 30;
        for (size_t k = 0; k < reading->box_count && tinged; k++)
            reading->boxes[k].evidence.faint_core_share = 0.002f;
        struct box_evidence *light = &reading->boxes[1].evidence;
        light->faint_share = 0.006f;
        light->faint_core_share = 0.009f;
        expect(&b, assemble(&b), "Q1", ANSWER_BLANK, "", "-99", false);
        light->faint_core_share = 0.016f;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->boxes[0][1].state, tinged ? BOX_EMPTY : BOX_UNCERTAIN);
        arena_free(b.arena);
    }
}

/* Where the form does not fit one box of a question with one answer a person looks at all of them. */
static void a_trace_beside_a_misplaced_box_needs_no_flag(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", MISPLACED);
    b.pages[0].reading.boxes[2].evidence.pixels_mm2 = 0.007f; /* of a blank question that would tell */
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->answers[0].status, ANSWER_UNREADABLE);
    assert_true(r->answers[0].flagged);
    assert_int_equal(r->boxes[0][2].flag, FLAG_NONE);
    arena_free(b.arena);
}

/* Beside a doubtful box the mark may be the one that was withdrawn: whoever is asked about that box keys the answer,
 * and until then there is none. */
static void a_doubtful_box_leaves_the_answer_open(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q1", "2", FAINT);
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][0].state, BOX_MARKED);
    assert_int_equal(r->boxes[0][0].flag, FLAG_NONE);
    expect(&b, r, "Q1", ANSWER_UNCERTAIN, "1", "", true);
    arena_free(b.arena);
}

/* Of several answers each stands for itself: beside a box of them a little ink is looked at though others are
 * marked. */
static void a_little_ink_beside_one_of_several_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *item, *marked;
        size_t box; /* without a mark */
        bool flagged;
    } cases[] = {{"Q1", "1", 2, false}, {"Q2", "a", 5, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, cases[i].item, cases[i].marked, CROSS);
        struct rect box = b.form->pages[0].boxes[cases[i].box].rect_mm;
        struct ink_piece *p = fixture_piece(&b.pages[0], (struct rect){box.x + 6, box.y, 1, 1}, cases[i].box,
                                            0, 0.15f);
        assert_false(answer_of(&b, assemble(&b), cases[i].item)->flagged);
        p->touches[0].row_mm2 = p->area_mm2 = 0.35f;
        assert_int_equal(answer_of(&b, assemble(&b), cases[i].item)->flagged, cases[i].flagged);
        arena_free(b.arena);
    }
}

/* A light line in a box, seen by its shape on grey, may be a mark; beside a plain one where it is plain itself, but of
 * several answers each stands for itself. */
static void a_light_line_in_a_box_is_looked_at(void **state)
{
    (void)state;
    static const float light_mm2[] = {0.4f, 0.6f, 1.1f};
    for (int bitonal = 0; bitonal < 2; bitonal++)
        for (int much = 0; much < 3; much++) {
            struct batch b = batch_of_one();
            struct page_reading *reading = &b.pages[0].reading;
            mark(&b, "Q1", "1", CROSS);
            mark(&b, "Q2", "a", CROSS);
            reading->boxes[1].evidence.light_mm2 = reading->boxes[4].evidence.light_mm2 = light_mm2[much];
            reading->paper = bitonal ? 255 : 250;
            reading->print = bitonal ? 0 : 10;
            const struct return_record *r = assemble(&b);
            assert_int_equal(r->boxes[0][1].state, much > 1 && !bitonal ? BOX_UNCERTAIN : BOX_EMPTY);
            assert_int_equal(r->boxes[0][4].state, much > 0 && !bitonal ? BOX_UNCERTAIN : BOX_EMPTY);
            mark(&b, "Q1", "1", EMPTY);
            assert_int_equal(assemble(&b)->boxes[0][1].state, much > 0 && !bitonal ? BOX_UNCERTAIN : BOX_EMPTY);
            arena_free(b.arena);
        }
}

/* Parts of light lines in its row, where the page's other rows have none: where nothing is marked, or each box
 * stands for itself. */
static void light_parts_beside_a_box_are_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *item, *marked;
        size_t box;
        float mm2, everywhere;
        bool flagged;
    } cases[] = {{"Q1", NULL, 1, 1.1f, 0, true},   {"Q1", NULL, 1, 0.9f, 0, false},
                 {"Q1", NULL, 1, 3, 0.2f, false},  {"Q1", "1", 1, 3, 0, false},
                 {"Q2", "a", 5, 2.1f, 0, true},    {"Q2", "a", 5, 1.9f, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        struct page_reading *reading = &b.pages[0].reading;
        b.calibration.marks.quiet_boxes_min = 4; /* this page has no more */
        if (cases[i].marked != NULL)
            mark(&b, cases[i].item, cases[i].marked, CROSS);
        for (size_t k = 0; k < reading->box_count; k++)
            reading->boxes[k].evidence.light_row_mm2 = cases[i].everywhere;
        reading->boxes[cases[i].box].evidence.light_row_mm2 = cases[i].mm2;
        assert_int_equal(answer_of(&b, assemble(&b), cases[i].item)->flagged, cases[i].flagged);
        arena_free(b.arena);
    }
}

/* Grain holds ink, and so does an upright line that fades: neither is a mark for its ink alone. */
static void grain_and_fading_streaks_are_no_marks(void **state)
{
    (void)state;
    static const struct {
        float ink, specks, grain, streak, runs;
        enum box_state state;
    } cases[] = {{0.09f, 10, 0, 0, 1.1f, BOX_MARKED},      {0.09f, 40, 0, 0, 1.1f, BOX_UNCERTAIN},
                 {0.09f, 3, 6, 0, 1.1f, BOX_UNCERTAIN},    {0.09f, 3, 4, 0, 1.1f, BOX_MARKED},
                 {0.2f, 40, 0, 0, 1.1f, BOX_MARKED},       {0.2f, 3, 6, 0, 1.1f, BOX_MARKED},
                 {0.095f, 0, 0, 0.45f, 1, BOX_UNCERTAIN},  {0.095f, 0, 0, 0.35f, 1, BOX_MARKED},
                 {0.095f, 0, 0, 0.45f, 1.8f, BOX_MARKED},  {0.2f, 0, 0, 0.45f, 1, BOX_MARKED},
                 {0.06f, 0, 0, 0.35f, 1.8f, BOX_UNCERTAIN}, {0.08f, 0, 0, 0.35f, 1.8f, BOX_MARKED},
                 {0.045f, 0, 0, 0.26f, 1.8f, BOX_UNCERTAIN}, {0.045f, 0, 0, 0.24f, 1.8f, BOX_MARKED},
                 {0.4f, 0, 0, 0.95f, 1.8f, BOX_UNCERTAIN},  {0.4f, 0, 0, 0.85f, 1.8f, BOX_MARKED}}; /* a hair */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        struct box_evidence *e = &b.pages[0].reading.boxes[0].evidence;
        e->ink_share = e->faint_share = cases[i].ink;
        e->specks = cases[i].specks;
        e->grain = cases[i].grain;
        e->streak_share = cases[i].streak;
        e->runs = cases[i].runs;
        assert_int_equal(assemble(&b)->boxes[0][0].state, cases[i].state);
        arena_free(b.arena);
    }
}

/* What crosses the mark and goes on at both sides takes it back; a filled box may only look so. */
static void a_mark_struck_through_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        float through, core;
        enum box_state state;
    } cases[] = {{0.75f, 0.2f, BOX_MARKED}, {1, 0.2f, BOX_UNCERTAIN}, {2, 0.45f, BOX_UNCERTAIN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        struct box_evidence *e = &b.pages[0].reading.boxes[0].evidence;
        e->through_mm = cases[i].through;
        e->core_share = cases[i].core;
        assert_int_equal(assemble(&b)->boxes[0][0].state, cases[i].state);
        arena_free(b.arena);
    }
    struct batch b = batch_of_a_filler();
    for (size_t p = 0; p < 3; p++)
        for (size_t k = 0; k < b.pages[p].reading.box_count; k++)
            if (b.pages[p].reading.boxes[k].evidence.ink_share > 0)
                b.pages[p].reading.boxes[k].evidence.through_mm = 2;
    expect(&b, assemble(&b), "Q1", ANSWER_ANSWERED, "1", "1", false);
    arena_free(b.arena);
}

/* A tear's edge that runs into a box marks nothing; a mark of its own stays one. */
static void damage_through_a_box_is_no_mark(void **state)
{
    (void)state;
    for (int own = 0; own < 2; own++) {
        struct batch b = batch_of_one();
        mark(&b, "Q1", "1", CROSS);
        struct page_result *page = &b.pages[0];
        struct rect box = b.form->pages[0].boxes[0].rect_mm;
        if (!own)
            page->reading.piece_count = 0;
        struct ink_piece *p = fixture_piece(page, (struct rect){0, box.y - 20, box.x + 6, 24}, 0, 1.4f, 4.7f);
        p->area_mm2 = 32;
        p->margin_mm2 = 26;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->ink[0].classes[own], INK_DAMAGE);
        assert_int_equal(r->boxes[0][0].state, own ? BOX_MARKED : BOX_UNCERTAIN);
        assert_int_equal(r->boxes[0][0].flag, own ? FLAG_NONE : FLAG_MARK_UNCERTAIN);
        arena_free(b.arena);
    }
}

/* A tick beside a box whose foot stands in a filled one is one piece with the filling. */
static void a_mark_that_touches_a_filling_speaks_of_its_own_box(void **state)
{
    (void)state;
    static const struct {
        enum fixture_mark mark;
        float row;
        size_t other; /* the box beside which it lies */
        bool flagged;
    } cases[] = {{FILLED, 2.5f, 4, true}, {FILLED, 1.5f, 4, false}, {FILLED, 2.5f, 1, false},
                 {CROSS, 2.5f, 4, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, "Q2", "a", cases[i].mark);
        struct ink_piece *p = &b.pages[0].reading.pieces[0];
        p->touches[0].inside_mm2 = 12;
        p->touches[p->touch_count++] = (struct piece_touch){cases[i].other, 0, cases[i].row};
        p->area_mm2 = p->clear_mm2 = 12.5f + cases[i].row;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->ink[0].classes[0], INK_MARK);
        assert_int_equal(r->boxes[0][cases[i].other].flag == FLAG_MARK_NEAR_BOX, cases[i].flagged);
        arena_free(b.arena);
    }
}

/* A tick beside a box whose tail meets the mark in a box above, of another item. What a mark has beside boxes above it is
 * its own tail. */
static void a_mark_that_meets_the_tail_of_another_item_speaks_of_its_own_box(void **state)
{
    (void)state;
    static const struct {
        const char *item, *code;
        size_t other; /* the box beside which it lies */
        float row;
        bool flagged;
    } cases[] = {{"Q1", "1", 4, 2.5f, true}, {"Q1", "1", 4, 1.5f, false}, {"Q2", "b", 0, 2.5f, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        mark(&b, cases[i].item, cases[i].code, CROSS);
        struct ink_piece *p = &b.pages[0].reading.pieces[0];
        p->touches[0].inside_mm2 = 12;
        p->touches[p->touch_count++] = (struct piece_touch){cases[i].other, 0, cases[i].row};
        p->area_mm2 = p->clear_mm2 = 12.5f + cases[i].row;
        const struct return_record *r = assemble(&b);
        assert_int_equal(r->ink[0].classes[0], INK_MARK);
        if ((r->boxes[0][cases[i].other].flag == FLAG_MARK_NEAR_BOX) != cases[i].flagged)
            fail_msg("case %zu", i);
        arena_free(b.arena);
    }
}

static void critical_questions_are_stricter(void **state)
{
    (void)state;
    struct {
        enum fixture_mark one, two;
        enum answer_status status;
        const char *coded;
        bool doubtful;
        enum flag one_flag, two_flag; /* the question is asked about once: plain boxes have none beside doubtful ones */
    } cases[] = {
        {CROSS, EMPTY, ANSWER_ANSWERED, "1", false, FLAG_NONE, FLAG_NONE},
        {EMPTY, EMPTY, ANSWER_BLANK, "-99", false, FLAG_NONE, FLAG_NONE},
        {CROSS, FILLED, ANSWER_CORRECTED, "1", true, FLAG_CRITICAL_DOUBTFUL, FLAG_NONE},
        {CROSS, CROSS, ANSWER_MULTIPLE, "1", true, FLAG_CRITICAL_DOUBTFUL, FLAG_CRITICAL_DOUBTFUL},
        {FAINT, EMPTY, ANSWER_UNCERTAIN, "", true, FLAG_MARK_UNCERTAIN, FLAG_NONE},
        {CROSS, TAIL, ANSWER_UNCERTAIN, "", true, FLAG_NONE, FLAG_MARK_UNCERTAIN},
        {MISPLACED, CROSS, ANSWER_UNREADABLE, "", true, FLAG_FIELD_MISPLACED, FLAG_NONE},
        {CROSS, BESIDE, ANSWER_ANSWERED, "1", true, FLAG_NONE, FLAG_MARK_NEAR_BOX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        b.form->policy.multiple = RULE_FIRST; /* accepts it elsewhere */
        mark(&b, "Q1", "1", CROSS);
        mark(&b, "Q5", "1", cases[i].one);
        mark(&b, "Q5", "2", cases[i].two);
        const struct return_record *r = assemble(&b);
        const struct answer *a = answer_of(&b, r, "Q5");
        assert_int_equal(a->status, cases[i].status);
        assert_string_equal(a->coded, cases[i].coded);
        assert_int_equal(a->flagged, cases[i].doubtful);
        assert_int_equal(flags_of(r, FLAG_CRITICAL_DOUBTFUL), cases[i].doubtful);
        if (r->boxes[2][0].flag != cases[i].one_flag || r->boxes[2][1].flag != cases[i].two_flag)
            fail_msg("case %zu: flags %d and %d", i, r->boxes[2][0].flag, r->boxes[2][1].flag);
        arena_free(b.arena);
    }
}

/* Where several answers may be given each stands for itself. */
static void every_mark_of_several_critical_ones_is_looked_at(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.form->questions[b.form->items[item_index(b.form, "Q2")].question].critical = true;
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q2", "a", CROSS);
    mark(&b, "Q2", "b", FAINT);
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->boxes[0][3].flag, FLAG_CRITICAL_DOUBTFUL);
    assert_int_equal(r->boxes[0][4].flag, FLAG_MARK_UNCERTAIN);
    arena_free(b.arena);
}

static void written_answers_go_to_a_person(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "1", CROSS);
    const struct return_record *r = assemble(&b);
    expect(&b, r, "Q4", ANSWER_BLANK, "", "-99", false);
    expect(&b, r, "Q6", ANSWER_BLANK, "", "", false); /* nobody owes a comment */
    fixture_write(&b.pages[1], "1954", 0.9f);
    fixture_write(&b.pages[2], NULL, 0);
    r = assemble(&b);
    expect(&b, r, "Q4", ANSWER_UNREADABLE, "1954", "", true);
    expect(&b, r, "Q6", ANSWER_UNREADABLE, "", "", true);
    assert_int_equal(flags_of(r, FLAG_WRITTEN_ANSWER), 2);
    assert_int_equal(flags_of(r, FLAG_OUT_OF_RANGE), 0);
    assert_true(answer_of(&b, r, "Q6")->confidence == 0);
    fixture_write(&b.pages[1], "2 0 54", 0.9f);
    assert_int_equal(flags_of(assemble(&b), FLAG_OUT_OF_RANGE), 1);
    fixture_write(&b.pages[1], "1 4", 0.9f); /* two cells were not read */
    assert_int_equal(flags_of(assemble(&b), FLAG_OUT_OF_RANGE), 0);
    fixture_write(&b.pages[1], "99999999999999999999999", 0.9f);
    assert_int_equal(flags_of(assemble(&b), FLAG_OUT_OF_RANGE), 0);
    b.pages[1].reading.fields[0].misfit_mm = 3;
    expect(&b, assemble(&b), "Q4", ANSWER_UNREADABLE, "99999999999999999999999", "", true);
    assert_int_equal(flags_of(assemble(&b), FLAG_FIELD_MISPLACED), 1);
    arena_free(b.arena);
}

static void expect_routing(const struct batch *b, const struct return_record *r, const char *item,
                           enum routing_status routing, const char *coded)
{
    const struct answer *a = answer_of(b, r, item);
    if (a->routing != routing || strcmp(a->coded, coded) != 0)
        fail_msg("%s: %s, coded '%s'; expected %s, '%s'", item, routing_status_name(a->routing),
                 a->coded, routing_status_name(routing), coded);
}

static void routing_walks_the_path(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    mark(&b, "Q1", "2", CROSS); /* on to Q4 */
    mark(&b, "Q3a", "1", CROSS);
    const struct return_record *r = assemble(&b);
    expect_routing(&b, r, "Q1", ROUTING_EXPECTED, "2");
    expect_routing(&b, r, "Q2", ROUTING_SKIPPED, "-98");
    expect_routing(&b, r, "Q3a", ROUTING_VIOLATED, "-98");
    assert_string_equal(answer_of(&b, r, "Q3a")->raw, "1"); /* raw stays */
    assert_false(answer_of(&b, r, "Q3a")->flagged);         /* and the desk is not flooded */
    expect_routing(&b, r, "Q3b", ROUTING_SKIPPED, "-98");
    expect_routing(&b, r, "Q4", ROUTING_EXPECTED, "-99");
    expect_routing(&b, r, "Q5", ROUTING_EXPECTED, "-99");
    mark(&b, "Q1", "2", EMPTY);
    mark(&b, "Q1", "3", CROSS); /* the end */
    r = assemble(&b);
    expect_routing(&b, r, "Q4", ROUTING_SKIPPED, "-98");
    expect_routing(&b, r, "Q6", ROUTING_SKIPPED, "-98");
    mark(&b, "Q1", "3", EMPTY);
    mark(&b, "Q1", "1", CROSS);
    r = assemble(&b);
    expect_routing(&b, r, "Q2", ROUTING_EXPECTED, "-99");
    expect_routing(&b, r, "Q3a", ROUTING_EXPECTED, "1");
    arena_free(b.arena);
}

static void routing_is_unknown_where_the_deciding_answer_is_not_plain(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.form->questions[0].options = ARENA_NEW(b.arena, struct option, 3);
    memcpy(b.form->questions[0].options, fixture_q1, sizeof fixture_q1);
    b.form->questions[0].options[2].go_to = NULL; /* all paths meet at Q4 */
    mark(&b, "Q3a", "1", CROSS);
    enum fixture_mark not_plain[][2] = {{EMPTY, EMPTY},  {CROSS, CROSS},  {FAINT, EMPTY},
                                        {FILLED, EMPTY}, {MISPLACED, CROSS}};
    for (size_t i = 0; i < sizeof not_plain / sizeof *not_plain; i++) {
        mark(&b, "Q1", "1", not_plain[i][0]);
        mark(&b, "Q1", "2", not_plain[i][1]);
        const struct return_record *r = assemble(&b);
        expect_routing(&b, r, "Q2", ROUTING_UNKNOWN, "");
        expect_routing(&b, r, "Q3a", ROUTING_UNKNOWN, "1");
        expect_routing(&b, r, "Q4", ROUTING_EXPECTED, "-99");
    }
    b.form->questions[0].options[2].go_to = "end"; /* now no question is certain */
    expect_routing(&b, assemble(&b), "Q4", ROUTING_UNKNOWN, "");
    arena_free(b.arena);
}

static void routing_by_several_boxes_and_by_question(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct option *options = ARENA_NEW(b.arena, struct option, 4);
    memcpy(options, fixture_q2, sizeof fixture_q2);
    options[3].go_to = "Q5";
    b.form->questions[1].options = options;
    mark(&b, "Q1", "1", CROSS);
    mark(&b, "Q2", "none", CROSS);
    expect_routing(&b, assemble(&b), "Q3a", ROUTING_SKIPPED, "-98");
    mark(&b, "Q2", "none", EMPTY);
    mark(&b, "Q2", "a", CROSS);
    expect_routing(&b, assemble(&b), "Q3a", ROUTING_EXPECTED, "-99");
    b.form->questions[2].go_to = "Q5"; /* whatever the answer */
    expect_routing(&b, assemble(&b), "Q4", ROUTING_SKIPPED, "-98");
    b.form->questions[2].go_to = "Q1"; /* backwards: passed over, no endless walk */
    expect_routing(&b, assemble(&b), "Q4", ROUTING_EXPECTED, "-99");
    arena_free(b.arena);
}

static void outcomes(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    const struct return_record *r = assemble(&b);
    assert_int_equal(r->outcome, OUTCOME_BLANK);
    assert_int_equal(r->flag_count, 1);
    assert_int_equal(r->flags[0].flag, FLAG_RETURN_BLANK);
    enum fixture_mark touched[] = {CROSS, FILLED, FAINT, BESIDE, MISPLACED};
    for (size_t i = 0; i < sizeof touched / sizeof *touched; i++) {
        mark(&b, "Q5", "2", touched[i]);
        assert_int_equal(assemble(&b)->outcome, OUTCOME_COMPLETE);
    }
    mark(&b, "Q5", "2", EMPTY);
    /* "please do not write to me again" */
    fixture_piece(&b.pages[0], (struct rect){60, 200, 40, 6}, SIZE_MAX, 0, 0);
    r = assemble(&b);
    assert_int_equal(r->outcome, OUTCOME_COMPLETE);
    assert_int_equal(flags_of(r, FLAG_INK_OUTSIDE), 1);
    b.pages[0].reading.piece_count = 0;
    fixture_write(&b.pages[2], NULL, 0);
    assert_int_equal(assemble(&b)->outcome, OUTCOME_COMPLETE);
    arena_free(b.arena);
}

static void a_missing_page_is_said(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.pages[1].reason = FLAG_NOT_REGISTERED;
    b.pages[1].detail = "the left third";
    mark(&b, "Q1", "2", CROSS);
    const struct form *forms[] = {b.form};
    struct batch_record record = record_assemble(b.arena, b.pages, 3, forms, 1, &b.calibration);
    assert_int_equal(record.return_count, 1);
    assert_int_equal(record.flag_count, 1);
    assert_int_equal(record.flags[0].flag, FLAG_NOT_REGISTERED);
    assert_int_equal(record.flags[0].result, 1);
    assert_string_equal(record.flags[0].detail, "the left third");
    const struct return_record *r = &record.returns[0];
    assert_int_equal(r->outcome, OUTCOME_PARTIAL);
    assert_int_equal(r->flag_count, 1);
    assert_int_equal(r->flags[0].flag, FLAG_RETURN_INCOMPLETE);
    assert_string_equal(r->flags[0].detail, "page 2");
    assert_true(r->pages[1] == SIZE_MAX);
    assert_null(r->boxes[1]);
    expect(&b, r, "Q4", ANSWER_PAGE_MISSING, "", "", false);
    expect(&b, r, "Q3a", ANSWER_PAGE_MISSING, "", "-98", false); /* routed past either way */
    assert_true(answer_of(&b, r, "Q4")->result == SIZE_MAX);
    arena_free(b.arena);
}

static void boxes_that_are_not_there_prove_another_page(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_reading boxes[10];
    for (size_t i = 0; i < 10; i++) {
        boxes[i] = b.pages[0].reading.boxes[0];
        boxes[i].evidence.print_found = i < 5 ? 1 : 0.1f;
    }
    size_t printed = b.pages[0].reading.box_count;
    b.pages[0].reading.boxes = boxes;
    b.pages[0].reading.box_count = 10;
    const struct form *forms[] = {b.form};
    record_assemble(b.arena, b.pages, 3, forms, 1, &b.calibration);
    assert_int_equal(b.pages[0].reason, FLAG_NOT_REGISTERED);
    /* boxes that the blank shows beside their places: of a whole page, however few */
    for (size_t i = 0; i < 10; i++)
        boxes[i].evidence.print_found = PRINT_ELSEWHERE;
    for (size_t count = 3; count <= 10; count += 7) {
        b.pages[0].reason = FLAG_NONE;
        b.pages[0].reading.box_count = count;
        record_assemble(b.arena, b.pages, 3, forms, 1, &b.calibration);
        assert_int_equal(b.pages[0].reason, FLAG_NOT_REGISTERED);
        assert_non_null(strstr(b.pages[0].detail, "is template.json of another blank?"));
    }
    /* a form that prints no outlines proves nothing that way */
    for (size_t i = 0; i < 10; i++)
        boxes[i].evidence.print_found = PRINT_NONE;
    b.pages[0].reason = FLAG_NONE;
    b.pages[0].reading.box_count = printed;
    assemble(&b);
    assert_int_equal(b.pages[0].reason, FLAG_NONE);
    arena_free(b.arena);
}

static void a_page_twice_is_kept_once(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct page_result pages[4] = {b.pages[0], b.pages[1], b.pages[2]};
    pages[3] = fixture_page(b.arena, b.form, 0, 0, "0001A", "in/b.tif", 0);
    pages[3].hash = "def";
    fixture_mark(&pages[0], b.form, "Q1", "1", CROSS);
    fixture_mark(&pages[3], b.form, "Q1", "2", CROSS);
    const struct form *forms[] = {b.form};
    struct batch_record record = record_assemble(b.arena, pages, 4, forms, 1, &b.calibration);
    assert_int_equal(record.return_count, 1);
    assert_int_equal(record.returns[0].pages[0], 0);
    assert_string_equal(record.returns[0].answers[0].raw, "1");
    assert_int_equal(pages[3].reason, FLAG_PAGE_TWICE);
    assert_string_equal(pages[3].detail, "page 1 of return 0001A; kept: in/a.tif, image 1");
    assert_int_equal(record.flag_count, 1);
    assert_int_equal(record.flags[0].flag, FLAG_PAGE_TWICE);
    pages[3].hash = pages[0].hash; /* a file that was copied is told as such */
    pages[3].reason = FLAG_NONE;
    record_assemble(b.arena, pages, 4, forms, 1, &b.calibration);
    assert_int_equal(pages[3].reason, FLAG_PAGE_TWICE);
    assert_string_equal(pages[3].detail, "this file is a copy, byte for byte, of in/a.tif");
    arena_free(b.arena);
}

static void a_page_without_its_reference_is_set_aside(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    b.pages[2].placed.known.has_reference = false;
    const struct form *forms[] = {b.form};
    struct batch_record record = record_assemble(b.arena, b.pages, 3, forms, 1, &b.calibration);
    assert_int_equal(record.return_count, 1);
    assert_int_equal(b.pages[2].reason, FLAG_REFERENCE_UNREADABLE);
    assert_int_equal(record.returns[0].outcome, OUTCOME_PARTIAL);
    arena_free(b.arena);
}

/* Pages of a form without codes, given as "folder/file:image:page" or "folder/file:image:x" for an
 * image that was not read and "...:b" for a blank one. */
static struct batch_record assemble_uncoded(struct batch *b, struct page_result *results,
                                            const char *const *specs, size_t count)
{
    b->form = fixture_form(b->arena, false);
    for (size_t i = 0; i < count; i++) {
        char source[64], what;
        int image;
        assert_int_equal(sscanf(specs[i], "%63[^:]:%d:%c", source, &image, &what), 3);
        size_t page = what >= '1' && what <= '3' ? (size_t)(what - '1') : 0;
        results[i] =
            fixture_page(b->arena, b->form, 0, page, NULL, arena_strdup(b->arena, source), image);
        results[i].hash = results[i].source; /* each file has content of its own */
        if (what == 'x')
            results[i].reason = FLAG_NOT_REGISTERED;
        if (what == 'b')
            results[i].reason = FLAG_BLANK_PAGE;
    }
    const struct form **forms = ARENA_NEW(b->arena, const struct form *, 1);
    forms[0] = b->form;
    return record_assemble(b->arena, results, count, forms, 1, &b->calibration);
}

static void forms_without_codes_are_parted_by_page_numbers(void **state)
{
    (void)state;
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    struct page_result results[16];
    const char *plain[] = {"in/a:0:1", "in/a:1:b", "in/a:2:2", "in/a:3:3",
                           "in/a:4:1", "in/a:5:2", "in/a:6:3"};
    struct batch_record r = assemble_uncoded(&b, results, plain, 7);
    assert_int_equal(r.return_count, 2);
    assert_string_equal(r.returns[0].reference, "in/a#1");
    assert_string_equal(r.returns[1].reference, "in/a#5");
    assert_int_equal(flags_of(&r.returns[0], FLAG_RETURN_DOUBTFUL), 0);

    const char *back[] = {"in/a:0:1", "in/a:1:3", "in/a:2:2", "in/a:3:2", "in/b/a:0:3"};
    r = assemble_uncoded(&b, results, back, 5);
    assert_int_equal(r.return_count, 4); /* 1 3 | 2 | 2 | another folder */
    assert_int_equal(r.returns[0].outcome, OUTCOME_PARTIAL);

    const char *doubtful[] = {"in/a:0:1", "in/a:1:x", "in/a:2:2", "in/b:0:3"};
    r = assemble_uncoded(&b, results, doubtful, 4);
    assert_int_equal(r.return_count, 1);
    assert_int_equal(flags_of(&r.returns[0], FLAG_RETURN_DOUBTFUL), 2);
    arena_free(b.arena);
}

static void one_page_forms_make_a_return_an_image(void **state)
{
    (void)state;
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    b.form = fixture_form(b.arena, false);
    b.form->page_count = 1;
    b.form->item_count = 2;
    b.form->question_count = 2;
    struct page_result results[12];
    for (int i = 0; i < 12; i++)
        results[i] = fixture_page(b.arena, b.form, 0, 0, NULL, "x.tif", i);
    const struct form *forms[] = {b.form};
    struct batch_record r = record_assemble(b.arena, results, 12, forms, 1, &b.calibration);
    assert_int_equal(r.return_count, 12);
    assert_string_equal(r.returns[0].reference, "x.tif#1");
    assert_string_equal(r.returns[1].reference, "x.tif#2"); /* in input order, not as text */
    assert_string_equal(r.returns[11].reference, "x.tif#12");
    assert_int_equal(r.returns[2].flag_count, 1); /* it is blank, and that is all */
    results[7].image = 2;                         /* a copy of image 3 under another name */
    results[7].source = "y.tif";
    r = record_assemble(b.arena, results, 12, forms, 1, &b.calibration);
    assert_int_equal(flags_of(&r.returns[2], FLAG_RETURN_DOUBTFUL), 0);
    assert_int_equal(flags_of(&r.returns[7], FLAG_RETURN_DOUBTFUL), 1);
    assert_string_equal(r.returns[7].flags[0].detail, "the same scan as x.tif, image 3");
    arena_free(b.arena);
}

/* ---- order must not matter ---------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void shuffle(void *items, size_t count, size_t size, uint64_t *seed)
{
    char *bytes = items, swap[16384];
    assert_true(size <= sizeof swap);
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)(next_random(seed) % i);
        memcpy(swap, bytes + (i - 1) * size, size);
        memcpy(bytes + (i - 1) * size, bytes + j * size, size);
        memcpy(bytes + j * size, swap, size);
    }
}

/* Everything that is said of the returns, by names alone. */
static char *describe(struct arena *arena, const struct batch_record *batch,
                      const struct form *const *forms, const struct page_result *results)
{
    char *text = arena_strdup(arena, "");
    for (size_t n = 0; n < batch->return_count; n++) {
        const struct return_record *r = &batch->returns[n];
        const struct form *form = forms[r->form];
        text = arena_printf(arena, "%s\n%s %s %s flags %zu:", text, form->id, r->reference,
                            outcome_name(r->outcome), r->flag_count);
        for (size_t p = 0; p < form->page_count; p++)
            text = arena_printf(arena, "%s %d", text,
                                r->pages[p] == SIZE_MAX ? -1 : results[r->pages[p]].image);
        for (const char *const *name =
                 (const char *const[]){"Q1", "Q2", "Q3a", "Q3b", "Q4", "Q5", "Q6", NULL};
             *name != NULL; name++) {
            const struct answer *a = &r->answers[item_index(form, *name)];
            text = arena_printf(arena, "%s %s=%s/%s/%s/%s/%.6f/%d", text, *name, a->raw, a->coded,
                                answer_status_name(a->status), routing_status_name(a->routing),
                                a->confidence, a->flagged);
        }
    }
    return text;
}

/* Puts the boxes of a page in another order, template and readings alike. */
static void shuffle_boxes(struct arena *arena, struct form *form, struct page_result *results,
                          size_t count, size_t form_index, uint64_t *seed)
{
    for (size_t p = 0; p < form->page_count; p++) {
        size_t n = form->pages[p].box_count, order[16];
        for (size_t b = 0; b < n; b++)
            order[b] = b;
        shuffle(order, n, sizeof *order, seed);
        struct template_box *boxes = ARENA_NEW(arena, struct template_box, n);
        for (size_t b = 0; b < n; b++)
            boxes[b] = form->pages[p].boxes[order[b]];
        form->pages[p].boxes = boxes;
        for (size_t r = 0; r < count; r++) {
            if (results[r].placed.known.form != form_index || results[r].placed.known.page != p)
                continue;
            struct box_reading *old = results[r].reading.boxes;
            results[r].reading.boxes = ARENA_NEW(arena, struct box_reading, n);
            for (size_t b = 0; b < n; b++)
                results[r].reading.boxes[b] = old[order[b]];
        }
    }
}

static void shuffle_items(struct arena *arena, struct form *form, uint64_t *seed)
{
    size_t order[16], place[16];
    for (size_t i = 0; i < form->item_count; i++)
        order[i] = i;
    shuffle(order, form->item_count, sizeof *order, seed);
    struct item *items = ARENA_NEW(arena, struct item, form->item_count);
    for (size_t i = 0; i < form->item_count; i++) {
        items[i] = form->items[order[i]];
        place[order[i]] = i;
    }
    form->items = items;
    for (size_t p = 0; p < form->page_count; p++) {
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            form->pages[p].boxes[b].item = place[form->pages[p].boxes[b].item];
        for (size_t f = 0; f < form->pages[p].field_count; f++)
            form->pages[p].fields[f].item = place[form->pages[p].fields[f].item];
    }
}

static void order_does_not_matter(void **state)
{
    (void)state;
    struct calibration calibration = fixture_calibration();
    for (uint64_t round = 1; round <= 60; round++) {
        struct arena *arena = arena_new();
        uint64_t seed = round * 0x9E3779B97F4A7C15u;
        struct form *forms[2] = {fixture_form(arena, true), fixture_form(arena, true)};
        forms[1]->id = "second";
        struct page_result results[60];
        size_t count = 0;
        for (size_t n = 0; n < 20; n++)
            for (size_t p = 0; p < 3; p++) {
                if (next_random(&seed) % 12 == 0)
                    continue; /* a page is missing */
                char reference[8];
                snprintf(reference, sizeof reference, "%03zu", n / 2);
                results[count] =
                    fixture_page(arena, forms[n % 2], n % 2, p, reference, "s", (int)count);
                struct page_result *r = &results[count++];
                for (size_t b = 0; b < r->reading.box_count; b++)
                    r->reading.boxes[b].evidence =
                        fixture_evidence(next_random(&seed) % 3 ? EMPTY : next_random(&seed) % 7);
                if (p > 0 && next_random(&seed) % 2)
                    fixture_write(r, "1955", 0.5f);
            }
        const struct form *const *borrowed = (const struct form *const *)forms;
        struct batch_record before =
            record_assemble(arena, results, count, borrowed, 2, &calibration);
        char *expected = describe(arena, &before, borrowed, results);
        shuffle(results, count, sizeof *results, &seed);
        for (size_t f = 0; f < 2; f++) {
            shuffle_boxes(arena, forms[f], results, count, f, &seed);
            shuffle_items(arena, forms[f], &seed);
        }
        struct batch_record after =
            record_assemble(arena, results, count, borrowed, 2, &calibration);
        assert_string_equal(describe(arena, &after, borrowed, results), expected);
        arena_free(arena);
    }
}

static void more_ink_never_makes_a_box_emptier(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL};
    /* nobody known, a hard pencil, a felt tip, someone who fills boxes, one that the scans lose; on clean
     * pages, and on one of blurred outlines and specks */
    const struct pen pens[] = {
        {0},
        {.known = true, .ink = 0.03},
        {.known = true, .ink = 0.5},
        {.known = true, .ink = 0.15, .fill_habit = 0.95, .filled = 20, .fill = {0.7, 0.9, 0.5, 0.3}},
        {.known = true, .ink = 0.05, .faint = true}};
    const struct quiet quiets[] = {{0}, {.ink = 0.01, .faint = 0.05, .faint_core = 0.03, .specks = 0.15}};
    enum { PENS = 5, CASES = 2 * 2 * PENS };
    for (int n = 0; n < CASES; n++) {
        bool critical = n % 2, touched = false;
        struct quiet quiet = quiets[n / 2 % 2];
        struct pen pen = pens[n / 4];
        for (int i = 0; i <= 1000; i++) {
            struct box_evidence e = fixture_evidence(EMPTY);
            e.ink_share = e.faint_share = (float)i / 1000;
            e.largest_white_share = 1 - e.ink_share;
            e.core_share = e.faint_core_share = (float)fmax(0, 1.4 * i / 1000.0 - 0.4); /* from the edge in */
            struct box_decision d = decide_box(&e, &quiet, &pen, &policy, critical, &c);
            assert_true(d.confidence >= 0 && d.confidence <= 1);
            assert_true(d.state != BOX_UNCERTAIN || d.flag != FLAG_NONE);
            assert_false(touched && d.state == BOX_EMPTY);
            touched |= d.state != BOX_EMPTY;
        }
        assert_true(touched);
    }
    const struct pen pen = {0};
    const struct quiet quiet = {0};
    struct box_evidence e = fixture_evidence(CROSS);
    e.darkness = (float)NAN;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_UNCERTAIN);
}

static void an_empty_batch(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct calibration c = fixture_calibration();
    const struct form *forms[] = {fixture_form(arena, true)};
    struct batch_record r = record_assemble(arena, NULL, 0, forms, 1, &c);
    assert_int_equal(r.return_count, 0);
    assert_int_equal(r.flag_count, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_of_a_single_choice),
        cmocka_unit_test(every_rule_for_multiple_marks),
        cmocka_unit_test(every_rule_for_withdrawn_only),
        cmocka_unit_test(rules_for_a_mark_between),
        cmocka_unit_test(several_choices),
        cmocka_unit_test(marks_that_the_scans_lose_are_told),
        cmocka_unit_test(strays_are_seen_beside_a_mark),
        cmocka_unit_test(traces_are_seen_where_nothing_is_marked),
        cmocka_unit_test(a_ring_is_told_of_the_box_it_is_round),
        cmocka_unit_test(a_little_ink_beside_much_is_not_told_of),
        cmocka_unit_test(ink_beside_a_doubtful_box_is_not_told_of),
        cmocka_unit_test(a_box_filled_again_among_answers_is_looked_at),
        cmocka_unit_test(blanks_beside_doubtful_answers_are_looked_at),
        cmocka_unit_test(a_tail_beside_the_next_box_is_told_of_the_first),
        cmocka_unit_test(ink_between_two_boxes_is_told_whole),
        cmocka_unit_test(a_little_ink_beside_is_dirt_where_a_box_is_marked),
        cmocka_unit_test(a_bulge_of_the_outline_is_looked_at),
        cmocka_unit_test(a_fill_without_a_mark_below_is_looked_at),
        cmocka_unit_test(a_shade_alone_is_looked_at_beside_a_mark),
        cmocka_unit_test(a_blot_beside_a_mark_is_no_mark),
        cmocka_unit_test(a_little_ink_among_specks_is_looked_at),
        cmocka_unit_test(a_dot_is_looked_at_beside_a_mark),
        cmocka_unit_test(fills_beside_many_doubtful_marks_are_looked_at),
        cmocka_unit_test(a_mark_between_two_boxes_is_given_to_neither),
        cmocka_unit_test(writing_beside_a_box_goes_with_its_mark),
        cmocka_unit_test(what_ink_outside_is_taken_for),
        cmocka_unit_test(a_mark_in_a_small_box_may_reach_farther),
        cmocka_unit_test(marks_between_and_struck_are_no_marks),
        cmocka_unit_test(marks_across_a_side_are_between),
        cmocka_unit_test(ink_that_hardly_touches_a_row_is_a_note),
        cmocka_unit_test(light_lines_must_bend),
        cmocka_unit_test(broken_lines_are_damage),
        cmocka_unit_test(what_is_left_of_a_faint_mark_is_looked_at),
        cmocka_unit_test(a_mark_among_specks_is_looked_at_beside_another),
        cmocka_unit_test(a_mark_among_specks_may_lie_between_boxes),
        cmocka_unit_test(ink_beside_a_faint_mark_is_its_own),
        cmocka_unit_test(bubbles_are_answers_where_nothing_is_withdrawn),
        cmocka_unit_test(a_scribble_beside_an_answer_is_looked_at),
        cmocka_unit_test(someone_who_fills_boxes_is_looked_at),
        cmocka_unit_test(a_lone_dark_box_of_someone_who_fills_boxes_is_an_answer),
        cmocka_unit_test(a_filled_box_of_someone_who_marks_beside_boxes_is_none),
        cmocka_unit_test(a_lone_ragged_box_of_someone_whose_marks_are_all_so_is_an_answer),
        cmocka_unit_test(a_box_filled_twice_is_no_answer),
        cmocka_unit_test(a_trace_in_a_box_of_several_is_never_forgiven),
        cmocka_unit_test(a_trace_is_looked_at_where_nothing_is_marked),
        cmocka_unit_test(several_specks_beside_a_mark_are_looked_at),
        cmocka_unit_test(a_shade_across_a_box_is_looked_at),
        cmocka_unit_test(a_tinge_of_a_blank_question_is_looked_at),
        cmocka_unit_test(a_dot_on_an_outline_tells_on_black_and_white),
        cmocka_unit_test(a_hint_tells_where_an_answer_is_due),
        cmocka_unit_test(a_dash_along_the_outline_is_looked_at),
        cmocka_unit_test(a_bit_across_the_outline_is_looked_at),
        cmocka_unit_test(a_hint_tells_between_answers_of_a_hidden_path),
        cmocka_unit_test(a_trace_beside_a_misplaced_box_needs_no_flag),
        cmocka_unit_test(a_struck_label_is_looked_at),
        cmocka_unit_test(a_short_line_through_the_label_of_an_empty_box_tells_little),
        cmocka_unit_test(specks_along_a_label_are_looked_at),
        cmocka_unit_test(a_mark_that_meets_the_tail_of_another_item_speaks_of_its_own_box),
        cmocka_unit_test(a_trace_on_both_sides_of_the_outline_is_looked_at),
        cmocka_unit_test(a_faded_box_is_read_but_no_blank),
        cmocka_unit_test(a_shade_around_a_box_is_looked_at),
        cmocka_unit_test(a_bit_of_ink_tells_more_where_print_is_lost),
        cmocka_unit_test(lone_pixels_are_looked_at),
        cmocka_unit_test(pixels_tell_nothing_where_all_boxes_have_them),
        cmocka_unit_test(a_doubtful_box_leaves_the_answer_open),
        cmocka_unit_test(a_little_ink_beside_one_of_several_is_looked_at),
        cmocka_unit_test(a_light_line_in_a_box_is_looked_at),
        cmocka_unit_test(light_parts_beside_a_box_are_looked_at),
        cmocka_unit_test(grain_and_fading_streaks_are_no_marks),
        cmocka_unit_test(a_mark_struck_through_is_looked_at),
        cmocka_unit_test(damage_through_a_box_is_no_mark),
        cmocka_unit_test(a_mark_that_touches_a_filling_speaks_of_its_own_box),
        cmocka_unit_test(critical_questions_are_stricter),
        cmocka_unit_test(every_mark_of_several_critical_ones_is_looked_at),
        cmocka_unit_test(specks_in_a_row_are_looked_at_beside_a_mark),
        cmocka_unit_test(a_mark_of_much_more_ink_than_usual_is_looked_at),
        cmocka_unit_test(written_answers_go_to_a_person),
        cmocka_unit_test(routing_walks_the_path),
        cmocka_unit_test(routing_is_unknown_where_the_deciding_answer_is_not_plain),
        cmocka_unit_test(routing_by_several_boxes_and_by_question),
        cmocka_unit_test(outcomes),
        cmocka_unit_test(a_missing_page_is_said),
        cmocka_unit_test(boxes_that_are_not_there_prove_another_page),
        cmocka_unit_test(a_page_twice_is_kept_once),
        cmocka_unit_test(a_page_without_its_reference_is_set_aside),
        cmocka_unit_test(forms_without_codes_are_parted_by_page_numbers),
        cmocka_unit_test(one_page_forms_make_a_return_an_image),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(more_ink_never_makes_a_box_emptier),
        cmocka_unit_test(an_empty_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
