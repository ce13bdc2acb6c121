import Foundation
import Reporting
import Testing

@Suite struct HostileNameTests {
  @Test(arguments: HostileText.names)
  func `nothing in a name steers a terminal`(name: String) throws {
    for report in try HostileText.reports(name) {
      for width in [nil, 80] {
        let text = report.text(.table(TerminalStyle(width: width)))
        let active = text.unicodeScalars.filter { $0.isActive && $0 != "\n" }
        #expect(active.isEmpty, "\(type(of: report)) lets \(active.map(\.value)) through")
      }
    }
  }

  @Test(arguments: HostileText.names)
  func `a name adds no column, tag or mention to Markdown`(name: String) throws {
    for report in try HostileText.reports(name) {
      let text = report.text(.markdown)
      #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("@someone"))
      #expect(text.count(of: "<details>") == text.count(of: "</details>"))
      #expect(text.unicodeScalars.allSatisfy { !$0.isActive || $0 == "\n" })
      var columns: Int?
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        guard line.hasPrefix("|") else {
          columns = nil
          continue
        }
        let count = line.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
        #expect(count == columns ?? count, "in \(line.prefix(200))")
        columns = count
      }
    }
  }

  @Test(arguments: HostileText.names)
  func `CSV keeps its shape and holds no formula`(name: String) throws {
    for report in try HostileText.reports(name) {
      let rows = parseCSV(report.text(.csv))
      #expect(rows.count == report.records.count + 1)
      #expect(Set(rows.map(\.count)).count == 1)
      for field in rows.joined() where Double(field) == nil {
        #expect(!"=+-@".contains(field.first ?? " "), "\(field.prefix(50))")
      }
    }
  }

  @Test(arguments: HostileText.names)
  func `JSON gives names back as they were`(name: String) throws {
    for report in try HostileText.reports(name) {
      let text = report.text(.json)
      #expect(text.unicodeScalars.allSatisfy { !$0.isActive || $0 == "\n" })
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
      let root = try #require(object as? [String: Any])
      #expect(root["schemaVersion"] as? Int == 1)
      #expect(root["command"] as? String == name)
    }
  }
}

/// The rows of a file as RFC 4180 has them.
private func parseCSV(_ text: String) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var field = ""
  var isQuoted = false
  var characters = Array(text.unicodeScalars)[...]
  while let scalar = characters.popFirst() {
    switch (isQuoted, scalar) {
    case (true, "\"") where characters.first == "\"":
      field.append("\"")
      characters.removeFirst()
    case (_, "\""): isQuoted.toggle()
    case (false, ","):
      row.append(field)
      field = ""
    case (false, "\r") where characters.first == "\n":
      characters.removeFirst()
      rows.append(row + [field])
      (row, field) = ([], "")
    default: field.unicodeScalars.append(scalar)
    }
  }
  return rows
}

extension String {
  func count(of part: String) -> Int { ranges(of: part).count }
}
