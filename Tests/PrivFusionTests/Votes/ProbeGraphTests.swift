import PrivFusion
import Tensors
import Testing

@Suite struct ProbeGraphTests {
  /// Two far clusters are two components: the eigenvalue 1 comes twice, and its vectors are constant
  /// within each.
  @Test(arguments: [40, 700])
  func `the smoothest functions tell clusters apart`(probes: Int) throws {
    let planted = try PlantedVotes(
      probes: probes, classes: 2, rates: [1], epsilon: 1, spread: 0.01, seed: 1)
    let spectrum = try ProbeGraph(features: planted.features).spectrum(count: 3, seed: 0)
    // Edges between opposite points do not exist with more than 11 probes in a cluster.
    #expect(abs(spectrum.eigenvalues[0] - 1) < 1e-6)
    #expect(abs(spectrum.eigenvalues[1] - 1) < 1e-6)
    #expect(spectrum.eigenvalues[2] < 0.9999)
    let vectors: [Double] = try spectrum.vectors.slice(0..<2, axis: 1).contiguous().elements()
    // Same cluster, same sign of the difference from the other: projections onto the plane of the
    // two vectors are parallel within a cluster and orthogonal between clusters.
    func product(_ a: Int, _ b: Int) -> Double {
      vectors[2 * a] * vectors[2 * b] + vectors[2 * a + 1] * vectors[2 * b + 1]
    }
    for probe in 2..<probes {
      #expect(product(probe, probe % 2) > 0.1)
      #expect(abs(product(probe, (probe + 1) % 2)) < 1e-3)
    }
  }

  /// 700 probes go through the iteration, and the matrix of all eigenvectors is at hand.
  @Test func `the iteration finds the eigenvalues that the whole matrix has`() throws {
    let graph = try ProbeGraph(features: Tensor.normal([700, 8], seed: 3))
    let all = try graph.spectrum(count: 700, seed: 0)
    let leading = try graph.spectrum(count: 60, seed: 0)
    for (found, expected) in zip(leading.eigenvalues, all.eigenvalues).prefix(60) {
      #expect(abs(found - expected) < 1e-2)
    }
    for (found, expected) in zip(leading.eigenvalues, all.eigenvalues).prefix(20) {
      #expect(abs(found - expected) < 1e-5)
    }
    // Columns are orthogonal, of unit mean square.
    let gram = try leading.vectors.transposed().matmul(leading.vectors).divided(by: 700)
    let identity = try Tensor.identity(60, type: .float64)
    #expect(try gram.subtracting(identity).largestMagnitude() < 1e-9)
  }

  @Test func `rough functions are discounted`() throws {
    let graph = try ProbeGraph(features: Tensor.normal([30, 4], seed: 3))
    let spectrum = try graph.spectrum(count: 30, seed: 0)
    let basis = try spectrum.basis(count: 10, smoothness: 4)
    #expect(basis.shape == [30, 10])
    let squares: [Double] = try basis.multiplied(by: basis).mean([0]).elements()
    for (index, square) in squares.enumerated() {
      let discount = 1 + 4 * (1 - spectrum.eigenvalues[index])
      #expect(abs(square - 1 / (discount * discount)) < 1e-9)
    }
    #expect(try spectrum.basis(count: 99, smoothness: 0).shape == [30, 30])
  }

  @Test func `each probe is joined to its ten nearest, and they to it`() throws {
    let graph = try ProbeGraph(features: Tensor.normal([200, 6], seed: 5))
    #expect(graph.edgeCount >= 2000 && graph.edgeCount <= 4000)
    let few = try ProbeGraph(features: Tensor.normal([5, 6], seed: 5))
    #expect(few.edgeCount == 20)
  }
}
