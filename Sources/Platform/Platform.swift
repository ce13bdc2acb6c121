// The C library and the parts of Foundation that every system has. On Linux these are
// FoundationEssentials: the whole of Foundation brings tables of all the world's languages and
// thousands of conformances, which a program that takes milliseconds pays for at every start.

#if canImport(FoundationEssentials)
  @_exported public import FoundationEssentials
#else
  @_exported public import Foundation
#endif

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif
