/* Sampling, optics, electronics, threshold: from a sheet of paper to the pixels of a file. */
#include "proof/scanner.h"

#include <glib.h>
#include <math.h>
#include <string.h>

struct machine machine_draw(const struct profile *p, double width_mm, struct random *r)
{
    struct machine m = {0};
    m.x_dpi = dpi_values[random_weighted(r, p->dpis, DPI_COUNT)];
    m.y_dpi = m.x_dpi == 204 ? 196 : m.x_dpi; /* the fine mode of fax */
    m.mode = (enum scan_mode)random_weighted(r, p->modes, MODE_COUNT);
    m.output = (enum scan_output)random_weighted(r, p->files, OUTPUT_COUNT);
    if (m.output == OUTPUT_jpeg && m.mode != MODE_grey)
        m.output = OUTPUT_tiff; /* JPEG holds no bitonal pictures */
    enum border border = (enum border)random_weighted(r, p->borders, BORDER_COUNT);
    double tint = random_unit(r);
    m.background = (uint8_t)(border == BORDER_white  ? 246 + 9 * tint
                             : border == BORDER_grey ? 120 + 90 * tint
                                                     : 8 + 30 * tint);
    m.blur_px = profile_draw(&p->scanner_blur_px, r);
    m.sharpen = profile_draw(&p->scanner_sharpen, r);
    m.noise = profile_draw(&p->scanner_noise, r);
    m.gamma = profile_draw(&p->scanner_gamma, r);
    m.black = profile_draw(&p->scanner_black, r);
    m.white = profile_draw(&p->scanner_white, r);
    m.shading = profile_draw(&p->scanner_shading, r);
    m.threshold = profile_draw(&p->scanner_threshold, r);
    m.jpeg_quality = (int)profile_draw(&p->scanner_jpeg_quality, r);
    double count;
    if (profile_happens(&count, &p->scanner_streaks, r))
        for (; m.streak_count < (size_t)(count + 0.5) && m.streak_count < STREAKS_MAX; m.streak_count++) {
            struct streak *s = &m.streaks[m.streak_count];
            double u = random_unit(r);
            s->x_mm = random_between(r, 0, width_mm);
            s->width_mm = 0.08 + 0.35 * u * u;
            s->dark = random_between(r, 0.12, 0.75);
            s->from = random_chance(r, 0.7) ? -1 : random_between(r, 0, 0.6);
            s->to = random_chance(r, 0.7) ? 2 : random_between(r, 0.5, 1);
            s->ragged = random_chance(r, 0.5);
        }
    return m;
}

/* ---- sampling ---------------------------------------------------------------------------- */

#define NODE_PX 32

/* One row of the image: the mapping is exact every NODE_PX pixels and straight in between, which is
 * good to a thousandth of a pixel for anything a feeder does. */
static void sample_row(uint8_t *out, int y, const struct plane *plane, uint8_t outside,
                       const struct mapping *m)
{
    const double k = plane->px_per_mm;
    struct point a = mapping_to_form(m, (struct point){0.5, y + 0.5});
    for (int x0 = 0; x0 < m->width_px; x0 += NODE_PX) {
        struct point b = mapping_to_form(m, (struct point){x0 + NODE_PX + 0.5, y + 0.5});
        double fx = (a.x - plane->origin_mm.x) * k - 0.5, fy = (a.y - plane->origin_mm.y) * k - 0.5;
        int64_t u = (int64_t)(fx * 65536), v = (int64_t)(fy * 65536);
        int64_t du = (int64_t)((b.x - a.x) * k * (65536.0 / NODE_PX));
        int64_t dv = (int64_t)((b.y - a.y) * k * (65536.0 / NODE_PX));
        int end = x0 + NODE_PX < m->width_px ? x0 + NODE_PX : m->width_px;
        for (int x = x0; x < end; x++, u += du, v += dv) {
            int iu = (int)(u >> 16), iv = (int)(v >> 16);
            if (iu < 0 || iv < 0 || iu + 1 >= plane->width_px || iv + 1 >= plane->height_px) {
                out[x] = outside;
                continue;
            }
            int wx = (int)(u >> 8) & 255, wy = (int)(v >> 8) & 255;
            const uint8_t *p = plane->data + (size_t)iv * (size_t)plane->width_px + (size_t)iu;
            int top = p[0] * (256 - wx) + p[1] * wx;
            int low = p[plane->width_px] * (256 - wx) + p[plane->width_px + 1] * wx;
            out[x] = (uint8_t)((top * (256 - wy) + low * wy + 32768) >> 16);
        }
        a = b;
    }
}

