#include "bf_digest.h"
#include "check.h"

/* FIPS 180-4's example of two blocks, and a million letters a by its last example. */
static void sha256_gives_the_published_digests(bf_pool *pool) {
  (void)pool;
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static const uint32_t two_blocks[8] = {0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039,
                                         0xa33ce459, 0x64ff2167, 0xf6ecedd4, 0x19db06c1};
  static const uint32_t million[8] = {0xcdc76e5c, 0x9914fb92, 0x81a1c7e2, 0x84d73e67,
                                      0xf1809a48, 0xa497200e, 0x046d39cc, 0xc7112cd0};
  uint32_t state[8];
  uint8_t *message = check_alloc(128);
  memset(message, 0, 128);
  memcpy(message, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
  message[56] = 0x80;
  message[126] = 448 >> 8;
  message[127] = 448 & 255;
  memcpy(state, start, sizeof state);
  size_t blocks = bf_sha256_blocks(state, message, 2);
  /* A machine without the instructions takes none and leaves the state. */
  CHECK(memcmp(state, blocks ? two_blocks : start, sizeof state) == 0, "two blocks, %zu taken", blocks);
  free(message);
  if (!blocks) return;

  const size_t length = 1000000, padded = (length + 9 + 63) / 64 * 64;
  message = check_alloc(padded);
  memset(message, 'a', length);
  memset(message + length, 0, padded - length);
  message[length] = 0x80;
  for (int i = 0; i < 8; i++) message[padded - 8 + i] = (uint8_t)((uint64_t)length * 8 >> (56 - 8 * i));
  memcpy(state, start, sizeof state);
  blocks = bf_sha256_blocks(state, message, padded / 64);
  CHECK(blocks == padded / 64 && memcmp(state, million, sizeof state) == 0, "a million letters, %zu taken", blocks);
  free(message);
}

const bf_test digest_tests[] = {{"sha256 gives the published digests", sha256_gives_the_published_digests},
                                {NULL, NULL}};
