import ArgumentParser

@main struct PrivFusion: ParsableCommand {}
