#include <string.h>

#include "movement_plan.h"

#define BF_TARGET_PORTABLE
#include "target_begin.inc.h"

/* Squares of 16-byte rows are transposed in registers: each of log2(n) rounds interleaves row i with row
 * i + n/2. The instructions belong to the baseline of both architectures. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t halves8 __attribute__((vector_size(16)));
typedef uint32_t words4 __attribute__((vector_size(16)));
typedef uint64_t longs2 __attribute__((vector_size(16)));

#define LOW1(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH1(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define LOW2(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH2(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define LOW8(a, b) __builtin_shufflevector(a, b, 0, 2)
#define HIGH8(a, b) __builtin_shufflevector(a, b, 1, 3)

#define PLANE(size, element, vector, side)                                                                   \
  BF_INLINE void square##size(const char *source, ptrdiff_t source_row,  \
                                                                 char *destination,                         \
                                                                 ptrdiff_t destination_row) {               \
    vector row[side], next[side];                                                                           \
    BF_UNROLL_ALL for (size_t i = 0; i < side; i++)                                    \
        memcpy(&row[i], source + (ptrdiff_t)i * source_row, 16);                                            \
    BF_UNROLL_ALL for (size_t round = 1; round < side; round *= 2) {                   \
      BF_UNROLL_ALL for (size_t i = 0; i < side / 2; i++) {                            \
        next[2 * i] = LOW##size(row[i], row[i + side / 2]);                                                 \
        next[2 * i + 1] = HIGH##size(row[i], row[i + side / 2]);                                            \
      }                                                                                                     \
      BF_UNROLL_ALL for (size_t i = 0; i < side; i++) row[i] = next[i];                \
    }                                                                                                       \
    BF_UNROLL_ALL for (size_t i = 0; i < side; i++)                                    \
        memcpy(destination + (ptrdiff_t)i * destination_row, &row[i], 16);                                  \
  }                                                                                                         \
  static void plane##size(size_t rows, size_t columns, const char *source, ptrdiff_t source_row,            \
                          char *destination, ptrdiff_t destination_row) {                                   \
    if (rows < side || columns < side) {                                                                    \
      bool is_wide = rows >= columns;                                                                       \
      size_t outer = is_wide ? columns : rows, inner = is_wide ? rows : columns;                            \
      for (size_t o = 0; o < outer; o++)                                                                    \
        for (size_t n = 0; n < inner; n++) {                                                                \
          ptrdiff_t i = (ptrdiff_t)(is_wide ? n : o), j = (ptrdiff_t)(is_wide ? o : n);                     \
          memcpy(destination + i * destination_row + j * size, source + i * size + j * source_row, size);   \
        }                                                                                                   \
      return;                                                                                               \
    }                                                                                                       \
    /* Whole cache lines of both sides in turn; the last squares overlap their neighbours. */               \
    size_t line = 64 / size > side ? 64 / size : side;                                                      \
    for (size_t i0 = 0; i0 < rows; i0 += line)                                                              \
      for (size_t j0 = 0; j0 < columns; j0 += line) {                                                       \
        for (size_t p = j0 + line; p < j0 + 2 * line && p < columns; p++)                                   \
          __builtin_prefetch(source + (ptrdiff_t)(i0 * size) + (ptrdiff_t)p * source_row);                  \
        for (size_t p = i0; p < i0 + line && p < rows && j0 + line < columns; p++)                          \
          __builtin_prefetch(destination + (ptrdiff_t)((j0 + line) * size) + (ptrdiff_t)p * destination_row, 1);\
        for (size_t i1 = i0; i1 < rows && i1 < i0 + line; i1 += side)                                       \
          for (size_t j1 = j0; j1 < columns && j1 < j0 + line; j1 += side) {                                \
            ptrdiff_t i = (ptrdiff_t)(i1 + side <= rows ? i1 : rows - side);                                \
            ptrdiff_t j = (ptrdiff_t)(j1 + side <= columns ? j1 : columns - side);                          \
            square##size(source + i * size + j * source_row, source_row,                                    \
                         destination + i * destination_row + j * size, destination_row);                    \
          }                                                                                                 \
      }                                                                                                     \
  }

PLANE(1, uint8_t, bytes16, 16)
PLANE(2, uint16_t, halves8, 8)
PLANE(4, uint32_t, words4, 4)
PLANE(8, uint64_t, longs2, 2)

void bf_transpose_plane(size_t unit, size_t rows, size_t columns, const char *source, ptrdiff_t source_row,
                        char *destination, ptrdiff_t destination_row) {
  switch (unit) {
  case 1: plane1(rows, columns, source, source_row, destination, destination_row); break;
  case 2: plane2(rows, columns, source, source_row, destination, destination_row); break;
  case 4: plane4(rows, columns, source, source_row, destination, destination_row); break;
  default: plane8(rows, columns, source, source_row, destination, destination_row); break;
  }
}
