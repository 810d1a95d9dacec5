internal import Foundation

// The only places where libm is used. No probability of a mechanism depends on them: they serve
// guesses that are verified in integers, variances, and composed losses, which are rounded up.

func naturalLogarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Double) -> Double { exp(x) }
/// e^x - 1, accurate near 0.
func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
/// ln(1 + x), accurate near 0.
func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
/// The probability that a standard normal variable lies within `radius` of 0.
func normalProbability(within radius: Double) -> Double { erf(radius / 2.0.squareRoot()) }
/// The density of the standard normal distribution.
func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
/// 2 / sqrt(pi) times the integral of exp(-t^2) from x to infinity.
func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }
func cosine(_ angle: Double) -> Double { cos(angle) }
func sine(_ angle: Double) -> Double { sin(angle) }
