/* Sampling, optics, electronics, threshold: from a sheet of paper to the pixels of a file. */
#include "proof/scanner.h"
#include "proof/texture.h"

/* The loops over pixels gain threefold by vector instructions, which gcc's -O2 leaves out. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize("O3")
#endif

/* Once more for processors that do twice as much at a time: whole numbers, so the bytes are the same. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#include <glib.h>
#include <math.h>
#include <stdlib.h>
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
    m.streak_count = streaks_draw(m.streaks, p, width_mm, r);
    return m;
}

/* ---- sampling ---------------------------------------------------------------------------- */

#define NODE_PX 64

/* A straight piece of a row in the plane, in 1/65536 of its pixels. */
struct piece {
    int64_t u, v, du, dv;
};

static inline uint8_t between_four(const struct plane *plane, int64_t u, int64_t v)
{
    int wx = (int)(u >> 8) & 255, wy = (int)(v >> 8) & 255;
    const uint8_t *p = plane->data + (size_t)(v >> 16) * (size_t)plane->width_px + (size_t)(u >> 16);
    int top = p[0] * (256 - wx) + p[1] * wx;
    int low = p[plane->width_px] * (256 - wx) + p[plane->width_px + 1] * wx;
    return (uint8_t)((top * (256 - wy) + low * wy + 32768) >> 16);
}

static inline bool is_inside(const struct plane *plane, int64_t u, int64_t v)
{
    return u >= 0 && v >= 0 && u < ((int64_t)plane->width_px - 1) << 16 &&
           v < ((int64_t)plane->height_px - 1) << 16;
}

/* How many steps keep `at` (below 65536) within its pixel: at least one, at most `most`. */
static inline int steps_within(int at, int step, int most)
{
    int steps = step > 0 ? (65535 - at) / step + 1 : step < 0 ? at / -step + 1 : most;
    return steps < most ? steps : most;
}

#define LANES 16

/* What LANES pixels of a row add to the place of the first: modulo 65536, as a pixel's share is. */
struct ramp {
    uint16_t u[LANES], v[LANES];
};

/* A run in which each pixel of the row lies between the same neighbours as the one before, one
 * farther right. It is done LANES at a time: up to LANES - 1 pixels more than `count` are written. */
static inline void sample_run(uint8_t *out, int count, const uint8_t *restrict top,
                              const uint8_t *restrict low, uint16_t u, uint16_t v,
                              const struct ramp *ramp)
{
    for (int x0 = 0; x0 < count; x0 += LANES) {
        uint8_t done[LANES];
        for (int i = 0; i < LANES; i++) {
            uint16_t wx = (uint16_t)((uint16_t)(u + ramp->u[i]) >> 8);
            uint16_t wy = (uint16_t)((uint16_t)(v + ramp->v[i]) >> 8);
            uint16_t a = (uint16_t)(top[x0 + i] * (256 - wx) + top[x0 + i + 1] * wx);
            uint16_t b = (uint16_t)(low[x0 + i] * (256 - wx) + low[x0 + i + 1] * wx);
            uint16_t keep = (uint16_t)((256 - wy) << 7), take = (uint16_t)(wy << 7);
            uint16_t sum = (uint16_t)(((uint32_t)a * keep >> 16) + ((uint32_t)b * take >> 16));
            done[i] = (uint8_t)((uint16_t)(sum + 64) >> 7);
        }
        memcpy(out + x0, done, LANES);
        u = (uint16_t)(u + ramp->u[LANES - 1] + ramp->u[1]);
        v = (uint16_t)(v + ramp->v[LANES - 1] + ramp->v[1]);
    }
}

/* A piece that lies in the plane as a whole and goes to the right, as nearly all do. */
static void sample_along(uint8_t *out, int count, struct piece p, const struct plane *plane)
{
    int drift = (int)p.du - 65536, dv = (int)p.dv;
    struct ramp ramp;
    for (int i = 0; i < LANES; i++) {
        ramp.u[i] = (uint16_t)(i * drift);
        ramp.v[i] = (uint16_t)(i * dv);
    }
    for (int x = 0; x < count;) {
        int u = (int)(p.u & 65535), v = (int)(p.v & 65535);
        int steps = steps_within(u, drift, steps_within(v, dv, count - x));
        const uint8_t *top = plane->data + (size_t)(p.v >> 16) * (size_t)plane->width_px +
                             (size_t)(p.u >> 16);
        sample_run(out + x, steps, top, top + plane->width_px, (uint16_t)u, (uint16_t)v, &ramp);
        x += steps;
        p.u += p.du * steps;
        p.v += p.dv * steps;
    }
}

