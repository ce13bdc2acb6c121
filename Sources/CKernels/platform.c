#include "bf_platform.h"

#include <stdatomic.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

bool bf_isa_has(bf_isa isa) {
  switch (isa) {
  case BF_ISA_PORTABLE:
    return true;
#if defined(__x86_64__)
  case BF_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case BF_ISA_AVX2_VNNI:
    return bf_isa_has(BF_ISA_AVX2) && __builtin_cpu_supports("avxvnni");
  case BF_ISA_AVX512:
    return bf_isa_has(BF_ISA_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  case BF_ISA_AVX512_VNNI:
    return bf_isa_has(BF_ISA_AVX512) && __builtin_cpu_supports("avx512vnni");
  case BF_ISA_AVX512_BF16:
    return bf_isa_has(BF_ISA_AVX512_VNNI) && __builtin_cpu_supports("avx512bf16");
#endif
#if defined(__aarch64__)
  case BF_ISA_NEON:
    return true;
  case BF_ISA_NEON_DOT:
#if defined(__linux__)
    return (getauxval(AT_HWCAP) >> 20 & 1) != 0; /* HWCAP_ASIMDDP */
#elif defined(__APPLE__)
  {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &size, NULL, 0) == 0 && value != 0;
  }
#else
    return false;
#endif
#endif
  default:
    return false;
  }
}

bf_isa bf_isa_best(void) {
  static const bf_isa preferred[] = {BF_ISA_AVX512_BF16, BF_ISA_AVX512_VNNI, BF_ISA_AVX512, BF_ISA_AVX2_VNNI,
                                     BF_ISA_AVX2,        BF_ISA_NEON_DOT,    BF_ISA_NEON};
  for (size_t i = 0; i < sizeof preferred / sizeof *preferred; i++)
    if (bf_isa_has(preferred[i])) return preferred[i];
  return BF_ISA_PORTABLE;
}

static atomic_int best = -1;
/* What this thread's caller chose; negative for the best. */
static _Thread_local int chosen = -1;

bf_isa bf_isa_current(void) {
  if (chosen >= 0) return (bf_isa)chosen;
  int isa = atomic_load_explicit(&best, memory_order_relaxed);
  if (isa < 0) {
    isa = (int)bf_isa_best();
    atomic_store_explicit(&best, isa, memory_order_relaxed);
  }
  return (bf_isa)isa;
}

bool bf_isa_choose(bf_isa isa) {
  if (!bf_isa_has(isa)) return false;
  chosen = (int)isa;
  return true;
}

const char *bf_isa_name(bf_isa isa) {
  switch (isa) {
  case BF_ISA_PORTABLE: return "portable";
  case BF_ISA_NEON: return "neon";
  case BF_ISA_NEON_DOT: return "neon-dot";
  case BF_ISA_AVX2: return "avx2";
  case BF_ISA_AVX2_VNNI: return "avx2-vnni";
  case BF_ISA_AVX512: return "avx512";
  case BF_ISA_AVX512_VNNI: return "avx512-vnni";
  case BF_ISA_AVX512_BF16: return "avx512-bf16";
  }
  return "unknown";
}
