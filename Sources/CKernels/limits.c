#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* The loop of `kind` under exactly this instruction set. */
static bf_peak_loop peak_loop(bf_arithmetic kind, bf_isa isa) {
  switch (isa) {
  case BF_ISA_PORTABLE:
    return kind == BF_PEAK_F32 ? bf_limits_portable_peak_f32
         : kind == BF_PEAK_F64 ? bf_limits_portable_peak_f64 : NULL;
#if defined(__x86_64__)
  case BF_ISA_AVX2:
  case BF_ISA_AVX2_VNNI:
    switch (kind) {
    case BF_PEAK_F32: return bf_limits_avx2_peak_f32;
    case BF_PEAK_F64: return bf_limits_avx2_peak_f64;
    case BF_PEAK_INT8:
      return isa == BF_ISA_AVX2_VNNI ? bf_limits_avx2_vnni_peak_int8 : bf_limits_avx2_peak_int8;
    case BF_PEAK_BF16:
    case BF_PEAK_F16: return NULL;
    }
    return NULL;
  case BF_ISA_AVX512:
  case BF_ISA_AVX512_VNNI:
  case BF_ISA_AVX512_BF16:
    switch (kind) {
    case BF_PEAK_F32: return bf_limits_avx512_peak_f32;
    case BF_PEAK_F64: return bf_limits_avx512_peak_f64;
    case BF_PEAK_INT8:
      return isa == BF_ISA_AVX512 ? bf_limits_avx512_peak_int8 : bf_limits_avx512_vnni_peak_int8;
    case BF_PEAK_BF16: return isa == BF_ISA_AVX512_BF16 ? bf_limits_avx512_bf16_peak : NULL;
    case BF_PEAK_F16: return NULL;
    }
    return NULL;
#elif defined(__aarch64__)
  case BF_ISA_NEON:
  case BF_ISA_NEON_DOT:
    switch (kind) {
    case BF_PEAK_F32: return bf_limits_neon_peak_f32;
    case BF_PEAK_F64: return bf_limits_neon_peak_f64;
    case BF_PEAK_INT8:
      return isa == BF_ISA_NEON_DOT ? bf_limits_neon_dot_peak_int8 : bf_limits_neon_peak_int8;
    case BF_PEAK_BF16:
    case BF_PEAK_F16: return NULL;
    }
    return NULL;
#endif
  default:
    return NULL;
  }
}

double bf_peak(bf_arithmetic kind, bf_isa isa, size_t repeats) {
  bf_peak_loop loop = bf_isa_has(isa) ? peak_loop(kind, isa) : NULL;
  return loop ? loop(repeats) : 0;
}

static bf_stream_loop stream_loop(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return bf_limits_avx512_stream;
  if (isa >= BF_ISA_AVX2) return bf_limits_avx2_stream;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return bf_limits_neon_stream;
#endif
  (void)isa;
  return bf_limits_portable_stream;
}

double bf_stream_run(bf_stream kind, bool bypass, size_t bytes, void *a, const void *b, const void *c,
                     size_t repeats) {
  static const double streams[] = {
      [BF_STREAM_READ] = 1, [BF_STREAM_WRITE] = 1, [BF_STREAM_COPY] = 2, [BF_STREAM_TRIAD] = 3};
  bf_stream_loop loop = stream_loop();
  bytes = bytes / 512 * 512;
  for (size_t i = 0; i < repeats; i++) {
    loop(kind, bypass, bytes, a, b, c);
    __asm__ volatile("" : : "r"(a), "r"(b), "r"(c) : "memory");
  }
#if defined(__x86_64__)
  if (bypass) __builtin_ia32_sfence();
#endif
  return streams[kind] * (double)bytes * (double)repeats;
}

void bf_chase_prepare(void *buffer, size_t count, size_t stride, uint64_t seed) {
  char *cells = buffer;
  for (size_t i = 0; i < count; i++) *(void **)(cells + i * stride) = cells + i * stride;
  /* Exchanging each cell with an earlier one makes one cycle (Sattolo, IPL 22(6), 1986). */
  uint64_t state = seed | 1;
  for (size_t i = count; i-- > 1;) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    size_t other = (size_t)((state >> 33) % i);
    void **left = (void **)(cells + i * stride), **right = (void **)(cells + other * stride);
    void *kept = *left;
    *left = *right;
    *right = kept;
  }
}

