import Platform

/// Why a file could not be opened.
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
  case notFound
  /// A folder, a device, a pipe, a socket.
  case notAFile
  case cannotOpen(reason: String)

  public var description: String {
    switch self {
    case .notFound: "no such file"
    case .notAFile: "not a regular file"
    case .cannotOpen(let reason): "cannot be opened: \(reason)"
    }
  }

  static var lastSystemError: Self {
    switch errno {
    case ENOENT, ENOTDIR: .notFound
    case let number: .cannotOpen(reason: unsafe String(cString: strerror(number)))
    }
  }
}

/// A regular file mapped into memory, read-only, for as long as its owner lives.
///
/// Pages are read when touched, so a model's weights cost nothing until somebody looks at them.
/// Whoever shortens the file meanwhile ends the process: maps know no other answer.
///
/// Sendable without a check because nobody writes to the map.
@safe public struct MappedFile: ~Copyable, @unchecked Sendable {
  private let base: UnsafeRawPointer?
  /// Bytes in the file.
  public let count: Int

  public init(path: String) throws(FileError) {
    try self.init(path: path, readsAll: false)
  }

  /// `readsAll`: whether most bytes will be looked at, so that reading ahead pays.
  init(path: String, readsAll: Bool) throws(FileError) {
    guard !path.utf8.contains(0) else { throw .notFound }
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .lastSystemError }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, readsAll: readsAll)
  }

  /// Maps an open file; the descriptor stays the caller's to close.
  init(descriptor: Int32, readsAll: Bool = false) throws(FileError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .lastSystemError }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    let size = Int(status.st_size)
    guard size > 0 else {
      unsafe base = nil
      count = 0
      return
    }
    let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else {
      throw .lastSystemError
    }
    // Reading ahead would fetch weights that nobody looks at: 0.5 s instead of 0.04 s for 435 MB.
    if !readsAll { _ = unsafe madvise(address, size, MADV_RANDOM) }
    unsafe base = UnsafeRawPointer(address)
    count = size
  }

  deinit {
    if let base = unsafe base {
      unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    }
  }

  /// Lends the bytes for the time of a call.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let pointer = unsafe base?.assumingMemoryBound(to: UInt8.self)
    let buffer = unsafe UnsafeBufferPointer(start: pointer, count: count)
    return try body(unsafe Span(_unsafeElements: buffer))
  }

  /// Lends the bytes, and a way to give back the pages that lie wholly inside a range.
  func withReleasableBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>, (Range<Int>) -> Void) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (base, count) = unsafe (base, count)
    return try withBytes { bytes throws(Failure) in
      try body(bytes) { unsafe Self.giveBack($0, of: base, count) }
    }
  }

  /// Lets go of the pages that lie wholly inside a range; they come again from the file when
  /// touched. Newer kernels map a file's pages by the megabyte, however few bytes are read, so that
  /// a walk over a large file would hold all of it.
  func giveBack(_ range: Range<Int>) { unsafe Self.giveBack(range, of: base, count) }

  private static func giveBack(_ range: Range<Int>, of base: UnsafeRawPointer?, _ count: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard let base = unsafe base, page > 0, range.lowerBound >= 0, range.upperBound <= count else {
      return
    }
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard start < end else { return }
    let address = unsafe UnsafeMutableRawPointer(mutating: base + start)
    _ = unsafe madvise(address, end - start, MADV_DONTNEED)
  }
}
