/* The loops over one width of vector, written once. The including file defines
 *   NAME(x)        the name of x for this instruction set
 *   TARGET         the attribute that turns the instruction set on
 *   BYTES          bytes of a vector
 *   CHAINS         independent sums: latency times pipes, as registers allow
 *   FUSED(x, y, z) x y + z in one or two instructions */
#include "limits.h"

typedef float NAME(f32) __attribute__((vector_size(BYTES)));
typedef double NAME(f64) __attribute__((vector_size(BYTES)));
typedef uint32_t NAME(u32) __attribute__((vector_size(BYTES)));

#define BF_PEAK_LOOP(vector, scalar)                                                                     \
  volatile scalar factor = (scalar)0.9990234375, addend = (scalar)0.0009765625;                          \
  const vector x = (vector){0} + factor, y = (vector){0} + addend;                                       \
  vector sum[CHAINS];                                                                                    \
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = (vector){0} + (scalar)i;                   \
  for (size_t r = 0; r < repeats; r++) {                                                                 \
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = FUSED(sum[i], x, y);                     \
  }                                                                                                      \
  vector all = sum[0];                                                                                   \
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) all += sum[i];                                      \
  volatile scalar sink = all[0];                                                                         \
  (void)sink;                                                                                            \
  return (double)repeats * CHAINS * (BYTES / sizeof(scalar)) * 2

TARGET double NAME(peak_f32)(size_t repeats) { BF_PEAK_LOOP(NAME(f32), float); }
TARGET double NAME(peak_f64)(size_t repeats) { BF_PEAK_LOOP(NAME(f64), double); }

#undef BF_PEAK_LOOP

/* Vectors of one turn: 512 bytes, or eight of the widest. */
enum { NAME(turn) = 512 / BYTES };

TARGET static void NAME(read)(const char *a, size_t bytes) {
  NAME(u32) sum[8] = {{0}};
  for (size_t at = 0; at < bytes; at += 512) {
    BF_UNROLLED for (int i = 0; i < NAME(turn); i++)
      sum[i % 8] += *(const NAME(u32) *)(a + at + (size_t)i * BYTES);
  }
  BF_UNROLLED for (int i = 1; i < 8; i++) sum[0] += sum[i];
  volatile uint32_t sink = sum[0][0];
  (void)sink;
}

#define BF_STORE(value, at)                                                                              \
  do {                                                                                                   \
    if (bypass)                                                                                          \
      BF_BYPASS(value, at);                                                            \
    else                                                                                                 \
      *(at) = value;                                                                                     \
  } while (0)

TARGET BF_NO_BUILTIN static inline void NAME(write)(char *a, size_t bytes, const bool bypass) {
  volatile float content = 1.25F;
  const NAME(f32) value = (NAME(f32)){0} + content;
  for (size_t at = 0; at < bytes; at += 512) {
    BF_UNROLLED for (int i = 0; i < NAME(turn); i++)
      BF_STORE(value, (NAME(f32) *)(a + at + (size_t)i * BYTES));
  }
}

TARGET BF_NO_BUILTIN static inline void NAME(copy)(char *a, const char *b, size_t bytes,
                                                                 const bool bypass) {
  for (size_t at = 0; at < bytes; at += 512) {
    BF_UNROLLED for (int i = 0; i < NAME(turn); i++) {
      size_t place = at + (size_t)i * BYTES;
      BF_STORE(*(const NAME(f32) *)(b + place), (NAME(f32) *)(a + place));
    }
  }
}

TARGET static inline void NAME(triad)(char *a, const char *b, const char *c, size_t bytes, const bool bypass) {
  volatile float scale = 3.0F;
  const NAME(f32) factor = (NAME(f32)){0} + scale;
  for (size_t at = 0; at < bytes; at += 512) {
    BF_UNROLLED for (int i = 0; i < NAME(turn); i++) {
      size_t place = at + (size_t)i * BYTES;
      BF_STORE(FUSED(factor, *(const NAME(f32) *)(c + place), *(const NAME(f32) *)(b + place)),
               (NAME(f32) *)(a + place));
    }
  }
}

#undef BF_STORE

TARGET void NAME(stream)(bf_stream kind, bool bypass, size_t bytes, char *a, const char *b, const char *c) {
  switch (kind) {
  case BF_STREAM_READ: NAME(read)(a, bytes); break;
  case BF_STREAM_WRITE: bypass ? NAME(write)(a, bytes, true) : NAME(write)(a, bytes, false); break;
  case BF_STREAM_COPY: bypass ? NAME(copy)(a, b, bytes, true) : NAME(copy)(a, b, bytes, false); break;
  case BF_STREAM_TRIAD: bypass ? NAME(triad)(a, b, c, bytes, true) : NAME(triad)(a, b, c, bytes, false); break;
  }
}
