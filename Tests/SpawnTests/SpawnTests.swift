import Testing

@testable import Spawn

