import ModelExecution
import ModelIR
import ModelImport
import Platform
import ReferenceExecutor
import TensorTypes

extension LoadedModel {
  /// The model ready to run.
  func executable(_ options: ExecutionOptions) throws(Failure) -> any ExecutableModel {
    do throws(ExecutionError) {
      return try makeExecutable(
        inferred, weights: try FileWeights(imported), options: options)
    } catch {
      throw Failure(error, of: imported.path)
    }
  }
}

extension Failure {
  init(_ error: ExecutionError, of path: String) {
    let code: ExitStatus =
      switch error {
      case .wrongInput, .missingInput, .unknownInput, .unknownType, .threads: .usage
      case .notExecutable, .node, .weights: .badData
      case .tooLarge: .limitNotMet
      }
    self.init(code, "\(path): \(error)")
  }
}

/// Reads a tensor from a numpy file.
func readTensor(_ path: String) throws(Failure) -> Tensor {
  let bytes: [UInt8]
  do throws(FileFault) {
    bytes = try OpenFile.contents(of: path)
  } catch {
    throw Failure(error == .missing ? .missingInput : .badData, "\(path): \(error)")
  }
  do throws(NumpyError) {
    return try NumpyFile.tensor(bytes)
  } catch {
    throw Failure(.badData, "\(path): \(error)")
  }
}

func makeFolder(_ folder: String) throws(Failure) {
  do {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
  } catch {
    throw Failure(.usage, "cannot make '\(folder)': \(systemReason(error))")
  }
}

/// Writes each tensor to a numpy file that is named after its value; the folder exists.
func writeTensors(
  _ tensors: [(name: String, tensor: Tensor)], to folder: String
) throws(Failure) {
  var taken: Set<String> = []
  for (name, tensor) in tensors {
    guard let bytes = NumpyFile.bytes(tensor) else {
      throw Failure(.badData, "output '\(name)' is \(tensor.type), which numpy has no type for")
    }
    // A value's name may hold slashes, or climb out of the folder.
    let plain = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
    var file = plain.hasPrefix(".") || plain.isEmpty ? "_\(plain)" : plain
    while !taken.insert(file).inserted { file += "_" }
    let path = URL(fileURLWithPath: folder).appendingPathComponent("\(file).npy")
    do {
      try Data(bytes).write(to: path, options: .atomic)
    } catch {
      throw Failure(.usage, "cannot write '\(path.path)': \(systemReason(error))")
    }
  }
}
