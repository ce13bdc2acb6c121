// SHA-256 with the instructions that processors have for it.
#ifndef BF_DIGEST_H
#define BF_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/// Takes whole blocks of 64 bytes into a state of eight words (FIPS 180-4, section 6.2.2), and returns how
/// many: all of them, or none on a machine without the instructions.
size_t bf_sha256_blocks(uint32_t *state, const uint8_t *bytes, size_t blocks);

#endif
