import HardwareModel
import Platform
import Quantities

/// `perf.yaml` of Qualcomm's published models: for each precision, component, device and runtime one time,
/// in milliseconds by its key.
enum AIHubPerformance: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil && content.shows("performance_metrics:")
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    let root: ProfileNode
    do throws(ProfileError) {
      root = try ProfileNode(yaml: content.bytes, name: content.file)
    } catch {
      throw RunImportError(file: content.file, line: error.line, reason: "\(error.reason)")
    }
    guard let precisions = root["precisions"]?.members else {
      throw content.refusal(
        1,
        "no mapping 'precisions': an older form of the file, which states other units, is not read")
    }
    var result = ImportedRuns(runs: [])
    for precision in precisions {
      for component in precision.value["components"]?.members ?? [] {
        for device in component.value["performance_metrics"]?.members ?? [] {
          for runtime in device.value.members ?? [] {
            do throws(RowProblem) {
              if let run = try run(
                runtime.value, model: component.key, precision: precision.key, device: device.key,
                runtime: runtime.key, content)
              {
                result.runs.append(run)
              }
            } catch {
              result.rejected.append(content.rejected(runtime.value.place.line, error))
            }
          }
        }
      }
    }
    return result
  }

  /// `nil` for a job that failed, which has no time.
  private static func run(
    _ node: ProfileNode, model: String, precision: String, device: String, runtime: String,
    _ content: LogContent
  ) throws(RowProblem) -> ImportedRun? {
    let key = "inference_time_milliseconds"
    let place = content.place((node[key] ?? node).place.line)
    let status = node["job_status"]?.scalar
    guard status == nil || status == "Passed" else {
      throw RowProblem("the job has the status '\(status?.prefix(40) ?? "")'")
    }
    guard let text = node[key]?.scalar else {
      throw RowProblem("no '\(key)': expected a time whose key states the unit")
    }
    var log = RunLog(format: .aiHubPerformance)
    log.statistics.minimum = try TimeUnit.milliseconds.time(text, key)
    log.toolVersion = (node["tool_versions"]?.members ?? [])
      .map { "\($0.key) \($0.value.scalar ?? "")" }.joined(separator: ", ")
    if let megabytes = (node["estimated_peak_memory_range_mb"]?["max"]?.scalar).flatMap({
      Double($0)
    }
    ),
      (0..<1e9).contains(megabytes)
    {
      log.peakMemory = Bytes(Int(megabytes * 1_048_576))
    }
    let unit = node["primary_compute_unit"]?.scalar ?? ""
    return try ImportedRun(
      log, model: model, runtime: runtime, device: device,
      precision: precision == "float" ? "" : precision, accelerator: unit == "CPU" ? "" : unit,
      place: place)
  }
}

extension ProfileNode {
  /// What stands under a key; `nil` where there is no such key, and in all that has no keys.
  fileprivate subscript(key: String) -> ProfileNode? { members?.first { $0.key == key }?.value }

  fileprivate var members: [Entry]? {
    if case .mapping(let members) = content { members } else { nil }
  }
  fileprivate var scalar: String? {
    if case .scalar(let text) = content { text } else { nil }
  }
}
