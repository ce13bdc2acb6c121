/* Integer kernels, layer by layer: GOP/s of thread CPU time and share of the measured peak.
 *   clang -O2 -I Sources/CKernels/include Benchmarks/kernels/quantized.c <objects of CKernels> -lm -lpthread
 *   a.out [part of a layer's name] [isa's name]
 * Medians of interleaved rounds; one thread, as CPU time of several cannot be told from waiting. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boardfit_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ROUNDS = 9 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *bytes(size_t count) {
  uint8_t *p = aligned_alloc(64, (count + 127) / 64 * 64);
  if (!p) abort();
  for (size_t i = 0; i < count; i++) p[i] = (uint8_t)(i * 2654435761u >> 13);
  return p;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512vnni"))) static double peak(void) {
  if (!__builtin_cpu_supports("avx512vnni")) return 0;
  __m512i a[12], x = _mm512_set1_epi32(3), y = _mm512_set1_epi32(5);
  for (int i = 0; i < 12; i++) a[i] = _mm512_set1_epi32(i);
  double start = now();
  for (int r = 0; r < 1000000; r++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) a[i] = _mm512_dpbusd_epi32(a[i], x, y);
    __asm__ volatile("" : "+v"(a[0]), "+v"(x));
  }
  double time = now() - start;
  int sum = 0;
  for (int i = 0; i < 12; i++) sum += _mm512_reduce_add_epi32(a[i]);
  volatile int keep = sum;
  (void)keep;
  return 12 * 128.0 * 1e6 / time;
}
#else
static double peak(void) { return 0; }
#endif

typedef struct layer {
  const char *name;
  size_t in, out, height, kernel, stride, groups;
  bool has_residual;
  int resnet, mobilenet; /* how often ResNet-50 and MobileNetV2 have it */
} layer;

