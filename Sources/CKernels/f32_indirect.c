#include "f32.h"

/* Pointers of a block's table, and the rows that a table of that size holds. */
enum { TABLE_POINTERS = 4096 };
static size_t table_rows(const bf_conv_shape *shape) {
  size_t taps = shape->kernel_height * shape->kernel_width;
  return f32_min(F32_BLOCK_ROWS, f32_max(F32_MAX_ROWS, TABLE_POINTERS / taps));
}
static size_t table_bytes(const bf_conv_shape *shape) {
  return f32_aligned(table_rows(shape) * shape->kernel_height * shape->kernel_width * sizeof(float *));
}
static size_t zero_bytes(const bf_conv_shape *shape) {
  return f32_aligned(shape->in_channels / shape->groups * sizeof(float));
}

size_t f32_indirect_scratch(const bf_conv_shape *shape, size_t threads) {
  return zero_bytes(shape) + threads * table_bytes(shape);
}

/* Where each tap of `count` pixels of the result finds its input. */
static void fill_table(const bf_conv_shape *s, const float *input, const float *zero, size_t pixel, size_t count,
                       const float **table) {
  for (size_t ky = 0; ky < s->kernel_height; ky++)
    for (size_t kx = 0; kx < s->kernel_width; kx++, table += count) {
      size_t row = pixel / s->out_width, x = pixel % s->out_width;
      for (size_t r = 0; r < count; row++, x = 0) {
        size_t run = f32_min(count - r, s->out_width - x);
        size_t batch = row / s->out_height, y = row % s->out_height;
        /* Outside on the left, these wrap round and are too great. */
        size_t iy = y * s->stride_height + ky * s->dilation_height - s->pad_top;
        size_t ix = x * s->stride_width + kx * s->dilation_width - s->pad_left;
        if (iy >= s->in_height) {
          for (size_t i = 0; i < run; i++) table[r + i] = zero;
        } else {
          const float *line = input + (ptrdiff_t)((batch * s->in_height + iy) * s->in_width) * s->in_stride;
          for (size_t i = 0; i < run; i++, ix += s->stride_width)
            table[r + i] = ix < s->in_width ? line + (ptrdiff_t)ix * s->in_stride : zero;
        }
        r += run;
      }
    }
}

typedef struct indirect_job {
  const f32_conv_call *call;
  f32_plan plan;
  size_t pixels, group_floats;
} indirect_job;

static void run_chunk(void *context, size_t index, size_t thread) {
  const indirect_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t part = index % job->plan.row_blocks;
  size_t panel_group = index / job->plan.row_blocks % job->plan.panel_groups;
  size_t group = index / job->plan.row_blocks / job->plan.panel_groups;
  size_t pixel = f32_part(job->pixels, part, job->plan.row_blocks);
  size_t end = f32_part(job->pixels, part + 1, job->plan.row_blocks);
  size_t k = s->in_channels / s->groups, n = s->out_channels / s->groups;
  size_t panels = f32_ceil(n, f32_panel_columns(call->kernels));
  const float **table = (const float **)(void *)(call->scratch + zero_bytes(s) + thread * table_bytes(s));
  fill_table(s, call->input + group * k, (const float *)(void *)call->scratch, pixel, end - pixel, table);
  f32_epilogue epilogue = call->epilogue;
  if (epilogue.epilogue.bias) epilogue.epilogue.bias += group * n;
  if (epilogue.epilogue.residual) epilogue.epilogue.residual += group * n;
  f32_block block = {
      .rows = table,
      .row_step = end - pixel,
      .row_count = end - pixel,
      .taps = s->kernel_height * s->kernel_width,
      .k = k,
      .n = n,
      .packed = call->packed + group * job->group_floats,
      .first_panel = f32_part(panels, panel_group, job->plan.panel_groups),
      .end_panel = f32_part(panels, panel_group + 1, job->plan.panel_groups),
      .c = call->output + (ptrdiff_t)pixel * s->out_stride + group * n,
      .c_stride = s->out_stride,
      .row = pixel,
      .epilogue = &epilogue,
  };
  f32_run_block(call->kernels, &block);
}

void f32_indirect(const f32_conv_call *call) {
  const bf_conv_shape *s = call->shape;
  size_t taps = s->kernel_height * s->kernel_width;
  size_t k = s->in_channels / s->groups, n = s->out_channels / s->groups;
  indirect_job job = {
      .call = call,
      .pixels = s->batch * s->out_height * s->out_width,
      .group_floats = f32_packed_floats(call->kernels, taps * k, n),
  };
  __builtin_memset(call->scratch, 0, zero_bytes(s));
  size_t row_bytes = f32_min(taps, s->stride_height * s->stride_width) * k * sizeof(float);
  job.plan = f32_make_plan(call->kernels, bf_pool_threads(call->pool), job.pixels, n, taps * k, row_bytes,
                           table_rows(s));
  bf_pool_run(call->pool, s->groups * job.plan.row_blocks * job.plan.panel_groups, run_chunk, &job);
}
