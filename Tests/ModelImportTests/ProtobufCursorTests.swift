import TestSupport
import Testing

@testable import ModelImport

@Suite struct ProtobufCursorTests {
  private func fields(_ bytes: [UInt8]) throws(MalformedFile) -> [ProtobufField] {
    var cursor = ProtobufCursor(fileOf: bytes.count)
    var fields: [ProtobufField] = []
    while let field = try cursor.next(in: bytes.span) { fields.append(field) }
    return fields
  }

  @Test func `every wire type reports its value and its bytes`() throws {
    var writer = ProtobufWriter()
    writer.int(1, -1)
    writer.double(2, 0.5)
    writer.text(3, "abc")
    writer.float(4, 0.25)
    let found = try fields(writer.bytes)
    #expect(found.map(\.number) == [1, 2, 3, 4])
    #expect(found.map(\.range) == [1..<11, 12..<20, 22..<25, 26..<30])
    #expect(try found[0].int("a") == -1)
    #expect(try found[2].text("c", in: writer.bytes.span) == "abc")
    #expect(try found[3].float("d") == 0.25)
    #expect(throws: MalformedFile(at: 0, .wrongWireType(field: "a", expected: "text"))) {
      try found[0].text("a", in: writer.bytes.span)
    }
  }

  @Test func `an integer has at most 64 bits in 10 bytes`() throws {
    let ones = [UInt8](repeating: 0xff, count: 9)
    #expect(try fields([0x08] + ones + [0x01])[0].int("x") == -1)
    for tail: [UInt8] in [[0x02], [0x81, 0x00], [0xff, 0xff]] {
      #expect(throws: MalformedFile(at: 1, .overlongVarint)) { try fields([0x08] + ones + tail) }
    }
    #expect(throws: MalformedFile(at: 1, .truncated(what: "an integer", needed: 3, available: 2))) {
      try fields([0x08, 0x80, 0x80])
    }
  }

  @Test(arguments: [3, 4, 6, 7])
  func `groups and undefined wire types are refused`(wireType: Int) {
    #expect(throws: MalformedFile(at: 0, .unsupportedWireType(wireType))) {
      try fields([UInt8(1 << 3 | wireType), 0])
    }
  }

  @Test func `field numbers are 1 to 2²⁹ − 1`() throws {
    #expect(throws: MalformedFile(at: 0, .invalidTag(0))) { try fields([0x00, 0x00]) }
    var writer = ProtobufWriter()
    writer.int(1 << 29 - 1, 7)
    #expect(try fields(writer.bytes)[0].number == 1 << 29 - 1)
    writer = ProtobufWriter()
    writer.int(1 << 29, 7)
    #expect(throws: MalformedFile(at: 0, .invalidTag(1 << 32))) { try fields(writer.bytes) }
  }

  @Test func `a length may not reach beyond the enclosing message`() throws {
    var inner = ProtobufWriter()
    inner.raw([0x0a, 0x03, 0x01])
    var outer = ProtobufWriter()
    outer.data(1, inner.bytes)
    outer.data(1, [1, 2, 3, 4])
    let first = try #require(try fields(outer.bytes).first)
    var message = try first.message("inner")
    #expect(
      throws: MalformedFile(at: 2, .truncated(what: "field 1", needed: 3, available: 1))
    ) {
      try message.next(in: outer.bytes.span)
    }
  }

  @Test func `fixed numbers are complete`() {
    #expect(throws: MalformedFile(at: 1, .truncated(what: "a number", needed: 4, available: 3))) {
      try fields([0x0d, 0, 0, 0])
    }
    #expect(throws: MalformedFile(at: 1, .truncated(what: "a number", needed: 8, available: 7))) {
      try fields([0x09, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  @Test func `text is UTF-8`() throws {
    let bytes: [UInt8] = [0x0a, 0x02, 0xc3, 0x28]
    let field = try #require(try fields(bytes).first)
    #expect(throws: MalformedFile(at: 0, .invalidText(field: "name"))) {
      try field.text("name", in: bytes.span)
    }
  }

  @Test func `a hundred nested messages are followed and no more`() throws {
    var bytes: [UInt8] = []
    for _ in 0..<100 {
      var writer = ProtobufWriter()
      writer.data(1, bytes)
      bytes = writer.bytes
    }
    var cursor = ProtobufCursor(fileOf: bytes.count)
    for _ in 2...100 {
      let field = try #require(try cursor.next(in: bytes.span))
      cursor = try field.message("inner")
    }
    let last = try #require(try cursor.next(in: bytes.span))
    #expect(throws: MalformedFile(at: last.offset, .nestedTooDeeply(limit: 100))) {
      try last.message("inner")
    }
  }

  @Test func `lists may be packed, spread, or both`() throws {
    var writer = ProtobufWriter()
    writer.int(8, 1)
    writer.packedInts(8, [2, -3, 1 << 40])
    writer.float(7, 0.5)
    writer.packedFloats(7, [1.5, -2])
    var ints: [Int] = []
    var floats: [Double] = []
    for field in try fields(writer.bytes) {
      if field.number == 8 {
        try field.appendInts("ints", to: &ints, limit: 4, in: writer.bytes.span)
      } else {
        try field.appendFloats("floats", to: &floats, limit: 3, in: writer.bytes.span)
      }
    }
    #expect(ints == [1, 2, -3, 1 << 40])
    #expect(floats == [0.5, 1.5, -2])
    let packed = try fields(writer.bytes)[1]
    #expect(
      throws: MalformedFile(at: packed.offset, .tooMany("elements in 'ints'", limit: 2))
    ) {
      var few: [Int] = []
      try packed.appendInts("ints", to: &few, limit: 2, in: writer.bytes.span)
    }
  }
}
