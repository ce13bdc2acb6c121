/// What the process tells its caller.
enum ExitStatus: Int32, Sendable {
  case limitNotMet = 1
  case usage = 64
  case badData = 65
  case missingInput = 66
  case internalFault = 70
}

/// An end of the run that is not success: one line for a person, one code for a script.
struct Failure: Error {
  let code: ExitStatus
  let message: String
  init(_ code: ExitStatus, _ message: String) {
    self.code = code
    self.message = message
  }
}
