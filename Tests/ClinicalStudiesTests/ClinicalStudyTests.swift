import ClinicalStudies
import Evaluation
import Foundation
import PrivateTraining
import Tensors
import Testing

@Suite struct ClinicalStudyTests {
  func everyone(_ deal: ClinicalRecords.Deal) -> [Int] {
    let held: [Int] = deal.parties.flatMap { $0 }
    return (deal.probe + deal.test + held).sorted()
  }

  @Test func `every record is in one place, and parties hold their own disease class`() throws {
    let records = try ClinicalRecords.support2(csv: MadeUpPatients(count: 200).csv())
    let deal = try records.deal(seed: 3)
    #expect(everyone(deal) == Array(0..<200))
    #expect(deal.probe.count == 50 && deal.test.count == 40)
    for (party, members) in deal.parties.enumerated() {
      #expect(members.allSatisfy { $0 % 4 == party })
    }
    #expect(try records.deal(seed: 3) == deal)
    #expect(try records.deal(seed: 4) != deal)
  }

  @Test func `parties that are alike get as many records as each other`() throws {
    let line = "1\t" + (0..<140).map { "\($0)" }.joined(separator: "\t")
    let table = [String](repeating: line, count: 103).joined(separator: "\n")
    let deal = try ClinicalRecords.ecg5000(tables: [table]).deal(seed: 0)
    #expect(everyone(deal) == Array(0..<103))
    #expect(deal.parties.map(\.count) == [13, 13, 13, 12, 12])
  }

  @Test func `too few records for all parties are refused`() throws {
    let records = try ClinicalRecords.support2(csv: MadeUpPatients(count: 3).csv())
    #expect(throws: ClinicalError.tooFewRecords(found: 3)) { try records.deal(seed: 0) }
  }

  /// Noise makes the scores random, but not the form of a row.
  @Test func `a study gives a row for each epsilon with all parties before and after`() async throws
  {
    let records = try ClinicalRecords.support2(csv: MadeUpPatients(count: 240).csv())
    let rows = try await ClinicalStudy(records, seed: 1).rows(epsilons: [1, 8])
    #expect(rows.map(\.epsilon) == [1, 8])
    for row in rows {
      #expect(row.parties.map(\.name) == ["ARF/MOSF", "COPD/CHF/Cirrhosis", "Cancer", "Coma"])
      let held: Int = row.parties.map(\.records).reduce(0, +)
      #expect(held == 132)
      #expect(row.parties.allSatisfy { $0.after == row.fused })
      #expect(row.parties.allSatisfy { $0.beforeOwnKind != nil && $0.afterOwnKind != nil })
      #expect(row.delta == 1e-5)
      // The outcome is planted in one measurement, so that without noise it is found.
      #expect(row.controls.pooledWithoutPrivacy.auroc == 1)
      #expect(row.controls.majority >= 0.5)
    }
    let json = try JSONEncoder().encode(rows)
    #expect(try JSONDecoder().decode([ClinicalRow].self, from: json) == rows)
  }

  @Test func `the head without privacy minimises its loss`() throws {
    let (count, ridge) = (60, 1e-2)
    let features = try Tensor.normal([count, 3], seed: 5)
    let labels = (0..<count).map { $0 * 7 % 3 }
    let head = try LinearHead.withoutPrivacy(
      features: features, labels: labels, classes: 3, ridge: ridge, steps: 500)
    func loss(_ head: LinearHead) throws -> Double {
      let logarithms: [Float] = try head.logits(features).logSoftmax(axis: 1).elements()
      let surprise = labels.enumerated().reduce(0.0) {
        $0 - Double(logarithms[$1.offset * 3 + $1.element])
      }
      let squares =
        try head.weight.multiplied(by: head.weight).sum().scalar()
        + head.bias.multiplied(by: head.bias).sum().scalar()
      return surprise / Double(count) + ridge / 2 * squares
    }
    let least = try loss(head)
    // Steps of 0.05 raise a strictly convex loss by at least ridge 0.05^2 / 2 = 1.25e-5, far above
    // single precision's 1e-7.
    for part in 0..<9 {
      for step in [-0.05, 0.05] {
        let move = try Tensor((0..<9).map { Float($0 == part ? step : 0) }, shape: [3, 3])
        let moved = LinearHead(weight: try head.weight.adding(move), bias: head.bias)
        #expect(try loss(moved) > least)
      }
    }
  }
}
