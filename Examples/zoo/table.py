"""The table of the zoo, in Markdown."""


def markdown(found):
    """A row a model, by family; refusals stand in a table of their own."""
    lines = [
        "| model | family | parameters | groups | proved | permutable |",
        "|---|---|--:|--:|--:|--:|",
    ]
    refused = []
    for name, result in sorted(found.items(), key=lambda item: (item[1]["family"], item[0])):
        if "refused" in result:
            words = " ".join(result["refused"].split()).replace("|", "\\|")
            refused.append(f"| {name} | {result['family']} | {words} |")
            continue
        lines.append(
            f"| {name} | {result['family']} | {result['parameters']:,} | {result['groups']} "
            f"| {result['proved']} | {100 * result['share']:.2f} % |")
    if refused:
        lines += ["", "| not inspected | family | the words of the refusal |", "|---|---|---|"]
        lines += refused
    return "\n".join(lines) + "\n"
