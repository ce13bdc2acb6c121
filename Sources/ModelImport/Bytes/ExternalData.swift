import Platform

/// Why a reference to a file beside the model is refused.
public enum ExternalDataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name could lead out of the model's folder, or names no file.
  case unsafeLocation(String, reason: String)
  /// `offset` or `length` is not a non-negative integer.
  case invalidNumber(key: String, value: String)
  case missingLocation
  case file(location: String, FileError)
  /// Another name for a file that may lie elsewhere: a symbolic or a hard link.
  case link(location: String)
  case outOfBounds(location: String, needed: Int, available: Int)

  public var description: String {
    switch self {
    case .unsafeLocation(let location, let reason):
      "refers to the external file \(location.debugDescription), which \(reason)"
    case .invalidNumber(let key, let value):
      "has external data with \(key) \(value.debugDescription), expected a non-negative integer"
    case .missingLocation: "has external data without a location"
    case .file(let location, let error): "has external data in '\(location)': \(error)"
    case .link(let location): "has external data in '\(location)', which is a link"
    case .outOfBounds(let location, let needed, let available):
      "needs \(needed) bytes of '\(location)', which has \(available)"
    }
  }
}

/// Files beside a model that hold its weights. Estimation never opens them; whoever must read
/// weights opens them here, so that a hostile model cannot reach outside its own folder.
public enum ExternalData {
  /// The folders and the file that a location names, relative to the model's folder.
  static func components(of location: String) throws(ExternalDataError) -> [String] {
    func refused(_ reason: String) -> ExternalDataError {
      .unsafeLocation(location, reason: reason)
    }
    let bytes = Array(location.utf8)
    guard !bytes.isEmpty else { throw refused("is empty") }
    guard !bytes.contains(0) else { throw refused("contains a NUL character") }
    guard !bytes.contains(UInt8(ascii: "\\")) else { throw refused("contains a backslash") }
    guard bytes[0] != UInt8(ascii: "/") else { throw refused("is an absolute path") }
    if bytes.count > 1, bytes[1] == UInt8(ascii: ":") { throw refused("names a drive") }
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard !parts.contains("..") else { throw refused("leaves the model's folder") }
    guard let last = parts.last, last != "", last != "." else { throw refused("names no file") }
    return parts.filter { $0 != "" && $0 != "." }
  }

  /// Opens a file beside the model. No component may be a link, the file must be a regular one with
  /// a single name, and the wanted bytes must lie within it.
  public static func open(
    _ location: String, offset: Int = 0, length: Int? = nil, besides modelPath: String
  ) throws(ExternalDataError) -> MappedFile {
    guard offset >= 0 else { throw .invalidNumber(key: "offset", value: String(offset)) }
    guard (length ?? 0) >= 0 else {
      throw .invalidNumber(key: "length", value: String(length ?? 0))
    }
    let descriptor = try openBeneath(try components(of: location), location, folder(of: modelPath))
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .file(location: location, .lastSystemError)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .file(location: location, .notAFile)
    }
    guard status.st_nlink <= 1 else { throw .link(location: location) }
    let (end, overflow) = offset.addingReportingOverflow(length ?? 0)
    let needed = overflow ? .max : end
    guard needed <= Int(status.st_size) else {
      throw .outOfBounds(location: location, needed: needed, available: Int(status.st_size))
    }
    do throws(FileError) {
      return try MappedFile(descriptor: descriptor, readsAll: true)
    } catch {
      throw .file(location: location, error)
    }
  }

  /// Whether a file of that name stands beside the model; nothing is opened.
  static func exists(_ location: String, besides modelPath: String) -> Bool {
    guard let parts = try? components(of: location) else { return false }
    var status = stat()
    let path = ([folder(of: modelPath)] + parts).joined(separator: "/")
    return unsafe lstat(path, &status) == 0
  }

  private static func folder(of modelPath: String) -> String {
    guard let slash = modelPath.lastIndex(of: "/") else { return "." }
    return slash == modelPath.startIndex ? "/" : String(modelPath[..<slash])
  }

  /// Walks from folder to folder by descriptor, so that nothing can be swapped in between.
  private static func openBeneath(
    _ parts: [String], _ location: String, _ folder: String
  ) throws(ExternalDataError) -> Int32 {
    var current = openFolder(folder)
    guard current >= 0 else { throw .file(location: location, .lastSystemError) }
    for (index, part) in parts.enumerated() {
      let kind = index + 1 < parts.count ? O_DIRECTORY : O_NONBLOCK
      let next = unsafe openat(current, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind)
      let isLink = next < 0 && isSymbolicLink(part, in: current)
      let error = next < 0 ? FileError.lastSystemError : nil
      close(current)
      if isLink { throw .link(location: location) }
      if let error { throw .file(location: location, error) }
      current = next
    }
    return current
  }

  private static func isSymbolicLink(_ part: String, in folder: Int32) -> Bool {
    let failure = errno
    defer { errno = failure }
    var status = stat()
    return unsafe fstatat(folder, part, &status, AT_SYMLINK_NOFOLLOW) == 0
      && status.st_mode & S_IFMT == S_IFLNK
  }
}

private func openFolder(_ path: String) -> Int32 {
  unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
}
