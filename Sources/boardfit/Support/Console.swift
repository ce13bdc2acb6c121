import Platform

/// The two streams of the process, and its environment.
enum Console {
  /// Talk: notes, warnings, errors.
  static func error(_ line: String) { send(line + "\n", to: STDERR_FILENO) }

  /// Data. A reader that closed the pipe has all it wants.
  static func output(_ text: String) { send(text, to: STDOUT_FILENO) }

  private static func send(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while unsafe !rest.isEmpty {
        let count = unsafe write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The terminal's width; `nil` when output goes elsewhere.
  static var outputWidth: Int? {
    guard outputIsTerminal else { return nil }
    if let columns = variable("COLUMNS").flatMap({ Int($0) }) { return columns }
    var size = winsize()
    let status = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// An environment variable.
  static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
