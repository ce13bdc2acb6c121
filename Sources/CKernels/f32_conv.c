#include "f32.h"

static bool is_pointwise(const bf_conv_shape *s) {
  return s->groups == 1 && s->kernel_height == 1 && s->kernel_width == 1 && s->stride_height == 1 &&
         s->stride_width == 1 && s->pad_top == 0 && s->pad_left == 0 && s->out_height == s->in_height &&
         s->out_width == s->in_width;
}

static bool has_few_channels(const bf_conv_shape *s) {
  return s->groups == 1 && s->in_channels <= 4 && s->dilation_width == 1 && s->kernel_width > 1;
}

bf_conv_algorithm bf_f32_conv_choose(const bf_conv_shape *shape, size_t threads) {
  if (is_pointwise(shape)) return BF_CONV_POINTWISE;
  if (f32_depthwise_takes(shape)) return BF_CONV_DEPTHWISE;
  if (shape->groups > 1) return BF_CONV_GROUPED;
  if (has_few_channels(shape)) return BF_CONV_FEW_CHANNELS;
  if (f32_winograd_pays(shape, threads)) return BF_CONV_WINOGRAD;
  return BF_CONV_INDIRECT;
}

bool bf_f32_conv_takes_planar(const bf_conv_shape *shape, bf_conv_algorithm algorithm) {
  return algorithm == BF_CONV_FEW_CHANNELS && has_few_channels(shape);
}

static size_t group_packed_floats(const f32_kernels *kernels, const bf_conv_shape *s) {
  return f32_packed_floats(kernels, s->kernel_height * s->kernel_width * (s->in_channels / s->groups),
                           s->out_channels / s->groups);
}

size_t bf_f32_conv_packed_bytes(const bf_conv_shape *shape, bf_conv_algorithm algorithm) {
  switch (algorithm) {
  case BF_CONV_DEPTHWISE: return f32_depthwise_packed_floats(shape) * sizeof(float);
  case BF_CONV_WINOGRAD: return f32_winograd_packed_floats(shape) * sizeof(float);
  case BF_CONV_POINTWISE:
  case BF_CONV_INDIRECT:
  case BF_CONV_FEW_CHANNELS:
  case BF_CONV_GROUPED: break;
  }
  return shape->groups * group_packed_floats(f32_current(), shape) * sizeof(float);
}

void bf_f32_conv_pack(const bf_conv_shape *shape, bf_conv_algorithm algorithm, const float *weights, float *packed) {
  if (algorithm == BF_CONV_DEPTHWISE) {
    f32_depthwise_pack(shape, weights, packed);
    return;
  }
  if (algorithm == BF_CONV_WINOGRAD) {
    f32_winograd_pack(shape, weights, packed);
    return;
  }
  const f32_kernels *kernels = f32_current();
  size_t panel = f32_panel_columns(kernels), taps = shape->kernel_height * shape->kernel_width;
  size_t k = shape->in_channels / shape->groups, n = shape->out_channels / shape->groups;
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t j = 0; j < n; j += panel) {
      size_t columns = f32_min(panel, n - j), width = f32_ceil(columns, kernels->vector) * kernels->vector;
      for (size_t tap = 0; tap < taps; tap++, packed += k * width)
        kernels->pack(weights + ((group * n + j) * k) * taps + tap, (ptrdiff_t)taps, (ptrdiff_t)(k * taps), k, columns,
                      width, packed);
    }
}

size_t bf_f32_conv_scratch(const bf_conv_shape *shape, bf_conv_algorithm algorithm, size_t threads) {
  switch (algorithm) {
  case BF_CONV_POINTWISE:
  case BF_CONV_DEPTHWISE: return 0;
  case BF_CONV_INDIRECT:
  case BF_CONV_GROUPED: return f32_indirect_scratch(shape, threads);
  case BF_CONV_FEW_CHANNELS: return f32_few_channels_scratch(shape, threads);
  case BF_CONV_WINOGRAD: return f32_winograd_scratch(shape, threads);
  }
  return 0;
}

void bf_f32_conv(bf_pool *pool, const bf_conv_shape *shape, bf_conv_algorithm algorithm, const float *input,
                 const float *packed, float *output, const bf_epilogue *epilogue, void *scratch) {
  if (shape->batch * shape->out_height * shape->out_width * shape->out_channels == 0) return;
  if (algorithm == BF_CONV_POINTWISE) {
    bf_f32_gemm(pool, shape->batch * shape->out_height * shape->out_width, shape->out_channels, shape->in_channels,
                input, shape->in_stride, packed, output, shape->out_stride, epilogue);
    return;
  }
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
  switch (algorithm) {
  case BF_CONV_POINTWISE: break;
  case BF_CONV_INDIRECT:
  case BF_CONV_GROUPED: f32_indirect(&call); break;
  case BF_CONV_FEW_CHANNELS: f32_few_channels(&call); break;
  case BF_CONV_DEPTHWISE: f32_depthwise_conv(&call); break;
  case BF_CONV_WINOGRAD: f32_winograd_conv(&call); break;
  }
}
