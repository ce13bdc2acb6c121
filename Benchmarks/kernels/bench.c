/* GFLOP/s of the float32 kernels on layers of well-known models, and their share of the multiply-add peak
 * that a loop of the same instruction set reaches in the same run. One thread, in its processor time, medians
 * of alternating runs: what else runs on the machine slows both.
 *
 *   bench [part of a name] [isa's name] */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "boardfit_kernels.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static void *aligned(size_t bytes) {
  void *p = NULL;
  bool is_large = bytes >= 2 << 20;
  if (posix_memalign(&p, is_large ? 2 << 20 : 4096, bytes + 4096) != 0) abort();
#if defined(__linux__)
  if (is_large) madvise(p, bytes, MADV_HUGEPAGE);
#endif
  memset(p, 0, bytes);
  return p;
}
static float *numbers(size_t count) {
  float *x = aligned(count * sizeof(float));
  for (size_t i = 0; i < count; i++) x[i] = (float)(i * 2654435761u % 2000) * 1e-3f - 1;
  return x;
}
static int ascending(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}
static double median(double *x, size_t count) {
  qsort(x, count, sizeof *x, ascending);
  return x[count / 2];
}

/* Twelve independent chains of multiply-adds, long enough to hide their latency. */
#if defined(__x86_64__)
#define PEAK(NAME, TARGET, FLOATS)                                                                           \
  __attribute__((target(TARGET), noinline)) static double NAME(size_t repeats) {                             \
    typedef float v __attribute__((vector_size(FLOATS * 4)));                                                \
    v x[12], y = {0}, z = y + 0.999f;                                                                        \
    for (int i = 0; i < 12; i++) x[i] = y + (float)i;                                                        \
    double start = now();                                                                                    \
    for (size_t r = 0; r < repeats; r++) {                                                                   \
      for (int i = 0; i < 12; i++) x[i] = x[i] * z + y;                                                      \
      __asm__ volatile("" : "+v"(x[0]), "+v"(x[1]), "+v"(x[2]), "+v"(x[3]), "+v"(x[4]), "+v"(x[5]),          \
                       "+v"(x[6]), "+v"(x[7]), "+v"(x[8]), "+v"(x[9]), "+v"(x[10]), "+v"(x[11]));            \
    }                                                                                                        \
    double time = now() - start;                                                                             \
    return 24.0 * FLOATS * (double)repeats / time;                                                           \
  }
PEAK(peak_avx512, "avx512f,fma", 16)
PEAK(peak_avx2, "avx2,fma", 8)
static double peak(void) {
  return bf_isa_current() >= BF_ISA_AVX512 ? peak_avx512(100000) : peak_avx2(100000);
}
#else
static double peak(void) { return 0; }
#endif

typedef struct layer {
  const char *name;
  enum { GEMM, CONV, DEPTHWISE, BATCHED } kind;
  size_t m, n, k; /* for convolutions: side, out, in */
  size_t kernel, stride;
  bf_activation activation;
  bool planar;
} layer;

