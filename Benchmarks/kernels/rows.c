/* Times of the vector families in thread CPU time, the median of many runs: build with the sources of
 * Sources/CKernels and run; an argument chooses the benchmarks whose names contain it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boardfit_kernels.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static const char *wanted;

typedef void (*work)(const void *context);

/* `amount` of `unit` are done in a run. */
static void report(const char *name, work run, const void *context, double amount, const char *unit) {
  enum { RUNS = 31 };
  if (wanted && !strstr(name, wanted)) return;
  double time[RUNS], start = seconds();
  run(context);
  double once = seconds() - start;
  size_t repeats = once > 1e-3 ? 1 : (size_t)(1e-3 / (once + 1e-9)) + 1;
  for (int i = 0; i < RUNS; i++) {
    start = seconds();
    for (size_t r = 0; r < repeats; r++) run(context);
    time[i] = (seconds() - start) / (double)repeats;
  }
  qsort(time, RUNS, sizeof *time, ascending);
  printf("%-34s %10.1f us %10.2f %s\n", name, time[RUNS / 2] * 1e6, amount / time[RUNS / 2] * 1e-9, unit);
}

static void *floats(size_t count) {
  float *x = aligned_alloc(64, (count * 4 + 63) / 64 * 64);
  if (!x) exit(1);
  for (size_t i = 0; i < count; i++) x[i] = (float)(i * 2654435761u % 1000) / 500 - 1;
  return x;
}

static float *x, *y, *z;

static void run_chain(const void *context) {
  const void *inputs[] = {x, z};
  void *outputs[] = {y};
  bf_chain_run(NULL, context, inputs, outputs);
}

static void chain(const char *name, size_t rows, size_t columns, bool broadcasts, bf_chain_step step) {
  step.y = 1;
  step.result = 2;
  bool is_binary = step.function < BF_UNARY_ACTIVATION;
  bf_chain c = {.rank = 2, .extent = {rows, columns}, .input_count = is_binary ? 2 : 1, .output_count = 1,
                .step_count = 1,
                .input = {{BF_F32, 0, {(ptrdiff_t)columns, 1}}, {BF_F32, 1, {broadcasts ? 0 : (ptrdiff_t)columns, 1}}},
                .output = {{BF_F32, 2, {(ptrdiff_t)columns, 1}}}, .step = {step}};
  report(name, run_chain, &c, (double)(rows * columns), "Gelem/s");
}

typedef struct rows_shape {
  size_t outer, extent, inner;
} rows_shape;

static void run_softmax(const void *context) {
  const rows_shape *s = context;
  bf_softmax(NULL, s->outer, s->extent, s->inner, false, x, y);
}
static void run_layer_norm(const void *context) {
  const rows_shape *s = context;
  bf_normalize_rows(NULL, s->outer, s->extent, false, 1e-5f, x, NULL, z, z + s->extent, NULL, y, NULL, NULL);
}
static void run_group_norm(const void *context) {
  const rows_shape *s = context;
  bf_normalize_groups(NULL, s->outer, s->extent, s->inner, 32, 1e-5f, x, z, z + s->inner, y);
}
static void run_mean(const void *context) {
  const rows_shape *s = context;
  bf_reduce(NULL, BF_REDUCE_MEAN, s->outer, s->extent, s->inner, x, y);
}
static void run_max(const void *context) {
  const rows_shape *s = context;
  bf_reduce(NULL, BF_REDUCE_MAX, s->outer, s->extent, s->inner, x, y);
}
static void run_arg(const void *context) {
  const rows_shape *s = context;
  bf_arg_reduce(NULL, true, false, s->outer, s->extent, s->inner, x, (int64_t *)(void *)y);
}
static void rows(const char *name, work run, size_t outer, size_t extent, size_t inner) {
  rows_shape s = {outer, extent, inner};
  report(name, run, &s, (double)(outer * extent * inner), "Gelem/s");
}

