/* Reads a PDF page's content just far enough to know that it is one picture and nothing else. */
#include "scan/pdf_content.h"

#include <stdlib.h>
#include <string.h>

#define OPERANDS_MAX 16
#define DEPTH_MAX 28 /* what PDF promises for q */
#define INVISIBLE 3  /* text rendering mode */
#define CLIP_SLACK_PT 1.0

struct state {
    double matrix[6];
    int text_mode;
    bool coloured_ink; /* anything but black */
};

struct reader {
    const unsigned char *at, *end;
    struct rect page_box_pt;
    double numbers[OPERANDS_MAX];
    int number_count;
    char name[64]; /* the last name operand */
    struct state stack[DEPTH_MAX + 1];
    int depth;
    struct rect path_pt; /* the one rectangle of the current path */
    int path_count;
    bool clip, in_text;
    int images;
    struct pdf_placement placement;
};

static bool is_space(int c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_delimiter(int c)
{
    return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
           c == '}' || c == '/' || c == '%';
}

static bool skip_string(struct reader *r)
{
    int depth = 0;
    for (; r->at < r->end; r->at++) {
        if (*r->at == '\\')
            r->at++;
        else if (*r->at == '(')
            depth++;
        else if (*r->at == ')' && --depth == 0) {
            r->at++;
            return true;
        }
        if (r->at >= r->end)
            return false;
    }
    return false;
}

static bool skip_hex_string(struct reader *r)
{
    while (r->at < r->end && *r->at != '>')
        r->at++;
    if (r->at == r->end)
        return false;
    r->at++;
    return true;
}

/* The regular characters from here on, at most size - 1 of them. */
static bool take_word(struct reader *r, char *out, size_t size, bool name)
{
    size_t length = 0;
    if (name)
        out[length++] = (char)*r->at++;
    while (r->at < r->end && !is_space(*r->at) && !is_delimiter(*r->at)) {
        if (length + 1 >= size || *r->at == '#')
            return false;
        out[length++] = (char)*r->at++;
    }
    out[length] = '\0';
    return length > 0;
}

static void multiply(double out[6], const double a[6], const double b[6])
{
    double product[6] = {a[0] * b[0] + a[1] * b[2],        a[0] * b[1] + a[1] * b[3],
                         a[2] * b[0] + a[3] * b[2],        a[2] * b[1] + a[3] * b[3],
                         a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5]};
    memcpy(out, product, sizeof product);
}

static bool take_rectangle(struct reader *r)
{
    const double *n = r->numbers, *m = r->stack[r->depth].matrix;
    if (r->number_count != 4 || m[1] != 0 || m[2] != 0)
        return false;
    double x0 = n[0] * m[0] + m[4], x1 = (n[0] + n[2]) * m[0] + m[4];
    double y0 = n[1] * m[3] + m[5], y1 = (n[1] + n[3]) * m[3] + m[5];
    r->path_pt = (struct rect){x0 < x1 ? x0 : x1, y0 < y1 ? y0 : y1, x0 < x1 ? x1 - x0 : x0 - x1,
                               y0 < y1 ? y1 - y0 : y0 - y1};
    r->path_count++;
    return true;
}

static bool end_path(struct reader *r)
{
    struct rect clip = rect_grow(r->path_pt, CLIP_SLACK_PT), page = r->page_box_pt;
    bool cuts = r->clip && (r->path_count != 1 || clip.x > page.x || clip.y > page.y ||
                            clip.x + clip.w < page.x + page.w || clip.y + clip.h < page.y + page.h);
    r->clip = false;
    r->path_count = 0;
    return !cuts;
}

static bool show_image(struct reader *r)
{
    if (r->images++ > 0 || r->in_text || r->name[0] == '\0')
        return false;
    memcpy(r->placement.name, r->name, sizeof r->name);
    r->placement.black_ink = !r->stack[r->depth].coloured_ink;
    memcpy(r->placement.matrix, r->stack[r->depth].matrix, sizeof r->placement.matrix);
    return true;
}

