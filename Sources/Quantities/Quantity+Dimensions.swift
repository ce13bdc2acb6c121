extension Bytes {
  public static func / (lhs: Bytes, rhs: BytesPerSecond) -> Seconds {
    Seconds(Double(lhs.rawValue) / rhs.rawValue)
  }
  public static func / (lhs: Bytes, rhs: Seconds) -> BytesPerSecond {
    BytesPerSecond(Double(lhs.rawValue) / rhs.rawValue)
  }
}

extension FLOPs {
  public static func / (lhs: FLOPs, rhs: FLOPsPerSecond) -> Seconds {
    Seconds(Double(lhs.rawValue) / rhs.rawValue)
  }
  public static func / (lhs: FLOPs, rhs: Seconds) -> FLOPsPerSecond {
    FLOPsPerSecond(Double(lhs.rawValue) / rhs.rawValue)
  }
  public static func / (lhs: FLOPs, rhs: Bytes) -> ArithmeticIntensity {
    ArithmeticIntensity(Double(lhs.rawValue) / Double(rhs.rawValue))
  }
}

extension FLOPsPerSecond {
  public static func / (lhs: FLOPsPerSecond, rhs: BytesPerSecond) -> ArithmeticIntensity {
    ArithmeticIntensity(lhs.rawValue / rhs.rawValue)
  }
}

extension ArithmeticIntensity {
  public static func * (lhs: ArithmeticIntensity, rhs: BytesPerSecond) -> FLOPsPerSecond {
    FLOPsPerSecond(lhs.rawValue * rhs.rawValue)
  }
}

extension Watts {
  public static func * (lhs: Watts, rhs: Seconds) -> Joules { Joules(lhs.rawValue * rhs.rawValue) }
}
