#include "check.h"

static void copies_follow_any_strides(bf_pool *pool) {
  check_random random = {11};
  static const size_t sizes[] = {1, 2, 4, 8, 16};
  for (int round = 0; round < 400; round++) {
    size_t size = sizes[random_below(&random, 5)], rank = random_below(&random, 5), count = 1;
    bf_copy copy = {.element_size = size, .rank = rank};
    for (size_t d = 0; d < rank; d++) {
      copy.extent[d] = round % 10 == 0 && d == 1 ? 90 + random_below(&random, 30) : 1 + random_below(&random, 9);
      count *= copy.extent[d];
    }
    /* Dense strides in two random orders; the source may broadcast, run backwards, or have gaps. */
    size_t order[2][8];
    ptrdiff_t reach[2] = {1, 1}, start = 0;
    for (int side = 0; side < 2; side++) {
      for (size_t d = 0; d < rank; d++) order[side][d] = d;
      for (size_t d = rank; d > 1; d--) {
        size_t other = random_below(&random, d), kept = order[side][d - 1];
        order[side][d - 1] = order[side][other];
        order[side][other] = kept;
      }
      for (size_t d = 0; d < rank; d++) {
        size_t axis = order[side][d];
        ptrdiff_t *stride = side ? &copy.destination_stride[axis] : &copy.source_stride[axis];
        *stride = reach[side];
        size_t kind = random_below(&random, 8);
        if (side == 0 && kind == 0) {
          *stride = 0;
        } else {
          if (side == 0 && kind == 1) {
            start += *stride * (ptrdiff_t)(copy.extent[axis] - 1);
            *stride = -*stride;
          }
          reach[side] = reach[side] * (ptrdiff_t)copy.extent[axis] + (side == 0 && kind == 2 ? 3 : 0);
        }
      }
    }
    size_t from_bytes = (size_t)reach[0] * size, to_bytes = (size_t)reach[1] * size;
    uint8_t *from = check_alloc(from_bytes), *to = check_alloc(to_bytes), *expected = check_alloc(to_bytes);
    for (size_t i = 0; i < from_bytes; i++) from[i] = (uint8_t)random_bits(&random);
    memset(to, 0xee, to_bytes);
    memset(expected, 0xee, to_bytes);
    for (size_t i = 0; i < count; i++) {
      size_t rest = i;
      ptrdiff_t source = start, destination = 0;
      for (size_t d = rank; d-- > 0; rest /= copy.extent[d]) {
        source += (ptrdiff_t)(rest % copy.extent[d]) * copy.source_stride[d];
        destination += (ptrdiff_t)(rest % copy.extent[d]) * copy.destination_stride[d];
      }
      memcpy(expected + (size_t)destination * size, from + (size_t)source * size, size);
    }
    bf_copy_run(pool, &copy, from + (size_t)start * size, to);
    CHECK(memcmp(to, expected, to_bytes) == 0, "copy %d of %zu-byte elements, rank %zu", round, size, rank);
    free(from);
    free(to);
    free(expected);
  }
}

static void planes_are_transposed(bf_pool *pool) {
  check_random random = {12};
  static const size_t planes[][3] = {{1, 3, 50}, {2, 3, 1000}, {1, 64, 196}, {3, 17, 33}, {1, 300, 257}, {2, 4, 4},
                                     {1, 1, 7},  {1, 2, 600},  {1, 131, 2}};
  for (size_t size = 1; size <= 16; size *= 2)
    for (size_t p = 0; p < sizeof planes / sizeof *planes; p++) {
      size_t n = planes[p][0], a = planes[p][1], b = planes[p][2], bytes = n * a * b * size;
      bf_copy copy = {.element_size = size, .rank = 3, .extent = {n, b, a},
                      .source_stride = {(ptrdiff_t)(a * b), 1, (ptrdiff_t)b},
                      .destination_stride = {(ptrdiff_t)(a * b), (ptrdiff_t)a, 1}};
      uint8_t *from = check_alloc(bytes), *to = check_alloc(bytes);
      for (size_t i = 0; i < bytes; i++) from[i] = (uint8_t)random_bits(&random);
      bf_copy_run(pool, &copy, from, to);
      bool same = true;
      for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < b; i++)
          for (size_t j = 0; j < a; j++)
            same &= memcmp(to + ((k * b + i) * a + j) * size, from + ((k * a + j) * b + i) * size, size) == 0;
      CHECK(same, "transpose %zu x %zu x %zu of %zu bytes", n, a, b, size);
      free(from);
      free(to);
    }
}

