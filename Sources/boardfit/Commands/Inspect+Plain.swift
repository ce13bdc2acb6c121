extension Inspect {
  /// `inspect MODEL` with at most a format, `-q` and `-v`; `nil` leaves the command line to
  /// ArgumentParser. That reflects on every command and option before it reads the first argument,
  /// which takes several times as long as reading a model.
  init?(plain arguments: ArraySlice<String>) {
    var rest = arguments
    guard rest.popFirst() == "inspect" else { return nil }
    var model: String?
    var format = OutputOptions.Format.table
    var isQuiet = false
    var isVerbose = false
    while let argument = rest.popFirst() {
      switch argument {
      case "--format":
        guard let value = rest.popFirst().flatMap(OutputOptions.Format.init) else { return nil }
        format = value
      case "-q", "--quiet": isQuiet = true
      case "-v", "--verbose": isVerbose = true
      case _ where argument.hasPrefix("-") || model != nil: return nil
      default: model = argument
      }
    }
    guard let model else { return nil }
    // An option that is not set here traps when it is read.
    var modelOptions = ModelOptions()
    modelOptions.shape = []
    modelOptions.dim = []
    modelOptions.tripCount = []
    var outputOptions = OutputOptions()
    outputOptions.format = format
    outputOptions.output = nil
    outputOptions.quiet = isQuiet
    outputOptions.verbose = isVerbose
    outputOptions.color = .auto
    self.init()
    self.model = model
    self.modelOptions = modelOptions
    self.outputOptions = outputOptions
  }
}
