/// The operators of quantised models, by which such a model is known.
enum QuantisedOperators {
  private static let names: Set = [
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger",
    "QLinearConv", "QLinearMatMul",
    // ONNX Runtime's own.
    "DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "MatMulNBits",
    "MatMulBnb4", "QAttention", "QEmbedLayerNormalization", "QGemm", "QOrderedMatMul",
    "ConvTransposeInteger", "GatherBlockQuantized",
  ]

  /// Whether an operator works on integers that stand for real numbers.
  static func contain(_ operation: String) -> Bool {
    names.contains(operation) || operation.hasPrefix("QLinear")
  }
}
