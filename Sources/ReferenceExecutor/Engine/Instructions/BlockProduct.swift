import CKernels

/// A product of real rows with weights of few bits in blocks.
struct BlockProductInstruction: Instruction {
  let shape: bf_block_quantized
  let rows: Int
  let left: Address
  let leftStride: Int
  let packed: Address
  let output: Address
  let outputStride: Int
  let epilogue: Epilogue

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine) { epilogue in
      unsafe withUnsafePointer(to: shape) { shape in
        unsafe bf_block_gemm(
          machine.pool, shape, rows, machine.floats(left), leftStride, machine.pointer(packed),
          machine.floats(output), outputStride, epilogue)
      }
    }
  }
}