static const layer layers[] = {
    {"product 128x768x768 (BERT)", GEMM, 128, 768, 768, 0, 0, 0, 0},
    {"product 128x3072x768 GELU (BERT)", GEMM, 128, 3072, 768, 0, 0, BF_GELU_ERF, 0},
    {"product 128x768x3072 (BERT)", GEMM, 128, 768, 3072, 0, 0, 0, 0},
    {"product 197x576x192 (DeiT-Tiny)", GEMM, 197, 576, 192, 0, 0, 0, 0},
    {"product 197x768x192 GELU (DeiT-Tiny)", GEMM, 197, 768, 192, 0, 0, BF_GELU_ERF, 0},
    {"product 197x192x768 (DeiT-Tiny)", GEMM, 197, 192, 768, 0, 0, 0, 0},
    {"product 64x4096x1024 SILU (decoder)", GEMM, 64, 4096, 1024, 0, 0, BF_SILU, 0},
    {"product 64x1024x4096 (decoder)", GEMM, 64, 1024, 4096, 0, 0, 0, 0},
    {"product 1x4096x4096", GEMM, 1, 4096, 4096, 0, 0, 0, 0},
    {"product 1x1000x2048 (classifier)", GEMM, 1, 1000, 2048, 0, 0, 0, 0},
    {"product 1x1152x48 (squeeze)", GEMM, 1, 1152, 48, 0, 0, 0, 0},
    {"scores 12 of 128x128x64 (BERT)", BATCHED, 128, 128, 64, 12, 1, 0, 0},
    {"values 12 of 128x64x128 (BERT)", BATCHED, 128, 64, 128, 12, 0, 0, 0},
    {"scores 3 of 197x197x64 (DeiT-Tiny)", BATCHED, 197, 197, 64, 3, 1, 0, 0},
    {"scores 16 of 1x257x64 (decode)", BATCHED, 1, 257, 64, 16, 1, 0, 0},
    {"stem 7x7/2 3-64 at 224", CONV, 224, 64, 3, 7, 2, BF_RELU, 0},
    {"stem 7x7/2 3-64 at 224, planar", CONV, 224, 64, 3, 7, 2, BF_RELU, 1},
    {"stem 3x3/2 3-32 at 224, planar", CONV, 224, 32, 3, 3, 2, BF_RELU, 1},
    {"stem 3x3/2 3-16 at 640, planar", CONV, 640, 16, 3, 3, 2, BF_SILU, 1},
    {"1x1 64-256 at 56", CONV, 56, 256, 64, 1, 1, BF_RELU, 0},
    {"1x1 256-64 at 56", CONV, 56, 64, 256, 1, 1, BF_RELU, 0},
    {"1x1 512-128 at 28", CONV, 28, 128, 512, 1, 1, BF_RELU, 0},
    {"1x1 1024-256 at 14", CONV, 14, 256, 1024, 1, 1, BF_RELU, 0},
    {"1x1 512-2048 at 7", CONV, 7, 2048, 512, 1, 1, BF_RELU, 0},
    {"1x1 2048-512 at 7", CONV, 7, 512, 2048, 1, 1, BF_RELU, 0},
    {"1x1/2 256-512 at 56", CONV, 56, 512, 256, 1, 2, 0, 0},
    {"1x1 16-96 at 112 (MobileNetV2)", CONV, 112, 96, 16, 1, 1, BF_CLAMP, 0},
    {"1x1 96-24 at 56 (MobileNetV2)", CONV, 56, 24, 96, 1, 1, 0, 0},
    {"1x1 24-144 at 56 (MobileNetV2)", CONV, 56, 144, 24, 1, 1, BF_CLAMP, 0},
    {"1x1 192-32 at 28 (MobileNetV2)", CONV, 28, 32, 192, 1, 1, 0, 0},
    {"1x1 384-64 at 14 (MobileNetV2)", CONV, 14, 64, 384, 1, 1, 0, 0},
    {"1x1 576-160 at 7 (MobileNetV2)", CONV, 7, 160, 576, 1, 1, 0, 0},
    {"1x1 320-1280 at 7 (MobileNetV2)", CONV, 7, 1280, 320, 1, 1, BF_CLAMP, 0},
    {"1x1 16-96 at 112 SILU (EfficientNet)", CONV, 112, 96, 16, 1, 1, BF_SILU, 0},
    {"1x1 24-144 at 56 SILU (EfficientNet)", CONV, 56, 144, 24, 1, 1, BF_SILU, 0},
    {"1x1 40-240 at 28 SILU (EfficientNet)", CONV, 28, 240, 40, 1, 1, BF_SILU, 0},
    {"1x1 112-672 at 14 SILU (EfficientNet)", CONV, 14, 672, 112, 1, 1, BF_SILU, 0},
    {"1x1 192-1152 at 7 SILU (EfficientNet)", CONV, 7, 1152, 192, 1, 1, BF_SILU, 0},
    {"3x3 64-64 at 56", CONV, 56, 64, 64, 3, 1, BF_RELU, 0},
    {"3x3 128-128 at 28", CONV, 28, 128, 128, 3, 1, BF_RELU, 0},
    {"3x3 256-256 at 14", CONV, 14, 256, 256, 3, 1, BF_RELU, 0},
    {"3x3 512-512 at 7", CONV, 7, 512, 512, 3, 1, BF_RELU, 0},
    {"3x3/2 128-128 at 56", CONV, 56, 128, 128, 3, 2, BF_RELU, 0},
    {"3x3/2 512-512 at 14", CONV, 14, 512, 512, 3, 2, BF_RELU, 0},
    {"3x3 16-16 at 160 SILU (YOLO)", CONV, 160, 16, 16, 3, 1, BF_SILU, 0},
    {"3x3 32-32 at 80 SILU (YOLO)", CONV, 80, 32, 32, 3, 1, BF_SILU, 0},
    {"3x3 64-64 at 80 SILU (YOLO)", CONV, 80, 64, 64, 3, 1, BF_SILU, 0},
    {"3x3 64-64 at 40 SILU (YOLO)", CONV, 40, 64, 64, 3, 1, BF_SILU, 0},
    {"3x3 128-128 at 20 SILU (YOLO)", CONV, 20, 128, 128, 3, 1, BF_SILU, 0},
    {"3x3/2 16-32 at 320 SILU (YOLO)", CONV, 320, 32, 16, 3, 2, BF_SILU, 0},
    {"3x3/2 32-64 at 160 SILU (YOLO)", CONV, 160, 64, 32, 3, 2, BF_SILU, 0},
    {"depthwise 3x3 32 at 112", DEPTHWISE, 112, 32, 32, 3, 1, BF_CLAMP, 0},
    {"depthwise 3x3/2 96 at 112", DEPTHWISE, 112, 96, 96, 3, 2, BF_CLAMP, 0},
    {"depthwise 3x3 144 at 56", DEPTHWISE, 56, 144, 144, 3, 1, BF_CLAMP, 0},
    {"depthwise 3x3/2 144 at 56", DEPTHWISE, 56, 144, 144, 3, 2, BF_CLAMP, 0},
    {"depthwise 3x3 192 at 28", DEPTHWISE, 28, 192, 192, 3, 1, BF_CLAMP, 0},
    {"depthwise 3x3 512 at 14", DEPTHWISE, 14, 512, 512, 3, 1, BF_CLAMP, 0},
    {"depthwise 3x3 960 at 7", DEPTHWISE, 7, 960, 960, 3, 1, BF_CLAMP, 0},
    {"depthwise 3x3 32 at 112 SILU", DEPTHWISE, 112, 32, 32, 3, 1, BF_SILU, 0},
    {"depthwise 3x3/2 96 at 112 SILU", DEPTHWISE, 112, 96, 96, 3, 2, BF_SILU, 0},
    {"depthwise 3x3 144 at 56 SILU", DEPTHWISE, 56, 144, 144, 3, 1, BF_SILU, 0},
    {"depthwise 3x3 480 at 14 SILU", DEPTHWISE, 14, 480, 480, 3, 1, BF_SILU, 0},
    {"depthwise 5x5 240 at 28 SILU", DEPTHWISE, 28, 240, 240, 5, 1, BF_SILU, 0},
    {"depthwise 5x5/2 240 at 28 SILU", DEPTHWISE, 28, 240, 240, 5, 2, BF_SILU, 0},
    {"depthwise 5x5 672 at 14 SILU", DEPTHWISE, 14, 672, 672, 5, 1, BF_SILU, 0},
    {"depthwise 5x5 1152 at 7 SILU", DEPTHWISE, 7, 1152, 1152, 5, 1, BF_SILU, 0},
};

