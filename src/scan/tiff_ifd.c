/* Walks TIFF directories safely, without trusting any offset. */
#include "scan/tiff_ifd.h"

#define CM_PER_INCH 2.54

static uint64_t number_at(const struct tiff_ifd *ifd, uint64_t offset, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        unsigned at = ifd->big_endian ? i : size - 1 - i;
        value = value << 8 | ifd->bytes.data[offset + at];
    }
    return value;
}

static bool inside(const struct tiff_ifd *ifd, uint64_t offset, uint64_t size)
{
    return size <= ifd->bytes.length && offset <= ifd->bytes.length - size;
}

bool tiff_ifd_header(struct tiff_ifd *ifd, uint64_t *first, struct scan_bytes bytes)
{
    *ifd = (struct tiff_ifd){.bytes = bytes};
    if (bytes.length < 8)
        return false;
    if (bytes.data[0] != bytes.data[1] || (bytes.data[0] != 'I' && bytes.data[0] != 'M'))
        return false;
    ifd->big_endian = bytes.data[0] == 'M';
    uint64_t version = number_at(ifd, 2, 2);
    ifd->big_tiff = version == 43;
    if (version != 42 && (version != 43 || bytes.length < 16))
        return false;
    *first = ifd->big_tiff ? number_at(ifd, 8, 8) : number_at(ifd, 4, 4);
    return true;
}

bool tiff_ifd_go(struct tiff_ifd *ifd, uint64_t offset)
{
    unsigned count_size = ifd->big_tiff ? 8 : 2, entry_size = ifd->big_tiff ? 20 : 12;
    unsigned next_size = ifd->big_tiff ? 8 : 4;
    if (offset == 0 || !inside(ifd, offset, count_size))
        return false;
    ifd->entry_count = number_at(ifd, offset, count_size);
    ifd->entries = offset + count_size;
    uint64_t room = (ifd->bytes.length - ifd->entries) / entry_size;
    if (ifd->entry_count > room ||
        !inside(ifd, ifd->entries + ifd->entry_count * entry_size, next_size))
        return false;
    ifd->next = number_at(ifd, ifd->entries + ifd->entry_count * entry_size, next_size);
    return true;
}

/* Bytes of one value of a TIFF field type that is a plain number; 0 for the others. */
static unsigned type_size(uint64_t type)
{
    switch (type) {
    case 1: /* byte */
        return 1;
    case 3: /* short */
        return 2;
    case 4: /* long */
        return 4;
    case 5: /* rational */
        return 8;
    default:
        return 0;
    }
}

static double value_at(const struct tiff_ifd *ifd, uint64_t entry, double otherwise)
{
    uint64_t type = number_at(ifd, entry + 2, 2);
    unsigned size = type_size(type), slot = ifd->big_tiff ? 8 : 4;
    uint64_t count = number_at(ifd, entry + 4, slot), at = entry + 4 + slot;
    if (size == 0 || count == 0)
        return otherwise;
    if (count > slot / size)
        at = number_at(ifd, at, slot);
    if (!inside(ifd, at, size))
        return otherwise;
    if (type != 5)
        return (double)number_at(ifd, at, size);
    double below = (double)number_at(ifd, at + 4, 4);
    return below > 0 ? (double)number_at(ifd, at, 4) / below : otherwise;
}

double tiff_ifd_number(const struct tiff_ifd *ifd, unsigned tag, double otherwise)
{
    unsigned entry_size = ifd->big_tiff ? 20 : 12;
    for (uint64_t i = 0; i < ifd->entry_count; i++) {
        uint64_t entry = ifd->entries + i * entry_size;
        if (number_at(ifd, entry, 2) == tag)
            return value_at(ifd, entry, otherwise);
    }
    return otherwise;
}

double tiff_dpi(double resolution, unsigned unit)
{
    return unit == 2 ? resolution : unit == 3 ? resolution * CM_PER_INCH : 0;
}
