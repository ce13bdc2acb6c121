// What one core can at most: prints fp32 and int8 operations a second in 1e9, int8 0 where unknown.
// cc -O3 -march=native peak.c -o peak
#include <stdio.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { CHAINS = 12, ROUNDS = 1 << 16 };
// A vector is a whole register, and independent chains hide an operation's latency.
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

#if defined(__AVX512F__)
typedef __m512 Floats;
#define FLOATS(x) _mm512_set1_ps(x)
#define FMA(i) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+v"(sum[i]) : "v"(factor));
#elif defined(__FMA__)
typedef __m256 Floats;
#define FLOATS(x) _mm256_set1_ps(x)
#define FMA(i) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+x"(sum[i]) : "x"(factor));
#elif defined(__aarch64__)
typedef float32x4_t Floats;
#define FLOATS(x) vdupq_n_f32(x)
#define FMA(i) __asm__ volatile("fmla %0.4s, %1.4s, %1.4s" : "+w"(sum[i]) : "w"(factor));
#endif

#if defined(__AVX512VNNI__)
typedef __m512i Bytes;
#define BYTES(x) _mm512_set1_epi8(x)
#define DOT(i) __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(sum[i]) : "v"(factor));
#elif defined(__AVXVNNI__)
typedef __m256i Bytes;
#define BYTES(x) _mm256_set1_epi8(x)
#define DOT(i) __asm__ volatile("{vex} vpdpbusd %1, %1, %0" : "+x"(sum[i]) : "x"(factor));
#elif defined(__ARM_FEATURE_DOTPROD)
typedef int8x16_t Bytes;
#define BYTES(x) vdupq_n_s8(x)
#define DOT(i) __asm__ volatile("sdot %0.4s, %1.16b, %1.16b" : "+w"(sum[i]) : "w"(factor));
#endif

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

// The best of many short runs, since others may share the machine.
#define BEST(Vector, SPLAT, STEP, operations)                         \
  double best = 0;                                                    \
  for (int trial = 0; trial < 200; trial++) {                         \
    Vector sum[CHAINS], factor = SPLAT(1);                            \
    for (int i = 0; i < CHAINS; i++) sum[i] = SPLAT(0);               \
    double start = seconds();                                         \
    for (int round = 0; round < ROUNDS; round++) { EACH(STEP) }       \
    double rate = (operations) * CHAINS * ROUNDS / (seconds() - start); \
    if (rate > best) best = rate;                                     \
  }                                                                   \
  return best / 1e9;

static double fp32(void) {
#ifdef FMA
  BEST(Floats, FLOATS, FMA, 2.0 * sizeof(Floats) / 4)
#else
  return 0;
#endif
}

static double int8(void) {
#ifdef DOT
  BEST(Bytes, BYTES, DOT, 2.0 * sizeof(Bytes))
#else
  return 0;
#endif
}

int main(void) {
  printf("%.1f %.1f\n", fp32(), int8());
}
