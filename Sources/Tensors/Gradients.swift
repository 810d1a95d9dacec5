internal import CTensorEngine

/// Runs `body` without recording operations for gradients.
///
/// The mode belongs to the calling thread; `body` is synchronous, so it can't leak to another.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = pf_set_gradient_mode(false)
  defer { _ = pf_set_gradient_mode(before) }
  return try body()
}

extension Tensor {
  /// A copy that gradients can be taken with respect to.
  public func asParameter() throws -> Tensor {
    let copy = try withoutGradients { try engineCall1("detach", [.tensor(contiguous())]) }
    var message: UnsafeMutablePointer<CChar>?
    let status = withExtendedLifetime(copy.storage) {
      pf_set_requires_gradient(copy.storage.handle, true, &message)
    }
    guard status == 0 else { throw engineError("asParameter", message) }
    return copy
  }

  /// The same numbers, cut off from the operations that made them.
  public func detached() throws -> Tensor { try unary("detach") }

  /// Gradients of this scalar with respect to `parameters`; zeros where it does not depend on one.
  public func gradients(of parameters: [Tensor]) throws -> [Tensor] {
    var message: UnsafeMutablePointer<CChar>?
    let handles: [OpaquePointer?] = parameters.map { $0.storage.handle }
    var results = [OpaquePointer?](repeating: nil, count: parameters.count)
    let status = withExtendedLifetime((storage, parameters)) {
      pf_gradients(storage.handle, handles, handles.count, &results, &message)
    }
    guard status == 0 else { throw engineError("gradients", message) }
    return results.compactMap { $0.map { Tensor(owning: $0) } }
  }
}
