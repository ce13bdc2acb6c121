#include "f32.h"

bool f32_depthwise_takes(const bf_conv_shape *s) {
  return s->groups > 1 && s->groups == s->in_channels && s->groups == s->out_channels;
}

/* Blocks of a vector of channels; the last overlaps the one before. */
static size_t block_channel(const f32_kernels *kernels, size_t block, size_t channels) {
  return channels < kernels->vector ? 0 : f32_min(block * kernels->vector, channels - kernels->vector);
}

size_t f32_depthwise_packed_floats(const bf_conv_shape *s) {
  size_t vector = f32_current()->vector;
  return f32_ceil(s->in_channels, vector) * vector * s->kernel_height * s->kernel_width;
}

void f32_depthwise_pack(const bf_conv_shape *s, const float *weights, float *packed) {
  const f32_kernels *kernels = f32_current();
  size_t taps = s->kernel_height * s->kernel_width;
  for (size_t block = 0; block * kernels->vector < s->in_channels; block++) {
    size_t channel = block_channel(kernels, block, s->in_channels);
    for (size_t tap = 0; tap < taps; tap++)
      for (size_t i = 0; i < kernels->vector; i++)
        *packed++ = channel + i < s->in_channels ? weights[(channel + i) * taps + tap] : 0;
  }
}

typedef struct depthwise_job {
  const f32_conv_call *call;
  size_t row_parts, column_groups, blocks, block_parts;
} depthwise_job;

/* Some rows of the result, by groups of columns, for some of the channels. */
static void run_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const depthwise_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t rows = s->batch * s->out_height, row_part = index % job->row_parts, block_part = index / job->row_parts;
  size_t first_row = f32_part(rows, row_part, job->row_parts), end_row = f32_part(rows, row_part + 1, job->row_parts);
  f32_depthwise d = {
      .row_pitch = (ptrdiff_t)(s->dilation_height * s->in_width) * s->in_stride,
      .pixel_pitch = s->in_stride,
      .weights = call->packed,
      .kernel_height = s->kernel_height,
      .kernel_width = s->kernel_width,
      .stride = s->stride_width,
      .dilation = s->dilation_width,
      .channels = s->in_channels,
      .first_block = f32_part(job->blocks, block_part, job->block_parts),
      .end_block = f32_part(job->blocks, block_part + 1, job->block_parts),
  };
  for (size_t group = 0; group < job->column_groups; group++) {
    size_t x = f32_part(s->out_width, group, job->column_groups);
    d.columns = f32_part(s->out_width, group + 1, job->column_groups) - x;
    ptrdiff_t ix = (ptrdiff_t)(x * s->stride_width) - (ptrdiff_t)s->pad_left;
    ptrdiff_t inside = (ptrdiff_t)s->in_width - ix;
    size_t reach = (d.columns - 1) * s->stride_width + (s->kernel_width - 1) * s->dilation_width + 1;
    d.first_column = ix < 0 ? (size_t)-ix : 0;
    d.end_column = inside < 0 ? 0 : f32_min(reach, (size_t)inside);
    for (size_t row = first_row; row < end_row; row++) {
      size_t batch = row / s->out_height, y = row % s->out_height;
      ptrdiff_t iy = (ptrdiff_t)(y * s->stride_height) - (ptrdiff_t)s->pad_top;
      ptrdiff_t below = (ptrdiff_t)s->in_height - iy;
      d.first_row = iy < 0 ? f32_min(s->kernel_height, f32_ceil((size_t)-iy, s->dilation_height)) : 0;
      d.end_row = below <= 0 ? 0 : f32_min(s->kernel_height, f32_ceil((size_t)below, s->dilation_height));
      if (d.end_row < d.first_row) d.end_row = d.first_row;
      ptrdiff_t line = (ptrdiff_t)(batch * s->in_height) + iy + (ptrdiff_t)(d.first_row * s->dilation_height);
      d.input = call->input + (line * (ptrdiff_t)s->in_width + ix) * s->in_stride;
      size_t pixel = row * s->out_width + x;
      d.target = f32_target_at(&call->epilogue, call->output + (ptrdiff_t)pixel * s->out_stride, s->out_stride, pixel, 0,
                               s->out_channels);
      call->kernels->depthwise(&d);
    }
  }
}

/* Multiplications worth a part of their own. */
enum { PART_WORK = 1 << 16 };

void f32_depthwise_conv(const f32_conv_call *call) {
  const bf_conv_shape *s = call->shape;
  size_t rows = s->batch * s->out_height, threads = bf_pool_threads(call->pool);
  depthwise_job job = {
      .call = call,
      .row_parts = 1,
      .column_groups = f32_ceil(s->out_width, F32_DEPTHWISE_COLUMNS),
      .blocks = f32_ceil(s->in_channels, call->kernels->vector),
      .block_parts = 1,
  };
  if (threads > 1) {
    double work = (double)rows * (double)s->out_width * (double)s->in_channels * (double)s->kernel_height *
                  (double)s->kernel_width;
    size_t parts = 4 * threads;
    if (work < (double)parts * PART_WORK) parts = f32_max(1, (size_t)(work / PART_WORK));
    job.row_parts = f32_min(rows, parts);
    if (job.row_parts < parts) job.block_parts = f32_min(job.blocks, f32_ceil(parts, job.row_parts));
  }
  bf_pool_run(call->pool, job.row_parts * job.block_parts, run_part, &job);
}
