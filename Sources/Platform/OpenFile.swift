/// A file, device or pipe that is open; it is closed when the value goes.
public struct OpenFile: ~Copyable {
  public enum Purpose: Sendable {
    case reading
    /// As ``reading``, but a pipe without a writer is not waited for.
    case readingFile
    /// What exists is written to; nothing is made.
    case writing
    /// Every write goes behind the end of the file, which is made where there is none.
    case appending
  }
  private let descriptor: CInt

  public init(_ path: String, for purpose: Purpose) throws(SystemError) {
    let flags =
      switch purpose {
      case .reading: O_RDONLY
      // Opening a pipe would wait for its writer.
      case .readingFile: O_RDONLY | O_NONBLOCK
      case .writing: O_WRONLY
      case .appending: O_RDWR | O_CREAT | O_APPEND
      }
    descriptor = unsafe open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The next bytes, `count` at most: fewer only at the end of the file.
  public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let piece = try readOnce(upTo: min(count - bytes.count, 1 << 20))
      if piece.isEmpty { break }
      bytes += piece
    }
    return bytes
  }

  private func readOnce(upTo count: Int) throws(SystemError) -> [UInt8] {
    while true {
      var got = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        got = unsafe Platform.read(descriptor, buffer.baseAddress, count)
        filled = max(0, got)
      }
      if got >= 0 { return piece }
      guard errno == EINTR else { throw .last }
    }
  }

  /// The last byte of a file; `nil` of an empty one.
  public func lastByte() throws(SystemError) -> UInt8? {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw .last }
    if size == 0 { return nil }
    var byte: UInt8 = 0
    guard unsafe pread(descriptor, &byte, 1, size - 1) == 1 else { throw .last }
    return byte
  }

  public func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let put = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        return unsafe Platform.write(descriptor, rest.baseAddress, rest.count)
      }
      if put < 0, errno == EINTR { continue }
      guard put >= 0 else { throw .last }
      written += put
    }
  }
}

/// Why a regular file's bytes are not to be had.
public enum FileFault: Error, Hashable, Sendable, CustomStringConvertible {
  case missing
  /// A folder, a device, a pipe.
  case notRegular
  case tooLarge
  case refused(SystemError)

  public var description: String {
    switch self {
    case .missing: "no such file"
    case .notRegular: "not a regular file"
    case .tooLarge: "too large"
    case .refused(let reason): "cannot be read: \(reason)"
    }
  }
}

extension OpenFile {
  /// All bytes of a regular file.
  public static func contents(
    of path: String, atMost limit: Int = .max
  ) throws(FileFault) -> [UInt8] {
    // The C library would read a path only up to its first NUL.
    guard !path.utf8.contains(0) else { throw .missing }
    let file: OpenFile
    do throws(SystemError) {
      file = try OpenFile(path, for: .readingFile)
    } catch {
      throw error.code == ENOENT || error.code == ENOTDIR ? .missing : .refused(error)
    }
    var status = stat()
    guard unsafe fstat(file.descriptor, &status) == 0 else { throw .refused(.last) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge }
    do throws(SystemError) {
      let bytes = try file.read(upTo: size)
      guard bytes.count == size else { throw SystemError(code: EIO) }
      return bytes
    } catch {
      throw .refused(error)
    }
  }
}

/// Whether a path leads to a folder; `nil` when it leads nowhere.
public func isFolder(_ path: String) -> Bool? {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return nil }
  return status.st_mode & S_IFMT == S_IFDIR
}
