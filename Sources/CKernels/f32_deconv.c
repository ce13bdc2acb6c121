/* Transposed convolution, by phases: results whose coordinates agree modulo the stride use the same taps, so
 * each phase of a row of the result is a product of its own with just those taps. */
#include "f32.h"

/* The phase that kernel coordinate `k` belongs to: (phase + pad - k dilation) is a multiple of the stride. */
static size_t phase_of(size_t k, size_t dilation, size_t pad, size_t stride) {
  return (k * dilation % stride + stride - pad % stride) % stride;
}
static size_t phase_taps(size_t kernel, size_t dilation, size_t pad, size_t stride, size_t phase) {
  size_t taps = 0;
  for (size_t k = 0; k < kernel; k++) taps += phase_of(k, dilation, pad, stride) == phase;
  return taps;
}
static size_t row_taps(const bf_conv_shape *s, size_t phase) {
  return phase_taps(s->kernel_height, s->dilation_height, s->pad_top, s->stride_height, phase);
}
static size_t column_taps(const bf_conv_shape *s, size_t phase) {
  return phase_taps(s->kernel_width, s->dilation_width, s->pad_left, s->stride_width, phase);
}

static size_t tap_floats(const bf_conv_shape *s) {
  return f32_packed_floats(f32_current(), s->in_channels / s->groups, s->out_channels / s->groups);
}
size_t bf_f32_deconv_packed_bytes(const bf_conv_shape *s) {
  return s->groups * s->kernel_height * s->kernel_width * tap_floats(s) * sizeof(float);
}

void bf_f32_deconv_pack(const bf_conv_shape *s, const float *weights, float *packed) {
  const f32_kernels *kernels = f32_current();
  size_t panel = f32_panel_columns(kernels), area = s->kernel_height * s->kernel_width;
  size_t k = s->in_channels / s->groups, n = s->out_channels / s->groups;
  for (size_t group = 0; group < s->groups; group++)
    for (size_t py = 0; py < s->stride_height; py++)
      for (size_t px = 0; px < s->stride_width; px++)
        for (size_t j = 0; j < n; j += panel) {
          size_t columns = f32_min(panel, n - j), width = f32_ceil(columns, kernels->vector) * kernels->vector;
          for (size_t ky = 0; ky < s->kernel_height; ky++) {
            if (phase_of(ky, s->dilation_height, s->pad_top, s->stride_height) != py) continue;
            for (size_t kx = 0; kx < s->kernel_width; kx++) {
              if (phase_of(kx, s->dilation_width, s->pad_left, s->stride_width) != px) continue;
              kernels->pack(weights + (group * k * n + j) * area + ky * s->kernel_width + kx, (ptrdiff_t)(n * area),
                            (ptrdiff_t)area, k, columns, width, packed);
              packed += k * width;
            }
          }
        }
}

enum { TABLE_POINTERS = 4096 };
static size_t most_taps(const bf_conv_shape *s) {
  return s->kernel_height * s->kernel_width;
}
static size_t table_rows(const bf_conv_shape *s) {
  return f32_min(F32_BLOCK_ROWS, f32_max(F32_MAX_ROWS, TABLE_POINTERS / most_taps(s)));
}
static size_t table_bytes(const bf_conv_shape *s) { return f32_aligned(table_rows(s) * most_taps(s) * sizeof(float *)); }
static size_t zero_bytes(const bf_conv_shape *s) { return f32_aligned(s->in_channels / s->groups * sizeof(float)); }
size_t bf_f32_deconv_scratch(const bf_conv_shape *s, size_t threads) {
  return zero_bytes(s) + threads * table_bytes(s);
}

typedef struct deconv_job {
  const f32_conv_call *call;
  size_t panel_groups;
} deconv_job;

