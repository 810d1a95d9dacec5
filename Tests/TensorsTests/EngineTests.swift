import Tensors
import Testing

@Suite struct EngineTests {
  @Test func `the loaded engine is the compiled one`() throws {
    try TensorEngine.checkVersion()
    #expect(TensorEngine.version.hasPrefix("2.11.0"))
  }

  #if canImport(Glibc)
    @Test func `memory of freed tensors can be used again`() {
      #expect(TensorEngine.reuseMemory())
    }
  #endif

  @Test func `a matrix product is right`() throws {
    let a = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let b = try Tensor([1, 0, 0, 1, 1, 1] as [Float], shape: [3, 2])
    let c: [Float] = try a.matmul(b).elements()
    #expect(c == [4, 5, 10, 11])
  }

  @Test func `a shape mismatch is an error and not a crash`() throws {
    let a = try Tensor.zeros([2, 3])
    #expect(throws: TensorError.self) { try a.matmul(a) }
    #expect(throws: TensorError.self) { try Tensor([1, 2] as [Float], shape: [3]) }
    #expect(throws: TensorError.self) { try engineCall("no_such_operator", []) }
  }

  @Test func `adam descends a quadratic`() throws {
    let adam = try Adam([Tensor([5, -3] as [Float], shape: [2])])
    for _ in 0..<500 {
      let loss = try adam.parameters[0].multiplied(by: adam.parameters[0]).sum()
      try adam.step(loss.gradients(of: adam.parameters), rate: 0.05)
    }
    #expect(try adam.snapshot()[0].largestMagnitude() < 1e-2)
  }

  @Test func `a snapshot does not change with later steps`() throws {
    let adam = try Adam([Tensor([1] as [Float], shape: [1])])
    let before = try adam.snapshot()[0]
    let loss = try adam.parameters[0].sum()
    try adam.step(loss.gradients(of: adam.parameters), rate: 0.5)
    #expect(try before.scalar() == 1)
    #expect(try adam.snapshot()[0].scalar() < 1)
  }

  @Test func `the same seed gives the same numbers`() throws {
    let a = try Tensor.normal([100], seed: 7)
    #expect(try a.isIdentical(to: Tensor.normal([100], seed: 7)))
    #expect(try !a.isIdentical(to: Tensor.normal([100], seed: 8)))
  }
}
