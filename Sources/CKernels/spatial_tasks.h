/* Pooling and resizing, one row of the output a task; each instruction set has its own tasks. */
#ifndef BF_SPATIAL_TASKS_H
#define BF_SPATIAL_TASKS_H

#include "bf_spatial.h"

typedef struct bf_pool_job {
  const bf_conv_shape *shape;
  bf_pooling kind;
  size_t end_height, end_width; /* of the padded input, which counts from the padding on top */
  size_t group;                 /* rows a task */
  const float *input;
  float *output;
} bf_pool_job;

enum { BF_AVERAGE_CHANNELS = 64 };

typedef struct bf_average_job {
  size_t batch, pixels, channels;
  ptrdiff_t in_stride;
  const float *input;
  float *output;
} bf_average_job;

typedef struct bf_resize_job {
  const bf_resize *shape;
  size_t group;
  const float *input;
  float *output;
} bf_resize_job;

typedef struct bf_spatial_tasks {
  bf_task pool, global_average, resize;
} bf_spatial_tasks;

extern const bf_spatial_tasks bf_spatial_portable;
#if defined(__x86_64__)
extern const bf_spatial_tasks bf_spatial_avx512, bf_spatial_avx2;
#elif defined(__aarch64__)
extern const bf_spatial_tasks bf_spatial_neon;
#endif

#endif
