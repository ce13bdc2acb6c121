import CostModel
import Quantities

/// The kernels that take the most time, as bars.
struct KernelBars {
  let estimate: Estimate
  static let limit = 10

  private static let rowHeight = 30.0
  private static let width = 460.0

  var html: HTML {
    let kernels = Array(estimate.kernelsByTime.prefix(Self.limit))
    guard let longest = kernels.first else { return .empty }
    let scale = LinearScale(
      maximum: longest.time.rawValue, start: 0, end: Self.width)
    let note = kernels.contains { $0.placement == .host } ? " A star marks the host." : ""
    let share = kernels.reduce(0) { $0 + estimate.share(of: $1.time) }
    return figure(
      "Where the time goes", width: Int(Self.width),
      height: Int(Self.rowHeight) * kernels.count + 4,
      caption: "The \(counted(kernels.count, "longest kernel")) of \(estimate.kernels.count): "
        + "\(percent(share)) of the time.\(note)"
    ) {
      HTML.group(
        kernels.enumerated().map { index, kernel in
          row(kernel, y: Double(index) * Self.rowHeight, scale: scale)
        })
    }
  }

  private func row(_ kernel: KernelEstimate, y: Double, scale: LinearScale) -> HTML {
    let plan = estimate.planned(kernel)
    let name = plan?.name ?? "#\(kernel.kernel)"
    let isKnown = plan?.isKnown ?? true
    let (place, star) = kernel.placement == .host ? (" on the host", " *") : ("", "")
    let title =
      "\(name) (\(plan?.operatorName ?? "?"))\(place): \(kernel.time), "
      + "\(percent(estimate.share(of: kernel.time))), bound by \(kernel.bound.phrase)"
    let time = "\(isKnown ? "" : "≥ ")\(kernel.time) · \(percent(estimate.share(of: kernel.time)))"
    return .element(
      "g", [:],
      [
        .element("title", [:], [.text(title)]),
        label(name.neutralized.truncated(toWidth: 54) + star, x: 0, y: y + 12, kind: "tick"),
        label(time, x: Self.width, y: y + 12, kind: "tick end"),
        .void(
          "rect",
          [
            "class": "bar \(kernel.bound.kind)", "y": (y + 17).coordinate, "height": "8",
            "width": max(1, scale.position(kernel.time.rawValue)).coordinate,
          ]),
      ])
  }
}
