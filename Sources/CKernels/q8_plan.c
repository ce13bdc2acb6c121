#include "q8_plan.h"

#include <math.h>

q8_input q8_describe_input(const q8_kernels *kernels, bf_byte type, int32_t zero_point) {
  q8_input input = {.padding = (uint8_t)zero_point, .is_signed = kernels->native_is_signed};
  input.flip = (type == BF_S8) != kernels->native_is_signed ? 0x80 : 0;
  uint8_t flipped = input.padding ^ input.flip;
  input.zero_point = input.is_signed ? (int8_t)flipped : flipped;
  return input;
}

static bool is_clamp(bf_activation activation) {
  return activation == BF_IDENTITY || activation == BF_RELU || activation == BF_CLAMP;
}

static void bounds(bf_activation activation, float a, float b, float *low, float *high) {
  *low = activation == BF_RELU ? 0 : activation == BF_CLAMP ? a : -INFINITY;
  *high = activation == BF_CLAMP ? b : INFINITY;
}

static uint8_t bound_byte(float bound, float zero_point) {
  float q = rintf(bound) + zero_point;
  return q <= 0 ? 0 : q >= 255 ? 255 : (uint8_t)q;
}

/* Whether the real values, over the output's scale, stay within what converts to 32 bits. */
static bool converts(const bf_sum_epilogue *e, size_t k, size_t columns) {
  double sum = (double)k * 255 * 255, multiplier = 0, bias = 0;
  for (size_t i = 0; i < columns; i++) {
    multiplier = fmax(multiplier, fabs((double)e->multiplier[i]));
    if (e->bias) sum = fmax(sum, (double)k * 255 * 255 + fabs((double)e->bias[i]));
    if (e->real_bias) bias = fmax(bias, fabs((double)e->real_bias[i]));
  }
  double real = fmin(sum, 2147483648.0) * multiplier + bias;
  if (e->residual) real += 256.0 * fabs((double)e->residual_affine.scale);
  return real / (double)e->output.scale < 2e9;
}

/* Whether the vectors' fixed point holds for all sums. */
static bool sums_fit(const bf_sum_epilogue *e, size_t k, size_t columns) {
  double bias = 0;
  for (size_t i = 0; i < columns; i++) {
    if (e->fixed_shift[i] > 0) return false;
    if (e->bias) bias = fmax(bias, fabs((double)e->bias[i]));
  }
  return (double)k * 255 * 255 + bias < 0x1p30;
}

static q8_form choose_form(const bf_sum_epilogue *e, size_t k, size_t columns) {
  if (e->result == BF_SUM_FIXED) return sums_fit(e, k, columns) ? Q8_BYTE_FIXED : Q8_GENERAL;
  if (e->result != BF_SUM_BYTE || !is_clamp(e->activation)) return Q8_GENERAL;
  if (e->residual && !is_clamp(e->residual_activation)) return Q8_GENERAL;
  if (!converts(e, k, columns)) return Q8_GENERAL;
  if (!e->residual) return Q8_BYTE;
  return e->activation == BF_IDENTITY ? Q8_BYTE_RESIDUAL : Q8_GENERAL;
}

