import HardwareModel
import Platform

private enum NetworkKey: String, ProfileKey { case name, fingerprint, offset, variance }

// A network's offset as priors and calibrations write it.
extension Prior.NetworkOffset {
  var line: String {
    "  - { name: \(quoted(name)), fingerprint: \(precise(fingerprint)), "
      + "offset: \(number(offset)), variance: \(number(variance)) }"
  }

  init(reading node: ProfileNode) throws(ProfileError) {
    let network = try node.fields(NetworkKey.self)
    self.init(
      name: try network.required(.name).text(),
      fingerprint: try network.required(.fingerprint).realNumber(),
      offset: try network.required(.offset).realNumber(),
      variance: max(0, try network.required(.variance).realNumber()))
  }
}
