#include <string.h>

#include "elementwise_tasks.h"

/* A chain over merged axes. Its tiles are `rows` rows of the last axis but one, `columns` of the last. */
typedef struct chain_plan {
  const bf_chain *chain;
  const bf_chain_functions *functions;
  const void *const *inputs;
  void *const *outputs;
  size_t rank, extent[BF_CHAIN_RANK + 2];
  ptrdiff_t stride[BF_CHAIN_OPERANDS + 2][BF_CHAIN_RANK + 2];
  size_t rows, columns, row_tiles, column_tiles, tiles, group;
} chain_plan;

static size_t parts_of(size_t total, size_t part) { return (total + part - 1) / part; }
static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static const bf_chain_functions *functions(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return &bf_elementwise_avx512;
  if (isa >= BF_ISA_AVX2) return &bf_elementwise_avx2;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return &bf_elementwise_neon;
#endif
  (void)isa;
  return &bf_elementwise_portable;
}

static const bf_chain_operand *operand_at(const bf_chain *chain, size_t index) {
  return index < chain->input_count ? &chain->input[index] : &chain->output[index - chain->input_count];
}

/* Axes of extent 1 vanish; neighbours that every operand walks as one are merged. At least two remain,
 * made up of extents of 1 in front. False when there is nothing to do. */
static bool merge_axes(chain_plan *plan) {
  const bf_chain *chain = plan->chain;
  size_t operands = chain->input_count + chain->output_count, rank = 2;
  plan->extent[0] = plan->extent[1] = 1;
  for (size_t p = 0; p < operands; p++) plan->stride[p][0] = plan->stride[p][1] = 0;
  for (size_t d = 0; d < chain->rank; d++) {
    size_t extent = chain->extent[d];
    if (extent == 0) return false;
    if (extent == 1) continue;
    bool is_mergeable = plan->extent[rank - 1] > 1;
    for (size_t p = 0; p < operands && is_mergeable; p++)
      is_mergeable = plan->stride[p][rank - 1] == operand_at(chain, p)->stride[d] * (ptrdiff_t)extent;
    size_t at = is_mergeable ? rank - 1 : rank++;
    plan->extent[at] = is_mergeable ? plan->extent[at] * extent : extent;
    for (size_t p = 0; p < operands; p++) plan->stride[p][at] = operand_at(chain, p)->stride[d];
  }
  plan->rank = rank;
  return true;
}

/* ---- Tiles ------------------------------------------------------------------------------------------ */

static int32_t to_int32(float x) {
  if (x >= 2147483648.0f) return INT32_MAX;
  return x >= -2147483648.0f ? (int32_t)x : x < 0 ? INT32_MIN : 0;
}

static int64_t to_int64(float x) {
  if (x >= 9223372036854775808.0f) return INT64_MAX;
  return x >= -9223372036854775808.0f ? (int64_t)x : x < 0 ? INT64_MIN : 0;
}

static void load_row(const chain_plan *plan, bf_element type, size_t n, const void *source, ptrdiff_t step,
                     float *to) {
#define LOAD(element)                                                                                        \
  {                                                                                                          \
    const element *from = source;                                                                            \
    if (step == 1)                                                                                           \
      for (size_t i = 0; i < n; i++) to[i] = (float)from[i];                                                 \
    else                                                                                                     \
      for (size_t i = 0; i < n; i++) to[i] = (float)from[(ptrdiff_t)i * step];                               \
  }
  switch (type) {
  case BF_F32:
    if (step == 0)
      for (size_t i = 0; i < n; i++) to[i] = *(const float *)source;
    else
      LOAD(float)
    break;
  case BF_BOOL:
    if (step == 1)
      plan->functions->load_bool(n, source, to);
    else
      for (size_t i = 0; i < n; i++) to[i] = ((const uint8_t *)source)[(ptrdiff_t)i * step] != 0;
    break;
  case BF_I32: LOAD(int32_t) break;
  case BF_I64: LOAD(int64_t) break;
  }
}

static void store_row(const chain_plan *plan, bf_element type, size_t n, const float *from, void *target,
                      ptrdiff_t step) {
  switch (type) {
  case BF_F32:
    if (step == 1)
      memcpy(target, from, n * sizeof *from);
    else
      for (size_t i = 0; i < n; i++) ((float *)target)[(ptrdiff_t)i * step] = from[i];
    break;
  case BF_BOOL:
    if (step == 1)
      plan->functions->store_bool(n, from, target);
    else
      for (size_t i = 0; i < n; i++) ((uint8_t *)target)[(ptrdiff_t)i * step] = from[i] != 0;
    break;
  case BF_I32:
    for (size_t i = 0; i < n; i++) ((int32_t *)target)[(ptrdiff_t)i * step] = to_int32(from[i]);
    break;
  case BF_I64:
    for (size_t i = 0; i < n; i++) ((int64_t *)target)[(ptrdiff_t)i * step] = to_int64(from[i]);
    break;
  }
}

