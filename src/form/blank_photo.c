/* A blank that was photographed: the sheet straightened, its shading taken off. */
#include <math.h>
#include <string.h>

#include "form/blank_internal.h"
#include "form/plate.h"
#include "form/sheet.h"

/* Sides that lie within this of the picture's are a scanner's doing. */
#define UPRIGHT_DEG 0.7
/* The paper's level is looked for at this fraction of the plate's resolution, around print as large as
 * this there (12 mm). */
#define SHADE_SHRINK 8
#define SHADE_PX 17
#define RIM_MM 2.5 /* paper is not quite flat, nor its outline quite straight */

const struct paper blank_papers[PAPER_COUNT] = {
    {"A4", 210, 297},         {"A3", 297, 420},          {"A5", 148, 210},
    {"Letter", 215.9, 279.4}, {"Legal", 215.9, 355.6},   {"Tabloid", 279.4, 431.8}};

static const struct paper *paper_named(const char *name)
{
    for (size_t i = 0; i < PAPER_COUNT; i++)
        if (strcasecmp(blank_papers[i].name, name) == 0)
            return &blank_papers[i];
    return NULL;
}

bool blank_paper_is_known(const char *name)
{
    return paper_named(name) != NULL;
}

/* The paper whose sides are likest; of A3, A4 and A5, which are alike, A4. */
static const struct paper *paper_like(double aspect)
{
    static const char *const likely[] = {"A4", "Letter", "Legal", "Tabloid"};
    const struct paper *best = NULL;
    double least = INFINITY;
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++) {
        const struct paper *paper = paper_named(likely[i]);
        double misfit = fabs(fabs(log(aspect)) - log(paper->long_mm / paper->short_mm));
        if (misfit < least) {
            least = misfit;
            best = paper;
        }
    }
    return best;
}

/* The rim of the sheet, where the background may look in, becomes paper. */
static void clear_rim(PIX *grey)
{
    int rim = (int)(RIM_MM / MM_PER_INCH * PLATE_DPI);
    pixSetOrClearBorder(grey, rim, rim, rim, rim, PIX_SET);
}

static bool is_upright(const struct sheet *sheet)
{
    for (int side = 0; side < 4; side++) {
        struct point a = sheet->corners_px[side], b = sheet->corners_px[(side + 1) % 4];
        double angle = atan2(b.y - a.y, b.x - a.x) * 180 / M_PI;
        if (fabs(angle - 90 * round(angle / 90)) > UPRIGHT_DEG)
            return false;
    }
    return true;
}

static PIX *must(PIX *pix)
{
    if (pix == NULL)
        error_die("out of memory while straightening a photo");
    return pix;
}

/* Paper becomes white and the rest stays in proportion, in place. */
static void flatten(PIX *grey)
{
    PIX *small = must(pixScaleAreaMap(grey, 1.0f / SHADE_SHRINK, 1.0f / SHADE_SHRINK));
    PIX *closed = must(pixCloseGray(small, SHADE_PX, SHADE_PX));
    PIX *smooth = must(pixBlockconv(closed, SHADE_PX / 4, SHADE_PX / 4));
    int w = pixGetWidth(grey), h = pixGetHeight(grey);
    PIX *paper = must(pixScaleToSize(smooth, w, h));
    for (int y = 0; y < h; y++) {
        l_uint32 *line = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        const l_uint32 *level = pixGetData(paper) + (size_t)y * (size_t)pixGetWpl(paper);
        for (int x = 0; x < w; x++) {
            unsigned white = GET_DATA_BYTE(level, x), here = GET_DATA_BYTE(line, x);
            SET_DATA_BYTE(line, x, (l_uint8)(here >= white ? 255 : 255 * here / white));
        }
    }
    pixDestroy(&small);
    pixDestroy(&closed);
    pixDestroy(&smooth);
    pixDestroy(&paper);
}

bool blank_is_photo(struct blank_page *out, PIX *grey, const char *path, const char *asked_paper,
                    bool is_scan, struct text *notes)
{
    struct calibration calibration;
    struct sheet sheet;
    struct error err;
    struct transform mm_to_px;
    if (!calibration_load(&calibration, &err))
        error_die("%s", err.text);
    if (!sheet_find(&sheet, grey, &calibration.registration) ||
        (is_scan && asked_paper == NULL && is_upright(&sheet)))
        return false;
    const struct paper *paper =
        asked_paper == NULL ? paper_like(sheet.aspect) : paper_named(asked_paper);
    out->width_mm = sheet.aspect < 1 ? paper->short_mm : paper->long_mm;
    out->height_mm = sheet.aspect < 1 ? paper->long_mm : paper->short_mm;
    if (!sheet_transform(&mm_to_px, &sheet, out->width_mm, out->height_mm) ||
        !transform_invert(&out->px_to_mm, &mm_to_px))
        return false;
    PIX *straight = sheet_straighten(grey, &mm_to_px, out->width_mm, out->height_mm, PLATE_DPI);
    flatten(straight);
    clear_rim(straight);
    out->plate = blank_binarise(straight);
    pixDestroy(&straight);
    double least, most;
    sheet_dpi(&least, &most, &sheet, out->width_mm, out->height_mm);
    text_addf(notes, "%s: straightened: it is a photo of a sheet taken at an angle, %s as %s%s; about %.0f "
                     "to %.0f dpi\n",
              path, asked_paper == NULL ? "taken" : "given", paper->name,
              asked_paper == NULL ? " by its shape (--paper overrules)" : "", least, most);
    return true;
}
