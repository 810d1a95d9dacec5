internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import MessageFiles
internal import ModelFormats
internal import Models

/// What a receipt that holds by itself is compared with.
struct ReceiptComparison {
  let file: ReceiptFile

  /// Refuses another signer than the owner of a key.
  func key(_ key: VerificationKey) throws {
    try ReceiptFile.about(file.path) { _ = try file.receipt.verify(expecting: key) }
  }

  /// Refuses another signer than a model's, and another loss than its certificate's.
  func certificate(of path: String) throws {
    let model = try ModelFile(path)
    let party = try CertifiedParty(model, signers: nil)
    guard let statement = try model.certificate()?.statement,
      statement.publicKey == file.receipt.publicKey
    else {
      throw Failure(
        "\(file.path): is signed by another key than \(path), which is by \(party.signer)", .data)
    }
    let agrees = file.receipt.releases.contains {
      $0.unit == .record && $0.name == statement.purpose && $0.epsilon == statement.epsilon
        && $0.delta == statement.delta
    }
    guard agrees else {
      throw Failure(
        "\(file.path): is not about \(statement.purpose.debugDescription), of which \(path) is "
          + "the result", .data)
    }
  }

  /// Refuses bytes that the receipt is not about: a message, or any other file as a whole.
  func released(_ path: String) throws {
    let digest = try FileDigest(contentsOf: path).hexadecimal
    if file.receipt.releases.count == 1, file.receipt.releases[0].digest == digest { return }
    guard let message = try message(at: path) else {
      throw Failure("\(file.path): is not about the bytes of \(path)", .data)
    }
    let key = message.sender.rawRepresentation.map { String(format: "%02x", $0) }.joined()
    guard key == file.receipt.publicKey else {
      throw Failure("\(file.path): is signed by another key than \(path)", .data)
    }
    try ReceiptFile.about(file.path) {
      for position in 0..<message.count {
        try file.receipt.checkReleased(message.release(at: position))
      }
    }
  }

  private func message(at path: String) throws -> MessageFile? {
    do {
      return try MessageFile(path)
    } catch MessageFileError.notAMessage {
      return nil
    }
  }
}
