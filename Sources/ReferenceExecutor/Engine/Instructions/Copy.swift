import CKernels
import TensorTypes

/// Elements put elsewhere.
struct CopyInstruction: Instruction {
  private let copy: bf_copy
  private let source: Address
  private let destination: Address

  /// `nil` when the elements have no size of their own, or the rank is too high.
  init?(_ source: TensorView, to destination: TensorView) {
    let size = source.elementSize
    guard size > 0, source.extents == destination.extents else { return nil }
    let axes = destination.memoryOrder.filter { destination.extents[$0] != 1 }
    var groups: [(extent: Int, source: Int, destination: Int)] = []
    for axis in axes {
      let next = (destination.extents[axis], source.strides[axis], destination.strides[axis])
      if let last = groups.last, last.source == next.1 * next.0, last.destination == next.2 * next.0
      {
        groups[groups.count - 1] = (last.extent * next.0, next.1, next.2)
      } else {
        groups.append(next)
      }
    }
    guard groups.count <= BF_COPY_RANK else { return nil }
    var copy = bf_copy()
    copy.element_size = size
    copy.rank = groups.count
    setElements(of: &copy.extent, groups.map(\.extent))
    setElements(of: &copy.source_stride, groups.map(\.source))
    setElements(of: &copy.destination_stride, groups.map(\.destination))
    self.copy = copy
    self.source = source.address
    self.destination = destination.address
  }

  func run(_ machine: Machine) {
    unsafe withUnsafePointer(to: copy) {
      unsafe bf_copy_run(
        machine.pool, $0, machine.pointer(source), machine.pointer(destination))
    }
  }
}

/// Sets the first elements of an array of C, which Swift sees as a tuple.
func setElements<Tuple, Element>(of tuple: inout Tuple, _ elements: [Element]) {
  unsafe withUnsafeMutableBytes(of: &tuple) { bytes in
    let places = unsafe bytes.assumingMemoryBound(to: Element.self)
    for (index, element) in elements.enumerated() where index < places.count {
      unsafe places[index] = element
    }
  }
}

extension Lowering {
  /// Copies between views of the same extents.
  func copy(_ source: TensorView, to destination: TensorView) throws(ExecutionError) {
    guard source.elementCount > 0 else { return }
    guard let instruction = CopyInstruction(source, to: destination) else {
      throw nodeError(.notEvaluated("a copy of \(source.type)"))
    }
    try emit(
      instruction, kernel: "copy.\(source.dtype.rawValue)", reads: [source.storage],
      writes: [destination.storage])
  }
}