static void empty_copies_touch_nothing(bf_pool *pool) {
  bf_copy copy = {.element_size = 4, .rank = 2, .extent = {3, 0}};
  bf_copy_run(pool, &copy, NULL, NULL);
  uint32_t value = 5;
  bf_fill(pool, 0, 4, &value, NULL);
  CHECK(bf_gather(pool, 2, 3, 4, NULL, 0, NULL, true, NULL), "an empty gather");
}

static void fills_repeat_the_value(bf_pool *pool) {
  check_random random = {13};
  for (size_t size = 1; size <= 16; size *= 2)
    for (int round = 0; round < 12; round++) {
      size_t count = round == 0 ? 100003 : 1 + random_below(&random, 200);
      uint8_t value[16], *to = check_alloc(count * size);
      for (size_t i = 0; i < 16; i++) value[i] = round % 3 == 0 ? 0x3f : (uint8_t)random_bits(&random);
      bf_fill(pool, count, size, value, to);
      size_t wrong = 0;
      for (size_t i = 0; i < count; i++) wrong += memcmp(to + i * size, value, size) != 0;
      CHECK(wrong == 0, "fill of %zu x %zu", count, size);
      free(to);
    }
}

static void gathers_choose_rows(bf_pool *pool) {
  check_random random = {14};
  for (int round = 0; round < 120; round++) {
    static const size_t widths[] = {1, 2, 4, 8, 12, 64, 1000};
    size_t outer = 1 + random_below(&random, 4), rows = 1 + random_below(&random, 20);
    size_t width = widths[random_below(&random, 7)], count = random_below(&random, 40);
    uint8_t *from = check_alloc(outer * rows * width), *to = check_alloc(outer * count * width);
    int64_t *wide = check_alloc(count * 8);
    int32_t *narrow = check_alloc(count * 4);
    for (size_t i = 0; i < outer * rows * width; i++) from[i] = (uint8_t)random_bits(&random);
    for (size_t j = 0; j < count; j++)
      narrow[j] = (int32_t)(wide[j] = (int64_t)random_below(&random, 2 * rows) - (int64_t)rows);
    bool is_wide = round % 2 == 0, same = true;
    CHECK(bf_gather(pool, outer, rows, width, from, count, is_wide ? (void *)wide : (void *)narrow, is_wide, to),
          "a gather was refused");
    for (size_t o = 0; o < outer; o++)
      for (size_t j = 0; j < count; j++) {
        size_t row = (size_t)(wide[j] < 0 ? wide[j] + (int64_t)rows : wide[j]);
        same &= memcmp(to + (o * count + j) * width, from + (o * rows + row) * width, width) == 0;
      }
    CHECK(same, "gather of %zu of %zu rows of %zu bytes", count, rows, width);
    if (count) {
      wide[count - 1] = round % 4 < 2 ? (int64_t)rows : -(int64_t)rows - 1;
      CHECK(!bf_gather(pool, outer, rows, width, from, count, wide, true, to), "an index out of range passed");
    }
    free(from);
    free(to);
    free(wide);
    free(narrow);
  }
}

const bf_test movement_tests[] = {{"copies follow any strides", copies_follow_any_strides},
                                  {"planes are transposed", planes_are_transposed},
                                  {"empty copies touch nothing", empty_copies_touch_nothing},
                                  {"fills repeat the value", fills_repeat_the_value},
                                  {"gathers choose rows", gathers_choose_rows},
                                  {NULL, NULL}};
