#!/usr/bin/env python3
"""Checks the arrows between targets, and the rules that no compiler keeps.

    scripts/check-architecture.py [repository]

Prints one line a violation (file:line, what is wrong, what to do) and exits 1 if there is any.
scripts/check-architecture-selftest.sh plants each violation and sees it found.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What each target may import. Package.swift may declare less, never more.
ARROWS = {
    "CTensorEngine": [],
    "CZlib": [],
    "Symmetry": [],
    "Tensors": ["CTensorEngine"],
    "Models": ["Tensors", "Symmetry"],
    "ModelFormats": ["Models", "Tensors", "SwiftProtobuf", "CZlib", "Crypto"],
    "LocalPrivacy": ["Crypto", "CryptoExtras"],
    "LocalPrivacySQLite": ["LocalPrivacy", "GRDB", "Crypto"],
    "PrivacyAudit": ["LocalPrivacy"],
    "GraphMatching": ["Tensors", "Symmetry"],
    "Training": ["Models", "Tensors"],
    "PrivateTraining": ["Models", "Tensors", "Training", "LocalPrivacy"],
    "PrivFusion": ["Models", "Symmetry", "Tensors", "LocalPrivacy", "GraphMatching", "Training"],
    "MessageFiles": ["PrivFusion", "LocalPrivacy", "Crypto"],
    "Evaluation": [
        "Models", "Tensors", "Training", "PrivateTraining", "PrivFusion", "LocalPrivacy",
    ],
    "ClinicalStudies": ["Models", "Tensors", "PrivateTraining", "Evaluation", "SwiftCSV"],
    "PrivFusionCommand": [
        "Tensors", "Symmetry", "Models", "ModelFormats", "LocalPrivacy", "LocalPrivacySQLite",
        "GraphMatching", "Training", "PrivateTraining", "PrivFusion", "Evaluation",
        "ClinicalStudies", "MessageFiles", "PrivacyAudit", "ArgumentParser",
    ],
    "Benchmarks": [
        "GraphMatching", "LocalPrivacy", "ModelFormats", "Models", "PrivFusion", "Symmetry", "Tensors", "Training",
    ],
    "DPSGDBenchmark": ["Models", "Tensors", "Training", "PrivateTraining", "LocalPrivacy"],
    "LedgerProbe": ["LocalPrivacySQLite", "LocalPrivacy"],
    "Fuzz": ["ModelFormats", "Models", "Tensors"],
}
# The toolchain's own modules: which targets may import them.
FOUNDATION = {
    "Models", "ModelFormats", "LocalPrivacy", "LocalPrivacySQLite", "PrivacyAudit",
    "GraphMatching", "Training", "PrivateTraining", "PrivFusion", "MessageFiles", "Evaluation",
    "ClinicalStudies",
    "PrivFusionCommand", "LedgerProbe", "Fuzz",
}
TOOLCHAIN = {"Swift", "Synchronization"}
# Only these may name files, processes and the network; the rest has Foundation for its maths.
REACHES_OUT = {
    "ModelFormats", "LocalPrivacySQLite", "MessageFiles", "Evaluation", "PrivFusionCommand", "Fuzz",
}
COMMANDS = {"PrivFusionCommand"}
UPCOMING_FEATURES = {"ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"}

LINE_LIMIT = 400
FOLDER_LIMIT = 2
PROOF_DISTANCE = 6

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)")
# Split so that this file does not name what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.-])/" + r"work/|\.\./" + r"shared\b")
VAGUE_NAME = re.compile(r"(Utils?|Utility|Utilities|Helpers?|Managers?|Common|Misc)(?![a-z])")

CODE_RULES = [  # (pattern, targets it holds in or None for all, what to do)
    (re.compile(r"\btry!"), None, "`try!` can stop a user's process; throw, or handle the error"),
    (re.compile(r"\bas!"), None, "`as!` can stop a user's process; use `as?` and throw"),
    (re.compile(r"\bfatalError\s*\("), None,
     "`fatalError` is not for libraries; use `precondition` for a caller's bug, `throw` otherwise"),
    (re.compile(r"\b(?:struct|enum|extension)\s+(?:\w+\.)*Released(?:Sums)?\b[^{]*\b(?:Codable|Decodable)\b"), None,
     "`Released` must come from a mechanism only; decode what arrives into `Received`"),
    (re.compile(r"(?<![\w.])(?:debugPrint|print)\s*\("), set(ARROWS) - COMMANDS,
     "only a command's output layer prints; return the value or take a `Logger`"),
    (re.compile(r"\b(?:Double|Float)\d*\.random\b|\bdrand48\b|\bsrand\b|\bsrandom\b"), {"LocalPrivacy"},
     "noise comes from exact integer samplers and the system's generator; see the mechanisms"),
    (re.compile(r"\b\w*[sS]eed(?:s|ed|ing)?\b|\b\w*Seed[A-Z]\w*|\bseed[A-Z]\w*"), {"LocalPrivacy"},
     "a privacy release has no seed; take the random source as a parameter"),
    (re.compile(r"\breleased\s*\(\s*storedAs\b|\bNoiseGrant\s*\("),
     set(ARROWS) - {"LocalPrivacy", "LocalPrivacySQLite"},
     "only a ledger reads stored outputs back and grants noise, after its debit; ask the ledger"),
    (re.compile(r"\b(?:FileManager|FileHandle|URLSession|URLRequest|NSData|fopen|socket)\b"
                r"|\bProcess\s*\(|\bcontentsOf(?:File)?\s*:\s*(?:URL\b|\w*[uU]rl\b|\w*[pP]ath\b)"),
     set(ARROWS) - REACHES_OUT,
     "this target touches no file, process or network; do it in ModelFormats or the command"),
]

violations = []


def report(place, message):
    violations.append(f"{place}: {message}")


def code_only(text):
    """The text with comments and the contents of string literals blanked, lines kept."""
    out = []
    i, end = 0, len(text)

    def blank(start, stop):
        out.append("".join(c if c == "\n" else " " for c in text[start:stop]))

    def skip_string(i):
        """The index after the string literal at i; interpolations count as contents."""
        hashes = 0
        while text[i] == "#":
            hashes, i = hashes + 1, i + 1
        quotes = '"""' if text.startswith('"""', i) else '"'
        closing, escape = quotes + "#" * hashes, "\\" + "#" * hashes
        i += len(quotes)
        while i < end and not text.startswith(closing, i):
            if quotes == '"' and text[i] == "\n":
                return i  # not a literal after all
            if text.startswith(escape, i):
                i += len(escape)
                if i < end and text[i] == "(":
                    depth = 0
                    while i < end:
                        if text[i] == '"':
                            i = skip_string(i)
                            continue
                        depth += {"(": 1, ")": -1}.get(text[i], 0)
                        i += 1
                        if depth == 0:
                            break
                    continue
            i += 1
        return i + len(closing)

    while i < end:
        start = i
        if text.startswith("//", i):
            i = text.find("\n", i)
            i = end if i < 0 else i
            blank(start, i)
        elif text.startswith("/*", i):
            depth, i = 1, i + 2
            while i < end and depth:
                if text.startswith("/*", i):
                    depth, i = depth + 1, i + 2
                elif text.startswith("*/", i):
                    depth, i = depth - 1, i + 2
                else:
                    i += 1
            blank(start, i)
        elif re.match(r'#*"', text[i:i + 8]):
            i = skip_string(i)
            blank(start, min(i, end))
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def allowed_imports(target):
    allowed = set(ARROWS[target]) | TOOLCHAIN
    if target in FOUNDATION:
        allowed |= {"Foundation", "FoundationEssentials"}
    return allowed


def check_imports(path, target, code):
    for number, line in enumerate(code.split("\n"), 1):
        if "@testable" in line:
            report(f"{path}:{number}", "no `@testable`; make what the test needs `package`")
        found = IMPORT.match(line)
        if not found:
            continue
        module = found.group(1)
        if module == "CTensorEngine" and target != "Tensors":
            report(f"{path}:{number}", "only Tensors imports CTensorEngine; use `Tensor`'s operations")
        elif target in ARROWS and module != target and module not in allowed_imports(target):
            known = ", ".join(sorted(allowed_imports(target) - TOOLCHAIN)) or "nothing"
            report(f"{path}:{number}",
                   f"{target} may not import {module} (it may import: {known}); move the code, or "
                   "change the arrows in scripts/check-architecture.py and the design with a reason")


def check_code(path, target, code, lines):
    for pattern, targets, advice in CODE_RULES:
        if targets is None or target in targets:
            for found in pattern.finditer(code):
                report(f"{path}:{line_of(code, found.start())}", advice)
    for number, line in enumerate(code.split("\n"), 1):
        for construct in ("@unchecked Sendable", "nonisolated(unsafe)"):
            if construct not in line:
                continue
            near = lines[max(0, number - 1 - PROOF_DISTANCE):number]
            comments = [text.partition("//")[2] for text in near if "//" in text]
            if not any(construct in text for text in comments):
                report(f"{path}:{number}",
                       f"prove `{construct}` in a comment that names it, at most "
                       f"{PROOF_DISTANCE} lines above")


def check_swift(path, text):
    parts = Path(path).parts
    if len(parts) < 2 or parts[0] not in ("Sources", "Tests"):
        return
    target, generated = parts[1], "Generated" in parts
    code, lines = code_only(text), text.split("\n")
    check_imports(path, target, code)
    if parts[0] == "Sources":
        if target not in ARROWS:
            report(f"{path}:1", f"{target} is not in the table; add it to scripts/check-architecture.py")
        if not generated:
            check_code(path, target, code, lines)


def check_file(path, text):
    """The rules for every file of Sources and Tests that people write."""
    parts = Path(path).parts
    if len(parts) < 2 or parts[0] not in ("Sources", "Tests") or "Generated" in parts:
        return
    if Path(path).suffix in (".swift", ".c", ".cpp", ".h"):
        count = len(text.splitlines())
        if count > LINE_LIMIT:
            report(f"{path}:{count}", f"{count} lines, and {LINE_LIMIT} is the limit; split it by concept")
        for found in re.finditer(r"\b(TODO|FIXME|XXX)\b", text):
            report(f"{path}:{line_of(text, found.start())}", f"no {found.group()}; do it, or open an issue")
        found = VAGUE_NAME.search(Path(path).stem)
        if found:
            report(f"{path}:1", f"`{found.group()}` says nothing; name the file after its concept")
        if parts[0] == "Sources" and parts[2:3] != ("include",) and len(parts) - 3 > FOLDER_LIMIT:
            report(f"{path}:1", f"folders in a target are at most {FOLDER_LIMIT} deep; move the file up")


def check_acyclic(arrows, place):
    done = set()

    def visit(target, trail):
        if target in trail:
            cycle = " -> ".join(trail[trail.index(target):] + [target])
            report(place, f"the arrows make a circle: {cycle}; turn one round")
        elif target not in done:
            for next_target in arrows.get(target, []):
                visit(next_target, trail + [target])
            done.add(target)

    for target in arrows:
        visit(target, [])


def check_package(root):
    with tempfile.TemporaryDirectory() as scratch:
        dump = subprocess.run(
            ["swift", "package", "--scratch-path", scratch, "dump-package"],
            cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if dump.returncode != 0:
        sys.stderr.write(dump.stdout + dump.stderr)
        sys.exit("check-architecture.py: error: `swift package dump-package` failed")
    manifest = (root / "Package.swift").read_text().split("\n")

    def place(name):
        for number, line in enumerate(manifest, 1):
            opening = line + (manifest[number - 2] if number > 1 else "")
            declares = re.match(rf'\s*(?:\w+\(|\.\w+\()?\s*(?:name:\s*)?"{name}"', line)
            if declares and "targets:" not in line and re.search(r"(?:library|tests|[tT]arget|systemLibrary)\($|"
                                      r"(?:library|tests|[tT]arget|systemLibrary)\(\S", opening):
                return f"Package.swift:{number}"
        return "Package.swift:1"

    declared = {}
    for target in json.loads(dump.stdout)["targets"]:
        name = target["name"]
        arrows = [next(iter(entry.values()))[0] for entry in target["dependencies"]]
        declared[name] = arrows
        folder = root / (target.get("path") or f"{'Tests' if target['type'] == 'test' else 'Sources'}/{name}")
        is_swift = next(folder.rglob("*.swift"), None) is not None
        if target["type"] != "test":
            if name not in ARROWS:
                report(place(name), f"{name} is not in the table; add it to scripts/check-architecture.py")
                continue
            for arrow in arrows:
                if arrow not in ARROWS[name]:
                    report(place(name), f"{name} may not depend on {arrow}; remove the dependency, or "
                           "change the arrows in scripts/check-architecture.py with a reason")
        if is_swift:
            kinds = [setting["kind"] for setting in target["settings"] if setting["tool"] == "swift"]
            features = {kind["enableUpcomingFeature"]["_0"] for kind in kinds if "enableUpcomingFeature" in kind}
            for feature in sorted(UPCOMING_FEATURES - features):
                report(place(name), f"{name} lost `.enableUpcomingFeature(\"{feature}\")`; put it back")
            if not any("treatAllWarnings" in kind for kind in kinds):
                report(place(name), f"{name} lost `.treatAllWarnings(as: .error)`; put it back")
    check_acyclic(declared, "Package.swift:1")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True).stdout
    for path in sorted(set(filter(None, listed.split("\0")))):
        file = root / path
        if not file.is_file() or file.is_symlink():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for found in MACHINE_PATHS.finditer(text):
            report(f"{path}:{line_of(text, found.start())}",
                   f"`{found.group()}` is one machine's path; name what it holds instead")
        check_file(path, text)
        if path.endswith(".swift"):
            check_swift(path, text)
    check_acyclic(ARROWS, "scripts/check-architecture.py:1")
    check_package(root)
    for violation in violations:
        print(violation)
    if violations:
        sys.exit(f"check-architecture.py: {len(violations)} violation(s)")


main()
