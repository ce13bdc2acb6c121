import Platform
import Quantities

enum FileBytes {
  /// A million events of ONNX Runtime, its own limit, are some 500 MB; ten thousand runs of a model fit.
  static let sizeLimit = Bytes.mebibytes(256)

  /// All bytes of a regular file.
  static func read(_ path: String) throws(RunImportError) -> [UInt8] {
    func refusal(_ reason: String, isMissing: Bool = false) -> RunImportError {
      RunImportError(file: path, reason: reason, isMissingFile: isMissing)
    }
    guard !path.utf8.contains(0) else { throw refusal("no such file", isMissing: true) }
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let isMissing = errno == ENOENT || errno == ENOTDIR
      throw refusal(isMissing ? "no such file" : "cannot be opened", isMissing: isMissing)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw refusal("not a regular file")
    }
    guard status.st_size <= sizeLimit.rawValue else { throw refusal("larger than \(sizeLimit)") }
    let size = Int(status.st_size)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        let length = unsafe Platform.read(descriptor, rest.baseAddress, rest.count)
        guard length > 0 else { return }
        count += length
      }
    }
    guard bytes.count == size else { throw refusal("cannot be read to its end") }
    return bytes
  }
}
