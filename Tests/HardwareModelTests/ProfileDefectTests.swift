import HardwareModel
import Testing

/// One fault put into a sound profile, and the line that must say so.
struct Defect: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let message: String
  init(_ old: String, _ new: String, _ message: String) {
    self.old = old
    self.new = new
    self.message = message
  }
  var testDescription: String { message }
}

@Suite struct ProfileDefectTests {
  @Test(arguments: boardDefects)
  func `a fault in a board is named with its place`(defect: Defect) throws {
    let text = Fixture.boardText
    try #require(text.contains(defect.old))
    let broken = text.replacing(defect.old, with: defect.new, maxReplacements: 1)
    let error = #expect(throws: ProfileError.self) {
      try Catalog.load([Fixture.board(broken), Fixture.runtime(), Fixture.npuRuntime])
    }
    #expect(error?.description == "boards/tiny.yaml:\(defect.message)")
  }

  @Test(arguments: runtimeDefects)
  func `a fault in a runtime is named with its place`(defect: Defect) throws {
    let text = Fixture.runtimeText
    try #require(text.contains(defect.old))
    let broken = text.replacing(defect.old, with: defect.new, maxReplacements: 1)
    let error = #expect(throws: ProfileError.self) {
      try Catalog.load([Fixture.board(), Fixture.runtime(broken), Fixture.npuRuntime])
    }
    #expect(error?.description == "runtimes/tiny-runtime.yaml:\(defect.message)")
  }
}

