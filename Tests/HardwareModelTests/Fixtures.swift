import HardwareModel

/// The smallest complete profiles; every key of the schema stands in them.
enum Fixture {
  static let boardText = """
    schema: 1
    name: Tiny board
    price: { value: 80 USD, basis: datasheet, source: price list }
    memories:
      - id: dram
        kind: dram
        holds: [weights, activations]
        capacity: { value: 1 GiB, basis: datasheet, source: memory map }
        reserved: { value: 100 MiB, basis: measured, source: free -m }
        bandwidth: { value: 4 GB/s, basis: measured, source: stream }
        single_core_bandwidth: { value: 2 GB/s, basis: measured, source: stream on one core }
    links:
      - id: usb3
        name: USB 3.0
        bandwidth: { value: 400 MB/s, basis: derived, source: 5 Gbit/s after 8b/10b and framing }
        latency: { value: 100 us, basis: estimated, source: bulk transfers of other hosts }
    units:
      - id: cpu
        name: 2x Tiny core
        kind: cpu_in_order
        memory: dram
        runtimes: [tiny-runtime]
        clusters:
          - name: Tiny core
            count: 2
            clock: { value: 1 GHz, basis: datasheet, source: manual }
            peak_rates:
              float32: { value: 8 GFLOP/s, basis: derived, source: 4 lanes of FMA at 1 GHz }
              int8: { value: 32 GOP/s, basis: derived, source: 16 lanes of MLA at 1 GHz }
        levels:
          - id: l1d
            scope: per_core
            capacity: { value: 32 KiB, basis: datasheet, source: manual }
            bandwidth: { value: 16 GB/s, basis: derived, source: 16 B a cycle }
          - id: l2
            scope: shared
            capacity: { value: 512 KiB, basis: datasheet, source: manual }
            bandwidth: { value: 16 GB/s, basis: measured, source: stream over 256 KiB }
      - id: npu
        name: Tiny NPU
        kind: npu
        memory: dram
        link: usb3
        runtimes: [tiny-npu]
        clusters:
          - name: array
            count: 1
            peak_rates:
              int8: { value: 1 TOP/s, basis: datasheet, source: product brief }
        tile: { m: 1, n: 16, k: 16, basis: estimated, source: 256 MACs in a square }
        resident_weights: { value: 8 MB, basis: datasheet, source: product brief }
    power_modes:
      - id: full
        power: { value: 5 W, basis: measured, source: wall meter }
      - id: half
        memory_scale: { value: 50 %, basis: datasheet, source: manual }
        units:
          cpu: { cores: 1, clock_scale: { value: 0.5, basis: datasheet, source: manual } }

    """

  static let runtimeText = """
    schema: 1
    name: Tiny runtime
    version: 1.10
    operators:
      source: operator table of release 1.10
      unlisted: unsupported
      rules:
        Conv: yes
        Loop: no
        Resize: { support: partial, dtypes: [int8, float32], note: bilinear only }
    fusion: [bias, clamp_activation]
    partition: any
    memory:
      aliases_views: true
      reuses_inputs: no
      alignment: 64
      repacks_weights: yes
      base: { value: 5 MB, basis: measured, source: resident size of an empty run }
    kernels:
      cpu_in_order:
        computes: [float32, int8]
        dispatch_overhead: { value: 5 us, basis: measured, source: profile of release 1.10 }
        invocation_overhead: { value: 0 us, basis: estimated, source: no thread pool }
        compute_efficiency:
          default: { value: 40 %, low: 20 %, high: 70 %, basis: estimated, source: papers }
          elementwise: { value: 0.1, low: 0.05, high: 0.2, basis: measured, source: profile }
        bandwidth_efficiency:
          { value: 60 %, low: 40 %, high: 85 %, basis: measured, source: profile }

    """

  /// A runtime for the NPU that leaves the rest to the first.
  static var npuRuntimeText: String {
    runtimeText
      .replacing("cpu_in_order:", with: "npu:")
      .replacing("[float32, int8]\n    dispatch", with: "[int8]\n    dispatch")
      .replacing("operators:", with: "fallback: tiny-runtime\noperators:", maxReplacements: 1)
  }

  static func board(_ text: String = boardText, id: String = "tiny") -> ProfileFile {
    ProfileFile(kind: .board, name: "boards/\(id).yaml", text: text)
  }
  static func runtime(_ text: String = runtimeText, id: String = "tiny-runtime") -> ProfileFile {
    ProfileFile(kind: .runtime, name: "runtimes/\(id).yaml", text: text)
  }
  static let npuRuntime = runtime(npuRuntimeText, id: "tiny-npu")

  static let all = [board(), runtime(), npuRuntime]
}