static void sample_piece(uint8_t *out, int count, struct piece p, const struct plane *plane,
                         uint8_t outside)
{
    if (is_inside(plane, p.u, p.v) && is_inside(plane, p.u + p.du * count, p.v + p.dv * count)) {
        if (llabs(p.du - 65536) < 16384 && llabs(p.dv) < 16384) {
            sample_along(out, count, p, plane);
            return;
        }
        for (int x = 0; x < count; x++, p.u += p.du, p.v += p.dv)
            out[x] = between_four(plane, p.u, p.v);
        return;
    }
    for (int x = 0; x < count; x++, p.u += p.du, p.v += p.dv)
        out[x] = is_inside(plane, p.u, p.v) ? between_four(plane, p.u, p.v) : outside;
}

/* One row of the image: the mapping is exact every NODE_PX pixels and straight in between, which is
 * good to a thousandth of a pixel for anything a feeder does. */
WIDE static void sample_row(uint8_t *out, int y, const struct plane *plane, uint8_t outside,
                       const struct mapping *m)
{
    const double k = plane->px_per_mm, slope = k * (65536.0 / NODE_PX);
    struct mapping_row row = mapping_row_at(m, y + 0.5);
    struct point a = mapping_row_to_form(m, &row, 0.5);
    for (int x = 0; x < m->width_px; x += NODE_PX) {
        struct point b = mapping_row_to_form(m, &row, x + NODE_PX + 0.5);
        struct piece piece = {(int64_t)(((a.x - plane->origin_mm.x) * k - 0.5) * 65536),
                              (int64_t)(((a.y - plane->origin_mm.y) * k - 0.5) * 65536),
                              (int64_t)((b.x - a.x) * slope), (int64_t)((b.y - a.y) * slope)};
        int count = m->width_px - x < NODE_PX ? m->width_px - x : NODE_PX;
        sample_piece(out + x, count, piece, plane, outside);
        a = b;
    }
}

/* ---- optics ------------------------------------------------------------------------------ */

#define REACH 3 /* pixels on each side that blur and sharpening look at */

/* Blur and unsharp masking are both symmetric and small: one kernel of seven. In 1/KERNEL_ONE, so
 * that sums stay within 16 bits: twice as many pixels an instruction. */
#define KERNEL_BITS 6
#define KERNEL_ONE (1 << KERNEL_BITS)

static void make_kernel(int16_t kernel[REACH + 1], double blur_px, double sharpen)
{
    double fine[REACH + 1], wide[REACH + 1], fine_sum = 0, wide_sum = 0, sum = 0;
    double s = fmax(blur_px, 0.05), t = sqrt(s * s + 1.2);
    sharpen = fmin(sharpen, 1.5); /* more would leave the 16 bits */
    for (int i = 0; i <= REACH; i++) {
        fine[i] = exp(-i * i / (2 * s * s));
        wide[i] = exp(-i * i / (2 * t * t));
        fine_sum += (i == 0 ? 1 : 2) * fine[i];
        wide_sum += (i == 0 ? 1 : 2) * wide[i];
    }
    for (int i = 1; i <= REACH; i++) {
        double w = (1 + sharpen) * fine[i] / fine_sum - sharpen * wide[i] / wide_sum;
        kernel[i] = (int16_t)floor(w * KERNEL_ONE + 0.5);
        sum += 2 * kernel[i];
    }
    kernel[0] = (int16_t)(KERNEL_ONE - sum);
}

