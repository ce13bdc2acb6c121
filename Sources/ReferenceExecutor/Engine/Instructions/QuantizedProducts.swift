import CKernels
import TensorTypes

/// What happens to integer sums before they are stored, with the places of its operands.
struct IntegerEpilogue {
  var result = BF_SUM_INT32
  var bias: Address?
  var multiplier: Address?
  /// For bytes in fixed point: multipliers and shifts.
  var fixedPoint: (multiplier: Address, shift: Address)?
  var realBias: Address?
  var activation = Activation.identity
  var residual: Address?
  var residualStride = 0
  var residualAffine = ByteAffine(isSigned: false, scale: 1, zeroPoint: 0)
  var residualActivation = Activation.identity
  var output = ByteAffine(isSigned: false, scale: 1, zeroPoint: 0)
  /// Numbers that a run tells, by which the multipliers are multiplied: one, or one a column.
  var factors: [(place: Address, count: Int)] = []
  var columns = 0

  /// - Parameter room: Scratch memory for the multipliers of a run, in bytes from its start.
  func with(
    _ machine: Machine, room: Int, _ body: (UnsafePointer<bf_sum_epilogue>) -> Void
  ) {
    var multiplier = unsafe machine.floats(multiplier)
    if !factors.isEmpty {
      let numbers = unsafe (machine.scratch + room).assumingMemoryBound(to: Float.self)
      for column in 0..<columns {
        var number = unsafe multiplier.map { unsafe $0[column] } ?? 1
        for factor in factors {
          number *= unsafe machine.floats(factor.place)[factor.count == 1 ? 0 : column]
        }
        unsafe numbers[column] = number
      }
      unsafe multiplier = UnsafePointer(numbers)
    }
    let epilogue = unsafe bf_sum_epilogue(
      result: result,
      bias: machine.integers(bias),
      multiplier: multiplier, real_bias: machine.floats(realBias),
      activation: activation.function, a: activation.a, b: activation.b,
      residual: residual.map { unsafe UnsafeRawPointer(machine.pointer($0)) },
      residual_stride: residualStride, residual_affine: residualAffine.parameters,
      residual_activation: residualActivation.function, residual_a: residualActivation.a,
      residual_b: residualActivation.b, output: output.parameters,
      fixed_multiplier: machine.integers(fixedPoint?.multiplier),
      fixed_shift: machine.integers(fixedPoint?.shift))
    unsafe withUnsafePointer(to: epilogue) { unsafe body($0) }
  }
}

/// The bytes that a product reads.
struct IntegerInput {
  let address: Address
  let isSigned: Bool
  let zeroPoint: Int32
  /// Where a run tells the zero point.
  var zeroPointPlace: Address?

  var kernelType: bf_byte { isSigned ? BF_S8 : BF_U8 }

  func zeroPoint(_ machine: Machine) -> Int32 {
    guard let zeroPointPlace else { return zeroPoint }
    let byte = unsafe machine.pointer(zeroPointPlace).load(as: UInt8.self)
    return isSigned ? Int32(Int8(bitPattern: byte)) : Int32(byte)
  }
}

struct IntegerConvolutionInstruction: Instruction {
  let shape: bf_conv_shape
  let input: IntegerInput
  let packed: Address
  let output: Address
  let epilogue: IntegerEpilogue
  let room: Int

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine, room: room) { epilogue in
      unsafe withUnsafePointer(to: shape) { shape in
        unsafe bf_q8_conv(
          machine.pool, shape, machine.pointer(input.address), input.kernelType,
          input.zeroPoint(machine), machine.pointer(packed), machine.pointer(output), epilogue,
          machine.scratch)
      }
    }
  }
}

struct IntegerMatrixInstruction: Instruction {
  let rows: Int
  let columns: Int
  let depth: Int
  let input: IntegerInput
  let inputStride: Int
  let packed: Address
  let output: Address
  let outputStride: Int
  let epilogue: IntegerEpilogue
  let room: Int

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine, room: room) { epilogue in
      unsafe bf_q8_gemm(
        machine.pool, rows, columns, depth, machine.pointer(input.address), input.kernelType,
        input.zeroPoint(machine), inputStride, machine.pointer(packed), machine.pointer(output),
        outputStride, epilogue, machine.scratch)
    }
  }
}

/// The sum or product of bytes of one shape.
struct ByteBinaryInstruction: Instruction {
  let count: Int
  let multiplies: Bool
  let left: (address: Address, affine: ByteAffine)
  let right: (address: Address, affine: ByteAffine)
  let output: (address: Address, affine: ByteAffine)

  func run(_ machine: Machine) {
    var (x, y) = (left.affine.parameters, right.affine.parameters)
    var result = output.affine.parameters
    unsafe bf_q8_binary(
      machine.pool, count, multiplies ? 1 : 0, machine.pointer(left.address), &x,
      machine.pointer(right.address), &y, &result, machine.pointer(output.address))
  }
}

/// The sum or product of bytes of one shape, in fixed point.
struct FixedPointBinaryInstruction: Instruction {
  let count: Int
  let multiplies: Bool
  /// Bytes, and what is combined in place of each.
  let left: (address: Address, terms: Address)
  let right: (address: Address, terms: Address)
  let scale: FixedPointScale
  let output: (address: Address, affine: ByteAffine)

  func run(_ machine: Machine) {
    var result = output.affine.parameters
    unsafe bf_q8_fixed_binary(
      machine.pool, count, multiplies ? 1 : 0, machine.pointer(left.address),
      machine.integers(left.terms), machine.pointer(right.address), machine.integers(right.terms),
      scale.parameters, &result, machine.pointer(output.address))
  }
}

struct BytePoolingInstruction: Instruction {
  let kind: bf_pooling
  let shape: bf_conv_shape
  let padBottom: Int
  let padRight: Int
  let input: (address: Address, affine: ByteAffine)
  let output: (address: Address, affine: ByteAffine)

  func run(_ machine: Machine) {
    var (from, to) = (input.affine.parameters, output.affine.parameters)
    unsafe withUnsafePointer(to: shape) { shape in
      unsafe bf_q8_pool(
        machine.pool, kind, shape, padBottom, padRight, machine.pointer(input.address), &from,
        machine.pointer(output.address), &to)
    }
  }
}

struct ByteGlobalAverageInstruction: Instruction {
  let batch: Int
  let pixels: Int
  let channels: Int
  let stride: Int
  let input: (address: Address, affine: ByteAffine)
  let output: (address: Address, affine: ByteAffine)
  /// The factor of both scales and the count of pixels, where the mean is in fixed point.
  let fixedPoint: FixedPointScale?

  func run(_ machine: Machine) {
    var (from, to) = (input.affine.parameters, output.affine.parameters)
    if let fixedPoint {
      unsafe bf_q8_fixed_global_average(
        machine.pool, batch, pixels, channels, stride, machine.pointer(input.address), &from,
        fixedPoint.parameters, machine.pointer(output.address), &to)
      return
    }
    unsafe bf_q8_global_average(
      machine.pool, batch, pixels, channels, stride, machine.pointer(input.address), &from,
      machine.pointer(output.address), &to)
  }
}

extension FixedPointScale {
  var parameters: bf_fixed_scale { bf_fixed_scale(multiplier: multiplier, shift: shift) }
}