/* ---- optics ------------------------------------------------------------------------------ */

#define REACH 3 /* pixels on each side that blur and sharpening look at */

/* Blur and unsharp masking are both symmetric and small: one kernel of seven, in 1/1024. */
static void make_kernel(int kernel[REACH + 1], double blur_px, double sharpen)
{
    double fine[REACH + 1], wide[REACH + 1], fine_sum = 0, wide_sum = 0, sum = 0;
    double s = fmax(blur_px, 0.05), t = sqrt(s * s + 1.2);
    for (int i = 0; i <= REACH; i++) {
        fine[i] = exp(-i * i / (2 * s * s));
        wide[i] = exp(-i * i / (2 * t * t));
        fine_sum += (i == 0 ? 1 : 2) * fine[i];
        wide_sum += (i == 0 ? 1 : 2) * wide[i];
    }
    for (int i = 1; i <= REACH; i++) {
        double w = (1 + sharpen) * fine[i] / fine_sum - sharpen * wide[i] / wide_sum;
        kernel[i] = (int)floor(w * 1024 + 0.5);
        sum += 2 * kernel[i];
    }
    kernel[0] = 1024 - (int)sum;
}

static inline uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void blur_row(uint8_t *out, const uint8_t *in, int width, const int kernel[REACH + 1])
{
    for (int x = REACH; x < width - REACH; x++) {
        int sum = in[x] * kernel[0] + (in[x - 1] + in[x + 1]) * kernel[1] +
                  (in[x - 2] + in[x + 2]) * kernel[2] + (in[x - 3] + in[x + 3]) * kernel[3];
        out[x] = clamp((sum + 512) >> 10);
    }
    for (int x = 0; x < width; x++)
        if (x < REACH || x >= width - REACH)
            out[x] = in[x];
}

static void blur_column(uint8_t *out, uint8_t *const rows[2 * REACH + 1], int width,
                        const int kernel[REACH + 1])
{
    const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4],
                  *f = rows[5], *g = rows[6];
    for (int x = 0; x < width; x++) {
        int sum = d[x] * kernel[0] + (c[x] + e[x]) * kernel[1] + (b[x] + f[x]) * kernel[2] +
                  (a[x] + g[x]) * kernel[3];
        out[x] = clamp((sum + 512) >> 10);
    }
}

/* ---- electronics ------------------------------------------------------------------------- */

#define NOISE_COUNT 8192

struct electronics {
    const struct machine *machine;
    int8_t noise[NOISE_COUNT * 2];  /* a bell curve, 32 = one standard deviation */
    uint8_t tone[256];
    uint8_t *gain;                  /* one a column, 255 = full: shading and streaks */
    int amplitude;                  /* of the noise, in 1/8192 of its table */
    int8_t texture[256 * 256];      /* of the paper, levels times 16 */
};

static void make_tone(uint8_t tone[256], const struct machine *m)
{
    for (int i = 0; i < 256; i++) {
        double light = fmin(i / 255.0 / fmax(m->white, 0.1), 1);
        light = pow(light, m->gamma);
        tone[i] = (uint8_t)(255 * (m->black + (1 - m->black) * light) + 0.5);
    }
}

static void make_texture(struct electronics *e)
{
    for (int y = 0; y < 256; y++)
        for (int x = 0; x < 256; x++) {
            double cloud = smooth_noise(x / 16.0, y / 16.0) + 0.7 * smooth_noise(x / 5.0, y / 5.0);
            e->texture[y * 256 + x] = (int8_t)fmin(fmax(16 * e->machine->texture * cloud, -127), 127);
        }
}

