import Platform
import Quantities

extension BenchmarkModelLog {
  /// The table *Run Order* of the benchmark runs, as text or comma-separated.
  struct OperatorTable {
    private(set) var operators: [ImportedOperator] = []
    private(set) var rejected: [ImportedRuns.Rejected] = []
    private(set) var notes: [String] = []
    /// Of its header.
    private(set) var line: Int?

    init(_ content: LogContent) {
      let lines = content.lines
      var isInitialization = false
      var isInside = false
      var isRunOrder = false
      var index = 0
      while index < lines.count {
        let text = lines[index].text
        index += 1
        if text.contains("Profiling Info for Benchmark Initialization") { isInitialization = true }
        if text.contains("Profiling Info for Regular Benchmark Runs") {
          isInitialization = false
          isInside = false
        }
        if text.contains("Delegate internal:") || text.contains("Subgraph (index") {
          isInside = true
        }
        if text.contains("Primary graph profile:") { isInside = false }
        if text.contains("=====") { isRunOrder = text.contains("Run Order") }
        guard isRunOrder, Header.isHeader(text), !isInitialization, !isInside else { continue }
        guard line == nil else {
          notes.append("more than one table of benchmark runs; the first is read")
          return
        }
        line = lines[index - 1].number
        let header: Header
        do throws(RowProblem) { header = try Header(text) } catch {
          rejected.append(content.rejected(lines[index - 1].number, error))
          continue
        }
        while index < lines.count, !lines[index].text.trimmed.isEmpty,
          !lines[index].text.contains("=====")
        {
          do throws(RowProblem) {
            operators.append(try header.row(lines[index].text))
          } catch {
            rejected.append(content.rejected(lines[index].number, error))
          }
          index += 1
        }
        isRunOrder = false
      }
    }

    /// Which column holds what.
    struct Header {
      private let columns: [String]
      private let isText: Bool
      private let time: Int
      private let times: Int?

      /// "[node type] [start] …" or "node type, start, …".
      static func isHeader(_ text: some StringProtocol) -> Bool {
        let start = text.trimmed
        return start.hasPrefix("[node type]") || start.hasPrefix("[Node type]")
          || start.hasPrefix("node type,")
      }

      init(_ text: Substring) throws(RowProblem) {
        isText = text.trimmed.hasPrefix("[")
        columns =
          isText
          ? text.split { $0 == "[" || $0 == "]" }.map { String($0.trimmed).lowercased() }
            .filter { !$0.isEmpty }
          : text.split(separator: ",").map { String($0.trimmed).lowercased() }
        let names = columns
        guard let time = names.firstIndex(where: { $0 == "avg ms" || $0 == "avg_ms" }) else {
          throw RowProblem(
            "no column 'avg_ms' or '[avg ms]': times of operators are in milliseconds; found "
              + names.joined(separator: ", "))
        }
        guard names.last == "name" else {
          throw RowProblem("the last column is '\(names.last ?? "")', expected 'name'")
        }
        self.time = time
        times = names.firstIndex(of: "times called")
      }

      /// A name may hold commas and spaces, so that fields are counted from the left.
      func row(_ text: Substring) throws(RowProblem) -> ImportedOperator {
        let count = columns.count
        let fields =
          isText
          ? text.split(separator: "\t", omittingEmptySubsequences: true).map(\.trimmed)
          : text.split(separator: ",", maxSplits: count - 1, omittingEmptySubsequences: false)
            .map(\.trimmed)
        guard fields.count == count else {
          throw RowProblem("\(fields.count) fields, where the header has \(count)")
        }
        let name = String(fields[count - 1])
        let each = try TimeUnit.milliseconds.part(fields[time], "avg ms of '\(name.prefix(60))'")
        // Some versions print 0 for an operator that ran once.
        let calls =
          times.flatMap { Int(fields[$0]) }.map { Double(Swift.min(Swift.max(1, $0), 1_000_000)) }
          ?? 1
        return ImportedOperator(
          name: name, outputs: Self.outputs(name), kind: String(fields[0]), time: calls * each)
      }

      /// "[a, b]:7" names the tensors that the operator writes.
      private static func outputs(_ name: String) -> [String] {
        guard name.first == "[", let close = name.lastIndex(of: "]") else { return [] }
        return name[name.index(after: name.startIndex)..<close].split(separator: ",")
          .map { String($0.trimmed) }.filter { !$0.isEmpty }
      }
    }
  }
}
