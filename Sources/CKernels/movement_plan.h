/* A copy in its simplest form: merged axes, byte strides, the longest contiguous runs. */
#ifndef BF_MOVEMENT_PLAN_H
#define BF_MOVEMENT_PLAN_H

#include "bf_movement.h"

typedef struct bf_axis {
  size_t extent;
  ptrdiff_t source, destination; /* bytes */
} bf_axis;

/* Outermost axis first, sorted by the stride of the destination; `unit` bytes at each point. */
typedef struct bf_copy_plan {
  size_t unit, rank;
  bf_axis axis[BF_COPY_RANK];
} bf_copy_plan;

/* False when there is nothing to copy. */
bool bf_plan_copy(const bf_copy *copy, bf_copy_plan *plan);

/* A plane whose elements (i, j) lie next to each other along i in the source and along j in the
 * destination: source + i unit + j source_row to destination + i destination_row + j unit. */
void bf_transpose_plane(size_t unit, size_t rows, size_t columns, const char *source, ptrdiff_t source_row,
                        char *destination, ptrdiff_t destination_row);

#endif