void q8_prepare(q8_prepared *prepared, const bf_sum_epilogue *e, size_t k, size_t columns, void *output,
                ptrdiff_t stride, size_t slots, uint8_t *scratch) {
  q8_result *r = &prepared->result;
  *r = (q8_result){.form = choose_form(e, k, columns), .output = output, .stride = stride, .epilogue = e};
  prepared->real_addend = 0;
  prepared->offset = (int32_t *)(void *)scratch;
  prepared->multiplier = (float *)(void *)(scratch + q8_aligned(slots * 4));
  prepared->real_bias = (float *)(void *)(scratch + 2 * q8_aligned(slots * 4));
  prepared->fixed_multiplier = (int32_t *)(void *)prepared->multiplier;
  prepared->fixed_right = (int32_t *)(void *)prepared->real_bias;
  if (e->result != BF_SUM_BYTE && e->result != BF_SUM_FIXED) return;
  bool is_signed = e->output.type == BF_S8;
  r->flip = is_signed ? 0x80 : 0;
  r->zero_point = e->output.zero_point + (is_signed ? 128 : 0);
  r->high = 255;
  if (e->result == BF_SUM_FIXED) return;
  float low, high;
  if (e->residual)
    bounds(e->residual_activation, e->residual_a, e->residual_b, &low, &high);
  else
    bounds(e->activation, e->a, e->b, &low, &high);
  if (e->residual) {
    bool residual_is_signed = e->residual_affine.type == BF_S8;
    r->residual_flip = residual_is_signed ? 0x80 : 0;
    r->residual_scale = e->residual_affine.scale / e->output.scale;
    prepared->real_addend =
        -(float)(e->residual_affine.zero_point + (residual_is_signed ? 128 : 0)) * r->residual_scale;
  }
  r->low = bound_byte(low / e->output.scale, (float)r->zero_point);
  r->high = bound_byte(high / e->output.scale, (float)r->zero_point);
  r->is_plain = r->zero_point == 0 && r->low == 0 && r->high == 255;
}

void q8_prepare_slot(q8_prepared *prepared, size_t slot, size_t column, int32_t correction) {
  const bf_sum_epilogue *e = prepared->result.epilogue;
  uint32_t bias = e->bias ? (uint32_t)e->bias[column] : 0;
  prepared->offset[slot] = (int32_t)(bias + (uint32_t)correction);
  if (e->result == BF_SUM_FIXED) {
    prepared->fixed_multiplier[slot] = e->fixed_multiplier[column];
    prepared->fixed_right[slot] = -e->fixed_shift[column];
  }
  if (e->result == BF_SUM_INT32 || e->result == BF_SUM_FIXED) return;
  float scale = e->result == BF_SUM_BYTE ? e->output.scale : 1;
  prepared->multiplier[slot] = e->multiplier[column] / scale;
  prepared->real_bias[slot] = (e->real_bias ? e->real_bias[column] / scale : 0) + prepared->real_addend;
}

q8_split q8_split_work(size_t rows, size_t row_multiple, size_t row_limit, size_t units, double products,
                       size_t threads) {
  size_t limit = q8_max(row_limit / row_multiple, 1) * row_multiple;
  size_t row_parts = q8_max(q8_ceil(rows, limit), 1), unit_parts = 1;
  if (threads > 1) {
    size_t wanted = (size_t)fmin((double)threads * 8, products / 200e3 + 1);
    if (row_parts < wanted) {
      /* Rows divide well while parts keep some tiles; then columns do. */
      size_t by_rows = q8_max(rows / (4 * row_multiple), 1);
      size_t more = q8_min(wanted, by_rows);
      if (units >= 2 * wanted && by_rows < wanted) more = row_parts;
      row_parts = q8_max(row_parts, more);
      unit_parts = q8_min(q8_ceil(wanted, row_parts), units);
    }
  }
  size_t tiles = q8_max(q8_ceil(rows, row_multiple), 1);
  return (q8_split){.row_parts = q8_min(row_parts, tiles), .unit_parts = q8_max(unit_parts, 1), .rows = rows,
                    .tiles = tiles, .row_multiple = row_multiple, .units = units};
}

q8_piece q8_piece_of(const q8_split *s, size_t index) {
  size_t row_part = index / s->unit_parts, unit_part = index % s->unit_parts;
  return (q8_piece){.first_row = row_part * s->tiles / s->row_parts * s->row_multiple,
                    .end_row = q8_min((row_part + 1) * s->tiles / s->row_parts * s->row_multiple, s->rows),
                    .first_unit = unit_part * s->units / s->unit_parts,
                    .end_unit = (unit_part + 1) * s->units / s->unit_parts};
}