static void set_gain(struct electronics *e, int width, double share)
{
    const struct machine *m = e->machine;
    for (int x = 0; x < width; x++) {
        double side = (2.0 * x / width - 1), light = 1 - m->shading * side * side;
        for (size_t i = 0; i < m->streak_count; i++) {
            const struct streak *s = &m->streaks[i];
            double at = s->x_mm + (s->ragged ? 0.04 * smooth_noise(share * 300, s->x_mm) : 0);
            double far = (x / m->x_dpi * MM_PER_INCH - at) / s->width_mm;
            double here = s->ragged ? fmax(0, 0.6 + 0.8 * smooth_noise(share * 60, s->x_mm * 3)) : 1;
            if (far > -1.5 && far < 1.5 && share > s->from && share < s->to)
                light *= 1 - fmin(s->dark * here, 0.95) * exp(-2 * far * far);
        }
        e->gain[x] = (uint8_t)(255 * light + 0.5);
    }
}

static struct electronics *electronics_new(const struct machine *machine, int width,
                                           struct random *r)
{
    struct electronics *e = g_new0(struct electronics, 1);
    e->machine = machine;
    for (int i = 0; i < NOISE_COUNT; i++) /* a normal distribution, rounded */
        e->noise[i] = e->noise[i + NOISE_COUNT] =
            (int8_t)fmin(fmax(32 * random_normal(r), -127), 127);
    make_tone(e->tone, machine);
    make_texture(e);
    e->amplitude = (int)(machine->noise * 8 * 0.71 + 0.5);
    e->gain = g_malloc((size_t)width);
    set_gain(e, width, 0);
    return e;
}

static void electronics_row(uint8_t *row, int width, int y, struct electronics *e,
                            struct random *r)
{
    const int8_t *one = e->noise + random_bits(r) % NOISE_COUNT;
    const int8_t *two = e->noise + random_bits(r) % NOISE_COUNT;
    const int8_t *texture = e->texture + (y & 255) * 256;
    for (int from = 0; from < width; from += NOISE_COUNT / 2) {
        int to = from + NOISE_COUNT / 2 < width ? from + NOISE_COUNT / 2 : width;
        for (int x = from; x < to; x++) {
            int level = row[x] * e->gain[x];
            level = (level + (level >> 8) + 128) >> 8;
            level += ((one[x - from] + two[x - from]) * e->amplitude + 128) >> 8;
            level += (texture[x & 255] * (row[x] >> 3) + 256) >> 9;
            row[x] = clamp(level);
        }
    }
    for (int x = 0; x < width; x++)
        row[x] = e->tone[row[x]];
}

/* ---- the picture ------------------------------------------------------------------------- */

/* Rows of bytes of the finished grey picture. */
static uint8_t *grey_rows(const struct plane *plane, uint8_t outside, const struct mapping *m,
                          const struct machine *machine, struct random *r)
{
    int width = m->width_px, height = m->height_px, kernel[REACH + 1];
    size_t w = (size_t)width;
    uint8_t *out = g_malloc(w * (size_t)height), *ring = g_malloc(w * (2 * REACH + 1));
    uint8_t *raw = g_malloc(w), *rows[2 * REACH + 1];
    struct electronics *e = electronics_new(machine, width, r);
    bool living = false; /* streaks that change along the page */
    for (size_t i = 0; i < machine->streak_count; i++)
        living = living || machine->streaks[i].ragged || machine->streaks[i].from > 0 ||
                 machine->streaks[i].to < 1;
    make_kernel(kernel, machine->blur_px, machine->sharpen);
    for (int y = -REACH; y < height + REACH; y++) {
        uint8_t *into = ring + w * (size_t)((y + REACH) % (2 * REACH + 1));
        sample_row(raw, y, plane, outside, m);
        blur_row(into, raw, width, kernel);
        int done = y - REACH;
        if (done < 0)
            continue;
        for (int i = 0; i < 2 * REACH + 1; i++)
            rows[i] = ring + w * (size_t)((done + i) % (2 * REACH + 1));
        uint8_t *row = out + w * (size_t)done;
        blur_column(row, rows, width, kernel);
        if (living && done % 8 == 0)
            set_gain(e, width, (double)done / height);
        electronics_row(row, width, done, e, r);
    }
    g_free(e->gain);
    g_free(e);
    g_free(ring);
    g_free(raw);
    return out;
}