/* The operators that set the fill colour; false: another one. */
static bool set_ink(struct reader *r, const char *word)
{
    const double *n = r->numbers;
    bool black;
    if (strcmp(word, "g") == 0)
        black = r->number_count == 1 && n[0] <= 0;
    else if (strcmp(word, "rg") == 0)
        black = r->number_count == 3 && n[0] <= 0 && n[1] <= 0 && n[2] <= 0;
    else if (strcmp(word, "k") == 0)
        black = r->number_count == 4 && n[3] >= 1;
    else if (strcmp(word, "cs") == 0 || strcmp(word, "sc") == 0 || strcmp(word, "scn") == 0)
        black = false; /* perhaps; Poppler will know */
    else
        return false;
    r->stack[r->depth].coloured_ink = !black;
    return true;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* False: something that may be seen, or that we do not know. */
static bool run_operator(struct reader *r, const char *word)
{
    static const char *const harmless[] = {
        "w",  "J",  "j",  "M",  "d",  "ri", "i",  "G",  "RG", "K",   "CS",  "SC", "SCN", "Tc",
        "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*", "BMC", "EMC", "MP", "DP",  NULL};
    static const char *const text[] = {"Tj", "TJ", "'", "\"", NULL};
    struct state *state = &r->stack[r->depth];
    if (is_one_of(word, harmless) || set_ink(r, word))
        return true;
    if (is_one_of(word, text))
        return state->text_mode == INVISIBLE;
    if (strcmp(word, "q") == 0) {
        if (r->depth == DEPTH_MAX)
            return false;
        r->stack[r->depth + 1] = *state;
        r->depth++;
        return true;
    }
    if (strcmp(word, "Q") == 0)
        return r->depth-- > 0;
    if (strcmp(word, "cm") == 0) {
        if (r->number_count != 6)
            return false;
        multiply(state->matrix, r->numbers, state->matrix);
        return true;
    }
    if (strcmp(word, "Tr") == 0) {
        state->text_mode = r->number_count == 1 && r->numbers[0] == INVISIBLE ? INVISIBLE : 0;
        return true;
    }
    if (strcmp(word, "BT") == 0 || strcmp(word, "ET") == 0) {
        r->in_text = word[0] == 'B';
        return true;
    }
    if (strcmp(word, "re") == 0)
        return take_rectangle(r);
    if (strcmp(word, "W") == 0 || strcmp(word, "W*") == 0) {
        r->clip = true;
        return true;
    }
    if (strcmp(word, "n") == 0)
        return end_path(r);
    if (strcmp(word, "Do") == 0)
        return show_image(r);
    if (strcmp(word, "BDC") == 0) /* optional content may be switched off */
        return strcmp(r->name, "/OC") != 0;
    return false;
}

/* One number, name, string or operator. */
static bool take_token(struct reader *r)
{
    int c = *r->at;
    char word[64];
    if (c == '%') {
        while (r->at < r->end && *r->at != '\n' && *r->at != '\r')
            r->at++;
        return true;
    }
    if (c == '(')
        return skip_string(r);
    if (c == '[' || c == ']') {
        r->at++;
        return true;
    }
    if (c == '<' || c == '>') {
        bool twice = r->at + 1 < r->end && r->at[1] == c;
        r->at += twice ? 2 : 1;
        return twice || (c == '<' && skip_hex_string(r));
    }
    if (c == '/') {
        /* The first name counts: BDC has its tag there, all others have one name only. */
        bool first = r->name[0] == '\0';
        return take_word(r, first ? r->name : word, sizeof word, true);
    }
    if (!take_word(r, word, sizeof word, false))
        return false;
    char *rest;
    double number = strtod(word, &rest);
    if (*rest == '\0' && strpbrk(word, "eExXnN") == NULL) {
        if (r->number_count < OPERANDS_MAX)
            r->numbers[r->number_count++] = number;
        return true;
    }
    bool fine = run_operator(r, word);
    r->number_count = 0;
    r->name[0] = '\0';
    return fine;
}

bool pdf_content_is_one_image(struct pdf_placement *out, const unsigned char *content,
                              size_t length, struct rect page_box_pt)
{
    struct reader r = {.at = content,
                       .end = content + length,
                       .page_box_pt = page_box_pt,
                       .stack[0].matrix = {1, 0, 0, 1, 0, 0}};
    while (r.at < r.end) {
        if (is_space(*r.at))
            r.at++;
        else if (!take_token(&r))
            return false;
    }
    *out = r.placement;
    return r.images == 1;
}