static void run_copy(const void *context) { bf_copy_run(NULL, context, x, y); }
static void run_memcpy(const void *context) { memcpy(y, x, *(const size_t *)context); }
static void transpose(const char *name, size_t size, size_t batch, size_t a, size_t b) {
  bf_copy copy = {.element_size = size, .rank = 3, .extent = {batch, b, a},
                  .source_stride = {(ptrdiff_t)(a * b), 1, (ptrdiff_t)b},
                  .destination_stride = {(ptrdiff_t)(a * b), (ptrdiff_t)a, 1}};
  size_t bytes = batch * a * b * size;
  char other[64];
  snprintf(other, sizeof other, "%s (memcpy)", name);
  report(other, run_memcpy, &bytes, (double)bytes, "GB/s");
  report(name, run_copy, &copy, (double)bytes, "GB/s");
}

static void run_pool(const void *context) { bf_f32_pool(NULL, BF_POOL_MAX, context, 1, 1, x, y); }

static float *scratch;
static void run_attention(const void *context) { bf_f32_attention(NULL, context, x, y, z, NULL, x + (1 << 22), scratch); }
static void attention(const char *name, size_t heads, size_t shared, size_t queries, size_t keys, size_t size) {
  bf_attention s = {.batch = 1, .query_heads = heads, .key_value_heads = shared, .query_length = queries,
                    .key_length = keys, .head_size = size, .value_size = size, .scale = 0.125f};
  s.query = s.output = (bf_heads){0, (ptrdiff_t)size, (ptrdiff_t)(heads * size)};
  s.key = s.value = queries == 1 ? (bf_heads){0, (ptrdiff_t)(keys * size), (ptrdiff_t)size}
                                 : (bf_heads){0, (ptrdiff_t)size, (ptrdiff_t)(shared * size)};
  free(scratch);
  scratch = floats(bf_f32_attention_scratch(&s, 1) / 4);
  if (queries == 1)
    report(name, run_attention, &s, (double)(2 * 4 * shared * keys * size), "GB/s");
  else
    report(name, run_attention, &s, (double)(4 * heads * queries * keys * size), "GFLOP/s");
}

