import Calibration
import CostModel
import HardwareModel
import Platform

/// The calibrations that lie beside the profiles, or that the user names.
struct CalibrationFiles: Sendable {
  private let calibrations: [(path: String, value: DeploymentCalibration, isNamed: Bool)]

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

  /// The estimate, with measured times where its deployment was calibrated.
  func applied(to estimate: Estimate, asked: Deployment) -> Estimate {
    calibration(of: asked).map { estimate.calibrated(by: $0) } ?? estimate
  }
}
