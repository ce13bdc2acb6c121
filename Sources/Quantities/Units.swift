/// A count of bytes.
public struct Bytes: CountQuantity {
  public let rawValue: Int
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("B", 1),
    UnitSymbol("kB", 1e3), UnitSymbol("MB", 1e6), UnitSymbol("GB", 1e9), UnitSymbol("TB", 1e12),
    UnitSymbol("KiB", 1024), UnitSymbol("MiB", 1_048_576), UnitSymbol("GiB", 1_073_741_824),
  ]
  /// 1 KiB is 1024 bytes.
  public static func kibibytes(_ count: Int) -> Self { 1024 * Self(count) }
  /// 1 MiB is 1024² bytes.
  public static func mebibytes(_ count: Int) -> Self { 1_048_576 * Self(count) }
}

/// A count of arithmetic operations: one multiply, one add, one divide, one comparison or one
/// elementary function each count 1, whatever the dtype.
public struct FLOPs: CountQuantity {
  public let rawValue: Int
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  /// One multiply-accumulate is two operations: the only bridge between the two counts.
  public init(_ macs: MACs) { self = 2 * Self(macs.rawValue) }
  public static let units = [
    UnitSymbol("FLOP", 1), UnitSymbol("kFLOP", 1e3), UnitSymbol("MFLOP", 1e6),
    UnitSymbol("GFLOP", 1e9), UnitSymbol("TFLOP", 1e12),
  ]
}

/// A count of multiply-accumulates.
public struct MACs: CountQuantity {
  public let rawValue: Int
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("MAC", 1), UnitSymbol("kMAC", 1e3), UnitSymbol("MMAC", 1e6),
    UnitSymbol("GMAC", 1e9), UnitSymbol("TMAC", 1e12),
  ]
}

/// A duration in seconds, for models that divide and fit.
public struct Seconds: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(Double(seconds) + Double(attoseconds) * 1e-18)
  }
  public static let units = [
    UnitSymbol("s", 1), UnitSymbol("ms", 1e-3), UnitSymbol("us", 1e-6), UnitSymbol("µs", 1e-6),
    UnitSymbol("ns", 1e-9), UnitSymbol("min", 60), UnitSymbol("h", 3600),
  ]
}

/// A transfer rate in bytes per second; 1 GB/s is 10⁹ bytes per second.
public struct BytesPerSecond: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("B/s", 1), UnitSymbol("kB/s", 1e3), UnitSymbol("MB/s", 1e6),
    UnitSymbol("GB/s", 1e9), UnitSymbol("TB/s", 1e12),
    UnitSymbol("MiB/s", 1_048_576), UnitSymbol("GiB/s", 1_073_741_824),
  ]
}

/// An arithmetic rate in operations per second, integer operations included.
public struct FLOPsPerSecond: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("FLOP/s", 1), UnitSymbol("MFLOP/s", 1e6), UnitSymbol("GFLOP/s", 1e9),
    UnitSymbol("TFLOP/s", 1e12),
    UnitSymbol("OP/s", 1), UnitSymbol("MOP/s", 1e6), UnitSymbol("GOP/s", 1e9),
    UnitSymbol("TOP/s", 1e12),
  ]
}

/// Operations per byte of memory traffic: the roofline's x axis.
public struct ArithmeticIntensity: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [UnitSymbol("FLOP/B", 1), UnitSymbol("OP/B", 1)]
}

/// A clock rate.
public struct Hertz: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("Hz", 1), UnitSymbol("kHz", 1e3), UnitSymbol("MHz", 1e6), UnitSymbol("GHz", 1e9),
  ]
}

/// Electrical power.
public struct Watts: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [UnitSymbol("W", 1), UnitSymbol("mW", 1e-3), UnitSymbol("uW", 1e-6)]
}

/// Energy.
public struct Joules: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [
    UnitSymbol("J", 1), UnitSymbol("mJ", 1e-3), UnitSymbol("uJ", 1e-6), UnitSymbol("µJ", 1e-6),
    UnitSymbol("kJ", 1e3),
  ]
}

/// Money in US dollars of the year its source states.
public struct USDollars: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [UnitSymbol("USD", 1)]
}

/// A pure number between 0 and 1, written with a percent sign or without.
public struct Fraction: RealQuantity {
  public let rawValue: Double
  public init(_ rawValue: Double) { self.rawValue = rawValue }
  public static let units = [UnitSymbol("", 1), UnitSymbol("%", 0.01)]
}
