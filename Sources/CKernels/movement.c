#include <string.h>

#include "movement_plan.h"

/* Bytes for which it pays to hand out another part. */
enum { PART_BYTES = 1 << 16, TILE_ROWS = 64, TILE_COLUMNS = 256 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t parts_of(size_t total, size_t part) { return (total + part - 1) / part; }

/* ---- Straight copies -------------------------------------------------------------------------------- */

typedef struct flat_copy {
  const char *source;
  char *destination;
  size_t bytes, part;
} flat_copy;

static void copy_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const flat_copy *job = context;
  size_t start = index * job->part;
  memcpy(job->destination + start, job->source + start, least(job->part, job->bytes - start));
}

static void copy_flat(bf_pool *pool, size_t bytes, const void *source, void *destination) {
  size_t threads = bf_pool_threads(pool), part = parts_of(bytes, threads * 2);
  part = (part < PART_BYTES ? PART_BYTES : part) / 64 * 64 + 64;
  flat_copy job = {source, destination, bytes, part};
  bf_pool_run(pool, parts_of(bytes, part), copy_part, &job);
}

/* ---- Strided copies --------------------------------------------------------------------------------- */

typedef struct strided_copy {
  bf_copy_plan plan; /* without the axes below */
  bf_axis along, across; /* the innermost of the destination; for planes the innermost of the source too */
  bool is_plane;
  size_t row_tiles, column_tiles, items, group;
  const char *source;
  char *destination;
} strided_copy;

#define RUN(size)                                                                                            \
  for (size_t j = 0; j < n; j++) memcpy(to + (ptrdiff_t)j * by, from + (ptrdiff_t)j * step, size)

/* n units along one axis. */
static void copy_run(size_t unit, size_t n, const char *from, ptrdiff_t step, char *to, ptrdiff_t by) {
  switch (unit) {
  case 1:
    if (step == 0 && by == 1)
      memset(to, *from, n);
    else
      RUN(1);
    break;
  case 2: RUN(2); break;
  case 4: RUN(4); break;
  case 8: RUN(8); break;
  case 12: RUN(12); break;
  case 16: RUN(16); break;
  default: RUN(unit); break;
  }
}

static void copy_items(void *context, size_t index, size_t thread) {
  (void)thread;
  const strided_copy *job = context;
  const bf_copy_plan *plan = &job->plan;
  size_t start = index * job->group, end = least(start + job->group, job->items);
  size_t tiles = job->row_tiles * job->column_tiles, at[BF_COPY_RANK] = {0};
  size_t tile = start % tiles, rest = start / tiles;
  const char *from = job->source;
  char *to = job->destination;
  for (size_t d = plan->rank; d-- > 0; rest /= plan->axis[d].extent) {
    at[d] = rest % plan->axis[d].extent;
    from += (ptrdiff_t)at[d] * plan->axis[d].source;
    to += (ptrdiff_t)at[d] * plan->axis[d].destination;
  }
  for (size_t item = start; item < end; item++) {
    size_t column = tile % job->column_tiles * TILE_COLUMNS;
    if (job->is_plane) {
      size_t row = tile / job->column_tiles * TILE_ROWS;
      bf_transpose_plane(plan->unit, least(TILE_ROWS, job->across.extent - row),
                         least(TILE_COLUMNS, job->along.extent - column),
                         from + (ptrdiff_t)row * job->across.source + (ptrdiff_t)column * job->along.source,
                         job->along.source,
                         to + (ptrdiff_t)row * job->across.destination +
                             (ptrdiff_t)column * job->along.destination,
                         job->across.destination);
    } else {
      copy_run(plan->unit, least(TILE_COLUMNS, job->along.extent - column),
               from + (ptrdiff_t)column * job->along.source, job->along.source,
               to + (ptrdiff_t)column * job->along.destination, job->along.destination);
    }
    if (++tile < tiles) continue;
    tile = 0;
    for (size_t d = plan->rank; d-- > 0;) {
      const bf_axis *axis = &plan->axis[d];
      from += axis->source;
      to += axis->destination;
      if (++at[d] < axis->extent) break;
      from -= (ptrdiff_t)axis->extent * axis->source;
      to -= (ptrdiff_t)axis->extent * axis->destination;
      at[d] = 0;
    }
  }
}

