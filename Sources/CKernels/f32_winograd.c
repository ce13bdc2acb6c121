#include "f32.h"

enum { POINTS = 36, TILE = 4, REACH = 6 };

static size_t tile_count(const bf_conv_shape *s) {
  return s->batch * f32_ceil(s->out_height, TILE) * f32_ceil(s->out_width, TILE);
}

bool f32_winograd_pays(const bf_conv_shape *s, size_t threads) {
  if (s->groups != 1 || s->kernel_height != 3 || s->kernel_width != 3 || s->stride_height != 1 ||
      s->stride_width != 1 || s->dilation_height != 1 || s->dilation_width != 1 || s->in_planar ||
      s->in_channels < 16 || s->out_channels < 16)
    return false;
  double in = (double)s->in_channels, out = (double)s->out_channels, tiles = (double)tile_count(s);
  double pixels = (double)(s->batch * s->out_height * s->out_width);
  /* Cycles of a core with 16 lanes: products, transforms, and weights, which come from memory at 6 bytes in
   * a cycle for all threads together. */
  double weights = in * out * sizeof(float) * (double)threads / 6;
  double direct = pixels * 9 * in * out / 16 + 9 * weights;
  double winograd = tiles * (POINTS * in * out / 16 + 16 * (in + out)) + POINTS * weights;
  return winograd < 0.85 * direct;
}

/* Tiles that pass through the products together: their numbers stay in the second-level cache. */
static size_t block_tiles(const bf_conv_shape *s, size_t threads) {
  size_t bytes = POINTS * (s->in_channels + s->out_channels) * sizeof(float);
  size_t tiles = f32_max(12, (640u << 10) / bytes / 6 * 6);
  if (threads > 1) tiles = f32_min(tiles, f32_max(6, f32_ceil(f32_ceil(tile_count(s), 3 * threads), 6) * 6));
  return f32_min(f32_min(tiles, F32_BLOCK_ROWS), tile_count(s));
}
/* One cache line more than the tiles need, lest all points fall into the same sets of the cache. */
static size_t pitch(size_t tiles, size_t channels) { return f32_ceil(tiles * channels, 16) * 16 + 16; }
static size_t thread_bytes(const bf_conv_shape *s, size_t threads) {
  size_t tiles = block_tiles(s, threads);
  return POINTS * (pitch(tiles, s->in_channels) + pitch(tiles, s->out_channels)) * sizeof(float);
}
size_t f32_winograd_scratch(const bf_conv_shape *s, size_t threads) { return threads * thread_bytes(s, threads); }

size_t f32_winograd_packed_floats(const bf_conv_shape *s) {
  return POINTS * f32_packed_floats(f32_current(), s->in_channels, s->out_channels);
}