private let boardDefects = [
  Defect(
    "source: price list", "source: price list, 2024",
    "3:63: price.2024: a key without a value; text with a comma stands in quotes"),
  Defect(
    "name: Tiny board", "name: Tiny board\n\"name\": again",
    "3:1: name: key 'name' stands twice, first in line 2"),
  Defect(
    "name: Tiny board", "nane: Tiny board",
    "2:1: nane: unknown key 'nane'; did you mean 'name'?"),
  Defect(
    "    reserved:", "    reservd:",
    "9:5: memories[0].reservd: unknown key 'reservd'; did you mean 'reserved'?"),
  Defect(
    "        count: 2", "        count: 2\n        frequency: 1",
    "26:9: units[0].clusters[0].frequency: unknown key 'frequency'; known: name, count, clock, peak_rates"
  ),
  Defect(
    "name: Tiny board", "name: Tiny board\nschema: 1",
    "3:1: schema: key 'schema' stands twice, first in line 1"),
  Defect(
    "        count: 2", "        count: 2\n        count: 4",
    "26:9: units[0].clusters[0].count: key 'count' stands twice, first in line 25"),
  Defect(
    "value: 80 USD,", "value: 80 USD, value: 90 USD,",
    "3:25: price.value: key 'value' stands twice, first in line 3"),
  Defect(
    "schema: 1\n", "",
    "1:1: schema: missing"),
  Defect(
    "schema: 1", "schema: 2",
    "1:9: schema: schema 2 is not known; this version reads schema 1"),
  Defect(
    ", source: 4 lanes of FMA at 1 GHz", "",
    "28:20: units[0].clusters[0].peak_rates.float32.source: missing; every number needs a source"),
  Defect(
    "source: 4 lanes of FMA at 1 GHz", "source: ''",
    "28:64: units[0].clusters[0].peak_rates.float32.source: missing; every number needs a source"),
  Defect(
    "basis: derived, source: 16 lanes", "source: 16 lanes",
    "29:17: units[0].clusters[0].peak_rates.int8.basis: missing; every number needs a basis: measured, datasheet, derived, estimated"
  ),
  Defect(
    "basis: measured, source: free -m", "basis: meassured, source: free -m",
    "9:40: memories[0].reserved.basis: 'meassured' is not known here; did you mean 'measured'?"),
  Defect(
    "capacity: { value: 1 GiB", "capacity: { value: 1 GHz",
    "8:24: memories[0].capacity.value: unit 'GHz' is not one of B, kB, MB, GB, TB, KiB, MiB, GiB"),
  Defect(
    "capacity: { value: 1 GiB", "capacity: { value: much",
    "8:24: memories[0].capacity.value: 'much' does not start with a number"),
  Defect(
    "bandwidth: { value: 4 GB/s", "bandwidth: { value: -4 GB/s",
    "10:25: memories[0].bandwidth.value: must be more than zero"),
  Defect(
    "bandwidth: { value: 4 GB/s", "bandwidth: { value: 1e308 GB/s",
    "10:25: memories[0].bandwidth.value: '1e308 GB/s' is out of range"),
  Defect(
    "bandwidth: { value: 4 GB/s", "bandwidth: { value: 0 GB/s",
    "10:25: memories[0].bandwidth.value: must be more than zero"),
  Defect(
    "bandwidth: { value: 4 GB/s, basis: measured, source: stream }", "bandwidth: 4 GB/s",
    "10:16: memories[0].bandwidth: must be a mapping"),
  Defect(
    "value: 80 USD", "value: -1 USD",
    "3:17: price.value: must not be negative"),
  Defect(
    "reserved: { value: 100 MiB", "reserved: { value: 1 GiB",
    "9:24: memories[0].reserved.value: must be less than the capacity, 1.00 GiB"),
  Defect(
    "single_core_bandwidth: { value: 2 GB/s", "single_core_bandwidth: { value: 5 GB/s",
    "11:37: memories[0].single_core_bandwidth.value: must be at most the bandwidth of all cores, 4.00 GB/s"
  ),
  Defect(
    "source: 16 B a cycle }",
    """
    source: 16 B a cycle }
            single_core_bandwidth: { value: 8 GB/s, basis: measured, source: stream }
    """,
    "35:32: units[0].levels[0].single_core_bandwidth: stands only in a shared level, beside the 'bandwidth' of all cores"
  ),
  Defect(
    "source: stream over 256 KiB }",
    """
    source: stream over 256 KiB }
            single_core_bandwidth: { value: 17 GB/s, basis: measured, source: stream }
    """,
    "39:41: units[0].levels[1].single_core_bandwidth.value: must be at most the bandwidth of all cores, 16.0 GB/s"
  ),
  Defect(
    "- id: usb3", "- id: USB_3",
    "13:9: links[0].id: must be an identifier of a-z, 0-9 and '-', unlike 'USB_3'"),
  Defect(
    "- id: half", "- id: full",
    "55:9: power_modes[1].id: 'full' is already power_modes[0] in boards/tiny.yaml"),
  Defect(
    "- id: l2", "- id: l1d",
    "35:13: units[0].levels[1].id: another level of the unit has the id 'l1d'"),
  Defect(
    "memory: dram", "memory: drum",
    "21:13: units[0].memory: no memory has the id 'drum'; did you mean 'dram'?"),
  Defect(
    "link: usb3", "link: pcie",
    "43:11: units[1].link: no link has the id 'pcie'; known: usb3"),
  Defect(
    "runtimes: [tiny-npu]", "runtimes: [tiny-gpu]",
    "44:16: units[1].runtimes[0]: no runtime has the id 'tiny-gpu'; did you mean 'tiny-npu'?"),
  Defect(
    "runtimes: [tiny-npu]", "runtimes: [tiny-runtime]",
    "44:16: units[1].runtimes[0]: runtime 'tiny-runtime' has no kernels for npu"),
  Defect(
    "runtimes: [tiny-npu]", "runtimes: []",
    "44:15: units[1].runtimes: the list is empty"),
  Defect(
    "int8: { value: 1 TOP/s", "int16: { value: 1 TOP/s",
    "44:16: units[1].runtimes[0]: runtime 'tiny-npu' computes in int8, for which 'array' has no rate"
  ),
  Defect(
    "int8: { value: 1 TOP/s", "integer8: { value: 1 TOP/s",
    "49:11: units[1].clusters[0].peak_rates.integer8: unknown key 'integer8'; known: float32, float16, bfloat16, float64, float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, float8e8m0, float4e2m1, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool, int4, uint4, int2, uint2, complex64, complex128, string, q4_0, q8_0"
  ),
  Defect(
    "holds: [weights, activations]", "holds: [weights, weights]",
    "7:22: memories[0].holds[1]: 'weights' stands in the list twice"),
  Defect(
    "holds: [weights, activations]", "holds: weights",
    "7:12: memories[0].holds: must be a list"),
  Defect(
    "holds: [weights, activations]", "holds: [weights]",
    "5:3: memories: no memory holds activations"),
  Defect(
    "kind: cpu_in_order", "kind: cpu",
    "20:11: units[0].kind: 'cpu' is not known here; did you mean 'cpu_in_order'?"),
  Defect(
    "kind: cpu_in_order", "kind: gpu",
    "20:11: units[0].kind: the first unit is the host: an mcu or a cpu"),
  Defect(
    "count: 2", "count: two",
    "25:16: units[0].clusters[0].count: must be a whole number"),
  Defect(
    "count: 2", "count: 0",
    "25:16: units[0].clusters[0].count: must be 1 to 1024, not 0"),
  Defect(
    "value: 1 GHz", "value: 10 GHz",
    "26:25: units[0].clusters[0].clock.value: must be less than 10.0 GHz"),
  Defect(
    "int8: { value: 32 GOP/s",
    "float16: { value: 4 GFLOP/s, basis: derived, source: x }\n          int8: { value: 32 GOP/s",
    "29:29: units[0].clusters[0].peak_rates.float16.value: less than float32, 8.00 GFLOP/s; a 'note' must say why"
  ),
  Defect(
    "value: 512 KiB", "value: 16 KiB",
    "37:28: units[0].levels[1].capacity.value: smaller than 'l1d'; levels stand innermost first"),
  Defect(
    "value: 16 GB/s, basis: measured", "value: 33 GB/s, basis: measured",
    "38:29: units[0].levels[1].bandwidth.value: with all cores 33.0 GB/s, more than 'l1d' inside it, 32.0 GB/s"
  ),
  Defect(
    "tile: { m: 1", "tile: { m: 0",
    "50:16: units[1].tile.m: must be 1 to 65536, not 0"),
  Defect(
    "memory_scale: { value: 50 %", "memory_scale: { value: 500 %",
    "56:28: power_modes[1].memory_scale.value: must be at most 400 %"),
  Defect(
    "cpu: { cores: 1", "gpu: { cores: 1",
    "58:7: power_modes[1].units.gpu: no unit has the id 'gpu'; did you mean 'cpu'?"),
  Defect(
    "cpu: { cores: 1", "cpu: { cores: 3",
    "58:21: power_modes[1].units.cpu.cores: the unit has only 2 cores"),
  Defect(
    "name: Tiny board", "name: !!binary Tiny board",
    "2:7: name: the YAML tag 'tag:yaml.org,2002:binary' is not accepted"),
  Defect(
    "name: Tiny board", "name: &anchor Tiny board",
    "2:7: name: YAML anchors and aliases are not accepted; write the value out"),
  Defect(
    "name: Tiny board", "name: *anchor",
    "2:7: name: YAML anchors and aliases are not accepted; write the value out"),
  Defect(
    "name: Tiny board", "? [name]\n: Tiny board",
    "2:3: must be text, as every key"),
  Defect(
    "name: Tiny board", "name: [Tiny board",
    "3:6: not YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
  Defect(
    "name: Tiny board", "name: Tiny board\n---\nname: Tiny",
    "3:1: a second YAML document begins; a profile is one"),
  Defect(
    "name: Tiny board", "name: Tiny\u{7} board",
    "2:11: not YAML: control characters are not allowed"),
]

private let runtimeDefects = [
  Defect(
    "    Conv: yes", "    Convolution: yes",
    "8:5: operators.rules.Convolution: unknown key 'Convolution'; did you mean 'Conv'?"),
  Defect(
    "    Conv: yes", "    Convv: yes",
    "8:5: operators.rules.Convv: unknown key 'Convv'; did you mean 'Conv'?"),
  Defect(
    "    Conv: yes", "    Conv: maybe",
    "8:11: operators.rules.Conv: 'maybe' is not known here; known: yes, partial, no"),
  Defect(
    "    Conv: yes", "    Conv: partial",
    "8:11: operators.rules.Conv: 'partial' needs a 'note' that says the conditions"),
  Defect(
    "    Conv: yes", "    Conv: yes\n    Conv: no",
    "9:5: operators.rules.Conv: key 'Conv' stands twice, first in line 8"),
  Defect(
    "dtypes: [int8, float32]", "dtypes: [int8, float]",
    "10:48: operators.rules.Resize.dtypes[1]: 'float' is not known here; did you mean 'float32'?"),
  Defect(
    "fusion: [bias,", "fusion: [bais,",
    "11:10: fusion[0]: 'bais' is not known here; did you mean 'bias'?"),
  Defect(
    "partition: any", "partition: some",
    "12:12: partition: 'some' is not known here; known: any, prefix, whole_model"),
  Defect(
    "alignment: 64", "alignment: 48",
    "16:14: memory.alignment: must be a power of two"),
  Defect(
    "reuses_inputs: no", "reuses_inputs: maybe",
    "15:18: memory.reuses_inputs: 'maybe' is not known here; known: true, false"),
  Defect(
    "value: 5 us", "value: 5 MB",
    "22:33: kernels.cpu_in_order.dispatch_overhead.value: unit 'MB' is not one of s, ms, us, µs, ns, min, h"
  ),
  Defect(
    "      default:", "      elementwide:",
    "25:7: kernels.cpu_in_order.compute_efficiency.elementwide: unknown key 'elementwide'; did you mean 'elementwise'?"
  ),
  Defect(
    "      default:", "      pooling:",
    "25:7: kernels.cpu_in_order.compute_efficiency.pointwise_convolution: missing"),
  Defect(
    "value: 40 %, low: 20 %", "value: 40 %, low: 45 %",
    "25:16: kernels.cpu_in_order.compute_efficiency.default: low ≤ value ≤ high does not hold: 45.0 %, 40.0 %, 70.0 %"
  ),
  Defect(
    "high: 70 %", "high: 700 %",
    "25:48: kernels.cpu_in_order.compute_efficiency.default.high: must be at most 507 %"),
  Defect(
    "high: 85 %", "high: 101 %",
    "28:39: kernels.cpu_in_order.bandwidth_efficiency.high: must be at most 100 %"),
  Defect(
    "    bandwidth_efficiency:",
    "    weight_bandwidth_efficiency: { value: 90 %, low: 80 %, high: 120 %, basis: measured, source: profile }\n    bandwidth_efficiency:",
    "27:66: kernels.cpu_in_order.weight_bandwidth_efficiency.high: must be at most 100 %"),
  Defect(
    "low: 40 %, ", "",
    "28:7: kernels.cpu_in_order.bandwidth_efficiency.low: missing"),
  Defect(
    "  cpu_in_order:", "  cpu:",
    "20:3: kernels.cpu: unknown key 'cpu'; did you mean 'cpu_in_order'?"),
  Defect(
    "version: 1.10", "version: 1.10\nfallback: other",
    "4:11: fallback: no runtime has the id 'other'; known: tiny-npu, tiny-runtime"),
  Defect(
    "version: 1.10", "version:",
    "3:9: version: missing"),
]
