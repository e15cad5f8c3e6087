/* What is asked of 64 cells, one byte each, as the bits of a word; the first cell is the lowest bit. */
#ifndef READ_PACK_H
#define READ_PACK_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* 64 flags, each 0 or 1, as the bits of a word. */
static inline uint64_t pack_flags(const unsigned char flags[64])
{
    uint64_t word = 0;
    for (int k = 0; k < 64; k += 8) {
        uint64_t eight;
        memcpy(&eight, flags + k, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        /* flag i, at bit 8 i, is moved to bit 56 + i; all other products fall elsewhere */
        word |= (eight * 0x0102040810204080u >> 56) << k;
    }
    return word;
}

/* A bit a cell: whether its level is at most `limit`. */
static inline uint64_t pack_up_to(const unsigned char levels[64], unsigned char limit)
{
#ifdef __SSE2__
    uint64_t word = 0;
    const __m128i most = _mm_set1_epi8((char)limit);
    for (int k = 0; k < 64; k += 16) {
        __m128i cells = _mm_loadu_si128((const __m128i *)(const void *)(levels + k));
        unsigned flags = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(cells, most), cells));
        word |= (uint64_t)flags << k;
    }
    return word;
#else
    unsigned char flags[64];
    for (int k = 0; k < 64; k++)
        flags[k] = levels[k] <= limit;
    return pack_flags(flags);
#endif
}

/* Whether its level is at least `limit`. */
static inline uint64_t pack_from_level(const unsigned char levels[64], unsigned char limit)
{
    return limit == 0 ? ~(uint64_t)0 : ~pack_up_to(levels, (unsigned char)(limit - 1));
}

/* Which of 64 cells have the flag. */
static inline uint64_t pack_flag(const unsigned char cells[64], unsigned char flag)
{
    uint64_t word = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8((char)flag);
    for (int k = 0; k < 64; k += 16) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(cells + k));
        unsigned flags = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(here, wanted), wanted));
        word |= (uint64_t)flags << k;
    }
#else
    for (int k = 0; k < 64; k++)
        word |= (uint64_t)((cells[k] & flag) != 0) << k;
#endif
    return word;
}

#endif
