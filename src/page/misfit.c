/* Of the nearest landmarks, which many places of a page share. */
#include "page/misfit.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum { NEAREST = 5 };

void misfit_init(struct misfit *misfit, const struct placed_page *placed)
{
    size_t room = (size_t)placed->landmark_count + 1;
    *misfit = (struct misfit){.reach_mm = INFINITY};
    misfit->x_mm = malloc(4 * room * sizeof *misfit->x_mm);
    misfit->near = malloc(room * sizeof *misfit->near);
    if (misfit->x_mm == NULL || misfit->near == NULL)
        error_die("out of memory: %d landmarks", placed->landmark_count);
    misfit->y_mm = misfit->x_mm + room;
    misfit->off_mm = misfit->y_mm + room;
    misfit->squares = misfit->off_mm + room;
    for (int i = 0; i < placed->landmark_count; i++) {
        const struct landmark_residual *landmark = &placed->landmarks[i];
        if (!landmark->found)
            continue;
        misfit->x_mm[misfit->count] = landmark->x_mm;
        misfit->y_mm[misfit->count] = landmark->y_mm;
        misfit->off_mm[misfit->count++] = hypot(landmark->dx_mm, landmark->dy_mm);
    }
}

void misfit_release(struct misfit *misfit)
{
    free(misfit->x_mm);
    free(misfit->near);
}

/* The place among the `count` least so far, of at most NEAREST, that is `value`'s; NEAREST: none. */
static inline int place_among(const double *least, int count, double value)
{
    int place = count;
    while (place > 0 && least[place - 1] > value)
        place--;
    return place;
}

/* Landmarks among which the nearest are: those no farther than where was asked last says. Their number. */
static int find_near(struct misfit *misfit, struct point at)
{
    double moved = hypot(at.x - misfit->last_mm.x, at.y - misfit->last_mm.y);
    double reach = misfit->reach_mm + moved, most = reach * reach * (1 + 1e-9); /* whatever rounding loses */
    double *restrict squares = misfit->squares;
    int count = 0;
    for (int i = 0; i < misfit->count; i++) {
        double dx = misfit->x_mm[i] - at.x, dy = misfit->y_mm[i] - at.y;
        squares[i] = dx * dx + dy * dy;
    }
    for (int i = 0; i < misfit->count; i++) {
        misfit->near[count] = i;
        count += squares[i] <= most;
    }
    return count;
}

/* So far, squared, lie the NEAREST of `count` at most. */
static double nearest_square(const struct misfit *misfit, int count)
{
    double least[NEAREST] = {0};
    int found = 0;
    for (int n = 0; n < count; n++) {
        double square = misfit->squares[misfit->near[n]];
        if (found == NEAREST && !(square < least[NEAREST - 1]))
            continue;
        int place = place_among(least, found == NEAREST ? NEAREST - 1 : found, square);
        for (int k = (found < NEAREST ? found : NEAREST - 1); k > place; k--)
            least[k] = least[k - 1];
        least[place] = square;
        found += found < NEAREST;
    }
    return found < NEAREST ? INFINITY : least[NEAREST - 1];
}

double misfit_at(struct misfit *misfit, struct point at)
{
    double far[NEAREST] = {0}, off[NEAREST] = {0};
    int count = 0, candidates = find_near(misfit, at);
    double square = nearest_square(misfit, candidates), near = square * (1 + 1e-9);
    for (int n = 0; n < candidates; n++) {
        int i = misfit->near[n];
        if (misfit->squares[i] > near)
            continue;
        double d = hypot(misfit->x_mm[i] - at.x, misfit->y_mm[i] - at.y);
        int place = place_among(far, count, d);
        if (place == NEAREST)
            continue;
        for (int k = (count < NEAREST ? count : NEAREST - 1); k > place; k--) {
            far[k] = far[k - 1];
            off[k] = off[k - 1];
        }
        far[place] = d;
        off[place] = misfit->off_mm[i];
        count += count < NEAREST;
    }
    misfit->last_mm = at;
    misfit->reach_mm = sqrt(square);
    if (count < 3)
        return 10;
    double sum = 0;
    for (int k = 0; k < count; k++)
        sum += off[k];
    /* landmarks 100 mm away prove little here: 1 mm more for each 100 mm beyond the first 60 */
    return sum / count + fmax(0, far[2] - 60) / 100;
}

double placed_page_misfit_mm(const struct placed_page *placed, struct point form_mm)
{
    struct misfit misfit;
    misfit_init(&misfit, placed);
    double mm = misfit_at(&misfit, form_mm);
    misfit_release(&misfit);
    return mm;
}