static PIX *pack_grey(const uint8_t *rows, int width, int height)
{
    PIX *pix = pixCreateNoInit(width, height, 8);
    if (pix == NULL)
        error_die("no memory for a scan of %d x %d pixels", width, height);
    for (int y = 0; y < height; y++)
        memcpy(pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix), rows + (size_t)y * (size_t)width,
               (size_t)width);
    pixEndianByteSwap(pix);
    return pix;
}

#define BLOCK 32

/* Means of blocks, for a threshold that follows the paper. */
static uint8_t *block_means(const uint8_t *rows, int width, int height, int *across)
{
    int wide = (width + BLOCK - 1) / BLOCK, high = (height + BLOCK - 1) / BLOCK;
    uint8_t *means = g_malloc((size_t)wide * (size_t)high);
    for (int by = 0; by < high; by++)
        for (int bx = 0; bx < wide; bx++) {
            int sum = 0, count = 0;
            for (int y = by * BLOCK; y < (by + 1) * BLOCK && y < height; y += 2)
                for (int x = bx * BLOCK; x < (bx + 1) * BLOCK && x < width; x += 2, count++)
                    sum += rows[(size_t)y * (size_t)width + (size_t)x];
            means[by * wide + bx] = (uint8_t)(count > 0 ? sum / count : 255);
        }
    *across = wide;
    return means;
}

static PIX *pack_bits(const uint8_t *rows, int width, int height, const struct machine *machine)
{
    PIX *pix = pixCreate(width, height, 1);
    if (pix == NULL)
        error_die("no memory for a scan of %d x %d pixels", width, height);
    int across, fixed = (int)(machine->threshold * 255 + 0.5);
    uint8_t *means = block_means(rows, width, height, &across);
    int high = (height + BLOCK - 1) / BLOCK;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = rows + (size_t)y * (size_t)width;
        l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        int by = (y - BLOCK / 2) / BLOCK, wy = (y + BLOCK / 2) % BLOCK;
        by = by < 0 ? 0 : by;
        int by2 = by + 1 < high ? by + 1 : by;
        for (int x = 0; x < width; x++) {
            int limit = fixed;
            if (machine->mode == MODE_adaptive) {
                int bx = x < BLOCK / 2 ? 0 : (x - BLOCK / 2) / BLOCK, wx = (x + BLOCK / 2) % BLOCK;
                int bx2 = bx + 1 < across ? bx + 1 : bx;
                int top = means[by * across + bx] * (BLOCK - wx) + means[by * across + bx2] * wx;
                int low = means[by2 * across + bx] * (BLOCK - wx) + means[by2 * across + bx2] * wx;
                int mean = (top * (BLOCK - wy) + low * wy) / (BLOCK * BLOCK);
                limit = mean * fixed * 5 / (255 * 4);
                limit = limit < fixed / 2 ? fixed / 2 : limit > 225 ? 225 : limit;
            }
            if (row[x] < limit)
                line[x >> 5] |= 0x80000000u >> (x & 31);
        }
    }
    g_free(means);
    return pix;
}

PIX *machine_scan(const struct plane *plane, uint8_t outside, const struct mapping *mapping,
                  const struct machine *machine, struct random *r)
{
    uint8_t *rows = grey_rows(plane, outside, mapping, machine, r);
    PIX *pix = machine->mode == MODE_grey
                   ? pack_grey(rows, mapping->width_px, mapping->height_px)
                   : pack_bits(rows, mapping->width_px, mapping->height_px, machine);
    g_free(rows);
    pixSetResolution(pix, (l_int32)machine->x_dpi, (l_int32)machine->y_dpi);
    return pix;
}
