internal import ArgumentParser
internal import Evaluation
internal import Foundation
internal import GraphMatching
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import MessageFiles
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import PrivacyAudit
internal import PrivateTraining
internal import Tensors
internal import Training

/// An error of a command, with the file it is about and the exit code it ends with.
struct Failure: Error, CustomStringConvertible {
  let description: String
  let code: Code

  /// Exit codes after BSD's sysexits, and one below them for a claim that an audit refuted.
  enum Code: Int32 {
    case claimViolated = 2
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case software = 70
    case cannotCreate = 73
  }

  init(_ description: String, _ code: Code) {
    self.description = description
    self.code = code
  }

  /// Runs `body` and puts the file's name before what goes wrong with its contents.
  static func about<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ModelError {
      throw Failure("\(file): \(error)", .data)
    } catch let error as TensorError {
      throw Failure("\(file): \(error)", .data)
    } catch let error as TrainingError {
      throw Failure("\(file): \(error)", .data)
    } catch let error as PrivateTrainingError {
      throw Failure("\(file): \(error)", .data)
    }
  }

  /// Runs `body`, which gives the data of one file to the model of another, and puts the name of the
  /// file that is to blame before what goes wrong.
  static func about<Result>(
    data: String, for model: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as ModelError {
      switch error {
      case .missingInput, .inputShape, .inputType: throw Failure("\(data): \(error)", .data)
      default: throw Failure("\(model): \(error)", .data)
      }
    } catch let error as TrainingError {
      if case .outputShape = error { throw Failure("\(model): \(error)", .data) }
      throw Failure("\(data): \(error)", .data)
    } catch let error as PrivateTrainingError {
      throw Failure("\(error.isAboutModel ? model : data): \(error)", .data)
    } catch let error as EvaluationError {
      switch error {
      case .outputShape, .notFinite: throw Failure("\(model): \(error)", .data)
      default: throw Failure("\(data): \(error)", .data)
      }
    } catch let error as FusionError {
      guard case .tooFewProbes = error else { throw error }
      throw Failure("\(data): \(error)", .data)
    } catch let error as TensorError {
      throw Failure("\(model) with \(data): \(error)", .data)
    }
  }

  /// Ends the process as an error asks for.
  static func exit(with error: any Error) -> Never {
    let code: Code
    switch error {
    case let failure as Failure: code = failure.code
    case let error as ModelFormatError: code = error.exitCode
    case let error as LedgerError: code = error.exitCode
    case let error as MessageFileError: code = error.exitCode
    case is ModelError, is TrainingError, is PrivateTrainingError, is EvaluationError,
      is MatchingError:
      code = .data
    case let error as FusionError: code = error.exitCode
    case is PrivacyError, is AuditError: code = .usage
    case is TensorError: code = .software
    default: PrivFusionTool.exit(withError: error)
    }
    AtomicFile.removeUnfinished()
    Terminal.note("\(error)")
    Foundation.exit(code.rawValue)
  }
}

extension ModelFormatError {
  /// The exit code that this error ends a command with.
  fileprivate var exitCode: Failure.Code {
    switch self {
    case .unreadable: .noInput
    case .unwritable: .cannotCreate
    default: .data
    }
  }
}

extension LedgerError {
  /// The exit code that this error ends a command with.
  fileprivate var exitCode: Failure.Code {
    switch self {
    case .missing, .inUse, .storage: .noInput
    case .exposed, .notALedger, .newerFormat, .damaged, .anotherLedger, .olderCopy,
      .anchorMalformed, .anchorSignature, .otherReceipt:
      .data
    case .exists, .readOnly, .diskFull: .cannotCreate
    case .noLimits, .noLimit, .unfinished, .nameTaken, .notReserved, .alreadyCompleted,
      .purposeExceeded, .purpose, .noParts, .nothingReleased:
      .usage
    }
  }
}

extension MessageFileError {
  /// The exit code that this error ends a command with.
  fileprivate var exitCode: Failure.Code {
    switch self {
    case .unreadable: .noInput
    case .noSignatures: .usage
    default: .data
    }
  }
}

extension FusionError {
  /// The exit code that this error ends a command with.
  fileprivate var exitCode: Failure.Code {
    switch self {
    case .unexpectedMessage, .releaseCount, .missingParameter: .data
    default: .usage
    }
  }
}
