#include "spatial_tasks.h"

static const bf_spatial_tasks *tasks(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return &bf_spatial_avx512;
  if (isa >= BF_ISA_AVX2) return &bf_spatial_avx2;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return &bf_spatial_neon;
#endif
  (void)isa;
  return &bf_spatial_portable;
}

static size_t parts_of(size_t total, size_t part) { return (total + part - 1) / part; }

static size_t group_of(bf_pool *pool, size_t rows, size_t work) {
  enum { TASK_WORK = 1 << 14 };
  size_t even = parts_of(rows, bf_pool_threads(pool) * 4), small = parts_of(TASK_WORK, work + 1);
  return even > small ? even : small;
}

void bf_f32_pool(bf_pool *pool, bf_pooling kind, const bf_conv_shape *s, size_t pad_bottom, size_t pad_right,
                 const float *input, float *output) {
  size_t rows = s->batch * s->out_height;
  if (rows == 0 || s->out_width == 0 || s->in_channels == 0) return;
  size_t work = s->out_width * s->kernel_height * s->kernel_width * s->in_channels;
  bf_pool_job job = {s, kind, s->pad_top + s->in_height + pad_bottom, s->pad_left + s->in_width + pad_right,
                     group_of(pool, rows, work), input, output};
  bf_pool_run(pool, parts_of(rows, job.group), tasks()->pool, &job);
}

void bf_f32_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels, ptrdiff_t in_stride,
                           const float *input, float *output) {
  bf_average_job job = {batch, pixels, channels, in_stride, input, output};
  size_t blocks = parts_of(channels, BF_AVERAGE_CHANNELS);
  bf_pool_run(pixels * channels < 1 << 15 ? NULL : pool, batch * blocks, tasks()->global_average, &job);
}

void bf_f32_resize(bf_pool *pool, const bf_resize *s, const float *input, float *output) {
  size_t rows = s->batch * s->out_height;
  if (rows == 0 || s->out_width == 0 || s->channels == 0) return;
  bf_resize_job job = {s, group_of(pool, rows, s->out_width * s->channels * s->taps * s->taps), input, output};
  bf_pool_run(pool, parts_of(rows, job.group), tasks()->resize, &job);
}
