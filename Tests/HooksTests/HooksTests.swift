import Testing

@testable import Hooks
