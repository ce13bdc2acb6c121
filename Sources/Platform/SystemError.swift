/// Why the operating system refused a call, in its own words.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  public let code: CInt
  public init(code: CInt) { self.code = code }

  /// The reason of the call that failed last on this thread.
  public static var last: SystemError { SystemError(code: errno) }

  public var description: String { unsafe String(cString: strerror(code)) }
}

/// The system's reason behind an error of Foundation, or else the error's own words.
public func systemReason(_ error: any Error) -> String {
  if let cocoa = error as? CocoaError, let cause = cocoa.underlying as? POSIXError {
    return SystemError(code: cause.code.rawValue).description
  }
  return "\(error)"
}