typedef struct prepared {
  const layer *layer;
  bf_conv_shape conv;
  bf_conv_algorithm algorithm;
  bf_batched_gemm batched;
  float *a, *b, *c, *packed;
  void *scratch;
  bf_epilogue epilogue;
  double flops;
} prepared;

static prepared prepare(const layer *l) {
  prepared p = {.layer = l};
  size_t columns = l->n, outputs;
  if (l->kind == GEMM) {
    p.a = numbers(l->m * l->k), p.b = numbers(l->k * l->n), outputs = l->m * l->n;
    p.packed = aligned(bf_f32_packed_bytes(l->k, l->n));
    bf_f32_pack(p.b, (ptrdiff_t)l->n, 1, l->k, l->n, p.packed);
    p.flops = 2.0 * (double)l->m * (double)l->n * (double)l->k;
  } else if (l->kind == BATCHED) {
    p.batched = (bf_batched_gemm){
        .outer = 1, .inner = l->kernel, .m = l->m, .n = l->n, .k = l->k, .scale = 0.125f,
        .a = {0, (ptrdiff_t)(l->m * l->k), (ptrdiff_t)l->k, 1},
        .b = {0, (ptrdiff_t)(l->n * l->k), l->stride ? 1 : (ptrdiff_t)l->n, l->stride ? (ptrdiff_t)l->k : 1},
        .c = {0, (ptrdiff_t)(l->m * l->n), (ptrdiff_t)l->n, 1}};
    p.a = numbers(l->kernel * l->m * l->k), p.b = numbers(l->kernel * l->k * l->n), outputs = l->kernel * l->m * l->n;
    p.scratch = aligned(bf_f32_batched_gemm_scratch(&p.batched, 1));
    p.flops = 2.0 * (double)l->kernel * (double)l->m * (double)l->n * (double)l->k;
  } else {
    size_t side = (l->m + 2 * (l->kernel / 2) - l->kernel) / l->stride + 1, groups = l->kind == DEPTHWISE ? l->k : 1;
    p.conv = (bf_conv_shape){
        .batch = 1, .in_height = l->m, .in_width = l->m, .in_channels = l->k,
        .out_height = side, .out_width = side, .out_channels = l->n, .kernel_height = l->kernel,
        .kernel_width = l->kernel, .stride_height = l->stride, .stride_width = l->stride,
        .dilation_height = 1, .dilation_width = 1, .pad_top = l->kernel / 2, .pad_left = l->kernel / 2,
        .groups = groups, .in_stride = (ptrdiff_t)l->k, .out_stride = (ptrdiff_t)l->n, .in_planar = l->planar};
    p.algorithm = bf_f32_conv_choose(&p.conv, 1);
    const char *forced = getenv("BF_ALGORITHM");
    if (forced && l->kind == CONV) p.algorithm = (bf_conv_algorithm)atoi(forced);
    p.a = numbers(l->m * l->m * l->k), p.b = numbers(l->n * l->k / groups * l->kernel * l->kernel);
    outputs = side * side * l->n;
    p.packed = aligned(bf_f32_conv_packed_bytes(&p.conv, p.algorithm));
    bf_f32_conv_pack(&p.conv, p.algorithm, p.b, p.packed);
    p.scratch = aligned(bf_f32_conv_scratch(&p.conv, p.algorithm, 1));
    p.flops = 2.0 * (double)outputs * (double)(l->k / groups * l->kernel * l->kernel);
  }
  p.c = aligned(outputs * sizeof(float));
  p.epilogue = (bf_epilogue){.bias = numbers(columns), .activation = l->activation, .a = l->activation == BF_SILU ? 1 : 0,
                             .b = 6};
  return p;
}

