/* Photos of sheets, straightened. */
#include "page/photo.h"

#include <math.h>
#include <string.h>

/* The aspect that the perspective tells is off by some per cent; A4 and Letter differ by 9 %. */
#define ASPECT_OFF 0.22

/* Keeps the likeliest sizes, each once. */
static size_t add_paper(struct photo_paper *papers, size_t count, const struct photo_paper *paper)
{
    for (size_t i = 0; i < count; i++)
        if (fabs(papers[i].width_mm / paper->width_mm - 1) < 0.01 &&
            fabs(papers[i].height_mm / paper->height_mm - 1) < 0.01)
            return count;
    size_t place = count;
    while (place > 0 && papers[place - 1].misfit > paper->misfit)
        place--;
    if (place >= PHOTO_PAPERS_MAX)
        return count;
    if (count < PHOTO_PAPERS_MAX)
        count++;
    memmove(papers + place + 1, papers + place, (count - 1 - place) * sizeof *papers);
    papers[place] = *paper;
    return count;
}

size_t photo_find(struct sheet *sheet, struct photo_paper papers[PHOTO_PAPERS_MAX],
                  const struct page_library *library, const struct raw_page *raw)
{
    size_t count = 0;
    if (raw->grey == NULL || !sheet_find(sheet, raw->grey, &library->calibration))
        return 0;
    for (size_t i = 0; i < library->page_count; i++)
        for (int turned = 0; turned < 2; turned++) {
            const struct template_page *page = library->pages[i].template;
            struct photo_paper paper = {turned ? page->height_mm : page->width_mm,
                                        turned ? page->width_mm : page->height_mm, 0};
            double least, most;
            paper.misfit = fabs(log(sheet->aspect * paper.height_mm / paper.width_mm));
            sheet_dpi(&least, &most, sheet, paper.width_mm, paper.height_mm);
            if (paper.misfit < ASPECT_OFF && least >= library->calibration.dpi_min)
                count = add_paper(papers, count, &paper);
        }
    return count;
}

bool photo_working(struct working *out, const struct page_library *library,
                   const struct raw_page *raw, const struct sheet *sheet,
                   const struct photo_paper *paper)
{
    struct transform mm_to_px;
    double least, most;
    if (!sheet_transform(&mm_to_px, sheet, paper->width_mm, paper->height_mm))
        return false;
    sheet_dpi(&least, &most, sheet, paper->width_mm, paper->height_mm);
    double dpi = working_dpi(usual_dpi(most));
    PIX *grey = sheet_straighten(raw->grey, &mm_to_px, paper->width_mm, paper->height_mm, dpi);
    working_init_grey(out, grey, dpi, &library->calibration);
    pixDestroy(&grey);
    struct transform to_mm = {{MM_PER_INCH / dpi, 0, 0, 0, MM_PER_INCH / dpi, 0, 0, 0}};
    out->to_image = transform_compose(&mm_to_px, &to_mm);
    out->is_photo = true;
    return true;
}