static size_t size_of(bf_element type) { return type == BF_BOOL ? 1 : type == BF_I64 ? 8 : 4; }

typedef struct tile {
  size_t rows, columns;
  ptrdiff_t offset[BF_CHAIN_OPERANDS + 2]; /* elements */
} tile;

static void find_tile(const chain_plan *plan, size_t index, size_t operands, tile *at) {
  size_t last = plan->rank - 1;
  size_t column = index % plan->column_tiles * plan->columns, rest = index / plan->column_tiles;
  size_t row = rest % plan->row_tiles * plan->rows;
  rest /= plan->row_tiles;
  at->rows = least(plan->rows, plan->extent[last - 1] - row);
  at->columns = least(plan->columns, plan->extent[last] - column);
  for (size_t p = 0; p < operands; p++)
    at->offset[p] = (ptrdiff_t)row * plan->stride[p][last - 1] + (ptrdiff_t)column * plan->stride[p][last];
  for (size_t d = last - 1; d-- > 0 && rest > 0; rest /= plan->extent[d]) {
    ptrdiff_t i = (ptrdiff_t)(rest % plan->extent[d]);
    for (size_t p = 0; p < operands; p++) at->offset[p] += i * plan->stride[p][d];
  }
}

/* Whether the operand's elements in a tile follow one another. */
static bool is_straight(const chain_plan *plan, size_t p, const tile *at) {
  size_t last = plan->rank - 1;
  return plan->stride[p][last] == 1 &&
         (at->rows == 1 || plan->stride[p][last - 1] == (ptrdiff_t)at->columns);
}

typedef struct tile_buffers {
  _Alignas(64) float reg[BF_CHAIN_REGISTERS][BF_CHAIN_TILE];
  _Alignas(64) float operand[BF_CHAIN_OPERANDS][BF_CHAIN_TILE];
  ptrdiff_t offset[BF_CHAIN_OPERANDS]; /* of what an operand's buffer holds */
  size_t rows[BF_CHAIN_OPERANDS], columns[BF_CHAIN_OPERANDS];
} tile_buffers;

static const float *load_operand(const chain_plan *plan, size_t p, const tile *at, tile_buffers *buffers) {
  const bf_chain_operand *operand = &plan->chain->input[p];
  size_t last = plan->rank - 1, count = at->rows * at->columns, whole = (count + 15) / 16 * 16;
  const char *source = (const char *)plan->inputs[p] + at->offset[p] * (ptrdiff_t)size_of(operand->type);
  bool straight = is_straight(plan, p, at);
  if (straight && operand->type == BF_F32 && count == whole) return (const float *)source;
  float *to = buffers->operand[p];
  /* What is broadcast over the tiles is loaded once. */
  if (buffers->rows[p] == at->rows && buffers->columns[p] == at->columns && buffers->offset[p] == at->offset[p])
    return to;
  buffers->rows[p] = at->rows;
  buffers->columns[p] = at->columns;
  buffers->offset[p] = at->offset[p];
  ptrdiff_t step = plan->stride[p][last], row_step = plan->stride[p][last - 1];
  if (straight) {
    load_row(plan, operand->type, count, source, 1, to);
  } else if (at->columns == 1 || (step == 0 && row_step == 0)) {
    load_row(plan, operand->type, count, source, at->columns == 1 ? row_step : 0, to);
  } else {
    for (size_t r = 0; r < at->rows; r++)
      load_row(plan, operand->type, at->columns,
               source + (ptrdiff_t)r * row_step * (ptrdiff_t)size_of(operand->type), step, to + r * at->columns);
  }
  memset(to + count, 0, (whole - count) * sizeof *to);
  return to;
}

