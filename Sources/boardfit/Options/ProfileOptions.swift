import ArgumentParser
import HardwareModel

/// Which boards and runtimes there are.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with boards/ and runtimes/ of your own, before the bundled ones; repeatable.",
      valueName: "dir"))
  var profiles: [String] = []

  /// The bundled profiles, overridden by the user's.
  func catalog(_ folders: DataFolders?) throws(Failure) -> Catalog {
    let bundled = folders.map { [$0.profilesPath] } ?? []
    do throws(ProfileError) {
      return try Catalog.load(directories: bundled + profiles)
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }
}