static const layer layers[] = {
    {"stem 7x7/2 3-64 @224", 3, 64, 224, 7, 2, 1, false, 1, 0},
    {"1x1 64-64 @56", 64, 64, 56, 1, 1, 1, false, 1, 0},
    {"1x1 256-64 @56", 256, 64, 56, 1, 1, 1, false, 2, 0},
    {"3x3 64-64 @56", 64, 64, 56, 3, 1, 1, false, 3, 0},
    {"1x1 64-256 @56", 64, 256, 56, 1, 1, 1, false, 1, 0},
    {"1x1 64-256 @56 + residual", 64, 256, 56, 1, 1, 1, true, 3, 0},
    {"1x1 256-128 @56", 256, 128, 56, 1, 1, 1, false, 1, 0},
    {"3x3/2 128-128 @56", 128, 128, 56, 3, 2, 1, false, 1, 0},
    {"1x1 512-128 @28", 512, 128, 28, 1, 1, 1, false, 3, 0},
    {"3x3 128-128 @28", 128, 128, 28, 3, 1, 1, false, 3, 0},
    {"1x1 128-512 @28 + residual", 128, 512, 28, 1, 1, 1, true, 4, 0},
    {"1x1/2 256-512 @56", 256, 512, 56, 1, 2, 1, false, 1, 0},
    {"1x1 512-256 @28", 512, 256, 28, 1, 1, 1, false, 1, 0},
    {"3x3/2 256-256 @28", 256, 256, 28, 3, 2, 1, false, 1, 0},
    {"1x1 1024-256 @14", 1024, 256, 14, 1, 1, 1, false, 5, 0},
    {"3x3 256-256 @14", 256, 256, 14, 3, 1, 1, false, 5, 0},
    {"1x1 256-1024 @14 + residual", 256, 1024, 14, 1, 1, 1, true, 6, 0},
    {"1x1/2 512-1024 @28", 512, 1024, 28, 1, 2, 1, false, 1, 0},
    {"1x1 1024-512 @14", 1024, 512, 14, 1, 1, 1, false, 1, 0},
    {"3x3/2 512-512 @14", 512, 512, 14, 3, 2, 1, false, 1, 0},
    {"1x1 2048-512 @7", 2048, 512, 7, 1, 1, 1, false, 2, 0},
    {"3x3 512-512 @7", 512, 512, 7, 3, 1, 1, false, 2, 0},
    {"1x1 512-2048 @7 + residual", 512, 2048, 7, 1, 1, 1, true, 3, 0},
    {"1x1/2 1024-2048 @14", 1024, 2048, 14, 1, 2, 1, false, 1, 0},
    {"1x1 2048-1000 @1", 2048, 1000, 1, 1, 1, 1, false, 1, 0},
    {"stem 3x3/2 3-32 @224", 3, 32, 224, 3, 2, 1, false, 0, 1},
    {"depthwise 3x3 32 @112", 32, 32, 112, 3, 1, 32, false, 0, 1},
    {"1x1 32-16 @112", 32, 16, 112, 1, 1, 1, false, 0, 1},
    {"1x1 16-96 @112", 16, 96, 112, 1, 1, 1, false, 0, 1},
    {"depthwise 3x3/2 96 @112", 96, 96, 112, 3, 2, 96, false, 0, 1},
    {"1x1 96-24 @56", 96, 24, 56, 1, 1, 1, false, 0, 1},
    {"1x1 24-144 @56", 24, 144, 56, 1, 1, 1, false, 0, 2},
    {"depthwise 3x3 144 @56", 144, 144, 56, 3, 1, 144, false, 0, 1},
    {"1x1 144-24 @56 + residual", 144, 24, 56, 1, 1, 1, true, 0, 1},
    {"depthwise 3x3/2 144 @56", 144, 144, 56, 3, 2, 144, false, 0, 1},
    {"1x1 144-32 @28", 144, 32, 28, 1, 1, 1, false, 0, 1},
    {"1x1 32-192 @28", 32, 192, 28, 1, 1, 1, false, 0, 3},
    {"depthwise 3x3 192 @28", 192, 192, 28, 3, 1, 192, false, 0, 2},
    {"1x1 192-32 @28 + residual", 192, 32, 28, 1, 1, 1, true, 0, 2},
    {"depthwise 3x3/2 192 @28", 192, 192, 28, 3, 2, 192, false, 0, 1},
    {"1x1 192-64 @14", 192, 64, 14, 1, 1, 1, false, 0, 1},
    {"1x1 64-384 @14", 64, 384, 14, 1, 1, 1, false, 0, 4},
    {"depthwise 3x3 384 @14", 384, 384, 14, 3, 1, 384, false, 0, 4},
    {"1x1 384-64 @14 + residual", 384, 64, 14, 1, 1, 1, true, 0, 3},
    {"1x1 384-96 @14", 384, 96, 14, 1, 1, 1, false, 0, 1},
    {"1x1 96-576 @14", 96, 576, 14, 1, 1, 1, false, 0, 3},
    {"depthwise 3x3 576 @14", 576, 576, 14, 3, 1, 576, false, 0, 2},
    {"1x1 576-96 @14 + residual", 576, 96, 14, 1, 1, 1, true, 0, 2},
    {"depthwise 3x3/2 576 @14", 576, 576, 14, 3, 2, 576, false, 0, 1},
    {"1x1 576-160 @7", 576, 160, 7, 1, 1, 1, false, 0, 1},
    {"1x1 160-960 @7", 160, 960, 7, 1, 1, 1, false, 0, 3},
    {"depthwise 3x3 960 @7", 960, 960, 7, 3, 1, 960, false, 0, 3},
    {"1x1 960-160 @7 + residual", 960, 160, 7, 1, 1, 1, true, 0, 2},
    {"1x1 960-320 @7", 960, 320, 7, 1, 1, 1, false, 0, 1},
    {"1x1 320-1280 @7", 320, 1280, 7, 1, 1, 1, false, 0, 1},
    {"1x1 1280-1000 @1", 1280, 1000, 1, 1, 1, 1, false, 0, 1},
    {"depthwise 5x5 240 @14", 240, 240, 14, 5, 1, 240, false, 0, 0},
};

