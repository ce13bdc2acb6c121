/* Elements put elsewhere, whatever they are. */
#ifndef BF_MOVEMENT_H
#define BF_MOVEMENT_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum { BF_COPY_RANK = 8 };

/* destination[Σ i·destination_stride] = source[Σ i·source_stride]; strides in elements, may be 0 (source)
 * or negative. Element sizes 1, 2, 4, 8, 16. Transposes are blocked. */
typedef struct bf_copy {
  size_t element_size, rank;
  size_t extent[BF_COPY_RANK];
  ptrdiff_t source_stride[BF_COPY_RANK], destination_stride[BF_COPY_RANK];
} bf_copy;
void bf_copy_run(bf_pool *pool, const bf_copy *copy, const void *source, void *destination);

/* Fills count elements with one value. */
void bf_fill(bf_pool *pool, size_t count, size_t element_size, const void *value, void *destination);

/* Rows of `row_bytes` chosen by index from outer slabs of `rows` rows:
 * destination[o][j] = source[o][index[j]], negative indices from the end. False when an index is out of
 * range; the destination is then unspecified. */
bool bf_gather(bf_pool *pool, size_t outer, size_t rows, size_t row_bytes, const void *source,
               size_t index_count, const void *index, bool index_is_64_bit, void *destination);

#if defined(__cplusplus)
}
#endif
#endif