/* One row of the result, one group of channels, some panels. */
static void run_row(void *context, size_t index, size_t thread) {
  const deconv_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t lines = s->batch * s->out_height;
  size_t line = index % lines, panel_group = index / lines % job->panel_groups;
  size_t group = index / lines / job->panel_groups;
  size_t batch = line / s->out_height, y = line % s->out_height;
  size_t k = s->in_channels / s->groups, n = s->out_channels / s->groups;
  size_t panels = f32_ceil(n, f32_panel_columns(call->kernels));
  const float *zero = (const float *)(void *)call->scratch;
  const float **table = (const float **)(void *)(call->scratch + zero_bytes(s) + thread * table_bytes(s));
  const float *input =
      call->input + (ptrdiff_t)(batch * s->in_height * s->in_width) * s->in_stride + group * k;
  f32_epilogue epilogue = call->epilogue;
  bf_epilogue *e = &epilogue.epilogue;
  if (e->bias) e->bias += group * n;
  if (e->residual) e->residual += (ptrdiff_t)(line * s->out_width) * e->residual_stride + group * n;
  const float *residual = e->residual;
  ptrdiff_t residual_stride = e->residual_stride;
  e->residual_stride *= (ptrdiff_t)s->stride_width;

  /* Weights of earlier phases come first. */
  size_t floats = f32_packed_floats(call->kernels, k, n), row_phase = y % s->stride_height;
  const float *packed = call->packed + group * s->kernel_height * s->kernel_width * floats;
  for (size_t phase = 0; phase < row_phase; phase++) packed += row_taps(s, phase) * s->kernel_width * floats;
  size_t tall = row_taps(s, row_phase);
  for (size_t phase = 0; phase < s->stride_width && phase < s->out_width; phase++) {
    size_t wide = column_taps(s, phase), results = f32_ceil(s->out_width - phase, s->stride_width);
    for (size_t first = 0; first < results; first += table_rows(s)) {
      size_t count = f32_min(results - first, table_rows(s));
      const float **entry = table;
      for (size_t ky = 0; ky < s->kernel_height; ky++) {
        if (phase_of(ky, s->dilation_height, s->pad_top, s->stride_height) != row_phase) continue;
        ptrdiff_t iy = (ptrdiff_t)(y + s->pad_top) - (ptrdiff_t)(ky * s->dilation_height);
        bool has_line = iy >= 0 && (size_t)iy / s->stride_height < s->in_height;
        const float *in_line =
            input + (has_line ? iy / (ptrdiff_t)s->stride_height * (ptrdiff_t)s->in_width * s->in_stride : 0);
        for (size_t kx = 0; kx < s->kernel_width; kx++) {
          if (phase_of(kx, s->dilation_width, s->pad_left, s->stride_width) != phase) continue;
          /* An exact multiple of the stride, also where negative. */
          ptrdiff_t ix = ((ptrdiff_t)(phase + first * s->stride_width + s->pad_left) -
                          (ptrdiff_t)(kx * s->dilation_width)) / (ptrdiff_t)s->stride_width;
          for (size_t i = 0; i < count; i++, ix++)
            *entry++ = has_line && ix >= 0 && (size_t)ix < s->in_width ? in_line + ix * s->in_stride : zero;
        }
      }
      size_t x = phase + first * s->stride_width;
      if (residual) e->residual = residual + (ptrdiff_t)x * residual_stride;
      f32_block block = {
          .rows = table,
          .row_step = count,
          .row_count = count,
          .taps = tall * wide,
          .k = tall * wide == 0 ? 0 : k,
          .n = n,
          .packed = packed,
          .first_panel = f32_part(panels, panel_group, job->panel_groups),
          .end_panel = f32_part(panels, panel_group + 1, job->panel_groups),
          .c = call->output + (ptrdiff_t)(line * s->out_width + x) * s->out_stride + group * n,
          .c_stride = (ptrdiff_t)s->stride_width * s->out_stride,
          .epilogue = &epilogue,
      };
      f32_run_block(call->kernels, &block);
    }
    packed += tall * wide * floats;
  }
}

void bf_f32_deconv(bf_pool *pool, const bf_conv_shape *shape, const float *input, const float *packed, float *output,
                   const bf_epilogue *epilogue, void *scratch) {
  if (shape->batch * shape->out_height * shape->out_width * shape->out_channels == 0) return;
  f32_conv_call call = {
      .kernels = f32_current(),
      .pool = pool,
      .shape = shape,
      .input = input,
      .packed = packed,
      .output = output,
      .epilogue = f32_prepare(epilogue, 1),
      .scratch = scratch,
  };
  __builtin_memset(scratch, 0, zero_bytes(shape));
  size_t lines = shape->batch * shape->out_height, threads = bf_pool_threads(pool);
  size_t panels = f32_ceil(shape->out_channels / shape->groups, f32_panel_columns(call.kernels));
  deconv_job job = {.call = &call, .panel_groups = 1};
  if (threads > 1 && lines * shape->groups < 4 * threads)
    job.panel_groups = f32_min(panels, f32_ceil(4 * threads, lines * shape->groups));
  bf_pool_run(pool, shape->groups * job.panel_groups * lines, run_row, &job);
}