typedef struct run {
  bf_conv_shape shape;
  void *input, *packed, *output, *scratch;
  bf_sum_epilogue epilogue;
  double seconds[ROUNDS], ops;
  size_t repeats;
} run;

static run prepare(const layer *l) {
  size_t out = (l->height + l->stride - 1) / l->stride;
  run r = {.shape = {.batch = 1, .in_height = l->height, .in_width = l->height, .in_channels = l->in, .out_height = out,
                     .out_width = out, .out_channels = l->out, .kernel_height = l->kernel, .kernel_width = l->kernel,
                     .stride_height = l->stride, .stride_width = l->stride, .dilation_height = 1, .dilation_width = 1,
                     .pad_top = l->kernel / 2, .pad_left = l->kernel / 2, .groups = l->groups,
                     .in_stride = (ptrdiff_t)l->in, .out_stride = (ptrdiff_t)l->out}};
  size_t weights = l->out * (l->in / l->groups) * l->kernel * l->kernel, pixels = out * out;
  void *w = bytes(weights);
  r.input = bytes(l->height * l->height * l->in);
  r.packed = bytes(bf_q8_conv_packed_bytes(&r.shape));
  r.output = bytes(pixels * l->out);
  r.scratch = bytes(bf_q8_conv_scratch(&r.shape, 1));
  bf_q8_conv_pack(&r.shape, w, BF_S8, NULL, 0, r.packed);
  free(w);
  float *multiplier = bytes(l->out * 4);
  int32_t *bias = bytes(l->out * 4);
  for (size_t i = 0; i < l->out; i++) multiplier[i] = 1e-5f, bias[i] = (int32_t)i;
  r.epilogue = (bf_sum_epilogue){.result = BF_SUM_BYTE, .bias = bias, .multiplier = multiplier, .activation = BF_RELU,
                                 .output = {BF_U8, 0.02f, 0}};
  if (l->has_residual) {
    r.epilogue.activation = BF_IDENTITY;
    r.epilogue.residual = bytes(pixels * l->out);
    r.epilogue.residual_stride = (ptrdiff_t)l->out;
    r.epilogue.residual_affine = (bf_affine){BF_U8, 0.02f, 3};
    r.epilogue.residual_activation = BF_RELU;
  }
  r.ops = 2.0 * (double)pixels * (double)weights;
  r.repeats = 1 + (size_t)(3e8 / r.ops / (l->groups > 1 ? 8 : 1));
  return r;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static double median(double *x) {
  qsort(x, ROUNDS, sizeof *x, ascending);
  return x[ROUNDS / 2];
}

static void convolutions(const char *part) {
  enum { COUNT = sizeof layers / sizeof *layers };
  static run runs[COUNT];
  double peaks[ROUNDS];
  for (size_t i = 0; i < COUNT; i++) runs[i] = prepare(&layers[i]);
  for (int round = 0; round < ROUNDS; round++) {
    peaks[round] = peak();
    for (size_t i = 0; i < COUNT; i++) {
      if (!strstr(layers[i].name, part)) continue;
      run *r = &runs[i];
      double start = now();
      for (size_t j = 0; j < r->repeats; j++)
        bf_q8_conv(NULL, &r->shape, r->input, BF_U8, 3, r->packed, r->output, &r->epilogue, r->scratch);
      r->seconds[round] = (now() - start) / (double)r->repeats;
    }
  }
  double most = median(peaks), resnet = 0, mobilenet = 0;
  printf("int8 peak %.0f GOP/s (%s)\n", most * 1e-9, bf_isa_name(bf_isa_current()));
  for (size_t i = 0; i < COUNT; i++) {
    if (!strstr(layers[i].name, part)) continue;
    double time = median(runs[i].seconds), rate = runs[i].ops / time;
    printf("%-30s %8.1f us %7.1f GOP/s", layers[i].name, time * 1e6, rate * 1e-9);
    if (most > 0) printf(" %5.1f %%", 100 * rate / most);
    printf("\n");
    resnet += layers[i].resnet * time;
    mobilenet += layers[i].mobilenet * time;
  }
  if (!*part) printf("products of ResNet-50 %.2f ms, of MobileNetV2 %.3f ms\n", resnet * 1e3, mobilenet * 1e3);
}

static void streams(void) {
  enum { N = 4096, K = 4096, COPIES = 6 };
  static uint8_t a[K];
  static float real[K], out[N], multiplier[N];
  double seconds[ROUNDS];
  for (size_t i = 0; i < K; i++) a[i] = (uint8_t)i, real[i] = (float)(i % 17) - 8, multiplier[i % N] = 1e-4f;
  size_t packed_bytes = bf_q8_packed_bytes(K, N);
  uint8_t *w = bytes((size_t)N * K), *packed[COPIES];
  for (int i = 0; i < COPIES; i++) {
    packed[i] = bytes(packed_bytes);
    bf_q8_pack(w, BF_S8, 1, K, K, N, NULL, 0, packed[i]);
  }
  void *scratch = bytes(bf_q8_gemm_scratch(1, N, K, 1));
  bf_sum_epilogue e = {.result = BF_SUM_REAL, .multiplier = multiplier};
  for (int r = 0; r < ROUNDS; r++) {
    double start = now();
    for (int i = 0; i < COPIES; i++)
      bf_q8_gemm(NULL, 1, N, K, a, BF_U8, 3, K, packed[i], out, N, &e, scratch);
    seconds[r] = (now() - start) / COPIES;
  }
  printf("M=1 4096x4096 int8             %.1f us, %.1f GB/s\n", median(seconds) * 1e6,
         (double)packed_bytes / median(seconds) * 1e-9);
  for (int i = 0; i < COPIES; i++) free(packed[i]);
  for (int bits = 4; bits <= 8; bits += 4) {
    bf_block_quantized s = {K, N, 32, bits};
    size_t count = (size_t)N * K / 32;
    float *scales = bytes(count * 4);
    for (size_t i = 0; i < count; i++) scales[i] = 0.01f;
    size_t block_bytes = bf_block_packed_bytes(&s), used = (size_t)N * K * (size_t)bits / 8 + count * 4;
    enum { MOST_ROWS = 64 };
    float *rows = bytes((size_t)MOST_ROWS * K * 4), *results = bytes((size_t)MOST_ROWS * N * 4);
    for (size_t i = 0; i < (size_t)MOST_ROWS * K; i++) rows[i] = (float)(i % 23) - 11;
    for (int i = 0; i < COPIES; i++) {
      packed[i] = bytes(block_bytes);
      bf_block_pack(&s, w, scales, NULL, packed[i]);
    }
    for (size_t m = 1; m <= MOST_ROWS; m *= 64) {
      for (int r = 0; r < ROUNDS; r++) {
        double start = now();
        for (int i = 0; i < COPIES; i++) bf_block_gemm(NULL, &s, m, rows, K, packed[i], results, N, NULL);
        seconds[r] = (now() - start) / COPIES;
      }
      printf("M=%-2zu 4096x4096 %d bits          %.1f us, %.1f GB/s, %.1f GFLOP/s\n", m, bits, median(seconds) * 1e6,
             (double)used / median(seconds) * 1e-9, 2.0 * N * K * (double)m / median(seconds) * 1e-9);
    }
    for (int i = 0; i < COPIES; i++) free(packed[i]);
    free(scales);
    free(rows);
    free(results);
  }
}

int main(int count, char **arguments) {
  for (int isa = BF_ISA_PORTABLE; count > 2 && isa <= BF_ISA_AVX512_BF16; isa++)
    if (strcmp(bf_isa_name((bf_isa)isa), arguments[2]) == 0 && !bf_isa_choose((bf_isa)isa)) {
      fprintf(stderr, "this host lacks %s\n", arguments[2]);
      return 1;
    }
  convolutions(count > 1 ? arguments[1] : "");
  if (count < 2 || !*arguments[1]) streams();
  return 0;
}
