import ArgumentParser
import HardwareModel
import Platform
import Reporting

struct Boards: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boards", _superCommandName: "boardfit",
    abstract: "The hardware profiles: list them, show one with its sources, check a file.",
    subcommands: [List.self, Show.self, Check.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "All boards in a table.")
    @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
    @OptionGroup(title: "Output options") var outputOptions: OutputOptions

    func run() throws {
      let catalog = try profileOptions.catalog(try? DataFolders.find())
      try outputOptions.write(BoardListReport(origin: .current, boards: catalog.boards))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Every number of a board and of its runtimes, with why it is believed.")
    @Argument(help: ArgumentHelp("The board's name.", valueName: "board")) var board: String
    @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
    @OptionGroup(title: "Output options") var outputOptions: OutputOptions

    func run() throws {
      let catalog = try profileOptions.catalog(try? DataFolders.find())
      guard let found = catalog.board(board) else {
        throw Failure(
          .missingInput,
          "no board '\(board)'; there are \(catalog.boards.map(\.id).joined(separator: ", "))")
      }
      try outputOptions.write(
        BoardFactsReport(origin: .current, board: found, facts: catalog.facts(of: found)))
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check profiles, and name the first fault of each file with its line.",
      discussion: """
        Each PATH is a profile or a folder with boards/ and runtimes/; without one, the bundled \
        profiles are checked. Exit code 65 says that there are faults.
        """)
    @Argument(help: ArgumentHelp("Files or folders.", valueName: "path")) var paths: [String] = []
    @OptionGroup(title: "Output options") var outputOptions: OutputOptions

    func run() throws {
      let bundled = [try DataFolders.find().profilesPath]
      let problems = try ProfileCheck(paths, bundled: bundled).problems()
      for problem in problems { Console.error(problem.description) }
      guard problems.isEmpty else {
        throw Failure(.badData, "\(problems.count) \(problems.count == 1 ? "fault" : "faults")")
      }
      outputOptions.note("no faults")
    }
  }
}
