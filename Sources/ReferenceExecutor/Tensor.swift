import Quantities
public import TensorTypes

/// The elements of a tensor as its dtype stores them: dense, row-major, little-endian, never changed
/// once made; 64-byte aligned unless they are borrowed, as weights are from a mapped file.
public struct Tensor: Sendable {
  public let type: TensorType
  let storage: TensorStorage

  /// A tensor whose bytes `initialize` writes; they are zero before.
  public init<Failure: Error>(
    _ type: TensorType,
    initializing initialize: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    self.type = type
    storage = TensorStorage(byteCount: type.storageSize.rawValue)
    try unsafe initialize(storage.bytes)
  }

  /// A tensor that shares `storage` with others.
  init(_ type: TensorType, sharing storage: TensorStorage) {
    self.type = type
    self.storage = storage
  }

  /// A tensor whose bytes `owner` keeps, wherever they are aligned; they are never written. `nil`
  /// when their count is not the type's.
  /// - Parameter giveBack: Lets go of the memory behind some of the bytes, which come again when
  ///   read, as those of a mapped file do.
  public init?(
    _ type: TensorType, borrowing bytes: UnsafeRawBufferPointer, from owner: any Sendable,
    giveBack: (@Sendable (Range<Int>) -> Void)? = nil
  ) {
    guard bytes.count == type.storageSize.rawValue else { return nil }
    self.type = type
    storage = unsafe TensorStorage(borrowing: bytes, from: owner, giveBack: giveBack)
  }

  /// `nil` when the count of bytes is not the type's.
  public init?(_ type: TensorType, bytes: [UInt8]) {
    guard bytes.count == type.storageSize.rawValue else { return nil }
    unsafe self.init(type) { unsafe $0.copyBytes(from: bytes) }
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeRawBufferPointer(storage.bytes))
  }
}