static void store_operand(const chain_plan *plan, size_t output, const tile *at, const float *from) {
  size_t p = plan->chain->input_count + output, last = plan->rank - 1;
  const bf_chain_operand *operand = &plan->chain->output[output];
  char *target = (char *)plan->outputs[output] + at->offset[p] * (ptrdiff_t)size_of(operand->type);
  if ((const void *)target == (const void *)from) return;
  if (is_straight(plan, p, at)) {
    store_row(plan, operand->type, at->rows * at->columns, from, target, 1);
    return;
  }
  for (size_t r = 0; r < at->rows; r++)
    store_row(plan, operand->type, at->columns, from + r * at->columns,
              target + (ptrdiff_t)r * plan->stride[p][last - 1] * (ptrdiff_t)size_of(operand->type),
              plan->stride[p][last]);
}

/* Where the last step may put its result at once: a straight float output that shares it. */
static float *direct_result(const chain_plan *plan, const tile *at) {
  const bf_chain *chain = plan->chain;
  size_t p = chain->input_count;
  if (chain->output_count != 1 || chain->output[0].type != BF_F32 || at->rows * at->columns % 16 != 0 ||
      chain->output[0].reg != chain->step[chain->step_count - 1].result || !is_straight(plan, p, at))
    return NULL;
  return (float *)plan->outputs[0] + at->offset[p];
}

static void run_tiles(void *context, size_t index, size_t thread) {
  (void)thread;
  const chain_plan *plan = context;
  const bf_chain *chain = plan->chain;
  tile_buffers buffers;
  memset(buffers.rows, 0, sizeof buffers.rows);
  size_t end = least((index + 1) * plan->group, plan->tiles);
  for (size_t t = index * plan->group; t < end; t++) {
    tile at;
    find_tile(plan, t, chain->input_count + chain->output_count, &at);
    size_t whole = (at.rows * at.columns + 15) / 16 * 16;
    const float *reg[BF_CHAIN_REGISTERS];
    for (size_t r = 0; r < BF_CHAIN_REGISTERS; r++) reg[r] = buffers.reg[r];
    for (size_t p = 0; p < chain->input_count; p++)
      reg[chain->input[p].reg] = load_operand(plan, p, &at, &buffers);
    for (size_t s = 0; s < chain->step_count; s++) {
      const bf_chain_step *step = &chain->step[s];
      float *result = s + 1 == chain->step_count ? direct_result(plan, &at) : NULL;
      if (!result) result = buffers.reg[step->result];
      plan->functions->apply(step, whole, reg[step->x], reg[step->y], reg[step->z], result);
      reg[step->result] = result;
    }
    for (size_t o = 0; o < chain->output_count; o++) store_operand(plan, o, &at, reg[chain->output[o].reg]);
  }
}

/* Roughly the time of an element, in additions. */
static size_t weight_of(const bf_chain *chain) {
  size_t weight = 1;
  for (size_t s = 0; s < chain->step_count; s++)
    switch (chain->step[s].function) {
    case BF_POW:
    case BF_POW_CONSTANT:
    case BF_FMOD:
    case BF_SIN:
    case BF_COS: weight += 30; break;
    case BF_EXP:
    case BF_LOG:
    case BF_ERF:
    case BF_UNARY_ACTIVATION: weight += 10; break;
    default: weight += 1; break;
    }
  return weight;
}

void bf_chain_run(bf_pool *pool, const bf_chain *chain, const void *const *inputs, void *const *outputs) {
  enum { TASK_WORK = 1 << 15 };
  chain_plan plan = {.chain = chain, .functions = functions(), .inputs = inputs, .outputs = outputs};
  if (!merge_axes(&plan)) return;
  size_t last = plan.rank - 1, width = plan.extent[last];
  /* Even columns in whole vectors, or several short rows. */
  plan.columns = width;
  if (width > BF_CHAIN_TILE)
    plan.columns = (parts_of(width, parts_of(width, BF_CHAIN_TILE)) + 15) / 16 * 16;
  plan.rows = width > BF_CHAIN_TILE ? 1 : least(BF_CHAIN_TILE / width, plan.extent[last - 1]);
  if (plan.rows > 16) plan.rows = plan.rows / 16 * 16;
  plan.column_tiles = parts_of(width, plan.columns);
  plan.row_tiles = parts_of(plan.extent[last - 1], plan.rows);
  plan.tiles = plan.column_tiles * plan.row_tiles;
  for (size_t d = 0; d + 1 < last; d++) plan.tiles *= plan.extent[d];
  size_t even = parts_of(plan.tiles, bf_pool_threads(pool) * 4);
  size_t small = parts_of(TASK_WORK, plan.rows * plan.columns * weight_of(chain));
  plan.group = even > small ? even : small;
  bf_pool_run(pool, parts_of(plan.tiles, plan.group), run_tiles, &plan);
}
