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
  size_t lines, row_groups, row_parts, blocks, block_parts;
  bool is_fixed;
} depthwise_job;

/* The numbers first ..< first + count of an axis that has `extent`: which of them exist. */
static void clip(ptrdiff_t first, size_t count, size_t extent, size_t *begin, size_t *end) {
  ptrdiff_t left = (ptrdiff_t)extent - first;
  *end = left < 0 ? 0 : f32_min(count, (size_t)left);
  *begin = f32_min(*end, first < 0 ? (size_t)-first : 0);
}

/* Groups of results from column to column, down some rows, for some of the channels. */
static void run_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const depthwise_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t row_part = index % job->row_parts, block_part = index / job->row_parts;
  size_t groups = s->batch * job->row_groups;
  size_t first_group = f32_part(groups, row_part, job->row_parts);
  size_t end_group = f32_part(groups, row_part + 1, job->row_parts);
  f32_depthwise d = {
      .is_fixed = job->is_fixed,
      .row_pitch = (ptrdiff_t)(s->dilation_height * s->in_width) * s->in_stride,
      .pixel_pitch = s->in_stride,
      .weights = call->packed,
      .kernel_height = s->kernel_height,
      .kernel_width = s->kernel_width,
      .stride = s->stride_width,
      .dilation = s->dilation_width,
      .channels = s->in_channels,
      .lines_pitch = (ptrdiff_t)(job->lines * s->out_width) * s->out_stride,
      .first_block = f32_part(job->blocks, block_part, job->block_parts),
      .end_block = f32_part(job->blocks, block_part + 1, job->block_parts),
  };
  for (size_t x = 0; x < s->out_width; x += d.columns) {
    size_t left = s->out_width - x;
    d.columns = left >= 7 ? 7 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    ptrdiff_t ix = (ptrdiff_t)(x * s->stride_width) - (ptrdiff_t)s->pad_left;
    clip(ix, (d.columns - 1) * s->stride_width + (s->kernel_width - 1) * s->dilation_width + 1, s->in_width,
         &d.first_column, &d.end_column);
    for (size_t group = first_group; group < end_group; group++) {
      size_t batch = group / job->row_groups, y = group % job->row_groups * job->lines;
      d.lines = f32_min(job->lines, s->out_height - y);
      ptrdiff_t iy = (ptrdiff_t)(y * s->stride_height) - (ptrdiff_t)s->pad_top;
      if (s->dilation_height == 1) {
        clip(iy, (d.lines - 1) * s->stride_height + s->kernel_height, s->in_height, &d.first_row, &d.end_row);
      } else {
        ptrdiff_t below = (ptrdiff_t)s->in_height - iy;
        d.end_row = below <= 0 ? 0 : f32_min(s->kernel_height, f32_ceil((size_t)below, s->dilation_height));
        d.first_row = f32_min(d.end_row, iy < 0 ? f32_ceil((size_t)-iy, s->dilation_height) : 0);
      }
      d.input = call->input +
                (((ptrdiff_t)(batch * s->in_height) + iy) * (ptrdiff_t)s->in_width + ix) * s->in_stride;
      for (size_t line = 0; line < d.lines; line++) {
        size_t pixel = (batch * s->out_height + y + line) * s->out_width + x;
        d.target[line] = f32_target_at(&call->epilogue, call->output + (ptrdiff_t)pixel * s->out_stride, s->out_stride,
                                       pixel, 0, s->out_channels);
      }
      call->kernels->depthwise(&d);
    }
  }
}

/* Multiplications worth a part of their own. */
enum { PART_WORK = 1 << 16 };

void f32_depthwise_conv(const f32_conv_call *call) {
  const bf_conv_shape *s = call->shape;
  size_t threads = bf_pool_threads(call->pool);
  depthwise_job job = {
      .call = call,
      .lines = 1,
      .row_parts = 1,
      .blocks = f32_ceil(s->in_channels, call->kernels->vector),
      .block_parts = 1,
      .is_fixed = s->dilation_height == 1 && s->dilation_width == 1 && s->kernel_height == s->kernel_width &&
                  (s->kernel_width == 3 || s->kernel_width == 5) && s->stride_height == s->stride_width &&
                  s->stride_width <= 2 && s->in_channels >= call->kernels->vector,
  };
  if (job.is_fixed) job.lines = call->kernels->depthwise_lines;
  job.row_groups = f32_ceil(s->out_height, job.lines);
  size_t groups = s->batch * job.row_groups;
  if (threads > 1) {
    double work = (double)groups * (double)(job.lines * s->out_width) * (double)s->in_channels *
                  (double)s->kernel_height * (double)s->kernel_width;
    size_t parts = 4 * threads;
    if (work < (double)parts * PART_WORK) parts = f32_max(1, (size_t)(work / PART_WORK));
    job.row_parts = f32_min(groups, parts);
    if (job.row_parts < parts) job.block_parts = f32_min(job.blocks, f32_ceil(parts, job.row_parts));
  }
  bf_pool_run(call->pool, job.row_parts * job.block_parts, run_part, &job);
}
