public import HardwareModel

/// One way to run models on a board: the unit, its runtime, a power mode, threads, and the number
/// format. The runtime is part of the hardware: no figure belongs to a chip alone.
public struct Deployment: Sendable, Hashable {
  public let board: Board
  public let unit: ComputeUnit
  public let runtime: Runtime
  /// The runtime that takes over on the host what `runtime` does not support.
  public let fallback: Runtime?
  public let powerMode: PowerMode
  /// Cores at work on a CPU or microcontroller; 1 for a GPU or NPU.
  public let threads: Int
  public let precision: Precision

  public init(
    board: Board, unit: ComputeUnit, runtime: Runtime, fallback: Runtime?, powerMode: PowerMode,
    threads: Int, precision: Precision
  ) {
    self.board = board
    self.unit = unit
    self.runtime = runtime
    self.fallback = fallback
    self.powerMode = powerMode
    self.threads = threads
    self.precision = precision
  }

  /// The unit that runs what the runtime leaves over.
  public var host: ComputeUnit { board.units.first ?? unit }

  /// "raspberry-pi-5/cpu/tflite-xnnpack", with what differs from the default appended.
  public var label: String {
    var label = "\(board.id)/\(unit.id)/\(runtime.id)"
    if powerMode != board.powerModes.first { label += "@\(powerMode.id)" }
    return label
  }
}