void bf_copy_run(bf_pool *pool, const bf_copy *copy, const void *source, void *destination) {
  strided_copy job = {.source = source, .destination = destination, .row_tiles = 1};
  bf_copy_plan *plan = &job.plan;
  if (!bf_plan_copy(copy, plan)) return;
  if (plan->rank == 0) {
    copy_flat(pool, plan->unit, source, destination);
    return;
  }
  size_t unit = plan->unit, item_bytes = unit;
  job.along = plan->axis[--plan->rank];
  if ((unit == 1 || unit == 2 || unit == 4 || unit == 8) && job.along.destination == (ptrdiff_t)unit)
    for (size_t d = 0; d < plan->rank; d++)
      if (plan->axis[d].source == (ptrdiff_t)unit) {
        job.is_plane = true;
        job.across = plan->axis[d];
        job.row_tiles = parts_of(job.across.extent, TILE_ROWS);
        item_bytes *= least(TILE_ROWS, job.across.extent);
        for (size_t rest = d + 1; rest < plan->rank; rest++) plan->axis[rest - 1] = plan->axis[rest];
        plan->rank--;
        break;
      }
  job.column_tiles = parts_of(job.along.extent, TILE_COLUMNS);
  item_bytes *= least(TILE_COLUMNS, job.along.extent);
  job.items = job.row_tiles * job.column_tiles;
  for (size_t d = 0; d < plan->rank; d++) job.items *= plan->axis[d].extent;
  size_t even = parts_of(job.items, bf_pool_threads(pool) * 4), small = parts_of(PART_BYTES, item_bytes);
  job.group = even > small ? even : small;
  bf_pool_run(pool, parts_of(job.items, job.group), copy_items, &job);
}

/* ---- Fill ------------------------------------------------------------------------------------------- */

typedef struct fill_job {
  char pattern[64];
  char *destination;
  size_t bytes, part;
  bool is_uniform;
} fill_job;

static void fill_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const fill_job *job = context;
  size_t start = index * job->part, n = least(job->part, job->bytes - start), i = 0;
  char *to = job->destination + start;
  if (job->is_uniform) {
    memset(to, job->pattern[0], n);
    return;
  }
  for (; i + 64 <= n; i += 64) memcpy(to + i, job->pattern, 64);
  memcpy(to + i, job->pattern, n - i);
}

void bf_fill(bf_pool *pool, size_t count, size_t element_size, const void *value, void *destination) {
  fill_job job = {.destination = destination, .bytes = count * element_size, .is_uniform = true};
  for (size_t i = 0; i < 64; i++) {
    job.pattern[i] = ((const char *)value)[i % element_size];
    job.is_uniform &= job.pattern[i] == job.pattern[0];
  }
  size_t part = parts_of(job.bytes, bf_pool_threads(pool) * 2);
  job.part = (part < PART_BYTES ? PART_BYTES : part) / 64 * 64 + 64;
  bf_pool_run(pool, parts_of(job.bytes, job.part), fill_part, &job);
}

/* ---- Gather ----------------------------------------------------------------------------------------- */

typedef struct gather_job {
  size_t rows, row_bytes, index_count, part, total;
  const char *source;
  char *destination;
  const void *index;
  bool index_is_64_bit;
} gather_job;

static int64_t index_at(const void *index, bool is_64_bit, size_t j) {
  return is_64_bit ? ((const int64_t *)index)[j] : ((const int32_t *)index)[j];
}

#define GATHER(size)                                                                                         \
  for (size_t i = start; i < end; i++) {                                                                     \
    int64_t row = index_at(job->index, job->index_is_64_bit, j);                                             \
    if (row < 0) row += (int64_t)job->rows;                                                                  \
    memcpy(job->destination + i * (size), slab + (size_t)row * (size), size);                                \
    if (++j == job->index_count) {                                                                           \
      j = 0;                                                                                                 \
      slab += job->rows * (size);                                                                            \
    }                                                                                                        \
  }

static void gather_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const gather_job *job = context;
  size_t start = index * job->part, end = least(start + job->part, job->total);
  size_t j = start % job->index_count;
  const char *slab = job->source + start / job->index_count * job->rows * job->row_bytes;
  switch (job->row_bytes) {
  case 1: GATHER(1u) break;
  case 2: GATHER(2u) break;
  case 4: GATHER(4u) break;
  case 8: GATHER(8u) break;
  default: GATHER(job->row_bytes) break;
  }
}

bool bf_gather(bf_pool *pool, size_t outer, size_t rows, size_t row_bytes, const void *source,
               size_t index_count, const void *index, bool index_is_64_bit, void *destination) {
  for (size_t j = 0; j < index_count; j++) {
    int64_t row = index_at(index, index_is_64_bit, j);
    if (row >= (int64_t)rows || row < -(int64_t)rows) return false;
  }
  gather_job job = {.rows = rows, .row_bytes = row_bytes, .index_count = index_count,
                    .total = outer * index_count, .source = source, .destination = destination,
                    .index = index, .index_is_64_bit = index_is_64_bit};
  if (job.total == 0 || row_bytes == 0) return true;
  size_t even = parts_of(job.total, bf_pool_threads(pool) * 2), small = parts_of(PART_BYTES, row_bytes);
  job.part = even > small ? even : small;
  bf_pool_run(pool, parts_of(job.total, job.part), gather_part, &job);
  return true;
}
