import Quantities
import Testing

@testable import Measurement

@Suite struct HostFactsTests {
  static let x86: [String: String] = [
    "/proc/cpuinfo": """
    processor\t: 0
    model name\t: AMD EPYC 9R14
    cpu MHz\t\t: 2596.138
    flags\t\t: fpu avx2 hypervisor avx512f

    processor\t: 1
    model name\t: AMD EPYC 9R14
    """,
    "/sys/devices/system/cpu/online": "0-3\n",
    "/sys/devices/system/cpu/cpu0/topology/core_id": "0\n",
    "/sys/devices/system/cpu/cpu1/topology/core_id": "0\n",
    "/sys/devices/system/cpu/cpu2/topology/core_id": "1\n",
    "/sys/devices/system/cpu/cpu3/topology/core_id": "1\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/size": "32K\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/shared_cpu_list": "0-1\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/level": "1\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/type": "Instruction\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/size": "32K\n",
    "/sys/devices/system/cpu/cpu0/cache/index3/level": "3\n",
    "/sys/devices/system/cpu/cpu0/cache/index3/type": "Unified\n",
    "/sys/devices/system/cpu/cpu0/cache/index3/size": "32768K\n",
    "/sys/devices/system/cpu/cpu0/cache/index3/shared_cpu_list": "0-1,4,6-7\n",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "schedutil\n",
    "/proc/meminfo": "MemTotal:       16318336 kB\nMemAvailable:   8000000 kB\n",
    "/proc/sys/kernel/osrelease": "6.12.9-amd64\n",
    "/etc/os-release": "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n",
    "/proc/loadavg": "1.25 0.90 0.40 2/190 18504\n",
    "/proc/stat": "cpu  1000 200 300 76520 863 10 20 700 0 0\ncpu0 1 2 3\n",
  ]

  private func files(_ texts: [String: String]) -> SystemFiles { SystemFiles { texts[$0] } }

  @Test func `a virtual x86 host is read from its files`() {
    let host = HostFacts(reading: files(Self.x86))
    #expect(host.processor == "AMD EPYC 9R14")
    #expect(host.processorCount == 4)
    #expect(host.coreCount == 2)
    #expect(host.governor == "schedutil")
    #expect(host.isVirtual)
    #expect(host.memoryBytes == 16_318_336 * 1024)
    #expect(host.kernel == "6.12.9-amd64")
    #expect(host.system == "Debian GNU/Linux 13 (trixie)")
    #expect(host.caches.count == 3)
    #expect(
      host.dataCaches == [
        .init(level: 1, kind: "Data", capacityBytes: 32768, sharedBy: 2),
        .init(level: 3, kind: "Unified", capacityBytes: 33_554_432, sharedBy: 5),
      ])
  }

  @Test func `an Arm board is named by its device tree and core`() {
    let host = HostFacts(
      reading: files([
        "/proc/cpuinfo":
          "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\nModel : other\n",
        "/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
      ]))
    #expect(host.processor == "Raspberry Pi 5 Model B Rev 1.0, core 0x41:0xd0b")
    #expect(!host.isVirtual)
    #expect(host.caches.isEmpty)
    #expect(host.governor == nil)
  }

  @Test func `a host without any file is unknown, not an error`() {
    let host = HostFacts(reading: files([:]))
    #expect(host.processor == "unknown")
    #expect(host.processorCount >= 1)
    #expect(host.coreCount == nil)
    #expect(host.memoryBytes == nil)
  }

  @Test(arguments: [
    ("0-3", 4), ("0", 1), ("0-1,4,6-7", 5), ("", 0), ("3-1", 0), ("a-b", 0), ("0-99999999999", 0),
    ("0-0x3", 0),
  ])
  func `lists of processors are counted`(list: String, count: Int) {
    #expect(HostFacts.count(ofList: list) == count)
  }

  @Test(arguments: [
    ("32K", 32768), ("16318336 kB", 16_709_976_064), ("1M", 1_048_576), ("7", 7), ("K", nil),
    ("12 parsecs", nil), ("99999999999999999999K", nil), ("9999999999999999K", nil),
  ])
  func `sizes are read`(text: String, bytes: Int?) {
    #expect(HostFacts.bytes(ofSize: text) == bytes)
  }

  @Test func `times of processors are counted in ticks`() throws {
    let ticks = try #require(
      TickCounts(Self.x86["/proc/stat"] ?? "", ticksPerSecond: 100))
    #expect(ticks.busySeconds == 15.3)
    #expect(ticks.stolenSeconds == 7)
    #expect(TickCounts("cpu 1 2", ticksPerSecond: 100) == nil)
    #expect(TickCounts("", ticksPerSecond: 100) == nil)
    #expect(TickCounts("cpu a b c d e f g h", ticksPerSecond: 100) == nil)
  }

  @Test func `the state of this host has a clock and counts this program`() {
    let conditions = HostConditions.now(files(Self.x86))
    #expect(conditions.clock > .zero)
    #expect(conditions.loadAverage == 1.25)
    #expect(conditions.ownSeconds > 0)
    #expect(conditions.availableMemoryBytes == 8_000_000 * 1024)
  }
}
