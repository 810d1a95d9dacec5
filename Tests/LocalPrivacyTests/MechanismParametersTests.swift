import LocalPrivacy
import Testing

@Suite struct MechanismParametersTests {
  @Test func `noise of an exact scale has the loss of its rational number`() throws {
    // 3 x 7 / 42 = 1/2 exactly, and 2^30 2^61 / 2^63 = 2^28, which no loss is.
    let half = MechanismParameters(
      integers: [
        "sensitivity": 3, "scale_numerator": 42, "scale_denominator": 7, "bounds_width": 3,
      ],
      clippingRadius: nil)
    #expect(half.lose(0.5) && half.lose(0.5.nextUp))
    #expect(!half.lose(0.5.nextDown) && !half.lose(0.5000001))
    let third = MechanismParameters(
      integers: [
        "sensitivity": 1, "scale_numerator": 3, "scale_denominator": 1, "bounds_width": 1,
      ],
      clippingRadius: nil)
    // The nearest double is below the third.
    #expect(!third.lose(1.0 / 3) && third.lose((1.0 / 3).nextUp))
    for integers: [String: UInt64] in [
      ["sensitivity": 1 << 30, "scale_numerator": 1 << 63, "scale_denominator": 1 << 61],
      ["sensitivity": .max, "scale_numerator": .max, "scale_denominator": .max],
      ["sensitivity": 0, "scale_numerator": 0, "scale_denominator": 0], [:],
      ["sensitivity": 3, "scale_numerator": 42],
      ["sensitivity": 3, "scale_numerator": 42, "scale_denominator": 7, "bounds_width": 4],
      ["sensitivity": 3, "scale_numerator": 42, "scale_denominator": 7],
      [
        "sensitivity": 3, "scale_numerator": 42, "scale_denominator": 7, "bounds_width": 3,
        "favoured": 7_081_212_310, "other": 1 << 32,
      ],
      ["favoured": 2, "other": 1, "sensitivity": 3, "scale_numerator": 42, "scale_denominator": 7],
    ] {
      let parameters = MechanismParameters(integers: integers, clippingRadius: nil)
      for epsilon in [0.5, 1, 20] { #expect(!parameters.lose(epsilon), "\(integers)") }
    }
  }
}
