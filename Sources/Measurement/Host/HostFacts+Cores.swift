extension HostFacts {
  /// Whether its cores issue in order, as Arm's small ones do; the others that run Linux do not.
  ///
  /// By the part number of Arm Ltd.: Cortex-A35, A53, A55, A510, A520 (Technical Reference Manuals,
  /// register MIDR_EL1).
  public var isInOrder: Bool {
    ["0xd04", "0xd03", "0xd05", "0xd46", "0xd80"].contains { processor.hasSuffix("0x41:\($0)") }
  }
}