void f32_winograd_pack(const bf_conv_shape *s, const float *weights, float *packed) {
  static const double g[REACH][3] = {{0.25, 0, 0},
                                     {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                     {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                     {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                     {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                     {0, 0, 1}};
  const f32_kernels *kernels = f32_current();
  size_t panel = f32_panel_columns(kernels), in = s->in_channels, out = s->out_channels;
  size_t point_floats = f32_packed_floats(kernels, in, out);
  for (size_t j = 0; j < out; j += panel) {
    size_t width = f32_ceil(f32_min(panel, out - j), kernels->vector) * kernels->vector;
    for (size_t i = 0; i < in; i++)
      for (size_t column = 0; column < width; column++) {
        float *to = packed + j * in + i * width + column;
        if (j + column >= out) {
          for (size_t point = 0; point < POINTS; point++) to[point * point_floats] = 0;
          continue;
        }
        const float *w = weights + ((j + column) * in + i) * 9;
        double half[REACH][3];
        for (size_t y = 0; y < REACH; y++)
          for (size_t x = 0; x < 3; x++)
            half[y][x] = g[y][0] * (double)w[x] + g[y][1] * (double)w[3 + x] + g[y][2] * (double)w[6 + x];
        for (size_t y = 0; y < REACH; y++)
          for (size_t x = 0; x < REACH; x++)
            to[(y * REACH + x) * point_floats] =
                (float)(half[y][0] * g[x][0] + half[y][1] * g[x][1] + half[y][2] * g[x][2]);
      }
  }
}

typedef struct winograd_job {
  const f32_conv_call *call;
  size_t threads, tiles, blocks;
} winograd_job;

static size_t inside(ptrdiff_t first, size_t extent, size_t *end) {
  ptrdiff_t left = (ptrdiff_t)extent - first;
  *end = left < 0 ? 0 : f32_min(REACH, (size_t)left);
  return first < 0 ? (size_t)-first : 0;
}

static void run_tiles(void *context, size_t index, size_t thread) {
  const winograd_job *job = context;
  const f32_conv_call *call = job->call;
  const bf_conv_shape *s = call->shape;
  size_t first = f32_part(job->tiles, index, job->blocks), end = f32_part(job->tiles, index + 1, job->blocks);
  size_t most = block_tiles(s, job->threads), count = end - first;
  ptrdiff_t in_pitch = (ptrdiff_t)pitch(most, s->in_channels), out_pitch = (ptrdiff_t)pitch(most, s->out_channels);
  float *in = (float *)(void *)(call->scratch + thread * thread_bytes(s, job->threads));
  float *out = in + POINTS * in_pitch;
  size_t across = f32_ceil(s->out_width, TILE), down = f32_ceil(s->out_height, TILE);
  f32_winograd w = {.row_pitch = (ptrdiff_t)s->in_width * s->in_stride,
                    .pixel_pitch = s->in_stride,
                    .channels = s->in_channels,
                    .spread_pitch = in_pitch};
  for (size_t i = 0; i < count; i++) {
    size_t tile = first + i, x = tile % across * TILE, y = tile / across % down * TILE, batch = tile / across / down;
    ptrdiff_t ix = (ptrdiff_t)x - (ptrdiff_t)s->pad_left, iy = (ptrdiff_t)y - (ptrdiff_t)s->pad_top;
    w.first_row = inside(iy, s->in_height, &w.end_row);
    w.first_column = inside(ix, s->in_width, &w.end_column);
    w.input = call->input + (ptrdiff_t)(batch * s->in_height * s->in_width) * s->in_stride +
              (iy * (ptrdiff_t)s->in_width + ix) * s->in_stride;
    w.spread = in + i * s->in_channels;
    call->kernels->winograd_input(&w);
  }

  f32_epilogue none = f32_prepare(NULL, 1);
  const float *rows[F32_BLOCK_ROWS];
  for (size_t i = 0; i < count; i++) rows[i] = in + i * s->in_channels;
  size_t point_floats = f32_packed_floats(call->kernels, s->in_channels, s->out_channels);
  f32_block block = {
      .rows = rows,
      .row_count = count,
      .taps = 1,
      .k = s->in_channels,
      .n = s->out_channels,
      .end_panel = f32_ceil(s->out_channels, f32_panel_columns(call->kernels)),
      .c_stride = (ptrdiff_t)s->out_channels,
      .epilogue = &none,
  };
  for (size_t point = 0; point < POINTS; point++) {
    block.offset = (ptrdiff_t)point * in_pitch;
    block.packed = call->packed + point * point_floats;
    block.c = out + (ptrdiff_t)point * out_pitch;
    f32_run_block(call->kernels, &block);
  }

  w.channels = s->out_channels;
  w.spread_pitch = out_pitch;
  w.out_row_pitch = (ptrdiff_t)s->out_width * s->out_stride;
  w.residual_row_pitch = (ptrdiff_t)s->out_width * call->epilogue.epilogue.residual_stride;
  for (size_t i = 0; i < count; i++) {
    size_t tile = first + i, x = tile % across * TILE, y = tile / across % down * TILE, batch = tile / across / down;
    size_t pixel = (batch * s->out_height + y) * s->out_width + x;
    w.rows = f32_min(TILE, s->out_height - y);
    w.columns = f32_min(TILE, s->out_width - x);
    w.spread = out + i * s->out_channels;
    w.target = f32_target_at(&call->epilogue, call->output + (ptrdiff_t)pixel * s->out_stride, s->out_stride, pixel, 0,
                             s->out_channels);
    call->kernels->winograd_output(&w);
  }
}

void f32_winograd_conv(const f32_conv_call *call) {
  winograd_job job = {.call = call, .threads = bf_pool_threads(call->pool), .tiles = tile_count(call->shape)};
  job.blocks = f32_ceil(job.tiles, block_tiles(call->shape, job.threads));
  bf_pool_run(call->pool, job.blocks, run_tiles, &job);
}