int main(int count, char **arguments) {
  enum { ELEMENTS = 1 << 24 };
  wanted = count > 1 ? arguments[1] : NULL;
  if (count > 2 && !bf_isa_choose((bf_isa)atoi(arguments[2]))) return 1;
  printf("%s\n", bf_isa_name(bf_isa_current()));
  x = floats(ELEMENTS);
  y = floats(ELEMENTS);
  z = floats(ELEMENTS);
  chain("add, 16 M", 1, 1 << 24, false, (bf_chain_step){.function = BF_ADD});
  chain("relu, 16 M", 1, 1 << 24, false, (bf_chain_step){.function = BF_UNARY_ACTIVATION, .activation = BF_RELU});
  chain("add, 64 K", 1, 1 << 16, false, (bf_chain_step){.function = BF_ADD});
  chain("relu, 64 K", 1, 1 << 16, false, (bf_chain_step){.function = BF_UNARY_ACTIVATION, .activation = BF_RELU});
  chain("mul by channel, 3136 x 24", 3136, 24, true, (bf_chain_step){.function = BF_MUL});
  chain("mul by channel, 196 x 672", 196, 672, true, (bf_chain_step){.function = BF_MUL});
  static const bf_function functions[] = {BF_EXP, BF_LOG, BF_ERF, BF_SIN, BF_SQRT, BF_ROUND};
  static const char *const names[] = {"exp, 64 K", "log, 64 K", "erf, 64 K", "sin, 64 K", "sqrt, 64 K", "round, 64 K"};
  for (int f = 0; f < 6; f++) chain(names[f], 1, 1 << 16, false, (bf_chain_step){.function = functions[f]});
  chain("pow 1.7, 64 K", 1, 1 << 16, false, (bf_chain_step){.function = BF_POW_CONSTANT, .a = 1.7f});
  static const bf_activation activations[] = {BF_SIGMOID, BF_TANH, BF_SILU, BF_HARD_SWISH, BF_GELU_ERF, BF_GELU_TANH, BF_MISH};
  static const char *const kinds[] = {"sigmoid, 64 K", "tanh, 64 K", "silu, 64 K", "hard swish, 64 K", "gelu erf, 64 K", "gelu tanh, 64 K", "mish, 64 K"};
  for (int f = 0; f < 7; f++)
    chain(kinds[f], 1, 1 << 16, false,
          (bf_chain_step){.function = BF_UNARY_ACTIVATION, .activation = activations[f], .a = 1});
  rows("softmax 12 x 128 x 128", run_softmax, 12 * 128, 128, 1);
  rows("softmax 591 x 197", run_softmax, 591, 197, 1);
  rows("softmax 1 x 32000", run_softmax, 1, 32000, 1);
  rows("softmax 8 x 16 x 400 (columns)", run_softmax, 8, 16, 400);
  rows("layer norm 128 x 768", run_layer_norm, 128, 768, 1);
  rows("layer norm 197 x 192", run_layer_norm, 197, 192, 1);
  rows("group norm 784 x 256 by 32", run_group_norm, 1, 784, 256);
  rows("mean of rows 1280 x 49", run_mean, 1280, 49, 1);
  rows("mean of columns 49 x 1280", run_mean, 1, 49, 1280);
  rows("mean of columns 50176 x 3", run_mean, 1, 50176, 3);
  rows("max of 1 M", run_max, 1, 1 << 20, 1);
  rows("max of 16 M", run_max, 1, 1 << 24, 1);
  rows("arg max 64 x 1000", run_arg, 64, 1000, 1);
  rows("arg max 21 x 16384 (columns)", run_arg, 1, 21, 16384);
  transpose("nchw to nhwc 64 x 3136", 4, 1, 64, 3136);
  transpose("nhwc to nchw 3136 x 64", 4, 1, 3136, 64);
  transpose("nchw to nhwc 512 x 49", 4, 1, 512, 49);
  transpose("nchw to nhwc 3 x 50176", 4, 1, 3, 50176);
  transpose("2048 x 2048 of 4", 4, 1, 2048, 2048);
  transpose("2048 x 2048 of 1", 1, 1, 2048, 2048);
  transpose("2048 x 2048 of 2", 2, 1, 2048, 2048);
  transpose("1024 x 1024 of 8", 8, 1, 1024, 1024);
  bf_copy heads = {.element_size = 4, .rank = 3, .extent = {12, 128, 64}, .source_stride = {64, 768, 1}, .destination_stride = {8192, 64, 1}};
  report("heads apart 128 x 12 x 64", run_copy, &heads, 12 * 128 * 64 * 4, "GB/s");
  bf_conv_shape pool = {.batch = 1, .in_height = 112, .in_width = 112, .in_channels = 64, .out_height = 56,
                        .out_width = 56, .out_channels = 64, .kernel_height = 3, .kernel_width = 3,
                        .stride_height = 2, .stride_width = 2, .dilation_height = 1, .dilation_width = 1,
                        .pad_top = 1, .pad_left = 1, .in_stride = 64, .out_stride = 64};
  report("max pool 112 x 112 x 64", run_pool, &pool, 112 * 112 * 64, "Gelem/s");
  attention("attention 12 x 128 x 128 x 64", 12, 12, 128, 128, 64);
  attention("attention 3 x 197 x 197 x 64", 3, 3, 197, 197, 64);
  attention("attention 16 x 512 x 512 x 64", 16, 16, 512, 512, 64);
  attention("attention 8 x 64 x 64 x 128", 8, 8, 64, 64, 128);
  attention("decode 16 heads, 256 keys of 64", 16, 16, 1, 256, 64);
  attention("decode 16 heads, 4096 keys of 64", 16, 16, 1, 4096, 64);
  attention("decode 32/8 heads, 2048 keys of 128", 32, 8, 1, 2048, 128);
  return 0;
}
