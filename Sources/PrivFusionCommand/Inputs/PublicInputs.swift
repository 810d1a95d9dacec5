internal import ModelFormats
internal import Tensors

/// Public inputs for which there is no model yet: their shape decides what they are.
struct PublicInputs {
  /// Shape `[m, ...]`, `float32`.
  let inputs: Tensor

  /// Reads the array `x` of an `.npz` archive, or its only one; or an idx file of images, whose
  /// pixels are divided by 255.
  init(_ path: String) throws {
    guard path.hasSuffix(".npz") else {
      let images = try IDXFile(contentsOf: path).tensor
      guard images.rank == 3 else {
        throw Failure(
          "\(path): must hold images of shape [m, height, width], got \(images.shape)", .data)
      }
      inputs = try images.cast(to: .float32).divided(by: 255)
        .reshaped([images.shape[0], 1] + images.shape.dropFirst())
      return
    }
    let archive = try ArrayArchive(contentsOf: path)
    let named = archive["x"] ?? (archive.names.count == 1 ? archive[archive.names[0]] : nil)
    guard let array = named else {
      throw Failure(
        "\(path): has no array 'x'; it holds \(archive.names.joined(separator: ", "))", .data)
    }
    guard array.elementType.isFloatingPoint else {
      throw Failure(
        "\(path): 'x' must hold real numbers, got \(array.elementType); standardise it first",
        .data)
    }
    inputs = try array.cast(to: .float32)
  }
}
