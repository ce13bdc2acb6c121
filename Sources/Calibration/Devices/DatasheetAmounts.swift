import CostModel
import Quantities

extension Estimate {
  /// The predicted seconds of each kernel by term, in the order of ``kernels``: what a calibration
  /// scales where no prior was learned for the runtime. A kernel's time belongs to its foremost term,
  /// what starting it takes to ``CostTerm/dispatch``.
  var kernelTermSeconds: [TermAmounts] {
    zip(kernels, kernelTerms).map { kernel, term in
      var seconds = TermAmounts()
      seconds[term] = max(0, (kernel.time - kernel.dispatchTime).rawValue)
      seconds[.dispatch] = min(kernel.time, kernel.dispatchTime).rawValue
      return seconds
    }
  }

  /// The foremost term of each kernel, in the order of ``kernels``.
  var kernelTerms: [CostTerm] {
    let work = plan.kernelTermAmounts
    return kernels.map { kernel in
      let own = work.indices.contains(kernel.kernel) ? work[kernel.kernel] : TermAmounts()
      return CostTerm.kinds.first { $0 != .dispatch && own[$0] > 0 } ?? .movement
    }
  }

  /// Seconds outside all kernels: entries and hand-overs, which count as dispatch.
  var outsideSeconds: TermAmounts {
    var seconds = TermAmounts()
    seconds[.dispatch] =
      (invocationTime + transfers.reduce(Seconds.zero) { $0 + $1.time }).rawValue
    return seconds
  }

  /// What rates are rates of: for each kernel, in the order of ``kernels``, and outside all of them.
  func work(
    on basis: DeploymentCalibration.Basis
  ) -> (kernels: [TermAmounts], outside: TermAmounts) {
    switch basis {
    case .prior:
      let all = plan.kernelTermAmounts
      return (kernels.map { all[$0.kernel] }, TermAmounts())
    case .datasheet: return (kernelTermSeconds, outsideSeconds)
    }
  }
}
