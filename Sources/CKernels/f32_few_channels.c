/* Stems: rows of the input are copied with their padding, so that a kernel's row is one run of numbers,
 * kernel_width * channels long. Channels-first inputs are turned in the same pass. */
#include "f32.h"

/* Bytes of padded input that a band of result rows may need. */
enum { BAND_BYTES = 128 << 10 };

static size_t line_floats(const bf_conv_shape *s) {
  return ((s->out_width - 1) * s->stride_width + s->kernel_width) * s->in_channels;
}
static size_t band_lines(const bf_conv_shape *s, size_t rows) {
  return (rows - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1;
}
/* Rows of the result that a band has. */
static size_t band_rows(const bf_conv_shape *s, size_t threads) {
  size_t rows = f32_min(s->out_height, f32_max(1, f32_ceil(4 * F32_BLOCK_ROWS, s->out_width)));
  while (rows > 1 && band_lines(s, rows) * line_floats(s) * sizeof(float) > BAND_BYTES) rows--;
  size_t most = f32_max(1, s->batch * s->out_height / (4 * threads));
  return threads == 1 ? rows : f32_min(rows, most);
}
static size_t band_bytes(const bf_conv_shape *s, size_t threads) {
  return f32_aligned(band_lines(s, band_rows(s, threads)) * line_floats(s) * sizeof(float));
}
static size_t table_bytes(const bf_conv_shape *s) {
  return f32_aligned(F32_BLOCK_ROWS * s->kernel_height * sizeof(float *));
}

size_t f32_few_channels_scratch(const bf_conv_shape *s, size_t threads) {
  return threads * (band_bytes(s, threads) + table_bytes(s));
}

static void copy_line(const f32_kernels *kernels, const bf_conv_shape *s, const float *input, size_t batch, size_t y, float *line) {
  size_t channels = s->in_channels, columns = line_floats(s) / channels;
  if (y >= s->in_height) {
    __builtin_memset(line, 0, columns * channels * sizeof(float));
    return;
  }
  size_t left = f32_min(s->pad_left, columns), inside = f32_min(s->in_width, columns - left);
  __builtin_memset(line, 0, left * channels * sizeof(float));
  float *to = line + left * channels;
  if (s->in_planar) {
    size_t plane = s->in_height * s->in_width;
    const float *from = input + batch * channels * plane + y * s->in_width;
    kernels->interleave(from, plane, channels, inside, to);
  } else {
    const float *from = input + (ptrdiff_t)((batch * s->in_height + y) * s->in_width) * s->in_stride;
    if ((size_t)s->in_stride == channels) {
      __builtin_memcpy(to, from, inside * channels * sizeof(float));
    } else {
      for (size_t x = 0; x < inside; x++)
        for (size_t c = 0; c < channels; c++) to[x * channels + c] = from[(ptrdiff_t)x * s->in_stride + (ptrdiff_t)c];
    }
  }
  __builtin_memset(to + inside * channels, 0, (columns - left - inside) * channels * sizeof(float));
}

typedef struct band_job {
  const f32_conv_call *call;
  size_t threads, rows, bands;
} band_job;

static void run_band(void *context, size_t index, size_t thread) {
  const band_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t batch = index / job->bands, band = index % job->bands;
  size_t row = f32_part(s->out_height, band, job->bands), end = f32_part(s->out_height, band + 1, job->bands);
  unsigned char *scratch = call->scratch + thread * (band_bytes(s, job->threads) + table_bytes(s));
  const float **table = (const float **)(void *)scratch;
  float *lines = (float *)(void *)(scratch + table_bytes(s));
  size_t line = line_floats(s);
  for (size_t i = 0; i < band_lines(s, end - row); i++)
    copy_line(call->kernels, s, call->input, batch, row * s->stride_height + i - s->pad_top, lines + i * line);

  size_t pixels = (end - row) * s->out_width, blocks = f32_ceil(pixels, F32_BLOCK_ROWS);
  size_t first_pixel = (batch * s->out_height + row) * s->out_width;
  for (size_t b = 0; b < blocks; b++) {
    size_t pixel = f32_part(pixels, b, blocks), count = f32_part(pixels, b + 1, blocks) - pixel;
    size_t y = pixel / s->out_width, x = pixel % s->out_width;
    for (size_t r = 0; r < count; r++) {
      const float *first = lines + y * s->stride_height * line + x * s->stride_width * s->in_channels;
      for (size_t ky = 0; ky < s->kernel_height; ky++)
        table[ky * count + r] = first + ky * s->dilation_height * line;
      if (++x == s->out_width) {
        x = 0;
        y++;
      }
    }
    f32_block block = {
        .rows = table,
        .row_step = count,
        .row_count = count,
        .taps = s->kernel_height,
        .k = s->kernel_width * s->in_channels,
        .n = s->out_channels,
        .packed = call->packed,
        .end_panel = f32_ceil(s->out_channels, f32_panel_columns(call->kernels)),
        .c = call->output + (ptrdiff_t)(first_pixel + pixel) * s->out_stride,
        .c_stride = s->out_stride,
        .row = first_pixel + pixel,
        .epilogue = &call->epilogue,
    };
    f32_run_block(call->kernels, &block);
  }
}

void f32_few_channels(const f32_conv_call *call) {
  const bf_conv_shape *s = call->shape;
  band_job job = {.call = call, .threads = bf_pool_threads(call->pool)};
  job.rows = band_rows(s, job.threads);
  job.bands = f32_ceil(s->out_height, job.rows);
  bf_pool_run(call->pool, s->batch * job.bands, run_band, &job);
}
