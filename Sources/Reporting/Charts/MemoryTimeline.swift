import CostModel
import Quantities

/// The bytes live while each kernel runs, against the arena that must be allocated.
struct MemoryTimeline {
  let estimate: Estimate

  private static let width = 460
  private static let height = 220
  private static let left = 58.0
  private static let right = 448.0
  private static let top = 16.0
  private static let bottom = 182.0

  var html: HTML {
    let plan = estimate.plan
    guard plan.arena.size > .zero, !plan.kernels.isEmpty else { return .empty }
    let live = plan.liveBytes
    let y = LinearScale(
      maximum: Double(plan.arena.size.rawValue) * 1.12, start: Self.bottom, end: Self.top)
    let x = LinearScale(maximum: Double(live.count), start: Self.left, end: Self.right)
    return figure(
      "Activations in memory", width: Self.width, height: Self.height, caption: caption
    ) {
      axes(x, y, kernelCount: live.count)
      HTML.void("path", ["class": "live", "d": area(live, x, y)])
      arenaLine(y)
      peak(x, y)
    }
  }

  private var caption: String {
    guard let cause = PeakCause(estimate.plan) else { return "" }
    let parts = cause.parts.map { "\($0.tensor) (\($0.size), \(percent($0.share)))" }
    return "At the peak, in kernel \(cause.step) “\(cause.kernel)”, "
      + "\(counted(parts.count, "buffer is", plural: "buffers are")) live: "
      + "\(listed(parts, limit: 4))."
  }

  private func axes(_ x: LinearScale, _ y: LinearScale, kernelCount: Int) -> HTML {
    .group(
      y.binaryTicks.map { value in
        let at = y.position(value)
        return .group([
          line(Self.left, at, Self.right, at, kind: "grid"),
          label(
            value == 0 ? "0" : tickLabel(value), x: Self.left - 5, y: at + 3.5, kind: "tick end"),
        ])
      } + [
        label("0", x: Self.left, y: Self.bottom + 14, kind: "tick mid"),
        label(String(kernelCount), x: Self.right, y: Self.bottom + 14, kind: "tick end"),
        label(
          "kernels in the order in which they run", x: (Self.left + Self.right) / 2,
          y: Self.bottom + 30, kind: "axis mid"),
      ])
  }

  /// Whole units where they are whole: "512 KiB", "1.5 MiB".
  private func tickLabel(_ value: Double) -> String {
    let text = Bytes(Int(min(value, 9e18))).description
    return text.replacing(".00 ", with: " ").replacing(".0 ", with: " ")
  }

  /// Steps from kernel to kernel; a run of equal amounts is one stroke.
  private func area(_ live: [Bytes], _ x: LinearScale, _ y: LinearScale) -> String {
    var path = "M\(Self.left.coordinate) \(Self.bottom.coordinate)"
    var previous: String?
    for (index, bytes) in live.enumerated() {
      let height = y.position(Double(bytes.rawValue)).coordinate
      if height == previous { continue }
      path += "H\(x.position(Double(index)).coordinate)V\(height)"
      previous = height
    }
    return path + "H\(Self.right.coordinate)V\(Self.bottom.coordinate)Z"
  }

  private func arenaLine(_ y: LinearScale) -> HTML {
    let at = y.position(Double(estimate.plan.arena.size.rawValue))
    return .group([
      line(Self.left, at, Self.right, at, kind: "limit"),
      label("arena \(estimate.plan.arena.size)", x: Self.right, y: at - 4, kind: "name end"),
    ])
  }

  private func peak(_ x: LinearScale, _ y: LinearScale) -> HTML {
    let arena = estimate.plan.arena
    let at = x.position(Double(arena.peakStep) + 0.5)
    let height = y.position(Double(arena.peakLiveBytes.rawValue))
    // The label keeps clear of the edge it is nearest to.
    let isLeft = at < (Self.left + Self.right) / 2
    return .group([
      .void(
        "circle",
        ["class": "peak", "cx": at.coordinate, "cy": height.coordinate, "r": "3.5"]),
      label(
        "peak \(arena.peakLiveBytes)", x: at + (isLeft ? 8 : -8), y: height + 14,
        kind: isLeft ? "name" : "name end"),
    ])
  }
}