size_t bf_chase(void *buffer, size_t start, size_t stride, size_t steps) {
  void **cell = (void **)((char *)buffer + start * stride);
  for (size_t i = 0; i < steps; i++) cell = *cell;
  return (size_t)((char *)cell - (char *)buffer) / stride;
}

double bf_cycles(size_t repeats) {
  uint64_t x = repeats, y = 0x5bd1e995;
  for (size_t i = 0; i < repeats; i++) {
    BF_UNROLLED for (int k = 0; k < 64; k++) {
#if defined(__x86_64__)
      __asm__ volatile("xorq %1, %0" : "+r"(x) : "r"(y));
#elif defined(__aarch64__)
      __asm__ volatile("eor %0, %0, %1" : "+r"(x) : "r"(y));
#else
      __asm__ volatile("" : "+r"(x) : "r"(y));
      x ^= y;
#endif
    }
  }
  volatile uint64_t sink = x;
  (void)sink;
  return 64.0 * (double)repeats;
}

/* ---- Together -------------------------------------------------------------------------------------- */

typedef struct bf_share {
  bf_arithmetic arithmetic;
  bf_isa isa;
  bf_stream stream;
  bool is_stream, bypass;
  size_t bytes, repeats, threads;
  char *a;
  const char *b, *c;
  atomic_size_t arrived;
  pthread_mutex_t lock;
  double work, begin, end;
} bf_share;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void wait_for_all(bf_share *share) {
  while (atomic_load_explicit(&share->arrived, memory_order_acquire) < share->threads) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
}

static void take_share(void *context, size_t index, size_t thread) {
  (void)thread;
  bf_share *share = context;
  /* Whoever waits here cannot take a second share. */
  atomic_fetch_add(&share->arrived, 1);
  wait_for_all(share);
  double begin = now(), work;
  if (share->is_stream) {
    size_t offset = index * share->bytes;
    work = bf_stream_run(share->stream, share->bypass, share->bytes, share->a + offset,
                         share->b ? share->b + offset : NULL, share->c ? share->c + offset : NULL,
                         share->repeats);
  } else {
    work = bf_peak(share->arithmetic, share->isa, share->repeats);
  }
  double end = now();
  pthread_mutex_lock(&share->lock);
  share->work += work;
  if (begin < share->begin) share->begin = begin;
  if (end > share->end) share->end = end;
  pthread_mutex_unlock(&share->lock);
}

static double run_together(bf_pool *pool, bf_share *share, double *seconds) {
  share->threads = bf_pool_threads(pool);
  atomic_init(&share->arrived, 0);
  pthread_mutex_init(&share->lock, NULL);
  share->begin = 1e300;
  share->end = 0;
  share->work = 0;
  bf_pool_run(pool, share->threads, take_share, share);
  pthread_mutex_destroy(&share->lock);
  *seconds = share->end - share->begin;
  return share->work;
}

double bf_peak_together(bf_pool *pool, bf_arithmetic kind, bf_isa isa, size_t repeats, double *seconds) {
  bf_share share = {.arithmetic = kind, .isa = isa, .repeats = repeats};
  return run_together(pool, &share, seconds);
}

double bf_stream_together(bf_pool *pool, bf_stream kind, bool bypass, size_t bytes, void *a, const void *b,
                          const void *c, size_t repeats, double *seconds) {
  bf_share share = {.stream = kind, .is_stream = true, .bypass = bypass, .bytes = bytes / 512 * 512,
                    .repeats = repeats, .a = a, .b = b, .c = c};
  return run_together(pool, &share, seconds);
}

/* Each part waits for the others, as the parts of a kernel that take equally long do. */
static void meet(void *context, size_t index, size_t thread) {
  (void)index;
  (void)thread;
  bf_share *share = context;
  atomic_fetch_add(&share->arrived, 1);
  wait_for_all(share);
}

void bf_dispatch(bf_pool *pool, size_t jobs, double *seconds) {
  bf_share share = {.threads = bf_pool_threads(pool)};
  for (size_t i = 0; i < jobs; i++) {
    atomic_init(&share.arrived, 0);
    double begin = now();
    bf_pool_run(pool, share.threads, meet, &share);
    seconds[i] = now() - begin;
  }
}
