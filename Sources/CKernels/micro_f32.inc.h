/* The float32 kernels of one instruction set, inside a region of target_begin.inc.h. The including file
 * defines F32_NAME, the table's name, and F32_ACTIVATE, its f32_activate_*. */
#include "vector_math.inc.h"

#define F32_PANEL (BF_REGISTERS == 32 ? 4 : 2)

/* Bias, an activation known to the compiler and a residual, on the way from the sums to the result; no scale. */
BF_INLINE void finish_as(const f32_target *target, const float *sums, size_t rows, const bf_activation activation,
                         const vf a, const vf b) {
  const size_t columns = target->columns, width = (columns + VW - 1) / VW * VW;
  const ptrdiff_t c_stride = target->c_stride, residual_stride = target->residual_stride;
  for (size_t j = 0; j < columns; j += VW) {
    const size_t count = f32_min(VW, columns - j);
    const vf bias = target->bias ? v_load_some(target->bias + j, count) : (vf){0};
    const float *residual = target->residual ? target->residual + j : NULL;
    float *c = target->c + j;
    for (size_t r = 0; r < rows; r++, c += c_stride) {
      vf x = v_activate(activation, a, b, v_load(sums + r * width + j) + bias);
      if (residual) {
        x = x + v_load_some(residual, count);
        residual += residual_stride;
      }
      if (count == VW) v_store(c, x);
      else v_store_some(c, x, count);
    }
  }
}

/* What is_plain leaves to do: bias, activations of every kind, a residual, columns that are no whole vector. The
 * sums are rows of whole vectors without gaps. */
static __attribute__((noinline)) void finish(const f32_target *target, float *sums, size_t rows) {
  const f32_epilogue *e = target->epilogue;
  const bf_epilogue *f = &e->epilogue;
  const vf one = v_splat(1), none = {0};
  if (e->scale == 1 && (!target->residual || f->residual_activation == BF_IDENTITY)) switch (f->activation) {
    case BF_SILU:
      if (f->a != 1) break;
      finish_as(target, sums, rows, BF_SILU, one, none);
      return;
    case BF_SIGMOID: finish_as(target, sums, rows, BF_SIGMOID, none, none); return;
    case BF_HARD_SWISH: finish_as(target, sums, rows, BF_HARD_SWISH, none, none); return;
    case BF_GELU_ERF: finish_as(target, sums, rows, BF_GELU_ERF, none, none); return;
    default: break;
  }
  const vf scale = v_splat(e->scale);
  const float *bias = target->bias, *residual = target->residual;
  const size_t columns = target->columns, width = (columns + VW - 1) / VW * VW;
  const ptrdiff_t c_stride = target->c_stride, residual_stride = target->residual_stride;
  float *c = target->c;
  if (bias || e->scale != 1)
    for (size_t j = 0; j < columns; j += VW) {
      vf shift = bias ? v_load_some(bias + j, f32_min(VW, columns - j)) : (vf){0};
      for (size_t r = 0; r < rows; r++) v_store(sums + r * width + j, v_load(sums + r * width + j) * scale + shift);
    }
  F32_ACTIVATE(f->activation, f->a, f->b, sums, rows * width);
  if (residual) {
    for (size_t r = 0; r < rows; r++, residual += residual_stride)
      for (size_t j = 0; j < columns; j += VW)
        v_store(sums + r * width + j,
                v_load(sums + r * width + j) + v_load_some(residual + j, f32_min(VW, columns - j)));
    F32_ACTIVATE(f->residual_activation, f->residual_a, f->residual_b, sums, rows * width);
  }
  for (size_t r = 0; r < rows; r++, c += c_stride) {
    size_t j = 0;
    for (; j + VW <= columns; j += VW) v_store(c + j, v_load(sums + r * width + j));
    if (j < columns) v_store_some(c + j, v_load(sums + r * width + j), columns - j);
  }
}

/* The bounds of an epilogue that is_plain, read once: what is stored in between may not change them. */
typedef struct bounds {
  vf scale, low, high, residual_low, residual_high;
} bounds;
BF_INLINE bounds v_bounds(const f32_epilogue *e) {
  return (bounds){v_splat(e->scale), v_splat(e->low), v_splat(e->high), v_splat(e->residual_low), v_splat(e->residual_high)};
}
BF_INLINE vf clamped(const bounds *e, vf x) { return v_min(v_max(x, e->low), e->high); }
/* Without a residual, 0 is added and the second bounds are infinite. */
BF_INLINE vf plain(const bounds *e, vf x, vf residual) {
  return v_min(v_max(clamped(e, x) + residual, e->residual_low), e->residual_high);
}

#include "tile_f32.inc.h"
#include "pack_f32.inc.h"
#include "depthwise_f32.inc.h"
#include "winograd_f32.inc.h"

const f32_kernels F32_NAME = {
    .vector = VW,
    .panel = F32_PANEL,
    .max_rows = F32_ROWS,
    .tile = tiles,
    .depthwise = depthwise,
    .depthwise_lines = BF_REGISTERS == 32 ? 2 : 1,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .pack = pack,
    .interleave = interleave,
    .dot = dot,
};