static void run(const prepared *p) {
  const layer *l = p->layer;
  if (l->kind == GEMM)
    bf_f32_gemm(NULL, l->m, l->n, l->k, p->a, (ptrdiff_t)l->k, p->packed, p->c, (ptrdiff_t)l->n, &p->epilogue);
  else if (l->kind == BATCHED)
    bf_f32_batched_gemm(NULL, &p->batched, p->a, p->b, p->c, NULL, p->scratch);
  else
    bf_f32_conv(NULL, &p->conv, p->algorithm, p->a, p->packed, p->c, &p->epilogue, p->scratch);
}

int main(int count, char **arguments) {
  for (int isa = 0; count > 2 && isa <= BF_ISA_AVX512_BF16; isa++)
    if (!strcmp(arguments[2], bf_isa_name((bf_isa)isa))) bf_isa_choose((bf_isa)isa);
  printf("%s\n%-38s %9s %8s %6s %8s  %s\n", bf_isa_name(bf_isa_current()), "layer", "us", "GFLOP/s", "peak", "best",
         "algorithm");
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
    if (count > 1 && !strstr(layers[i].name, arguments[1])) continue;
    prepared p = prepare(&layers[i]);
    run(&p);
    double start = now();
    run(&p);
    double once = now() - start;
    size_t repeats = once > 4e-3 ? 1 : (size_t)(4e-3 / (once + 1e-7)) + 1;
    double rates[ROUNDS], shares[ROUNDS];
    for (size_t r = 0; r < ROUNDS; r++) {
      double before = peak();
      start = now();
      for (size_t j = 0; j < repeats; j++) run(&p);
      rates[r] = p.flops * (double)repeats / (now() - start);
      shares[r] = rates[r] / (0.5 * (before + peak()));
    }
    double rate = median(rates, ROUNDS);
    /* Sorted by median(): the best comes last. */
    printf("%-38s %9.1f %8.1f %5.1f%% %8.1f  %d\n", layers[i].name, p.flops / rate * 1e6, rate * 1e-9,
           100 * median(shares, ROUNDS), rates[ROUNDS - 1] * 1e-9, (int)p.algorithm);
    fflush(stdout);
    free(p.a), free(p.b), free(p.c), free(p.packed), free(p.scratch), free((void *)p.epilogue.bias);
  }
  return 0;
}
