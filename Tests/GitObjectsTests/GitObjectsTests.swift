import Testing

@testable import GitObjects