/* One pixel of seven; what overflows on the way comes back, as in all arithmetic modulo 65536. */
static inline uint8_t weigh(const int16_t kernel[REACH + 1], int d, int ce, int bf, int ag)
{
    uint16_t sum = (uint16_t)((uint16_t)d * (uint16_t)kernel[0] + (uint16_t)ce * (uint16_t)kernel[1] +
                              (uint16_t)bf * (uint16_t)kernel[2] + (uint16_t)ag * (uint16_t)kernel[3]);
    int16_t level = (int16_t)((int16_t)(sum + KERNEL_ONE / 2) >> KERNEL_BITS);
    return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

WIDE static void blur_row(uint8_t *restrict out, const uint8_t *restrict in, int width,
                     const int16_t kernel[REACH + 1])
{
    for (int x = REACH; x < width - REACH; x++)
        out[x] = weigh(kernel, in[x], in[x - 1] + in[x + 1], in[x - 2] + in[x + 2],
                       in[x - 3] + in[x + 3]);
    for (int i = 0; i < REACH && i < width; i++) {
        out[i] = in[i];
        out[width - 1 - i] = in[width - 1 - i];
    }
}

WIDE static void blur_column(uint8_t *restrict out, uint8_t *const rows[2 * REACH + 1], int width,
                        const int16_t kernel[REACH + 1])
{
    const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4],
                  *f = rows[5], *g = rows[6];
    for (int x = 0; x < width; x++)
        out[x] = weigh(kernel, d[x], c[x] + e[x], b[x] + f[x], a[x] + g[x]);
}

/* ---- electronics ------------------------------------------------------------------------- */

#define NOISE_COUNT 8192

struct electronics {
    const struct machine *machine;
    int8_t noise[NOISE_COUNT * 2];  /* a bell curve, 32 = one standard deviation */
    uint8_t tone[256];
    uint8_t *shade, *gain;          /* one a column, 255 = full: without and with streaks */
    double page;                    /* tells this page's streaks from another's */
    int amplitude;                  /* of the noise, in 1/8192 of its table */
    struct texture *texture;        /* of the paper */
};

static void make_tone(uint8_t tone[256], const struct machine *m)
{
    for (int i = 0; i < 256; i++) {
        double light = fmin(i / 255.0 / fmax(m->white, 0.1), 1);
        light = pow(light, m->gamma);
        tone[i] = (uint8_t)(255 * (m->black + (1 - m->black) * light) + 0.5);
    }
}

static void make_shade(struct electronics *e, int width)
{
    for (int x = 0; x < width; x++) {
        double side = (2.0 * x / width - 1);
        e->shade[x] = (uint8_t)(255 * (1 - e->machine->shading * side * side) + 0.5);
    }
}

/* The streaks as they are at this share of the page. */
static void set_gain(struct electronics *e, int width, int y, int height)
{
    const struct machine *m = e->machine;
    memcpy(e->gain, e->shade, (size_t)width);
    streaks_shade(e->gain, width, m->x_dpi / MM_PER_INCH, m->streaks, m->streak_count,
                  (double)y / height, height * MM_PER_INCH / m->y_dpi, e->page);
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
    e->texture = texture_new(width, machine->x_dpi, machine->texture, r);
    e->amplitude = (int)fmin(machine->noise * 8 * 0.71 + 0.5, 128);
    e->shade = g_malloc((size_t)width);
    e->gain = g_malloc((size_t)width);
    make_shade(e, width);
    memcpy(e->gain, e->shade, (size_t)width);
    e->page = random_between(r, 0, 4000);
    return e;
}

#define CHUNK 256 /* pixels that share one place in the table of noise */

WIDE static void electronics_chunk(uint8_t *restrict row, int count, const uint8_t *restrict gain,
                              const int8_t *restrict one, const int8_t *restrict two,
                              const int16_t *restrict texture, int amplitude)
{
    const int16_t size = (int16_t)amplitude; /* 16 bits throughout: two table values make 254 */
    for (int x = 0; x < count; x++) {
        uint16_t lit = (uint16_t)(row[x] * gain[x]);
        int16_t level = (int16_t)((uint16_t)(lit + (lit >> 8) + 128) >> 8);
        int16_t noise = (int16_t)((int16_t)((int16_t)(one[x] + two[x]) * size + 128) >> 8);
        int16_t grain = (int16_t)((int16_t)((int16_t)(texture[x] * (int16_t)(row[x] >> 3)) + 256) >> 9);
        level = (int16_t)(level + noise + grain);
        row[x] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
}

static void electronics_row(uint8_t *row, int width, struct electronics *e, struct random *r)
{
    const int16_t *texture = texture_row(e->texture);
    for (int x = 0; x < width; x += CHUNK) {
        const int8_t *one = e->noise + random_bits(r) % NOISE_COUNT;
        const int8_t *two = e->noise + random_bits(r) % NOISE_COUNT;
        electronics_chunk(row + x, width - x < CHUNK ? width - x : CHUNK, e->gain + x, one, two,
                          texture + x, e->amplitude);
    }
    for (int x = 0; x < width; x++)
        row[x] = e->tone[row[x]];
}

/* ---- the picture ------------------------------------------------------------------------- */

/* Rows of bytes of the finished grey picture. */
static uint8_t *grey_rows(const struct plane *plane, uint8_t outside, const struct mapping *m,
                          struct machine *machine, struct random *r)
{
    int width = m->width_px, height = m->height_px;
    int16_t kernel[REACH + 1];
    size_t w = (size_t)width;
    uint8_t *out = g_malloc(w * (size_t)height), *ring = g_malloc(w * (2 * REACH + 1));
    uint8_t *raw = g_malloc(w + LANES), *rows[2 * REACH + 1];
    struct electronics *e = electronics_new(machine, width, r);
    machine->streak_page = e->page;
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
        if (machine->streak_count > 0 && done % 2 == 0)
            set_gain(e, width, done, height);
        electronics_row(row, width, e, r);
    }
    g_free(e->shade);
    g_free(e->gain);
    texture_free(e->texture);
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

/* The limit of each pixel of a row where it follows the paper: between the means of four blocks. */
static void limits_row(uint8_t *limits, int y, int width, int height, const uint8_t *means,
                       int across, int fixed)
{
    int high = (height + BLOCK - 1) / BLOCK, half = BLOCK / 2;
    int by = y < half ? 0 : (y - half) / BLOCK, by2 = by + 1 < high ? by + 1 : by;
    int wy = (y + half) % BLOCK;
    for (int x0 = -half; x0 < width; x0 += BLOCK) {
        int bx = x0 < 0 ? 0 : x0 / BLOCK, bx2 = x0 < 0 || bx + 1 >= across ? bx : bx + 1;
        int left = means[by * across + bx] * (BLOCK - wy) + means[by2 * across + bx] * wy;
        int right = means[by * across + bx2] * (BLOCK - wy) + means[by2 * across + bx2] * wy;
        for (int i = x0 < 0 ? -x0 : 0; i < BLOCK && x0 + i < width; i++) {
            int mean = (left * (BLOCK - i) + right * i) / (BLOCK * BLOCK);
            int limit = mean * fixed * 5 / (255 * 4);
            limit = limit < fixed * 3 / 4 ? fixed * 3 / 4 : limit > 225 ? 225 : limit;
            limits[x0 + i] = (uint8_t)limit;
        }
    }
}

static void threshold_row(l_uint32 *restrict line, const uint8_t *restrict row,
                          const uint8_t *restrict limits, int width)
{
    for (int x0 = 0; x0 < width; x0 += 32) {
        l_uint32 word = 0;
        int count = width - x0 < 32 ? width - x0 : 32;
        for (int i = 0; i < count; i++)
            word |= (l_uint32)(row[x0 + i] < limits[x0 + i]) << (31 - i);
        line[x0 >> 5] = word;
    }
}

static PIX *pack_bits(const uint8_t *rows, int width, int height, const struct machine *machine)
{
    PIX *pix = pixCreate(width, height, 1);
    if (pix == NULL)
        error_die("no memory for a scan of %d x %d pixels", width, height);
    int across, fixed = (int)(machine->threshold * 255 + 0.5);
    uint8_t *means = block_means(rows, width, height, &across), *limits = g_malloc((size_t)width);
    memset(limits, fixed, (size_t)width);
    for (int y = 0; y < height; y++) {
        if (machine->mode == MODE_adaptive)
            limits_row(limits, y, width, height, means, across, fixed);
        threshold_row(pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix),
                      rows + (size_t)y * (size_t)width, limits, width);
    }
    g_free(limits);
    g_free(means);
    return pix;
}

PIX *machine_scan(const struct plane *plane, uint8_t outside, const struct mapping *mapping,
                  struct machine *machine, struct random *r)
{
    uint8_t *rows = grey_rows(plane, outside, mapping, machine, r);
    PIX *pix = machine->mode == MODE_grey
                   ? pack_grey(rows, mapping->width_px, mapping->height_px)
                   : pack_bits(rows, mapping->width_px, mapping->height_px, machine);
    g_free(rows);
    pixSetResolution(pix, (l_int32)machine->x_dpi, (l_int32)machine->y_dpi);
    return pix;
}
