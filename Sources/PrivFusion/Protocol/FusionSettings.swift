public import Tensors

/// What a fusion is asked to do.
public struct FusionSettings: Sendable {
  /// How the parties' messages leave them.
  public enum Disclosure: Sendable, Equatable {
    /// As they are: all models are in one hand.
    case open
    /// Randomised value by value before they leave.
    case randomized(epsilon: Double, voteEpsilon: Double)
  }

  /// What the parties' neurons are matched by.
  public enum Matching: String, Sendable, CaseIterable {
    /// What the neurons do on the probe.
    case activations
    /// The weights between them.
    case weights
    /// Both, one party and one layer after the other.
    case both
    /// Both, all parties and layers at once.
    case joint
    /// Not at all: neurons stay in the order in which they come.
    case none
  }

  /// Steps of the end-to-end adapter that follows the closed-form filter.
  public struct Adapter: Sendable {
    public var steps: Int
    public var rate: Double
    public var batchSize: Int

    public init(steps: Int, rate: Double, batchSize: Int = 128) {
      self.steps = steps
      self.rate = rate
      self.batchSize = batchSize
    }
  }

  /// Makes another version of a batch of inputs that means the same; from a batch and a seed.
  public typealias Augmentation = @Sendable ([String: Tensor], UInt64) throws -> [String: Tensor]

  public var disclosure: Disclosure
  /// What every party sends; less than everything only where messages are randomised.
  public var messages: MessageSelection = .everything
  public var matching: Matching
  /// Whether the perturbation filter runs on the average.
  public var usesFilter: Bool
  /// The adapter, or `nil` to leave it out; it needs the filter.
  public var adapter: Adapter?
  /// Whether probes held out decide how far the fusion goes: to the average, through the filter, or
  /// through the adapter too. Otherwise it goes as far as the settings allow.
  public var choosesPath = false
  /// Whether the outcome also holds the model before the filter and before the adapter, each of which
  /// takes the memory of a model.
  public var keepsStages = true
  /// What is done to the average where the fusion goes no further.
  public var normalization = Normalization.none
  public var augmentation: Augmentation?
  /// The initialisation that all parties started from, by parameter name; matching is then the
  /// identity and differences are sent.
  public var commonInitialization: [String: Tensor]?
  /// Whether every unit is divided by its deviation on the probe before neurons are matched and
  /// weights averaged, as it always is where anything is randomised. On made-up inputs units are not
  /// as loud as on real ones, and the parties' own scales agree better.
  public var usesCanonicalForm = true
  /// Public numbers that tell how alike the probes are, shape `[m, d]`, by which votes are decoded;
  /// the inputs themselves when left out.
  public var publicFeatures: Tensor?
  /// For everything that is not privacy noise.
  public var seed: UInt64
  /// What tells the releases of one session from another's in a ledger; empty where a ledger serves
  /// one session.
  public var sessionName = ""
  /// What filter and adapter work with.
  package var filterConstants = FilterConstants.standard
  /// Whether the outcome holds what was sent, to be fitted again.
  package var keepsMessages = false
  /// Who has what, where parties are of different widths or know different outputs.
  package var presence: SlotPresence?

  public init(
    disclosure: Disclosure, matching: Matching, usesFilter: Bool = true, adapter: Adapter? = nil,
    augmentation: Augmentation? = nil, commonInitialization: [String: Tensor]? = nil,
    publicFeatures: Tensor? = nil, seed: UInt64
  ) {
    self.disclosure = disclosure
    self.matching = matching
    self.usesFilter = usesFilter
    self.adapter = adapter
    self.augmentation = augmentation
    self.commonInitialization = commonInitialization
    self.publicFeatures = publicFeatures
    self.seed = seed
  }
}
