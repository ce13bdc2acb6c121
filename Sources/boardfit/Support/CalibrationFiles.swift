import Calibration
import CostModel
import HardwareModel
import Platform

/// What is known of deployments beyond their profiles: the calibrations that lie beside the profiles or
/// that the user names, and for the rest the priors that were learned from other devices' runs.
struct CalibrationFiles: Sendable {
  private let calibrations: [(path: String, value: DeploymentCalibration, isNamed: Bool)]
  private var expectations: [DeploymentCalibration.Key: Expectation] = [:]

  private struct Expectation {
    let rates: DeploymentCalibration
    let traits: DeviceTraits
    let source: PriorFile.Provenance
  }

  /// Files that are named come before those in the folders' `calibrations`, later folders before
  /// earlier ones.
  init(named: [String], beside directories: [String]) throws(Failure) {
    var found: [(path: String, value: DeploymentCalibration, isNamed: Bool)] = []
    func read(_ path: String, isNamed: Bool) throws(Failure) {
      do throws(ProfileError) {
        let file = try ProfileFile(kind: .calibration, path: path)
        found.append((path, try DeploymentCalibration(file), isNamed))
      } catch {
        throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
      }
    }
    for path in named { try read(path, isNamed: true) }
    for directory in directories.reversed() {
      let folder = "\(directory)/\(Self.folder)"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names.sorted() where name.hasSuffix(".yaml") {
        try read("\(folder)/\(name)", isNamed: false)
      }
    }
    calibrations = found
  }

  static let folder = "calibrations"

  /// The calibration of a deployment; `nil` when none is for it.
  func calibration(of deployment: Deployment) -> DeploymentCalibration? {
    let key = DeploymentCalibration.Key(deployment)
    return calibrations.first { $0.value.key == key }?.value
  }

  /// Named files that are for other deployments, in sentences.
  func strangers(to deployments: [Deployment]) -> [String] {
    let keys = Set(deployments.map { DeploymentCalibration.Key($0) })
    return calibrations.filter { $0.isNamed && !keys.contains($0.value.key) }.map {
      "\($0.path) is for \($0.value.key), which is not asked for"
    }
  }

  /// Adds what the bundled priors let expect of deployments that nobody calibrated. No prior is read
  /// where none is for their runtimes.
  mutating func expect(_ deployments: [Deployment], _ folders: DataFolders?) throws(Failure) {
    guard let folders else { return }
    let open = deployments.filter {
      calibration(of: $0) == nil && PriorLibrary.holdsPrior(for: $0, in: folders)
    }
    guard !open.isEmpty else { return }
    let library = try PriorLibrary(folders)
    for deployment in open {
      let traits = library.traits(of: deployment)
      guard let file = library.file(for: deployment),
        let rates = DeploymentCalibration.expected(on: deployment, prior: file, traits: traits)
      else { continue }
      expectations[rates.key] = Expectation(rates: rates, traits: traits, source: file.provenance)
    }
  }

  /// The estimate, with measured times where its deployment was calibrated, and with expected ones
  /// where a prior is for it.
  func applied(to estimate: Estimate, asked: Deployment) -> Estimate {
    if let calibration = calibration(of: asked) { return estimate.calibrated(by: calibration) }
    guard let expected = expectations[DeploymentCalibration.Key(asked)] else { return estimate }
    return estimate.expected(by: expected.rates, traits: expected.traits, source: expected.source)
  }
}
